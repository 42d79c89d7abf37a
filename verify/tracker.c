/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/tracker.h"

#include <string.h>

#include "verify/rules.h"

#define STAGE_LOADER       "loader"
#define STAGE_SETUP        "setup"
#define STAGE_DECOMPRESSOR "decompressor"
#define STAGE_RELOCATED    "decompressor (relocated)"
#define STAGE_KERNEL       "kernel"
#define STAGE_RUNNING      "kernel (virtual)"
#define STAGE_UNKNOWN      "unknown code"

#define OLD_RUNTIME_START 0x100000u /* where kernels run whose header does not say */
#define REALMODE_SEGMENT  0x10000u
#define KNOWN_WINDOW      16u /* bytes that must agree where a part of the image is already known to lie */
#define SEARCH_WINDOW     48u /* bytes that identify a part of the image that was copied elsewhere */
#define IDENTITY_STEP     (2ull << 20)
#define GOOD_FIT          50u /* percent: more than chance, less than a kernel with one segment missing */

static struct bzc_bytes machine_view(void *context, uint64_t phys, uint64_t size)
{
    return bzc_machine_view(context, phys, size);
}

struct bzc_guest_view bzc_machine_guest_view(struct bzc_machine *machine)
{
    return (struct bzc_guest_view){machine, machine_view};
}

/* When the table is full the newest region makes place: what was copied last is what runs. */
static void add_region(struct bzc_tracker *tracker, const char *name, uint64_t phys, struct bzc_bytes bytes)
{
    if (tracker->region_count == BZC_REGIONS_MAX)
        tracker->region_count--;
    tracker->region[tracker->region_count++] = (struct bzc_region){name, phys, bytes};
}

static void enter_stage(struct bzc_tracker *tracker, const char *name, const struct bzc_fetch *fetch)
{
    struct bzc_run_facts *facts = tracker->facts;

    if (tracker->stage_name && strcmp(tracker->stage_name, name) == 0)
        return;
    tracker->stage_name = name;
    if (facts->stage_count < BZC_STAGES_MAX)
        facts->stage[facts->stage_count++] = (struct bzc_stage){
            .name = name, .phys = fetch->phys, .linear = fetch->linear, .mode = bzc_regs_mode(fetch->regs)};
}

static bool holds_header(const struct bzc_machine *machine, uint64_t phys)
{
    uint8_t page[BZC_BOOT_PARAMS_SIZE];
    uint64_t magic = 0;

    return bzc_machine_read(machine, phys, page, sizeof(page)) &&
           bzc_field_read((struct bzc_bytes){page, sizeof(page)}, 0x0200, BZC_FIELD_HEADER, &magic) &&
           magic == BZC_HEADER_MAGIC;
}

/* Where boot_params are: where ESI or RSI says; before 2.02, when nothing is there, at their fixed place. */
static uint64_t boot_params_pointer(const struct bzc_image *image, const struct bzc_machine *machine,
                                    const struct bzc_regs *regs)
{
    uint64_t pointer = bzc_regs_mode(regs) == BZC_MODE_LONG ? regs->gpr[BZC_RSI] : regs->gpr[BZC_RSI] & 0xffffffffu;

    if (image->version < BZC_SINCE_BOOT_PARAMS_POINTER && !holds_header(machine, pointer))
        return BZC_OLD_BOOT_PARAMS_PHYS;
    return pointer;
}

static void record_hand_over(const struct bzc_tracker *tracker, struct bzc_hand_over *at, struct bzc_machine *machine,
                             const struct bzc_fetch *fetch)
{
    at->reached = true;
    at->regs = *fetch->regs;
    at->linear = fetch->linear;
    at->phys = fetch->phys;
    at->a20_open = bzc_machine_a20(machine);
    at->boot_params_phys = boot_params_pointer(tracker->image, machine, fetch->regs);
    at->boot_params_in_ram = bzc_machine_read(machine, at->boot_params_phys, at->boot_params, sizeof(at->boot_params));
}

