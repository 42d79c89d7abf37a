/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bits of the setup header's flag fields by name.
 *
 * Source: Documentation/arch/x86/boot.rst, "Details of Header Fields", fields loadflags and xloadflags;
 * arch/x86/include/uapi/asm/bootparam.h for the bits that the text does not have.
 */
#ifndef BZC_LOADER_FIELD_BITS_H
#define BZC_LOADER_FIELD_BITS_H

#include "loader/fields.h"

struct bzc_field_bit {
    enum bzc_field_id field; /* loadflags or xloadflags */
    uint16_t mask;           /* one bit */
    const char *name;        /* spelled as in the protocol */
    const char *meaning;     /* a few words: what the set bit says */
};

/* Ascending by field, then by bit. */
extern const struct bzc_field_bit bzc_field_bits[];
extern const size_t bzc_field_bit_count;

/* True for a field that is a set of bits. */
bool bzc_field_has_bits(enum bzc_field_id field);
/* The row of one bit, or NULL for a bit that has no name. */
const struct bzc_field_bit *bzc_field_bit(enum bzc_field_id field, uint64_t mask);

#endif
