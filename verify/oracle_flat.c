/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Payloads of kernels before 2.6.26: `objcopy -O binary vmlinux`, a memory image without any header. Nothing in it says
 * for which mode and address it was linked, so that is read from the decompressor's code:
 *
 *   arch/i386/boot/compressed/head.S (2.0 to 2.6.19):   ljmp $(__KERNEL_CS), $0x100000
 *   arch/x86/boot/compressed/head_32.S, head_64.S (2.6.20 to 2.6.25), when not relocatable: movl $address, %ebx
 *   arch/x86_64/boot/compressed/head.S (2.6.22 on):     movl $MSR_EFER, %ecx; rdmsr (it enters the kernel in long mode)
 *
 * and, for relocatable i386 kernels, from the relocation table (0, then sorted 32-bit addresses) behind the image.
 */
#include <stdio.h>
#include <string.h>

#include "verify/oracle_parts.h"

#define WORD            4u
#define VERSION_2_05    0x0205 /* relocatable_kernel */
#define OLD_LINK_BASE   0x100000u
#define LINK_BASE_MAX   0x10000000u
#define PAGE            0x1000u
#define HEAD_SIZE       0x100u      /* the code before the decompressor moves itself */
#define LOWEST_ADDRESS  0x40000000u /* PAGE_OFFSET of VMSPLIT_1G */
#define BSS_MAX         (16u << 20) /* pointers may point behind the file's bytes */
#define SLOTS_MIN       4u
#define SAMPLES         64u
#define CANDIDATES_MAX  4096u
#define POINTERS_NEEDED 75u /* percent of sampled slots that hold a kernel address; the right place has nearly all */

/* mov $0xc0000080,%ecx; rdmsr */
static bool enters_long_mode(struct bzc_bytes code)
{
    static const uint8_t read_efer[] = {0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32};
    size_t i;

    for (i = 0; i + sizeof(read_efer) <= code.size; i++) {
        if (memcmp(code.data + i, read_efer, sizeof(read_efer)) == 0)
            return true;
    }
    return false;
}

/* An instruction that names the kernel's place; 0 when there is none at `at`. */
static uint32_t link_base_at(struct bzc_bytes code, size_t at, bool has_head)
{
    uint32_t address;
    uint16_t selector;

    if (!bzc_bytes_u32(code, at + 1, &address) || address % PAGE != 0 || address < OLD_LINK_BASE ||
        address >= LINK_BASE_MAX)
        return 0;
    switch (code.data[at]) {
    case 0xea: /* ljmp; __KERNEL_CS was 0x10, then 0x60 */
        return bzc_bytes_u16(code, at + 5, &selector) && (selector == 0x10 || selector == 0x60) ? address : 0;
    case 0xbb: /* mov to %ebx */
    case 0xbd: /* mov to %ebp */
        return has_head && at < HEAD_SIZE ? address : 0;
    default:
        return 0;
    }
}

static uint64_t find_link_base(const struct bzc_image *image, struct bzc_bytes code)
{
    const bool has_head = image->version >= VERSION_2_05;
    const uint32_t otherwise = has_head ? 0 : OLD_LINK_BASE;
    uint32_t found = 0;
    size_t at;

    if (image->relocatable)
        return 0;
    for (at = 0; at < code.size; at++) {
        uint32_t address = link_base_at(code, at, has_head);

        if (address != 0 && found != 0 && address != found)
            return otherwise;
        if (address != 0)
            found = address;
    }
    return found != 0 ? found : otherwise;
}

/* The sorted addresses at the payload's end, back to a zero word. */
static bool find_table(struct bzc_bytes payload, struct bzc_reloc_list *list)
{
    size_t at = payload.size;
    uint32_t later = UINT32_MAX, word;

    while (at >= WORD) {
        word = bzc_load32(payload.data + at - WORD);
        if (word == 0)
            break;
        if (word < LOWEST_ADDRESS || word > later)
            return false;
        later = word;
        at -= WORD;
    }
    if (at < WORD)
        return false;
    list->words = payload.data + at;
    list->count = (payload.size - at) / WORD;
    list->kind = BZC_RELOC_32;
    return list->count >= SLOTS_MIN;
}

