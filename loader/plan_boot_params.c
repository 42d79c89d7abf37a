/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot_params and the setup_data list as a loader builds them. Source: boot.rst, "32-bit Boot Protocol"; zero-page.rst.
 */
#include <string.h>

#include "base/seed.h"
#include "loader/plan_parts.h"

#define PAGE                 4096ull
#define LOADER_UNDEFINED     0xffu
#define SINCE_SETUP_DATA     0x0209u
#define SINCE_SETUP_INDIRECT 0x020fu
#define SETUP_DATA_HEAD      16u /* struct setup_data: u64 next, u32 type, u32 len */
#define SETUP_INDIRECT_SIZE  24u /* struct setup_indirect: u32 type, u32 reserved, u64 len, u64 addr */
#define NODE_ALIGN           16u
#define RNG_SEED_SIZE        32u
#define ROOM_AT_ADDRESS      0x10000u /* what a loader keeps for the list at a fixed address */

/* ---- setup_data ---- */

/* The list while it grows. */
struct chain {
    const struct bzc_planning *planning;
    uint8_t *header;
    uint8_t *last; /* the node before; NULL: there is none */
    uint64_t at;   /* where the next bytes go */
};

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return value <= UINT64_MAX - (unit - 1) ? (value + unit - 1) / unit * unit : UINT64_MAX;
}

/* Adds a block of `size` owned bytes at the next place. */
static uint8_t *chain_block(struct chain *chain, const char *name, size_t size, uint64_t *phys)
{
    struct bzc_plan *plan = chain->planning->plan;
    uint8_t *bytes = bzc_plan_alloc(plan, size);

    if (bytes == NULL)
        return NULL;
    *phys = chain->at;
    bzc_plan_add(plan, BZC_BLOCK_SETUP_DATA, *phys, (struct bzc_bytes){bytes, size})->name = name;
    chain->at = align_up(chain->at + size, NODE_ALIGN);
    return bytes;
}

static bool add_node(struct chain *chain, uint32_t type, const char *name, struct bzc_bytes data)
{
    uint64_t phys;
    uint8_t *node = chain_block(chain, name, SETUP_DATA_HEAD + data.size, &phys);

    if (node == NULL)
        return false;
    bzc_store32(node + 8, type);
    bzc_store32(node + 12, (uint32_t)data.size);
    if (data.size != 0)
        memcpy(node + SETUP_DATA_HEAD, data.data, data.size);
    if (chain->last != NULL)
        bzc_store64(chain->last, phys);
    else
        bzc_plan_set_field(chain->planning->plan, chain->header, BZC_FIELD_SETUP_DATA, phys);
    chain->last = node;
    return true;
}

static bool add_indirect(struct chain *chain, const struct bzc_setup_data *wanted)
{
    uint8_t indirect[SETUP_INDIRECT_SIZE] = {0};
    uint64_t phys;
    uint8_t *data = chain_block(chain, "setup_indirect data", wanted->data.size, &phys);

    if (data == NULL)
        return false;
    if (wanted->data.size != 0)
        memcpy(data, wanted->data.data, wanted->data.size);
    bzc_store32(indirect, BZC_SETUP_INDIRECT | wanted->type);
    bzc_store64(indirect + 8, wanted->data.size);
    bzc_store64(indirect + 16, phys);
    return add_node(chain, BZC_SETUP_INDIRECT, "setup_data (SETUP_INDIRECT)",
                    (struct bzc_bytes){indirect, sizeof(indirect)});
}

/* The entries of the map that the loader's e820_table has no place for. */
static size_t e820_left(const struct bzc_planning *planning)
{
    size_t room = planning->loader->e820_max;

    if (planning->plan->path == BZC_PATH_SETUP || planning->loader->no_e820 || !planning->loader->e820_ext)
        return 0;
    return planning->options->map->count > room ? planning->options->map->count - room : 0;
}

