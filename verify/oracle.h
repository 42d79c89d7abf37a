/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: what guest memory must hold when the kernel is entered, worked out from the file's bytes alone and never
 * from the placement code or the guest. It takes two numbers from the guest, the physical base and (x86-64) the virtual
 * delta, and checks everything else against them.
 *
 * Sources: arch/x86/boot/compressed/misc.c (parse_elf, handle_relocations), arch/x86/boot/compressed/head_32.S
 * of 2.6.20 to 2.6.25 (relocation of flat payloads), arch/x86/tools/relocs.c (the table behind the ELF file).
 */
#ifndef BZC_VERIFY_ORACLE_H
#define BZC_VERIFY_ORACLE_H

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/status.h"
#include "loader/elf.h"
#include "loader/image.h"

enum bzc_payload_kind {
    BZC_PAYLOAD_ELF,  /* vmlinux as an ELF file: since 2.6.26 */
    BZC_PAYLOAD_FLAT, /* a memory image that is entered at its first byte: before */
};

/* Which way a relocation slot changes when the kernel's virtual address moves by delta. */
enum bzc_reloc_kind {
    BZC_RELOC_32,         /* u32 += delta */
    BZC_RELOC_64,         /* u64 += delta */
    BZC_RELOC_INVERSE_32, /* u32 -= delta (per-CPU references of x86-64 before 6.15) */
};

struct bzc_reloc {
    uint64_t offset; /* of the slot, from the kernel's base (lowest p_paddr), in bytes */
    enum bzc_reloc_kind kind;
};

/* A loadable part of the kernel as it must lie in memory. */
struct bzc_expected_segment {
    unsigned index;         /* program header index; 0 for a flat payload */
    uint64_t offset;        /* from the kernel's base */
    struct bzc_bytes bytes; /* the filesz bytes, before relocation */
    uint64_t memsz;
    uint64_t vaddr;
    char sha256[BZC_SHA256_HEX_SIZE]; /* of `bytes`; "" before bzc_oracle_digest() */
};

struct bzc_oracle {
    enum bzc_payload_kind kind;
    unsigned bits;            /* 32 or 64: mode in which the kernel is entered */
    struct bzc_bytes payload; /* the unpacked payload; owned */
    struct bzc_payload_end end;
    struct bzc_elf elf;    /* valid when kind is ELF; without segments when it cannot be read */
    uint64_t link_base;    /* lowest p_paddr; for a flat payload the address it is linked to, 0 when not known */
    uint64_t span;         /* bytes from the base to the end of the last segment's memsz */
    uint64_t entry_offset; /* of the entry from the base */
    uint64_t entry_vaddr;  /* link-time virtual address of the entry, 0 for a flat payload */
    struct bzc_expected_segment segment[BZC_ELF_SEGMENTS_MAX];
    size_t segment_count;
    struct bzc_reloc *reloc; /* ascending by offset; owned */
    size_t reloc_count;
    bool is_linux;    /* the payload holds the banner "Linux version " */
    char banner[160]; /* that line, printable, cut at its end; "" when there is none */
    /* What is wrong with the payload itself although it could be unpacked; empty when all is well. */
    char elf_problem[200];
    char reloc_problem[200];
};

/*
 * Unpacks and reads the payload of `image`; *oracle is given back with bzc_oracle_free(). The oracle keeps no reference
 * to the image. Errors as bzc_image_unpack(), BZC_ERR_MEMORY. A payload that unpacks but holds no usable kernel is no
 * error: see elf_problem.
 */
enum bzc_status bzc_oracle_new(const struct bzc_image *image, struct bzc_oracle **oracle, struct bzc_error *err);
void bzc_oracle_free(struct bzc_oracle *oracle);
/* The payload as an ELF file with something to load; NULL when it is none, and for an oracle of NULL. */
const struct bzc_elf *bzc_oracle_elf(const struct bzc_oracle *oracle);
/* Computes the segments' digests, which take time and which only a comparison needs. */
void bzc_oracle_digest(struct bzc_oracle *oracle);

