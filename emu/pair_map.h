/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash table of pairs of numbers, such as the two ends of a jump, with a number for each. All zero: empty. */
#ifndef BZC_EMU_PAIR_MAP_H
#define BZC_EMU_PAIR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BZC_PAIRS_MAX (1u << 19)

struct bzc_pair {
    uint64_t a, b;
    uint32_t value;
    bool used;
};

struct bzc_pair_map {
    struct bzc_pair *slot; /* capacity is a power of two, or 0 */
    size_t capacity, count;
};

/*
 * The pair's entry, with `value` 0 when it is new; NULL when it is new and there is no memory, or are BZC_PAIRS_MAX.
 * Valid until the next call.
 */
struct bzc_pair *bzc_pair_map_add(struct bzc_pair_map *map, uint64_t a, uint64_t b);
/* The pair's entry or NULL. */
struct bzc_pair *bzc_pair_map_find(const struct bzc_pair_map *map, uint64_t a, uint64_t b);
void bzc_pair_map_free(struct bzc_pair_map *map);

/* Where the search for a pair begins. */
static inline size_t bzc_pair_slot(const struct bzc_pair_map *map, uint64_t a, uint64_t b)
{
    uint64_t mixed = (a ^ (b << 21 | b >> 43)) * 0x9e3779b97f4a7c15ull;

    return (size_t)(mixed >> 32) & (map->capacity - 1);
}

#endif
