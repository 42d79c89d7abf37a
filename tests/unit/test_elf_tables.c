/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <string.h>

#include "loader/elf_tables.h"

/* Laid out with the structures of the C library's <elf.h>, which elf_tables.c does not use. */
#define FILE_SIZE   0x800u
#define PHOFF       0x40u
#define SHOFF       0x400u
#define NAMES_AT    0x200u
#define NAMES       "\0.text\0.bss\0.shstrtab\0.a-section-name-that-is-longer-than-there-is-room-for"
#define NAMES_SIZE  sizeof(NAMES)
#define TEXT_NAME   1u
#define BSS_NAME    7u
#define LONG_NAME   22u
#define SECTIONS    5u
#define PROGRAMS    2u
#define TEXT_OFFSET 0x300u

static struct bzc_bytes build64(uint8_t file[FILE_SIZE])
{
    const Elf64_Ehdr header = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_LINUX, 7},
        .e_type = ET_DYN,
        .e_machine = EM_X86_64,
        .e_version = 1,
        .e_entry = 0x1000123,
        .e_phoff = PHOFF,
        .e_shoff = SHOFF,
        .e_flags = 0x55,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = PROGRAMS,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = SECTIONS,
        .e_shstrndx = 3,
    };
    const Elf64_Phdr program[PROGRAMS] = {
        {PT_LOAD, PF_R | PF_X, TEXT_OFFSET, 0xffffffff81000000u, 0x1000000, 0x80, 0x1080, 0x200000},
        {PT_NOTE, PF_R, TEXT_OFFSET + 0x10, 0xffffffff81000010u, 0x1000010, 0x20, 0x20, 4},
    };
    const Elf64_Shdr section[SECTIONS] = {
        {0},
        {TEXT_NAME, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0xffffffff81000000u, TEXT_OFFSET, 0x80, 0, 0, 16, 0},
        {BSS_NAME, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0xffffffff81000080u, TEXT_OFFSET + 0x80, 0x1000, 0, 0, 16, 0},
        {BSS_NAME + 5, SHT_STRTAB, 0, 0, NAMES_AT, NAMES_SIZE, 0, 0, 1, 0},
        {LONG_NAME, SHT_NOTE, SHF_ALLOC, 0xffffffff81000010u, TEXT_OFFSET + 0x10, 0x20, 0, 0, 4, 0},
    };

    memset(file, 0, FILE_SIZE);
    memcpy(file, &header, sizeof(header));
    memcpy(file + PHOFF, program, sizeof(program));
    memcpy(file + SHOFF, section, sizeof(section));
    memcpy(file + NAMES_AT, NAMES, NAMES_SIZE);
    return (struct bzc_bytes){file, FILE_SIZE};
}

