/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load addresses that probe what the protocol says of relocation.
 *
 * Sources: boot.rst, Details of Header Fields: kernel_alignment, relocatable_kernel, min_alignment, pref_address,
 * init_size, xloadflags; arch/x86/boot/compressed/head_32.S, head_64.S and misc.c (extract_kernel).
 */
#include "verify/relocation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verify/choices.h"

#define MIB          (1ull << 20)
#define PAGE         4096ull
#define FIRST_LOAD   0x100000ull
#define FOUR_GIB     (1ull << 32)
#define STEP_MIN     (2 * MIB) /* between two probes of the image's own check */
#define REFUSALS_MAX 4u
/* What a kernel that does not say it needs from runtime_start on (before 2.10); more than any of that time took. */
#define OLD_INIT_SIZE       (64 * MIB)
#define ODD_OFFSET          0x1230u /* a multiple of 16, as any loader's allocator gives it, and of nothing more */
#define ALIGNMENT_SHIFT_MAX 30u
/* Where boot_params and the command line of a kernel above 4 GiB find room besides it. */
#define HIGH_ROOM (16 * MIB)

#define SINCE_MIN_ALIGNMENT 0x020a
#define SINCE_XLOADFLAGS    0x020c

/* arch/x86/boot/compressed/misc.c: 32-bit kernels keep 128 MiB for vmalloc, up to 2.6.3x 512; 64-bit ones stay below
 * 64 TiB. */
#define VMALLOC_RESERVE     (128 * MIB)
#define OLD_VMALLOC_RESERVE (512 * MIB)
#define LIMIT_32_MASK       0x7fffffffu
#define LIMIT_64            0x3fffffffffffull
#define REFUSAL_TEXT        "Destination address too large"

struct probing {
    const struct bzc_image_facts *facts;
    const struct bzc_verify_options *options;
    struct bzc_choices *choices;
    const struct bzc_facts *made; /* runs that were made before; NULL: none */
};

/* A probe, before it is known whether it can be made. */
struct probe {
    const char *scenario;
    enum bzc_expectation expect;
    uint64_t load_addr, kernel_alignment;
    bool force;
};

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static bool is_power_of_two(uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t room(const struct bzc_image *image)
{
    uint64_t size = image->init_size ? image->init_size : OLD_INIT_SIZE;

    return size > image->pm.size ? size : image->pm.size;
}

/* [*from, +size): what the loaded image and the kernel that it unpacks take up. */
static uint64_t extent(const struct bzc_image *image, const struct probe *probe, uint64_t *from)
{
    uint64_t alignment = probe->kernel_alignment ? probe->kernel_alignment : image->kernel_alignment;
    uint64_t start = probe->load_addr, end;

    if (!bzc_image_runtime_start(image, probe->load_addr, alignment, &start))
        start = probe->load_addr;
    end = start + room(image);
    if (end < probe->load_addr + image->pm.size)
        end = probe->load_addr + image->pm.size;
    *from = probe->load_addr < start ? probe->load_addr : start;
    return end - *from;
}

/* RAM is added only where the map says nothing: what it reserves stays reserved. */
static bool is_free_or_ram(const struct bzc_memory_map *map, uint64_t from, uint64_t size)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct bzc_memory_range *range = &map->range[i];

        if (range->type != BZC_E820_RAM && range->start < from + size && from < range->start + range->size)
            return false;
    }
    return true;
}

static bool find_room(const struct probing *probing, const struct probe *probe, struct bzc_choice *choice)
{
    uint64_t from, size = extent(&probing->facts->image, probe, &from), end = align_up(from + size, MIB);
    struct bzc_memory_map map;

    if (bzc_memory_map_is_ram(&probing->options->map, from, size))
        return true;
    choice->ram_from = from / MIB * MIB;
    choice->ram_size = end - choice->ram_from;
    if (choice->ram_from >= FOUR_GIB)
        choice->ram_size += HIGH_ROOM;
    /* On a copy: a full map takes no more ranges. */
    map = probing->options->map;
    return is_free_or_ram(&map, choice->ram_from, choice->ram_size) &&
           bzc_memory_map_add_ram(&map, choice->ram_from, choice->ram_size);
}