/* ---- the loader's identity mapping ---- */

/* The first page of [start, end) that is not mapped to itself. */
static bool check_mapped(struct bzc_machine *machine, const char *what, uint64_t start, uint64_t end,
                         struct bzc_identity *identity)
{
    for (uint64_t linear = start; linear < end; linear = (linear & ~(IDENTITY_STEP - 1)) + IDENTITY_STEP) {
        uint64_t last = (linear & ~(IDENTITY_STEP - 1)) + IDENTITY_STEP - 1, at[2] = {linear, 0}, phys = 0;

        at[1] = last < end ? last : end - 1;
        for (unsigned i = 0; i < 2; i++) {
            bool mapped = bzc_machine_lookup(machine, at[i], &phys);

            if (mapped && phys == at[i])
                continue;
            *identity =
                (struct bzc_identity){.broken = true, .mapped = mapped, .linear = at[i], .phys = phys, .what = what};
            return false;
        }
    }
    return true;
}

/* boot.rst, "64-bit Boot Protocol": what a loader has to map. */
static void check_loader_identity(struct bzc_tracker *tracker, struct bzc_machine *machine)
{
    struct bzc_run_facts *facts = tracker->facts;
    const struct bzc_plan *plan = &facts->plan;
    const struct bzc_image *image = tracker->image;
    const struct bzc_block *cmdline = bzc_plan_block(plan, BZC_BLOCK_CMDLINE);
    uint64_t start = plan->pm_phys, size = image->init_size ? image->init_size : image->pm.size;

    bzc_image_runtime_start(image, plan->pm_phys, plan->kernel_alignment, &start);
    if (check_mapped(machine, "the protected-mode part", plan->pm_phys, plan->pm_phys + image->pm.size,
                     &facts->loader_identity) &&
        check_mapped(machine, "init_size bytes from where the kernel will run", start, start + size,
                     &facts->loader_identity) &&
        check_mapped(machine, "boot_params", plan->boot_params_phys, plan->boot_params_phys + BZC_BOOT_PARAMS_SIZE,
                     &facts->loader_identity) &&
        cmdline)
        check_mapped(machine, "the command line", cmdline->phys, cmdline->phys + cmdline->bytes.size,
                     &facts->loader_identity);
}

/* ---- code ---- */

/* The region whose image bytes are at `phys` now, by a short comparison at each known place. */
static const struct bzc_region *known_region(const struct bzc_tracker *tracker, struct bzc_machine *machine,
                                             uint64_t phys)
{
    for (size_t i = 0; i < tracker->region_count; i++) {
        const struct bzc_region *region = &tracker->region[i];
        struct bzc_bytes want, have;

        if (phys - region->phys >= region->bytes.size)
            continue;
        want = bzc_bytes_slice(region->bytes, phys - region->phys, KNOWN_WINDOW);
        have = bzc_machine_view(machine, phys, want.size);
        if (have.size == want.size && memcmp(want.data, have.data, want.size) == 0)
            return region;
    }
    return NULL;
}

/*
 * The executable parts of the protected-mode part: what lies before and behind the payload. The payload is left out
 * because lz4 and lzo store much of the kernel as it is. (A scanned payload has no known end, but those formats are
 * younger.)
 */
static size_t code_parts(const struct bzc_image *image, struct bzc_bytes part[2], uint64_t offset[2])
{
    uint64_t end = image->payload_offset + image->payload_length;

    offset[0] = 0;
    part[0] = image->pm;
    if (image->payload_source != BZC_PAYLOAD_HEADER || image->payload_offset > image->pm.size)
        return 1;
    part[0] = bzc_bytes_slice(image->pm, 0, image->payload_offset);
    offset[1] = end;
    part[1] = bzc_bytes_slice(image->pm, end, image->pm.size);
    return 2;
}

