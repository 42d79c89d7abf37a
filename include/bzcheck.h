/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libbzcheck: boots Linux/x86 boot images inside an emulated PC and tells what they do wrong.
 *
 *     struct bzcheck *check = bzcheck_new();
 *     struct bzcheck_image *image;
 *     struct bzcheck_result *result;
 *
 *     if (bzcheck_open_file(check, "vmlinuz", &image) == BZCHECK_OK &&
 *         bzcheck_verify(check, image, &result) == BZCHECK_OK)
 *         ... bzcheck_result_verdict(result) ...
 *
 * Three kinds of handles: struct bzcheck (settings, and the text of the last error), struct bzcheck_image (the bytes of
 * one image), struct bzcheck_result (what was found in it). The caller frees each handle that a function gave him with
 * the function named there, in any order: a result keeps the image that it needs.
 *
 * Errors. A function that can fail returns an enum bzcheck_status. It says that bzcheck could not do its work; what an
 * image does wrong is never a status but a finding. bzcheck_error() has the sentence for people. On an error handles
 * that a function would have given are set to NULL.
 *
 * Texts are NUL-terminated and belong to the library: rules, scenarios and versions last for ever, those of a handle as
 * long as the handle. They may hold any bytes that the image or its path holds (a path, what a guest printed): clean
 * them before they go to a terminal. A text that does not apply is "", never NULL. Texts that the caller gives are
 * copied.
 *
 * Threads. A struct bzcheck serves one thread at a time; different ones may be used at the same time. Images and
 * results never change once they are there: any number of threads may read them, as long as nobody frees them. The
 * library has no global state. bzcheck_verify() starts threads and ends them before it returns. The library prints
 * nothing, installs no signal handler, writes no file and reads none but those that it is told to open.
 *
 * Addresses are physical unless their comment says otherwise; sizes are bytes. The same image and settings give the
 * same results, whatever the number of jobs.
 *
 * Binary interface. Programs built against this header run with every later library of the same soname: names and
 * numbers of enums stay, new ones are added (expect values that you do not know), and structs grow only at their end.
 * That is why functions that fill a struct are given its size; say sizeof, as it was when your program was compiled.
 * Members that the library does not know are zero. The interface may still change with the soname before version 1.0.
 */
#ifndef BZCHECK_H
#define BZCHECK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BZCHECK_API __attribute__((visibility("default")))
#else
#define BZCHECK_API
#endif

struct bzcheck;
struct bzcheck_image;
struct bzcheck_result;

enum bzcheck_status {
    BZCHECK_OK = 0,
    BZCHECK_ERR_ARGUMENT = 1,    /* a name that nobody knows, a value out of range, settings that exclude each other */
    BZCHECK_ERR_IO = 2,          /* a file could not be read */
    BZCHECK_ERR_MEMORY = 3,      /* the host gave no memory */
    BZCHECK_ERR_FORMAT = 4,      /* this is no boot image */
    BZCHECK_ERR_LIMIT = 5,       /* a size or a count is over a bound */
    BZCHECK_ERR_UNSUPPORTED = 6, /* well-formed, but bzcheck cannot handle it */
    BZCHECK_ERR_ENGINE = 7,      /* the CPU emulator failed */
};

enum bzcheck_severity {
    BZCHECK_NOTE = 0,    /* worth knowing */
    BZCHECK_WARNING = 1, /* a known loader breaks, or a promise is not kept */
    BZCHECK_ERROR = 2,   /* a loader that follows the protocol breaks, or the kernel does */
    BZCHECK_OFF = 3,     /* bzcheck_set_severity() only: do not ask the rule */
};

enum bzcheck_outcome {
    BZCHECK_PASSED = 0,
    BZCHECK_FAILED = 1,
    BZCHECK_SKIPPED = 2,  /* does not apply; the message says why */
    BZCHECK_UNDECIDED = 3 /* could not be told; the message says why */
};

enum bzcheck_verdict {
    BZCHECK_PASS = 0,
    BZCHECK_FAIL = 1,    /* a finding of the severity of bzcheck_set_fail_on(), or above */
    BZCHECK_UNKNOWN = 2, /* bzcheck_result_reason() says why */
};

/* The library's version, "0.1.0". */
BZCHECK_API const char *bzcheck_version(void);

/* ---- settings and errors ---- */

/* New settings: those that `bzcheck verify` has without options, with one job. NULL when there is no memory. */
BZCHECK_API struct bzcheck *bzcheck_new(void);
BZCHECK_API void bzcheck_free(struct bzcheck *check); /* NULL is allowed */

/*
 * Why the last call with this handle failed: one sentence without a newline, valid until the next call with it. "" when
 * it did not fail.
 */
BZCHECK_API const char *bzcheck_error(const struct bzcheck *check);

