/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is the loader's own and must still be there when the kernel is entered. */
#ifndef BZC_VERIFY_KEPT_H
#define BZC_VERIFY_KEPT_H

#include "verify/facts.h"

/*
 * Compares the plan's blocks that are to be kept, and the fields that the loader wrote into boot_params, with what the
 * guest holds now (for the fields: held at its entry), into facts->kept.
 */
void bzc_kept_compare(const struct bzc_guest_view *guest, struct bzc_run_facts *facts);

#endif
