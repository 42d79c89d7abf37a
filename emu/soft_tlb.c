/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/soft_tlb.h"

#include <stdlib.h>
#include <string.h>

#define A20_BIT (1ull << 20)

/* Two linear addresses may lead to this page: dropping one translation is not enough. */
#define PAGE_ALIASED (1u << 4)

/* How often a page changed from executed to written, saturating: from MIXED on it is worth a closer look. */
#define PAGE_FLIP        (1u << 5)
#define PAGE_FLIPS_MASK  (7u << 5)
#define PAGE_FLIPS_MIXED (6u << 5)

/*
 * The engine's TLB is direct-mapped, begins with 256 entries, and is doubled at a flush that finds it well filled. A
 * kernel that unpacks itself over megabytes fills it at once, and never flushes: so it is made to grow.
 */
#define GROW_FIRST 192u
#define GROW_LAST  (GROW_FIRST << 3)

#define LONGEST_INSTRUCTION 15u /* bytes */
#define CHUNK               64u /* bytes: grain in which a mixed page is compared */

static uint64_t apply_a20(const struct bzc_soft_tlb *tlb, uint64_t phys)
{
    return tlb->a20_open ? phys : phys & ~A20_BIT;
}

static bool table_read(void *context, uint64_t phys, void *data, size_t size)
{
    const struct bzc_soft_tlb *tlb = context;

    return bzc_memory_read(tlb->memory, apply_a20(tlb, phys), data, size);
}

static void note_written(struct bzc_soft_tlb *tlb, uint64_t phys)
{
    if (bzc_memory_wrote(tlb->memory, phys) && tlb->page_written)
        tlb->page_written(tlb->page_written_context, phys);
}

static bool table_write(void *context, uint64_t phys, const void *data, size_t size)
{
    struct bzc_soft_tlb *tlb = context;

    tlb->host_writes++;
    if (!bzc_memory_write(tlb->memory, apply_a20(tlb, phys), data, size))
        return false;
    note_written(tlb, apply_a20(tlb, phys) & BZC_PAGE_MASK);
    return true;
}

static bool table_write_nothing(void *context, uint64_t phys, const void *data, size_t size)
{
    (void)context;
    (void)phys;
    (void)data;
    (void)size;
    return true;
}

static bool refuse(struct bzc_soft_tlb *tlb, struct bzc_refusal refusal)
{
    tlb->refusal = refusal;
    return false;
}

/* True when the access was reported before and is let pass now. */
static bool report(struct bzc_soft_tlb *tlb, enum bzc_access access, uint64_t linear, uint64_t phys)
{
    bool passes = tlb->passes && tlb->refusal.kind == BZC_REFUSED_REPORT && tlb->refusal.access == access &&
                  tlb->refusal.linear == linear;

    tlb->passes = false;
    return passes || refuse(tlb, (struct bzc_refusal){BZC_REFUSED_REPORT, access, linear, phys, 0});
}

static void touch(struct bzc_soft_tlb *tlb, uint8_t *flags, uint8_t bit)
{
    if (*flags & bit)
        return;
    if (!(*flags & (BZC_PAGE_WRITTEN | BZC_PAGE_KNOWN)))
        atomic_fetch_add_explicit(&tlb->progress, 1, memory_order_relaxed);
    *flags |= bit;
}

static struct bzc_mixed_page *find_mixed(struct bzc_soft_tlb *tlb, uint64_t phys)
{
    for (size_t i = 0; i < tlb->mixed_count; i++)
        if (tlb->mixed[i].phys == phys)
            return &tlb->mixed[i];
    return NULL;
}

/* Begins to treat a page as mixed; NULL when there are too many. */
static struct bzc_mixed_page *add_mixed(struct bzc_soft_tlb *tlb, uint64_t phys)
{
    struct bzc_mixed_page *page;

    if (!tlb->mixed)
        tlb->mixed = calloc(BZC_MIXED_PAGES_MAX, sizeof(*tlb->mixed));
    if (!tlb->mixed || tlb->mixed_count == BZC_MIXED_PAGES_MAX)
        return NULL;
    page = &tlb->mixed[tlb->mixed_count++];
    page->phys = phys;
    bzc_memory_read(tlb->memory, phys, page->translated, BZC_PAGE_SIZE);
    return page;
}

/*
 * A mixed page is to be executed again: drops the translations of what has changed since, and of nothing else. Returns
 * whether the code that is to run next is what it was.
 */
