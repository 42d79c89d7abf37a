/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far up an image's own check lets itself be loaded; for the choice of runs and for the rules. */
#ifndef BZC_VERIFY_RELOCATION_H
#define BZC_VERIFY_RELOCATION_H

#include "verify/facts.h"

/*
 * The highest address that the decompressor's heap may have: arch/x86/boot/compressed/misc.c, extract_kernel,
 * "Destination address too large". The heap lies between runtime_start and runtime_start + init_size; where, only the
 * image knows. False when the image has no such check, or its bound cannot be told (before 2.10 the reserve changed).
 */
bool bzc_relocation_limit(const struct bzc_image_facts *facts, uint64_t *limit);

#endif