/*
 * What bzcheck_verify() runs. Each bzcheck_add_*() may be called up to 32 times; every combination of what was added is
 * one run, and more than 256 runs make the verdict BZCHECK_UNKNOWN. Nothing added means: what suits the image.
 *
 * scenario: the way in, by its name ("bios", "entry64", ...; bzcheck_scenario()).
 * load_addr: where the protected-mode part of the image is put, 1..2^52 - 1; not with scenarios of which none lets
 * the loader choose.
 * kaslr_seed: boot with KASLR; the same seed (at most 2^63 - 1) gives the same addresses. Not with the word "nokaslr"
 * in the command line. Errors: BZCHECK_ERR_ARGUMENT, BZCHECK_ERR_LIMIT (called too often). What excludes each other is
 * told by bzcheck_verify().
 */
BZCHECK_API enum bzcheck_status bzcheck_add_scenario(struct bzcheck *check, const char *name);
BZCHECK_API enum bzcheck_status bzcheck_add_load_addr(struct bzcheck *check, uint64_t phys);
BZCHECK_API enum bzcheck_status bzcheck_add_kaslr_seed(struct bzcheck *check, uint64_t seed);

/* The kernel command line. Without it: "". Errors: BZCHECK_ERR_ARGUMENT, BZCHECK_ERR_MEMORY. */
BZCHECK_API enum bzcheck_status bzcheck_set_cmdline(struct bzcheck *check, const char *cmdline);
/*
 * RAM of the emulated PC, from 4 MiB to 64 GiB, a multiple of 4096. Without it: 512 MiB. A run touches far less of the
 * host's memory. Errors: BZCHECK_ERR_LIMIT.
 */
BZCHECK_API enum bzcheck_status bzcheck_set_memory(struct bzcheck *check, uint64_t size);
/* Its CPU: "x86-64", as without it, or "i686". Errors: BZCHECK_ERR_ARGUMENT. */
BZCHECK_API enum bzcheck_status bzcheck_set_cpu(struct bzcheck *check, const char *name);
/* Runs at the same time, 1..1024, each in a thread of its own. Without it: 1. Errors: BZCHECK_ERR_ARGUMENT. */
BZCHECK_API enum bzcheck_status bzcheck_set_jobs(struct bzcheck *check, unsigned jobs);
/* The least severity that makes an image fail. Without it: BZCHECK_ERROR. Errors: BZCHECK_ERR_ARGUMENT. */
BZCHECK_API enum bzcheck_status bzcheck_set_fail_on(struct bzcheck *check, enum bzcheck_severity severity);
/*
 * Takes a rule, by id ("PAY-002", in any case) or name, as another severity than its own, or switches it off. Errors:
 * BZCHECK_ERR_ARGUMENT, BZCHECK_ERR_LIMIT.
 */
BZCHECK_API enum bzcheck_status bzcheck_set_severity(struct bzcheck *check, const char *rule,
                                                     enum bzcheck_severity severity);

/* ---- images ---- */

/*
 * Reads a file. It may be anything: whether it is a boot image is told by bzcheck_lint() and bzcheck_verify(). Close
 * the image with bzcheck_image_close(). Errors: BZCHECK_ERR_IO, BZCHECK_ERR_LIMIT (over 512 MiB), BZCHECK_ERR_MEMORY.
 */
BZCHECK_API enum bzcheck_status bzcheck_open_file(struct bzcheck *check, const char *path,
                                                  struct bzcheck_image **image);
/* The same with a copy of `size` bytes; `name` stands for the path in messages. Errors: those without IO. */
BZCHECK_API enum bzcheck_status bzcheck_open_memory(struct bzcheck *check, const char *name, const void *data,
                                                    size_t size, struct bzcheck_image **image);
/*
 * The kernel in a unified kernel image (section .linux) as an image of its own, named "NAME:.linux". Errors:
 * BZCHECK_ERR_FORMAT (this is no unified kernel image, or there is no boot image in it), BZCHECK_ERR_MEMORY.
 */
BZCHECK_API enum bzcheck_status bzcheck_open_kernel(struct bzcheck *check, const struct bzcheck_image *image,
                                                    struct bzcheck_image **kernel);
/* The path or name that it was opened with. */
BZCHECK_API const char *bzcheck_image_name(const struct bzcheck_image *image);
BZCHECK_API void bzcheck_image_close(struct bzcheck_image *image); /* NULL is allowed */

/* ---- work ---- */

/*
 * Asks every rule that can be decided from the file alone; nothing is executed. Free the result with
 * bzcheck_result_free(). Errors: BZCHECK_ERR_FORMAT (neither a boot image nor a unified kernel image),
 * BZCHECK_ERR_MEMORY.
 */
BZCHECK_API enum bzcheck_status bzcheck_lint(struct bzcheck *check, const struct bzcheck_image *image,
                                             struct bzcheck_result **result);
