/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the tracker follows a guest of a few instructions, from setup to the kernel's first one or wherever it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "emu/cpuid.h"
#include "tiny_guest.h"
#include "verify/tracker.h"
#include "verify/verify.h"

struct stage {
    const char *name;
    uint64_t phys;
    enum bzc_mode mode;
};

static struct sample file, payload;
static struct bzc_verification verification;
static const struct bzc_run_facts *run;

/* One run of `file`, at 1 MiB. */
static void boot(bool kaslr)
{
    struct bzc_verify_options options = {.scenario = {bzc_scenario_find("bios")},
                                         .scenario_count = 1,
                                         .load_addr = {0x100000},
                                         .load_addr_count = 1,
                                         .cmdline = "",
                                         .jobs = 1,
                                         .policy.fail_on = BZC_SEVERITY_ERROR};
    struct bzc_error err = {0};

    options.kaslr_seed[0] = 1;
    options.kaslr_seed_count = kaslr;
    options.profile = bzc_cpu_profile_find("x86-64");
    assert_int_equal(bzc_memory_map_default(64u << 20, &options.map, &err), BZC_OK);
    if (bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
    assert_int_equal(verification.facts.run_count, 1);
    run = &verification.facts.run[0];
}

static void boot_code(const void *code, size_t size)
{
    tiny_payload(&payload);
    tiny_image(&file, code, size, &payload);
    boot(false);
}

/* The tiny decompressor with `value` stored at offset `at`. */
static void boot_patched(unsigned at, uint32_t value)
{
    uint8_t code[sizeof(tiny_decompressor)];

    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store32(code + at, value);
    boot_code(code, sizeof(code));
}

static void assert_stages(const struct stage *stage, size_t count)
{
    for (size_t i = 0; i < count && i < run->stage_count; i++) {
        assert_string_equal(run->stage[i].name, stage[i].name);
        assert_int_equal(run->stage[i].phys, stage[i].phys);
        assert_int_equal(run->stage[i].linear, stage[i].phys);
        assert_int_equal(run->stage[i].mode, stage[i].mode);
    }
    assert_int_equal(run->stage_count, count);
}

static void assert_outcome(const char *rule, enum bzc_outcome outcome)
{
    for (size_t i = 0; i < verification.findings.count; i++) {
        const struct bzc_finding *finding = &verification.findings.item[i];

        if (strcmp(finding->rule->id, rule) != 0)
            continue;
        if (finding->outcome != outcome)
            fail_msg("%s: %s: %s", rule, bzc_outcome_name(finding->outcome), finding->message);
        return;
    }
    fail_msg("no finding of %s", rule);
}

static void good_guest_goes_straight_to_the_kernel(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_decompressor, sizeof(tiny_decompressor));
    assert_stages(stages, 3);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_true(run->pm_entry.reached);
    assert_int_equal(run->pm_entry.phys, 0x100000);
    assert_int_equal(run->pm_entry.regs.gpr[BZC_RSI], TINY_BOOT_PARAMS);
    assert_int_equal(run->pm_entry.regs.seg[BZC_CS].selector, 0x10);
    assert_int_equal(run->pm_entry.regs.seg[BZC_SS].selector, 0x18);
    assert_true(run->pm_entry.a20_open);
    assert_true(run->pm_entry.boot_params_in_ram);
    assert_int_equal(run->pm_entry.boot_params[0x210], 0xff);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(run->entry.boot_params_phys, TINY_BOOT_PARAMS);
    assert_int_equal(run->entry.regs.rip, TINY_KERNEL + TINY_ENTRY);
    /* before the kernel's first instruction: EAX is still what the decompressor jumped with */
    assert_int_equal(run->entry.regs.gpr[BZC_RAX], TINY_KERNEL + TINY_ENTRY);
    assert_true(run->compared);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_int_equal(run->comparison.relocations, 2);
    assert_false(run->asked_for_e820);
    bzc_verification_free(&verification);
}

