/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue as a whole, and when a rule is not asked, has nothing to say or leaves the word to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>

#include "rules_worlds.h"
#include "verify/kept.h"

static struct world world;
static struct bzc_policy policy;

static void run_catalogue(struct bzc_findings *findings)
{
    struct bzc_error err = {0};

    memset(findings, 0, sizeof(*findings));
    assert_int_equal(bzc_catalogue_run(&world.facts, &policy, findings, &err), BZC_OK);
}

/* ---- identity ---- */

static void assert_kebab_case(const char *name)
{
    assert_true(islower((unsigned char)name[0]));
    for (size_t i = 0; name[i]; i++) {
        if (name[i] == '-')
            assert_true(name[i + 1] != '\0' && name[i + 1] != '-');
        else
            assert_true(islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]));
    }
}

static void assert_rule_is_well_formed(const struct bzc_rule *rule, const struct bzc_rule *before)
{
    size_t letters = strcspn(rule->id, "-");

    assert_true(letters == 2 || letters == 3); /* PE is two */
    assert_int_equal(strlen(rule->id), letters + 4);
    for (unsigned i = 0; i < letters + 4; i++)
        assert_true(i < letters    ? isupper((unsigned char)rule->id[i])
                    : i == letters ? rule->id[i] == '-'
                                   : isdigit((unsigned char)rule->id[i]));
    assert_kebab_case(rule->name);
    assert_true(strlen(rule->title) > 10);
    assert_true(rule->title[strlen(rule->title) - 1] != '.');
    assert_true(strlen(rule->spec) > 10);
    assert_non_null(rule->check);
    if (before) {
        assert_memory_equal(rule->id, before->id, letters + 1);
        assert_true(strcmp(rule->id, before->id) > 0);
    }
}

static void rules_are_well_formed_and_families_sorted(void **state)
{
    (void)state;
    assert_true(bzc_rule_family_count > 0);
    for (size_t f = 0; f < bzc_rule_family_count; f++) {
        const struct bzc_rule_family *family = bzc_rule_families[f];

        assert_true(family->count > 0);
        for (size_t r = 0; r < family->count; r++)
            assert_rule_is_well_formed(&family->rule[r], r ? &family->rule[r - 1] : NULL);
    }
}

static void ids_and_names_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t f = 0; f < bzc_rule_family_count; f++) {
        for (size_t r = 0; r < bzc_rule_families[f]->count; r++) {
            const struct bzc_rule *rule = &bzc_rule_families[f]->rule[r];

            /* the search takes the first: a second one with the same id or name would find another rule */
            assert_ptr_equal(bzc_rule_find(rule->id), rule);
            assert_ptr_equal(bzc_rule_find(rule->name), rule);
        }
    }
    assert_null(bzc_rule_find("ENT-000"));
    assert_ptr_equal(bzc_rule_find("ent-001"), bzc_rule_find("ENT-001"));
    assert_null(bzc_rule_find(""));
}

static void findings_come_image_first_and_then_run_by_run(void **state)
{
    struct bzc_run_facts *runs = calloc(2, sizeof(*runs));
    struct bzc_findings findings;
    size_t image_rules = 0, run_rules = 0, k = 0;

    (void)state;
    assert_non_null(runs);
    world_init(&world, 64);
    runs[0] = runs[1] = world.run;
    runs[1].entry.regs.rflags |= BZC_FLAG_IF;
    world.facts.run = runs;
    world.facts.run_count = 2;
    run_catalogue(&findings);
    for (int run = -1; run < 2; run++) {
        for (size_t f = 0; f < bzc_rule_family_count; f++) {
            for (size_t r = 0; r < bzc_rule_families[f]->count; r++) {
                const struct bzc_rule *rule = &bzc_rule_families[f]->rule[r];

                if ((rule->phase == BZC_PHASE_IMAGE) != (run < 0))
                    continue;
                image_rules += run < 0;
                run_rules += run == 0;
                assert_true(k < findings.count);
                assert_ptr_equal(findings.item[k].rule, rule);
                assert_int_equal(findings.item[k].run, run);
                assert_int_equal(findings.item[k].outcome,
                                 strcmp(rule->id, "ENT-006") == 0 || world_is_elsewhere(rule) ||
                                         !world_has_facts_for(rule)
                                     ? BZC_OUTCOME_SKIP
                                 : run == 1 && strcmp(rule->id, "ENT-004") == 0 ? BZC_OUTCOME_FAIL
                                                                                : BZC_OUTCOME_PASS);
                k++;
            }
        }
    }
    assert_int_equal(findings.count, k);
    assert_int_equal(findings.count, image_rules + 2 * run_rules);
    bzc_findings_free(&findings);
    assert_int_equal(findings.count, 0);
    free(runs);
}

/* ---- rules that are skipped, or cannot tell ---- */

static void not_linux(void)
{
    world.facts.image.system = BZC_SYSTEM_NOT_LINUX;
}

static void protocol_2_01(void)
{
    world.image->version = 0x0201;
}

static void protocol_2_06(void)
{
    world.image->version = 0x0206;
}

static void setup_was_not_left(void)
{
    world_stop(&world, BZC_STOP_HALT, "HLT");
    world.run.pm_entry = (struct bzc_hand_over){0};
}

static void kernel_was_not_reached(void)
{
    world_stop(&world, BZC_STOP_HALT, "HLT");
}