/* How the oracle sees guest memory: physical, a direct view, or size 0 where there is no RAM. */
struct bzc_guest_view {
    void *context;
    struct bzc_bytes (*view)(void *context, uint64_t phys, uint64_t size);
};

/*
 * How well the guest's memory fits a kernel whose base is at `base`: the share of sampled 64-byte pieces of the
 * expected segments, free of relocation slots, that are found in place, in percent.
 */
unsigned bzc_oracle_fit(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t base);

/*
 * Looks for the bytes at physical address `phys` in the expected kernel. True: *offset is their offset from the base.
 * For guests that jump to a wrong place inside the kernel. Where several places hold these bytes the one whose
 * surroundings fit best counts. Searches the whole kernel: up to a second for bytes that are not of a large one.
 */
bool bzc_oracle_locate(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t phys,
                       uint64_t *offset);

struct bzc_segment_result {
    unsigned index;
    uint64_t phys;
    bool matches;              /* every byte as expected, relocations applied */
    uint64_t differences;      /* bytes that differ outside relocation slots; all when they are not in RAM */
    uint64_t first_difference; /* offset of the first of them from the segment's start; valid when differences > 0 */
    uint64_t last_difference;
    uint8_t expected, actual; /* at first_difference */
    bool zero;                /* does not match, and all bytes of it are zero in the guest: never written */
    bool found_elsewhere;     /* the segment's content lies at found_phys instead */
    uint64_t found_phys;
    char sha256[BZC_SHA256_HEX_SIZE]; /* of the filesz bytes found in the guest; "" when they are not in RAM */
};

enum bzc_slot_state {
    BZC_SLOT_NOT_RELOCATED,   /* holds its link-time value */
    BZC_SLOT_RELOCATED_TWICE, /* holds the link-time value plus twice the delta */
    BZC_SLOT_WRONG,           /* anything else */
};

/* Result of comparing guest memory at kernel entry with the expected kernel. */
struct bzc_comparison {
    uint64_t base;
    /*
     * Read from the slots: what most of the sampled ones say; 0 without relocations. A 32-bit kernel's slots count
     * modulo 4 GiB: it is base - link_base when that agrees, otherwise the slots' difference as a signed 32-bit number.
     */
    int64_t virt_delta;
    uint64_t relocations;    /* slots checked: those of segments that are in RAM */
    uint64_t bad_slots;      /* that do not agree with virt_delta */
    uint64_t first_bad_slot; /* offset from the base; valid when bad_slots > 0 */
    enum bzc_slot_state bad_state;
    enum bzc_reloc_kind bad_kind;
    uint64_t bad_expected, bad_actual;
    struct bzc_segment_result segment[BZC_ELF_SEGMENTS_MAX];
    size_t segment_count;
};

/* Compares byte for byte, after bzc_oracle_digest(). Uses the oracle's own digests where a segment is found to be
 * identical to its link-time bytes. */
void bzc_oracle_compare(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t base,
                        struct bzc_comparison *comparison);

/* Result of comparing the payload with the build's own vmlinux (--vmlinux). */
struct bzc_vmlinux_result {
    bool checked;
    char problem[240]; /* why it could not be compared (not ELF, other build ID, ...); "" when it was */
    bool matches;
    unsigned segment; /* program header index of the payload with the first difference */
    uint64_t paddr;   /* link-time physical address of it */
    uint8_t expected, actual;
    char what[120]; /* "a byte differs", "the entry differs", "segment 2 is missing", ... */
};

/*
 * Compares the payload's segments and entry with those of `vmlinux`, which must be an ELF file with the same build ID;
 * a flat payload, which has none, with the memory image that objcopy makes of `vmlinux`.
 */
void bzc_oracle_compare_vmlinux(const struct bzc_oracle *oracle, struct bzc_bytes vmlinux,
                                struct bzc_vmlinux_result *result);

#endif