static void decompressor_that_moves_is_recognised(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"decompressor (relocated)", TINY_COPY + 0x1e, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_relocating, sizeof(tiny_relocating));
    assert_stages(stages, 4);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    bzc_verification_free(&verification);
}

static void code_of_unknown_origin_is_named_so(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32},
                                          {"unknown code", TINY_LOW_CODE, BZC_MODE_PROT32},
                                          {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}};

    (void)state;
    boot_code(tiny_low_jump, sizeof(tiny_low_jump));
    assert_stages(stages, 4);
    assert_int_equal(verification.verdict, BZC_VERDICT_PASS);
    bzc_verification_free(&verification);
}

/* The base is known from where the kernel must be, and the entry shows where control really came in. */
static void wrong_entry_inside_the_kernel_is_found(void **state)
{
    (void)state;
    boot_patched(TINY_AT_TARGET, TINY_KERNEL + 0x90);
    assert_int_equal(run->entry.phys, TINY_KERNEL + 0x90);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_outcome("ENT-001", BZC_OUTCOME_FAIL);
    assert_outcome("MEM-005", BZC_OUTCOME_PASS);
    bzc_verification_free(&verification);
}

/* 32 MiB too high and entered there, with slots that do not know. */
static void kernel_in_a_wrong_place_is_found_by_its_bytes(void **state)
{
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store32(code + TINY_AT_DESTINATION, TINY_KERNEL + 0x2000000);
    bzc_store32(code + TINY_AT_TARGET, TINY_KERNEL + 0x2000000 + TINY_ENTRY);
    boot_code(code, sizeof(code));
    assert_int_equal(run->comparison.base, TINY_KERNEL + 0x2000000);
    assert_outcome("ENT-001", BZC_OUTCOME_PASS);
    assert_outcome("MEM-005", BZC_OUTCOME_PASS);
    assert_outcome("REL-003", BZC_OUTCOME_FAIL);
    assert_outcome("REL-004", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);

    /* entered at a wrong place on top of that, where KASLR leaves no place to expect it at */
    bzc_store32(code + TINY_AT_TARGET, TINY_KERNEL + 0x2000000 + 0x90);
    tiny_image(&file, code, sizeof(code), &payload);
    boot(true);
    assert_int_equal(run->comparison.base, TINY_KERNEL + 0x2000000);
    assert_int_equal(run->entry.phys, TINY_KERNEL + 0x2000000 + 0x90);
    assert_outcome("ENT-001", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);
}

static void kernel_that_was_never_written_is_entered_all_the_same(void **state)
{
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    code[TINY_AT_MOVE] = code[TINY_AT_MOVE + 1] = 0x90;
    boot_code(code, sizeof(code));
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_true(run->comparison.segment[0].zero);
    assert_outcome("MEM-005", BZC_OUTCOME_FAIL);
    bzc_verification_free(&verification);
}

/* A payload that cannot be unpacked tells nothing of the kernel but where it ought to run. */
static void without_a_payload_the_kernel_is_known_by_its_place(void **state)
{
    (void)state;
    tiny_payload(&payload);
    tiny_image(&file, tiny_decompressor, sizeof(tiny_decompressor), &payload);
    file.data[SAMPLE_REALMODE + TINY_PAYLOAD + 5] = 9; /* EI_DATA: an ELF file of no known byte order */
    boot(false);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(verification.verdict, BZC_VERDICT_FAIL);
    bzc_verification_free(&verification);
}

