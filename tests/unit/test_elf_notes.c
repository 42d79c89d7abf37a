/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "loader/elf_notes.h"

/* System V ABI, Note Section: sizes of name and description, type, then both, each padded. */
static const uint8_t notes[] = {
    4, 0, 0, 0, 5, 0, 0, 0, 6,  0, 0, 0, 'X', 'e', 'n', 0,   'l', 'i', 'n', 'u', 'x', 0, 0, 0, /* 0x18 bytes */
    4, 0, 0, 0, 8, 0, 0, 0, 18, 0, 0, 0, 'X', 'e', 'n', 0,   1,   2,   3,   4,   5,   6, 7, 8, /* 0x18 bytes */
    6, 0, 0, 0, 4, 0, 0, 0, 1,  0, 0, 0, 'L', 'i', 'n', 'u', 'x', 0,   0,   0,   9,   0, 0, 0, /* 0x18 bytes */
};

static void notes_are_found_in_order(void **state)
{
    const struct bzc_bytes bytes = {notes, sizeof(notes)};
    struct bzc_elf_note note;
    uint64_t at = 0, value;

    (void)state;
    assert_int_equal(bzc_elf_note_next(bytes, 4, &at, &note), BZC_NOTE_FOUND);
    assert_int_equal(at, 0x18);
    assert_int_equal(note.type, 6);
    assert_string_equal(bzc_elf_note_type_name(&note), "GUEST_OS");
    assert_true(bzc_elf_note_is(&note, "Xen"));
    assert_false(bzc_elf_note_is(&note, "Xe"));
    assert_false(bzc_elf_note_is(&note, "GNU"));
    note.name = (struct bzc_bytes){(const uint8_t *)"Xen\0", 5};
    assert_false(bzc_elf_note_is(&note, "Xen"));
    assert_int_equal(note.desc.size, 5);
    assert_memory_equal(note.desc.data, "linux", 5);
    assert_false(bzc_elf_note_number(&note, &value));
    assert_int_equal(bzc_elf_note_next(bytes, 4, &at, &note), BZC_NOTE_FOUND);
    assert_int_equal(note.type, BZC_NOTE_XEN_PHYS32_ENTRY);
    assert_true(bzc_elf_note_number(&note, &value));
    assert_true(value == 0x0807060504030201);
    assert_string_equal(bzc_elf_note_type_name(&note), "PHYS32_ENTRY");
    note.type = 0xffff;
    assert_null(bzc_elf_note_type_name(&note));
    assert_int_equal(bzc_elf_note_next(bytes, 4, &at, &note), BZC_NOTE_FOUND);
    assert_true(bzc_elf_note_is(&note, "Linux"));
    assert_true(bzc_elf_note_number(&note, &value));
    assert_int_equal(value, 9);
    assert_int_equal(bzc_elf_note_next(bytes, 4, &at, &note), BZC_NOTE_END);
    assert_int_equal(at, sizeof(notes));
}

static void padding_is_by_the_unit(void **state)
{
    /* With 8 bytes: the name ends at 20, its padding at 24; a description of 1 byte. */
    const uint8_t wide[] = {5, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 'a', 'b', 'c', 'd',
                            0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0,   0,   0,   0};
    struct bzc_elf_note note;
    uint64_t at = 0;

    (void)state;
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){wide, sizeof(wide)}, 8, &at, &note), BZC_NOTE_FOUND);
    assert_int_equal(note.desc.data[0], 9);
    assert_int_equal(at, sizeof(wide));
    /* The last note needs no padding behind it. */
    at = 0;
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){wide, 25}, 8, &at, &note), BZC_NOTE_FOUND);
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){wide, 25}, 8, &at, &note), BZC_NOTE_END);
}

static void damage_stays_where_it_is(void **state)
{
    uint8_t copy[sizeof(notes)];
    struct bzc_bytes bytes = {copy, sizeof(copy)};
    struct bzc_elf_note note;
    uint64_t at;

    (void)state;
    for (unsigned field = 0; field < 8; field += 4) {
        memcpy(copy, notes, sizeof(copy));
        memset(copy + 0x18 + field, 0xff, 4);
        at = 0x18;
        assert_int_equal(bzc_elf_note_next(bytes, 4, &at, &note), BZC_NOTE_DAMAGED);
        assert_int_equal(at, 0x18);
    }
    memcpy(copy, notes, sizeof(copy));
    at = 0x30;
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){copy, sizeof(copy) - 4}, 4, &at, &note), BZC_NOTE_DAMAGED);
    /* Too few bytes for a note: only zeros are padding. */
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){copy, 0x3a}, 4, &at, &note), BZC_NOTE_DAMAGED);
    memset(copy + 0x30, 0, 12);
    assert_int_equal(bzc_elf_note_next((struct bzc_bytes){copy, 0x3a}, 4, &at, &note), BZC_NOTE_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_are_found_in_order),
        cmocka_unit_test(padding_is_by_the_unit),
        cmocka_unit_test(damage_stays_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
