/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways in, one row each (verify/scenarios.c). A scenario is the loader that the protocol describes for that way,
 * and a function that says which images promise it. `bzcheck verify` runs all that an image promises.
 */
#ifndef BZC_VERIFY_SCENARIO_H
#define BZC_VERIFY_SCENARIO_H

#include "loader/boot_loader.h"
#include "verify/facts.h"

struct bzc_scenario {
    const char *name;
    const char *summary;
    const char *promised_by; /* which images promise it, for people */
    enum bzc_path path;
    bool on_request; /* not part of what `verify` runs by itself */
    bool relocates;  /* the loader may choose the address of the protected-mode part */
    enum bzc_expectation expect;
    /* The loader; *loader is bzc_boot_loader_init(path), this changes what is special. May be NULL. */
    void (*adapt)(struct bzc_boot_loader *loader);
    /* Why the image does not promise this way, or NULL when it does. `facts->oracle` may be missing. */
    const char *(*missing)(const struct bzc_image_facts *facts);
    bool needs_payload; /* the plan needs the unpacked payload: facts->oracle */
};
extern const struct bzc_scenario bzc_scenarios[];
extern const size_t bzc_scenario_count;
const struct bzc_scenario *bzc_scenario_find(const char *name);

#endif
