/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every beginning of an instruction against Capstone, in each mode: a length is the same or is not told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <capstone/capstone.h>
#include <string.h>

#include "emu/insn_length.h"

static const struct {
    unsigned bits;
    cs_mode mode;
} modes[] = {{16, CS_MODE_16}, {32, CS_MODE_32}, {64, CS_MODE_64}};

static size_t compare(csh handle, cs_insn *insn, const uint8_t *code, size_t size, unsigned bits)
{
    unsigned length = bzc_insn_length((struct bzc_bytes){code, size}, bits);
    const uint8_t *at = code;
    uint64_t address = 0x1000;

    if (length == 0 || !cs_disasm_iter(handle, &at, &size, &address, insn))
        return 0;
    if (insn->size != length)
        fail_msg("%u bits, %02x %02x %02x %02x %02x: %u, Capstone says %u", bits, code[0], code[1], code[2], code[3],
                 code[4], length, insn->size);
    return 1;
}

static void lengths_are_those_of_capstone(void **state)
{
    static const uint8_t prefixes[][2] = {{0, 0}, {1, 0x66}, {1, 0xf3}, {1, 0x48}, {1, 0x41}, {1, 0x0f}, {1, 0x65}};

    (void)state;
    for (size_t m = 0; m < 3; m++) {
        size_t compared = 0;
        cs_insn *insn;
        csh handle;

        assert_int_equal(cs_open(CS_ARCH_X86, modes[m].mode, &handle), CS_ERR_OK);
        insn = cs_malloc(handle);
        assert_non_null(insn);
        for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
            for (unsigned pair = 0; pair < 0x10000; pair++) {
                uint8_t code[16] = {prefixes[p][1]};
                size_t at = prefixes[p][0];

                memset(code + at, 0x25, sizeof(code) - at); /* as SIB: a displacement without a base */
                code[at] = (uint8_t)(pair >> 8);
                code[at + 1] = (uint8_t)pair;
                compared += compare(handle, insn, code, sizeof(code), modes[m].bits);
            }
        }
        assert_true(compared > 200000);
        cs_free(insn, 1);
        cs_close(&handle);
    }
}

/* Worked out by hand. The last byte must be there. */
static void nothing_is_told_of_what_is_not_there(void **state)
{
    static const uint8_t code[] = {0x48, 0x81, 0xbc, 0x24, 0x10, 0, 0, 0, 1, 2, 3, 4}; /* cmpq $0x04030201,0x10(%rsp) */
    static const uint8_t vex[] = {0xc5, 0xf8, 0x77, 0x90, 0x90, 0x90}; /* vzeroupper: none of the common ones */

    (void)state;
    assert_int_equal(bzc_insn_length((struct bzc_bytes){code, sizeof(code)}, 64), sizeof(code));
    for (size_t size = 0; size < sizeof(code); size++)
        assert_int_equal(bzc_insn_length((struct bzc_bytes){code, size}, 64), 0);
    assert_int_equal(bzc_insn_length((struct bzc_bytes){vex, sizeof(vex)}, 64), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_those_of_capstone),
        cmocka_unit_test(nothing_is_told_of_what_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
