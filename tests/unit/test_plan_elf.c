/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans that load ELF files, from files built by hand after the System V ABI and start_info.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "image_builder.h"
#include "loader/plan.h"

#define MIB 0x100000ull

/* ---- ELF files ---- */

#define ELF_MAX   0x4000u
#define ELF_TEXT  0x1000u /* file offset of the segments' bytes */
#define ELF_NOTES 0xf00u  /* and of the notes */

struct elf_file {
    uint8_t data[ELF_MAX];
    unsigned bits;
    unsigned headers; /* program headers so far */
};

static void elf_start(struct elf_file *file, unsigned bits, uint64_t entry)
{
    static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 0, 1, 1};
    uint8_t *p = file->data;

    memset(file, 0, sizeof(*file));
    file->bits = bits;
    memcpy(p, ident, sizeof(ident));
    p[4] = bits == 64 ? 2 : 1;
    bzc_store16(p + 16, 2);
    bzc_store16(p + 18, bits == 64 ? 62 : 3);
    bzc_store32(p + 20, 1);
    if (bits == 64) {
        bzc_store64(p + 24, entry);
        bzc_store64(p + 32, 64);
        bzc_store16(p + 54, 56);
    } else {
        bzc_store32(p + 24, (uint32_t)entry);
        bzc_store32(p + 28, 52);
        bzc_store16(p + 42, 32);
    }
    for (size_t i = ELF_TEXT; i < ELF_MAX; i++)
        p[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void elf_header(struct elf_file *file, uint32_t type, uint64_t offset, uint64_t vaddr, uint64_t paddr,
                       uint64_t filesz, uint64_t memsz)
{
    uint8_t *p = file->data;

    if (file->bits == 64) {
        p += 64 + file->headers * 56u;
        bzc_store32(p, type);
        bzc_store32(p + 4, 7);
        bzc_store64(p + 8, offset);
        bzc_store64(p + 16, vaddr);
        bzc_store64(p + 24, paddr);
        bzc_store64(p + 32, filesz);
        bzc_store64(p + 40, memsz);
        bzc_store64(p + 48, 4);
        bzc_store16(file->data + 56, (uint16_t)++file->headers);
    } else {
        p += 52 + file->headers * 32u;
        bzc_store32(p, type);
        bzc_store32(p + 4, (uint32_t)offset);
        bzc_store32(p + 8, (uint32_t)vaddr);
        bzc_store32(p + 12, (uint32_t)paddr);
        bzc_store32(p + 16, (uint32_t)filesz);
        bzc_store32(p + 20, (uint32_t)memsz);
        bzc_store32(p + 24, 7);
        bzc_store32(p + 28, 4);
        bzc_store16(file->data + 44, (uint16_t)++file->headers);
    }
    assert_true(file->headers <= 48);
}

static void elf_load(struct elf_file *file, uint64_t offset, uint64_t vaddr, uint64_t paddr, uint64_t filesz,
                     uint64_t memsz)
{
    elf_header(file, 1, offset, vaddr, paddr, filesz, memsz);
}

/* A PT_NOTE with two notes: one of another owner with the same type, and PHYS32_ENTRY (18) with `size` bytes. */
static void elf_note(struct elf_file *file, const char *name, uint64_t entry, unsigned size)
{
    uint8_t *p = file->data + ELF_NOTES;

    bzc_store32(p, 4);
    bzc_store32(p + 4, 4);
    bzc_store32(p + 8, 18);
    memcpy(p + 12, "Abc", 4);
    bzc_store32(p + 16, 0x01000001);
    p += 20;
    bzc_store32(p, 4);
    bzc_store32(p + 4, size);
    bzc_store32(p + 8, 18);
    memcpy(p + 12, name, 4);
    bzc_store32(p + 16, (uint32_t)entry);
    if (size == 8)
        bzc_store32(p + 20, (uint32_t)(entry >> 32));
    elf_header(file, 4, ELF_NOTES, 0, 0, 20 + 16 + size, 20 + 16 + size);
}

/* As vmlinux is: linked high, loaded at 16 MiB; a second segment ends in memory that is not in the file. */
static void elf_vmlinux64(struct elf_file *file)
{
    elf_start(file, 64, 0x1000040);
    elf_load(file, 0x1000, 0xffffffff81000000, 0x1000000, 0x1800, 0x1800);
    elf_load(file, 0x2800, 0xffffffff81200000, 0x1200000, 0x600, 0x3000);
}

static void elf_vmlinux32(struct elf_file *file)
{
    elf_start(file, 32, 0x1000010);
    elf_load(file, 0x1000, 0xc1000000, 0x1000000, 0x1000, 0x2000);
}

/* ---- plans ---- */

static const uint8_t initrd[10000] = {'0', '7', '0', '7', '0', '1'};

struct scene {
    uint8_t file[BUILD_SIZE];
    struct bzc_image image;
    struct elf_file payload;
    struct bzc_elf elf;
    struct bzc_memory_map map;
    struct bzc_boot_loader loader;
    struct bzc_plan_options options;
    struct bzc_error err;
    struct bzc_plan plan;
};

static struct scene scene;

static void set_scene(enum bzc_path path)
{
    memset(&scene, 0, sizeof(scene));
    build_image(scene.file, 0x020f);
    assert_int_equal(bzc_memory_map_default(256 * MIB, &scene.map, NULL), BZC_OK);
    bzc_boot_loader_init(&scene.loader, path);
    scene.options.cmdline = "console=ttyS0";
    scene.options.map = &scene.map;
}

static enum bzc_status make_plan(void)
{
    bzc_image_parse((struct bzc_bytes){scene.file, BUILD_SIZE}, &scene.image);
    return bzc_plan_make(&scene.loader, &scene.image, &scene.options, &scene.plan, &scene.err);
}

/* With scene.payload as the image's unpacked payload. */
static enum bzc_status plan_payload(void)
{
    assert_int_equal(bzc_elf_parse((struct bzc_bytes){scene.payload.data, ELF_MAX}, &scene.elf, &scene.err), BZC_OK);
    scene.options.kernel = &scene.elf;
    return make_plan();
}

/* With scene.payload at the head of the protected-mode part. */
static enum bzc_status plan_wrapped(void)
{
    memcpy(scene.file + BUILD_REALMODE_SIZE, scene.payload.data, BUILD_PM_SIZE);
    return make_plan();
}

static void assert_refused(enum bzc_status status, enum bzc_status wanted, const char *text)
{
    assert_int_equal(status, wanted);
    assert_int_equal(scene.plan.block_count, 0);
    if (!strstr(scene.err.message, text))
        fail_msg("\"%s\" does not tell \"%s\"", scene.err.message, text);
}

static const struct bzc_block *block_at(enum bzc_block_role role, uint64_t phys)
{
    for (size_t i = 0; i < scene.plan.block_count; i++)
        if (scene.plan.block[i].role == role && scene.plan.block[i].phys == phys)
            return &scene.plan.block[i];
    fail_msg("no such block at 0x%llx", (unsigned long long)phys);
    return NULL;
}

static void assert_segment(uint64_t phys, size_t offset, size_t size)
{
    const struct bzc_block *block = block_at(BZC_BLOCK_SEGMENT, phys);

    assert_int_equal(block->bytes.size, size);
    assert_memory_equal(block->bytes.data, scene.payload.data + offset, size);
    assert_false(block->keep);
}

static size_t count_blocks(enum bzc_block_role role)
{
    size_t count = 0;

    for (size_t i = 0; i < scene.plan.block_count; i++)
        count += scene.plan.block[i].role == role;
    return count;
}

/* A number in the loader's own blocks, by physical address. */
static uint64_t number_at(enum bzc_block_role role, uint64_t phys, unsigned size)
{
    for (size_t i = 0; i < scene.plan.block_count; i++) {
        const struct bzc_block *block = &scene.plan.block[i];
        uint64_t value;

        if (block->role == role && phys >= block->phys &&
            bzc_bytes_uint(block->bytes, phys - block->phys, size, &value))
            return value;
    }
    fail_msg("nothing lies at 0x%llx", (unsigned long long)phys);
    return 0;
}

/* Intel SDM 3A, "4-Level Paging": the tables begin with the first page-table block. True when linear == physical. */
static bool is_identity_mapped(uint64_t linear)
{
    const struct bzc_block *tables = bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES);
    uint64_t table, entry;

    assert_non_null(tables);
    table = tables->phys;
    for (unsigned shift = 39;; shift -= 9) {
        entry = number_at(BZC_BLOCK_PAGE_TABLES, table + (linear >> shift & 511) * 8, 8);
        if (!(entry & 1))
            return false;
        table = entry & 0x000ffffffffff000;
        if (shift == 12 || (shift < 39 && entry & 0x80))
            return (table & ~((1ull << shift) - 1)) == (linear & ~((1ull << shift) - 1));
    }
}