static bool refresh_mixed(struct bzc_soft_tlb *tlb, struct bzc_mixed_page *page, uint64_t linear)
{
    const uint8_t *now = bzc_memory_view(tlb->memory, page->phys, BZC_PAGE_SIZE).data;
    uint64_t ip = bzc_cpu_linear_ip(tlb->cpu);
    bool same_code = true;

    for (unsigned at = 0; at < BZC_PAGE_SIZE; at += CHUNK) {
        unsigned from = at, to = at + CHUNK;

        if (memcmp(now + at, page->translated + at, CHUNK) == 0)
            continue;
        while (now[from] == page->translated[from])
            from++;
        while (now[to - 1] == page->translated[to - 1])
            to--;
        bzc_cpu_forget_code(tlb->cpu, linear, page->phys, from, to - from);
        if (ip < linear + to && ip + LONGEST_INSTRUCTION > linear + from)
            same_code = false;
        memcpy(page->translated + at, now + at, CHUNK);
    }
    return same_code;
}

/* From now on each block in the page, and each that runs over into it, is compared with memory before it runs. */
static bool guard_mixed(struct bzc_soft_tlb *tlb, uint64_t phys)
{
    if (!add_mixed(tlb, phys) || !bzc_cpu_guard(tlb->cpu, phys))
        return false;
    if (phys >= BZC_PAGE_SIZE) {
        bzc_cpu_guard(tlb->cpu, phys - BZC_PAGE_SIZE);
        bzc_cpu_forget_code(tlb->cpu, phys - BZC_PAGE_SIZE, phys - BZC_PAGE_SIZE, 0, BZC_PAGE_SIZE);
        bzc_cpu_flush(tlb->cpu); /* dropping code left a right to execute behind */
    }
    return true;
}

/* A page whose code was translated is to be written. The translations of a mixed page stay. */
static void make_writable(struct bzc_soft_tlb *tlb, uint8_t *flags, uint64_t linear, uint64_t phys)
{
    if (!(*flags & PAGE_ALIASED)) {
        if ((*flags & PAGE_FLIPS_MASK) == PAGE_FLIPS_MASK)
            return;
        if ((*flags & PAGE_FLIPS_MASK) < PAGE_FLIPS_MIXED || guard_mixed(tlb, phys))
            *flags = (uint8_t)(*flags + PAGE_FLIP);
    }
    bzc_cpu_forget_code(tlb->cpu, linear, phys, 0, BZC_PAGE_SIZE);
}

/* The part of [linear, linear+size) that lies in the mixed page, as it was translated and as it is. */
static bool is_stale(const struct bzc_soft_tlb *tlb, const struct bzc_mixed_page *page, uint64_t linear, uint64_t size)
{
    const uint8_t *now = bzc_memory_view(tlb->memory, page->phys, BZC_PAGE_SIZE).data;
    uint64_t start = linear > page->phys ? linear : page->phys;
    uint64_t end = linear + size < page->phys + BZC_PAGE_SIZE ? linear + size : page->phys + BZC_PAGE_SIZE;

    return start < end && memcmp(now + (start - page->phys), page->translated + (start - page->phys), end - start) != 0;
}

bool bzc_soft_tlb_guard(void *context, uint64_t linear, uint32_t size)
{
    struct bzc_soft_tlb *tlb = context;
    uint64_t first = linear & BZC_PAGE_MASK, last = (linear + size - 1) & BZC_PAGE_MASK;

    for (uint64_t at = first; size > 0 && at <= last; at += BZC_PAGE_SIZE) {
        const struct bzc_mixed_page *page = find_mixed(tlb, at);
        uint64_t phys;

        if (!page || !is_stale(tlb, page, linear, size))
            continue;
        if (!bzc_soft_tlb_lookup(tlb, at, &phys) || phys != page->phys)
            continue; /* by now another page lies at this address */
        return refuse(tlb, (struct bzc_refusal){BZC_REFUSED_STALE, BZC_ACCESS_FETCH, at, at, 0});
    }
    return true;
}

void bzc_soft_tlb_drop_stale(struct bzc_soft_tlb *tlb)
{
    uint64_t phys = tlb->refusal.phys;
    struct bzc_mixed_page *page = find_mixed(tlb, phys);
    uint8_t *flags = bzc_memory_flags(tlb->memory, phys);

    bzc_cpu_forget_code(tlb->cpu, phys, phys, 0, BZC_PAGE_SIZE);
    bzc_cpu_flush(tlb->cpu);
    bzc_memory_read(tlb->memory, phys, page->translated, BZC_PAGE_SIZE);
    *flags = (uint8_t)(*flags & ~(BZC_PAGE_CODE | BZC_PAGE_KNOWN));
}

