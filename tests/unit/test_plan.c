/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_builder.h"
#include "loader/plan.h"

/* What a test changes before it asks for a plan. */
struct scene {
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes;
    struct bzc_memory_map map;
    struct bzc_plan_options options;
    struct bzc_error err;
    struct bzc_plan plan;
};

static const uint8_t initrd[10000] = {'0', '7', '0', '7', '0', '1'};

static void set_scene(struct scene *scene, uint16_t version)
{
    memset(scene, 0, sizeof(*scene));
    scene->bytes = build_image(scene->file, version);
    assert_int_equal(bzc_memory_map_default(256ull << 20, &scene->map, NULL), BZC_OK);
    scene->options.cmdline = "console=ttyS0 nokaslr";
    scene->options.map = &scene->map;
}

static enum bzc_status make_plan_as(struct scene *scene, const struct bzc_boot_loader *loader)
{
    static struct bzc_image image;

    bzc_image_parse(scene->bytes, &image);
    return bzc_plan_make(loader, &image, &scene->options, &scene->plan, &scene->err);
}

static enum bzc_status make_plan(struct scene *scene)
{
    struct bzc_boot_loader loader;

    bzc_boot_loader_init(&loader, BZC_PATH_SETUP);
    return make_plan_as(scene, &loader);
}

/* The value that the plan says it wrote, checked against the bytes of the real-mode block. */
static uint64_t written(const struct scene *scene, enum bzc_field_id id, unsigned offset, unsigned size)
{
    const struct bzc_block *block = bzc_plan_block(&scene->plan, BZC_BLOCK_REALMODE);
    uint64_t value;
    size_t i;

    assert_non_null(block);
    assert_true(bzc_bytes_uint(block->bytes, offset, size, &value));
    for (i = 0; i < scene->plan.write_count; i++) {
        if (scene->plan.write[i].is_header && scene->plan.write[i].field == id) {
            assert_int_equal(scene->plan.write[i].value, value);
            return value;
        }
    }
    fail_msg("field at 0x%x not written", offset);
    return 0;
}

static bool wrote(const struct scene *scene, enum bzc_field_id id)
{
    size_t i;

    for (i = 0; i < scene->plan.write_count; i++) {
        if (scene->plan.write[i].is_header && scene->plan.write[i].field == id)
            return true;
    }
    return false;
}

static void assert_start(const struct bzc_plan *plan, uint16_t segment, uint64_t sp)
{
    const struct bzc_regs *regs = &plan->start;
    unsigned i;

    assert_int_equal(bzc_regs_mode(regs), BZC_MODE_REAL);
    assert_int_equal(regs->cr0, 0x10);
    assert_int_equal(regs->rflags & BZC_FLAG_IF, 0);
    assert_int_equal(regs->rip, 0);
    assert_int_equal(regs->gpr[BZC_RSP], sp);
    for (i = 0; i < BZC_SEG_COUNT; i++) {
        uint16_t selector = (uint16_t)(i == BZC_CS ? segment + 0x20 : segment);

        assert_int_equal(regs->seg[i].selector, selector);
        assert_int_equal(regs->seg[i].base, (uint64_t)selector << 4);
        assert_int_equal(regs->seg[i].limit, 0xffff);
    }
}