static void payload_is_of_an_unknown_kind(void)
{
    world_without_oracle(&world, BZC_ERR_UNSUPPORTED, "a payload of an unknown format");
}

static void payload_is_damaged(void)
{
    world_without_oracle(&world, BZC_ERR_FORMAT, "gzip payload: damaged");
}

static void payload_is_damaged_and_the_guest_halts(void)
{
    world_stop(&world, BZC_STOP_HALT, "HLT");
    payload_is_damaged();
}

static void payload_is_cut(void)
{
    world.image->file.size -= 0x1000;
    world.image->payload.size -= 0x1000;
    payload_is_damaged_and_the_guest_halts();
}

static void payload_is_too_long(void)
{
    world.image->payload_length += 0x100000;
    payload_is_damaged_and_the_guest_halts();
}

static void a20_stays_closed(void)
{
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
    world.run.pm_entry.a20_open = false;
}

static void a20_stays_closed_to_the_end(void)
{
    world.run.pm_entry.a20_open = world.run.entry.a20_open = false;
}

static void guest_writes_outside(void)
{
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
}

static void image_does_not_fit(void)
{
    setup_was_not_left();
    bzc_error_set(&world.run.plan_error, BZC_ERR_LIMIT, "no room");
}

static void payload_is_flat(void)
{
    world.oracle.kind = BZC_PAYLOAD_FLAT;
}

static void payload_was_searched_for(void)
{
    world.image->payload_source = BZC_PAYLOAD_SCANNED;
    world.oracle.end.declared_size = 7;
}

static void payload_has_no_size_word(void)
{
    world.image->compression = BZC_COMPRESSION_XZ; /* gzip ends in one by itself */
    world.oracle.end.declared_size = 0;
}

static void there_are_no_relocations(void)
{
    world.oracle.reloc_count = 0;
    world.run.comparison.virt_delta = 5; /* whatever it says */
}

static void there_is_no_vmlinux(void)
{
    world.facts.image.vmlinux.checked = false;
}

static void vmlinux_has_nothing_to_be_compared_with(void)
{
    payload_is_damaged();
    there_is_no_vmlinux();
}

static void vmlinux_is_of_another_build(void)
{
    world.facts.image.vmlinux.checked = world.facts.image.vmlinux.matches = false;
    strcpy(world.facts.image.vmlinux.problem, "another build ID");
}

static void there_is_no_initrd(void)
{
    world.run.plan.initrd_phys = 0;
}

static void setup_asks_for_no_map(void)
{
    world.run.asked_for_e820 = false;
    world.run.entry.boot_params[0x1e8] = 0;
}

static void pointer_is_lost(void)
{
    world.run.entry.boot_params_phys = 4;
}

static void pointer_leads_nowhere(void)
{
    world.run.pm_entry.boot_params_phys = world.run.entry.boot_params_phys = 0xc0000000;
    world.run.pm_entry.boot_params_in_ram = world.run.entry.boot_params_in_ram = false;
}

static void pointer_leads_to_something_else(void)
{
    memset(world.run.pm_entry.boot_params, 0xcc, BZC_BOOT_PARAMS_SIZE);
    memset(world.run.entry.boot_params, 0xcc, BZC_BOOT_PARAMS_SIZE);
}

static void segment_is_misplaced(void)
{
    world.run.comparison.segment[1].found_elsewhere = true;
    world.run.comparison.segment[1].differences = 99;
    world.run.comparison.segment[1].matches = false;
    world.run.comparison.bad_slots = 3;
}

static void loader_forgets_es(void)
{
    world_entry32(&world);
    world.run.pm_entry.regs.seg[BZC_ES] = (struct bzc_segment){0};
    world_stop(&world, BZC_STOP_OUTSIDE_MEMORY, "a write");
    world.run.stop.access = BZC_ACCESS_WRITE;
}

static void loader_is_not_believed_in_long_mode(void)
{
    world_entry64(&world);
    world.run.pm_entry.boot_params_in_ram = world.run.entry.boot_params_in_ram = false;
}

static void page_tables_are_in_the_way(void)
{
    world_entry64(&world);
    world_block(&world.run.plan, BZC_BLOCK_PAGE_TABLES, 0x1001000, NULL, 0x1000);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF");
}

static void boot_params_are_in_the_way(void)
{
    world_entry32(&world);
    world.run.plan.block[0].phys = WORLD_BASE;
    bzc_store32(world.run.entry.boot_params + 0x21c, 0);
}

static void initrd_is_in_the_way(void)
{
    world.run.plan.block[3].phys = WORLD_BASE;
    world.run.kept[1].changed = true;
}

static void initrd_is_in_the_way_of_a_guest_that_halts(void)
{
    initrd_is_in_the_way();
    world_stop(&world, BZC_STOP_HALT, "HLT");
}

static void setup_data_is_in_the_way(void)
{
    world.run.plan.block[4].phys = WORLD_BASE;
    world.run.kept[2].changed = true;
}

static void sentinel_is_set(void)
{
    world_entry32(&world);
    world.zero_page[0x1ef] = world.run.pm_entry.boot_params[0x1ef] = 0xff;
    world.zero_page[0x1000 - 1] = 0xff;
    bzc_store32(world.run.entry.boot_params + 0x1e8, 0); /* what the loader wrote is cleared with the rest */
}

static void sentinel_means_nothing_yet(void)
{
    sentinel_is_set();
    world.image->version = 0x020b; /* 3.7 */
}

