/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of an image file: what lies where, from the first byte to the last, without gaps. Parts nest: the parts
 * inside a part cover it wholly, too.
 *
 * Sources: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", "Details of Header Fields", "The
 * kernel_info", "The Image Checksum"; arch/x86/boot/compressed/vmlinux.lds.S (the order of the decompressor's
 * sections); Microsoft, "PE Format".
 */
#ifndef BZC_LOADER_LAYOUT_H
#define BZC_LOADER_LAYOUT_H

#include "loader/authenticode.h"
#include "loader/image.h"
#include "loader/pe.h"

/* Of two kinds with the same place the first is around the second. */
enum bzc_part_kind {
    BZC_PART_REALMODE,     /* boot sector and setup: what is loaded below 1 MiB */
    BZC_PART_BOOT_SECTOR,  /* up to the setup header */
    BZC_PART_DOS_HEADER,   /* "MZ" up to the PE signature */
    BZC_PART_PE_HEADERS,   /* PE signature to the end of the section table */
    BZC_PART_SETUP_HEADER, /* 0x1f1 to where its jump leads */
    BZC_PART_SETUP,        /* 16-bit code and data */
    BZC_PART_PM,           /* protected-mode part: what is loaded at 1 MiB */
    BZC_PART_HEAD,         /* of the decompressor: before the payload */
    BZC_PART_PAYLOAD,
    BZC_PART_TAIL,      /* of the decompressor: behind the payload */
    BZC_PART_STREAM,    /* compressed bytes */
    BZC_PART_SIZE_WORD, /* unpacked size, behind them */
    BZC_PART_CERTIFICATES,
    BZC_PART_SIGNATURE, /* one entry of the certificate table */
    BZC_PART_PE_SECTION,
    BZC_PART_KERNEL_INFO,
    BZC_PART_CHECKSUM, /* CRC-32 */
    BZC_PART_ZEROS,    /* nothing but zero bytes */
    BZC_PART_REST,     /* of the part around it: what no other part describes */
    BZC_PART_TRAILING, /* of the file: what no header speaks of */
};

/* "real-mode", "dos-header", "pe-headers", ...: how reports in JSON spell it. */
const char *bzc_part_kind_name(enum bzc_part_kind kind);

struct bzc_part {
    enum bzc_part_kind kind;
    char name[48];         /* for people */
    uint64_t offset, size; /* bytes of the file */
    unsigned depth;        /* 0: a part of the file; 1: of such a part; ... */
    bool cut;              /* it should be longer, but the file ends */
};

#define BZC_LAYOUT_PARTS_MAX 512

struct bzc_layout {
    struct bzc_part part[BZC_LAYOUT_PARTS_MAX]; /* by offset, outer parts before those inside them */
    size_t count;
};

struct bzc_layout_input {
    struct bzc_bytes file;
    const struct bzc_image *image;           /* NULL: a PE file without a setup header */
    const struct bzc_pe *pe;                 /* `present` or not */
    const struct bzc_signatures *signatures; /* may be NULL */
    uint64_t stream_size;                    /* bytes of the payload that the compressed stream takes; 0: not known */
    uint64_t checksum_end;                   /* file offset behind the CRC-32; 0: there is none */
};

/*
 * Works out the layout. Never fails: a part that a damaged header puts across the border of another one is left out,
 * and what lies beyond the end of the file is cut off. An empty file has no parts.
 */
void bzc_layout_read(const struct bzc_layout_input *input, struct bzc_layout *layout);

/* The first part of that kind, or NULL. */
const struct bzc_part *bzc_layout_part(const struct bzc_layout *layout, enum bzc_part_kind kind);

#endif
