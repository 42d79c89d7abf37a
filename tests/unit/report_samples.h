/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verifications made by hand for the tests of the reports. Numbers are chosen so that each stands in a report only once
 * and can be told apart.
 */
#ifndef BZC_TESTS_UNIT_REPORT_SAMPLES_H
#define BZC_TESTS_UNIT_REPORT_SAMPLES_H

#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define SHA_FILE "1111111111111111111111111111111111111111111111111111111111111111"
#define SHA_TEXT "2222222222222222222222222222222222222222222222222222222222222222"
#define SHA_DATA "3333333333333333333333333333333333333333333333333333333333333333"

static const struct bzc_rule sample_image_rule = {.id = "HDR-901",
                                                  .name = "sample-header",
                                                  .severity = BZC_SEVERITY_ERROR,
                                                  .title = "the header is as it must be",
                                                  .spec = "boot.rst, The Real-Mode Kernel Header",
                                                  .phase = BZC_PHASE_IMAGE};
static const struct bzc_rule sample_entry_rule = {.id = "ENT-902",
                                                  .name = "sample-entry",
                                                  .severity = BZC_SEVERITY_ERROR,
                                                  .title = "RSI holds the address of boot_params",
                                                  .spec = "boot.rst, 64-bit BOOT PROTOCOL",
                                                  .phase = BZC_PHASE_ENTRY};
static const struct bzc_rule sample_warning_rule = {.id = "MEM-903",
                                                    .name = "sample-memory",
                                                    .severity = BZC_SEVERITY_WARNING,
                                                    .title = "nothing is written outside",
                                                    .spec = "boot.rst, Memory Layout",
                                                    .phase = BZC_PHASE_RUN};
static const struct bzc_rule sample_note_rule = {.id = "RUN-904",
                                                 .name = "sample-note",
                                                 .severity = BZC_SEVERITY_NOTE,
                                                 .title = "every port is known",
                                                 .spec = "boot.rst, Running the Kernel",
                                                 .phase = BZC_PHASE_RUN};

/* A verification and everything that it points to. */
struct sample {
    struct bzc_verification verification;
    struct bzc_report_entry entry;
    struct bzc_oracle oracle;
    struct bzc_run_facts run[5];
    struct bzc_finding finding[16];
};

static struct bzc_finding *sample_finding(struct sample *sample, const struct bzc_rule *rule, int run,
                                          enum bzc_outcome outcome, const char *message)
{
    struct bzc_finding *finding = &sample->finding[sample->verification.findings.count++];

    finding->rule = rule;
    finding->severity = rule->severity;
    finding->run = run;
    finding->outcome = outcome;
    snprintf(finding->message, sizeof(finding->message), "%s", message);
    return finding;
}

static void sample_details(struct bzc_finding *finding, const char *where, const char *expected, const char *actual)
{
    snprintf(finding->where, sizeof(finding->where), "%s", where);
    snprintf(finding->expected, sizeof(finding->expected), "%s", expected);
    snprintf(finding->actual, sizeof(finding->actual), "%s", actual);
}

