/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything the rules may look at: what the file holds and what happened in each run. Facts are collected by
 * the runs; rules only read them, so a rule can be tested with facts made by hand.
 */
#ifndef BZC_VERIFY_FACTS_H
#define BZC_VERIFY_FACTS_H

#include "base/memory_map.h"
#include "base/sha256.h"
#include "base/x86.h"
#include "emu/cpuid.h"
#include "emu/stop.h"
#include "loader/boot_params.h"
#include "loader/checksum.h"
#include "loader/image.h"
#include "loader/kernel_info.h"
#include "loader/pe.h"
#include "loader/plan.h"
#include "loader/stream.h"
#include "verify/oracle.h"
#include "verify/picture.h"

/* ---- the image ---- */

/* Why an image is (not) taken for a Linux kernel. */
enum bzc_system {
    BZC_SYSTEM_LINUX, /* its payload holds Linux's banner, or cannot be read but its decompressor says it is Linux */
    BZC_SYSTEM_NOT_LINUX, /* a boot image of something else */
    BZC_SYSTEM_UNKNOWN,   /* only the headers were read, which do not tell; or it is the PE file around a kernel */
};

/* How far into a file one looks; each includes those before it. */
enum bzc_depth {
    BZC_DEPTH_HEADERS, /* boot sector, setup, PE headers and section table; and the size of the file */
    BZC_DEPTH_FILE,    /* the whole file */
    BZC_DEPTH_KERNEL,  /* the unpacked payload */
};

struct bzc_image_facts {
    const char *path;                 /* as given on the command line */
    enum bzc_depth depth;             /* how far was looked: BZC_DEPTH_HEADERS or BZC_DEPTH_KERNEL */
    char sha256[BZC_SHA256_HEX_SIZE]; /* "" when nobody asked for it */
    struct bzc_image image;
    struct bzc_pe pe;
    enum bzc_system system;
    bool kaslr_build; /* the decompressor looks for "nokaslr": CONFIG_RANDOMIZE_BASE */
    /* The decompressor applies a relocation table: it has Linux's message for slots "outside of kernel". */
    bool applies_relocs;
    struct bzc_stream stream; /* headers of the payload's compression; not known when only the headers were read */
    bool has_kernel_info;     /* kernel_info is valid; false when only the headers were read */
    struct bzc_kernel_info kernel_info;
    struct bzc_checksum checksum; /* the image's CRC-32; absent when only the headers were read */
    /* The payload: the oracle, or the reason why there is none. */
    const struct bzc_oracle *oracle;
    struct bzc_error oracle_error;
    struct bzc_vmlinux_result vmlinux;
};

/* ---- a run ---- */

#define BZC_STAGES_MAX     32
#define BZC_LAST_WORDS_MAX 1024

/* A place where control entered another part of the boot. */
struct bzc_stage {
    const char *name; /* "setup", "decompressor", "decompressor (relocated)", "kernel", ... */
    uint64_t phys;    /* of the first instruction executed there */
    uint64_t linear;
    enum bzc_mode mode;
};

/* CPU and boot_params at one hand-over. */
struct bzc_hand_over {
    bool reached;
    struct bzc_regs regs;
    uint64_t linear, phys; /* of the next instruction */
    bool a20_open;
    uint64_t boot_params_phys; /* what ESI or RSI holds; 0x90000 before protocol 2.02 */
    bool boot_params_in_ram;
    uint8_t boot_params[BZC_BOOT_PARAMS_SIZE]; /* valid when in RAM */
};

/* A loader-owned block, compared at the kernel's first instruction (or at the stop) with what the loader put there. */
struct bzc_kept_block {
    enum bzc_block_role role;
    const char *name;
    uint64_t phys, size;
    char sha256[BZC_SHA256_HEX_SIZE]; /* before the start */
    bool changed;
    uint64_t first_difference; /* physical address */
    uint8_t expected, actual;
};

/* A write that did not reach RAM, or that stopped the run. */
struct bzc_outside_write {
    uint64_t count;      /* pages of ROM written to; the write that stopped the run is told by `stop` */
    uint64_t first_phys; /* page aligned */
    uint64_t first_ip;   /* linear */
};