static void rsdp_is_not_found(void)
{
    world_entry32(&world);
    bzc_store64(world.run.entry.boot_params + 0x70, 0);
}

static void loader_hands_over_no_map(void)
{
    world_entry32(&world);
    world.zero_page[0x1e8] = 0;
}

static void loaders_alignment_is_ignored(void)
{
    world_realigned(&world);
    world_move(&world, 0x1400000);
}

static void payload_elf_is_never_entered(void)
{
    world_payload_elf(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#GP");
    world.run.running.reached = false;
}

static void payload_elf_of_2_08(void)
{
    world_payload_elf(&world);
    world.image->version = 0x0208;
    world.image->pref_address = 0;
    world.image->init_size = 0;
}

static void initrd_lies_above_4_gib(void)
{
    world_entry64(&world);
    world.run.plan.block[3].phys = 0x100000000ull + WORLD_INITRD;
    bzc_store32(world.run.entry.boot_params + 0xc0, 1);
}

static void payload_elf(void)
{
    world_payload_elf(&world);
}

static void pvh(void)
{
    world_pvh(&world);
}

static void entry64(void)
{
    world_entry64(&world);
}

static void refused(void)
{
    world_refused(&world);
}

static void heap_lies_below_the_limit(void)
{
    world_refused(&world);
    world.run.load_addr = 0x37fff000;
    world.run.entry.reached = true;
}

static void there_is_no_screen(void)
{
    world_refused(&world);
    world.run.last_words[0] = '\0';
}

static void address_has_no_memory(void)
{
    world_refused(&world);
    bzc_error_set(&world.run.plan_error, BZC_ERR_LIMIT, "no room");
}

static void fixed_kernel_is_not_reached(void)
{
    world_fixed(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#GP");
}

static void fixed_kernel_is_not_known(void)
{
    world_fixed(&world);
    world_without_oracle(&world, BZC_ERR_UNSUPPORTED, "unknown");
}

static void elf_header_works_as_code(void)
{
    world_entry32(&world);
    memcpy(world.pm, "\177ELF", 4);
}

/* The header led to the decompressor, which then found a fault of its own. */
static void elf_header_works_and_the_payload_is_damaged(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_HALT, "HLT");
    memcpy(world.pm, "\177ELF", 4);
    strcpy(world.run.refusal, "Not a gzip file");
    payload_is_damaged();
}

static void elf_header_works_and_the_decompressor_dies(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF");
    memcpy(world.pm, "\177ELF", 4);
    world.run.stage[world.run.stage_count++].name = "decompressor (relocated)";
}

static void elf_header_works_and_the_decompressor_prints(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF");
    memcpy(world.pm, "\177ELF", 4);
    strcpy(world.run.last_words, "Decompressing Linux...");
}

static void elf_header_does_not_work(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#UD");
    memcpy(world.pm, "\177ELF", 4);
}

static void code32_start_is_wrong(void)
{
    guest_writes_outside();
    world.run.pm_entry.linear = world.run.pm_entry.phys = 0;
}

static void code32_start_is_wrong_for_a_loader(void)
{
    world_entry32(&world);
    code32_start_is_wrong();
}

static void setup_forgets_es(void)
{
    guest_writes_outside();
    world.run.pm_entry.regs.seg[BZC_ES] = (struct bzc_segment){0};
}

static void payload_elf_writes_outside(void)
{
    world_payload_elf(&world);
    world.run.running.reached = false;
    world.run.stop.reason = BZC_STOP_OUTSIDE_MEMORY;
    world.run.stop.access = BZC_ACCESS_WRITE;
}

static void payload_elf_prints_and_halts(void)
{
    world_payload_elf(&world);
    world.run.running.printed = true;
    world.run.stop.reason = BZC_STOP_HALT;
}

static void old_kernel_is_told_no_memory_size(void)
{
    world_entry32_of_2_04(&world);
    world_stop(&world, BZC_STOP_HALT, "HLT");
    bzc_store32(world.run.pm_entry.boot_params + 0x1e0, 0);
}

static void old_kernel_is_entered_in_long_mode(void)
{
    old_kernel_is_told_no_memory_size();
    world.run.plan.jump.mode = BZC_MODE_LONG;
}

static void old_kernel_dies_of_something_else(void)
{
    old_kernel_is_told_no_memory_size();
    world.run.stop.reason = BZC_STOP_TRIPLE_FAULT;
}

static void old_kernel_is_told_by_the_old_field(void)
{
    old_kernel_is_told_no_memory_size();
    bzc_store16(world.run.pm_entry.boot_params + 2, 3072);
}

static void old_kernel_is_small(void)
{
    old_kernel_is_told_no_memory_size();
    world.image->loadflags = 0;
    world.run.plan.pm_phys = 0x1000;
    bzc_store16(world.run.pm_entry.boot_params + 2, 1024);
}

static void entry32(void)
{
    world_entry32(&world);
}

/* Only a probe (EXPECT_FIXED) may do so, and that is not asked. */
static void own_loader_moves_a_fixed_kernel(void)
{
    world_entry32(&world);
    world_stop(&world, BZC_STOP_TRIPLE_FAULT, "#PF");
    world.image->relocatable = false;
    world.run.plan.pm_phys = world.run.plan.pm_entry_phys = 0x400000;
    world.run.pm_entry.phys = world.run.pm_entry.linear = 0x400000;
}

#define MISPLACED    "explained by MEM-008: the loader put boot_params into the kernel's memory"
#define WRONG_ENTRY  "explained by ENT-027: the 32-bit entry does not lie in the protected-mode part"
#define NOT_USUAL    "this run is not to reach the kernel as usual"
#define BY_PVH       "the kernel is entered by PVH"
#define NOT_LINUX    "the image is not a Linux kernel"
#define TOO_OLD      "the image's protocol version does not promise it"
#define NO_ENTRY     "the run did not reach the kernel"
#define NO_HAND_OVER "the run did not reach the 32-bit entry"
#define NO_PAYLOAD   "the payload could not be unpacked"
#define NO_POINTER   "explained by ENT-005: there is no boot_params pointer"
#define NO_HEADER    "explained by ENT-022: no boot_params are handed over"
#define NOTHING      "there is no unpacked payload to compare with"
#define SKIP         BZC_OUTCOME_SKIP
#define UNKNOWN      BZC_OUTCOME_UNKNOWN
#define PASS         BZC_OUTCOME_PASS
#define FAIL         BZC_OUTCOME_FAIL

static const struct silence {
    const char *rule;
    void (*change)(void);
    enum bzc_outcome outcome;
    const char *message;
} silences[] = {
    /* what is asked of an image that is not Linux: that it is whole, and its hand-over */
    {"PAY-001", not_linux, SKIP, NOT_LINUX},
    {"RUN-001", not_linux, SKIP, NOT_LINUX},
    {"ENT-001", not_linux, SKIP, NOT_LINUX},
    {"ENT-022", not_linux, SKIP, NOT_LINUX},
    {"ENT-024", not_linux, SKIP, NOT_LINUX},
    {"BPR-001", not_linux, SKIP, NOT_LINUX},
    {"HDR-001", not_linux, PASS, ""},
    {"ENT-020", not_linux, PASS, ""},
    {"ENT-021", not_linux, SKIP, "the image is not a Linux kernel"},
    {"ENT-023", not_linux, PASS, ""},
    {"MEM-004", not_linux, PASS, ""},
    /* generations: ESI since 2.02, all segments and registers since setup is written in C */
    {"ENT-005", protocol_2_01, SKIP, TOO_OLD},
    {"ENT-022", protocol_2_01, SKIP, TOO_OLD},
    {"ENT-005", protocol_2_06, PASS, ""},
    {"ENT-022", protocol_2_06, PASS, ""},
    {"ENT-025", protocol_2_06, SKIP, TOO_OLD},
    {"ENT-026", protocol_2_06, SKIP, TOO_OLD},
    {"ENT-020", protocol_2_01, PASS, ""},
    {"ENT-021", protocol_2_01, PASS, ""},
    {"ENT-023", protocol_2_01, PASS, ""},
    /* how far the run came */
    {"ENT-020", setup_was_not_left, SKIP, NO_HAND_OVER},
    {"ENT-026", setup_was_not_left, SKIP, NO_HAND_OVER},
    {"ENT-004", kernel_was_not_reached, SKIP, NO_ENTRY},
    {"MEM-001", kernel_was_not_reached, SKIP, NO_ENTRY},
    {"MEM-005", kernel_was_not_reached, SKIP, NO_ENTRY},
    {"ENT-020", kernel_was_not_reached, PASS, ""},
    {"MEM-004", kernel_was_not_reached, PASS, ""},
    /* the payload */
    {"PAY-002", payload_is_of_an_unknown_kind, UNKNOWN, "a payload of an unknown format"},
    {"PAY-003", payload_is_damaged, SKIP, NO_PAYLOAD},
    {"ELF-001", payload_is_damaged, SKIP, NO_PAYLOAD},
    {"REL-001", payload_is_damaged, SKIP, NO_PAYLOAD},
    {"ENT-001", payload_is_damaged, SKIP, NOTHING},
    {"REL-003", payload_is_damaged, SKIP, NOTHING},
    {"RUN-001", payload_is_damaged, PASS, ""},
    {"RUN-001", payload_is_damaged_and_the_guest_halts, SKIP, "explained by PAY-002: the payload is damaged"},
    {"HDR-001", payload_is_cut, FAIL, "the file ends before the end that its header declares"},
    {"PAY-001", payload_is_cut, SKIP, "explained by HDR-001: the file ends too early"},
    {"PAY-002", payload_is_cut, SKIP, "explained by HDR-001: the payload is not complete"},
    {"RUN-001", payload_is_cut, SKIP, "explained by HDR-001: the file ends too early"},
    {"HDR-001", payload_is_too_long, PASS, ""},
    {"PAY-001", payload_is_too_long, FAIL, "the payload runs past the end of the image"},
    {"PAY-002", payload_is_too_long, SKIP, "explained by PAY-001: the payload is not complete"},
    {"RUN-001", payload_is_too_long, SKIP, "explained by PAY-001: the payload is not complete"},
    {"ELF-001", payload_is_flat, SKIP, "the payload is a flat memory image, as before protocol 2.08"},
    {"PAY-003", payload_was_searched_for, SKIP, "the header does not say where the payload ends"},
    {"PAY-003", payload_has_no_size_word, SKIP, "explained by PAY-006: the payload has no size word"},
    {"PAY-004", there_is_no_vmlinux, SKIP, "no --vmlinux given"},
    {"PAY-004", vmlinux_has_nothing_to_be_compared_with, SKIP, NO_PAYLOAD},
    {"PAY-004", vmlinux_is_of_another_build, UNKNOWN, "another build ID"},
    {"REL-001", there_are_no_relocations, SKIP, "the payload has no relocation table"},
    {"REL-002", there_are_no_relocations, SKIP, "the payload has no relocation table"},
    {"REL-004", there_are_no_relocations, SKIP, "the payload has no relocation table"},
    {"REL-003", there_are_no_relocations, PASS, ""},
    /* what another rule explains */
    {"ENT-024", a20_stays_closed, FAIL, "A20 is closed: every odd megabyte is another's shadow"},
    {"RUN-001", a20_stays_closed, SKIP, "explained by ENT-024: A20 is closed when protected mode begins"},
    {"MEM-004", a20_stays_closed, SKIP, "explained by ENT-024: with A20 closed control goes astray"},
    {"ENT-007", a20_stays_closed_to_the_end, SKIP, "explained by ENT-024: A20 is closed at the 32-bit entry"},
    {"MEM-004", guest_writes_outside, FAIL, "the guest writes outside RAM, in decompressor"},
    {"RUN-001", guest_writes_outside, SKIP, "explained by MEM-004: the run ended with a write outside RAM"},
    {"REL-002", segment_is_misplaced, SKIP, "explained by MEM-005: segment 2 is not in its place"},
    {"ENT-005", pointer_is_lost, FAIL, "RSI does not hold the boot_params pointer that setup handed over"},
    {"BPR-001", pointer_is_lost, SKIP, NO_POINTER},
    {"BPR-002", pointer_is_lost, SKIP, NO_POINTER},
    {"BPR-003", pointer_is_lost, SKIP, NO_POINTER},
    {"MEM-003", pointer_is_lost, SKIP, NO_POINTER},
    {"ENT-022", pointer_leads_nowhere, FAIL, "ESI does not point to boot_params: no setup header is there"},
    {"ENT-005", pointer_leads_nowhere, PASS, ""},
    {"BPR-001", pointer_leads_nowhere, SKIP, NO_HEADER},
    {"BPR-002", pointer_leads_to_something_else, SKIP, NO_HEADER},
    {"BPR-003", pointer_leads_to_something_else, SKIP, NO_HEADER},
    /* the rest */
    {"RUN-001", image_does_not_fit, UNKNOWN, "not started: no room"},
    {"MEM-002", there_is_no_initrd, SKIP, "no initrd was loaded"},
    /* loaders that bypass setup, and their faults */
    {"ENT-025", loader_forgets_es, FAIL, "es is not a flat 4 GiB segment"},
    {"RUN-001", loader_forgets_es, SKIP, "explained by ENT-025: the loader's hand-over is wrong"},
    {"MEM-004", loader_forgets_es, SKIP, "explained by ENT-025: the loader's hand-over is wrong"},
    {"ENT-020", entry64, SKIP, "the run does not use the 32-bit entry"},
    {"ENT-030", payload_elf, SKIP, "the run does not use a 64-bit entry"},
    {"ENT-035", loader_is_not_believed_in_long_mode, FAIL,
     "RSI does not point to boot_params: no setup header is there"},
    {"BPR-001", loader_is_not_believed_in_long_mode, SKIP, "explained by ENT-035: no boot_params are handed over"},
    {"BPR-007", loader_is_not_believed_in_long_mode, SKIP, "explained by ENT-035: there is no boot_params pointer"},
    {"MEM-008", page_tables_are_in_the_way, FAIL, "the loader puts the page tables where the kernel unpacks itself"},
    {"RUN-001", page_tables_are_in_the_way, SKIP, "explained by MEM-008: the loader put something into the way"},
    {"MEM-003", boot_params_are_in_the_way, SKIP, MISPLACED},
    {"BPR-001", boot_params_are_in_the_way, SKIP, MISPLACED},
    {"BPR-005", boot_params_are_in_the_way, SKIP, MISPLACED},
    {"MEM-002", initrd_is_in_the_way, SKIP,
     "explained by MEM-008: the loader put the initrd into the way of something else"},
    {"RUN-001", initrd_is_in_the_way_of_a_guest_that_halts, FAIL,
     "the kernel is not reached: halt in decompressor (HLT)"},
    {"MEM-006", setup_data_is_in_the_way, SKIP,
     "explained by MEM-008: the loader put the setup_data into the way of something else"},
    {"BPR-005", sentinel_is_set, SKIP, "explained by BPR-004: e820_entries was cleared because the sentinel is set"},
    {"BPR-007", sentinel_is_set, SKIP, "explained by BPR-004: the loader did not clear boot_params"},
    {"BPR-004", sentinel_means_nothing_yet, SKIP, TOO_OLD},
    {"BPR-005", rsdp_is_not_found, PASS, ""},
    {"BPR-001", loader_hands_over_no_map, SKIP, "the loader hands over no e820 map"},
    {"BPR-004", not_linux, SKIP, NOT_LINUX},
    {"BPR-004", payload_elf, PASS, ""},
    {"ENT-028", elf_header_works_as_code, PASS, ""},
    {"ENT-028", elf_header_works_and_the_payload_is_damaged, PASS, ""},
    {"RUN-001", elf_header_works_and_the_payload_is_damaged, SKIP, "explained by PAY-002: the payload is damaged"},
    {"ENT-028", elf_header_works_and_the_decompressor_dies, PASS, ""},
    {"RUN-001", elf_header_works_and_the_decompressor_dies, FAIL,
     "the kernel is not reached: triple-fault in decompressor (relocated) (#PF)"},
    {"ENT-028", elf_header_works_and_the_decompressor_prints, PASS, ""},
    {"RUN-001", elf_header_does_not_work, SKIP, "explained by ENT-028: the 32-bit entry is an ELF header"},
    {"ENT-027", code32_start_is_wrong, FAIL, "the 32-bit entry does not lie in the protected-mode part"},
    {"RUN-001", code32_start_is_wrong, SKIP, WRONG_ENTRY},
    {"MEM-004", code32_start_is_wrong, SKIP, WRONG_ENTRY},
    {"RUN-001", code32_start_is_wrong_for_a_loader, SKIP, WRONG_ENTRY},
    {"MEM-004", code32_start_is_wrong_for_a_loader, SKIP, WRONG_ENTRY},
    {"MEM-004", setup_forgets_es, FAIL, "the guest writes outside RAM, in decompressor"},
    {"BPR-009", old_kernel_is_told_no_memory_size, FAIL,
     "the loader does not tell an old kernel how much memory there is"},
    {"RUN-001", old_kernel_is_told_no_memory_size, SKIP,
     "explained by BPR-009: the kernel is not told how much memory there is"},
    {"BPR-009", old_kernel_is_entered_in_long_mode, SKIP,
     "explained by ENT-030: the image promises no code for this mode"},
    {"RUN-001", old_kernel_dies_of_something_else, FAIL,
     "the kernel is not reached: triple-fault in decompressor (HLT)"},
    {"BPR-009", old_kernel_is_told_by_the_old_field, PASS, ""},
    {"BPR-009", old_kernel_is_small, PASS, ""},
    {"BPR-009", entry32, SKIP, "since protocol 2.05 the e820 map alone counts"},
    {"RUN-002", payload_elf_writes_outside, SKIP, "explained by MEM-004: the run ended with a write outside RAM"},
    {"RUN-002", payload_elf_prints_and_halts, PASS, ""},
    {"MEM-009", own_loader_moves_a_fixed_kernel, FAIL, "the loader moves a kernel that is not relocatable"},
    {"RUN-001", own_loader_moves_a_fixed_kernel, SKIP,
     "explained by MEM-009: the loader moved a kernel that is not relocatable"},
    {"RUN-002", payload_elf_is_never_entered, SKIP, "explained by RUN-001: the kernel is not reached"},
    {"ENT-001", payload_elf, PASS, ""},
    {"REL-003", payload_elf_of_2_08, PASS, ""},
    {"BPR-006", initrd_lies_above_4_gib, PASS, ""},
    {"ENT-001", pvh, SKIP, BY_PVH},
    {"ENT-002", pvh, SKIP, BY_PVH},
    {"ENT-003", pvh, SKIP, BY_PVH},
    {"ENT-004", pvh, SKIP, BY_PVH},
    {"ENT-005", pvh, SKIP, BY_PVH},
    {"ENT-006", pvh, SKIP, BY_PVH},
    {"ENT-007", pvh, PASS, ""},
    {"ENT-040", payload_elf, SKIP, "the run does not use the PVH entry"},
    {"BPR-001", pvh, SKIP, "the kernel is entered by PVH, without boot_params"},
    {"BPR-004", pvh, SKIP, BY_PVH},
    /* probes of relocation */
    {"REL-003", loaders_alignment_is_ignored, SKIP,
     "explained by REL-007: the loader's kernel_alignment is not obeyed"},
    {"RUN-001", refused, SKIP, NOT_USUAL},
    {"ENT-024", refused, SKIP, NOT_USUAL},
    {"REL-009", refused, SKIP, NOT_USUAL},
    {"REL-008", heap_lies_below_the_limit, SKIP,
     "the image accepts the address: its heap still lies below its limit 0x37ffffff"},
    {"REL-008", there_is_no_screen, SKIP, "the image halts, but it found no screen and no serial line to say why"},
    {"REL-008", address_has_no_memory, UNKNOWN, "not started: no room"},
    {"REL-009", fixed_kernel_is_not_reached, PASS, ""},
    {"REL-009", fixed_kernel_is_not_known, SKIP,
     "there is no unpacked payload that says where the kernel is linked to"},
    {"BPR-001", setup_asks_for_no_map, SKIP, "setup never asked the BIOS for an e820 map"},
};

static void rules_are_silent_where_they_have_nothing_to_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
        const struct silence *silence = &silences[i];
        struct bzc_findings findings;
        bool found = false;

        world_init(&world, 64);
        silence->change();
        run_catalogue(&findings);
        for (size_t k = 0; k < findings.count; k++) {
            const struct bzc_finding *finding = &findings.item[k];

            if (strcmp(finding->rule->id, silence->rule) != 0)
                continue;
            found = true;
            if (finding->outcome != silence->outcome || strcmp(finding->message, silence->message) != 0)
                fail_msg("row %zu: %s is %s: %s", i, silence->rule, bzc_outcome_name(finding->outcome),
                         finding->message);
        }
        assert_true(found);
        bzc_findings_free(&findings);
    }
}

