/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of an identity mapping (linear = physical) for the 64-bit entry: four levels, pages of 2 MiB, everything
 * readable, writable and executable for the supervisor. Source: Intel SDM volume 3A, "4-Level Paging and 5-Level
 * Paging".
 */
#ifndef BZC_LOADER_PAGE_TABLES_H
#define BZC_LOADER_PAGE_TABLES_H

#include "loader/plan_parts.h"

#define BZC_PAGE_TABLE_SIZE 4096u
/* 126 GiB in one piece; 512 GiB would take 514 tables, more than low memory holds. */
#define BZC_PAGE_TABLES_MAX 128u

/*
 * How many tables map the areas, each rounded outwards to 2 MiB; areas may overlap, empty ones count for nothing.
 * Errors: BZC_ERR_LIMIT (over BZC_PAGE_TABLES_MAX, or an area ends beyond 128 TiB, the lower half of the linear
 * addresses).
 */
enum bzc_status bzc_page_tables_count(const struct bzc_area *areas, size_t area_count, size_t *table_count,
                                      struct bzc_error *err);
/*
 * Fills the tables that bzc_page_tables_count() counted for the same areas; `tables` holds them zeroed and goes to
 * `phys` (page aligned), where the topmost table (for CR3) is the first. Accessed and dirty are set everywhere, so that
 * using the mapping changes no table.
 */
void bzc_page_tables_fill(const struct bzc_area *areas, size_t area_count, uint64_t phys, uint8_t *tables,
                          size_t table_count);

#endif