/* jmp . instead of jmp *%eax */
static void endless_loop_is_a_budget_stop(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32}};
    uint8_t code[sizeof(tiny_decompressor)];

    (void)state;
    memcpy(code, tiny_decompressor, sizeof(code));
    bzc_store16(code + TINY_AT_JUMP, 0xfeeb);
    boot_code(code, sizeof(code));
    assert_stages(stages, 2);
    assert_false(run->entry.reached);
    assert_int_equal(run->stop.reason, BZC_STOP_BUDGET);
    assert_int_equal(run->stop.linear, 0x100000 + TINY_AT_JUMP);
    assert_outcome("RUN-001", BZC_OUTCOME_FAIL);
    assert_outcome("ENT-004", BZC_OUTCOME_SKIP);
    bzc_verification_free(&verification);
}

/* No payload is declared: what follows setup is not ours to judge, and is not run. */
static void foreign_image_ends_at_the_hand_over(void **state)
{
    static const struct stage stages[] = {{"setup", TINY_SETUP_ENTRY, BZC_MODE_REAL},
                                          {"decompressor", 0x100000, BZC_MODE_PROT32}};

    (void)state;
    tiny_good_image(&file);
    bzc_store64(file.data + 0x248, 0);
    boot(false);
    assert_stages(stages, 2);
    assert_true(run->pm_entry.reached);
    assert_false(run->entry.reached);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_outcome("ENT-020", BZC_OUTCOME_PASS);
    assert_outcome("RUN-001", BZC_OUTCOME_SKIP);
    assert_int_equal(verification.verdict, BZC_VERDICT_UNKNOWN);
    bzc_verification_free(&verification);
}

/* ---- the other ways in ---- */

/* `file` by another scenario, at the address where its loader puts it. */
static void boot_by(const char *scenario)
{
    struct bzc_verify_options options = {.scenario = {bzc_scenario_find(scenario)},
                                         .scenario_count = 1,
                                         .load_addr = {0x100000},
                                         .load_addr_count = 1,
                                         .cmdline = "",
                                         .jobs = 1,
                                         .policy.fail_on = BZC_SEVERITY_ERROR};
    struct bzc_error err = {0};

    options.profile = bzc_cpu_profile_find("x86-64");
    assert_int_equal(bzc_memory_map_default(64u << 20, &options.map, &err), BZC_OK);
    if (bzc_verify("tiny", sample_bytes(&file), &options, &verification, &err) != BZC_OK)
        fail_msg("%s", err.message);
    assert_int_equal(verification.facts.run_count, 1);
    run = &verification.facts.run[0];
    if (run->plan_error.status != BZC_OK)
        fail_msg("%s", run->plan_error.message);
}

/* boot.rst, "32-bit Boot Protocol" */
static void entry32_hands_over_as_the_protocol_says(void **state)
{
    const struct bzc_regs *regs;

    (void)state;
    tiny_good_image(&file);
    boot_by("entry32");
    regs = &run->pm_entry.regs;
    assert_stages((const struct stage[]){{"loader", run->plan.start.seg[BZC_CS].base, BZC_MODE_REAL},
                                         {"decompressor", 0x100000, BZC_MODE_PROT32},
                                         {"decompressor (relocated)", TINY_COPY + 0x1e, BZC_MODE_PROT32},
                                         {"kernel", TINY_KERNEL + TINY_ENTRY, BZC_MODE_PROT32}},
                  4);
    assert_true(run->pm_entry.reached);
    assert_int_equal(run->pm_entry.linear, 0x100000);
    assert_int_equal(regs->gpr[BZC_RSI], 0x10000);
    assert_int_equal(regs->gpr[BZC_RBX], 0);
    assert_int_equal(regs->gpr[BZC_RBP], 0);
    assert_int_equal(regs->gpr[BZC_RDI], 0);
    assert_int_equal(regs->seg[BZC_CS].selector, 0x10);
    assert_int_equal(regs->seg[BZC_DS].selector, 0x18);
    assert_int_equal(regs->seg[BZC_ES].selector, 0x18);
    assert_int_equal(regs->seg[BZC_SS].selector, 0x18);
    assert_int_equal(regs->rflags & BZC_FLAG_IF, 0);
    assert_true(run->pm_entry.a20_open);
    assert_int_equal(run->pm_entry.boot_params_phys, 0x10000);
    assert_true(run->pm_entry.boot_params_in_ram);
    assert_memory_equal(run->pm_entry.boot_params + 0x202, "HdrS", 4);
    assert_true(run->entry.reached);
    assert_true(run->compared);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_false(run->running.reached);
    for (size_t i = 0; i < run->kept_count; i++)
        assert_false(run->kept[i].changed);
    assert_int_equal(run->kept_count, 3); /* command line, seed of random numbers, fields in boot_params */
    bzc_verification_free(&verification);
}