static bool add_e820_ext(struct chain *chain, size_t left)
{
    const struct bzc_memory_map *map = chain->planning->options->map;
    uint8_t table[BZC_MEMORY_MAP_MAX * BZC_E820_ENTRY_SIZE];

    for (size_t i = 0; i < left; i++)
        bzc_e820_store(table + i * BZC_E820_ENTRY_SIZE, &map->range[map->count - left + i]);
    return add_node(chain, BZC_SETUP_E820_EXT, "setup_data (SETUP_E820_EXT)",
                    (struct bzc_bytes){table, left * BZC_E820_ENTRY_SIZE});
}

/* Bytes that no kernel could guess, and the same in every run. */
static bool add_rng_seed(struct chain *chain)
{
    uint8_t seed[RNG_SEED_SIZE];

    for (unsigned i = 0; i < sizeof(seed); i += 8)
        bzc_store64(seed + i, bzc_seed_spread(i));
    return add_node(chain, BZC_SETUP_RNG_SEED, "setup_data (SETUP_RNG_SEED)", (struct bzc_bytes){seed, sizeof(seed)});
}

/* Bytes of the whole list, so that a place can be found for it. */
static uint64_t chain_size(const struct bzc_planning *planning, bool rng_seed, size_t left)
{
    const struct bzc_plan_options *options = planning->options;
    uint64_t size = 0;

    for (size_t i = 0; i < options->setup_data_count; i++)
        size += align_up(options->setup_data[i].data.size + SETUP_DATA_HEAD, NODE_ALIGN) + SETUP_INDIRECT_SIZE +
                2 * NODE_ALIGN;
    if (rng_seed)
        size += SETUP_DATA_HEAD + RNG_SEED_SIZE;
    if (left != 0)
        size += align_up(SETUP_DATA_HEAD + left * BZC_E820_ENTRY_SIZE, NODE_ALIGN);
    return size;
}

static bool meets_block(const struct bzc_plan *plan, uint64_t phys, uint64_t size)
{
    for (size_t i = 0; i < plan->block_count; i++)
        if (plan->block[i].phys < phys + size && phys < plan->block[i].phys + plan->block[i].bytes.size)
            return true;
    return false;
}

static bool place_chain(const struct bzc_planning *planning, uint64_t size, uint64_t *at)
{
    const struct bzc_place *place = &planning->loader->setup_data_at;
    const struct bzc_plan *plan = planning->plan;
    const struct bzc_memory_map *map = planning->options->map;
    struct bzc_area avoid[BZC_PLAN_BLOCKS_MAX + 1];
    size_t count = 0;

    for (size_t i = 0; i < plan->block_count; i++)
        avoid[count++] = (struct bzc_area){plan->block[i].phys, plan->block[i].phys + plan->block[i].bytes.size};
    avoid[count++] = bzc_plan_kernel_area(planning, planning->loader->kernel_room);
    switch (place->kind) {
    case BZC_PLACE_BEHIND_PM:
        *at = align_up(plan->pm_phys + planning->image->pm.size, NODE_ALIGN);
        return bzc_memory_map_is_ram(map, *at, size);
    case BZC_PLACE_HIGHEST:
        return bzc_place_highest(map, 0x100000, place->address != 0 ? place->address : 1ull << 32, size, PAGE, avoid,
                                 count, at);
    case BZC_PLACE_LOWEST:
        return bzc_place_lowest(map, place->address, 1ull << 32, size, PAGE, avoid, count, at);
    case BZC_PLACE_ADDRESS:
        if (bzc_plan_is_high(plan) && bzc_place_highest(map, 1ull << 32, UINT64_MAX, size, PAGE, avoid, count, at))
            return true;
        *at = place->address;
        if (size <= ROOM_AT_ADDRESS && bzc_memory_map_is_ram(map, *at, size) && !meets_block(plan, *at, size))
            return true;
        return bzc_place_highest(map, 0x100000, 1ull << 32, size, PAGE, avoid, count, at);
    case BZC_PLACE_PREF_ADDRESS:
    case BZC_PLACE_CODE32_START:
    case BZC_PLACE_BEHIND_KERNEL:
        break;
    }
    *at = align_up(avoid[count - 1].end, PAGE);
    return bzc_memory_map_is_ram(map, *at, size);
}

