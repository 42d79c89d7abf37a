/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/x86.h"

/* Access words as in a descriptor's bits 40-55: 0x9b code, present; 0x4000 D, 0x2000 L, 0x8000 G. */
static struct bzc_regs regs_in(uint64_t cr0, uint64_t efer, uint16_t cs_access)
{
    struct bzc_regs regs;

    memset(&regs, 0, sizeof(regs));
    regs.cr0 = cr0;
    regs.efer = efer;
    regs.seg[BZC_CS].access = cs_access;
    return regs;
}

static void mode_comes_from_cr0_efer_and_cs(void **state)
{
    static const struct {
        uint64_t cr0, efer;
        uint16_t access;
        enum bzc_mode mode;
        const char *name;
        unsigned bits;
    } cases[] = {
        {0x10, 0, 0x009b, BZC_MODE_REAL, "real", 16},
        {0x10, 0, 0xc09b, BZC_MODE_REAL, "real", 16},
        {0x11, 0, 0x009b, BZC_MODE_PROT16, "protected-16", 16},
        {0x11, 0, 0xc09b, BZC_MODE_PROT32, "protected-32", 32},
        {0x11, 0x100, 0xc09b, BZC_MODE_PROT32, "protected-32", 32},
        {0x80000011, 0x500, 0x009b, BZC_MODE_COMPAT16, "compatibility-16", 16},
        {0x80000011, 0x500, 0xc09b, BZC_MODE_COMPAT32, "compatibility-32", 32},
        {0x80000011, 0x500, 0xa09b, BZC_MODE_LONG, "long", 64},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_regs regs = regs_in(cases[i].cr0, cases[i].efer, cases[i].access);

        assert_int_equal(bzc_regs_mode(&regs), cases[i].mode);
        assert_string_equal(bzc_mode_name(cases[i].mode), cases[i].name);
        assert_int_equal(bzc_mode_bits(cases[i].mode), cases[i].bits);
    }
}

static void linear_ip_adds_the_base(void **state)
{
    struct bzc_regs regs = regs_in(0x10, 0, 0x009b);

    (void)state;
    regs.seg[BZC_CS].base = 0x10200;
    regs.rip = 0x34;
    assert_int_equal(bzc_regs_linear_ip(&regs), 0x10234);
    regs = regs_in(0x11, 0, 0xc09b);
    regs.seg[BZC_CS].base = 0xfffff000;
    regs.rip = 0x2000;
    assert_int_equal(bzc_regs_linear_ip(&regs), 0x1000);
    regs = regs_in(0x80000011, 0x500, 0xa09b);
    regs.seg[BZC_CS].base = 0x1000;
    regs.rip = 0xffffffff81000000ull;
    assert_int_equal(bzc_regs_linear_ip(&regs), 0xffffffff81000000ull);
}

static void names_follow_the_encoding(void **state)
{
    (void)state;
    assert_string_equal(bzc_gpr_name(BZC_RAX), "rax");
    assert_string_equal(bzc_gpr_name(BZC_RSP), "rsp");
    assert_string_equal(bzc_gpr_name(BZC_RSI), "rsi");
    assert_string_equal(bzc_gpr_name((enum bzc_gpr)3), "rbx");
    assert_string_equal(bzc_gpr_name(BZC_R15), "r15");
    assert_string_equal(bzc_seg_name((enum bzc_seg)0), "es");
    assert_string_equal(bzc_seg_name((enum bzc_seg)3), "ds");
    assert_string_equal(bzc_seg_name(BZC_GS), "gs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mode_comes_from_cr0_efer_and_cs),
        cmocka_unit_test(linear_ip_adds_the_base),
        cmocka_unit_test(names_follow_the_encoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