/* boot.rst, "Sample Boot Configuration", at base_ptr 0x10000. */
static void modern_kernel(void **state)
{
    const struct bzc_block *block;
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.realmode_phys, 0x10000);
    assert_int_equal(scene.plan.pm_phys, 0x100000);
    assert_int_equal(scene.plan.code32_start, 0x100000);
    assert_int_equal(scene.plan.cmdline_phys, 0x1e000);
    assert_int_equal(scene.plan.initrd_phys, 0);
    assert_int_equal(written(&scene, BZC_FIELD_TYPE_OF_LOADER, 0x210, 1), 0xff);
    assert_int_equal(written(&scene, BZC_FIELD_LOADFLAGS, 0x211, 1), 0x81);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), 0xde00);
    assert_int_equal(written(&scene, BZC_FIELD_CMD_LINE_PTR, 0x228, 4), 0x1e000);
    assert_int_equal(written(&scene, BZC_FIELD_VID_MODE, 0x1fa, 2), 0xffff);
    assert_int_equal(scene.plan.write_count, 5);
    assert_start(&scene.plan, 0x1000, 0xe000);

    assert_int_equal(scene.plan.block_count, 3);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE);
    assert_int_equal(block->phys, 0x10000);
    assert_int_equal(block->bytes.size, 2048);
    assert_string_equal(block->name, "real-mode part");
    assert_false(block->keep);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_PM);
    assert_int_equal(block->phys, 0x100000);
    assert_ptr_equal(block->bytes.data, scene.file + 2048);
    assert_int_equal(block->bytes.size, 8192);
    assert_false(block->keep);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE);
    assert_int_equal(block->phys, 0x1e000);
    assert_int_equal(block->bytes.size, strlen("console=ttyS0 nokaslr") + 1);
    assert_memory_equal(block->bytes.data, "console=ttyS0 nokaslr", block->bytes.size);
    assert_true(block->keep);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD));
    bzc_plan_free(&scene.plan);
    assert_int_equal(scene.plan.block_count, 0);
}

/* The same section for 2.01 and earlier: 0x90000, heap_end 0x9800, cl_magic, cl_offset, setup_move_size. */
static void kernel_before_2_02(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x0201);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.realmode_phys, 0x90000);
    assert_int_equal(scene.plan.cmdline_phys, 0x99800);
    assert_int_equal(written(&scene, BZC_FIELD_SETUP_MOVE_SIZE, 0x212, 2), 0x9800 + 22);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), 0x9600);
    assert_int_equal(written(&scene, BZC_FIELD_LOADFLAGS, 0x211, 1), 0x81);
    assert_int_equal(bzc_load16(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->bytes.data + 0x20), 0xa33f);
    assert_int_equal(bzc_load16(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->bytes.data + 0x22), 0x9800);
    assert_false(wrote(&scene, BZC_FIELD_CMD_LINE_PTR));
    assert_start(&scene.plan, 0x9000, 0x9800);
    bzc_plan_free(&scene.plan);

    set_scene(&scene, 0x0200);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_false(wrote(&scene, BZC_FIELD_HEAP_END_PTR));
    assert_false(wrote(&scene, BZC_FIELD_LOADFLAGS));
    assert_true(wrote(&scene, BZC_FIELD_TYPE_OF_LOADER));
    bzc_plan_free(&scene.plan);

    set_scene(&scene, 0x0202);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.realmode_phys, 0x10000);
    assert_false(wrote(&scene, BZC_FIELD_SETUP_MOVE_SIZE));
    assert_int_equal(bzc_load16(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->bytes.data + 0x20), 0);
    bzc_plan_free(&scene.plan);
}

static void load_address_moves_code32_start(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    scene.options.load_addr = 0x1000000;
    bzc_store32(scene.file + 0x214, 0x100040);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.pm_phys, 0x1000000);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_PM)->phys, 0x1000000);
    assert_int_equal(scene.plan.code32_start, 0x1000040);
    assert_int_equal(written(&scene, BZC_FIELD_CODE32_START, 0x214, 4), 0x1000040);
    bzc_plan_free(&scene.plan);

    set_scene(&scene, 0x020f);
    scene.options.load_addr = 0x100000;
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_false(wrote(&scene, BZC_FIELD_CODE32_START));
    bzc_plan_free(&scene.plan);
}