/* The same run may be there already: then it only gets a purpose. */
static struct bzc_choice *find_choice(struct bzc_choices *choices, const struct bzc_choice *wanted)
{
    for (size_t i = 0; i < choices->count; i++) {
        struct bzc_choice *choice = &choices->choice[i];

        if (choice->scenario == wanted->scenario && !choice->loader && choice->load_addr == wanted->load_addr &&
            choice->kernel_alignment == wanted->kernel_alignment && choice->kaslr == wanted->kaslr)
            return choice;
    }
    return NULL;
}

static bool was_made(const struct bzc_facts *facts, const struct bzc_choice *wanted)
{
    for (size_t i = 0; facts && i < facts->run_count; i++) {
        const struct bzc_run_facts *run = &facts->run[i];

        if (strcmp(run->scenario, wanted->name) == 0 && run->load_addr == wanted->load_addr &&
            run->expect == wanted->expect && !run->kaslr)
            return true;
    }
    return false;
}

static void __attribute__((format(printf, 3, 4)))
add(const struct probing *probing, const struct probe *probe, const char *purpose, ...)
{
    struct bzc_choices *choices = probing->choices;
    struct bzc_choice choice = {
        .name = probe->scenario,
        .scenario = bzc_scenario_find(probe->scenario),
        .expect = probe->expect,
        .load_addr = probe->load_addr,
        .kernel_alignment = probe->kernel_alignment,
        .force = probe->force,
        .early_messages = probe->expect == BZC_EXPECT_REFUSAL,
    };
    struct bzc_choice *there = find_choice(choices, &choice);
    va_list args;

    if (!choice.scenario || was_made(probing->made, &choice) || !find_room(probing, probe, &choice))
        return;
    va_start(args, purpose);
    vsnprintf(choice.purpose, sizeof(choice.purpose), purpose, args);
    va_end(args);
    if (there && there->purpose[0] == '\0')
        memcpy(there->purpose, choice.purpose, sizeof(there->purpose));
    else if (!there && choices->count < BZC_RUNS_MAX)
        choices->choice[choices->count++] = choice;
    else if (!there)
        choices->left_out++;
}

/* ---- alignment ---- */

static unsigned log2_of(uint64_t power)
{
    unsigned shift = 0;

    while (power > 1) {
        power >>= 1;
        shift++;
    }
    return shift;
}

/* The smallest address above `above` that is a multiple of 2^shift, but not of 2^(shift + 1). */
static uint64_t of_class(uint64_t above, unsigned shift)
{
    uint64_t unit = 1ull << shift, address = above / (2 * unit) * (2 * unit) + unit;

    return address > above ? address : address + 2 * unit;
}

static unsigned lowest_class(const struct bzc_image *image, unsigned highest)
{
    if (image->version < SINCE_MIN_ALIGNMENT || image->min_alignment < log2_of(PAGE) || image->min_alignment > highest)
        return highest;
    return image->min_alignment;
}

static void add_classes(const struct probing *probing, uint64_t above)
{
    const struct bzc_image *image = &probing->facts->image;
    unsigned highest = log2_of(image->kernel_alignment), lowest = lowest_class(image, highest);
    struct probe probe = {.scenario = "bios"};

    for (unsigned shift = lowest; shift < highest; shift++) {
        probe.load_addr = of_class(above, shift) - image->entry_shift;
        probe.kernel_alignment = 1ull << shift;
        add(probing, &probe, "a multiple of 2^%u, kept", shift);
        probe.kernel_alignment = 0;
        add(probing, &probe, "a multiple of 2^%u, aligned up", shift);
    }
    probe.load_addr = of_class(above, highest) - image->entry_shift;
    add(probing, &probe, "a multiple of kernel_alignment");
    /* boot.rst, kernel_alignment: "at an alignment incompatible with the value in this field will be realigned" */
    if (lowest > log2_of(PAGE)) {
        probe.load_addr = above + PAGE;
        add(probing, &probe, "only page aligned, aligned up");
    }
    probe.load_addr = above + ODD_OFFSET;
    add(probing, &probe, "not page aligned, aligned up");
}

/*
 * The decompressor copies itself, packed payload included, to the end of its buffer: to runtime_start + init_size - its
 * own size with bss. That lies behind the load address by at least init_size - that size, and by no more when
 * the load address is aligned. So source and destination overlap for sure when the protected-mode part is longer than
 * half of init_size, and no load address makes them overlap when part and bss together are shorter. A payload must be
 * packed to more than half of its size for that.
 */