/* A 64-bit kernel of 2 MiB and two segments, linked to 16 MiB; its runs are still empty. */
static void sample_init(struct sample *sample, const char *path, size_t runs)
{
    struct bzc_verification *verification = &sample->verification;
    struct bzc_image_facts *image = &verification->facts.image;
    static char cmdline[] = "quiet nokaslr";

    memset(sample, 0, sizeof(*sample));
    sample->entry =
        (struct bzc_report_entry){.path = path, .command = "verify", .verified = true, .verification = verification};
    verification->executed = true;
    verification->facts.image.depth = BZC_DEPTH_KERNEL;
    verification->facts.run = sample->run;
    verification->facts.run_count = runs;
    verification->findings.item = sample->finding;

    image->path = path;
    snprintf(image->sha256, sizeof(image->sha256), "%s", SHA_FILE);
    image->system = BZC_SYSTEM_LINUX;
    image->image.kind = BZC_IMAGE_BZIMAGE;
    image->image.has_header = true;
    image->image.version = 0x020f;
    image->image.file.size = 2u << 20; /* a report needs no bytes */
    image->image.payload_source = BZC_PAYLOAD_HEADER;
    image->image.compression = BZC_COMPRESSION_LZ4;
    snprintf(image->image.kernel_version, sizeof(image->image.kernel_version), "6.1.0-test (builder@host) #1");

    sample->oracle = (struct bzc_oracle){
        .kind = BZC_PAYLOAD_ELF,
        .bits = 64,
        .payload = {.size = 16u << 20},
        .link_base = 0x1000000,
        .segment = {{.index = 1, .bytes = {.size = 0x5000}, .memsz = 0x6000, .vaddr = 0xffffffff81000000},
                    {.index = 3,
                     .offset = 0x200000,
                     .bytes = {.size = 0x7000},
                     .memsz = 0x300000,
                     .vaddr = 0xffffffff81a00000}},
        .segment_count = 2,
        .reloc_count = 327000,
    };
    image->oracle = &sample->oracle;

    for (size_t i = 0; i < runs; i++) {
        struct bzc_run_facts *run = &sample->run[i];

        run->scenario = "bios";
        run->load_addr = 0x100000 * (i + 1);
        run->plan.cmdline = cmdline;
        run->pages_touched = 1234 + i;
        run->stage[0] = (struct bzc_stage){"setup", 0x10200, 0x10200, BZC_MODE_REAL};
        run->stage[1] = (struct bzc_stage){"decompressor", run->load_addr, run->load_addr, BZC_MODE_PROT32};
        run->stage_count = 2;
    }
}

/* The run reached the kernel at `base` and was compared; all is well. */
static void sample_reach(struct sample *sample, size_t index, uint64_t base, int64_t delta)
{
    struct bzc_run_facts *run = &sample->run[index];
    struct bzc_comparison *comparison = &run->comparison;

    run->stop.reason = BZC_STOP_OBSERVER;
    run->stage[2] = (struct bzc_stage){"decompressor, relocated", base + 0x2f8a000, base + 0x2f8a000, BZC_MODE_LONG};
    run->stage[3] = (struct bzc_stage){"kernel", base + 0x200040, base + 0x200040, BZC_MODE_LONG};
    run->stage_count = 4;
    run->entry.reached = true;
    run->entry.phys = run->entry.linear = base + 0x200040;
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        run->entry.regs.gpr[i] = 0xa0 + i;
    run->entry.regs.gpr[BZC_R15] = UINT64_MAX;
    run->entry.regs.rip = base + 0x200040;
    run->entry.regs.rflags = 0x46;
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        run->entry.regs.seg[i] = (struct bzc_segment){.selector = (uint16_t)(0x10 + 8 * i), .access = 0xc093};
    run->entry.regs.seg[BZC_CS].access = 0xa09b; /* 64-bit code */
    run->entry.regs.seg[BZC_CS].limit = 0xffffffff;
    run->entry.regs.seg[BZC_GS].base = 0xffff888000000000;
    run->entry.boot_params_phys = 0x14790;
    run->entry.boot_params_in_ram = true;
    run->entry.boot_params[0] = 0x01;
    run->entry.boot_params[1] = 0xfe;
    run->entry.boot_params[BZC_BOOT_PARAMS_SIZE - 1] = 0x9a;
    run->entry.regs.cr0 = 0x80000011;
    run->entry.regs.cr3 = 0x3f99000;
    run->entry.regs.cr4 = 0x20;
    run->entry.regs.efer = 0x500;
    run->compared = true;
    comparison->base = base;
    comparison->virt_delta = delta;
    comparison->relocations = 327000;
    comparison->segment_count = 2;
    comparison->segment[0] = (struct bzc_segment_result){.index = 1, .phys = base, .matches = true, .sha256 = SHA_TEXT};
    comparison->segment[1] =
        (struct bzc_segment_result){.index = 3, .phys = base + 0x200000, .matches = true, .sha256 = SHA_DATA};
}