/* Whether code that is known may run at this linear page without another question. */
static bool may_execute_at(const struct bzc_soft_tlb *tlb, uint64_t linear, uint64_t phys)
{
    return !tlb->asks_mappings || linear == phys || linear == tlb->allowed_linear;
}

/* What to grant for a page of RAM. Its code and its write translations never exist at the same time. */
static bool grant_ram(struct bzc_soft_tlb *tlb, uint64_t linear, enum bzc_access access, const struct bzc_walk *walk,
                      uint64_t phys, struct bzc_translation *translation)
{
    uint8_t *flags = bzc_memory_flags(tlb->memory, phys);
    bool mixed = (*flags & PAGE_FLIPS_MASK) == PAGE_FLIPS_MASK;

    if (linear != phys)
        *flags |= PAGE_ALIASED;
    *translation = (struct bzc_translation){.phys = BZC_DATA_PHYS + phys, .read = true};
    switch (access) {
    case BZC_ACCESS_FETCH:
        if (mixed && !(*flags & BZC_PAGE_CODE) && refresh_mixed(tlb, find_mixed(tlb, phys), linear))
            *flags |= BZC_PAGE_KNOWN;
        if (!(*flags & BZC_PAGE_KNOWN) && mixed)
            bzc_cpu_flush(tlb->cpu); /* dropping code left a right to execute behind */
        if (!(*flags & BZC_PAGE_KNOWN))
            return refuse(tlb, (struct bzc_refusal){BZC_REFUSED_NEW_CODE, access, linear, phys, 0});
        if (!may_execute_at(tlb, linear, phys))
            return refuse(tlb, (struct bzc_refusal){BZC_REFUSED_NEW_CODE, access, linear, phys, 0});
        if ((*flags & BZC_PAGE_WRITABLE) && (*flags & PAGE_ALIASED))
            bzc_cpu_flush(tlb->cpu);
        *flags = (uint8_t)((*flags | BZC_PAGE_CODE) & ~BZC_PAGE_WRITABLE);
        translation->execute = true;
        translation->phys = phys;
        break;
    case BZC_ACCESS_WRITE:
        if (*flags & BZC_PAGE_CODE) {
            make_writable(tlb, flags, linear, phys);
            if (*flags & PAGE_ALIASED)
                bzc_cpu_flush(tlb->cpu);
        }
        touch(tlb, flags, 0);
        note_written(tlb, phys);
        *flags = (uint8_t)((*flags | BZC_PAGE_WRITABLE) & ~(BZC_PAGE_CODE | BZC_PAGE_KNOWN));
        translation->write = true;
        tlb->write_fills++;
        break;
    case BZC_ACCESS_READ:
        if (*flags & BZC_PAGE_CODE) {
            translation->execute = walk->execute && may_execute_at(tlb, linear, phys);
            translation->phys = phys;
        } else if (walk->write && !tlb->split_writes && bzc_memory_written_now(tlb->memory, phys)) {
            /* Written before in this epoch: spares the second request. Its contents may change now, so it is unknown
             * code again. */
            *flags = (uint8_t)((*flags | BZC_PAGE_WRITABLE) & ~BZC_PAGE_KNOWN);
            translation->write = true;
        }
        break;
    }
    return true;
}

static void grow(struct bzc_soft_tlb *tlb)
{
    if (tlb->grow_at == 0)
        tlb->grow_at = GROW_FIRST;
    if (tlb->grow_at > GROW_LAST || ++tlb->since_growth < tlb->grow_at)
        return;
    tlb->since_growth = 0;
    tlb->grow_at *= 2;
    bzc_cpu_flush(tlb->cpu);
}

