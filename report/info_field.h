/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the reports of `info`: what the value of a setup-header field says, in words. */
#ifndef BZC_REPORT_INFO_FIELD_H
#define BZC_REPORT_INFO_FIELD_H

#include "loader/image.h"

#define BZC_INFO_FIELD_TEXT 384

/*
 * Puts the words for the field's value into `text`; "" where the number says all. Source: boot.rst, "Details of Header
 * Fields".
 */
void bzc_info_field_text(const struct bzc_image *image, enum bzc_field_id id, uint64_t value,
                         char text[BZC_INFO_FIELD_TEXT]);

/* Why an image has no such field: "not in 2.08", "cut off by the end of the file". */
void bzc_info_field_absence(const struct bzc_image *image, enum bzc_field_id id, char text[BZC_INFO_FIELD_TEXT]);

/* "read", "write", "modify", "internal": the "Type" of the protocol text. */
const char *bzc_info_access_name(enum bzc_field_access access);

/* "2.08", "all"; `text` has room for 8 bytes. */
const char *bzc_info_since_text(uint16_t since, char text[8]);

#endif