/* Every "explained by XXX-NNN" must name a rule that exists and fails. */
static void explanations_name_rules_that_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
        struct bzc_findings findings;

        world_init(&world, 64);
        silences[i].change();
        run_catalogue(&findings);
        for (size_t k = 0; k < findings.count; k++) {
            static const char prefix[] = "explained by ";
            const char *message = findings.item[k].message;
            bool fails = false;
            char id[8] = "";

            if (strncmp(message, prefix, sizeof(prefix) - 1) != 0)
                continue;
            memcpy(id, message + sizeof(prefix) - 1, 7);
            for (size_t other = 0; other < findings.count; other++) {
                if (strcmp(findings.item[other].rule->id, id) != 0)
                    continue;
                fails = fails || findings.item[other].outcome == BZC_OUTCOME_FAIL;
            }
            if (!fails)
                fail_msg("row %zu: %s is said to be explained by %s", i, findings.item[k].rule->id, id);
        }
        bzc_findings_free(&findings);
    }
}

/* ---- what is right, too ---- */

static void assert_no_failure(void)
{
    struct bzc_findings findings;

    run_catalogue(&findings);
    for (size_t k = 0; k < findings.count; k++)
        if (findings.item[k].outcome == BZC_OUTCOME_FAIL || findings.item[k].outcome == BZC_OUTCOME_UNKNOWN)
            fail_msg("%s: %s", findings.item[k].rule->id, findings.item[k].message);
    bzc_findings_free(&findings);
}

