/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: loader, plan, machine, tracker, and the facts that come out. */
#ifndef BZC_VERIFY_RUN_H
#define BZC_VERIFY_RUN_H

#include "verify/choices.h"

struct bzc_run_request {
    const struct bzc_choice *choice;
    const struct bzc_verify_options *options;
    const struct bzc_image_facts *facts; /* read, perhaps not unpacked yet */
    bool expects_linux;
    const struct bzc_oracle *(*await_oracle)(void *context); /* see struct bzc_tracker */
    void *oracle_context;
};

/*
 * Carries out the run; *facts (zeroed by the caller) is complete afterwards, also when the plan was refused
 * (plan_error). Errors: BZC_ERR_MEMORY, BZC_ERR_ENGINE.
 */
enum bzc_status bzc_run_execute(const struct bzc_run_request *request, struct bzc_run_facts *facts,
                                struct bzc_error *err);

#endif
