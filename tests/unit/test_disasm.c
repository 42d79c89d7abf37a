/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "emu/disasm.h"

static struct bzc_bytes bytes(const void *data, size_t size)
{
    return (struct bzc_bytes){data, size};
}

/* As objdump -M intel reads them: mov eax,cr0; or al,1; mov cr0,eax; jmp .+2; nop; hlt */
static const uint8_t code32[] = {0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0, 0xeb, 0x00, 0x90, 0xf4};

static void lines_before_and_after(void **state)
{
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];
    size_t count = bzc_disasm_around(bytes(code32, sizeof(code32)), 0x1000, 0x1005, 32, 2, 2, lines);

    (void)state;
    assert_int_equal(count, 5);
    assert_int_equal(lines[0].address, 0x1000);
    assert_string_equal(lines[0].text, "mov eax, cr0");
    assert_string_equal(lines[0].bytes, "0f 20 c0");
    assert_int_equal(lines[0].size, 3);
    assert_string_equal(lines[1].text, "or al, 1");
    assert_string_equal(lines[2].text, "mov cr0, eax");
    assert_true(lines[2].current);
    assert_false(lines[1].current || lines[3].current);
    assert_string_equal(lines[4].text, "nop");
    assert_int_equal(lines[4].address, 0x100a);
}

static void fewer_lines_where_the_code_ends(void **state)
{
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];

    (void)state;
    assert_int_equal(bzc_disasm_around(bytes(code32, sizeof(code32)), 0x1000, 0x1000, 32, 3, 0, lines), 1);
    assert_true(lines[0].current);
    assert_int_equal(bzc_disasm_around(bytes(code32, sizeof(code32)), 0x1000, 0x100b, 32, 1, 5, lines), 2);
    assert_string_equal(lines[1].text, "hlt");
    assert_int_equal(bzc_disasm_around(bytes(code32, sizeof(code32)), 0x1000, 0x100c, 32, 1, 1, lines), 0);
    assert_int_equal(bzc_disasm_around(bytes(code32, sizeof(code32)), 0x1000, 0xfff, 32, 1, 1, lines), 0);
    assert_int_equal(bzc_disasm_around(bytes(NULL, 0), 0x1000, 0x1000, 32, 1, 1, lines), 0);
}

static void never_more_lines_than_there_is_room_for(void **state)
{
    uint8_t nops[64];
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];

    (void)state;
    memset(nops, 0x90, sizeof(nops));
    assert_int_equal(bzc_disasm_around(bytes(nops, 64), 0, 32, 64, 100, 100, lines), BZC_DISASM_LINES_MAX);
    assert_true(lines[BZC_DISASM_LINES_MAX - 1].current);
    assert_int_equal(bzc_disasm_around(bytes(nops, 64), 0, 32, 64, 0, 100, lines), BZC_DISASM_LINES_MAX);
    assert_true(lines[0].current);
}

/* Junk before the instruction: a reading that ends exactly at it is found, or none. */
static void what_lies_before_meets_the_instruction(void **state)
{
    /* b8 would swallow the next four bytes: 90 90 and the first two of the instruction at 3 */
    static const uint8_t code[] = {0xb8, 0x90, 0x90, 0x0f, 0x22, 0xc0, 0xf4};
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];
    size_t count = bzc_disasm_around(bytes(code, sizeof(code)), 0, 3, 32, 3, 0, lines);

    (void)state;
    assert_int_equal(count, 3);
    assert_string_equal(lines[0].text, "nop");
    assert_int_equal(lines[0].address, 1);
    assert_string_equal(lines[2].text, "mov cr0, eax");
}

static void what_is_no_instruction_is_said_so(void **state)
{
    static const uint8_t code[] = {0x90, 0x0f, 0xff, 0xff, 0xff};
    static const uint8_t cut[] = {0xe9, 0x12}; /* a jump whose displacement is missing */
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];
    size_t count = bzc_disasm_around(bytes(cut, sizeof(cut)), 0, 0, 32, 0, 3, lines);

    (void)state;
    assert_int_equal(count, 1);
    assert_string_equal(lines[0].text, "(bad)");
    assert_string_equal(lines[0].bytes, "e9");
    assert_true(lines[0].current);
    count = bzc_disasm_around(bytes(code, sizeof(code)), 0, 0, 64, 0, 9, lines);
    assert_true(count >= 1);
    assert_string_equal(lines[0].text, "nop");
}