static void elf64_with_boot_params(void **state)
{
    const struct bzc_block *block;

    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.path, BZC_PATH_PAYLOAD_ELF);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_LONG);
    assert_int_equal(scene.plan.jump.linear, 0x1000040);
    assert_false(scene.plan.has_pm);
    assert_true(scene.plan.a20_open);
    assert_int_equal(count_blocks(BZC_BLOCK_SEGMENT), 2);
    assert_segment(0x1000000, 0x1000, 0x1800);
    assert_segment(0x1200000, 0x2800, 0x600);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_PM));
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_START_INFO));

    block = bzc_plan_block(&scene.plan, BZC_BLOCK_CMDLINE);
    assert_non_null(block);
    assert_int_equal(block->phys, scene.plan.cmdline_phys);
    assert_string_equal(block->bytes.data, "console=ttyS0");
    assert_int_equal(block_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys)->bytes.size, 4096);
    assert_int_equal(number_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys + 0x202, 4), 0x53726448);
    assert_int_equal(number_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys + 0x228, 4), scene.plan.cmdline_phys);
    assert_int_equal(number_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys + 0x218, 4), scene.plan.initrd_phys);
    assert_int_equal(number_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys + 0x21c, 4), sizeof(initrd));
    /* the highest page-aligned place below 256 MiB */
    assert_int_equal(scene.plan.initrd_phys, 256 * MIB - 3 * 4096);
    assert_true(block_at(BZC_BLOCK_INITRD, scene.plan.initrd_phys)->keep);

    assert_true(is_identity_mapped(0x1000000));
    assert_true(is_identity_mapped(0x1202fff));
    assert_true(is_identity_mapped(scene.plan.boot_params_phys));
    assert_true(is_identity_mapped(scene.plan.boot_params_phys + 4095));
    assert_true(is_identity_mapped(scene.plan.cmdline_phys));
    bzc_plan_free(&scene.plan);
}