#define LONG_PAYLOAD 0x400u /* offset in the protected-mode part */

/*
 * At offset 0x200: lea .(%rip),%rbx; mov %rsi,%rdx; then for each of the three segments of the sample "kernel 64"
 * lea payload + p_offset - 0x200(%rbx),%rsi; mov $p_paddr,%edi; mov $p_filesz,%ecx; rep movsb; and in the end
 * mov %rdx,%rsi; mov $0x1000040,%eax; jmp *%rax
 */
static const uint8_t long_decompressor[] = {
    0x48, 0x8d, 0x1d, 0xf9, 0xff, 0xff, 0xff, 0x48, 0x89, 0xf2,                                        /* */
    0x48, 0x8d, 0xb3, 0x00, 0x04, 0,    0,    0xbf, 0,    0,    0, 1, 0xb9, 0,    3, 0, 0, 0xf3, 0xa4, /* */
    0x48, 0x8d, 0xb3, 0x00, 0x07, 0,    0,    0xbf, 0,    0x10, 0, 1, 0xb9, 0x80, 0, 0, 0, 0xf3, 0xa4, /* */
    0x48, 0x8d, 0xb3, 0x00, 0x08, 0,    0,    0xbf, 0,    0x20, 0, 1, 0xb9, 0,    2, 0, 0, 0xf3, 0xa4, /* */
    0x48, 0x89, 0xd6, 0xb8, 0x40, 0,    0,    1,    0xff, 0xe0,
};

/* The tiny image once more, with a 64-bit entry and kernel. */
static void long_image(void)
{
    uint8_t code[LONG_PAYLOAD] = {0};

    sample_k64(&payload);
    sample_k64_table(&payload);
    tiny_image(&file, tiny_decompressor, sizeof(tiny_decompressor), &payload);
    memcpy(code + 0x200, long_decompressor, sizeof(long_decompressor));
    file.size = SAMPLE_REALMODE;
    sample_put(&file, code, sizeof(code));
    sample_put(&file, payload.data, payload.size);
    while (file.size % 16 != 0)
        sample_put(&file, "", 1);
    bzc_store16(file.data + 0x236, 1); /* XLF_KERNEL_64 */
    bzc_store32(file.data + 0x248, LONG_PAYLOAD);
    bzc_store32(file.data + 0x24c, (uint32_t)payload.size);
    bzc_store32(file.data + 0x1f4, (uint32_t)(file.size - SAMPLE_REALMODE) / 16);
}

/* boot.rst, "64-bit Boot Protocol" */
static void entry64_hands_over_as_the_protocol_says(void **state)
{
    (void)state;
    long_image();
    boot_by("entry64");
    assert_stages((const struct stage[]){{"loader", run->plan.start.seg[BZC_CS].base, BZC_MODE_REAL},
                                         {"decompressor", 0x100200, BZC_MODE_LONG},
                                         {"kernel", 0x1000040, BZC_MODE_LONG}},
                  3);
    assert_int_equal(run->pm_entry.linear, 0x100200);
    assert_int_equal(run->pm_entry.regs.gpr[BZC_RSI], 0x10000);
    assert_int_equal(run->pm_entry.regs.rflags & BZC_FLAG_IF, 0);
    assert_int_equal(run->pm_entry.boot_params_phys, 0x10000);
    assert_false(run->loader_identity.broken);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.regs.gpr[BZC_RSI], 0x10000);
    assert_true(run->compared);
    assert_int_equal(run->comparison.base, 0x1000000);
    assert_false(run->identity.broken);
    bzc_verification_free(&verification);
}

