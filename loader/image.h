/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A boot image as a set of facts read from its bytes. Parsing never fails because an image is odd: what is there is
 * recorded, what is absent is absent; the rules decide what that means.
 *
 * Source: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", "Loading The Rest of The Kernel".
 */
#ifndef BZC_LOADER_IMAGE_H
#define BZC_LOADER_IMAGE_H

#include "base/bytes.h"
#include "base/status.h"
#include "loader/compression.h"
#include "loader/fields.h"

/*
 * A setup header that is whole but for its "HdrS": boot_flag, a short jump over a header and a version of 2.x. Such a
 * file is of kind BZC_IMAGE_OLD, also when it is a PE file. None of it is in files that are only PE, as EFI
 * applications.
 */
bool bzc_image_has_damaged_header(struct bzc_bytes file);

enum bzc_image_kind {
    BZC_IMAGE_NONE,    /* no boot image at all */
    BZC_IMAGE_BZIMAGE, /* HdrS, protocol >= 2.00, LOADED_HIGH */
    BZC_IMAGE_ZIMAGE,  /* HdrS, LOADED_HIGH clear */
    BZC_IMAGE_OLD,     /* boot_flag but no HdrS: protocol before 2.00 */
    BZC_IMAGE_PE,      /* a PE/COFF file without a setup header */
    BZC_IMAGE_ELF,     /* an ELF file (vmlinux), not a boot image */
};

/* "bzImage", "zImage", "old", "pe", "elf", "none": the value of image.kind in reports. */
const char *bzc_image_kind_name(enum bzc_image_kind kind);

/* Where the payload's place was learnt from. */
enum bzc_payload_source {
    BZC_PAYLOAD_ABSENT,
    BZC_PAYLOAD_HEADER,  /* payload_offset and payload_length */
    BZC_PAYLOAD_SCANNED, /* a magic number found in the protected-mode part whose stream unpacks (before 2.08) */
};

struct bzc_image {
    struct bzc_bytes file; /* borrowed: the caller keeps it alive */
    enum bzc_image_kind kind;
    bool has_header;      /* HdrS at 0x202 */
    uint16_t version;     /* boot protocol, 0x020f for 2.15; 0 when there is no header */
    unsigned setup_sects; /* effective: 4 when the field is 0 */

    struct bzc_bytes realmode; /* boot sector + setup: file bytes [0, (setup_sects+1)*512), cut at the end of file */
    uint64_t realmode_size;    /* (setup_sects+1)*512, also when the file is shorter */
    struct bzc_bytes pm;       /* protected-mode part: from realmode_size to its end (see pm_size) */
    uint64_t pm_declared_size; /* syssize*16 where the version lets it be trusted (2.04+), else 0 */

    /*
     * ELF-wrapped layout (docs/elf-wrapped.md): an ELF header at the head of the protected-mode part, and the
     * decompressor entry_shift bytes behind it: at the page where code32_start leads, or right behind the few
     * instructions there.
     */
    bool elf_head;
    uint32_t entry_shift; /* a multiple of 4096; 0 without elf_head */

    char kernel_version[256]; /* printable text at kernel_version + 0x200, or "" */

    /* Decoded for convenience; absent fields hold the value that the protocol text gives for older versions. */
    uint8_t loadflags;
    uint16_t xloadflags;
    uint32_t code32_start;     /* as in the file; 0x100000 (bzImage) or 0x1000 (zImage) when absent */
    bool relocatable;          /* relocatable_kernel != 0, 2.05+ */
    uint32_t kernel_alignment; /* 0 before 2.05 */
    uint8_t min_alignment;     /* log2, 0 before 2.10 */
    uint32_t cmdline_size;     /* without the NUL; 255 before 2.06 */
    uint64_t pref_address;     /* 0 before 2.10 */
    uint32_t init_size;        /* bytes; 0 before 2.10 */
    uint32_t initrd_addr_max;  /* 0x37ffffff before 2.03 */

    enum bzc_payload_source payload_source;
    uint64_t payload_offset;  /* bytes from the start of the protected-mode part */
    uint64_t payload_length;  /* bytes as declared; may run past the end of the file */
    struct bzc_bytes payload; /* the part of it that the file really holds */
    enum bzc_compression compression;
};

/*
 * Reads the facts of `file` into *image. Always succeeds; an input that is no boot image (BZC_IMAGE_NONE, _PE, _ELF)
 * has nothing but `file` and `kind` set. Payload scanning (before 2.08) unpacks a few kilobytes per candidate at most.
 */
void bzc_image_parse(struct bzc_bytes file, struct bzc_image *image);

/*
 * Most bytes of a file that are headers: boot sector and setup ("setup_sects" is one byte), and room for the PE headers
 * of a file that begins with these. bzc_image_parse_headers() looks at nothing behind them, so that the rest of `file`
 * need not be there for real: no payload is searched for, its compression stays unknown.
 */
#define BZC_HEADERS_SIZE (256u * 512 + 4096)
void bzc_image_parse_headers(struct bzc_bytes file, struct bzc_image *image);

/* bzImage, zImage or old: what a boot loader starts. */
bool bzc_image_is_boot_image(const struct bzc_image *image);

/* Reads a setup-header field as the image's own protocol version defines it; false where absent. */
bool bzc_image_field(const struct bzc_image *image, enum bzc_field_id id, uint64_t *value);

/* "2.15", "2.00", or "old" without a header; `text` has room for 8 bytes. */
void bzc_image_protocol_text(const struct bzc_image *image, char text[8]);

/*
 * Where a kernel loaded at `load_addr` runs when no KASLR moves it, and unpacks itself in any case: boot.rst, field
 * init_size ("runtime_start"); that a relocatable kernel never runs below pref_address is said in the decompressor's
 * head_64.S and head_32.S (LOAD_PHYSICAL_ADDR). `alignment` is kernel_alignment as the loader left it. In an image of
 * the ELF-wrapped layout the decompressor lies entry_shift bytes higher, and that is what counts. From there on
 * init_size bytes are the kernel's. False when the header does not determine it.
 */
bool bzc_image_runtime_start(const struct bzc_image *image, uint64_t load_addr, uint64_t alignment,
                             uint64_t *runtime_start);

/* What lies at the end of a payload that could be unpacked. */
struct bzc_payload_end {
    uint64_t stream_size; /* bytes of the payload that the compressed stream takes */
    /*
     * The 32-bit size word that the kernel build appends behind the compressed stream (all formats; for gzip it is the
     * stream's own ISIZE), 0 when the payload has none.
     */
    uint32_t declared_size;
};

/*
 * Unpacks the payload. `*output` as with bzc_decompress(). The bound is BZC_PAYLOAD_OUTPUT_MAX. *end may be NULL.
 * Errors: BZC_ERR_FORMAT when there is no payload, the payload is cut off by the end of the file or is damaged; else as
 * bzc_decompress().
 */
enum bzc_status bzc_image_unpack(const struct bzc_image *image, struct bzc_bytes *output, struct bzc_payload_end *end,
                                 struct bzc_error *err);

#endif