/* True when the trampoline holds these bytes; its own tests show that it runs. */
static bool trampoline_has(const void *bytes, size_t size)
{
    const struct bzc_block *block = bzc_plan_block(&scene.plan, BZC_BLOCK_TRAMPOLINE);

    assert_non_null(block);
    for (size_t i = 0; i + size <= block->bytes.size; i++)
        if (memcmp(block->bytes.data + i, bytes, size) == 0)
            return true;
    return false;
}

/* boot_params and command line where the loader likes, and what leads the kernel to them. */
static void places_of_the_loader(void **state)
{
    /* Intel SDM 2B, MOV: mov rsi, imm64; mov esi, imm32; mov ebx, imm32 */
    static const uint8_t rsi[] = {0x48, 0xbe, 0x00, 0x30, 0x00, 0x03, 0, 0, 0, 0};
    static const uint8_t esi[] = {0xbe, 0x00, 0x30, 0x00, 0x03};
    static const uint8_t ebx[] = {0xbb, 0x00, 0x30, 0x00, 0x03};

    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.loader.boot_params_at = 0x3003000;
    scene.loader.cmdline_at = 0x3400800;
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.boot_params_phys, 0x3003000);
    assert_int_equal(scene.plan.cmdline_phys, 0x3400800);
    assert_true(is_identity_mapped(0x3003000));
    assert_true(is_identity_mapped(0x3400800));
    assert_false(is_identity_mapped(0x3800000));
    assert_true(trampoline_has(rsi, sizeof(rsi)));
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux32(&scene.payload);
    scene.loader.boot_params_at = 0x3003000;
    assert_int_equal(plan_payload(), BZC_OK);
    assert_true(trampoline_has(esi, sizeof(esi)));
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PVH);
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    scene.loader.boot_params_at = 0x3003000;
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.start_info_phys, 0x3003000);
    assert_true(trampoline_has(ebx, sizeof(ebx)));
    bzc_plan_free(&scene.plan);
}