void bzc_tracker_init(struct bzc_tracker *tracker, const struct bzc_image *image, struct bzc_run_facts *facts)
{
    struct bzc_bytes part[2];
    uint64_t start[2];
    size_t parts;

    memset(tracker, 0, sizeof(*tracker));
    tracker->image = image;
    tracker->facts = facts;
    parts = code_parts(image, part, start);
    for (size_t i = 0; i < parts && facts->plan.has_pm; i++)
        add_region(tracker, STAGE_DECOMPRESSOR, facts->plan.pm_phys + start[i], part[i]);
    for (size_t i = 0; i < facts->plan.block_count; i++)
        if (facts->plan.block[i].role == BZC_BLOCK_TRAMPOLINE)
            add_region(tracker, STAGE_LOADER, facts->plan.block[i].phys, facts->plan.block[i].bytes);
}

/* Zeros and other fillers: memory that nobody wrote looks like any padding. */
static bool is_filler(struct bzc_bytes bytes)
{
    return bytes.size > 0 && memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0;
}

/* Looks for the code at `phys` in the protected-mode part: the decompressor copies itself, or parts of itself, away. */
static const struct bzc_region *copied_region(struct bzc_tracker *tracker, struct bzc_machine *machine, uint64_t phys)
{
    struct bzc_bytes have = bzc_machine_view(machine, phys, SEARCH_WINDOW);
    struct bzc_bytes part[2];
    uint64_t start[2];
    size_t parts = code_parts(tracker->image, part, start);

    if (have.size < SEARCH_WINDOW || is_filler(have))
        return NULL;
    for (size_t i = 0; i < parts; i++) {
        const uint8_t *found =
            part[i].size >= SEARCH_WINDOW ? memmem(part[i].data, part[i].size, have.data, have.size) : NULL;
        uint64_t offset;

        if (!found)
            continue;
        offset = (uint64_t)(found - part[i].data);
        if (offset <= phys)
            add_region(tracker, STAGE_RELOCATED, phys - offset, part[i]);
        else /* only the tail was copied, to a low address */
            add_region(tracker, STAGE_RELOCATED, phys, bzc_bytes_slice(part[i], offset, part[i].size));
        return &tracker->region[tracker->region_count - 1];
    }
    return NULL;
}

static bool inside(uint64_t phys, uint64_t start, uint64_t size)
{
    return phys - start < size;
}

/* The base of the kernel that the code at `phys` belongs to. */
static bool find_kernel(const struct bzc_tracker *tracker, struct bzc_machine *machine, const struct bzc_oracle *oracle,
                        uint64_t phys, uint64_t *base)
{
    struct bzc_guest_view guest = bzc_machine_guest_view(machine);
    const struct bzc_run_facts *facts = tracker->facts;
    uint64_t expected = 0, offset;
    bool has_expected = !facts->kaslr && bzc_runtime_start(tracker->image, oracle, facts, &expected);

    if (phys >= oracle->entry_offset && bzc_oracle_fit(oracle, &guest, phys - oracle->entry_offset) >= GOOD_FIT) {
        *base = phys - oracle->entry_offset;
        return true;
    }
    if (has_expected && inside(phys, expected, oracle->span) && bzc_oracle_fit(oracle, &guest, expected) >= GOOD_FIT) {
        *base = expected;
        return true;
    }
    if (bzc_oracle_locate(oracle, &guest, phys, &offset) && offset <= phys &&
        bzc_oracle_fit(oracle, &guest, phys - offset) >= GOOD_FIT) {
        *base = phys - offset;
        return true;
    }
    /* The kernel is not there, but control is where it ought to be: the comparison will say what is wrong. */
    if (has_expected && inside(phys, expected, oracle->span)) {
        *base = expected;
        return true;
    }
    return false;
}

