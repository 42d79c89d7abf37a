/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the reports of `info`: which PE sections are shown, and how. Source: UAPI Group, "Unified Kernel Image (UKI)",
 * "UKI Components".
 */
#ifndef BZC_REPORT_INFO_SECTIONS_H
#define BZC_REPORT_INFO_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A section of a unified kernel image, not of the stub in it. */
bool bzc_info_section_is_known(const char *name);
/* One that holds a text: .osrel, .cmdline, .uname, .sbat, ... */
bool bzc_info_section_is_text(const char *name);

/* wCertificateType: "PKCS #7 signed data", ...; "unknown". */
const char *bzc_info_certificate_type(uint16_t type);

#endif