static void add_overlap(const struct probing *probing, uint64_t above)
{
    const struct bzc_image *image = &probing->facts->image;
    struct probe probe = {.scenario = "bios"};

    if (image->init_size < image->pm.size || image->init_size >= 2 * (uint64_t)image->pm.size)
        return;
    probe.load_addr =
        align_up(above + 1, image->kernel_alignment) + 2 * (uint64_t)image->kernel_alignment - image->entry_shift;
    add(probing, &probe, "its copy of itself overlaps its source");
}

/* ---- the image's own check ---- */

static bool has_number(struct bzc_bytes code, uint32_t number)
{
    uint8_t bytes[4];

    bzc_store32(bytes, number);
    return code.size != 0 && memmem(code.data, code.size, bytes, sizeof(bytes));
}

/* Whether the decompressor compares something with `limit`: "above limit", or "not below limit + 1". */
static bool compares_with(const struct bzc_image *image, uint64_t limit)
{
    struct bzc_bytes head = image->pm, tail = {0};

    if (image->payload_source == BZC_PAYLOAD_HEADER && image->payload_offset <= image->pm.size) {
        head = bzc_bytes_slice(image->pm, 0, image->payload_offset);
        tail = bzc_bytes_slice(image->pm, image->payload_offset + image->payload_length, image->pm.size);
    }
    return has_number(head, (uint32_t)limit) || has_number(tail, (uint32_t)limit) ||
           has_number(head, (uint32_t)(limit + 1)) || has_number(tail, (uint32_t)(limit + 1));
}

bool bzc_relocation_limit(const struct bzc_image_facts *facts, uint64_t *limit)
{
    const struct bzc_image *image = &facts->image;
    const struct bzc_oracle *oracle = facts->oracle;
    uint64_t page_offset;

    if (!image->relocatable || image->version < SINCE_MIN_ALIGNMENT || !oracle || oracle->segment_count == 0 ||
        image->pm.size == 0 || !memmem(image->pm.data, image->pm.size, REFUSAL_TEXT, strlen(REFUSAL_TEXT)))
        return false;
    if (oracle->bits == 64) {
        *limit = LIMIT_64;
        return true;
    }
    /* A 32-bit kernel's addresses are its physical ones plus __PAGE_OFFSET. */
    page_offset = oracle->segment[0].vaddr - (oracle->link_base + oracle->segment[0].offset);
    *limit = (0 - page_offset - VMALLOC_RESERVE - 1) & LIMIT_32_MASK;
    if (!compares_with(image, *limit))
        *limit = (0 - page_offset - OLD_VMALLOC_RESERVE - 1) & LIMIT_32_MASK;
    return page_offset != 0 && compares_with(image, *limit);
}

static uint64_t step_of(const struct bzc_image *image)
{
    return image->kernel_alignment > STEP_MIN ? image->kernel_alignment : STEP_MIN;
}

/* The highest address for which all of the kernel's room, and so the heap, lies below the limit; 0 when there is none.
 */
static uint64_t surely_accepted(const struct bzc_image *image, uint64_t limit)
{
    uint64_t size = room(image), address;

    if (limit < size)
        return 0;
    address = (limit + 1 - size) / image->kernel_alignment * image->kernel_alignment;
    return address > image->pref_address ? address : 0;
}

/* The way in by which the image can be loaded near its limit; NULL: there is none. */
static const char *way_to(const struct bzc_image_facts *facts)
{
    if (facts->oracle->bits == 32)
        return "bios";
    if (facts->image.version >= SINCE_XLOADFLAGS && facts->image.xloadflags & BZC_XLF_KERNEL_64 &&
        facts->image.xloadflags & BZC_XLF_CAN_BE_LOADED_ABOVE_4G)
        return "entry64";
    return NULL;
}

static void add_refusal(const struct probing *probing, const char *scenario, uint64_t address, unsigned step)
{
    struct probe probe = {.scenario = scenario, .expect = BZC_EXPECT_REFUSAL, .load_addr = address};

    add(probing, &probe, "step %u above that: its own check decides", step);
}

static void add_top(const struct probing *probing, uint64_t limit)
{
    const struct bzc_image *image = &probing->facts->image;
    uint64_t address = surely_accepted(image, limit);
    struct probe probe = {.scenario = way_to(probing->facts), .expect = BZC_EXPECT_KERNEL};

    if (address == 0)
        return;
    probe.load_addr = address - image->entry_shift;
    add(probing, &probe, "as high as its own check surely allows");
    add_refusal(probing, probe.scenario, probe.load_addr + step_of(image), 1);
}

/* ---- the whole ---- */