/* elf.h: kernels may store in e_entry where the entry is linked. */
static void virtual_entry(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    bzc_store64(scene.payload.data + 24, 0xffffffff81200010);
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.jump.linear, 0x1200010);
    bzc_plan_free(&scene.plan);
}

static void elf32_with_boot_params(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux32(&scene.payload);
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_PROT32);
    assert_int_equal(scene.plan.jump.linear, 0x1000010);
    assert_segment(0x1000000, 0x1000, 0x1000);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES));
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_INITRD));
    bzc_plan_free(&scene.plan);
}

/* Beside a kernel that reaches to the end of memory; the protocol's bound and mem= count too. */
static void initrd_beside_kernel(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 255 * MIB, 0x10, MIB);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_int_equal(plan_payload(), BZC_OK);
    /* between the second and the third segment there is nothing of the kernel, but it may count on its own span */
    assert_int_equal(scene.plan.initrd_phys, 0x1000000 - 3 * 4096);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    bzc_store32(scene.file + 0x22c, 0x0203ffff); /* initrd_addr_max */
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x203d000);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    scene.options.cmdline = "mem=32M";
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1ffd000);
    bzc_plan_free(&scene.plan);

    /* A header that says 0 has forgotten the field. */
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    bzc_store32(scene.file + 0x22c, 0);
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 256 * MIB - 3 * 4096);
    bzc_plan_free(&scene.plan);

    /* Low memory is not for it, wherever a loader begins to look. */
    scene.loader.initrd_at = (struct bzc_place){BZC_PLACE_LOWEST, 0x1000};
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, MIB);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_start(&scene.payload, 64, MIB);
    elf_load(&scene.payload, 0x1000, 0xffffffff80100000, MIB, 0x100, 255 * MIB);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "initrd of 10000 bytes");
}

static void refusals(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    assert_refused(make_plan(), BZC_ERR_UNSUPPORTED, "no payload");

    set_scene(BZC_PATH_PVH);
    assert_refused(make_plan(), BZC_ERR_UNSUPPORTED, "no payload");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* the entry lies behind the segment */
    elf_vmlinux64(&scene.payload);
    bzc_store64(scene.payload.data + 24, 0x1001800);
    assert_refused(plan_payload(), BZC_ERR_FORMAT, "entry 0x1001800");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* ELFCLASS32 for x86-64: x32 */
    elf_vmlinux32(&scene.payload);
    bzc_store16(scene.payload.data + 18, 62);
    assert_refused(plan_payload(), BZC_ERR_UNSUPPORTED, "ELFCLASS32");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* memsz reaches over the end of RAM */
    elf_vmlinux64(&scene.payload);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 255 * MIB, 0x10, MIB + 1);
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "program header 2");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* on the command line */
    elf_vmlinux64(&scene.payload);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 0x1f000, 0x10, 0x1001);
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "overlaps the command line at 0x20000");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* on boot_params */
    elf_vmlinux64(&scene.payload);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 0x10fff, 0x1, 0x1);
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "overlaps the boot_params at 0x10000");

    set_scene(BZC_PATH_PAYLOAD_ELF); /* a place of the user's own */
    elf_vmlinux64(&scene.payload);
    scene.options.load_addr = 0x2000000;
    assert_refused(plan_payload(), BZC_ERR_UNSUPPORTED, "0x1000000, and not at 0x2000000");

    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_start(&scene.payload, 64, 0x1000000);
    for (unsigned i = 0; i < 33; i++)
        elf_load(&scene.payload, 0x1000, 0xffffffff81000000 + i * 0x1000ull, 0x1000000 + i * 0x1000ull, 0x10, 0x10);
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "33 segments");
}

/* The trampoline, its page tables and whatever else the loader made keep clear of the segments, or it refuses. */
static void segment_everywhere(void **state)
{
    unsigned planned = 0, refused = 0;

    (void)state;
    for (uint64_t at = 0; at + 0x4000 <= 0x9fc00; at += 0x3800) {
        set_scene(BZC_PATH_PAYLOAD_ELF);
        elf_vmlinux64(&scene.payload);
        elf_load(&scene.payload, 0x1000, 0xffffffff82000000, at, 0x10, 0x4000);
        if (plan_payload() != BZC_OK) {
            refused++;
            continue;
        }
        planned++;
        for (size_t i = 0; i < scene.plan.block_count; i++) {
            const struct bzc_block *block = &scene.plan.block[i];

            assert_true(block->role == BZC_BLOCK_SEGMENT || block->phys >= at + 0x4000 ||
                        block->phys + block->bytes.size <= at);
        }
        bzc_plan_free(&scene.plan);
    }
    assert_true(planned > 0);
    assert_true(refused > 1); /* at least where boot_params and the command line are */
}