/* Two runs, the second with KASLR; a pass with one skipped check. */
static void sample_pass(struct sample *sample)
{
    sample_init(sample, "boot/vmlinuz", 2);
    sample_reach(sample, 0, 0x1000000, 0);
    sample_reach(sample, 1, 0x7000000, 0x1c000000);
    sample->run[1].kaslr = true;
    sample->run[1].kaslr_seed = 7;
    sample_finding(sample, &sample_image_rule, -1, BZC_OUTCOME_PASS, "");
    sample_finding(sample, &sample_entry_rule, 0, BZC_OUTCOME_PASS, "");
    sample_finding(sample, &sample_warning_rule, 0, BZC_OUTCOME_SKIP, "not in this version");
    sample_finding(sample, &sample_entry_rule, 1, BZC_OUTCOME_PASS, "");
    sample_finding(sample, &sample_warning_rule, 1, BZC_OUTCOME_SKIP, "not in this version");
    sample->verification.verdict = BZC_VERDICT_PASS;
}

/* What a loader of the 32-bit entry did: two blocks, one of them its own, and two fields. */
static void sample_plan(struct bzc_run_facts *run, uint64_t pm_phys)
{
    static const uint8_t bytes[64];
    struct bzc_plan *plan = &run->plan;

    plan->path = BZC_PATH_ENTRY32;
    plan->has_pm = true;
    plan->pm_phys = pm_phys;
    plan->kernel_alignment = 0x200000;
    plan->a20_open = true;
    plan->jump = (struct bzc_jump){BZC_MODE_PROT32, pm_phys};
    plan->block[0] =
        (struct bzc_block){.role = BZC_BLOCK_PM, .name = "protected-mode part", .phys = pm_phys, .bytes = {bytes, 64}};
    plan->block[1] = (struct bzc_block){
        .role = BZC_BLOCK_CMDLINE, .name = "command line", .phys = 0x20000, .bytes = {bytes, 8}, .keep = true};
    plan->block_count = 2;
    plan->write[0] = (struct bzc_plan_write){.is_header = true, .field = BZC_FIELD_CMD_LINE_PTR, .value = 0x20000};
    plan->write[1] = (struct bzc_plan_write){.bp = BZC_BP_EXT_CMD_LINE_PTR, .value = 1};
    plan->write_count = 2;
    run->kept[0] = (struct bzc_kept_block){.name = "command line", .phys = 0x20000, .size = 8, .sha256 = SHA_TEXT};
    run->kept_count = 1;
}

/*
 * Five runs of a relocatable kernel: an ordinary one; two that probe load addresses, the second with kernel_alignment
 * rewritten; one that the image refuses; the payload entered by the loader.
 */
static void sample_ways(struct sample *sample)
{
    sample_init(sample, "boot/vmlinuz", 5);
    sample->verification.facts.image.image.relocatable = true;
    sample->verification.facts.image.image.kernel_alignment = 0x200000;
    sample->verification.facts.image.image.pref_address = 0x1000000;
    for (size_t i = 0; i < 3; i++) {
        sample_reach(sample, i, i == 0 ? 0x1000000 : i == 1 ? 0x1400000 : 0x1210000, 0);
        sample->run[i].scenario = "entry32";
        sample->run[i].load_addr = i == 0 ? 0x100000 : i == 1 ? 0x1210000 : 0x1210000;
        sample_plan(&sample->run[i], sample->run[i].load_addr);
    }
    snprintf(sample->run[1].purpose, BZC_PURPOSE_SIZE, "aligned up");
    snprintf(sample->run[2].purpose, BZC_PURPOSE_SIZE, "kept");
    sample->run[2].plan.kernel_alignment = 0x10000;

    sample_plan(&sample->run[3], 0x38000000);
    sample->run[3].scenario = "entry32";
    sample->run[3].load_addr = 0x38000000;
    sample->run[3].expect = BZC_EXPECT_REFUSAL;
    sample->run[3].stop.reason = BZC_STOP_HALT;
    snprintf(sample->run[3].purpose, BZC_PURPOSE_SIZE, "too high");
    snprintf(sample->run[3].refusal, sizeof(sample->run[3].refusal), "Destination address too large");

    sample_reach(sample, 4, 0x1000000, 0);
    sample->run[4].scenario = "payload-elf";
    sample->run[4].load_addr = 0;
    sample->run[4].plan.path = BZC_PATH_PAYLOAD_ELF;
    sample->run[4].expect = BZC_EXPECT_RUNNING;
    sample->run[4].running.reached = true;
    sample->run[4].running.linear = 0xffffffff81000000;
    sample->run[4].running.phys = 0x1000000;
    sample->verification.verdict = BZC_VERDICT_PASS;
}