enum bzc_status bzc_plan_setup_data(const struct bzc_planning *planning, uint8_t *header)
{
    const struct bzc_plan_options *options = planning->options;
    uint16_t version = planning->image->version;
    bool rng_seed = planning->loader->rng_seed && version >= SINCE_SETUP_DATA, good = true;
    size_t left = version >= SINCE_SETUP_DATA ? e820_left(planning) : 0;
    uint64_t size = chain_size(planning, rng_seed, left);
    struct chain chain = {.planning = planning, .header = header};

    if (options->setup_data_count != 0 && version < SINCE_SETUP_DATA)
        return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "setup_data came with protocol 2.09");
    for (size_t i = 0; i < options->setup_data_count; i++) {
        if (options->setup_data[i].indirect && version < SINCE_SETUP_INDIRECT)
            return bzc_error_set(planning->err, BZC_ERR_UNSUPPORTED, "setup_indirect came with protocol 2.15");
    }
    if (size == 0)
        return BZC_OK;
    if (!place_chain(planning, size, &chain.at))
        return bzc_error_set(planning->err, BZC_ERR_LIMIT, "no room for %llu bytes of setup_data",
                             (unsigned long long)size);
    for (size_t i = 0; i < options->setup_data_count && good; i++) {
        const struct bzc_setup_data *wanted = &options->setup_data[i];

        good = wanted->indirect ? add_indirect(&chain, wanted)
                                : add_node(&chain, wanted->type, "setup_data", wanted->data);
    }
    if (good && left != 0)
        good = add_e820_ext(&chain, left);
    if (good && rng_seed)
        good = add_rng_seed(&chain);
    return good ? BZC_OK : bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for setup_data");
}

/* ---- boot_params ---- */

static void copy_header(const struct bzc_planning *planning, uint8_t *boot_params)
{
    const struct bzc_bytes file = planning->image->file;
    uint64_t start = bzc_field(BZC_FIELD_SETUP_SECTS)->offset, end = BZC_BP_HEADER_END;

    switch (planning->loader->copy) {
    case BZC_COPY_PAGE:
        start = 0;
        end = BZC_BOOT_PARAMS_SIZE;
        break;
    case BZC_COPY_STRUCT:
        end = start + planning->loader->copy_size;
        break;
    case BZC_COPY_HEADER:
        /* boot.rst: "the end of setup header can be calculated as 0x0202 + byte value at offset 0x0201" */
        if (file.size > 0x201)
            end = 0x202u + file.data[0x201];
        if (end > BZC_BP_HEADER_END)
            end = BZC_BP_HEADER_END;
        break;
    }
    if (end > BZC_BOOT_PARAMS_SIZE)
        end = BZC_BOOT_PARAMS_SIZE;
    if (end > file.size)
        end = file.size;
    if (start < end)
        memcpy(boot_params + start, file.data + start, end - start);
}

static void write_e820(const struct bzc_planning *planning, uint8_t *boot_params)
{
    const struct bzc_memory_map *map = planning->options->map;
    size_t count = map->count;

    if (planning->loader->no_e820)
        return;
    if (count > planning->loader->e820_max)
        count = planning->loader->e820_max;
    for (size_t i = 0; i < count; i++)
        bzc_e820_store(boot_params + bzc_bp_field(BZC_BP_E820_TABLE)->offset + i * BZC_E820_ENTRY_SIZE, &map->range[i]);
    bzc_plan_set_bp(planning->plan, boot_params, BZC_BP_E820_ENTRIES, count);
}

static void write_memory_sizes(const struct bzc_planning *planning, uint8_t *boot_params)
{
    uint64_t end = bzc_memory_map_ram_end(planning->options->map, 0x100000), size = end - 0x100000;
    uint64_t kib = size / 1024;

    bzc_plan_set_bp(planning->plan, boot_params, BZC_BP_ALT_MEM_K, kib < UINT32_MAX ? kib : UINT32_MAX);
    bzc_plan_set_bp(planning->plan, boot_params, BZC_BP_EXT_MEM_K, kib < UINT16_MAX ? kib : UINT16_MAX);
}

