/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <string.h>

#include "base/bytes.h"
#include "loader/elf.h"

/*
 * Files are laid out with the structures of the C library's <elf.h>, which elf.c does not use:
 * header, program headers at 0x40/0x34, notes at 0x400, segment bytes at 0x1000 and 0x1800, section headers at 0x2000.
 */
#define FILE_SIZE 0x3000u

static const uint8_t build_id[] = {0xde, 0xad, 0xbe, 0xef, 0x01, 0x02, 0x03, 0x04};

static size_t put_notes(uint8_t *at)
{
    /* A note of another owner with a name and data that need padding, then the build ID. */
    static const uint8_t xen[] = {4,   0,   0,   0, 6,   0,   0,   0,   3,   0, 0, 0,
                                  'X', 'e', 'n', 0, 'l', 'i', 'n', 'u', 'x', 0, 0, 0};
    static const uint8_t gnu[] = {4, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0};

    memcpy(at, xen, sizeof(xen));
    memcpy(at + sizeof(xen), gnu, sizeof(gnu));
    memcpy(at + sizeof(xen) + sizeof(gnu), build_id, sizeof(build_id));
    return sizeof(xen) + sizeof(gnu) + sizeof(build_id);
}

struct file64 {
    Elf64_Ehdr header;
    Elf64_Phdr segment[3];
    Elf64_Shdr section[3];
};

static void describe64(struct file64 *file)
{
    memset(file, 0, sizeof(*file));
    memcpy(file->header.e_ident, ELFMAG, SELFMAG);
    file->header.e_ident[EI_CLASS] = ELFCLASS64;
    file->header.e_ident[EI_DATA] = ELFDATA2LSB;
    file->header.e_ident[EI_VERSION] = EV_CURRENT;
    file->header.e_type = ET_EXEC;
    file->header.e_machine = EM_X86_64;
    file->header.e_version = EV_CURRENT;
    file->header.e_entry = 0x1000200;
    file->header.e_phoff = 0x40;
    file->header.e_shoff = 0x2000;
    file->header.e_ehsize = sizeof(Elf64_Ehdr);
    file->header.e_phentsize = sizeof(Elf64_Phdr);
    file->header.e_phnum = 3;
    file->header.e_shentsize = sizeof(Elf64_Shdr);
    file->header.e_shnum = 3;
    file->segment[0] =
        (Elf64_Phdr){PT_LOAD, PF_X | PF_R, 0x1000, 0xffffffff81000000ull, 0x1000000, 0x800, 0x800, 0x200000};
    file->segment[1] = (Elf64_Phdr){PT_NOTE, PF_R, 0x400, 0, 0, 0x30, 0x30, 4};
    file->segment[2] =
        (Elf64_Phdr){PT_LOAD, PF_W | PF_R, 0x1800, 0xffffffff81200000ull, 0x1200000, 0x700, 0x5000, 0x200000};
    file->section[1].sh_type = SHT_PROGBITS;
    file->section[1].sh_offset = 0x1000;
    file->section[1].sh_size = 0x800;
    file->section[2].sh_type = SHT_NOBITS;
    file->section[2].sh_offset = 0x1f00;
    file->section[2].sh_size = 0x100000;
}

static struct bzc_bytes write64(const struct file64 *file, uint8_t bytes[FILE_SIZE])
{
    const struct bzc_bytes span = {bytes, FILE_SIZE};

    memset(bytes, 0, FILE_SIZE);
    memcpy(bytes, &file->header, sizeof(file->header));
    memcpy(bytes + 0x40, file->segment, sizeof(file->segment));
    assert_int_equal(put_notes(bytes + 0x400), 0x30);
    memcpy(bytes + 0x2000, file->section, sizeof(file->section));
    return span;
}

static void reads_elf64(void **state)
{
    uint8_t bytes[FILE_SIZE];
    struct file64 file;
    struct bzc_elf elf;
    struct bzc_error err;

    (void)state;
    describe64(&file);
    assert_int_equal(bzc_elf_parse(write64(&file, bytes), &elf, &err), BZC_OK);
    assert_int_equal(elf.bits, 64);
    assert_int_equal(elf.type, 2);
    assert_int_equal(elf.machine, 62);
    assert_int_equal(elf.entry, 0x1000200);
    assert_int_equal(elf.load_count, 2);
    assert_int_equal(elf.load[0].index, 0);
    assert_int_equal(elf.load[0].offset, 0x1000);
    assert_int_equal(elf.load[0].vaddr, 0xffffffff81000000ull);
    assert_int_equal(elf.load[0].paddr, 0x1000000);
    assert_int_equal(elf.load[0].filesz, 0x800);
    assert_int_equal(elf.load[0].memsz, 0x800);
    assert_int_equal(elf.load[0].align, 0x200000);
    assert_int_equal(elf.load[0].flags, 5);
    assert_int_equal(elf.load[1].index, 2);
    assert_int_equal(elf.load[1].memsz, 0x5000);
    assert_int_equal(elf.load[1].flags, 6);
    assert_int_equal(elf.paddr_min, 0x1000000);
    assert_int_equal(elf.paddr_end, 0x1205000);
    /* The section headers end the ELF file; what follows (a relocation table) is not part of it. */
    assert_int_equal(elf.file_end, 0x2000 + 3 * 64);
    assert_int_equal(elf.build_id_size, sizeof(build_id));
    assert_memory_equal(elf.build_id, build_id, sizeof(build_id));
}

