/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands before the decompressor of an ELF-wrapped image:
 *
 *   0x000  ELF header              0x200  64-bit entry (XLF_KERNEL_64): a jump to startup_64
 *   0x047  legacy-safe: a jump     -0x10  32-bit entry of a relocatable kernel: init_size is set right
 *   0x050  program headers           -0   startup_32
 *
 * and INT3 everywhere else. How the header works as code is told in docs/elf-wrapped.md.
 */
#include <string.h>

#include "loader/wrap_parts.h"

#define INT3 0xccu

#define EHDR32_SIZE 52u
#define EHDR64_SIZE 64u
#define PHDR32_SIZE 32u
#define PHDR64_SIZE 56u
#define PHDRS       0x50u /* behind the place where the jump in the magic number leads */

#define OSABI_STANDALONE 0xffu
#define ABIVERSION       8u
#define MAGIC_JUMP_TO    0x47u /* "\x7fE" is `jg`, 0x45 bytes on */
#define UNDO             0x45u /* right before it, so that it runs on into the same jump */

#define SUB_SIZE      10u
#define PROLOGUE_SIZE 16u
#define GUARD_SIZE    3u

static void put(uint8_t *at, const uint8_t *code, size_t size)
{
    memcpy(at, code, size);
}

/* sub dword [esi or rsi + 0x260], grown: the same bytes in 32-bit and in 64-bit code. */
static void write_sub(uint8_t *at, uint32_t grown)
{
    at[0] = 0x81;
    at[1] = 0xae;
    bzc_store32(at + 2, bzc_field(BZC_FIELD_INIT_SIZE)->offset);
    bzc_store32(at + 6, grown);
}

static void write_jump(uint8_t *front, uint32_t at, uint32_t to)
{
    front[at] = 0xe9; /* jmp rel32 */
    bzc_store32(front + at + 1, to - (at + 5));
}

/* What slides through the padding, because somebody catches INT3 and returns, ends here. */
static void write_guard(uint8_t *front, uint32_t end)
{
    static const uint8_t guard[GUARD_SIZE] = {0xf4, 0xeb, 0xfd}; /* hlt; jmp back to it */

    put(front + end - GUARD_SIZE, guard, GUARD_SIZE);
}

uint32_t bzc_wrap_prologue_size(uint32_t grown)
{
    return grown ? PROLOGUE_SIZE : 0;
}

static void write_entries(const struct bzc_wrapped *wrapped, uint8_t *front)
{
    static const uint8_t nop[PROLOGUE_SIZE - SUB_SIZE] = {0x8d, 0xb6, 0, 0, 0, 0}; /* lea esi, [esi+0]: any CPU */
    uint32_t at = wrapped->shift - bzc_wrap_prologue_size(wrapped->grown);

    write_guard(front, at);
    if (wrapped->grown) {
        write_sub(front + at, wrapped->grown);
        put(front + at + SUB_SIZE, nop, sizeof(nop));
    }
    if (!wrapped->entry64_jump)
        return;
    at = BZC_WRAP_ENTRY64;
    write_guard(front, at);
    if (wrapped->grown) {
        write_sub(front + at, wrapped->grown);
        at += SUB_SIZE;
    }
    write_jump(front, at, wrapped->entry64_jump);
}

static void write_ident(const struct bzc_wrapped *wrapped, uint8_t *front)
{
    static const uint8_t undo[] = {0x4e, 0x44}; /* dec esi; inc esp */

    put(front,
        (const uint8_t *)"\x7f"
                         "ELF",
        4);
    front[4] = wrapped->bits == 64 ? 2 : 1; /* EI_CLASS */
    front[5] = 1;                           /* EI_DATA: little-endian */
    front[6] = 1;                           /* EI_VERSION */
    /* As code, `add edi, edi` with the byte before it; any other value would write to memory or change more. */
    front[7] = OSABI_STANDALONE;
    front[ABIVERSION] = INT3;
    memset(front + ABIVERSION + 1, 0, 16 - ABIVERSION - 1);
    if (!wrapped->legacy_safe)
        return;
    front[ABIVERSION] = 0xeb; /* jmp rel8 */
    front[ABIVERSION + 1] = UNDO - (ABIVERSION + 2);
    put(front + UNDO, undo, sizeof(undo));
    write_jump(front, MAGIC_JUMP_TO, wrapped->entry32);
}

static void write_header32(const struct bzc_wrapped *wrapped, uint8_t *front)
{
    memset(front + 16, 0, EHDR32_SIZE - 16);
    bzc_store16(front + 0x10, 2); /* ET_EXEC */
    bzc_store16(front + 0x12, 3); /* EM_386 */
    bzc_store32(front + 0x14, 1); /* EV_CURRENT */
    bzc_store32(front + 0x18, (uint32_t)wrapped->elf_entry);
    bzc_store32(front + 0x1c, PHDRS);
    bzc_store16(front + 0x28, EHDR32_SIZE);
    bzc_store16(front + 0x2a, PHDR32_SIZE);
    bzc_store16(front + 0x2c, (uint16_t)wrapped->segment_count);
    for (size_t i = 0; i < wrapped->segment_count; i++) {
        const struct bzc_elf_program *segment = &wrapped->segment[i];
        uint8_t *row = front + PHDRS + i * PHDR32_SIZE;

        bzc_store32(row, segment->type);
        bzc_store32(row + 4, (uint32_t)segment->offset);
        bzc_store32(row + 8, (uint32_t)segment->vaddr);
        bzc_store32(row + 12, (uint32_t)segment->paddr);
        bzc_store32(row + 16, (uint32_t)segment->filesz);
        bzc_store32(row + 20, (uint32_t)segment->memsz);
        bzc_store32(row + 24, segment->flags);
        bzc_store32(row + 28, (uint32_t)segment->align);
    }
}

static void write_header64(const struct bzc_wrapped *wrapped, uint8_t *front)
{
    memset(front + 16, 0, EHDR64_SIZE - 16);
    bzc_store16(front + 0x10, 2);  /* ET_EXEC */
    bzc_store16(front + 0x12, 62); /* EM_X86_64 */
    bzc_store32(front + 0x14, 1);  /* EV_CURRENT */
    bzc_store64(front + 0x18, wrapped->elf_entry);
    bzc_store64(front + 0x20, PHDRS);
    bzc_store16(front + 0x34, EHDR64_SIZE);
    bzc_store16(front + 0x36, PHDR64_SIZE);
    bzc_store16(front + 0x38, (uint16_t)wrapped->segment_count);
    for (size_t i = 0; i < wrapped->segment_count; i++) {
        const struct bzc_elf_program *segment = &wrapped->segment[i];
        uint8_t *row = front + PHDRS + i * PHDR64_SIZE;

        bzc_store32(row, segment->type);
        bzc_store32(row + 4, segment->flags);
        bzc_store64(row + 8, segment->offset);
        bzc_store64(row + 16, segment->vaddr);
        bzc_store64(row + 24, segment->paddr);
        bzc_store64(row + 32, segment->filesz);
        bzc_store64(row + 40, segment->memsz);
        bzc_store64(row + 48, segment->align);
    }
}

void bzc_wrap_write_front(const struct bzc_wrapped *wrapped, uint8_t *front)
{
    memset(front, INT3, wrapped->shift);
    write_ident(wrapped, front);
    if (wrapped->bits == 64)
        write_header64(wrapped, front);
    else
        write_header32(wrapped, front);
    write_entries(wrapped, front);
}