/* The text mode that the BIOS leaves: so that the decompressor's messages can be seen. */
static void write_screen_info(struct bzc_plan *plan, uint8_t *boot_params)
{
    bzc_plan_set_bp(plan, boot_params, BZC_BP_ORIG_VIDEO_MODE, 3);
    bzc_plan_set_bp(plan, boot_params, BZC_BP_ORIG_VIDEO_COLS, 80);
    bzc_plan_set_bp(plan, boot_params, BZC_BP_ORIG_VIDEO_LINES, 25);
    bzc_plan_set_bp(plan, boot_params, BZC_BP_ORIG_VIDEO_ISVGA, 1);
    bzc_plan_set_bp(plan, boot_params, BZC_BP_ORIG_VIDEO_POINTS, 16);
}

static void write_address(const struct bzc_planning *planning, uint8_t *boot_params, enum bzc_field_id low,
                          enum bzc_bp_field_id high, uint64_t value)
{
    bzc_plan_set_field(planning->plan, boot_params, low, (uint32_t)value);
    if (value >> 32 != 0)
        bzc_plan_set_bp(planning->plan, boot_params, high, value >> 32);
}

static void write_header(const struct bzc_planning *planning, uint8_t *boot_params)
{
    const struct bzc_image *image = planning->image;
    const struct bzc_plan_options *options = planning->options;
    struct bzc_plan *plan = planning->plan;

    bzc_plan_set_field(plan, boot_params, BZC_FIELD_TYPE_OF_LOADER, LOADER_UNDEFINED);
    if (plan->has_pm && plan->code32_start != image->code32_start)
        bzc_plan_set_field(plan, boot_params, BZC_FIELD_CODE32_START, plan->code32_start);
    if (image->version >= 0x0205 && plan->kernel_alignment != image->kernel_alignment)
        bzc_plan_set_field(plan, boot_params, BZC_FIELD_KERNEL_ALIGNMENT, plan->kernel_alignment);
    if (image->version >= 0x0207 && options->has_hardware_subarch)
        bzc_plan_set_field(plan, boot_params, BZC_FIELD_HARDWARE_SUBARCH, options->hardware_subarch);
    write_address(planning, boot_params, BZC_FIELD_CMD_LINE_PTR, BZC_BP_EXT_CMD_LINE_PTR, plan->cmdline_phys);
    if (options->initrd.size != 0) {
        write_address(planning, boot_params, BZC_FIELD_RAMDISK_IMAGE, BZC_BP_EXT_RAMDISK_IMAGE, plan->initrd_phys);
        write_address(planning, boot_params, BZC_FIELD_RAMDISK_SIZE, BZC_BP_EXT_RAMDISK_SIZE, options->initrd.size);
    }
    if (options->acpi_rsdp_addr != 0)
        bzc_plan_set_bp(plan, boot_params, BZC_BP_ACPI_RSDP_ADDR, options->acpi_rsdp_addr);
}

enum bzc_status bzc_plan_boot_params(const struct bzc_planning *planning)
{
    struct bzc_plan *plan = planning->plan;
    uint8_t *boot_params = bzc_plan_alloc(plan, BZC_BOOT_PARAMS_SIZE);
    enum bzc_status status;

    if (boot_params == NULL)
        return bzc_error_set(planning->err, BZC_ERR_MEMORY, "no memory for boot_params");
    copy_header(planning, boot_params);
    if (planning->loader->screen_info)
        write_screen_info(plan, boot_params);
    write_e820(planning, boot_params);
    if (planning->loader->alt_mem_k)
        write_memory_sizes(planning, boot_params);
    write_header(planning, boot_params);
    bzc_plan_add(plan, BZC_BLOCK_BOOT_PARAMS, plan->boot_params_phys,
                 (struct bzc_bytes){boot_params, BZC_BOOT_PARAMS_SIZE});
    status = bzc_plan_setup_data(planning, boot_params);
    if (status == BZC_OK)
        bzc_plan_extra_writes(planning, boot_params);
    return status;
}
