/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects what a file tells without being run: `lint` stops here, `verify` goes on to the runs. */
#ifndef BZC_VERIFY_IMAGE_FACTS_H
#define BZC_VERIFY_IMAGE_FACTS_H

#include "verify/facts.h"

/*
 * Fills *facts with all but the payload and the digest. `path` and `file` stay borrowed. With depth BZC_DEPTH_HEADERS
 * nothing behind the first BZC_HEADERS_SIZE bytes is looked at, only that it is there.
 * Errors: BZC_ERR_FORMAT when the file is neither a boot image nor a unified kernel image.
 */
enum bzc_status bzc_image_facts_read(const char *path, struct bzc_bytes file, enum bzc_depth depth,
                                     struct bzc_image_facts *facts, struct bzc_error *err);

/* Unpacks the payload: facts->oracle or facts->oracle_error. The oracle is the caller's, with bzc_oracle_free(). */
struct bzc_oracle *bzc_image_facts_unpack(struct bzc_image_facts *facts);

/* After unpacking: the payload's own banner decides; without it, what the header declares. */
void bzc_image_facts_identify(struct bzc_image_facts *facts);

#endif
