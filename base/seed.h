/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same every time. */
#ifndef BZC_BASE_SEED_H
#define BZC_BASE_SEED_H

#include <stdint.h>

/* One step of splitmix64: neighbouring seeds give unrelated numbers. */
static inline uint64_t bzc_seed_spread(uint64_t seed)
{
    seed += 0x9e3779b97f4a7c15u;
    seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
    seed = (seed ^ seed >> 27) * 0x94d049bb133111ebu;
    return seed ^ seed >> 31;
}

#endif