static void width_changes_the_reading(void **state)
{
    static const uint8_t code[] = {0xb8, 0x34, 0x12, 0x00, 0x00, 0xf4};
    struct bzc_disasm_line lines[BZC_DISASM_LINES_MAX];

    (void)state;
    bzc_disasm_around(bytes(code, sizeof(code)), 0, 0, 16, 0, 0, lines);
    assert_string_equal(lines[0].text, "mov ax, 0x1234");
    bzc_disasm_around(bytes(code, sizeof(code)), 0, 0, 32, 0, 0, lines);
    assert_string_equal(lines[0].text, "mov eax, 0x1234");
    bzc_disasm_around(bytes("\x48\x31\xc0", 3), 0, 0, 64, 0, 0, lines);
    assert_string_equal(lines[0].text, "xor rax, rax");
}

enum width { W16, W32, W64 };

static struct bzc_regs regs_of(enum width width)
{
    struct bzc_regs regs;

    memset(&regs, 0, sizeof(regs));
    regs.cr0 = width == W16 ? 0 : BZC_CR0_PE;
    regs.seg[BZC_CS].access = width == W16 ? 0x009b : width == W32 ? 0xc09b : 0xa09b;
    regs.seg[BZC_SS].access = width == W16 ? 0x0093 : 0xc093;
    if (width == W64) {
        regs.cr0 |= BZC_CR0_PG;
        regs.efer = BZC_EFER_LME | BZC_EFER_LMA;
    }
    regs.seg[BZC_DS].base = width == W16 ? 0x10000 : 0;
    regs.seg[BZC_ES].base = width == W16 ? 0x20000 : 0;
    regs.seg[BZC_SS].base = width == W16 ? 0x30000 : 0;
    regs.seg[BZC_FS].base = 0x40000000;
    regs.gpr[BZC_RAX] = 0x1000;
    regs.gpr[BZC_RBX] = 0x2345;
    regs.gpr[BZC_RCX] = 0x10;
    regs.gpr[BZC_RSI] = 0x3456;
    regs.gpr[BZC_RDI] = 0x4567;
    regs.gpr[BZC_RBP] = 0x5678;
    regs.gpr[BZC_RSP] = 0x7000;
    regs.gpr[BZC_R12] = 0xffffffff00000000ull;
    return regs;
}

