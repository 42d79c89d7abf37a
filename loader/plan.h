/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader does before it jumps: which bytes go to which physical address, which header fields it writes, and
 * the CPU state at the jump. A plan is plain data; the machine only carries it out.
 *
 * Source: boot.rst, "Memory Layout", "Sample Boot Configuration", "Loading The Rest of The Kernel", "Running the
 * Kernel".
 */
#ifndef BZC_LOADER_PLAN_H
#define BZC_LOADER_PLAN_H

#include "base/memory_map.h"
#include "base/status.h"
#include "base/x86.h"
#include "loader/image.h"

#define BZC_PLAN_BLOCKS_MAX 16
#define BZC_PLAN_WRITES_MAX 24
#define BZC_CMDLINE_MAX     65536

enum bzc_block_role { BZC_BLOCK_REALMODE, BZC_BLOCK_PM, BZC_BLOCK_CMDLINE, BZC_BLOCK_INITRD };

/* Bytes at a physical address. */
struct bzc_block {
    enum bzc_block_role role;
    const char *name; /* "real-mode part", "protected-mode part", "command line", "initrd" */
    uint64_t phys;
    struct bzc_bytes bytes; /* owned by the plan or borrowed from image or options; alive as long as both */
    bool keep;              /* loader-owned: must still be unchanged when the kernel is entered */
};

/* A setup-header field that the loader wrote into the real-mode block. */
struct bzc_plan_write {
    enum bzc_field_id field;
    uint64_t value;
};

struct bzc_plan {
    struct bzc_block block[BZC_PLAN_BLOCKS_MAX];
    size_t block_count;
    struct bzc_plan_write write[BZC_PLAN_WRITES_MAX];
    size_t write_count;
    struct bzc_regs start; /* CPU state at the loader's jump */

    bool a20_open; /* how the loader leaves the A20 line */

    uint64_t realmode_phys; /* where boot sector + setup lie */
    uint64_t pm_phys;       /* where the protected-mode part lies */
    uint64_t code32_start;  /* the 32-bit entry that setup will jump to */
    uint64_t cmdline_phys;
    uint64_t initrd_phys; /* 0 when there is none */
    char *cmdline;        /* as placed, NUL-terminated; owned */
    uint8_t *realmode;    /* the patched real-mode part; owned */
};

struct bzc_plan_options {
    uint64_t load_addr;      /* 0: 0x100000 (bzImage) */
    const char *cmdline;     /* never NULL */
    struct bzc_bytes initrd; /* size 0: none */
    const struct bzc_memory_map *map;
};

/*
 * The plan of scenario `bios`: 16-bit entry, as a BIOS boot loader would do it. Real-mode part at 0x10000 for 2.02 and
 * later, at 0x90000 with the old command-line magic below that (and whenever the image demands it); protected-mode part
 * at load_addr with code32_start moved by the same distance; the initrd as high as initrd_addr_max and the map allow,
 * page aligned.
 *
 * A20 is left closed for an image with a payload, since a kernel's setup opens it and shall show that it does. Images
 * of other systems count on the state in which BIOS boot loaders leave it: open.
 *
 * Errors, each with a clear sentence: BZC_ERR_UNSUPPORTED (not a bzImage, header before 2.00: another scenario's task),
 * BZC_ERR_FORMAT (nothing to place: the real-mode part or protected-mode part is missing or cut off), BZC_ERR_LIMIT (no
 * room: command line longer than the kernel allows, initrd or image does not fit the map). On error *plan is empty and
 * needs no freeing.
 */
enum bzc_status bzc_plan_bios(const struct bzc_image *image, const struct bzc_plan_options *options,
                              struct bzc_plan *plan, struct bzc_error *err);
void bzc_plan_free(struct bzc_plan *plan);

/* True when `option` is one of the words of the command line, as the kernel splits it (blanks and tabs). */
bool bzc_cmdline_has(const char *cmdline, const char *option);

/* The block of a role, or NULL. */
const struct bzc_block *bzc_plan_block(const struct bzc_plan *plan, enum bzc_block_role role);

#endif
