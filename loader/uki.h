/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unified kernel images: a PE file whose sections hold a stub, a Linux kernel, and what belongs to it.
 *
 * Source: UAPI Group, "Unified Kernel Image (UKI)" (UAPI.5): "UKI Components", "JSON Format for .pcrsig",
 * "Multi-Profile UKIs"; systemd-stub(7).
 */
#ifndef BZC_LOADER_UKI_H
#define BZC_LOADER_UKI_H

#include "base/status.h"
#include "loader/pe.h"

/* A section that the specification or systemd-stub knows. */
struct bzc_uki_section {
    const char *name;
    bool many; /* may stand in a profile more than once */
};
extern const struct bzc_uki_section bzc_uki_sections[];
extern const size_t bzc_uki_section_count;

/* The row of a section name, or NULL. */
const struct bzc_uki_section *bzc_uki_section_find(const char *name);

/* "Only the .linux section is required for the image to be considered a Unified Kernel Image." */
bool bzc_uki_is(const struct bzc_pe *pe);

/* The bytes of the embedded kernel, borrowed from `file`. False, with *linux_image untouched, when there is none. */
bool bzc_uki_linux(const struct bzc_pe *pe, struct bzc_bytes file, struct bzc_bytes *linux_image);

/*
 * Whether the bytes of a .pcrsig section are what the specification says: one JSON object of TPM banks, each an array
 * of objects with "pcrs", "pkfp", "pol" and "sig". Zero bytes behind the text do not count. Errors: BZC_ERR_FORMAT with
 * what is wrong, BZC_ERR_LIMIT (over BZC_PCRSIG_SIZE_MAX bytes).
 */
#define BZC_PCRSIG_SIZE_MAX (1u << 20)
enum bzc_status bzc_uki_check_pcrsig(struct bzc_bytes section, struct bzc_error *err);

#endif