static void load_address_has_limits(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    scene.file[0x234] = 0;
    scene.options.load_addr = 0x1000000;
    assert_int_equal(make_plan(&scene), BZC_ERR_UNSUPPORTED);
    assert_non_null(strstr(scene.err.message, "not relocatable"));
    scene.file[0x234] = 1;
    /* The kernel would run in [0x10000000, 0x10345000), and RAM ends where that begins. */
    scene.options.load_addr = 0x10000000 - 8192;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "0x345000 bytes of RAM from 0x10000000 on (init_size)"));
    scene.options.load_addr = 0x10000000 - 0x400000;
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    bzc_store32(scene.file + 0x260, 0);
    scene.options.load_addr = 0x10000000 - 8191;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "RAM"));
    scene.options.load_addr = 0x10000000 - 8192;
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    scene.options.load_addr = 0x80000;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    scene.options.load_addr = 0x100000000ull;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    scene.options.load_addr = UINT64_MAX;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_int_equal(scene.plan.block_count, 0);
}

static void command_line_has_limits(void **state)
{
    char *text = calloc(1, 70000);
    struct scene scene;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', 2047);
    set_scene(&scene, 0x020f);
    scene.options.cmdline = text;
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    text[2047] = 'x';
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "2047"));
    /* 0x2000 bytes with the NUL fit below X+0x10000, one more goes above. */
    bzc_store32(scene.file + 0x238, 0x10000);
    memset(text, 'x', 0x1fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.cmdline_phys, 0x1e000);
    bzc_plan_free(&scene.plan);
    text[0x1fff] = 'x';
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.cmdline_phys, 0x20000);
    assert_int_equal(written(&scene, BZC_FIELD_CMD_LINE_PTR, 0x228, 4), 0x20000);
    assert_start(&scene.plan, 0x1000, 0xe000);
    bzc_plan_free(&scene.plan);
    memset(text, 'x', 69999);
    bzc_store32(scene.file + 0x238, 0xffffffff);
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    /* Before 2.06 the maximum is 255 characters. */
    memset(text, 0, 70000);
    memset(text, 'x', 256);
    set_scene(&scene, 0x0205);
    scene.options.cmdline = text;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    text[255] = '\0';
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    scene.options.cmdline = "";
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE)->bytes.size, 1);
    bzc_plan_free(&scene.plan);
    free(text);
}

static void vga_option_sets_vid_mode(void **state)
{
    static const struct {
        const char *cmdline;
        unsigned mode;
    } cases[] = {
        {"", 0xffff},           {"vga=normal", 0xffff}, {"quiet vga=ext ro", 0xfffe}, {"vga=ask", 0xfffd},
        {"vga=0x318", 0x318},   {"ro vga=791", 791},    {"vga=01417", 01417},         {"nvga=1", 0xffff},
        {"vga=asking", 0xffff}, {"vga=65536", 0xffff},  {"vga=12x", 0xffff},          {"vga=1 vga=ext", 0xfffe},
        {"vga=", 0xffff},       {"vga=-1", 0xffff},     {"vga=vga=1", 0xffff},
    };
    struct scene scene;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_scene(&scene, 0x020f);
        scene.options.cmdline = cases[i].cmdline;
        assert_int_equal(make_plan(&scene), BZC_OK);
        assert_int_equal(written(&scene, BZC_FIELD_VID_MODE, 0x1fa, 2), cases[i].mode);
        bzc_plan_free(&scene.plan);
    }
}

