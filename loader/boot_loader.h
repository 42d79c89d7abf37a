/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot loader does with an image, as data: what it demands, which way in it takes, where it puts things, what it
 * writes, and the CPU state at its jump. A scenario is the loader that the protocol describes; a profile
 * (loader/profiles/ and its README.md) is one that exists. loader/plan.h turns it into a plan for one image.
 *
 * Sources: boot.rst, "Memory Layout", "Sample Boot Configuration", "Loading The Rest of The Kernel", "32-bit Boot
 * Protocol", "64-bit Boot Protocol"; for each profile the file that it names.
 */
#ifndef BZC_LOADER_BOOT_LOADER_H
#define BZC_LOADER_BOOT_LOADER_H

#include "base/x86.h"
#include "loader/boot_params.h"
#include "loader/condition.h"
#include "loader/fields.h"

/* The ways into an image. */
enum bzc_path {
    BZC_PATH_SETUP,       /* the 16-bit entry of setup; a zImage is loaded low, a bzImage high */
    BZC_PATH_ENTRY32,     /* setup is bypassed: 32-bit protected mode, code32_start */
    BZC_PATH_ENTRY64,     /* setup is bypassed: long mode, 0x200 behind the start of the protected-mode part */
    BZC_PATH_PAYLOAD_ELF, /* the unpacked payload by its program headers, entered at e_entry with boot_params */
    BZC_PATH_PVH,         /* the same, entered at the note PHYS32_ENTRY with hvm_start_info */
    BZC_PATH_ELF_WRAPPED, /* the ELF file at the head of the protected-mode part, by its program headers */
    BZC_PATH_PE,          /* AddressOfEntryPoint, by UEFI: judged, not run */
    BZC_PATH_COUNT
};
/* "setup", "entry32", "entry64", "payload-elf", "pvh", "elf-wrapped", "pe". */
const char *bzc_path_name(enum bzc_path path);
/* True for the ways in which the loader enters the kernel itself and loads no protected-mode part. */
bool bzc_path_enters_kernel(enum bzc_path path);
bool bzc_path_parse(const char *text, enum bzc_path *path);

/* Where something goes. */
enum bzc_place_kind {
    BZC_PLACE_ADDRESS,       /* `address` */
    BZC_PLACE_PREF_ADDRESS,  /* the header field pref_address */
    BZC_PLACE_CODE32_START,  /* the header field code32_start */
    BZC_PLACE_LOWEST,        /* the lowest fitting address from `address` on */
    BZC_PLACE_HIGHEST,       /* the highest fitting address below `address` (0: no bound) */
    BZC_PLACE_BEHIND_KERNEL, /* the first page behind what the loader keeps for the kernel */
    BZC_PLACE_BEHIND_PM,     /* right behind the bytes of the protected-mode part, 16-byte aligned */
};
struct bzc_place {
    enum bzc_place_kind kind;
    uint64_t address;
};

/* What a loader takes for the memory that the kernel needs. */
enum bzc_room {
    BZC_ROOM_INIT_SIZE, /* init_size from runtime_start on; before 2.10 the protected-mode part */
    BZC_ROOM_FILE,      /* the protected-mode part only */
};

/* What of the file becomes boot_params (paths other than setup). */
enum bzc_copy {
    BZC_COPY_HEADER, /* zeros, and the setup header: 0x1f1 to where the jump at 0x200 leads */
    BZC_COPY_STRUCT, /* zeros, and 0x1f1 to 0x1f1 + copy_size, whatever the header says */
    BZC_COPY_PAGE,   /* the file's first 4096 bytes, as they are */
};

/* Where path setup begins, and with which code segment. All the other segments are the real-mode part's. */
enum bzc_setup_entry {
    BZC_SETUP_JUMP,         /* as the protocol says: CS is 0x20 more than the segment, IP 0 */
    BZC_SETUP_SAME_SEGMENT, /* the same place, but CS is the segment, IP 0x200 */
    BZC_SETUP_FIRST_BYTE,   /* the file as a whole lies there and is started at its first byte: CS:IP segment:0 */
};

