/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the JSON of `info`: its parts. Every function returns a new reference, NULL without memory. */
#ifndef BZC_REPORT_INFO_JSON_H
#define BZC_REPORT_INFO_JSON_H

#include "report/json.h"
#include "verify/inspection.h"

/* The setup header's fields; null for a file without one. */
json_t *bzc_info_json_header(const struct bzc_inspection *inspection, bool *failed);
/* What lies in the payload; null when it could not be unpacked. */
json_t *bzc_info_json_kernel(const struct bzc_inspection *inspection, bool *failed);
/* The PE headers; null for a file without them. */
json_t *bzc_info_json_pe(const struct bzc_inspection *inspection, bool *failed);

#endif
