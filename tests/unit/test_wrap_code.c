/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes in front of an ELF-wrapped decompressor as code: executed by Unicorn, read by Capstone. The decompressor is
 * a row of HLT, so that execution ends at its first byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <capstone/capstone.h>
#include <unicorn/unicorn.h>

#include "image_builder.h"
#include "loader/wrap.h"

#define LOAD      0x100000u
#define RAM       0x400000u
#define PARAMS    0x14000u
#define STACK     0x8ff0u
#define SOMEWHERE 0x30000u /* what EAX, ECX and EDX hold, which no protocol defines */
#define SHIFT     0x1000u
#define INIT_SIZE 0x345000u

#define CF 0x0001u
#define ZF 0x0040u
#define SF 0x0080u
#define OF 0x0800u

struct cpu {
    uc_engine *uc;
    uint8_t *ram;
    unsigned writes;    /* of memory */
    unsigned interrupt; /* number + 1 of the first */
};

static void on_write(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *context)
{
    struct cpu *cpu = context;

    (void)uc, (void)type, (void)address, (void)size, (void)value;
    cpu->writes++;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *context)
{
    struct cpu *cpu = context;

    if (!cpu->interrupt)
        cpu->interrupt = number + 1;
    uc_emu_stop(uc);
}

static struct bzc_wrapped wrap(bool legacy_safe, bool kernel64, bool relocatable)
{
    const struct bzc_wrap_options options = {.legacy_safe = legacy_safe};
    uint8_t file[BUILD_SIZE];
    struct bzc_bytes bytes = build_image(file, 0x020f);
    struct bzc_error err = {0};
    struct bzc_wrapped wrapped;

    memset(file + BUILD_REALMODE_SIZE, 0xf4, BUILD_PM_SIZE); /* hlt */
    bzc_store32(file + 0x248, 0x1000);
    bzc_store32(file + 0x24c, 0x800);
    memcpy(file + BUILD_REALMODE_SIZE + 0x1000, "\x1f\x8b\x08\x00", 4);
    bzc_store16(file + 0x236, kernel64 ? 1 : 0);
    file[0x234] = relocatable;
    if (bzc_wrap_elf(bytes, &options, &wrapped, &err) != BZC_OK)
        fail_msg("%s", err.message);
    return wrapped;
}

static void set(struct cpu *cpu, int id, uint64_t value)
{
    assert_int_equal(uc_reg_write(cpu->uc, id, &value), UC_ERR_OK);
}

static uint64_t get(struct cpu *cpu, int id)
{
    uint64_t value = 0;

    assert_int_equal(uc_reg_read(cpu->uc, id, &value), UC_ERR_OK);
    return value;
}

/* The registers of the 32-bit boot protocol, and others in what it leaves open. */
static void enter(struct cpu *cpu, const struct bzc_wrapped *wrapped, uc_mode mode, uint32_t offset, uint32_t flags)
{
    static const int undefined[] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX};
    uc_hook hook[2];

    *cpu = (struct cpu){.ram = calloc(1, RAM)};
    assert_non_null(cpu->ram);
    assert_int_equal(uc_open(UC_ARCH_X86, mode, &cpu->uc), UC_ERR_OK);
    assert_int_equal(uc_mem_map_ptr(cpu->uc, 0, RAM, UC_PROT_ALL, cpu->ram), UC_ERR_OK);
    memcpy(cpu->ram + LOAD, wrapped->file.data + BUILD_REALMODE_SIZE, wrapped->file.size - BUILD_REALMODE_SIZE);
    memcpy(cpu->ram + PARAMS + 0x1f1, wrapped->file.data + 0x1f1, 0x100);
    for (size_t i = 0; i < 3; i++)
        set(cpu, undefined[i], SOMEWHERE);
    set(cpu, UC_X86_REG_ESI, PARAMS);
    set(cpu, UC_X86_REG_ESP, STACK);
    set(cpu, UC_X86_REG_EFLAGS, 2 | flags);
    uc_hook_add(cpu->uc, &hook[0], UC_HOOK_MEM_WRITE, (void *)(uintptr_t)on_write, cpu, 1, 0);
    uc_hook_add(cpu->uc, &hook[1], UC_HOOK_INTR, (void *)(uintptr_t)on_interrupt, cpu, 1, 0);
    uc_emu_start(cpu->uc, LOAD + offset, 0, 0, 10000);
}