static void move_kernel(uint64_t base, int64_t delta)
{
    world.run.kaslr = true;
    world.run.comparison.base = base;
    world.run.comparison.virt_delta = delta;
    world.run.entry.phys = world.run.entry.linear = base + WORLD_ENTRY;
}

static void moved_kernels_are_right(void **state)
{
    (void)state;
    world_init(&world, 64);
    move_kernel(0x1fe00000, 0x3ee00000); /* the last places: the end of RAM is 0x20000000, the mapping's is 1 GiB */
    assert_no_failure();
    world.oracle.span = 0x200000; /* up to the last byte of both */
    assert_no_failure();
    world_init(&world, 64);
    move_kernel(0x200000, 0); /* physical and virtual place are independent */
    assert_no_failure();
    world_init(&world, 32);
    move_kernel(0x1fc00000, 0x1ec00000);
    assert_no_failure();
}

/* ---- the loader's fields in the report ---- */

static struct bzc_bytes view_of_nothing(void *context, uint64_t phys, uint64_t size)
{
    (void)context;
    (void)phys;
    (void)size;
    return (struct bzc_bytes){NULL, 0};
}

static bool loaders_fields_are_kept(void)
{
    const struct bzc_guest_view guest = {.view = view_of_nothing};

    world.run.kept_count = 0;
    bzc_kept_compare(&guest, &world.run);
    assert_int_equal(world.run.kept_count, 1);
    assert_int_equal(world.run.kept[0].role, BZC_BLOCK_BOOT_PARAMS);
    return !world.run.kept[0].changed;
}