/* Effective addresses by hand from Intel SDM 1, "Specifying an Offset" and "Specifying a Segment Selector". */
static void the_address_that_faulted(void **state)
{
    static const struct {
        const char *name;
        enum width width;
        uint8_t code[12];
        unsigned size;
        uint64_t page, exact;
    } cases[] = {
        {"mov eax, [ebx]", W32, {0x8b, 0x03}, 2, 0x2000, 0x2345},
        {"mov eax, [ebx + ecx*4 + 8]", W32, {0x8b, 0x44, 0x8b, 8}, 4, 0x2000, 0x238d},
        {"mov eax, [0xf0001234]", W32, {0xa1, 0x34, 0x12, 0, 0xf0}, 5, 0xf0001000, 0xf0001234},
        {"mov eax, [ebx - 1]: wraps in no way", W32, {0x8b, 0x43, 0xff}, 3, 0x2000, 0x2344},
        {"mov eax, [ecx - 0x20]: wraps at 4 GiB", W32, {0x8b, 0x41, 0xe0}, 3, 0xfffff000, 0xfffffff0},
        {"mov eax, fs:[0x10]", W32, {0x64, 0xa1, 0x10, 0, 0, 0}, 6, 0x40000000, 0x40000010},
        {"mov ax, [bx + si]", W16, {0x8b, 0x00}, 2, 0x15000, 0x1579b},
        {"mov ax, [bp + 2]: SS", W16, {0x8b, 0x46, 2}, 3, 0x35000, 0x3567a},
        {"mov ax, es:[di]", W16, {0x26, 0x8b, 0x05}, 3, 0x24000, 0x24567},
        {"stosb", W16, {0xaa}, 1, 0x24000, 0x24567},
        {"movsb reads", W16, {0xa4}, 1, 0x13000, 0x13456},
        {"movsb writes", W16, {0xa4}, 1, 0x24000, 0x24567},
        {"rep movsd writes", W32, {0xf3, 0xa5}, 2, 0x4000, 0x4567},
        {"push ax", W16, {0x50}, 1, 0x36000, 0x36ffe},
        {"push eax", W32, {0x50}, 1, 0x6000, 0x6ffc},
        {"push rax", W64, {0x50}, 1, 0x6000, 0x6ff8},
        {"pop rax", W64, {0x58}, 1, 0x7000, 0x7000},
        {"push ax in 32-bit code", W32, {0x66, 0x50}, 2, 0x6000, 0x6ffe},
        {"pusha runs into the next page", W32, {0x60}, 1, 0x6000, 0x6ffc},
        {"pop eax", W32, {0x58}, 1, 0x7000, 0x7000},
        {"retf", W32, {0xcb}, 1, 0x7000, 0x7000},
        {"leave", W32, {0xc9}, 1, 0x5000, 0x5678},
        {"pushf", W16, {0x9c}, 1, 0x36000, 0x36ffe},
        {"call .+0", W32, {0xe8, 0, 0, 0, 0}, 5, 0x6000, 0x6ffc},
        {"ret", W64, {0xc3}, 1, 0x7000, 0x7000},
        {"mov rax, [rip + 0x100]", W64, {0x48, 0x8b, 0x05, 0, 1, 0, 0}, 7, 0x100000, 0x100107},
        {"mov rax, [r12 + rbx]", W64, {0x4a, 0x8b, 0x04, 0x23}, 4, 0xffffffff00002000ull, 0xffffffff00002345ull},
        {"movabs rax, [0x1122334455667788]",
         W64,
         {0x48, 0xa1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11},
         10,
         0x1122334455667000ull,
         0x1122334455667788ull},
        {"mov eax, gs:[ebx] in long mode", W64, {0x65, 0x67, 0x8b, 0x03}, 4, 0x2000, 0x2345},
        {"add dword [ebx], ecx", W32, {0x01, 0x0b}, 2, 0x2000, 0x2345},
        {"an unrelated page", W32, {0x8b, 0x03}, 2, 0x9000, 0x9000},
        {"no memory at all", W32, {0x90}, 1, 0x9000, 0x9000},
        {"no instruction", W32, {0x0f}, 1, 0x9000, 0x9000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_regs regs = regs_of(cases[i].width);
        uint64_t exact;

        regs.rip = cases[i].width == W64 ? 0x100000 : 0x100;
        exact = bzc_disasm_access(bytes(cases[i].code, cases[i].size), &regs, cases[i].page);
        if (exact != cases[i].exact)
            fail_msg("%s: 0x%llx", cases[i].name, (unsigned long long)exact);
    }
}

/* An operand that begins in the page before and is refused in the second page: CR2 is the second page's start. */
static void operand_over_a_border(void **state)
{
    struct bzc_regs regs = regs_of(W32);

    (void)state;
    regs.gpr[BZC_RBX] = 0x2ffe;
    assert_int_equal(bzc_disasm_access(bytes("\x8b\x03", 2), &regs, 0x2000), 0x2ffe);
    assert_int_equal(bzc_disasm_access(bytes("\x8b\x03", 2), &regs, 0x3000), 0x3000);
    regs.gpr[BZC_RSP] = 0x7010; /* the fifth word of PUSHA is the first in the page below */
    assert_int_equal(bzc_disasm_access(bytes("\x60", 1), &regs, 0x6000), 0x6ffc);
    regs.gpr[BZC_RSP] = 0x6ff0; /* and POPA the other way round */
    assert_int_equal(bzc_disasm_access(bytes("\x61", 1), &regs, 0x7000), 0x7000);
    regs = regs_of(W16);
    regs.gpr[BZC_RSP] = 0xabcd0000; /* a 16-bit stack pointer wraps by itself */
    assert_int_equal(bzc_disasm_access(bytes("\x50", 1), &regs, 0x3f000), 0x3fffe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_before_and_after),
        cmocka_unit_test(fewer_lines_where_the_code_ends),
        cmocka_unit_test(never_more_lines_than_there_is_room_for),
        cmocka_unit_test(what_lies_before_meets_the_instruction),
        cmocka_unit_test(what_is_no_instruction_is_said_so),
        cmocka_unit_test(width_changes_the_reading),
        cmocka_unit_test(the_address_that_faulted),
        cmocka_unit_test(operand_over_a_border),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
