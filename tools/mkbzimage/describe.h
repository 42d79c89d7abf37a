/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test programs ask about the setup header and about an image, so that they need not type an offset. */
#ifndef BZC_TOOLS_MKBZIMAGE_DESCRIBE_H
#define BZC_TOOLS_MKBZIMAGE_DESCRIBE_H

#include <stdio.h>

#include "base/bytes.h"

/*
 * One line a field of the setup header: NAME OFFSET SIZE SINCE ACCESS. OFFSET is the file offset in hexadecimal, SIZE
 * is in bytes, SINCE is the first protocol version ("2.05") or "all", ACCESS "read", "write", "modify" or "internal".
 */
void bzc_describe_fields(FILE *out);

/*
 * One line a place of a boot image: NAME OFFSET, the file offset in hexadecimal. "setup" is the start of the file, "pm"
 * the protected-mode part, "payload" and "payload_end" the payload as the header declares it (or as it was found), "pe"
 * the PE signature, "end" the end of the file. A place that the image does not have is left out.
 */
void bzc_describe_places(struct bzc_bytes file, FILE *out);

#endif