static void report_and_rules_agree_on_what_may_change(void **state)
{
    (void)state;
    world_init(&world, 32);
    world_entry32(&world); /* the cursor has moved */
    assert_true(loaders_fields_are_kept());
    bzc_store64(world.run.entry.boot_params + 0x70, 0); /* acpi_rsdp_addr: a decompressor without ACPI found none */
    assert_true(loaders_fields_are_kept());
    bzc_store64(world.run.entry.boot_params + 0x70, 0xe0000);
    assert_false(loaders_fields_are_kept());
    assert_int_equal(world.run.kept[0].first_difference, WORLD_BOOT_PARAMS + 0x71);
    assert_int_equal(world.run.kept[0].expected, 0x5b); /* WORLD_RSDP is 0xf5b00 */
    assert_int_equal(world.run.kept[0].actual, 0x00);
}

static void old_kernels_are_not_accused(void **state)
{
    (void)state;
    /* 2.01: EBX and DS as the old assembly left them, the command line by its offset to 0x90000, no pointer in ESI */
    world_init(&world, 32);
    world.image->version = 0x0201;
    world.image->relocatable = false;
    world.image->pref_address = 0;
    world.oracle.link_base = 0x100000;
    world.oracle.reloc_count = 0;
    move_kernel(0x100000, 0);
    world.run.kaslr = false;
    world.run.pm_entry.regs.gpr[BZC_RBX] = 0x9000;
    world.run.pm_entry.regs.seg[BZC_SS] = (struct bzc_segment){0x9000, 0x93, 0xffff, 0x90000};
    world.run.pm_entry.regs.gpr[BZC_RSI] = 0x9000;
    world.run.plan.cmdline_phys = 0x98000;
    bzc_store16(world.run.entry.boot_params + 0x20, 0xa33f);
    bzc_store16(world.run.entry.boot_params + 0x22, 0x8000);
    assert_no_failure();
    /* a setup of that time may have turned it into the pointer of today */
    bzc_store16(world.run.entry.boot_params + 0x20, 0);
    bzc_store32(world.run.entry.boot_params + 0x228, 0x98000);
    assert_no_failure();
}