static const struct bzc_oracle *no_oracle(void *context)
{
    (void)context;
    return NULL;
}

/* Stores `entry` where the page tables map the 2 MiB from `linear` on. */
static void patch_mapping(const struct bzc_plan *plan, uint64_t linear, uint64_t entry)
{
    const struct bzc_block *block = bzc_plan_block(plan, BZC_BLOCK_PAGE_TABLES);
    uint8_t *tables;

    assert_non_null(block);
    tables = (uint8_t *)(uintptr_t)block->bytes.data; /* the plan's own memory */
    for (size_t at = 0; at < block->bytes.size; at += 8) {
        uint64_t present = bzc_load64(tables + at);

        if ((present & 0x81) == 0x81 && (present & ~(uint64_t)0xfff) == linear) {
            bzc_store64(tables + at, entry);
            return;
        }
    }
    fail_msg("0x%llx is not mapped", (unsigned long long)linear);
}

/* A loader's tables that have a hole, or lead elsewhere, where the protocol wants an identity mapping. */
static void hole_in_the_loaders_mapping_is_found(void **state)
{
    static const struct {
        uint64_t patched, entry, linear;
        bool mapped;
        uint64_t phys;
        const char *what;
    } cases[] = {
        {0x1000000, 0, 0x1000000, false, 0, "init_size bytes from where the kernel will run"},
        {0x1000000, 0x12000e3, 0x1000000, true, 0x1200000, "init_size bytes from where the kernel will run"},
        {0x1200000, 0, 0x1200000, false, 0, "init_size bytes from where the kernel will run"},
    };

    (void)state;
    long_image();
    bzc_store32(file.data + 0x260, 0x201000); /* init_size: a page of it lies in the second 2 MiB */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_run_facts *facts = calloc(1, sizeof(*facts));
        struct bzc_plan_options options = {.cmdline = "", .map = &facts->map};
        struct bzc_tracker tracker;
        struct bzc_machine_config config = {
            .map = &facts->map, .profile = bzc_cpu_profile_find("x86-64"), .observer = {&tracker, bzc_tracker_on_code}};
        struct bzc_boot_loader loader;
        struct bzc_machine *machine;
        struct bzc_image image;
        struct bzc_error err = {0};
        bool inconclusive;

        assert_non_null(facts);
        bzc_image_parse(sample_bytes(&file), &image);
        bzc_boot_loader_init(&loader, BZC_PATH_ENTRY64);
        assert_int_equal(bzc_memory_map_default(64u << 20, &facts->map, &err), BZC_OK);
        if (bzc_plan_make(&loader, &image, &options, &facts->plan, &err) != BZC_OK)
            fail_msg("%s", err.message);
        patch_mapping(&facts->plan, cases[i].patched, cases[i].entry);
        bzc_tracker_init(&tracker, &image, facts);
        tracker.expects_linux = true;
        tracker.await_oracle = no_oracle;
        assert_int_equal(bzc_machine_new(&config, &machine, &err), BZC_OK);
        assert_int_equal(bzc_machine_load(machine, &facts->plan, &err), BZC_OK);
        assert_int_equal(bzc_machine_run(machine, &facts->stop, &inconclusive, &err), BZC_OK);
        assert_true(facts->pm_entry.reached);
        assert_true(facts->loader_identity.broken);
        assert_int_equal(facts->loader_identity.linear, cases[i].linear);
        assert_int_equal(facts->loader_identity.mapped, cases[i].mapped);
        assert_int_equal(facts->loader_identity.phys, cases[i].phys);
        assert_string_equal(facts->loader_identity.what, cases[i].what);
        bzc_machine_free(machine);
        bzc_plan_free(&facts->plan);
        free(facts);
    }
}