/* What has to come of a run. */
enum bzc_expectation {
    BZC_EXPECT_KERNEL,  /* the kernel is reached and complete */
    BZC_EXPECT_RUNNING, /* the kernel, entered by the loader itself, gets going: first fetch at its virtual mapping */
    BZC_EXPECT_REFUSAL, /* the image's own check refuses the address, in its own words */
    BZC_EXPECT_FIXED,   /* not relocatable: the kernel is reached at its link address, or not at all */
};

#define BZC_PURPOSE_SIZE 80

/* The first place that an identity mapping ought to cover and does not. */
struct bzc_identity {
    bool broken, mapped;
    uint64_t linear, phys; /* phys when mapped */
    const char *what;      /* what lies there: static text, or NULL */
};

#define BZC_CONVERSATION_MAX 128

enum bzc_talk_kind { BZC_TALK_BIOS, BZC_TALK_PORT_IN, BZC_TALK_PORT_OUT };

/* Something that the guest asked of the PC. */
struct bzc_talk {
    enum bzc_talk_kind kind;
    uint8_t vector;   /* of a BIOS call */
    uint16_t number;  /* the port; of a BIOS call its function: AX or, where AL only is an argument, AH */
    bool whole_ax;    /* of a BIOS call: `number` is AX */
    const char *name; /* the device or service; NULL: there is none */
    uint64_t count;   /* how often */
};

struct bzc_run_facts {
    /* what was asked for */
    const char *scenario; /* or the name of the loader profile */
    bool as_loader;       /* `scenario` is a loader profile: it does things its own way */
    enum bzc_path path;
    enum bzc_expectation expect;
    char purpose[BZC_PURPOSE_SIZE]; /* what the load address probes: "below pref_address"; "" for an ordinary one */
    uint64_t load_addr; /* asked for, or where the loader puts it; 0 when no protected-mode part is loaded */
    bool kaslr;
    uint64_t kaslr_seed; /* valid when kaslr */
    const struct bzc_cpu_profile *profile;
    struct bzc_memory_map map; /* of this run: a probe may need more RAM than the user's map has */
    /* a run that could not be prepared has only this */
    struct bzc_error plan_error;
    struct bzc_plan plan;
    /* what happened */
    struct bzc_stop stop;
    struct bzc_stage stage[BZC_STAGES_MAX];
    size_t stage_count;
    struct bzc_hand_over pm_entry; /* the jump to the protected-mode part: by setup, or by the loader */
    struct bzc_hand_over entry;    /* the kernel's first instruction */
    /*
     * Expectation RUNNING: the kernel's first fetch through its own virtual mapping, or before that its first text,
     * unless the run then ended with a fault.
     */
    struct {
        bool reached, printed;
        uint64_t linear, phys; /* of the fetch; valid when not printed */
    } running;
    struct bzc_identity identity;        /* of the kernel's range at its 64-bit entry */
    struct bzc_identity loader_identity; /* of what the protocol names at the 64-bit entry of the protected-mode part */
    bool compared;                       /* `comparison` is valid: the entry was reached and there is an oracle */
    struct bzc_comparison comparison;
    struct bzc_kept_block kept[BZC_PLAN_BLOCKS_MAX + 1]; /* and the loader's fields in boot_params */
    size_t kept_count;
    struct bzc_outside_write outside;
    /* The decompressor's error message when it ended the run itself ("-- System halted"); "" when it did not. */
    char refusal[160];
    char last_words[BZC_LAST_WORDS_MAX];        /* end of what the guest printed; printable with '\n', NUL-terminated */
    bool asked_for_e820;                        /* the guest called INT 15h AX=E820h */
    uint64_t unknown_ports, unknown_bios_calls; /* calls that nobody answered */
    struct bzc_talk conversation[BZC_CONVERSATION_MAX]; /* ports and BIOS services in the order of their first use */
    size_t conversation_count;
    uint64_t conversation_left_out; /* calls of others than these */
    uint64_t pages_touched;         /* of 4096 bytes */
    struct bzc_picture *picture;    /* owned; NULL unless it was asked for and run */
};

#define BZC_RUNS_MAX 256

struct bzc_facts {
    struct bzc_image_facts image;
    struct bzc_run_facts *run; /* run_count of them */
    size_t run_count;
};

#endif