/*
 * Three runs: one halts in the decompressor, one enters a kernel of which a segment and two relocations are wrong, one
 * could not be prepared.
 */
static void sample_fail(struct sample *sample)
{
    struct bzc_stop *stop = &sample->run[0].stop;
    struct bzc_finding *finding;

    sample_init(sample, "boot/broken", 3);
    stop->reason = BZC_STOP_HALT;
    stop->linear = 0xc0104567;
    stop->phys = 0x104567;
    stop->phys_known = true;
    stop->has_target = true;
    stop->target = 0xdead0000;
    stop->line_count = 3;
    snprintf(stop->detail, sizeof(stop->detail), "HLT while interrupts are disabled");
    stop->lines[0] = (struct bzc_disasm_line){0xc0104566, 1, false, "fa", "cli"};
    stop->lines[1] = (struct bzc_disasm_line){0xc0104567, 1, true, "f4", "hlt"};
    stop->lines[2] = (struct bzc_disasm_line){0xc0104568, 2, false, "eb fd", "jmp 0xc0104567"};
    snprintf(sample->run[0].last_words, sizeof(sample->run[0].last_words),
             "1\n2\n3\n4\n5\n6\n7\n\n\ninput data is corrupt\n\n -- System halted\n\n");

    sample_reach(sample, 1, 0x2000000, -0x1000);
    sample->run[1].comparison.segment[1].matches = false;
    sample->run[1].comparison.segment[1].sha256[0] = '\0';
    sample->run[1].comparison.bad_slots = 2;

    sample->run[2] = (struct bzc_run_facts){.scenario = "bios", .load_addr = 0x300000};
    bzc_error_set(&sample->run[2].plan_error, BZC_ERR_LIMIT, "the initrd does not fit");

    sample_finding(sample, &sample_image_rule, -1, BZC_OUTCOME_PASS, "");
    for (int run = 0; run < 3; run++) {
        finding = sample_finding(sample, &sample_warning_rule, run, BZC_OUTCOME_FAIL, "something is outside");
        sample_details(finding, "0x9f000", "", "");
    }
    sample_finding(sample, &sample_entry_rule, 0, BZC_OUTCOME_SKIP, "the run did not reach the kernel");
    finding = sample_finding(sample, &sample_entry_rule, 1, BZC_OUTCOME_FAIL, "RSI is not what it must be");
    sample_details(finding, "rsi", "0x14000", "0xbad");
    sample_finding(sample, &sample_note_rule, 2, BZC_OUTCOME_UNKNOWN, "no evidence");
    sample->verification.verdict = BZC_VERDICT_FAIL;
}

/* Not Linux (one run is lost, one ends at the hand-over), nothing known that need not be known, and a path that no
 * terminal should see. */
static void sample_unknown(struct sample *sample)
{
    struct bzc_image_facts *image = &sample->verification.facts.image;

    sample_init(sample, "odd\xff\033[31m\n", 2);
    image->system = BZC_SYSTEM_NOT_LINUX;
    image->oracle = NULL;
    image->image.version = 0;
    image->image.has_header = false;
    image->image.kind = BZC_IMAGE_OLD;
    image->image.file.size = 777;
    snprintf(image->image.kernel_version, sizeof(image->image.kernel_version), "Otherware 3.1");
    sample->run[0].stop.reason = BZC_STOP_BUDGET;
    sample->run[0].stop.linear = 0;
    sample->run[0].stage_count = 0;
    sample->run[0].kaslr = true;
    sample->run[0].kaslr_seed = INT64_MAX;
    sample->run[1].stop = (struct bzc_stop){.reason = BZC_STOP_OBSERVER, .phys_known = true, .phys = 0x200000};
    sample_finding(sample, &sample_image_rule, -1, BZC_OUTCOME_PASS, "");
    sample_finding(sample, &sample_note_rule, 0, BZC_OUTCOME_UNKNOWN, "nobody looked");
    sample->verification.verdict = BZC_VERDICT_UNKNOWN;
    snprintf(sample->verification.reason, sizeof(sample->verification.reason), "this is not a Linux kernel");
}

#endif
