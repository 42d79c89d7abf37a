/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recipe: the text file that says how one test image is put together. One "key = value" a line, '#' starts a comment
 * line, numbers in C notation. The keys are described in tests/images/README.md.
 */
#ifndef BZC_TOOLS_MKBZIMAGE_RECIPE_H
#define BZC_TOOLS_MKBZIMAGE_RECIPE_H

#include "base/bytes.h"
#include "base/status.h"
#include "loader/compression.h"
#include "loader/fields.h"
#include "tools/mkbzimage/pe.h"

#define BZC_RECIPE_FIELDS_MAX  16
#define BZC_RECIPE_DAMAGES_MAX 8
#define BZC_RECIPE_TEXT_MAX    64

/* The starting point of a place in the image. */
enum bzc_place { BZC_PLACE_FILE, BZC_PLACE_PM, BZC_PLACE_PAYLOAD };

enum bzc_damage_kind {
    BZC_DAMAGE_FLIP,      /* the byte at place + offset is xored with mask */
    BZC_DAMAGE_FLIP_TEXT, /* byte `offset` of the first place in the payload where `text` stands as it is */
    BZC_DAMAGE_TRUNCATE,  /* the file ends at place + offset */
};

/* Damage to the finished image. Flips come before the CRC is computed, cuts after it. */
struct bzc_damage {
    enum bzc_damage_kind kind;
    enum bzc_place place;
    uint64_t offset;
    uint8_t mask;
    char text[BZC_RECIPE_TEXT_MAX];
};

/* A setup-header field that gets this value instead of what fits the image. */
struct bzc_recipe_field {
    enum bzc_field_id id;
    uint64_t value;
};

struct bzc_recipe {
    uint16_t protocol; /* 0x020f for 2.15 */
    enum bzc_compression compression;
    bool flat;        /* the payload is the kernel's memory image instead of its ELF file */
    unsigned level;   /* of gzip and lz4: 0 (stored, gzip only) to 9 */
    bool relocatable; /* relocatable_kernel and what the decompressor does about it */
    bool relocs;      /* a relocation table behind the ELF file */
    bool kaslr;
    bool crc;       /* the CRC-32 that the kernel's build appends */
    bool wrong_crc; /* all its bits inverted */
    enum bzc_pe_style pe;
    bool sbat; /* a section .sbat, with paged PE sections only */
    struct bzc_recipe_field field[BZC_RECIPE_FIELDS_MAX];
    size_t field_count;
    struct bzc_damage damage[BZC_RECIPE_DAMAGES_MAX];
    size_t damage_count;
};

/*
 * Parses a recipe. Keys that other programs read (arch, setup_fault, stub_fault, kernel_fault, expect_..., verify_...)
 * are accepted and skipped. Errors: BZC_ERR_FORMAT with the line number (syntax, unknown key, bad value), BZC_ERR_LIMIT
 * (too many).
 */
enum bzc_status bzc_recipe_parse(struct bzc_bytes text, struct bzc_recipe *recipe, struct bzc_error *err);

#endif