/* ---- kernels that the loader enters itself ---- */

#define KERNEL_FILE 0x100u /* p_offset of the sample "kernel 32" */

/* At the kernel's entry, offset 0x40: identity and virtual mapping of its 4 MiB (PSE) in a directory at 0x200000,
 * paging on, and to 0xc10000b0. */
static const uint8_t to_virtual[] = {
    0xc7, 0x05, 0x10, 0x00, 0x20, 0x00, 0x83, 0x00, 0x00, 0x01, /* movl $0x1000083,0x200010 */
    0xc7, 0x05, 0x10, 0x0c, 0x20, 0x00, 0x83, 0x00, 0x00, 0x01, /* movl $0x1000083,0x200c10 */
    0xb8, 0x10, 0x00, 0x00, 0x00, 0x0f, 0x22, 0xe0,             /* mov $0x10,%eax; mov %eax,%cr4 */
    0xb8, 0x00, 0x00, 0x20, 0x00, 0x0f, 0x22, 0xd8,             /* mov $0x200000,%eax; mov %eax,%cr3 */
    0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80,             /* mov %cr0,%eax; or $0x80000000,%eax */
    0x0f, 0x22, 0xc0, 0xb8, 0xb0, 0x00, 0x00, 0xc1, 0xff, 0xe0, /* mov %eax,%cr0; mov $0xc10000b0,%eax; jmp *%eax */
};
/* At offset 0xb0: lidt 0xc10000d0; movw $0xf4fa,0xc1001000 (cli; hlt); mov $0xc1001000,%eax; jmp *%eax */
static const uint8_t with_idt[] = {0x0f, 0x01, 0x1d, 0xd0, 0x00, 0x00, 0xc1, 0x66, 0xc7, 0x05, 0x00, 0x10,
                                   0x00, 0xc1, 0xfa, 0xf4, 0xb8, 0x00, 0x10, 0x00, 0xc1, 0xff, 0xe0};
#define LIDT_SIZE 7u
/* At offset 0xd0, for LIDT: a table in the kernel's virtual addresses */
static const uint8_t idt_pointer[] = {0xff, 0x07, 0x00, 0x00, 0x00, 0xc1};

/* An image whose payload is the sample "kernel 32" with this code at its entry. */
static void kernel_image(const void *code, size_t size)
{
    tiny_payload(&payload);
    memcpy(payload.data + KERNEL_FILE + TINY_ENTRY, code, size);
    memcpy(payload.data + KERNEL_FILE + 0xb0, with_idt, sizeof(with_idt));
    memcpy(payload.data + KERNEL_FILE + 0xd0, idt_pointer, sizeof(idt_pointer));
    tiny_image(&file, tiny_relocating, sizeof(tiny_relocating), &payload);
}

static void kernel_of_its_own_runs_at_its_virtual_addresses(void **state)
{
    (void)state;
    kernel_image(to_virtual, sizeof(to_virtual));
    boot_by("payload-elf");
    assert_int_equal(run->expect, BZC_EXPECT_RUNNING);
    assert_false(run->pm_entry.reached);
    assert_true(run->entry.reached);
    assert_int_equal(run->entry.phys, TINY_KERNEL + TINY_ENTRY);
    assert_int_equal(run->entry.regs.gpr[BZC_RSI], 0x10000);
    assert_true(run->compared);
    assert_int_equal(run->comparison.base, TINY_KERNEL);
    /* Not yet at 0xc10000b0: there it has no interrupt descriptor table. */
    assert_true(run->running.reached);
    assert_false(run->running.printed);
    assert_int_equal(run->running.linear, 0xc1001000);
    assert_int_equal(run->running.phys, 0x1001000);
    assert_int_equal(run->stop.reason, BZC_STOP_OBSERVER);
    assert_int_equal(run->stage_count, 3);
    assert_string_equal(run->stage[0].name, "loader");
    assert_string_equal(run->stage[1].name, "kernel");
    assert_string_equal(run->stage[2].name, "kernel (virtual)");
    assert_int_equal(run->stage[2].linear, 0xc1001000);
    bzc_verification_free(&verification);
}