static void initrd_goes_as_high_as_allowed(void **state)
{
    static const struct {
        uint32_t addr_max;
        uint64_t memory;
        const char *cmdline;
        uint64_t expected;
    } cases[] = {
        /* 10000 bytes are three pages when the end is page aligned. */
        {0x7fffffff, 256ull << 20, "", 0x10000000 - 0x3000},
        {0x7fffffff, 8ull << 30, "", 0x80000000 - 0x3000},
        {0x37ffffff, 2ull << 30, "", 0x38000000 - 0x3000},
        {0xffffffff, 8ull << 30, "", 0xc0000000 - 0x3000},
        {0, 2ull << 30, "", 0x38000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=128M", 0x8000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=1G mem=65536k", 0x4000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=nopentium", 0x10000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=128m quiet", 0x8000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=0x8000000 quiet", 0x8000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=134217728  quiet", 0x8000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=128M@1G", 0x10000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=16E", 0x10000000 - 0x3000},
        {0x7fffffff, 256ull << 20, "mem=mem=64M", 0x10000000 - 0x3000},
        /* 0x4ffe - 10000 + 1 = 0x28ef from the base, down to a page */
        {0x5004ffe, 256ull << 20, "", 0x5002000},
    };
    struct scene scene;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_scene(&scene, 0x020f);
        bzc_store32(scene.file + 0x22c, cases[i].addr_max);
        assert_int_equal(bzc_memory_map_default(cases[i].memory, &scene.map, NULL), BZC_OK);
        scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
        scene.options.cmdline = cases[i].cmdline;
        assert_int_equal(make_plan(&scene), BZC_OK);
        assert_int_equal(scene.plan.initrd_phys, cases[i].expected);
        assert_int_equal(written(&scene, BZC_FIELD_RAMDISK_IMAGE, 0x218, 4), cases[i].expected);
        assert_int_equal(written(&scene, BZC_FIELD_RAMDISK_SIZE, 0x21c, 4), 10000);
        assert_ptr_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD)->bytes.data, initrd);
        assert_true(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD)->keep);
        bzc_plan_free(&scene.plan);
    }
}

/* boot.rst, field initrd_addr_max: 131072 bytes under 0x37FFFFFF may start at 0x37FE0000. */
static void initrd_example_of_the_protocol(void **state)
{
    static const uint8_t large[131072];
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    bzc_store32(scene.file + 0x22c, 0x37ffffff);
    assert_int_equal(bzc_memory_map_default(1ull << 30, &scene.map, NULL), BZC_OK);
    scene.options.initrd = (struct bzc_bytes){large, sizeof(large)};
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x37fe0000);
    bzc_plan_free(&scene.plan);
}

static void initrd_keeps_off_the_kernel(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    /* The kernel will use [0x1000000, 0x1345000): just enough above it, then not, so it goes below. */
    scene.options.load_addr = 0x1000000;
    bzc_store32(scene.file + 0x22c, 0x1347fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1345000);
    bzc_plan_free(&scene.plan);
    bzc_store32(scene.file + 0x22c, 0x1346fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    /* Loaded at 1 MiB it runs at pref_address all the same; [0x100000, 0x102000) holds the protected-mode part. */
    scene.options.load_addr = 0;
    bzc_store32(scene.file + 0x22c, 0x1346fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    bzc_store32(scene.file + 0x22c, 0x545fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x546000 - 0x3000);
    bzc_plan_free(&scene.plan);
    bzc_store32(scene.file + 0x22c, 0x103fff);
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "initrd"));
    /* A kernel that is not relocatable runs at pref_address. */
    scene.file[0x234] = 0;
    bzc_store32(scene.file + 0x22c, 0x1346fff);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1000000 - 0x3000);
    bzc_plan_free(&scene.plan);
    scene.options.initrd.size = 1ull << 40;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
}

static void missing_parts_are_told(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    scene.bytes.size = 2047;
    assert_int_equal(make_plan(&scene), BZC_ERR_FORMAT);
    assert_non_null(strstr(scene.err.message, "real-mode part is cut off"));
    scene.bytes.size = 2048;
    assert_int_equal(make_plan(&scene), BZC_ERR_FORMAT);
    assert_non_null(strstr(scene.err.message, "missing"));
    scene.bytes.size = BUILD_SIZE - 16;
    assert_int_equal(make_plan(&scene), BZC_ERR_FORMAT);
    assert_non_null(strstr(scene.err.message, "cut off"));
    scene.bytes.size = BUILD_SIZE - 15;
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
}

