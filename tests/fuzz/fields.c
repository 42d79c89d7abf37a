/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/targets.h"

#include "loader/fields.h"

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static uint64_t value_of(const struct bzc_field *field, uint32_t *state)
{
    unsigned bits = 8u * field->size;
    uint64_t most = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

    switch (next(state) % 5) {
    case 0:
        return 0;
    case 1:
        return most - next(state) % 3;
    case 2:
        return UINT64_C(1) << next(state) % bits;
    case 3:
        return next(state) % 32;
    default:
        return (uint64_t)next(state) << 24 ^ next(state);
    }
}

void bzc_fuzz_change_field(uint8_t *data, size_t size, unsigned seed)
{
    uint32_t state = seed;
    const struct bzc_field *field = bzc_field((enum bzc_field_id)(next(&state) % BZC_FIELD_COUNT));

    /* Without these the file is no image, and nothing more is to be seen. */
    if (field->id == BZC_FIELD_HEADER || (size_t)field->offset + field->size > size)
        return;
    bzc_field_store(data, field->id, value_of(field, &state));
}
