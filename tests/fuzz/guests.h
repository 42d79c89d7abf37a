/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile guests for the targets that execute: a test image (tests/images) with changes that the input tells. An input
 * is BZC_FUZZ_GUEST_CONTROL bytes that choose the image and how it is booted, then changes: a byte for the part of the
 * image, two for the place in it, one for the number of bytes, these bytes.
 */
#ifndef BZC_TESTS_FUZZ_GUESTS_H
#define BZC_TESTS_FUZZ_GUESTS_H

#include "verify/verify.h"

#define BZC_FUZZ_GUEST_CONTROL 16u

struct bzc_fuzz_guest {
    struct bzc_bytes file; /* free with bzc_fuzz_guest_free() */
    struct bzc_verify_options options;
};

/* False when the input is too short. Control bytes from 4 on are the target's. */
bool bzc_fuzz_guest_make(const uint8_t *data, size_t size, struct bzc_fuzz_guest *guest);
void bzc_fuzz_guest_free(struct bzc_fuzz_guest *guest);

/*
 * Budgets of all machines from now on: small, or no input would be through in time. With `counted` every run is counted
 * from its start, and the watchdog never has to wait.
 */
void bzc_fuzz_guest_budgets(bool counted);

/* The document that a verification gives in the format of this name; malloc'd, NUL-terminated. */
char *bzc_fuzz_document(const struct bzc_verification *verification, const char *path, const char *format);

#endif