enum bzc_verdict_of_loader { BZC_LOADER_ACCEPTS, BZC_LOADER_REFUSES, BZC_LOADER_DANGEROUS };
/* "accepts", "refuses", "dangerous". */
const char *bzc_loader_verdict_name(enum bzc_verdict_of_loader verdict);

#define BZC_LOADER_TEXT        160
#define BZC_LOADER_PATHS_MAX   4
#define BZC_LOADER_DEMANDS_MAX 24
#define BZC_LOADER_PLACES_MAX  4
#define BZC_LOADER_WRITES_MAX  16

/* refuse/danger if/unless CONDITION "REASON" */
struct bzc_demand {
    enum bzc_verdict_of_loader verdict; /* when `when` holds: REFUSES or DANGEROUS */
    struct bzc_condition when;
    char reason[BZC_LOADER_TEXT];
};

/* A number for a field: of the setup header, or of boot_params outside it. */
struct bzc_loader_write {
    bool is_header;
    enum bzc_field_id field; /* is_header */
    enum bzc_bp_field_id bp; /* otherwise */
    uint64_t value;
    struct bzc_condition when;
};

struct bzc_boot_loader {
    struct bzc_bytes text;           /* the profile that it was read from, borrowed; size 0: none */
    char name[32];                   /* "grub-linux" */
    char title[BZC_LOADER_TEXT];     /* "GRUB, command linux" */
    char source[BZC_LOADER_TEXT];    /* repository and file that the profile was read from */
    char commit[BZC_LOADER_TEXT];    /* and the commit, with its date */
    char notes[4 * BZC_LOADER_TEXT]; /* what the keys cannot say; may be empty */

    bool embedded; /* it boots the kernel in a unified kernel image, its section .linux */

    /* the first whose condition holds; none: refused with no_path */
    struct {
        enum bzc_path path;
        struct bzc_condition when;
    } path[BZC_LOADER_PATHS_MAX];
    size_t path_count;
    struct bzc_demand demand[BZC_LOADER_DEMANDS_MAX]; /* in the loader's own order */
    size_t demand_count;

    /* placement; all addresses physical */
    struct {
        struct bzc_place place;
        struct bzc_condition when;
    } kernel_at[BZC_LOADER_PLACES_MAX]; /* the protected-mode part: the first that fits */
    size_t kernel_at_count;
    enum bzc_room kernel_room;
    bool kernel_align;      /* kernel_at is rounded to kernel_alignment (2.05+) */
    bool min_align;         /* ... and down to min_alignment when nothing else fits (2.10+) */
    bool write_alignment;   /* kernel_alignment is rewritten to the alignment that was used */
    bool keep_code32_start; /* code32_start is not moved with the kernel */
    uint64_t setup_at;      /* real-mode part; 0: 0x10000 from 2.02 on, else 0x90000 */
    uint32_t heap_end;      /* end of stack and heap from setup_at; 0: 0xe000, or 0x9800 before 2.02 */
    bool heap_to_cmdline;   /* ... is where the command line begins, at most 0xfff0 for the stack */
    enum bzc_setup_entry setup_entry;
    uint64_t boot_params_at; /* paths other than setup */
    enum bzc_copy copy;
    uint32_t copy_size;     /* of BZC_COPY_STRUCT, bytes */
    uint64_t cmdline_at;    /* 0: behind the real-mode part's heap (path setup), 0x20000 (other paths) */
    uint64_t cmdline_below; /* path setup, not 0: as high as it ends at or below this, a multiple of 16 */
    uint64_t cmdline_max;   /* characters without NUL; 0: cmdline_size */
    bool truncate_cmdline;  /* a longer one is cut off, not refused */
    struct bzc_place initrd_at;
    uint64_t initrd_last;        /* last address the initrd may use; 0: initrd_addr_max; UINT64_MAX: no bound */
    enum bzc_room initrd_avoids; /* what of the kernel the initrd keeps clear of */