/* Relocatable, by a header that can be true. */
static bool can_move(const struct bzc_image *image)
{
    return image->relocatable && is_power_of_two(image->kernel_alignment) &&
           image->kernel_alignment <= 1u << ALIGNMENT_SHIFT_MAX && image->pref_address <= UINT32_MAX;
}

/*
 * A kernel that does not say it is relocatable is loaded higher all the same: above pref_address, since below it a
 * relocatable one would stay there, too; and clear of the memory that it unpacks itself to, so that nothing but its own
 * addresses can keep it from running.
 */
static void add_fixed(const struct probing *probing)
{
    const struct bzc_image *image = &probing->facts->image;
    uint64_t step = is_power_of_two(image->kernel_alignment) ? step_of(image) : STEP_MIN;
    uint64_t start = image->pref_address > FIRST_LOAD ? image->pref_address : FIRST_LOAD;
    struct probe probe = {.scenario = "bios",
                          .expect = BZC_EXPECT_FIXED,
                          .load_addr = align_up(start + room(image), step),
                          .force = true};

    if (image->pref_address <= UINT32_MAX)
        add(probing, &probe, "moved, though it is not relocatable");
}

void bzc_choices_relocation(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                            struct bzc_choices *choices)
{
    const struct bzc_image *image = &facts->image;
    const struct probing probing = {facts, options, choices, NULL};
    uint64_t above = image->pref_address > FIRST_LOAD ? image->pref_address : FIRST_LOAD;
    struct probe probe = {.scenario = "bios", .load_addr = image->pref_address};

    /* Other systems are followed to their 32-bit entry only. */
    if (image->kind != BZC_IMAGE_BZIMAGE || image->payload_source == BZC_PAYLOAD_ABSENT)
        return;
    if (!image->relocatable) {
        add_fixed(&probing);
        return;
    }
    if (!can_move(image))
        return;
    if (image->pref_address > FIRST_LOAD)
        add(&probing, &probe, "pref_address");
    add_classes(&probing, above);
    add_overlap(&probing, above);
}

/* What the runs so far say of the image's own check. */
struct refusals {
    unsigned made;
    bool one_refused;
    uint64_t highest; /* load address of those that were not */
    const char *scenario;
};

static void look_at_refusals(const struct bzc_facts *facts, struct refusals *refusals)
{
    memset(refusals, 0, sizeof(*refusals));
    for (size_t i = 0; i < facts->run_count; i++) {
        const struct bzc_run_facts *run = &facts->run[i];

        if (run->expect != BZC_EXPECT_REFUSAL)
            continue;
        refusals->made++;
        refusals->one_refused = refusals->one_refused || !run->entry.reached;
        refusals->scenario = run->scenario;
        if (run->load_addr > refusals->highest)
            refusals->highest = run->load_addr;
    }
}

/* A run of `scenario` that reached the kernel, and with it the unpacked payload: until then facts->oracle may change.
 */
static bool has_compared(const struct bzc_facts *facts, const char *scenario)
{
    for (size_t i = 0; i < facts->run_count; i++)
        if (facts->run[i].compared && (!scenario || strcmp(facts->run[i].scenario, scenario) == 0))
            return true;
    return false;
}

void bzc_choices_follow_up(const struct bzc_facts *facts, const struct bzc_verify_options *options,
                           struct bzc_choices *choices)
{
    const struct bzc_image *image = &facts->image.image;
    const struct probing probing = {&facts->image, options, choices, facts};
    struct refusals refusals;
    uint64_t limit;

    choices->count = choices->left_out = 0;
    if (options->load_addr_count || options->kaslr_seed_count || options->as_count || !has_compared(facts, NULL) ||
        !can_move(image) || !bzc_relocation_limit(&facts->image, &limit))
        return;
    look_at_refusals(facts, &refusals);
    if (refusals.made == 0 && way_to(&facts->image) && has_compared(facts, way_to(&facts->image)))
        add_top(&probing, limit);
    if (refusals.made == 0 || refusals.one_refused || refusals.made >= REFUSALS_MAX || refusals.highest > limit)
        return;
    /* The last one lies above the limit itself, and with it every byte of the kernel. */
    if (refusals.made + 1 == REFUSALS_MAX)
        add_refusal(&probing, refusals.scenario, align_up(limit + 1, image->kernel_alignment) - image->entry_shift,
                    refusals.made + 1);
    else
        add_refusal(&probing, refusals.scenario, refusals.highest + step_of(image), refusals.made + 1);
}
