/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which runs an image gets: scenarios, load addresses, KASLR seeds; and for a relocatable kernel the addresses that
 * probe what the protocol says of relocation (boot.rst, fields kernel_alignment, relocatable_kernel, min_alignment,
 * pref_address, init_size).
 */
#ifndef BZC_VERIFY_CHOICES_H
#define BZC_VERIFY_CHOICES_H

#include "verify/verify.h"

/* One run to be made. */
struct bzc_choice {
    const char *name;                     /* of the scenario or loader profile */
    const struct bzc_scenario *scenario;  /* NULL with a loader profile */
    const struct bzc_boot_loader *loader; /* a profile; NULL: the scenario's */
    enum bzc_expectation expect;
    char purpose[BZC_PURPOSE_SIZE];
    uint64_t load_addr;        /* 0: where the loader puts it */
    uint64_t kernel_alignment; /* not 0: the loader writes it */
    bool force;                /* see struct bzc_plan_options */
    bool kaslr;
    uint64_t seed;
    /* The decompressor's messages count: earlyprintk on the command line for the serial line, and a text screen. */
    bool early_messages;
    uint64_t ram_from, ram_size; /* RAM that this run needs besides the user's map; size 0: none */
};

struct bzc_choices {
    struct bzc_choice choice[BZC_RUNS_MAX];
    size_t count;
    size_t left_out; /* runs that BZC_RUNS_MAX has no room for */
};

/*
 * The runs that suit image and options: those that need no unpacked payload, so that they can begin while it is
 * unpacked; or (`with_payload`) those that do, facts->oracle being there or known to be missing.
 */
void bzc_choices_make(const struct bzc_image_facts *facts, const struct bzc_verify_options *options, bool with_payload,
                      struct bzc_choices *choices);

/*
 * Runs that only make sense now that the others were made: one step above an address that the image's own check was to
 * refuse and did not. *choices then holds only them; count 0: none.
 */
void bzc_choices_follow_up(const struct bzc_facts *facts, const struct bzc_verify_options *options,
                           struct bzc_choices *choices);

/* verify/relocation.c: adds the addresses that probe relocation. */
void bzc_choices_relocation(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                            struct bzc_choices *choices);

#endif