static void kernel_without_an_idt_does_not_run_yet(void **state)
{
    (void)state;
    kernel_image(to_virtual, sizeof(to_virtual));
    memset(file.data + SAMPLE_REALMODE + TINY_PAYLOAD + KERNEL_FILE + 0xb0, 0x90, LIDT_SIZE);
    boot_by("payload-elf");
    assert_true(run->entry.reached);
    assert_false(run->running.reached);
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    assert_int_equal(run->stop.linear, 0xc1001001);
    bzc_verification_free(&verification);
}

static void kernel_that_prints_first_runs(void **state)
{
    static const uint8_t code[] = {0xb0, 'A', 0xe6, 0xe9, 0xfa, 0xf4}; /* mov $'A',%al; out %al,$0xe9; cli; hlt */

    (void)state;
    kernel_image(code, sizeof(code));
    boot_by("payload-elf");
    assert_true(run->entry.reached);
    assert_true(run->running.reached);
    assert_true(run->running.printed);
    assert_string_equal(run->last_words, "A");
    assert_int_equal(run->stop.reason, BZC_STOP_HALT);
    bzc_verification_free(&verification);

    kernel_image("\xfa\xf4", 2); /* cli; hlt */
    boot_by("payload-elf");
    assert_true(run->entry.reached);
    assert_false(run->running.reached);
    bzc_verification_free(&verification);
}

/* A triple fault is no panic: what was printed is then only what the kernel had to say of it. */
static void kernel_that_prints_and_dies_does_not_run(void **state)
{
    /* mov $'A',%al; out %al,$0xe9; int3, with no table that could handle it */
    static const uint8_t code[] = {0xb0, 'A', 0xe6, 0xe9, 0xcc};
    /* mov $'A',%al; out %al,$0xe9; mov %al,0xc0000000: the PC has no memory there */
    static const uint8_t stray[] = {0xb0, 'A', 0xe6, 0xe9, 0xa2, 0, 0, 0, 0xc0};
    /* mov $'A',%al; out %al,$0xe9; mov $0xfe,%al; out %al,$0x64: the reset line of the keyboard controller */
    static const uint8_t reset[] = {0xb0, 'A', 0xe6, 0xe9, 0xb0, 0xfe, 0xe6, 0x64, 0xfa, 0xf4};
    static const struct {
        const uint8_t *code;
        size_t size;
        enum bzc_stop_reason reason;
    } deaths[] = {{code, sizeof(code), BZC_STOP_TRIPLE_FAULT},
                  {stray, sizeof(stray), BZC_STOP_OUTSIDE_MEMORY},
                  {reset, sizeof(reset), BZC_STOP_RESET}};

    (void)state;
    for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        kernel_image(deaths[i].code, deaths[i].size);
        boot_by("payload-elf");
        assert_true(run->entry.reached);
        assert_int_equal(run->stop.reason, deaths[i].reason);
        assert_string_equal(run->last_words, "A");
        assert_false(run->running.reached);
        assert_false(run->running.printed);
        bzc_verification_free(&verification);
    }
}

/* ---- an image that refuses ---- */

/* call 1f; 1: pop %ebp; lea message - 1b(%ebp),%esi; 2: lodsb; test %al,%al; jz 3f; out %al,$0xe9; jmp 2b; 3: cli; hlt
 */
static const uint8_t print_and_halt[] = {0xe8, 0,    0,    0,    0,    0x5d, 0x8d, 0x75, 0x0f, 0xac,
                                         0x84, 0xc0, 0x74, 0x04, 0xe6, 0xe9, 0xeb, 0xf7, 0xfa, 0xf4};
