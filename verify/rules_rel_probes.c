/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the load addresses that probe relocation: verify/relocation.c chooses them. */
#include <inttypes.h>
#include <string.h>

#include "verify/relocation.h"
#include "verify/rules.h"

#define SPEC_CHECK "arch/x86/boot/compressed/misc.c, extract_kernel and error"
#define LAST_LINE  "-- System halted"
#define REFUSAL    "Destination address too large"
#define EXPECTED   "\"" REFUSAL "\", then \"" LAST_LINE "\""

static void check_alignment(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    uint64_t wanted = run->plan.kernel_alignment, built = facts->image.kernel_alignment, runtime_start;
    uint64_t base = run->comparison.base;

    if (!facts->image.relocatable || wanted == 0 || wanted == built || run->kaslr) {
        bzc_skip(verdict, run->kaslr ? "KASLR chooses the place" : "the loader left kernel_alignment as it is");
        return;
    }
    if (!bzc_runtime_start(&facts->image, facts->oracle, run, &runtime_start)) {
        bzc_skip(verdict, "the header does not tell where the kernel runs");
        return;
    }
    if (base == runtime_start)
        return;
    bzc_fail(verdict, "the kernel does not keep to the kernel_alignment that the loader wrote");
    bzc_where(verdict, "physical base, loaded at 0x%" PRIx64, run->load_addr);
    bzc_expected(verdict, "0x%" PRIx64 ", aligned to 0x%" PRIx64, runtime_start, wanted);
    bzc_actual(verdict, "0x%" PRIx64 " (the image says 0x%" PRIx64 ")", base, built);
}

static bool not_started(const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    if (run->plan_error.status == BZC_OK)
        return false;
    bzc_unknown(verdict, "not started: %s", run->plan_error.message);
    return true;
}

/* The last line that the guest printed, without what is before. */
static const char *last_line(const char *words)
{
    const char *end = strrchr(words, '\n');

    return end ? end + 1 : words;
}

static void check_refusal(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    uint64_t limit = 0;
    bool known = bzc_relocation_limit(facts, &limit);

    if (not_started(run, verdict))
        return;
    if (run->entry.reached && (!known || run->load_addr <= limit)) {
        bzc_skip(verdict, "the image accepts the address: its heap still lies below its limit 0x%" PRIx64, limit);
    } else if (run->entry.reached) {
        bzc_fail(verdict, "the image accepts a load address that its own check must refuse");
        bzc_where(verdict, "load address 0x%" PRIx64, run->load_addr);
        bzc_expected(verdict, "%s", EXPECTED);
        bzc_actual(verdict, "the kernel is entered at 0x%" PRIx64, run->entry.phys);
    } else if (run->stop.reason == BZC_STOP_HALT && run->last_words[0] == '\0') {
        bzc_skip(verdict, "the image halts, but it found no screen and no serial line to say why");
    } else if (run->stop.reason != BZC_STOP_HALT || !strstr(run->last_words, LAST_LINE)) {
        bzc_fail(verdict, "the image does not refuse the address, but dies of it: %s", bzc_stop_name(run->stop.reason));
        bzc_where(verdict, "0x%" PRIx64 ", load address 0x%" PRIx64,
                  run->stop.phys_known ? run->stop.phys : run->stop.linear, run->load_addr);
        bzc_expected(verdict, "%s", EXPECTED);
        bzc_actual(verdict, "last line \"%.80s\"", last_line(run->last_words));
    } else if (strcmp(run->refusal, REFUSAL) != 0) {
        bzc_fail(verdict, "the image halts, but not because of its address");
        bzc_where(verdict, "0x%" PRIx64 ", load address 0x%" PRIx64,
                  run->stop.phys_known ? run->stop.phys : run->stop.linear, run->load_addr);
        bzc_expected(verdict, "%s", EXPECTED);
        bzc_actual(verdict, "the message \"%.80s\"", run->refusal);
    }
}

static void check_fixed(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    if (not_started(run, verdict))
        return;
    if (!run->entry.reached)
        return; /* it cannot run elsewhere: what its header says */
    if (!run->compared || facts->oracle->link_base == 0) {
        bzc_skip(verdict, "there is no unpacked payload that says where the kernel is linked to");
        return;
    }
    if (run->comparison.base == facts->oracle->link_base)
        return;
    bzc_fail(verdict, "the kernel moves with its load address, but says that it is not relocatable");
    bzc_where(verdict, "relocatable_kernel; loaded at 0x%" PRIx64, run->load_addr);
    bzc_expected(verdict, "physical base 0x%" PRIx64, facts->oracle->link_base);
    bzc_actual(verdict, "physical base 0x%" PRIx64, run->comparison.base);
}

static const struct bzc_rule rules[] = {
    {
        .id = "REL-007",
        .name = "loader-alignment",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a kernel_alignment that the loader wrote is the one that counts",
        .spec = "boot.rst, Details of Header Fields: kernel_alignment, min_alignment",
        .phase = BZC_PHASE_MEMORY,
        .since = 0x020a,
        .needs = BZC_NEEDS_LINUX,
        .check = check_alignment,
    },
    {
        .id = "REL-008",
        .name = "address-refused",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a load address beyond the image's own limit ends in its own message",
        .spec = SPEC_CHECK,
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .asks = 1u << BZC_EXPECT_REFUSAL,
        .check = check_refusal,
    },
    {
        .id = "REL-009",
        .name = "not-relocatable",
        .severity = BZC_SEVERITY_WARNING,
        .title = "a kernel that is not relocatable does not move with its load address",
        .spec = "boot.rst, Details of Header Fields: relocatable_kernel",
        .phase = BZC_PHASE_RUN,
        .needs = BZC_NEEDS_LINUX,
        .asks = 1u << BZC_EXPECT_FIXED,
        .check = check_fixed,
    },
};

const struct bzc_rule_family bzc_rules_rel_probes = {rules, sizeof(rules) / sizeof(rules[0])};
