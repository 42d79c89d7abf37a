/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "loader/boot_loader.h"

static void find_path(const struct bzc_boot_loader *loader, const struct bzc_subject *subject,
                      struct bzc_judgement *judgement)
{
    for (size_t i = 0; i < loader->path_count; i++) {
        if (bzc_condition_holds(&loader->path[i].when, subject)) {
            judgement->has_path = true;
            judgement->path = loader->path[i].path;
            return;
        }
    }
}

static const struct bzc_demand *first_broken(const struct bzc_boot_loader *loader, const struct bzc_subject *subject,
                                             enum bzc_verdict_of_loader verdict)
{
    for (size_t i = 0; i < loader->demand_count; i++) {
        if (loader->demand[i].verdict == verdict && bzc_condition_holds(&loader->demand[i].when, subject))
            return &loader->demand[i];
    }
    return NULL;
}

void bzc_boot_loader_judge(const struct bzc_boot_loader *loader, const struct bzc_subject *subject,
                           struct bzc_judgement *judgement)
{
    const struct bzc_demand *demand;

    *judgement = (struct bzc_judgement){.verdict = BZC_LOADER_ACCEPTS};
    find_path(loader, subject, judgement);
    demand = first_broken(loader, subject, BZC_LOADER_REFUSES);
    if (!demand && !judgement->has_path) {
        judgement->verdict = BZC_LOADER_REFUSES;
        snprintf(judgement->reason, sizeof(judgement->reason), "none of its ways in fits this image");
        return;
    }
    if (!demand)
        demand = first_broken(loader, subject, BZC_LOADER_DANGEROUS);
    if (demand) {
        judgement->verdict = demand->verdict;
        memcpy(judgement->reason, demand->reason, sizeof(judgement->reason));
    }
}