    /* what it writes */
    struct bzc_loader_write write[BZC_LOADER_WRITES_MAX];
    size_t write_count;
    bool no_heap;                   /* path setup: CAN_USE_HEAP and heap_end_ptr are not written */
    bool no_e820;                   /* other paths: e820_table stays empty */
    unsigned e820_max;              /* entries it puts into e820_table, at most 128 */
    bool e820_ext;                  /* what does not fit goes into SETUP_E820_EXT; else it is dropped */
    bool alt_mem_k;                 /* writes alt_mem_k and ext_mem_k */
    bool rng_seed;                  /* adds a setup_data node SETUP_RNG_SEED of its own (2.09+) */
    struct bzc_place setup_data_at; /* where the setup_data nodes go */
    bool screen_info;               /* other paths: describes the BIOS's text mode, so that messages can be seen */

    /* the CPU at the jump (other paths) */
    bool entry_is_first_byte; /* jumps to the first byte behind setup, not to code32_start */
    uint64_t entry_offset;    /* from the start of the protected-mode part; 0: code32_start, or 0x200 for entry64 */
    uint16_t code_selector, data_selector; /* 0x10, 0x18 */
    bool other_gdt; /* GDTR then leads to a GDT with 0x10 and 0x18 as the protocol says, and no segment is loaded again
                     */
    unsigned null_segments; /* bit 1 << enum bzc_seg: loaded with the null selector instead */
    struct {
        enum bzc_gpr gpr;
        uint64_t value;
    } reg[4]; /* registers with another value than the protocol's */
    size_t reg_count;
    bool interrupts_on;
    uint64_t identity_end; /* path entry64: [0, end) is mapped; 0: what the protocol names, and setup_data */
};

/* The loader that the protocol describes, for one way in; name and source are empty, path[0] is `path`. */
void bzc_boot_loader_init(struct bzc_boot_loader *loader, enum bzc_path path);

/* What the loader makes of an image. */
struct bzc_judgement {
    enum bzc_verdict_of_loader verdict;
    bool has_path; /* false only when refused */
    enum bzc_path path;
    char reason[BZC_LOADER_TEXT]; /* of a refusal or danger; "" when it accepts */
};
void bzc_boot_loader_judge(const struct bzc_boot_loader *loader, const struct bzc_subject *subject,
                           struct bzc_judgement *judgement);

/*
 * Reads a profile (loader/profiles/README.md tells the format). *loader is then complete. Errors: BZC_ERR_FORMAT with
 * the line's number and what is wrong, BZC_ERR_LIMIT (too many lines of a kind).
 */
#define BZC_LOADER_PROFILE_MAX (64u * 1024) /* bytes of a profile file */
enum bzc_status bzc_boot_loader_read(struct bzc_bytes text, struct bzc_boot_loader *loader, struct bzc_error *err);
/*
 * The same for one image: of the statements with a condition those count that hold for it. Without `subject` none of
 * them does, but for those that keep their condition (path, kernel-at, write, refuse, danger).
 */
enum bzc_status bzc_boot_loader_read_for(struct bzc_bytes text, const struct bzc_subject *subject,
                                         struct bzc_boot_loader *loader, struct bzc_error *err);

/* The profiles built into the program, ordered by name; each one parses. */
extern const struct bzc_bytes bzc_loader_profile_text[];
extern const char *const bzc_loader_profile_name[];
extern const size_t bzc_loader_profile_count;
/* The built-in profile with this name. Errors: BZC_ERR_FORMAT (there is none). */
enum bzc_status bzc_boot_loader_find(const char *name, struct bzc_boot_loader *loader, struct bzc_error *err);

#endif