static void what_no_loader_starts_is_refused(void **state)
{
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x0100); /* HdrS came with 2.00 */
    assert_int_equal(make_plan(&scene), BZC_ERR_UNSUPPORTED);
    assert_non_null(strstr(scene.err.message, "1.00"));
    set_scene(&scene, 0x020f);
    memset(scene.file + 0x1fe, 0, 8); /* neither boot_flag nor HdrS */
    assert_int_equal(make_plan(&scene), BZC_ERR_UNSUPPORTED);
    assert_non_null(strstr(scene.err.message, "not a bzImage"));
    assert_int_equal(scene.plan.block_count, 0);
}

/* ---- images that are loaded low ---- */

/* A zImage of protocol `version`, linked as all of them were: code32_start 0x1000. */
static void set_low_scene(struct scene *scene, uint16_t version)
{
    set_scene(scene, version);
    scene->file[0x211] = 0;
    bzc_store32(scene->file + 0x214, 0x1000);
}

/* An image of before 2.00: boot sector, setup and no header but setup_sects, syssize, vid_mode and boot_flag. */
static void set_old_scene(struct scene *scene)
{
    set_low_scene(scene, 0x0200);
    memset(scene->file + 0x200, 0x90, 0x70);
}

/*
 * boot.rst, "Memory Layout": the real-mode part at 0x90000; "Loading The Rest of The Kernel": a zImage at 0x10000;
 * "Sample Boot Configuration": heap_end = 0x9800 when not LOADED_HIGH, cmd_line_ptr = base_ptr + heap_end.
 */
static void zimage_is_loaded_low(void **state)
{
    struct scene scene;

    (void)state;
    set_low_scene(&scene, 0x0202);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.path, BZC_PATH_SETUP);
    assert_int_equal(scene.plan.realmode_phys, 0x90000);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->phys, 0x90000);
    assert_true(scene.plan.has_pm);
    assert_int_equal(scene.plan.pm_phys, 0x10000);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_PM)->phys, 0x10000);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_PM)->bytes.size, 8192);
    assert_int_equal(scene.plan.pm_entry_phys, 0x1000);
    assert_int_equal(scene.plan.code32_start, 0x1000);
    assert_false(wrote(&scene, BZC_FIELD_CODE32_START));
    assert_int_equal(scene.plan.cmdline_phys, 0x99800);
    assert_int_equal(written(&scene, BZC_FIELD_CMD_LINE_PTR, 0x228, 4), 0x99800);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), 0x9600);
    assert_int_equal(written(&scene, BZC_FIELD_LOADFLAGS, 0x211, 1), 0x80);
    assert_start(&scene.plan, 0x9000, 0x9800);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_REAL);
    assert_int_equal(scene.plan.jump.linear, 0x90200);
    bzc_plan_free(&scene.plan);

    /* The same for a kernel that knows every field of today. */
    set_low_scene(&scene, 0x020f);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.realmode_phys, 0x90000);
    assert_int_equal(scene.plan.pm_phys, 0x10000);
    bzc_plan_free(&scene.plan);
}

static void zimage_before_2_02_has_the_old_command_line(void **state)
{
    const struct bzc_block *block;
    struct scene scene;

    (void)state;
    set_low_scene(&scene, 0x0201);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_int_equal(make_plan(&scene), BZC_OK);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE);
    assert_int_equal(bzc_load16(block->bytes.data + 0x20), 0xa33f);
    assert_int_equal(bzc_load16(block->bytes.data + 0x22), 0x9800);
    assert_int_equal(written(&scene, BZC_FIELD_SETUP_MOVE_SIZE, 0x212, 2), 0x9800 + 22);
    /* 256 MiB: below 0x10000000, and initrd_addr_max is 0x37ffffff before 2.03 */
    assert_int_equal(written(&scene, BZC_FIELD_RAMDISK_IMAGE, 0x218, 4), 0x10000000 - 0x3000);
    assert_int_equal(written(&scene, BZC_FIELD_RAMDISK_SIZE, 0x21c, 4), 10000);
    bzc_plan_free(&scene.plan);
}

