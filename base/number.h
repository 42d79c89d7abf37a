/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people write them: on a command line, in a profile. */
#ifndef BZC_BASE_NUMBER_H
#define BZC_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* The whole text as an unsigned number in C notation (10, 0xa, 012), without sign or blanks. False when it is none or
 * over 2^64-1. */
bool bzc_number_parse(const char *text, uint64_t *number);
/* The same, with an optional suffix K, M or G (either case) for 2^10, 2^20, 2^30. */
bool bzc_size_parse(const char *text, uint64_t *bytes);

#endif
