/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of an image that can be taken out of it and used on their own. (What lies where in the file, without gaps,
 * is loader/layout.h.)
 *
 * Sources: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header", fields payload_offset and payload_length;
 * arch/x86/boot/compressed/Makefile (vmlinux.bin.all: "vmlinux.bin" and behind it "vmlinux.relocs"); kernel/configs.c;
 * UAPI Group, "Unified Kernel Image (UKI)".
 */
#ifndef BZC_LOADER_PARTS_H
#define BZC_LOADER_PARTS_H

#include "base/status.h"
#include "loader/ikconfig.h"
#include "loader/pe.h"

#define BZC_PARTS_MAX 128

struct bzc_taken_part {
    char name[24];                     /* "setup", "vmlinux", ".initrd", ".dtbauto#2"; no two are equal */
    char file_name[32];                /* to write it to: letters, digits, '.', '_' and '-', no '.' in front */
    const char *meaning;               /* a few words; static text */
    struct bzc_bytes bytes;            /* borrowed from the file or from struct bzc_parts */
    char missing[BZC_ERROR_TEXT_SIZE]; /* why it is not there; "" when it is */
};

struct bzc_parts {
    struct bzc_taken_part part[BZC_PARTS_MAX];
    size_t count;
    struct bzc_bytes unpacked;  /* owned */
    struct bzc_ikconfig config; /* owned */
};

/*
 * Takes apart a boot image or a unified kernel image: setup, protected-mode part, payload, what is in it, and the
 * sections of a unified kernel image, in this order. A part that every boot image may have is listed also when this
 * image has none. Of a unified kernel image the parts that are no sections are those of the kernel in it.
 * Errors: BZC_ERR_FORMAT (neither of them), BZC_ERR_LIMIT (more than BZC_PARTS_MAX parts). *parts is given back with
 * bzc_parts_free(), also after an error.
 */
enum bzc_status bzc_parts_read(struct bzc_bytes file, struct bzc_parts *parts, struct bzc_error *err);
void bzc_parts_free(struct bzc_parts *parts);

/* The part with this name, or NULL. */
const struct bzc_taken_part *bzc_parts_find(const struct bzc_parts *parts, const char *name);

#endif