static void leave(struct cpu *cpu)
{
    uc_close(cpu->uc);
    free(cpu->ram);
}

static void expect_protocol(struct cpu *cpu, uint32_t stop)
{
    /* Behind the HLT. */
    assert_int_equal(get(cpu, UC_X86_REG_EIP), stop + 1);
    assert_int_equal(cpu->interrupt, 0);
    assert_int_equal(get(cpu, UC_X86_REG_ESI), PARAMS);
    assert_int_equal(get(cpu, UC_X86_REG_ESP), STACK);
    assert_int_equal(get(cpu, UC_X86_REG_EBP), 0);
    assert_int_equal(get(cpu, UC_X86_REG_EDI), 0);
    assert_int_equal(get(cpu, UC_X86_REG_EBX), 0);
}

static const uint32_t all_flags[] = {0, CF, ZF, SF, OF, SF | OF, ZF | SF, ZF | OF, ZF | SF | OF, SF | OF | CF};
#define FLAG_COUNT (sizeof(all_flags) / sizeof(all_flags[0]))

/* "\x7f" "E" jumps when ZF is clear and SF equals OF: the list has four of these, and six others. */
static void legacy_jump_gets_through(void **state)
{
    struct bzc_wrapped wrapped = wrap(true, true, true);
    struct cpu cpu;

    (void)state;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        enter(&cpu, &wrapped, UC_MODE_32, 0, all_flags[i]);
        expect_protocol(&cpu, LOAD + SHIFT);
        /* One write: init_size. */
        assert_int_equal(cpu.writes, 1);
        assert_int_equal(bzc_load32(cpu.ram + PARAMS + 0x260), INIT_SIZE);
        leave(&cpu);
    }
    bzc_wrap_free(&wrapped);
}

static void legacy_jump_writes_nothing_for_a_fixed_kernel(void **state)
{
    struct bzc_wrapped wrapped = wrap(true, true, false);
    struct cpu cpu;

    (void)state;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        enter(&cpu, &wrapped, UC_MODE_32, 0, all_flags[i]);
        expect_protocol(&cpu, LOAD + SHIFT);
        assert_int_equal(cpu.writes, 0);
        leave(&cpu);
    }
    bzc_wrap_free(&wrapped);
}

static void legacy_jump_stops_by_default(void **state)
{
    struct cpu cpu;

    (void)state;
    for (unsigned kernel64 = 0; kernel64 < 2; kernel64++) {
        struct bzc_wrapped wrapped = wrap(false, kernel64, true);

        for (size_t i = 0; i < FLAG_COUNT; i++) {
            enter(&cpu, &wrapped, UC_MODE_32, 0, all_flags[i]);
            assert_int_equal(cpu.interrupt, 3 + 1);
            assert_in_range(get(&cpu, UC_X86_REG_EIP), LOAD, LOAD + 0x48);
            /* The header of an ELF32 file cannot but write where ECX points. */
            if (kernel64)
                assert_int_equal(cpu.writes, 0);
            leave(&cpu);
        }
        bzc_wrap_free(&wrapped);
    }
}

/* Whatever byte of the front somebody jumps to, and INT3 being passed over: the decompressor is not reached by sliding.
 */