/*
 * Boots the image in the emulated PC and asks every rule. A unified kernel image is only linted, since it is the
 * firmware's to start: verify its kernel, too (bzcheck_open_kernel()). Takes from milliseconds to seconds a run.
 * Errors: those of bzcheck_lint(), BZCHECK_ERR_ARGUMENT (settings that exclude each other), BZCHECK_ERR_ENGINE.
 */
BZCHECK_API enum bzcheck_status bzcheck_verify(struct bzcheck *check, const struct bzcheck_image *image,
                                               struct bzcheck_result **result);

/* ---- results ---- */

BZCHECK_API enum bzcheck_verdict bzcheck_result_verdict(const struct bzcheck_result *result);
/* Why the verdict is BZCHECK_UNKNOWN; "" otherwise. */
BZCHECK_API const char *bzcheck_result_reason(const struct bzcheck_result *result);
BZCHECK_API void bzcheck_result_free(struct bzcheck_result *result); /* NULL is allowed */

/* What one rule says about the image, or about one run. */
struct bzcheck_finding {
    const char *rule;     /* id: "ENT-001" */
    const char *name;     /* "entry-address" */
    const char *title;    /* what holds when the rule passes */
    const char *source;   /* document and heading that it comes from */
    const char *message;  /* one sentence; of SKIPPED and UNDECIDED the reason; "" of PASSED */
    const char *where;    /* field, register or address */
    const char *expected; /* "" when there is nothing to compare */
    const char *actual;
    enum bzcheck_outcome outcome;
    enum bzcheck_severity severity; /* the one that counts; BZCHECK_OFF when the rule is switched off */
    int32_t run;                    /* index of the run, -1 for the image */
};
/* All outcomes count, the passed ones, too. They come in the order of the catalogue, and of the runs. */
BZCHECK_API size_t bzcheck_result_finding_count(const struct bzcheck_result *result);
/* `size` is sizeof(struct bzcheck_finding). Errors: BZCHECK_ERR_ARGUMENT (there is no such index). */
BZCHECK_API enum bzcheck_status bzcheck_result_finding(const struct bzcheck_result *result, size_t index,
                                                       struct bzcheck_finding *finding, size_t size);

/* What became of one run. */
struct bzcheck_run {
    const char *scenario; /* "bios" */
    const char *purpose;  /* what its load address probes: "above 4 GiB"; "" of an ordinary one */
    /*
     * "entry" (the kernel's first instruction was reached), "running" (entered by the loader itself, the kernel got
     * going), "hand-over" (not Linux: ended at setup's jump to 32-bit code), "not-started", or why it stopped: "halt",
     * "budget", "fault", "triple-fault", "invalid-instruction", "outside-memory", "reset", "bios-wait".
     */
    const char *result;
    const char *detail;   /* more about a stop, or why the run was not started */
    uint64_t load_addr;   /* of the protected-mode part; 0 when the loader loads the payload instead */
    uint64_t kaslr_seed;  /* valid when kaslr */
    uint64_t entry_phys;  /* of the kernel's first instruction; valid when entered */
    uint64_t base;        /* where the kernel's lowest segment went; valid when compared */
    int64_t virt_delta;   /* how far its virtual addresses moved; valid when compared */
    uint64_t relocations; /* slots that were checked; valid when compared */
    int32_t kaslr;        /* 1 or 0, as are those that follow */
    int32_t entered;
    int32_t compared; /* its memory was compared with the payload */
};
/* 0 after bzcheck_lint(). */
BZCHECK_API size_t bzcheck_result_run_count(const struct bzcheck_result *result);
BZCHECK_API enum bzcheck_status bzcheck_result_run(const struct bzcheck_result *result, size_t index,
                                                   struct bzcheck_run *run, size_t size);

/* ---- the catalogue ---- */

struct bzcheck_rule {
    const char *id, *name, *title, *source;
    const char *page; /* what `bzcheck explain` prints: Markdown, UTF-8 */
    enum bzcheck_severity severity;
    int32_t image; /* 1: decided from the file alone (bzcheck_lint() asks it) */
};
BZCHECK_API size_t bzcheck_rule_count(void);
BZCHECK_API enum bzcheck_status bzcheck_rule(size_t index, struct bzcheck_rule *rule, size_t size);

struct bzcheck_scenario {
    const char *name, *summary;
    const char *promised_by; /* which images promise this way in */
    int32_t on_request;      /* 1: runs only when it is added, also where an image promises it */
};
BZCHECK_API size_t bzcheck_scenario_count(void);
BZCHECK_API enum bzcheck_status bzcheck_scenario(size_t index, struct bzcheck_scenario *scenario, size_t size);

#ifdef __cplusplus
}
#endif

#endif
