/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One image, one loader, one map: what tests of plans for entry32 and entry64 begin with. */
#ifndef BZC_TESTS_UNIT_PLAN_SCENE_H
#define BZC_TESTS_UNIT_PLAN_SCENE_H

#include <string.h>

#include "image_builder.h"
#include "loader/plan.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/*
 * What a test changes before it asks for a plan. image_builder.h: protected-mode part of 8192 bytes, kernel_alignment
 * 0x200000, min_alignment 2^13, pref_address 0x1000000, init_size 0x345000, initrd_addr_max 0x7fffffff, xloadflags
 * 0x7f.
 */
struct scene {
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes;
    struct bzc_memory_map map;
    struct bzc_boot_loader loader;
    struct bzc_plan_options options;
    struct bzc_error err;
    struct bzc_plan plan;
};

static struct scene scene;

/* 10000 bytes: three pages when the end is page aligned. */
static const uint8_t initrd[10000] = {'0', '7', '0', '7', '0', '1'};

static inline void set_scene(enum bzc_path path, uint64_t memory)
{
    memset(&scene, 0, sizeof(scene));
    scene.bytes = build_image(scene.file, 0x020f);
    assert_int_equal(bzc_memory_map_default(memory, &scene.map, NULL), BZC_OK);
    bzc_boot_loader_init(&scene.loader, path);
    scene.options.cmdline = "console=ttyS0";
    scene.options.map = &scene.map;
}

static inline void set_map(const char *text)
{
    const struct bzc_bytes bytes = {(const uint8_t *)text, strlen(text)};

    if (bzc_memory_map_parse(bytes, &scene.map, &scene.err) != BZC_OK)
        fail_msg("%s", scene.err.message);
}

static inline enum bzc_status make_plan(void)
{
    static struct bzc_image image;

    bzc_image_parse(scene.bytes, &image);
    return bzc_plan_make(&scene.loader, &image, &scene.options, &scene.plan, &scene.err);
}

static inline void assert_plan(void)
{
    if (make_plan() != BZC_OK)
        fail_msg("%s", scene.err.message);
}

/* One sentence, and nothing left to free. */
static inline void assert_refused(enum bzc_status status, const char *part)
{
    static const struct bzc_plan empty;

    memset(&scene.err, 0, sizeof(scene.err));
    assert_int_equal(make_plan(), status);
    if (!strstr(scene.err.message, part))
        fail_msg("%s", scene.err.message);
    assert_null(strchr(scene.err.message, '\n'));
    assert_memory_equal(&scene.plan, &empty, sizeof(empty));
}

static const uint8_t *block_bytes(enum bzc_block_role role)
{
    const struct bzc_block *block = bzc_plan_block(&scene.plan, role);

    assert_non_null(block);
    return block->bytes.data;
}

/* The block that begins at a physical address. */
static inline const struct bzc_block *block_at(uint64_t phys)
{
    for (size_t i = 0; i < scene.plan.block_count; i++)
        if (scene.plan.block[i].phys == phys)
            return &scene.plan.block[i];
    fail_msg("no block at 0x%llx", (unsigned long long)phys);
    return NULL;
}

static inline const struct bzc_plan_write *find_write(bool is_header, unsigned id)
{
    for (size_t i = 0; i < scene.plan.write_count; i++) {
        const struct bzc_plan_write *write = &scene.plan.write[i];

        if (write->is_header == is_header && (is_header ? (unsigned)write->field : (unsigned)write->bp) == id)
            return write;
    }
    return NULL;
}

static inline void assert_header_write(enum bzc_field_id id, uint64_t value)
{
    assert_non_null(find_write(true, id));
    assert_int_equal(find_write(true, id)->value, value);
}

static inline void assert_bp_write(enum bzc_bp_field_id id, uint64_t value)
{
    assert_non_null(find_write(false, id));
    assert_int_equal(find_write(false, id)->value, value);
}

static inline bool blocks_are_apart(void)
{
    const struct bzc_plan *plan = &scene.plan;

    for (size_t i = 0; i < plan->block_count; i++)
        for (size_t j = i + 1; j < plan->block_count; j++)
            if (plan->block[i].phys < plan->block[j].phys + plan->block[j].bytes.size &&
                plan->block[j].phys < plan->block[i].phys + plan->block[i].bytes.size)
                return false;
    return true;
}

#endif
