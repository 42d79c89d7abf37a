/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans for hostile images: by every built-in profile and by the protocol's own loader of every path, with options of
 * all kinds. The input is CONTROL_SIZE bytes that choose them, and behind these the image.
 */
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#include "loader/plan.h"

#define CONTROL_SIZE 32u
#define CMDLINE_MAX  70000u
#define DATA_MAX     0x20000u

/* Defined by libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void choose_loader(const uint8_t *control, struct bzc_boot_loader *loader)
{
    unsigned choice = control[0] % (unsigned)(bzc_loader_profile_count + BZC_PATH_COUNT);
    struct bzc_error err = {0};

    if (choice >= bzc_loader_profile_count) {
        bzc_boot_loader_init(loader, (enum bzc_path)(choice - bzc_loader_profile_count));
        loader->rng_seed = control[1] & 1;
        loader->alt_mem_k = control[1] & 2;
        loader->screen_info = control[1] & 4;
        loader->copy = (enum bzc_copy)(control[1] >> 3 & 3) % 3;
        loader->copy_size = control[2] * 16u;
        loader->initrd_at = (struct bzc_place){(enum bzc_place_kind)(control[3] % 6), control[3] / 6u << 21};
        loader->setup_data_at = (struct bzc_place){(enum bzc_place_kind)(control[4] % 6), control[4] / 6u << 16};
        loader->kernel_at[0].place = (struct bzc_place){(enum bzc_place_kind)(control[5] % 4), control[5] / 4u << 20};
        loader->kernel_align = control[6] & 1;
        loader->min_align = control[6] & 2;
        loader->write_alignment = control[6] & 4;
        loader->kernel_room = control[6] & 8 ? BZC_ROOM_FILE : BZC_ROOM_INIT_SIZE;
        loader->initrd_avoids = control[6] & 16 ? BZC_ROOM_FILE : BZC_ROOM_INIT_SIZE;
        loader->truncate_cmdline = control[6] & 32;
        loader->e820_ext = !(control[6] & 64);
        loader->e820_max = 1 + control[7] % BZC_BP_E820_MAX;
    } else if (bzc_boot_loader_read(bzc_loader_profile_text[choice], loader, &err) != BZC_OK) {
        abort();
    }
}

static void choose_map(const uint8_t *control, struct bzc_memory_map *map)
{
    static const uint64_t sizes[] = {4ull << 20, 64ull << 20, 4ull << 30, 64ull << 30};
    struct bzc_error err = {0};

    if (bzc_memory_map_default(sizes[control[8] & 3], map, &err) != BZC_OK)
        abort();
    for (unsigned i = 0; i < control[9] * 2u; i++)
        bzc_memory_map_add_ram(map, 0x10000000000ull + i * 0x200000ull, 0x100000);
    if (control[8] & 4)
        map->range[0].start = 0x20000, map->range[0].size -= 0x20000;
}

/* A number that is telling as an address: any, near a power of two, or near the end of everything. */
static uint64_t choose_number(const uint8_t *control)
{
    switch (control[0] & 3) {
    case 0:
        return 0;
    case 1:
        return (1ull << (control[1] & 63)) + (uint64_t)(int64_t)(int8_t)control[2];
    case 2:
        return (uint64_t)bzc_load32(control + 1) << 12;
    default:
        return 0 - (uint64_t)control[1] * control[2];
    }
}

static void choose_options(const uint8_t *control, char *cmdline, struct bzc_plan_options *options)
{
    static const uint8_t data[DATA_MAX];
    size_t length = (size_t)bzc_load16(control + 10) * (control[12] & 1 ? 2 : 0) % CMDLINE_MAX;

    memset(cmdline, 'x', length);
    strcpy(cmdline + length, control[12] & 2 ? " mem=48M vga=ask" : "");
    options->cmdline = cmdline;
    options->force = control[12] & 4;
    options->initrd.data = data;
    options->initrd.size = control[12] & 8 ? (size_t)control[13] * 512 : 0;
    options->setup_data_count = control[14] % (BZC_SETUP_DATA_MAX + 1);
    for (size_t i = 0; i < options->setup_data_count; i++)
        options->setup_data[i] = (struct bzc_setup_data){
            .type = 2, .indirect = control[15] >> i & 1, .data = {data, (size_t)control[16] << (i % 2 * 8)}};
    options->acpi_rsdp_addr = control[17] * 16u;
    options->has_hardware_subarch = control[18] & 1;
    options->hardware_subarch = control[18];
    options->load_addr = choose_number(control + 19);
    options->kernel_alignment = choose_number(control + 24);
}

/* What must be so whatever the image says. */
static void check(enum bzc_status status, const struct bzc_plan *plan, const struct bzc_memory_map *map,
                  const struct bzc_error *err)
{
    static const struct bzc_plan empty;

    if (status != BZC_OK) {
        if (memcmp(plan, &empty, sizeof(empty)) != 0 || err->message[0] == '\0')
            abort();
        return;
    }
    for (size_t i = 0; i < plan->block_count; i++)
        if (!bzc_memory_map_is_ram(map, plan->block[i].phys, plan->block[i].bytes.size))
            abort();
    if (plan->has_pm && plan->path != BZC_PATH_ELF_WRAPPED && !bzc_plan_block(plan, BZC_BLOCK_PM))
        abort();
    if (plan->jump.mode == BZC_MODE_PROT32 && plan->jump.linear >> 32 != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char cmdline[CMDLINE_MAX + 32];
    static struct bzc_boot_loader loader;
    static struct bzc_memory_map map;
    static struct bzc_plan plan;
    struct bzc_plan_options options = {.map = &map};
    struct bzc_error err = {0}, unused = {0};
    struct bzc_image image;
    struct bzc_elf elf;

    if (size < CONTROL_SIZE)
        return 0;
    bzc_image_parse((struct bzc_bytes){data + CONTROL_SIZE, size - CONTROL_SIZE}, &image);
    choose_loader(data, &loader);
    choose_map(data, &map);
    choose_options(data, cmdline, &options);
    if (bzc_elf_is(image.payload) && bzc_elf_parse(image.payload, &elf, &unused) == BZC_OK)
        options.kernel = &elf;
    check(bzc_plan_make(&loader, &image, &options, &plan, &err), &plan, &map, &err);
    bzc_plan_free(&plan);
    return 0;
}

/* Most changes go to the setup header and to the options: there lies what planners read. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (size < CONTROL_SIZE || seed % 4 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (seed % 4 == 1)
        data[seed / 4 % CONTROL_SIZE] = (uint8_t)(seed >> 8);
    else
        bzc_fuzz_change_field(data + CONTROL_SIZE, size - CONTROL_SIZE, seed / 4);
    return size;
}
