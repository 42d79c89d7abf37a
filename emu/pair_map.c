/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/pair_map.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256u

static struct bzc_pair *probe(const struct bzc_pair_map *map, uint64_t a, uint64_t b)
{
    size_t at = bzc_pair_slot(map, a, b);

    while (map->slot[at].used && (map->slot[at].a != a || map->slot[at].b != b))
        at = (at + 1) & (map->capacity - 1);
    return &map->slot[at];
}

static bool grow(struct bzc_pair_map *map)
{
    struct bzc_pair_map bigger = {.capacity = map->capacity ? 2 * map->capacity : FIRST_CAPACITY, .count = map->count};

    bigger.slot = calloc(bigger.capacity, sizeof(*bigger.slot));
    if (!bigger.slot)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slot[i].used)
            *probe(&bigger, map->slot[i].a, map->slot[i].b) = map->slot[i];
    free(map->slot);
    *map = bigger;
    return true;
}

struct bzc_pair *bzc_pair_map_find(const struct bzc_pair_map *map, uint64_t a, uint64_t b)
{
    struct bzc_pair *pair = map->capacity ? probe(map, a, b) : NULL;

    return pair && pair->used ? pair : NULL;
}

struct bzc_pair *bzc_pair_map_add(struct bzc_pair_map *map, uint64_t a, uint64_t b)
{
    struct bzc_pair *pair = bzc_pair_map_find(map, a, b);

    if (pair)
        return pair;
    if (map->count >= BZC_PAIRS_MAX || (2 * map->count >= map->capacity && !grow(map)))
        return NULL;
    pair = probe(map, a, b);
    *pair = (struct bzc_pair){a, b, 0, true};
    map->count++;
    return pair;
}

void bzc_pair_map_free(struct bzc_pair_map *map)
{
    free(map->slot);
    *map = (struct bzc_pair_map){NULL, 0, 0};
}