static void reads_elf32(void **state)
{
    uint8_t bytes[FILE_SIZE] = {0};
    const Elf32_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                               .e_type = ET_DYN,
                               .e_machine = EM_386,
                               .e_version = EV_CURRENT,
                               .e_entry = 0xc0400010,
                               .e_phoff = 0x34,
                               .e_phentsize = sizeof(Elf32_Phdr),
                               .e_phnum = 2};
    const Elf32_Phdr segment[2] = {
        {PT_NOTE, 0x400, 0, 0, 0x30, 0x30, PF_R, 4},
        {PT_LOAD, 0x1000, 0xc0400000, 0x400000, 0x1234, 0x2345, PF_R | PF_W | PF_X, 0x1000},
    };
    uint64_t paddr, vaddr;
    struct bzc_elf elf;

    (void)state;
    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + 0x34, segment, sizeof(segment));
    put_notes(bytes + 0x400);
    assert_int_equal(bzc_elf_parse((struct bzc_bytes){bytes, FILE_SIZE}, &elf, NULL), BZC_OK);
    assert_int_equal(elf.bits, 32);
    assert_int_equal(elf.type, 3);
    assert_int_equal(elf.machine, 3);
    assert_int_equal(elf.load_count, 1);
    assert_int_equal(elf.load[0].index, 1);
    assert_int_equal(elf.load[0].offset, 0x1000);
    assert_int_equal(elf.load[0].vaddr, 0xc0400000);
    assert_int_equal(elf.load[0].paddr, 0x400000);
    assert_int_equal(elf.load[0].filesz, 0x1234);
    assert_int_equal(elf.load[0].memsz, 0x2345);
    assert_int_equal(elf.load[0].flags, 7);
    assert_int_equal(elf.load[0].align, 0x1000);
    assert_int_equal(elf.file_end, 0x2234);
    assert_int_equal(elf.build_id_size, sizeof(build_id));
    /* This entry is a virtual address. */
    assert_true(bzc_elf_entry(&elf, &paddr, &vaddr));
    assert_int_equal(paddr, 0x400010);
    assert_int_equal(vaddr, 0xc0400010);
}

static void entry_is_found_in_both_spaces(void **state)
{
    uint8_t bytes[FILE_SIZE];
    uint64_t paddr, vaddr;
    struct file64 file;
    struct bzc_elf elf;

    (void)state;
    describe64(&file);
    assert_int_equal(bzc_elf_parse(write64(&file, bytes), &elf, NULL), BZC_OK);
    assert_true(bzc_elf_entry(&elf, &paddr, &vaddr));
    assert_int_equal(paddr, 0x1000200);
    assert_int_equal(vaddr, 0xffffffff81000200ull);
    elf.entry = 0x1204fff;
    assert_true(bzc_elf_entry(&elf, &paddr, &vaddr));
    assert_int_equal(vaddr, 0xffffffff81204fffull);
    elf.entry = 0xffffffff81200010ull;
    assert_true(bzc_elf_entry(&elf, &paddr, &vaddr));
    assert_int_equal(paddr, 0x1200010);
    elf.entry = 0x1205000;
    assert_false(bzc_elf_entry(&elf, &paddr, &vaddr));
}

static void assert_refused(const struct file64 *file, enum bzc_status status, const char *word)
{
    uint8_t bytes[FILE_SIZE];
    struct bzc_elf elf;
    struct bzc_error err = {BZC_OK, ""};

    assert_int_equal(bzc_elf_parse(write64(file, bytes), &elf, &err), status);
    if (strstr(err.message, word) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, word);
}

