/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that a file tells about itself, for `info`: facts without a verdict. */
#ifndef BZC_VERIFY_INSPECTION_H
#define BZC_VERIFY_INSPECTION_H

#include "loader/authenticode.h"
#include "loader/elf_notes.h"
#include "loader/elf_tables.h"
#include "loader/entry_points.h"
#include "loader/ikconfig.h"
#include "loader/layout.h"
#include "verify/facts.h"

/* What the digest in a signature says about this image. */
enum bzc_signature_match {
    BZC_SIGNATURE_UNKNOWN, /* no digest could be read or computed */
    BZC_SIGNATURE_MATCHES,
    BZC_SIGNATURE_DIFFERS, /* it was made for other bytes */
};

#define BZC_INSPECTIONS_MAX       8 /* kernels in one unified kernel image */
#define BZC_INSPECTION_NOTES_MAX  64
#define BZC_INSPECTION_BANNER_MAX 512

struct bzc_inspection {
    struct bzc_bytes file;            /* borrowed */
    uint64_t file_offset;             /* of `file` in the file around it, for the kernel in a unified kernel image */
    char sha256[BZC_SHA256_HEX_SIZE]; /* of `file` */
    bool is_image;                    /* a boot image; else a unified kernel image */

    struct bzc_image_facts facts;           /* without digest; facts.oracle is `oracle` */
    struct bzc_oracle *oracle;              /* owned; NULL: see facts.oracle_error */
    char banner[BZC_INSPECTION_BANNER_MAX]; /* "Linux version ...", printable; "" when there is none */
    bool has_elf;
    struct bzc_elf_tables elf; /* of the payload */
    struct bzc_elf_note note[BZC_INSPECTION_NOTES_MAX];
    size_t note_count;
    size_t relocations[3];     /* by enum bzc_reloc_kind */
    uint64_t reloc_table_size; /* bytes behind the payload's ELF file */
    struct bzc_ikconfig config;

    struct bzc_signatures signatures;
    enum bzc_signature_match match[BZC_SIGNATURES_MAX]; /* by signature */
    struct bzc_entry_point entry[BZC_ENTRY_COUNT];
    size_t entry_count;
    struct bzc_layout layout;

    /* Of a unified kernel image: its .linux sections, in their order; owned. */
    struct bzc_inspection *embedded[BZC_INSPECTIONS_MAX];
    size_t embedded_count;
    char embedded_problem[BZC_ERROR_TEXT_SIZE]; /* why one of them is not among these; "" when all are */
};

/*
 * Inspects a boot image or a unified kernel image. `path` and `file` stay borrowed; *inspection is given back with
 * bzc_inspection_free(). What is damaged inside the image is a fact. Errors: BZC_ERR_FORMAT (neither of both, with what
 * it seems to be), BZC_ERR_MEMORY.
 */
enum bzc_status bzc_inspect(const char *path, struct bzc_bytes file, struct bzc_inspection **inspection,
                            struct bzc_error *err);
void bzc_inspection_free(struct bzc_inspection *inspection);

#endif