/* A segment of no bytes lies nowhere. */
static void empty_segment(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 0x20004, 0, 0);
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(count_blocks(BZC_BLOCK_SEGMENT), 2);
    bzc_plan_free(&scene.plan);
}

/* A loader may put the file where it wants to be anyway. */
static void load_address_of_the_file(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PAYLOAD_ELF);
    elf_vmlinux64(&scene.payload);
    scene.options.load_addr = 0x1000000;
    assert_int_equal(plan_payload(), BZC_OK);
    bzc_plan_free(&scene.plan);
}

/* ---- PVH ---- */

/* Offsets from xen/include/public/arch-x86/hvm/start_info.h. */
static void assert_start_info(uint64_t entry)
{
    uint64_t info = scene.plan.start_info_phys, modules, memmap;

    assert_int_equal(scene.plan.jump.mode, BZC_MODE_PROT32);
    assert_int_equal(scene.plan.jump.linear, entry);
    assert_int_equal(scene.plan.boot_params_phys, 0);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_BOOT_PARAMS));
    assert_int_equal(info & 3, 0);
    assert_true(block_at(BZC_BLOCK_START_INFO, info)->keep);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info, 4), 0x336ec578);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 4, 4), 1);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 8, 4), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 12, 4), 1);
    modules = number_at(BZC_BLOCK_START_INFO, info + 16, 8);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 24, 8), scene.plan.cmdline_phys);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 32, 8), 0xe0010);
    memmap = number_at(BZC_BLOCK_START_INFO, info + 40, 8);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 48, 4), 4);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 52, 4), 0);

    assert_true(modules >= info + 56);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, modules, 8), scene.plan.initrd_phys);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, modules + 8, 8), sizeof(initrd));
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, modules + 16, 8), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, modules + 24, 8), 0);

    /* memory_map.h: 256 MiB */
    assert_true(memmap >= modules + 32);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap, 8), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 8, 8), 0x9fc00);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 16, 4), 1);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 20, 4), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 24, 8), 0x9fc00);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 24 + 16, 4), 2);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 72, 8), 0x100000);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 72 + 8, 8), 255 * MIB);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, memmap + 72 + 16, 4), 1);
}

static void pvh(void **state)
{
    (void)state;
    for (unsigned size = 4; size <= 8; size += 4) {
        set_scene(BZC_PATH_PVH);
        elf_vmlinux64(&scene.payload);
        elf_note(&scene.payload, "Xen", 0x1000440, size);
        scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
        scene.options.acpi_rsdp_addr = 0xe0010;
        assert_int_equal(plan_payload(), BZC_OK);
        assert_int_equal(scene.plan.path, BZC_PATH_PVH);
        assert_segment(0x1000000, 0x1000, 0x1800);
        assert_segment(0x1200000, 0x2800, 0x600);
        assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES));
        assert_start_info(0x1000440);
        bzc_plan_free(&scene.plan);
    }
    set_scene(BZC_PATH_PVH);
    elf_vmlinux32(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    scene.options.acpi_rsdp_addr = 0xe0010;
    assert_int_equal(plan_payload(), BZC_OK);
    assert_start_info(0x1000440);
    bzc_plan_free(&scene.plan);
}

static void pvh_without_initrd_and_map(void **state)
{
    uint64_t info;

    (void)state;
    set_scene(BZC_PATH_PVH);
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    scene.loader.no_e820 = true;
    assert_int_equal(plan_payload(), BZC_OK);
    info = scene.plan.start_info_phys;
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 12, 4), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 16, 8), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 32, 8), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 40, 8), 0);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, info + 48, 4), 0);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_PVH);
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    scene.loader.e820_max = 3;
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(number_at(BZC_BLOCK_START_INFO, scene.plan.start_info_phys + 48, 4), 3);
    bzc_plan_free(&scene.plan);
}

