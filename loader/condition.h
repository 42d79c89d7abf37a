/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions on an image, as loader profiles write them: "version >= 2.05 and init_size > 0x1000000". A name is a field
 * of the setup header (loader/fields.h), read as it stands in the file whatever the protocol version says, as loaders
 * do; or one of the facts below. What it is compared with is a number, or a second name. A comparison without operator
 * asks whether the value is not 0.
 */
#ifndef BZC_LOADER_CONDITION_H
#define BZC_LOADER_CONDITION_H

#include "base/status.h"
#include "loader/elf.h"
#include "loader/image.h"
#include "loader/pe.h"

/* What a condition is asked about. */
struct bzc_subject {
    const struct bzc_image *image;
    const struct bzc_pe *pe;      /* `present` or not */
    const struct bzc_elf *kernel; /* the unpacked payload as an ELF file; NULL when it is none or cannot be unpacked */
    uint64_t initrd_size;         /* bytes, 0: none */
    uint64_t cmdline_length;      /* characters */
};

enum bzc_subject_fact {
    BZC_FACT_VERSION,       /* "version": 0x020f; 0 without HdrS. Written 2.15 in conditions */
    BZC_FACT_HDRS,          /* "HdrS": the magic number is there */
    BZC_FACT_LOADED_HIGH,   /* "loaded-high": bit 0 of loadflags */
    BZC_FACT_KERNEL_64,     /* "kernel-64": bit 0 of xloadflags, from 2.12 on */
    BZC_FACT_ABOVE_4G,      /* "above-4g": bit 1 of xloadflags, from 2.12 on */
    BZC_FACT_RELOCATABLE,   /* "relocatable": relocatable_kernel is not 0, from 2.05 on */
    BZC_FACT_SETUP_SIZE,    /* "setup-size": bytes of boot sector and setup, with the rule 0 -> 4 */
    BZC_FACT_PM_SIZE,       /* "pm-size": bytes of the protected-mode part in the file */
    BZC_FACT_FILE_SIZE,     /* "file-size" */
    BZC_FACT_HEADER_END,    /* "header-end": 0x202 + the byte at 0x201 */
    BZC_FACT_PAYLOAD,       /* "payload": payload_offset is not 0, from 2.08 on */
    BZC_FACT_PAYLOAD_ELF,   /* "payload-elf": 32 or 64 when the payload unpacks to an ELF file of that class, else 0 */
    BZC_FACT_PVH_NOTE,      /* "pvh-note": that ELF file has the Xen note PHYS32_ENTRY */
    BZC_FACT_XEN_NOTES,     /* "xen-notes": that ELF file has Xen notes GUEST_OS and XEN_VERSION (PV) */
    BZC_FACT_COMPRESSION,   /* "compression": enum bzc_compression; written by its name (gzip, xz, ...) */
    BZC_FACT_PE,            /* "pe": there is a PE header */
    BZC_FACT_PE_MACHINE,    /* "pe-machine": its Machine, 0x8664 or 0x14c; 0 without one */
    BZC_FACT_ELF_HEAD,      /* "elf-head": the protected-mode part begins with an ELF header */
    BZC_FACT_MOVED_ENTRY,   /* "moved-entry": code32_start is not the first byte of the protected-mode part */
    BZC_FACT_INITRD,        /* "initrd": its size in bytes */
    BZC_FACT_CMDLINE,       /* "cmdline": its length in characters */
    BZC_FACT_RAW_VERSION,   /* "raw-version": the field `version` as it stands, also without HdrS */
    BZC_FACT_SHORT_FILE,    /* "short-file": bytes that boot sector, setup and 16 * syssize have more than the file */
    BZC_FACT_ELF_HEAD_CODE, /* "elf-head-code": "elf-head", and the header also works as 32-bit code (--legacy-safe) */
    BZC_FACT_COUNT
};

enum bzc_operator { BZC_OP_IS_SET, BZC_OP_EQ, BZC_OP_NE, BZC_OP_LT, BZC_OP_LE, BZC_OP_GT, BZC_OP_GE, BZC_OP_AND };

struct bzc_term {
    bool negated; /* "not" */
    bool is_field;
    enum bzc_field_id field;
    enum bzc_subject_fact fact;
    enum bzc_operator op; /* = != < <= > >= and & (any of these bits is set) */
    uint64_t value;       /* what is compared with, */
    bool by_name;         /* or a second name: */
    bool other_is_field;
    enum bzc_field_id other_field;
    enum bzc_subject_fact other_fact;
};

#define BZC_CONDITION_TERMS_MAX 4

/* All of its terms hold; without terms it always holds. `unless` turns the result round. */
struct bzc_condition {
    struct bzc_term term[BZC_CONDITION_TERMS_MAX];
    size_t count;
    bool unless;
};

/* Reads "TERM and TERM ..." without the word if or unless. Errors: BZC_ERR_FORMAT naming the word, BZC_ERR_LIMIT. */
enum bzc_status bzc_condition_parse(const char *text, struct bzc_condition *condition, struct bzc_error *err);
bool bzc_condition_holds(const struct bzc_condition *condition, const struct bzc_subject *subject);

#endif