/* boot.rst, "The Image/zImage Memory Layout": nothing of the header exists yet but what is outside of it. */
static void image_before_2_00_has_no_header_to_write(void **state)
{
    const struct bzc_block *block;
    struct scene scene;

    (void)state;
    set_old_scene(&scene);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(scene.plan.realmode_phys, 0x90000);
    assert_int_equal(scene.plan.pm_phys, 0x10000);
    assert_int_equal(scene.plan.code32_start, 0x1000);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE);
    assert_int_equal(block->bytes.size, 2048);
    assert_int_equal(bzc_load16(block->bytes.data + 0x20), 0xa33f);
    assert_int_equal(bzc_load16(block->bytes.data + 0x22), 0x9800);
    assert_int_equal(written(&scene, BZC_FIELD_VID_MODE, 0x1fa, 2), 0xffff);
    assert_int_equal(scene.plan.write_count, 3); /* vid_mode, cl_magic, cl_offset */
    assert_memory_equal(block->bytes.data + 0x1fc, scene.file + 0x1fc, 2048 - 0x1fc);
    assert_start(&scene.plan, 0x9000, 0x9800);
    bzc_plan_free(&scene.plan);

    /* boot.rst, setup_sects: "if the setup_sects field contains 0, the real value is 4" */
    scene.file[0x1f1] = 0;
    bzc_store32(scene.file + 0x1f4, (BUILD_SIZE - 5 * 512) / 16);
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->bytes.size, 5 * 512);
    assert_ptr_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_PM)->bytes.data, scene.file + 5 * 512);
    bzc_plan_free(&scene.plan);
}

static void zimage_has_one_place(void **state)
{
    static uint8_t large[2048 + 0x80001];
    struct scene scene;

    (void)state;
    set_low_scene(&scene, 0x0202);
    scene.options.load_addr = 0x10000;
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    scene.options.load_addr = 0x100000;
    assert_int_equal(make_plan(&scene), BZC_ERR_UNSUPPORTED);
    assert_string_equal(scene.err.message, "a zImage cannot be loaded at 0x100000, only at 0x10000");
    /* [0x10000, 0x90000) is 512 KiB. */
    scene.options.load_addr = 0;
    memcpy(large, scene.file, 2048);
    scene.bytes = (struct bzc_bytes){large, sizeof(large) - 1};
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
    scene.bytes.size++;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "too large for a zImage"));
    assert_int_equal(scene.plan.block_count, 0);
}

/* RAM where the real-mode part goes, and none where the protected-mode part does. */
static void zimage_needs_low_memory(void **state)
{
    static const char text[] = "0 0xffff usable\n0x80000 0x9ffff usable\n0x100000 0xfffffff usable\n";
    const struct bzc_bytes bytes = {(const uint8_t *)text, sizeof(text) - 1};
    struct scene scene;

    (void)state;
    set_low_scene(&scene, 0x0202);
    assert_int_equal(bzc_memory_map_parse(bytes, &scene.map, NULL), BZC_OK);
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_string_equal(scene.err.message, "the memory map has no RAM for the protected-mode part: 0x2000 bytes from "
                                           "0x10000 on");
    assert_int_equal(scene.plan.block_count, 0);
}

static void words_of_the_command_line(void **state)
{
    (void)state;
    assert_true(bzc_cmdline_has("nokaslr", "nokaslr"));
    assert_true(bzc_cmdline_has("a nokaslr b", "nokaslr"));
    assert_true(bzc_cmdline_has("nokaslrx\tnokaslr", "nokaslr"));
    assert_false(bzc_cmdline_has("", "nokaslr"));
    assert_false(bzc_cmdline_has("nokaslr=1 xnokaslr", "nokaslr"));
    assert_false(bzc_cmdline_has("nokaslrnokaslr", "nokaslr"));
}