/* Percentage of sampled slots that hold an address inside the kernel if its first byte is at `start`. */
static unsigned count_pointers(struct bzc_bytes image, const struct bzc_reloc_list *list, uint32_t start)
{
    size_t samples = list->count < SAMPLES ? list->count : SAMPLES, good = 0, i;
    uint32_t value;

    for (i = 0; i < samples; i++) {
        uint32_t address = bzc_load32(list->words + list->count * i / samples * WORD);

        if (bzc_bytes_u32(image, (uint32_t)(address - start), &value) &&
            (uint32_t)(value - start) < image.size + BSS_MAX)
            good++;
    }
    return (unsigned)(good * 100 / samples);
}

/* The virtual address that the image's first byte is linked to; 0 when the slots fit no address. */
static uint32_t find_start(struct bzc_bytes image, const struct bzc_reloc_list *list, uint32_t alignment)
{
    uint32_t first = bzc_load32(list->words), last = bzc_load32(list->words + (list->count - 1) * WORD);
    uint32_t step = alignment >= PAGE && (alignment & (alignment - 1)) == 0 ? alignment : PAGE;
    uint32_t start = first & ~(step - 1), best = 0;
    unsigned best_share = POINTERS_NEEDED - 1, tried;

    for (tried = 0; tried < CANDIDATES_MAX && start >= LOWEST_ADDRESS && bzc_bytes_has(image, last - start, WORD);
         tried++) {
        unsigned share = count_pointers(image, list, start);

        if (share > best_share) {
            best_share = share;
            best = start;
        }
        start -= step;
    }
    return best;
}

/* Physical from virtual: take off the largest PAGE_OFFSET that arch/x86/Kconfig offers (VMSPLIT_*). */
static uint32_t physical_of(uint32_t start)
{
    static const uint32_t page_offsets[] = {0xc0000000, 0xb0000000, 0x80000000, 0x78000000, 0x40000000};
    size_t i;

    for (i = 0; i < sizeof(page_offsets) / sizeof(page_offsets[0]); i++) {
        if (start >= page_offsets[i])
            return start - page_offsets[i] < LINK_BASE_MAX ? start - page_offsets[i] : 0;
    }
    return 0;
}

enum bzc_status bzc_oracle_read_flat(struct bzc_oracle *oracle, const struct bzc_image *image, struct bzc_error *err)
{
    struct bzc_bytes code = bzc_bytes_slice(image->pm, 0, image->payload_offset);
    struct bzc_expected_segment *segment = &oracle->segment[0];
    struct bzc_reloc_list list = {NULL, 0, BZC_RELOC_32};
    struct bzc_bytes bytes = oracle->payload;
    uint32_t start = 0;

    oracle->kind = BZC_PAYLOAD_FLAT;
    oracle->bits = enters_long_mode(code) ? 64 : 32;
    oracle->link_base = find_link_base(image, code);
    if (oracle->bits == 32 && image->relocatable && find_table(oracle->payload, &list)) {
        bytes = bzc_bytes_slice(oracle->payload, 0, oracle->payload.size - (list.count + 1) * WORD);
        start = find_start(bytes, &list, image->kernel_alignment);
    }
    if (start == 0)
        bytes = oracle->payload;
    segment->bytes = bytes;
    segment->memsz = bytes.size;
    segment->vaddr = start;
    oracle->segment_count = 1;
    oracle->span = bytes.size;
    if (start != 0) {
        oracle->link_base = physical_of(start);
        return bzc_oracle_add_relocs(oracle, &list, 1, start, err);
    }
    if (oracle->bits == 32 && image->relocatable)
        snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem),
                 "the kernel says that it is relocatable, but no relocation table lies behind it");
    return BZC_OK;
}