static void nothing_slides_into_the_decompressor(void **state)
{
    struct bzc_wrapped wrapped = wrap(false, true, true);
    uint8_t *front = (uint8_t *)(uintptr_t)wrapped.file.data + BUILD_REALMODE_SIZE;
    struct cpu cpu;

    (void)state;
    for (uint32_t i = 0x48; i < SHIFT; i++) {
        if (front[i] == 0xcc)
            front[i] = 0x90;
    }
    enter(&cpu, &wrapped, UC_MODE_32, 0x130, 0);
    assert_in_range(get(&cpu, UC_X86_REG_EIP), LOAD + 0x1fd, LOAD + 0x1ff);
    leave(&cpu);
    enter(&cpu, &wrapped, UC_MODE_32, 0x220, 0);
    assert_in_range(get(&cpu, UC_X86_REG_EIP), LOAD + 0xfed, LOAD + 0xff0);
    leave(&cpu);
    bzc_wrap_free(&wrapped);
}

static void entry32_restores_init_size(void **state)
{
    struct cpu cpu;

    (void)state;
    for (unsigned relocatable = 0; relocatable < 2; relocatable++) {
        struct bzc_wrapped wrapped = wrap(false, false, relocatable);

        assert_int_equal(bzc_load32(wrapped.file.data + 0x214), LOAD + wrapped.entry32);
        enter(&cpu, &wrapped, UC_MODE_32, wrapped.entry32, ZF);
        expect_protocol(&cpu, LOAD + SHIFT);
        assert_int_equal(bzc_load32(cpu.ram + PARAMS + 0x260), INIT_SIZE);
        leave(&cpu);
        bzc_wrap_free(&wrapped);
    }
}

static void entry64_restores_init_size(void **state)
{
    struct cpu cpu;

    (void)state;
    for (unsigned relocatable = 0; relocatable < 2; relocatable++) {
        struct bzc_wrapped wrapped = wrap(false, true, relocatable);

        enter(&cpu, &wrapped, UC_MODE_64, 0x200, ZF);
        assert_int_equal(get(&cpu, UC_X86_REG_RIP), LOAD + SHIFT + 0x200 + 1);
        assert_int_equal(get(&cpu, UC_X86_REG_RSI), PARAMS);
        assert_int_equal(bzc_load32(cpu.ram + PARAMS + 0x260), INIT_SIZE);
        assert_int_equal(cpu.interrupt, 0);
        leave(&cpu);
        bzc_wrap_free(&wrapped);
    }
}

/* The code that docs/elf-wrapped.md lists. */
static void expect_code(const uint8_t *code, size_t size, uint64_t address, const char *const *lines)
{
    cs_insn *insn;
    csh handle;
    size_t count;

    assert_int_equal(cs_open(CS_ARCH_X86, CS_MODE_32, &handle), CS_ERR_OK);
    count = cs_disasm(handle, code, size, address, 0, &insn);
    for (size_t i = 0; lines[i]; i++) {
        char text[256];

        assert_true(i < count);
        snprintf(text, sizeof(text), "%s %s", insn[i].mnemonic, insn[i].op_str);
        assert_string_equal(text, lines[i]);
    }
    cs_free(insn, count);
    cs_close(&handle);
}

static void header_reads_as_documented(void **state)
{
    static const char *const landing[] = {"dec esi", "inc esp", "jmp 0xff0", NULL};
    static const char *const text[] = {"jg 0x47",      "dec esp",  "inc esi", "add al, byte ptr [ecx]",
                                       "add edi, edi", "jmp 0x45", NULL};
    static const char *const prologue[] = {"sub dword ptr [esi + 0x260], 0x200000", "lea esi, [esi]", NULL};
    struct bzc_wrapped wrapped = wrap(true, true, true);
    const uint8_t *front = wrapped.file.data + BUILD_REALMODE_SIZE;

    (void)state;
    expect_code(front, 10, 0, text);
    expect_code(front + 0x45, 7, 0x45, landing);
    expect_code(front + 0xff0, 16, 0xff0, prologue);
    bzc_wrap_free(&wrapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legacy_jump_gets_through),     cmocka_unit_test(legacy_jump_writes_nothing_for_a_fixed_kernel),
        cmocka_unit_test(legacy_jump_stops_by_default), cmocka_unit_test(nothing_slides_into_the_decompressor),
        cmocka_unit_test(entry32_restores_init_size),   cmocka_unit_test(entry64_restores_init_size),
        cmocka_unit_test(header_reads_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