static void damaged_files_are_refused(void **state)
{
    struct file64 file;

    (void)state;
    describe64(&file);
    file.header.e_ident[0] = 0;
    assert_refused(&file, BZC_ERR_FORMAT, "magic");
    describe64(&file);
    file.header.e_ident[EI_DATA] = ELFDATA2MSB;
    assert_refused(&file, BZC_ERR_FORMAT, "little-endian");
    describe64(&file);
    file.header.e_ident[EI_CLASS] = 3;
    assert_refused(&file, BZC_ERR_FORMAT, "32 or 64");
    describe64(&file);
    file.header.e_machine = EM_AARCH64;
    assert_refused(&file, BZC_ERR_FORMAT, "183");
    describe64(&file);
    file.header.e_phnum = 0;
    assert_refused(&file, BZC_ERR_FORMAT, "no program headers");
    describe64(&file);
    file.header.e_phentsize = 32;
    assert_refused(&file, BZC_ERR_FORMAT, "e_phentsize 32");
    describe64(&file);
    file.header.e_phoff = UINT64_MAX - 8;
    assert_refused(&file, BZC_ERR_FORMAT, "program headers");
    describe64(&file);
    file.header.e_phnum = 300;
    assert_refused(&file, BZC_ERR_FORMAT, "program headers");
    describe64(&file);
    file.header.e_shoff = FILE_SIZE - 64;
    assert_refused(&file, BZC_ERR_FORMAT, "section headers");
    describe64(&file);
    file.header.e_shoff = UINT64_MAX;
    assert_refused(&file, BZC_ERR_FORMAT, "section headers");
    describe64(&file);
    file.section[1].sh_size = UINT64_MAX;
    assert_refused(&file, BZC_ERR_FORMAT, "section 1");
    describe64(&file);
    file.segment[2].p_offset = UINT64_MAX - 0x10;
    assert_refused(&file, BZC_ERR_FORMAT, "header 2");
    describe64(&file);
    file.segment[2].p_filesz = 0x1801;
    assert_refused(&file, BZC_ERR_FORMAT, "not in the file");
    describe64(&file);
    file.segment[0].p_memsz = 0x7ff;
    assert_refused(&file, BZC_ERR_FORMAT, "p_memsz");
    describe64(&file);
    file.segment[0].p_paddr = UINT64_MAX - 0x100;
    assert_refused(&file, BZC_ERR_FORMAT, "wraps");
    describe64(&file);
    file.segment[0].p_vaddr = UINT64_MAX - 0x100;
    assert_refused(&file, BZC_ERR_FORMAT, "wraps");
    describe64(&file);
    file.segment[0].p_type = file.segment[2].p_type = PT_NULL;
    assert_refused(&file, BZC_ERR_FORMAT, "no PT_LOAD");
}

static void every_cut_is_survived(void **state)
{
    uint8_t bytes[FILE_SIZE];
    struct bzc_bytes span;
    struct file64 file;
    struct bzc_elf elf;

    (void)state;
    describe64(&file);
    span = write64(&file, bytes);
    for (span.size = 0; span.size < 0x2000 + 3 * 64; span.size += span.size < 0x200 ? 1 : 37)
        assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_ERR_FORMAT);
    span.size = 0x2000 + 3 * 64;
    assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_OK);
}

static void load_segments_are_bounded(void **state)
{
    uint8_t bytes[FILE_SIZE];
    struct bzc_bytes span;
    struct file64 file;
    struct bzc_elf elf;
    size_t i;

    (void)state;
    describe64(&file);
    file.header.e_shoff = 0;
    file.header.e_phoff = 0x1000;
    file.header.e_phnum = 64;
    span = write64(&file, bytes);
    for (i = 0; i < 65; i++)
        memcpy(bytes + 0x1000 + i * sizeof(Elf64_Phdr), &file.segment[0], sizeof(Elf64_Phdr));
    assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_OK);
    assert_int_equal(elf.load_count, 64);
    bytes[56] = 65; /* e_phnum */
    assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_ERR_LIMIT);
}

/* gABI: with e_phnum 0xffff and e_shnum 0 the true numbers are sh_info and sh_size of section 0. */
static void extended_counts(void **state)
{
    uint8_t bytes[FILE_SIZE];
    struct file64 file;
    struct bzc_elf elf;

    (void)state;
    describe64(&file);
    file.header.e_phnum = 0xffff;
    file.header.e_shnum = 0;
    file.section[0].sh_info = 3;
    file.section[0].sh_size = 2;
    assert_int_equal(bzc_elf_parse(write64(&file, bytes), &elf, NULL), BZC_OK);
    assert_int_equal(elf.load_count, 2);
    assert_int_equal(elf.file_end, 0x2000 + 2 * 64);
    file.section[0].sh_size = UINT64_MAX / 64 + 2;
    assert_int_equal(bzc_elf_parse(write64(&file, bytes), &elf, NULL), BZC_ERR_FORMAT);
}

static void damaged_notes_give_no_build_id(void **state)
{
    uint8_t bytes[FILE_SIZE];
    struct bzc_bytes span;
    struct file64 file;
    struct bzc_elf elf;

    (void)state;
    describe64(&file);
    span = write64(&file, bytes);
    bzc_store32(bytes + 0x400, 0xfffffffc); /* n_namesz of the first note */
    assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_OK);
    assert_int_equal(elf.build_id_size, 0);
    span = write64(&file, bytes);
    bzc_store32(bytes + 0x41c, 65); /* n_descsz of the second: larger than the segment, and than any build ID */
    assert_int_equal(bzc_elf_parse(span, &elf, NULL), BZC_OK);
    assert_int_equal(elf.build_id_size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_elf64),
        cmocka_unit_test(reads_elf32),
        cmocka_unit_test(entry_is_found_in_both_spaces),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(every_cut_is_survived),
        cmocka_unit_test(load_segments_are_bounded),
        cmocka_unit_test(extended_counts),
        cmocka_unit_test(damaged_notes_give_no_build_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