/* Real kernels have up to 40 setup sectors, the field allows 255. */
static void large_setups_move_the_heap(void **state)
{
    static uint8_t large[256 * 512 + 4096];
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x020f);
    memcpy(large, scene.file, 2048);
    bzc_store32(large + 0x1f4, 0);
    scene.bytes = (struct bzc_bytes){large, sizeof(large)};
    large[0x1f1] = 64;
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_start(&scene.plan, 0x1000, 0xe000);
    bzc_plan_free(&scene.plan);
    /* 112 sectors end at 0xe000: stack and heap lie behind, the command line above the segment. */
    large[0x1f1] = 111;
    assert_int_equal(make_plan(&scene), BZC_OK);
    assert_true(scene.plan.start.gpr[BZC_RSP] > 0xe000);
    assert_true(scene.plan.start.gpr[BZC_RSP] < 0x10000);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), scene.plan.start.gpr[BZC_RSP] - 0x200);
    assert_int_equal(scene.plan.cmdline_phys, 0x20000);
    bzc_plan_free(&scene.plan);
    large[0x1f1] = 255;
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "131072"));
}

static void low_memory_must_be_there(void **state)
{
    static const char text[] = "0 0x97fff usable\n0x100000 0xfffffff usable\n";
    const struct bzc_bytes bytes = {(const uint8_t *)text, sizeof(text) - 1};
    struct scene scene;

    (void)state;
    set_scene(&scene, 0x0201);
    assert_int_equal(bzc_memory_map_parse(bytes, &scene.map, NULL), BZC_OK);
    assert_int_equal(make_plan(&scene), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "0x90000"));
    bzc_store16(scene.file + 0x206, 0x0202);
    assert_int_equal(make_plan(&scene), BZC_OK);
    bzc_plan_free(&scene.plan);
}

/* ---- loaders with places of their own ---- */

/* QEMU, x86_load_linux(): the command line at 0x20000, SP 0xfff0, heap_end_ptr cmdline - setup - 0x200. */
static void heap_ends_where_the_command_line_begins(void **state)
{
    struct bzc_boot_loader loader;
    struct scene scene;

    (void)state;
    bzc_boot_loader_init(&loader, BZC_PATH_SETUP);
    loader.setup_at = 0x10000;
    loader.cmdline_at = 0x20000;
    loader.heap_to_cmdline = true;
    set_scene(&scene, 0x020f);
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(scene.plan.cmdline_phys, 0x20000);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), 0xfe00);
    assert_start(&scene.plan, 0x1000, 0xfff0);
    assert_int_equal(scene.plan.moved_end, 0);
    bzc_plan_free(&scene.plan);

    /* "high, ancient": 0x9a000 - ((21 characters + 16) & ~15) */
    loader.setup_at = 0x90000;
    loader.cmdline_at = 0;
    loader.cmdline_below = 0x9a000;
    set_scene(&scene, 0x0201);
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(scene.plan.cmdline_phys, 0x99fe0);
    assert_int_equal(written(&scene, BZC_FIELD_HEAP_END_PTR, 0x224, 2), 0x9de0);
    assert_start(&scene.plan, 0x9000, 0x9fe0);
    assert_int_equal(scene.plan.moved_end, 0);
    bzc_plan_free(&scene.plan);
}

/* SYSLINUX, bios_boot_linux(), before 2.02: offset (0xfff0 - 22) & ~15 of setup at 0x10000, which moves to 0x90000. */
static void command_line_moves_with_an_old_setup(void **state)
{
    struct bzc_boot_loader loader;
    const struct bzc_block *block;
    struct scene scene;

    (void)state;
    bzc_boot_loader_init(&loader, BZC_PATH_SETUP);
    loader.setup_at = 0x10000;
    loader.cmdline_below = 0x1fff0;
    loader.heap_to_cmdline = true;
    set_scene(&scene, 0x0201);
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(written(&scene, BZC_FIELD_SETUP_MOVE_SIZE, 0x212, 2), 0xffd0 + 22);
    assert_int_equal(scene.plan.moved_end, 0x90000 + 0xffd0 + 22);
    block = bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE);
    assert_int_equal(block->phys, 0x1ffd0);
    assert_int_equal(block->keep_phys, 0x9ffd0);
    assert_int_equal(scene.plan.cmdline_phys, 0x9ffd0);
    bzc_plan_free(&scene.plan);

    /* what setup_move_size does not count stays */
    loader.write[0] = (struct bzc_loader_write){.is_header = true, .field = BZC_FIELD_SETUP_MOVE_SIZE, .value = 0xffe5};
    loader.write_count = 1;
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(scene.plan.moved_end, 0x9ffe5);
    assert_int_equal(scene.plan.cmdline_phys, 0x1ffd0);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE)->keep_phys, 0x1ffd0);
    bzc_plan_free(&scene.plan);
}