/* mov $0xb8000,%edi; mov $2000,%ecx; mov $0x0778,%ax; rep stosw */
static const uint8_t fill_screen[] = {0xbf, 0,    0x80, 0x0b, 0, 0xb9, 0xd0, 0x07, 0,
                                      0,    0x66, 0xb8, 0x78, 7, 0x66, 0xf3, 0xab};

/* A decompressor that says this and halts, with a screen full of other things before that when `busy`. */
static void boot_saying(const char *message, bool busy)
{
    uint8_t code[TINY_PAYLOAD];
    size_t size = 0;

    if (busy) {
        memcpy(code, fill_screen, sizeof(fill_screen));
        size = sizeof(fill_screen);
    }
    assert_true(size + sizeof(print_and_halt) + strlen(message) + 1 <= sizeof(code));
    memcpy(code + size, print_and_halt, sizeof(print_and_halt));
    size += sizeof(print_and_halt);
    memcpy(code + size, message, strlen(message) + 1);
    boot_code(code, size + strlen(message) + 1);
}

/* arch/x86/boot/compressed/misc.c, error(): "\n\n", the message, "\n\n -- System halted" */
static void refusal_is_the_message_before_the_last_words(void **state)
{
    static const struct {
        const char *said, *refusal;
    } cases[] = {
        {"\n\nDestination address too large\n\n -- System halted", "Destination address too large"},
        {"first\n\nsecond\n\n -- System halted\n", "second"},
        {"only -- System halted", "only"},
        {" -- System halted", ""},
        {"\n\n -- System halted", ""},
        {"Destination address too large\n", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        boot_saying(cases[i].said, false);
        assert_int_equal(run->stop.reason, BZC_STOP_HALT);
        assert_string_equal(run->refusal, cases[i].refusal);
        bzc_verification_free(&verification);
    }
}

/* 25 lines of 80 characters are more than is kept: the end of what was said has to be in it. */
static void refusal_is_found_behind_a_full_screen(void **state)
{
    size_t length;

    (void)state;
    boot_saying("\n\nOut of memory\n\n -- System halted", true);
    assert_string_equal(run->refusal, "Out of memory");
    length = strlen(run->last_words);
    assert_in_range(length, 1000, BZC_LAST_WORDS_MAX - 1);
    assert_string_equal(run->last_words + length - strlen(" -- System halted"), " -- System halted");
    assert_int_equal(run->last_words[0], 'x');
    bzc_verification_free(&verification);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_guest_goes_straight_to_the_kernel),
        cmocka_unit_test(decompressor_that_moves_is_recognised),
        cmocka_unit_test(code_of_unknown_origin_is_named_so),
        cmocka_unit_test(wrong_entry_inside_the_kernel_is_found),
        cmocka_unit_test(kernel_in_a_wrong_place_is_found_by_its_bytes),
        cmocka_unit_test(kernel_that_was_never_written_is_entered_all_the_same),
        cmocka_unit_test(without_a_payload_the_kernel_is_known_by_its_place),
        cmocka_unit_test(endless_loop_is_a_budget_stop),
        cmocka_unit_test(foreign_image_ends_at_the_hand_over),
        cmocka_unit_test(entry32_hands_over_as_the_protocol_says),
        cmocka_unit_test(entry64_hands_over_as_the_protocol_says),
        cmocka_unit_test(hole_in_the_loaders_mapping_is_found),
        cmocka_unit_test(kernel_of_its_own_runs_at_its_virtual_addresses),
        cmocka_unit_test(kernel_without_an_idt_does_not_run_yet),
        cmocka_unit_test(kernel_that_prints_first_runs),
        cmocka_unit_test(kernel_that_prints_and_dies_does_not_run),
        cmocka_unit_test(refusal_is_the_message_before_the_last_words),
        cmocka_unit_test(refusal_is_found_behind_a_full_screen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