/* Linux 3.6.2 for i386 keeps to the letter of boot.rst: at the load address, aligned, also below pref_address. */
static void old_kernels_run_where_they_are_loaded(void **state)
{
    (void)state;
    world_init(&world, 32);
    world.image->kernel_alignment = 0x400000;
    world.run.plan.kernel_alignment = 0x400000;
    world.run.load_addr = 0x700001;
    move_kernel(0x800000, 0x800000 - (int64_t)world.oracle.link_base);
    world.run.kaslr = false;
    assert_no_failure();
    /* In the ELF-wrapped layout the decompressor does not begin at the load address. */
    world.image->entry_shift = 0x201000;
    world.run.load_addr = 0x200000;
    assert_no_failure();
}

/* The magic number of the old command line counts for kernels that know no pointer. */
static void stale_magic_number_does_not_count(void **state)
{
    (void)state;
    world_init(&world, 64);
    bzc_store16(world.run.entry.boot_params + 0x20, 0xa33f);
    bzc_store16(world.run.entry.boot_params + 0x22, 0x7000);
    assert_no_failure();
}

static void old_e820_tables_end_after_32_entries(void **state)
{
    (void)state;
    world_init(&world, 64);
    world.map.count = 40;
    for (size_t i = 4; i < 40; i++)
        world.map.range[i] = (struct bzc_memory_range){0x100000000ull + i * 0x1000, 0x1000, 2};
    world.run.map = world.map;
    world_boot_params(&world, &world.run.pm_entry);
    world_boot_params(&world, &world.run.entry);
    assert_no_failure();
    world.run.entry.boot_params[0x1e8] = 32;
    world.image->version = 0x0203; /* 2.6.14, with 2.04, took up to 128 */
    assert_no_failure();
}