/* kvmtool, x86/kvm.c: BOOT_LOADER_SELECTOR 0x1000 in CS, too; IP 0x200 for a bzImage, 0 for a flat binary. */
static void setup_is_entered_in_other_ways(void **state)
{
    struct bzc_boot_loader loader;
    struct scene scene;

    (void)state;
    bzc_boot_loader_init(&loader, BZC_PATH_SETUP);
    loader.setup_at = 0x10000;
    loader.setup_entry = BZC_SETUP_SAME_SEGMENT;
    set_scene(&scene, 0x020f);
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(scene.plan.start.seg[BZC_CS].selector, 0x1000);
    assert_int_equal(scene.plan.start.seg[BZC_CS].base, 0x10000);
    assert_int_equal(scene.plan.start.rip, 0x200);
    assert_int_equal(scene.plan.jump.linear, 0x10200);
    bzc_plan_free(&scene.plan);

    loader.setup_entry = BZC_SETUP_FIRST_BYTE;
    set_old_scene(&scene);
    assert_int_equal(make_plan_as(&scene, &loader), BZC_OK);
    assert_int_equal(scene.plan.start.seg[BZC_CS].selector, 0x1000);
    assert_int_equal(scene.plan.start.rip, 0);
    assert_int_equal(scene.plan.jump.linear, 0x10000);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->phys, 0x10000);
    assert_int_equal(scene.plan.pm_phys, 0x10000 + bzc_plan_block(&scene.plan, BZC_BLOCK_REALMODE)->bytes.size);
    assert_int_equal(bzc_plan_block(&scene.plan, BZC_BLOCK_PM)->phys, scene.plan.pm_phys);
    bzc_plan_free(&scene.plan);

    loader.setup_at = 0x9e000; /* and RAM ends at 0x9fc00 */
    loader.heap_end = 0x1c00;
    loader.cmdline_at = 0x80000;
    assert_int_equal(make_plan_as(&scene, &loader), BZC_ERR_LIMIT);
    assert_non_null(strstr(scene.err.message, "no RAM from 0x9e000 on for the"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modern_kernel),
        cmocka_unit_test(kernel_before_2_02),
        cmocka_unit_test(load_address_moves_code32_start),
        cmocka_unit_test(load_address_has_limits),
        cmocka_unit_test(command_line_has_limits),
        cmocka_unit_test(vga_option_sets_vid_mode),
        cmocka_unit_test(initrd_goes_as_high_as_allowed),
        cmocka_unit_test(initrd_example_of_the_protocol),
        cmocka_unit_test(initrd_keeps_off_the_kernel),
        cmocka_unit_test(missing_parts_are_told),
        cmocka_unit_test(what_no_loader_starts_is_refused),
        cmocka_unit_test(zimage_is_loaded_low),
        cmocka_unit_test(zimage_before_2_02_has_the_old_command_line),
        cmocka_unit_test(image_before_2_00_has_no_header_to_write),
        cmocka_unit_test(zimage_has_one_place),
        cmocka_unit_test(zimage_needs_low_memory),
        cmocka_unit_test(words_of_the_command_line),
        cmocka_unit_test(large_setups_move_the_heap),
        cmocka_unit_test(heap_ends_where_the_command_line_begins),
        cmocka_unit_test(command_line_moves_with_an_old_setup),
        cmocka_unit_test(setup_is_entered_in_other_ways),
        cmocka_unit_test(low_memory_must_be_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