/* ramdisk_image of a kernel entered by PVH has 32 bits. */
static void pvh_initrd_below_4g(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PVH);
    assert_int_equal(bzc_memory_map_default(8192 * MIB, &scene.map, NULL), BZC_OK);
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    scene.loader.initrd_last = UINT64_MAX;
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_int_equal(plan_payload(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0xc0000000 - 3 * 4096);
    bzc_plan_free(&scene.plan);
}

static void pvh_refusals(void **state)
{
    (void)state;
    set_scene(BZC_PATH_PVH);
    elf_vmlinux64(&scene.payload);
    assert_refused(plan_payload(), BZC_ERR_UNSUPPORTED, "PHYS32_ENTRY");

    set_scene(BZC_PATH_PVH); /* another owner's note */
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "xen", 0x1000440, 4);
    assert_refused(plan_payload(), BZC_ERR_UNSUPPORTED, "PHYS32_ENTRY");

    set_scene(BZC_PATH_PVH);
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1001800, 4);
    assert_refused(plan_payload(), BZC_ERR_FORMAT, "0x1001800");

    set_scene(BZC_PATH_PVH); /* the upper half counts */
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x101000440, 8);
    assert_refused(plan_payload(), BZC_ERR_FORMAT, "0x101000440");

    set_scene(BZC_PATH_PVH); /* on hvm_start_info */
    elf_vmlinux64(&scene.payload);
    elf_note(&scene.payload, "Xen", 0x1000440, 4);
    elf_load(&scene.payload, 0x1000, 0xffffffff82000000, 0x10000, 0x1, 0x1);
    assert_refused(plan_payload(), BZC_ERR_LIMIT, "overlaps the hvm_start_info at 0x10000");
}

/* ---- the ELF-wrapped layout ---- */

/* The whole protected-mode part in one segment, header included, at 1 MiB; entered 0x1000 behind its start. */
static void elf_wrapper(struct elf_file *file, unsigned bits)
{
    elf_start(file, bits, bits == 64 ? 0x101200 : 0x101000);
    elf_load(file, 0, 0x100000, 0x100000, BUILD_PM_SIZE, BUILD_PM_SIZE);
    bzc_store32(scene.file + 0x214, 0x101000);
}

static void wrapped(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ELF_WRAPPED);
    elf_wrapper(&scene.payload, 32);
    assert_int_equal(plan_wrapped(), BZC_OK);
    assert_int_equal(scene.plan.path, BZC_PATH_ELF_WRAPPED);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_PROT32);
    assert_int_equal(scene.plan.jump.linear, 0x101000);
    assert_true(scene.plan.has_pm);
    assert_int_equal(scene.plan.pm_phys, 0x100000);
    assert_int_equal(scene.plan.pm_entry_phys, 0x100000);
    assert_int_equal(scene.plan.code32_start, 0x101000);
    assert_int_equal(scene.plan.kernel_alignment, 0x200000);
    assert_int_equal(count_blocks(BZC_BLOCK_SEGMENT), 1);
    assert_segment(0x100000, 0, BUILD_PM_SIZE);
    assert_null(bzc_plan_block(&scene.plan, BZC_BLOCK_PAGE_TABLES));
    assert_int_equal(number_at(BZC_BLOCK_BOOT_PARAMS, scene.plan.boot_params_phys + 0x214, 4), 0x101000);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_ELF_WRAPPED);
    elf_wrapper(&scene.payload, 64);
    assert_int_equal(plan_wrapped(), BZC_OK);
    assert_int_equal(scene.plan.jump.mode, BZC_MODE_LONG);
    assert_int_equal(scene.plan.jump.linear, 0x101200);
    assert_int_equal(scene.plan.code32_start, 0x101000);
    assert_true(is_identity_mapped(0x101200));
    assert_true(is_identity_mapped(0x1000000)); /* init_size bytes from pref_address on */
    assert_true(is_identity_mapped(0x1000000 + 0x345000 - 1));
    assert_true(is_identity_mapped(scene.plan.boot_params_phys));
    bzc_plan_free(&scene.plan);
}

