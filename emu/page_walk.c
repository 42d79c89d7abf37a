/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/page_walk.h"

#include "base/bytes.h"

#define ENTRY_P      (1ull << 0)
#define ENTRY_RW     (1ull << 1)
#define ENTRY_US     (1ull << 2)
#define ENTRY_A      (1ull << 5)
#define ENTRY_D      (1ull << 6)
#define ENTRY_PS     (1ull << 7)
#define ENTRY_NX     (1ull << 63)
#define ADDRESS_MASK 0x000ffffffffff000ull

/* One paging mode: how many levels there are and how the linear address is cut up. */
struct geometry {
    unsigned levels;
    unsigned entry_size; /* bytes */
    unsigned index_bits;
    unsigned top_index_bits;
    bool large[6]; /* PS means a page at this level (1: table, 2: directory, ...) */
};

static const struct geometry geometry_32 = {2, 4, 10, 10, {false, false, true}};
static const struct geometry geometry_pae = {3, 8, 9, 2, {false, false, true}};
static const struct geometry geometry_4 = {4, 8, 9, 9, {false, false, true, true}};
static const struct geometry geometry_5 = {5, 8, 9, 9, {false, false, true, true}};

static const struct geometry *select_geometry(const struct bzc_paging_regs *regs)
{
    if (regs->efer & BZC_EFER_LMA)
        return regs->cr4 & BZC_CR4_LA57 ? &geometry_5 : &geometry_4;
    return regs->cr4 & BZC_CR4_PAE ? &geometry_pae : &geometry_32;
}

/* Intel SDM volume 1, "Canonical Addressing": the bits above those that the tables translate are all alike. */
static bool is_canonical(const struct bzc_paging_regs *regs, uint64_t linear)
{
    unsigned unused = regs->cr4 & BZC_CR4_LA57 ? 64 - 57 : 64 - 48;
    uint64_t sign = linear << unused >> 63;

    return linear >> (63 - unused) == (sign ? UINT64_MAX >> (63 - unused) : 0);
}

static bool read_entry(const struct bzc_walk_memory *memory, uint64_t phys, unsigned size, uint64_t *entry)
{
    uint8_t raw[8] = {0};

    if (!memory->read(memory->context, phys, raw, size))
        return false;
    *entry = bzc_load64(raw);
    return true;
}

static void set_bits(const struct bzc_walk_memory *memory, uint64_t phys, unsigned size, uint64_t entry, uint64_t bits)
{
    uint8_t raw[8];

    if ((entry & bits) == bits)
        return;
    bzc_store64(raw, entry | bits);
    memory->write(memory->context, phys, raw, size);
}

static struct bzc_walk fault(const struct bzc_paging_regs *regs, enum bzc_access access, uint32_t cause)
{
    struct bzc_walk walk = {.error_code = cause};

    if (access == BZC_ACCESS_WRITE)
        walk.error_code |= BZC_PF_WRITE;
    if (regs->user)
        walk.error_code |= BZC_PF_USER;
    if (access == BZC_ACCESS_FETCH && (regs->efer & BZC_EFER_NXE) && (regs->cr4 & BZC_CR4_PAE))
        walk.error_code |= BZC_PF_FETCH;
    return walk;
}

struct bzc_walk bzc_page_walk(const struct bzc_paging_regs *regs, const struct bzc_walk_memory *memory, uint64_t linear,
                              enum bzc_access access)
{
    if (!(regs->cr0 & BZC_CR0_PG))
        return (struct bzc_walk){.ok = true, .phys = linear & BZC_PAGE_MASK, .write = true, .execute = true};

    if ((regs->efer & BZC_EFER_LMA) && !is_canonical(regs, linear))
        return (struct bzc_walk){.not_canonical = true};

    const struct geometry *geometry = select_geometry(regs);
    bool pae = geometry->entry_size == 8;
    bool nx_enabled = pae && (regs->efer & BZC_EFER_NXE);
    uint64_t entry_phys[6] = {0}, entry_value[6] = {0};
    uint64_t table = geometry == &geometry_pae ? regs->cr3 & 0xffffffe0ull : regs->cr3 & ADDRESS_MASK;
    uint64_t writable = ENTRY_RW, user = ENTRY_US, no_execute = 0;
    unsigned level = geometry->levels;

    for (;; level--) {
        unsigned bits = level == geometry->levels ? geometry->top_index_bits : geometry->index_bits;
        unsigned shift = 12 + (level - 1) * geometry->index_bits;
        uint64_t index = (linear >> shift) & ((1ull << bits) - 1);
        uint64_t entry;

        entry_phys[level] = table + index * geometry->entry_size;
        if (!read_entry(memory, entry_phys[level], geometry->entry_size, &entry) || !(entry & ENTRY_P))
            return fault(regs, access, 0);
        if (pae && !nx_enabled && (entry & ENTRY_NX))
            return fault(regs, access, BZC_PF_PRESENT | BZC_PF_RESERVED);
        entry_value[level] = entry;
        /* A PAE directory-pointer entry has no permission bits of its own. */
        if (geometry != &geometry_pae || level != 3) {
            writable &= entry;
            user &= entry;
            no_execute |= entry & ENTRY_NX;
        }
        bool large = level > 1 && geometry->large[level] && (entry & ENTRY_PS);
        if (geometry == &geometry_32 && !(regs->cr4 & BZC_CR4_PSE))
            large = false;
        if (level == 1 || large) {
            uint64_t page_mask = (1ull << shift) - 1;
            uint64_t base = entry & ADDRESS_MASK & ~page_mask;

            if (geometry == &geometry_32 && large) /* PSE-36: bits 13-20 are address bits 32-39 */
                base = (entry & 0xffc00000u) | ((entry >> 13) & 0xff) << 32;
            table = base | (linear & page_mask & BZC_PAGE_MASK);
            break;
        }
        table = entry & ADDRESS_MASK;
    }

    bool write_allowed = writable || (!regs->user && !(regs->cr0 & BZC_CR0_WP));
    if ((regs->user && !user) || (access == BZC_ACCESS_WRITE && !write_allowed) ||
        (access == BZC_ACCESS_FETCH && no_execute))
        return fault(regs, access, BZC_PF_PRESENT);

    for (unsigned l = geometry->levels; l >= level; l--) {
        uint64_t bits = ENTRY_A;

        if (geometry == &geometry_pae && l == 3)
            continue;
        if (l == level && access == BZC_ACCESS_WRITE)
            bits |= ENTRY_D;
        set_bits(memory, entry_phys[l], geometry->entry_size, entry_value[l], bits);
    }
    bool dirty = access == BZC_ACCESS_WRITE || (entry_value[level] & ENTRY_D);
    return (struct bzc_walk){.ok = true, .phys = table, .write = write_allowed && dirty, .execute = !no_execute};
}
