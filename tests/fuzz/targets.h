/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry points that libFuzzer expects of a target (https://llvm.org/docs/LibFuzzer.html), and what targets share.
 */
#ifndef BZC_TESTS_FUZZ_TARGETS_H
#define BZC_TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fields.c: changes one setup-header field of the image in `data` to a random or a telling value. */
void bzc_fuzz_change_field(uint8_t *data, size_t size, unsigned seed);

#endif
