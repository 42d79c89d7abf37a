/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes of an ELF file: how vmlinux names its build, and how it tells Xen and PVH loaders where to enter it.
 * Sources: System V ABI, "Program Loading and Dynamic Linking", Note Section; Xen, xen/include/public/elfnote.h.
 */
#ifndef BZC_LOADER_ELF_NOTES_H
#define BZC_LOADER_ELF_NOTES_H

#include "base/bytes.h"

#define BZC_NOTE_GNU_BUILD_ID 3u /* of "GNU" */

/* Of "Xen"; spelled as elfnote.h does after XEN_ELFNOTE_. */
#define BZC_NOTE_XEN_ENTRY          1u
#define BZC_NOTE_XEN_HYPERCALL_PAGE 2u
#define BZC_NOTE_XEN_VIRT_BASE      3u
#define BZC_NOTE_XEN_PADDR_OFFSET   4u
#define BZC_NOTE_XEN_XEN_VERSION    5u
#define BZC_NOTE_XEN_GUEST_OS       6u
#define BZC_NOTE_XEN_LOADER         8u
#define BZC_NOTE_XEN_PHYS32_ENTRY   18u
#define BZC_NOTE_XEN_PHYS32_RELOC   19u

struct bzc_elf_note {
    struct bzc_bytes name; /* with its NUL */
    uint32_t type;
    struct bzc_bytes desc;
};

enum bzc_note_result { BZC_NOTE_FOUND, BZC_NOTE_END, BZC_NOTE_DAMAGED };

/*
 * The note at *at of a PT_NOTE segment's bytes whose notes are aligned to `unit` (4 or 8) bytes; *at then points to the
 * next one. At damage (a note that runs past the end) *at stays where the damaged note starts. Trailing zero bytes
 * that are too few for a note are no damage.
 */
enum bzc_note_result bzc_elf_note_next(struct bzc_bytes notes, unsigned unit, uint64_t *at, struct bzc_elf_note *note);

/* "PHYS32_ENTRY", "BUILD_ID": what the type is called in the words of its owner; NULL for one without a name here. */
const char *bzc_elf_note_type_name(const struct bzc_elf_note *note);

struct bzc_elf;
/* The first note of this name and type among all of an ELF file's; false when there is none. */
bool bzc_elf_find_note(const struct bzc_elf *elf, const char *name, uint32_t type, struct bzc_elf_note *note);

/* True when the note's name is `name`. */
bool bzc_elf_note_is(const struct bzc_elf_note *note, const char *name);

/* A little-endian number of 4 or 8 bytes, as Xen's numeric notes are. False for a desc of any other size. */
bool bzc_elf_note_number(const struct bzc_elf_note *note, uint64_t *value);

#endif