static void reads_64_bits(void **state)
{
    struct bzc_elf_tables elf;
    uint8_t file[FILE_SIZE];

    (void)state;
    assert_true(bzc_elf_tables_read(build64(file), &elf));
    assert_int_equal(elf.bits, 64);
    assert_int_equal(elf.osabi, ELFOSABI_LINUX);
    assert_int_equal(elf.abiversion, 7);
    assert_int_equal(elf.type, ET_DYN);
    assert_int_equal(elf.machine, EM_X86_64);
    assert_int_equal(elf.version, 1);
    assert_int_equal(elf.entry, 0x1000123);
    assert_int_equal(elf.phoff, PHOFF);
    assert_int_equal(elf.shoff, SHOFF);
    assert_int_equal(elf.flags, 0x55);
    assert_int_equal(elf.ehsize, 64);
    assert_int_equal(elf.phentsize, 56);
    assert_int_equal(elf.phnum, PROGRAMS);
    assert_int_equal(elf.shentsize, 64);
    assert_int_equal(elf.shnum, SECTIONS);
    assert_int_equal(elf.shstrndx, 3);
    assert_int_equal(elf.program_count, PROGRAMS);
    assert_int_equal(elf.program[0].type, PT_LOAD);
    assert_int_equal(elf.program[0].flags, PF_R | PF_X);
    assert_int_equal(elf.program[0].offset, TEXT_OFFSET);
    assert_int_equal(elf.program[0].vaddr, 0xffffffff81000000u);
    assert_int_equal(elf.program[0].paddr, 0x1000000);
    assert_int_equal(elf.program[0].filesz, 0x80);
    assert_int_equal(elf.program[0].memsz, 0x1080);
    assert_int_equal(elf.program[0].align, 0x200000);
    assert_int_equal(elf.section_count, SECTIONS);
    assert_string_equal(elf.section[0].name, "");
    assert_string_equal(elf.section[1].name, ".text");
    assert_int_equal(elf.section[1].type, SHT_PROGBITS);
    assert_int_equal(elf.section[1].flags, SHF_ALLOC | SHF_EXECINSTR);
    assert_int_equal(elf.section[1].addr, 0xffffffff81000000u);
    assert_int_equal(elf.section[1].offset, TEXT_OFFSET);
    assert_int_equal(elf.section[1].size, 0x80);
    assert_string_equal(elf.section[2].name, ".bss");
    assert_string_equal(elf.section[3].name, ".shstrtab");
    assert_string_equal(elf.section[4].name, ".a-section-name-that-is-longer-than-the");
}

static void reads_32_bits(void **state)
{
    const Elf32_Ehdr header = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_386,
        .e_version = 1,
        .e_entry = 0x1000000,
        .e_phoff = PHOFF,
        .e_shoff = SHOFF,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = 1,
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = 3,
        .e_shstrndx = 2,
    };
    const Elf32_Phdr program = {PT_LOAD, TEXT_OFFSET, 0xc1000000u, 0x1000000, 0x80, 0x90, PF_R | PF_W, 0x1000};
    const Elf32_Shdr section[] = {
        {0},
        {TEXT_NAME, SHT_PROGBITS, SHF_ALLOC, 0xc1000000u, TEXT_OFFSET, 0x80, 0, 0, 16, 0},
        {0, SHT_STRTAB, 0, 0, NAMES_AT, NAMES_SIZE, 0, 0, 1, 0},
    };
    uint8_t file[FILE_SIZE] = {0};
    struct bzc_elf_tables elf;

    (void)state;
    memcpy(file, &header, sizeof(header));
    memcpy(file + PHOFF, &program, sizeof(program));
    memcpy(file + SHOFF, section, sizeof(section));
    memcpy(file + NAMES_AT, NAMES, NAMES_SIZE);
    assert_true(bzc_elf_tables_read((struct bzc_bytes){file, FILE_SIZE}, &elf));
    assert_int_equal(elf.bits, 32);
    assert_int_equal(elf.entry, 0x1000000);
    assert_int_equal(elf.phoff, PHOFF);
    assert_int_equal(elf.shoff, SHOFF);
    assert_int_equal(elf.ehsize, 52);
    assert_int_equal(elf.shstrndx, 2);
    assert_int_equal(elf.program_count, 1);
    assert_int_equal(elf.program[0].flags, PF_R | PF_W);
    assert_int_equal(elf.program[0].vaddr, 0xc1000000u);
    assert_int_equal(elf.program[0].paddr, 0x1000000);
    assert_int_equal(elf.program[0].memsz, 0x90);
    assert_int_equal(elf.program[0].align, 0x1000);
    assert_int_equal(elf.section_count, 3);
    assert_string_equal(elf.section[1].name, ".text");
    assert_int_equal(elf.section[1].addr, 0xc1000000u);
    assert_int_equal(elf.section[1].size, 0x80);
}