/* Without an unpacked payload the kernel is known only by its place. */
static bool is_in_kernel_area(const struct bzc_tracker *tracker, uint64_t phys)
{
    const struct bzc_run_facts *facts = tracker->facts;
    uint64_t start, size = tracker->image->init_size ? tracker->image->init_size : 0x1000000u;

    if (!bzc_runtime_start(tracker->image, NULL, facts, &start))
        start = OLD_RUNTIME_START;
    return inside(phys, start, size);
}

static bool is_kernel(struct bzc_tracker *tracker, struct bzc_machine *machine, uint64_t phys)
{
    const struct bzc_oracle *oracle = tracker->await_oracle(tracker->oracle_context);

    if (!oracle || oracle->segment_count == 0)
        return is_in_kernel_area(tracker, phys);
    tracker->base_known = find_kernel(tracker, machine, oracle, phys, &tracker->facts->comparison.base);
    return tracker->base_known;
}

/* Walks the guest's page tables over the kernel's range, in steps of the pages that decompressors map. */
static void check_identity(struct bzc_tracker *tracker, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    struct bzc_run_facts *facts = tracker->facts;
    const struct bzc_oracle *oracle = tracker->await_oracle(tracker->oracle_context);
    uint64_t base = facts->comparison.base;

    if (!oracle || !tracker->base_known || bzc_regs_mode(fetch->regs) != BZC_MODE_LONG)
        return;
    for (uint64_t offset = 0; offset < oracle->span && !facts->identity.broken; offset += IDENTITY_STEP) {
        uint64_t linear = base + offset, phys = 0;
        bool mapped = bzc_machine_lookup(machine, linear, &phys);

        if (mapped && phys == linear)
            continue;
        facts->identity.broken = true;
        facts->identity.mapped = mapped;
        facts->identity.linear = linear;
        facts->identity.phys = phys;
    }
}

/* Where the protected-mode part begins that the code at `phys` belongs to. */
static bool pm_start(const struct bzc_tracker *tracker, uint64_t phys, uint64_t *start)
{
    const struct bzc_plan *plan = &tracker->facts->plan;
    const struct bzc_bytes *pm = &tracker->image->pm;

    for (size_t i = tracker->region_count; i-- > 0;) {
        const struct bzc_region *region = &tracker->region[i];

        if (strcmp(region->name, tracker->stage_name) != 0 || !inside(phys, region->phys, region->bytes.size))
            continue;
        *start = region->phys - (uint64_t)(region->bytes.data - pm->data);
        return true;
    }
    *start = plan->pm_entry_phys;
    return plan->has_pm && inside(phys, *start, pm->size);
}

bool bzc_tracker_part_start(const struct bzc_tracker *tracker, uint64_t phys, uint64_t *start)
{
    const char *name = tracker->stage_name;

    if (!name)
        return false;
    if (strcmp(name, STAGE_SETUP) == 0) {
        *start = tracker->facts->plan.realmode_phys;
        return inside(phys, *start, REALMODE_SEGMENT);
    }
    if (strcmp(name, STAGE_DECOMPRESSOR) == 0 || strcmp(name, STAGE_RELOCATED) == 0)
        return pm_start(tracker, phys, start);
    *start = tracker->facts->comparison.base;
    return tracker->base_known && (strcmp(name, STAGE_KERNEL) == 0 || strcmp(name, STAGE_RUNNING) == 0);
}

/* ---- the ways in ---- */

static bool is_jump(const struct bzc_plan *plan, const struct bzc_fetch *fetch)
{
    return fetch->linear == plan->jump.linear && bzc_regs_mode(fetch->regs) == plan->jump.mode;
}