/* Program headers that load without the ELF header, and not at 1 MiB. */
static void wrapped_elsewhere(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ELF_WRAPPED);
    elf_start(&scene.payload, 32, 0x401010);
    elf_load(&scene.payload, 0x1800, 0x401800, 0x401800, 0x800, 0x1000);
    elf_load(&scene.payload, 0x1000, 0x401000, 0x401000, 0x800, 0x800);
    bzc_store32(scene.file + 0x214, 0x101010);
    assert_int_equal(plan_wrapped(), BZC_OK);
    assert_int_equal(scene.plan.pm_phys, 0x400000);
    assert_int_equal(scene.plan.code32_start, 0x401010);
    assert_segment(0x401000, 0x1000, 0x800);
    assert_segment(0x401800, 0x1800, 0x800);
    bzc_plan_free(&scene.plan);

    set_scene(BZC_PATH_ELF_WRAPPED); /* the lowest segment counts */
    elf_start(&scene.payload, 32, 0x401810);
    elf_load(&scene.payload, 0x1000, 0x501000, 0x501000, 0x800, 0x800);
    elf_load(&scene.payload, 0x1800, 0x401800, 0x401800, 0x800, 0x800);
    assert_int_equal(plan_wrapped(), BZC_OK);
    assert_int_equal(scene.plan.pm_phys, 0x400000);
    bzc_plan_free(&scene.plan);
}

static void wrapped_refusals(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ELF_WRAPPED);
    assert_refused(make_plan(), BZC_ERR_UNSUPPORTED, "does not begin with an ELF file");

    set_scene(BZC_PATH_ELF_WRAPPED); /* a segment that the file does not hold */
    elf_wrapper(&scene.payload, 32);
    elf_load(&scene.payload, BUILD_PM_SIZE - 1, 0x200000, 0x200000, 2, 2);
    assert_refused(plan_wrapped(), BZC_ERR_FORMAT, "program header 1");

    set_scene(BZC_PATH_ELF_WRAPPED); /* its file offset is above its address */
    elf_start(&scene.payload, 32, 0x800);
    elf_load(&scene.payload, 0x1000, 0x800, 0x800, 0x100, 0x100);
    assert_refused(plan_wrapped(), BZC_ERR_FORMAT, "offset 0x1000");

    set_scene(BZC_PATH_ELF_WRAPPED); /* init_size over the end of RAM */
    elf_wrapper(&scene.payload, 32);
    bzc_store32(scene.file + 0x260, 0xf000001);
    assert_refused(plan_wrapped(), BZC_ERR_LIMIT, "init_size");

    set_scene(BZC_PATH_ELF_WRAPPED);
    elf_wrapper(&scene.payload, 32);
    bzc_store32(scene.payload.data + 24, 0x100000 + BUILD_PM_SIZE);
    assert_refused(plan_wrapped(), BZC_ERR_FORMAT, "entry 0x102000");
}

/* The initrd keeps clear of what the kernel unpacks to. */
static void wrapped_initrd(void **state)
{
    (void)state;
    set_scene(BZC_PATH_ELF_WRAPPED);
    elf_wrapper(&scene.payload, 32);
    bzc_store32(scene.file + 0x260, 0xf000000); /* init_size: from 16 MiB to the end of RAM */
    scene.options.initrd = (struct bzc_bytes){initrd, sizeof(initrd)};
    assert_int_equal(plan_wrapped(), BZC_OK);
    assert_int_equal(scene.plan.initrd_phys, 0x1000000 - 3 * 4096);
    bzc_plan_free(&scene.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elf64_with_boot_params),
        cmocka_unit_test(places_of_the_loader),
        cmocka_unit_test(virtual_entry),
        cmocka_unit_test(elf32_with_boot_params),
        cmocka_unit_test(initrd_beside_kernel),
        cmocka_unit_test(refusals),
        cmocka_unit_test(segment_everywhere),
        cmocka_unit_test(empty_segment),
        cmocka_unit_test(load_address_of_the_file),
        cmocka_unit_test(pvh),
        cmocka_unit_test(pvh_without_initrd_and_map),
        cmocka_unit_test(pvh_initrd_below_4g),
        cmocka_unit_test(pvh_refusals),
        cmocka_unit_test(wrapped),
        cmocka_unit_test(wrapped_elsewhere),
        cmocka_unit_test(wrapped_refusals),
        cmocka_unit_test(wrapped_initrd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
