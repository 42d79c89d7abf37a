/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/page_tables.h"

#include <assert.h>
#include <inttypes.h>

#define ENTRY_P      (1u << 0)
#define ENTRY_RW     (1u << 1)
#define ENTRY_A      (1u << 5)
#define ENTRY_D      (1u << 6)
#define ENTRY_PS     (1u << 7)
#define ENTRY_TABLE  (ENTRY_P | ENTRY_RW | ENTRY_A)
#define ENTRY_PAGE   (ENTRY_TABLE | ENTRY_D | ENTRY_PS)
#define ADDRESS_MASK (~(uint64_t)(BZC_PAGE_TABLE_SIZE - 1))

#define PAGE_SHIFT      21u /* 2 MiB, an entry of a page directory */
#define DIRECTORY_SHIFT 30u /* 1 GiB, what a page directory maps */
#define POINTERS_SHIFT  39u /* 512 GiB, what a page-directory-pointer table maps */
#define INDEX_MASK      0x1ffu
#define LINEAR_END      (1ull << 47)

static bool is_empty(const struct bzc_area *area)
{
    return area->start >= area->end;
}

static bool touches(const struct bzc_area *area, uint64_t chunk, unsigned shift)
{
    return !is_empty(area) && chunk >= area->start >> shift && chunk <= (area->end - 1) >> shift;
}

/* How many chunks of 1 << shift bytes the areas touch, at most `max` + 1. */
static size_t count_chunks(const struct bzc_area *areas, size_t area_count, unsigned shift, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < area_count; i++) {
        if (is_empty(&areas[i]))
            continue;
        for (uint64_t chunk = areas[i].start >> shift; chunk <= (areas[i].end - 1) >> shift; chunk++) {
            bool is_new = true;

            for (size_t j = 0; j < i && is_new; j++)
                is_new = !touches(&areas[j], chunk, shift);
            if (is_new && ++count > max)
                return count;
        }
    }
    return count;
}

enum bzc_status bzc_page_tables_count(const struct bzc_area *areas, size_t area_count, size_t *table_count,
                                      struct bzc_error *err)
{
    for (size_t i = 0; i < area_count; i++)
        if (!is_empty(&areas[i]) && areas[i].end > LINEAR_END)
            return bzc_error_set(err, BZC_ERR_LIMIT,
                                 "no identity mapping of 0x%" PRIx64 " to 0x%" PRIx64
                                 ": linear addresses end at 0x%llx",
                                 areas[i].start, areas[i].end - 1, LINEAR_END - 1);
    *table_count = 1 + count_chunks(areas, area_count, POINTERS_SHIFT, BZC_PAGE_TABLES_MAX) +
                   count_chunks(areas, area_count, DIRECTORY_SHIFT, BZC_PAGE_TABLES_MAX);
    if (*table_count > BZC_PAGE_TABLES_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT,
                             "the identity mapping takes more than %u page tables, which is over what bzcheck places: "
                             "about 126 GiB in one piece",
                             BZC_PAGE_TABLES_MAX);
    return BZC_OK;
}

struct builder {
    uint8_t *tables;
    uint64_t phys;
    size_t used, count;
};

/* The table that entry `index` of `table` points to, a new one when there is none yet. */
static size_t next_table(struct builder *builder, size_t table, uint64_t index)
{
    uint8_t *entry = builder->tables + table * BZC_PAGE_TABLE_SIZE + index * 8;

    if (bzc_load64(entry) == 0) {
        assert(builder->used < builder->count);
        bzc_store64(entry, (builder->phys + builder->used * BZC_PAGE_TABLE_SIZE) | ENTRY_TABLE);
        builder->used++;
    }
    return (size_t)(((bzc_load64(entry) & ADDRESS_MASK) - builder->phys) / BZC_PAGE_TABLE_SIZE);
}

void bzc_page_tables_fill(const struct bzc_area *areas, size_t area_count, uint64_t phys, uint8_t *tables,
                          size_t table_count)
{
    struct builder builder = {tables, phys, 1, table_count};

    for (size_t i = 0; i < area_count; i++) {
        if (is_empty(&areas[i]))
            continue;
        for (uint64_t page = areas[i].start >> PAGE_SHIFT; page <= (areas[i].end - 1) >> PAGE_SHIFT; page++) {
            uint64_t linear = page << PAGE_SHIFT;
            size_t pointers = next_table(&builder, 0, linear >> POINTERS_SHIFT & INDEX_MASK);
            size_t directory = next_table(&builder, pointers, linear >> DIRECTORY_SHIFT & INDEX_MASK);

            bzc_store64(tables + directory * BZC_PAGE_TABLE_SIZE + (page & INDEX_MASK) * 8, linear | ENTRY_PAGE);
        }
    }
    assert(builder.used == table_count);
}
