/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader does before it jumps: which bytes go to which physical address, which fields it writes, and the
 * CPU state at the jump. A plan is plain data, trampoline and page tables included; the machine only carries it out.
 *
 * Source: boot.rst, "Memory Layout", "Sample Boot Configuration", "Loading The Rest of The Kernel", "Running the
 * Kernel", "32-bit Boot Protocol", "64-bit Boot Protocol".
 */
#ifndef BZC_LOADER_PLAN_H
#define BZC_LOADER_PLAN_H

#include "base/memory_map.h"
#include "base/status.h"
#include "base/x86.h"
#include "loader/boot_loader.h"
#include "loader/elf.h"
#include "loader/image.h"

#define BZC_PLAN_BLOCKS_MAX  64
#define BZC_PLAN_WRITES_MAX  48
#define BZC_CMDLINE_MAX      65536
#define BZC_SETUP_DATA_MAX   8
#define BZC_SETUP_DATA_BYTES (16u << 20) /* of one node */

enum bzc_block_role {
    BZC_BLOCK_REALMODE, /* boot sector + setup, as the loader completed its header */
    BZC_BLOCK_PM,       /* protected-mode part */
    BZC_BLOCK_CMDLINE,
    BZC_BLOCK_INITRD,
    BZC_BLOCK_BOOT_PARAMS, /* built by the loader (paths other than setup) */
    BZC_BLOCK_SETUP_DATA,  /* a node, or the data of a setup_indirect */
    BZC_BLOCK_SEGMENT,     /* a PT_LOAD of an ELF file */
    BZC_BLOCK_START_INFO,  /* hvm_start_info, its module list and memory map */
    BZC_BLOCK_TRAMPOLINE,  /* the loader's last code, with its GDT */
    BZC_BLOCK_PAGE_TABLES, /* the identity mapping of a 64-bit entry */
};
/* "real-mode part", "protected-mode part", "command line", ...: for people and reports. */
const char *bzc_block_role_name(enum bzc_block_role role);

/* Bytes at a physical address. */
struct bzc_block {
    enum bzc_block_role role;
    const char *name; /* static text: bzc_block_role_name(), or more exact */
    uint64_t phys;
    uint64_t keep_phys; /* where it is when the kernel is entered: setup before 2.02 moves what lies in its segment */
    struct bzc_bytes bytes; /* owned by the plan or borrowed from image or options; alive as long as both */
    bool keep;              /* loader-owned: must still be unchanged when the kernel is entered */
};

/* A field that the loader wrote: of the setup header, or of boot_params outside it. */
struct bzc_plan_write {
    bool is_header;
    enum bzc_field_id field; /* is_header */
    enum bzc_bp_field_id bp; /* otherwise */
    uint64_t value;
};

/* Where the loader's last instruction leads. */
struct bzc_jump {
    enum bzc_mode mode; /* real, protected-32 or long */
    uint64_t linear;
};

struct bzc_plan {
    enum bzc_path path;
    struct bzc_block block[BZC_PLAN_BLOCKS_MAX];
    size_t block_count;
    struct bzc_plan_write write[BZC_PLAN_WRITES_MAX]; /* in the order in which they were made */
    size_t write_count;
    struct bzc_regs start; /* CPU state, in real mode, where execution begins: setup's entry, or the trampoline's */
    struct bzc_jump jump;  /* where the loader hands over: setup, the protected-mode part or the kernel */

    bool a20_open; /* how the loader leaves the A20 line */

    uint64_t realmode_phys;     /* path setup: where boot sector + setup lie */
    uint64_t boot_params_phys;  /* other paths: where the loader built boot_params; 0 for pvh */
    uint64_t start_info_phys;   /* path pvh: hvm_start_info */
    bool has_pm;                /* the protected-mode part is loaded (not of payload-elf, pvh) */
    uint64_t pm_phys;           /* its first byte */
    uint64_t elf_phys, elf_end; /* paths that load an ELF file: where its segments lie; else 0 */
    uint64_t pm_entry_phys;     /* pm_phys at the 32-bit entry: a zImage's setup moves it down to 0x1000 */
    uint64_t code32_start;      /* 32-bit entry: that setup will jump to, or the loader does */
    uint64_t kernel_alignment;  /* as the code will find it in the header; 0 before 2.05 */
    uint64_t moved_end; /* path setup: it moves itself to [0x90000, here), with what lies behind it; 0: it does not */
    uint64_t cmdline_phys;            /* where the kernel finds it */
    uint64_t initrd_phys;             /* 0 when there is none */
    char *cmdline;                    /* as placed, NUL-terminated; one of `owned` */
    void *owned[BZC_PLAN_BLOCKS_MAX]; /* memory of the blocks, freed with the plan */
    size_t owned_count;
};

/* A node of the setup_data list that the user wants (struct setup_data: next, type, len, data). */
struct bzc_setup_data {
    uint32_t type;         /* SETUP_E820_EXT 1, SETUP_DTB 2, ... SETUP_RNG_SEED 9 */
    bool indirect;         /* by a SETUP_INDIRECT node that points to the data elsewhere (2.15) */
    struct bzc_bytes data; /* borrowed */
};

struct bzc_plan_options {
    uint64_t load_addr;        /* 0: where the loader puts the protected-mode part */
    uint64_t kernel_alignment; /* not 0: the loader writes this into the header field */
    bool force;                /* load_addr counts although the header forbids it: to see what the image does then */
    const char *cmdline;       /* never NULL */
    struct bzc_bytes initrd;   /* size 0: none */
    struct bzc_setup_data setup_data[BZC_SETUP_DATA_MAX];
    size_t setup_data_count;
    uint64_t acpi_rsdp_addr;   /* 0: the loader knows none */
    bool has_hardware_subarch; /* 2.07 */
    uint32_t hardware_subarch;
    const struct bzc_memory_map *map;
    const struct bzc_elf *kernel; /* paths payload-elf and pvh: the unpacked payload; NULL: there is none */
};

/*
 * The plan for `image` as `loader` boots it: by the first of its paths whose condition holds. Its demands are not asked
 * (bzc_boot_loader_judge() does that).
 *
 * In path setup A20 is left closed for an image with a payload, since a kernel's setup opens it and shall show that it
 * does; images of other systems count on the state in which BIOS boot loaders leave it: open. In the other paths a
 * trampoline in real mode switches to the mode of the entry and jumps; it runs as guest code.
 *
 * Errors, each with a clear sentence: BZC_ERR_UNSUPPORTED (the image has no such entry), BZC_ERR_FORMAT (nothing to
 * place: a part is missing or cut off), BZC_ERR_LIMIT (no room: command line longer than the kernel allows, initrd or
 * image does not fit the map), BZC_ERR_MEMORY. On error *plan is empty and needs no freeing.
 */
enum bzc_status bzc_plan_make(const struct bzc_boot_loader *loader, const struct bzc_image *image,
                              const struct bzc_plan_options *options, struct bzc_plan *plan, struct bzc_error *err);
void bzc_plan_free(struct bzc_plan *plan);

/* True when `option` is one of the words of the command line, as the kernel splits it (blanks and tabs). */
bool bzc_cmdline_has(const char *cmdline, const char *option);

/* The first block of a role, or NULL. */
const struct bzc_block *bzc_plan_block(const struct bzc_plan *plan, enum bzc_block_role role);

#endif