/* The 15 bytes that rounding up syssize may add need not be in the file. */
static void last_paragraph_may_be_incomplete(void **state)
{
    uint64_t missing = 99;

    (void)state;
    world_init(&world, 64);
    world.image->file.size -= 15;
    assert_false(bzc_image_is_cut(world.image, &missing));
    assert_int_equal(missing, 0);
    assert_no_failure();
    world.image->file.size -= 1;
    assert_true(bzc_image_is_cut(world.image, &missing));
    assert_int_equal(missing, 1);
}

/*
 * boot.rst, init_size: runtime_start = align_up(load_address, kernel_alignment) when relocatable, else pref_address.
 * head_64.S and head_32.S: not below LOAD_PHYSICAL_ADDR, which is pref_address. All values by hand.
 */
static void runtime_start_is_as_boot_rst_says(void **state)
{
    static const struct {
        bool relocatable;
        uint64_t pref_address, alignment, load_addr;
        uint64_t link_base; /* of the unpacked kernel, 0: there is none */
        uint64_t expected;  /* 0: nothing determines it */
    } cases[] = {
        {true, 0x1000000, 0x200000, 0x100000, 0, 0x1000000},
        {true, 0x1000000, 0x200000, 0x1000000, 0, 0x1000000},
        {true, 0x1000000, 0x200000, 0x1000001, 0, 0x1200000},
        {true, 0x1000000, 0x200000, 0x11fffff, 0, 0x1200000},
        {true, 0x1000000, 0x200000, 0x3000000, 0x1000000, 0x3000000},
        {true, 0x1000000, 0x1000000, 0x3000010, 0, 0x4000000},
        {true, 0x100000, 0x2000000, 0x100000, 0, 0x2000000},
        {true, 0, 0x100000, 0x100000, 0, 0x100000}, /* 2.05 to 2.09 have no pref_address */
        {true, 0, 0x400000, 0x100000, 0, 0x400000},
        {true, 0x1000000, 0, 0x100000, 0, 0},
        {true, 0x1000000, 0x300000, 0x100000, 0x1000000, 0},
        {false, 0x400000, 0x200000, 0x3000000, 0, 0x400000},
        {false, 0x400000, 0, 0x100000, 0x400000, 0x400000},
        {false, 0, 0, 0x100000, 0x100000, 0x100000}, /* before 2.10 only the kernel itself says where it is linked */
        {false, 0, 0, 0x100000, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_run_facts *run = &world.run;
        const struct bzc_image image = {.relocatable = cases[i].relocatable,
                                        .pref_address = cases[i].pref_address,
                                        .kernel_alignment = (uint32_t)cases[i].alignment};
        uint64_t start = 0;
        bool known;

        world.oracle.link_base = cases[i].link_base;
        run->load_addr = cases[i].load_addr;
        run->plan.kernel_alignment = cases[i].alignment;
        known = bzc_runtime_start(&image, cases[i].link_base ? &world.oracle : NULL, run, &start);
        if (known != (cases[i].expected != 0) || (known && start != cases[i].expected))
            fail_msg("case %zu: 0x%llx", i, (unsigned long long)start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_well_formed_and_families_sorted),
        cmocka_unit_test(ids_and_names_are_unique_and_found),
        cmocka_unit_test(findings_come_image_first_and_then_run_by_run),
        cmocka_unit_test(rules_are_silent_where_they_have_nothing_to_say),
        cmocka_unit_test(explanations_name_rules_that_fail),
        cmocka_unit_test(moved_kernels_are_right),
        cmocka_unit_test(report_and_rules_agree_on_what_may_change),
        cmocka_unit_test(old_kernels_are_not_accused),
        cmocka_unit_test(old_kernels_run_where_they_are_loaded),
        cmocka_unit_test(stale_magic_number_does_not_count),
        cmocka_unit_test(old_e820_tables_end_after_32_entries),
        cmocka_unit_test(last_paragraph_may_be_incomplete),
        cmocka_unit_test(runtime_start_is_as_boot_rst_says),
    };

    world_policy(&policy);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
