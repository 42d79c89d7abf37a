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

/* Opcodes by Intel SDM volume 2. */
static void how_control_leaves_an_instruction(void **state)
{
    static const struct {
        uint8_t code[8];
        unsigned size, bits;
        enum bzc_flow flow;
        const char *text;
    } cases[] = {
        {{0x90}, 1, 32, BZC_FLOW_NEXT, "nop"},
        {{0xf4}, 1, 16, BZC_FLOW_NEXT, "hlt"},
        {{0xeb, 0x02}, 2, 32, BZC_FLOW_JUMP, "jmp 0x1004"},
        {{0xff, 0xe0}, 2, 64, BZC_FLOW_JUMP, "jmp rax"},
        {{0x74, 0x02}, 2, 32, BZC_FLOW_BRANCH, "je 0x1004"},
        {{0xe2, 0x02}, 2, 16, BZC_FLOW_BRANCH, "loop 0x1004"},
        {{0xe1, 0x02}, 2, 32, BZC_FLOW_BRANCH, "loope 0x1004"},
        {{0xe0, 0x02}, 2, 32, BZC_FLOW_BRANCH, "loopne 0x1004"},
        {{0xe3, 0x02}, 2, 64, BZC_FLOW_BRANCH, "jrcxz 0x1004"},
        {{0x66, 0xea, 0x89, 0x02, 0x01, 0x00, 0x10, 0x00}, 8, 16, BZC_FLOW_FAR_JUMP, "ljmp 0x10:0x10289"},
        {{0xff, 0x2d, 0, 0x20, 0, 0}, 6, 32, BZC_FLOW_FAR_JUMP, "ljmp [0x2000]"},
        {{0xe8, 0, 0, 0, 0}, 5, 64, BZC_FLOW_CALL, "call 0x1005"},
        {{0x9a, 0, 0x20, 0, 0, 0x08, 0}, 7, 32, BZC_FLOW_CALL, "lcall 8:0x2000"},
        {{0xc3}, 1, 32, BZC_FLOW_RETURN, "ret"},
        {{0xc2, 0x08, 0}, 3, 32, BZC_FLOW_RETURN, "ret 8"},
        {{0xcb}, 1, 32, BZC_FLOW_FAR_RETURN, "retf"},
        {{0x48, 0xcb}, 2, 64, BZC_FLOW_FAR_RETURN, "retfq"},
        {{0xcd, 0x15}, 2, 16, BZC_FLOW_INTERRUPT, "int 0x15"},
        {{0xcc}, 1, 32, BZC_FLOW_INTERRUPT, "int3"},
        {{0xce}, 1, 32, BZC_FLOW_INTERRUPT, "into"},
        {{0xcf}, 1, 16, BZC_FLOW_INTERRUPT_RETURN, "iret"},
        {{0xcf}, 1, 32, BZC_FLOW_INTERRUPT_RETURN, "iretd"},
        {{0x48, 0xcf}, 2, 64, BZC_FLOW_INTERRUPT_RETURN, "iretq"},
        {{0x0f}, 1, 32, BZC_FLOW_NEXT, "(bad)"},
        {{0}, 0, 32, BZC_FLOW_NEXT, "(bad)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bzc_disasm_line line;
        enum bzc_flow flow;

        bzc_disasm_one(bytes(cases[i].code, cases[i].size), 0x1000, cases[i].bits, &line, &flow);
        if (flow != cases[i].flow || strcmp(line.text, cases[i].text) != 0)
            fail_msg("%s: %s, flow %d", cases[i].text, line.text, flow);
        assert_int_equal(line.address, 0x1000);
        assert_true(line.current);
    }
}

/* Encodings and the CPUID flag that each asks for: Intel SDM volume 2. */
static void extensions_that_a_cpu_lacks(void **state)
{
    static const struct {
        uint8_t code[5];
        const char *on_x86_64, *on_i686;
    } cases[] = {
        {{0xc4, 0xe2, 0x7b, 0xf6, 0xc0}, "BMI2", "BMI2"},     /* mulx eax, eax, eax */
        {{0xc4, 0xe2, 0x78, 0xf2, 0xc0}, "BMI1", "BMI1"},     /* andn eax, eax, eax */
        {{0xc5, 0xf8, 0x77}, "AVX", "AVX"},                   /* vzeroupper */
        {{0x66, 0x0f, 0x38, 0x00, 0xc0}, "SSSE3", "SSSE3"},   /* pshufb xmm0, xmm0 */
        {{0xf2, 0x0f, 0x38, 0xf0, 0xc0}, "SSE4.2", "SSE4.2"}, /* crc32 eax, al */
        {{0x66, 0x0f, 0x38, 0xdc, 0xc1}, "AES", "AES"},       /* aesenc xmm0, xmm1 */
        {{0x66, 0x0f, 0xef, 0xc0}, NULL, "SSE2"},             /* pxor xmm0, xmm0 */
        {{0x0f, 0x57, 0xc0}, NULL, NULL},                     /* xorps xmm0, xmm0 */
        {{0x0f, 0x44, 0xc0}, NULL, NULL},                     /* cmove eax, eax */
        {{0x0f, 0x0b}, NULL, NULL},                           /* ud2 */
        {{0xff, 0xff}, NULL, NULL},                           /* no instruction */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct bzc_bytes code = bytes(cases[i].code, sizeof(cases[i].code));
        const char *wide = bzc_disasm_missing_extension(code, 64, bzc_cpu_profile_find("x86-64"));
        const char *narrow = bzc_disasm_missing_extension(code, 32, bzc_cpu_profile_find("i686"));

        if (!wide != !cases[i].on_x86_64 || (wide && strcmp(wide, cases[i].on_x86_64) != 0))
            fail_msg("%zu: %s", i, wide ? wide : "nothing");
        if (!narrow != !cases[i].on_i686 || (narrow && strcmp(narrow, cases[i].on_i686) != 0))
            fail_msg("%zu: %s", i, narrow ? narrow : "nothing");
    }
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
        cmocka_unit_test(how_control_leaves_an_instruction),
        cmocka_unit_test(extensions_that_a_cpu_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