bool bzc_soft_tlb_translate(void *context, uint64_t linear, enum bzc_access access, struct bzc_translation *translation)
{
    struct bzc_soft_tlb *tlb = context;
    struct bzc_walk_memory tables = {tlb, table_read, table_write};
    struct bzc_paging_regs regs;
    struct bzc_walk walk;
    uint64_t phys;

    tlb->fills++;
    grow(tlb);
    bzc_cpu_paging(tlb->cpu, &regs);
    walk = bzc_page_walk(&regs, &tables, linear, access);
    if (!walk.ok)
        return refuse(tlb, (struct bzc_refusal){walk.not_canonical ? BZC_REFUSED_NOT_CANONICAL : BZC_REFUSED_PAGE_FAULT,
                                                access, linear, 0, walk.error_code});
    phys = apply_a20(tlb, walk.phys);
    switch (bzc_memory_kind(tlb->memory, phys)) {
    case BZC_PAGE_RAM:
        return grant_ram(tlb, linear, access, &walk, phys, translation);
    case BZC_PAGE_ROM:
        *translation = (struct bzc_translation){.phys = phys, .read = true, .execute = walk.execute};
        if (access == BZC_ACCESS_WRITE) {
            *translation = (struct bzc_translation){.phys = BZC_BIT_BUCKET_PHYS, .write = true};
            return report(tlb, access, linear, phys);
        }
        return true;
    case BZC_PAGE_HOLE:
        break;
    }
    if (access != BZC_ACCESS_READ)
        return refuse(tlb, (struct bzc_refusal){BZC_REFUSED_OUTSIDE, access, linear, phys, 0});
    *translation = (struct bzc_translation){.phys = BZC_OPEN_BUS_PHYS, .read = true};
    return report(tlb, access, linear, phys);
}

void bzc_soft_tlb_let_pass(struct bzc_soft_tlb *tlb)
{
    tlb->passes = true;
}

void bzc_soft_tlb_finish(struct bzc_soft_tlb *tlb)
{
    free(tlb->mixed);
    tlb->mixed = NULL;
    tlb->mixed_count = 0;
}

void bzc_soft_tlb_allow_code(struct bzc_soft_tlb *tlb, uint64_t linear, uint64_t phys)
{
    uint8_t *flags = bzc_memory_flags(tlb->memory, phys);

    tlb->allowed_linear = linear;
    if (flags)
        touch(tlb, flags, BZC_PAGE_KNOWN);
}

void bzc_soft_tlb_set_a20(struct bzc_soft_tlb *tlb, bool open)
{
    if (tlb->a20_open == open)
        return;
    tlb->a20_open = open;
    bzc_cpu_flush(tlb->cpu);
}

bool bzc_soft_tlb_lookup(struct bzc_soft_tlb *tlb, uint64_t linear, uint64_t *phys)
{
    struct bzc_walk_memory tables = {tlb, table_read, table_write_nothing};
    struct bzc_paging_regs regs;
    struct bzc_walk walk;

    bzc_cpu_paging(tlb->cpu, &regs);
    regs.user = false;
    walk = bzc_page_walk(&regs, &tables, linear & BZC_PAGE_MASK, BZC_ACCESS_READ);
    if (!walk.ok)
        return false;
    *phys = apply_a20(tlb, walk.phys) | (linear & ~BZC_PAGE_MASK);
    return true;
}

bool bzc_soft_tlb_write_phys(struct bzc_soft_tlb *tlb, uint64_t phys, const void *data, size_t size)
{
    if (!bzc_memory_write(tlb->memory, phys, data, size))
        return false;
    tlb->host_writes++;
    for (uint64_t page = phys & BZC_PAGE_MASK; page < phys + size; page += BZC_PAGE_SIZE) {
        uint8_t *flags = bzc_memory_flags(tlb->memory, page);

        if (*flags & BZC_PAGE_CODE) {
            /* Any linear address serves: it only names the physical page. */
            bzc_cpu_forget_code(tlb->cpu, page, page, 0, BZC_PAGE_SIZE);
            bzc_cpu_flush(tlb->cpu);
        }
        note_written(tlb, page);
        *flags = (uint8_t)(*flags & ~(BZC_PAGE_CODE | BZC_PAGE_KNOWN));
    }
    return true;
}

/* Runs over the pages of a linear range. */
static bool copy(struct bzc_soft_tlb *tlb, uint64_t linear, uint8_t *to, const uint8_t *from, size_t size)
{
    while (size > 0) {
        size_t part = BZC_PAGE_SIZE - (linear & ~BZC_PAGE_MASK);
        uint64_t phys;
        bool ok;

        if (part > size)
            part = size;
        if (!bzc_soft_tlb_lookup(tlb, linear, &phys))
            return false;
        ok = to ? bzc_memory_read(tlb->memory, phys, to, part) : bzc_soft_tlb_write_phys(tlb, phys, from, part);
        if (!ok)
            return false;
        linear += part;
        size -= part;
        if (to)
            to += part;
        else
            from += part;
    }
    return true;
}

bool bzc_soft_tlb_read(struct bzc_soft_tlb *tlb, uint64_t linear, void *data, size_t size)
{
    return copy(tlb, linear, data, NULL, size);
}

bool bzc_soft_tlb_write(struct bzc_soft_tlb *tlb, uint64_t linear, const void *data, size_t size)
{
    return copy(tlb, linear, NULL, data, size);
}