/* Path setup, before the protected-mode part is reached: true when the fetch is told. */
static bool in_setup(struct bzc_tracker *tracker, struct bzc_machine *machine, const struct bzc_fetch *fetch, bool *run)
{
    struct bzc_run_facts *facts = tracker->facts;
    const struct bzc_plan *plan = &facts->plan;

    *run = true;
    if (bzc_regs_mode(fetch->regs) != BZC_MODE_REAL && fetch->linear == plan->code32_start) {
        enter_stage(tracker,
                    inside(fetch->linear, plan->pm_entry_phys, tracker->image->pm.size) ? STAGE_DECOMPRESSOR
                                                                                        : STAGE_UNKNOWN,
                    fetch);
        record_hand_over(tracker, &facts->pm_entry, machine, fetch);
        *run = tracker->expects_linux;
        return true;
    }
    if (!inside(fetch->phys, plan->realmode_phys, REALMODE_SEGMENT))
        return false;
    enter_stage(tracker, STAGE_SETUP, fetch);
    return true;
}

/* The loader's jump into the protected-mode part. */
static void enter_pm(struct bzc_tracker *tracker, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    enter_stage(tracker, STAGE_DECOMPRESSOR, fetch);
    record_hand_over(tracker, &tracker->facts->pm_entry, machine, fetch);
    if (tracker->facts->plan.jump.mode == BZC_MODE_LONG)
        check_loader_identity(tracker, machine);
}

/*
 * The kernel has loaded an interrupt descriptor table of its own, at a virtual address. Only then has it taken what the
 * loader gave it: a PVH kernel uses its mapping before it looks at hvm_start_info.
 */
static bool has_own_idt(struct bzc_machine *machine, const struct bzc_regs *regs)
{
    uint64_t phys;

    return regs->idtr.limit != 0 && bzc_machine_lookup(machine, regs->idtr.base, &phys) && phys != regs->idtr.base;
}

/* The loader has entered the kernel itself: first its entry, then its own mapping. */
static bool in_kernel(struct bzc_tracker *tracker, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    struct bzc_run_facts *facts = tracker->facts;

    if (!facts->entry.reached) {
        const struct bzc_oracle *oracle = tracker->await_oracle(tracker->oracle_context);

        if (!is_jump(&facts->plan, fetch))
            return true;
        enter_stage(tracker, STAGE_KERNEL, fetch);
        if (oracle && oracle->segment_count > 0) {
            tracker->base_known = true;
            facts->comparison.base = oracle->link_base;
        }
        record_hand_over(tracker, &facts->entry, machine, fetch);
        return false;
    }
    if (fetch->linear == fetch->phys || !has_own_idt(machine, fetch->regs))
        return true;
    if (!facts->running.reached) {
        enter_stage(tracker, STAGE_RUNNING, fetch);
        facts->running.reached = true;
        facts->running.linear = fetch->linear;
        facts->running.phys = fetch->phys;
    }
    return false;
}

bool bzc_tracker_on_code(void *context, struct bzc_machine *machine, const struct bzc_fetch *fetch)
{
    struct bzc_tracker *tracker = context;
    struct bzc_run_facts *facts = tracker->facts;
    const struct bzc_plan *plan = &facts->plan;
    const struct bzc_region *region;

    bool run;

    if (plan->path == BZC_PATH_SETUP && !facts->pm_entry.reached && in_setup(tracker, machine, fetch, &run))
        return run;
    if (!plan->has_pm) {
        if (facts->entry.reached || is_jump(plan, fetch))
            return in_kernel(tracker, machine, fetch);
    } else if (plan->path != BZC_PATH_SETUP && !facts->pm_entry.reached && is_jump(plan, fetch)) {
        enter_pm(tracker, machine, fetch);
        return true;
    }
    region = known_region(tracker, machine, fetch->phys);
    if (!region)
        region = copied_region(tracker, machine, fetch->phys);
    if (region) {
        enter_stage(tracker, region->name, fetch);
        return true;
    }
    if (facts->pm_entry.reached && is_kernel(tracker, machine, fetch->phys)) {
        enter_stage(tracker, STAGE_KERNEL, fetch);
        check_identity(tracker, machine, fetch);
        record_hand_over(tracker, &facts->entry, machine, fetch);
        return false;
    }
    enter_stage(tracker, STAGE_UNKNOWN, fetch);
    return true;
}