/* As `readelf -lW` maps them on the same file. */
static void knows_what_lies_in_a_segment(void **state)
{
    static const bool expected[PROGRAMS][SECTIONS] = {
        {false, true, true, false, true},
        {false, false, false, false, true},
    };
    struct bzc_elf_tables elf;
    uint8_t file[FILE_SIZE];

    (void)state;
    assert_true(bzc_elf_tables_read(build64(file), &elf));
    for (size_t i = 0; i < PROGRAMS; i++) {
        for (size_t k = 0; k < SECTIONS; k++)
            assert_int_equal(bzc_elf_section_is_in(&elf.section[k], &elf.program[i]), expected[i][k]);
    }
    /* What takes no memory is not loaded, wherever it lies. */
    elf.section[4].flags = 0;
    assert_false(bzc_elf_section_is_in(&elf.section[4], &elf.program[0]));
    assert_true(bzc_elf_section_is_in(&elf.section[4], &elf.program[1]));
    elf.program[1].memsz = 0;
    assert_false(bzc_elf_section_is_in(&elf.section[4], &elf.program[1]));
}

static void a_damaged_file_has_what_is_left(void **state)
{
    struct bzc_elf_tables elf;
    uint8_t file[FILE_SIZE];
    struct bzc_bytes bytes = build64(file);

    (void)state;
    for (bytes.size = 0; bytes.size < FILE_SIZE; bytes.size++) {
        bool read = bzc_elf_tables_read(bytes, &elf);

        assert_int_equal(read, bytes.size >= 64);
        if (bytes.size < PHOFF + PROGRAMS * 56)
            assert_true(elf.program_count < PROGRAMS);
        if (bytes.size < SHOFF + SECTIONS * 64)
            assert_true(elf.section_count < SECTIONS);
    }
    bytes = build64(file);
    file[0x36] = 1;               /* e_phentsize */
    memset(file + 0x28, 0xff, 8); /* e_shoff */
    assert_true(bzc_elf_tables_read(bytes, &elf));
    assert_int_equal(elf.program_count, 0);
    assert_int_equal(elf.section_count, 0);
    build64(file);
    bzc_store16(file + 0x3e, 0xffff); /* e_shstrndx */
    assert_true(bzc_elf_tables_read(bytes, &elf));
    assert_int_equal(elf.section_count, SECTIONS);
    assert_string_equal(elf.section[1].name, "");
    build64(file);
    bzc_store16(file + 0x3c, 3); /* e_shnum: the names are in a section that there is not */
    assert_true(bzc_elf_tables_read(bytes, &elf));
    assert_int_equal(elf.section_count, 3);
    assert_string_equal(elf.section[1].name, "");
    build64(file);
    bzc_store16(file + 0x38, 0xffff); /* e_phnum */
    assert_true(bzc_elf_tables_read(bytes, &elf));
    assert_int_equal(elf.program_count, (FILE_SIZE - PHOFF) / 56);
    file[5] = ELFDATA2MSB;
    assert_false(bzc_elf_tables_read(bytes, &elf));
    file[5] = ELFDATA2LSB;
    file[4] = 3;
    assert_false(bzc_elf_tables_read(bytes, &elf));
}

static void names_numbers(void **state)
{
    (void)state;
    assert_string_equal(bzc_elf_type_name(ET_EXEC), "EXEC");
    assert_null(bzc_elf_type_name(77));
    assert_string_equal(bzc_elf_program_type_name(PT_GNU_STACK), "GNU_STACK");
    assert_string_equal(bzc_elf_program_type_name(PT_NOTE), "NOTE");
    assert_null(bzc_elf_program_type_name(77));
    assert_string_equal(bzc_elf_machine_name(EM_386), "Intel 80386");
    assert_string_equal(bzc_elf_osabi_name(ELFOSABI_LINUX), "GNU/Linux");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_64_bits),
        cmocka_unit_test(reads_32_bits),
        cmocka_unit_test(knows_what_lies_in_a_segment),
        cmocka_unit_test(a_damaged_file_has_what_is_left),
        cmocka_unit_test(names_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
