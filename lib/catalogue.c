/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists that need no image: rules and scenarios. */
#include "lib/handles.h"
#include "report/rule_pages.h"

size_t bzcheck_rule_count(void)
{
    return bzc_rule_count();
}

enum bzcheck_status bzcheck_rule(size_t index, struct bzcheck_rule *rule, size_t size)
{
    struct bzcheck_rule known = {0};

    if (index < bzc_rule_count()) {
        const struct bzc_rule *row = bzc_rule_at(index);
        const char *page = bzc_rule_page(row->id);

        known = (struct bzcheck_rule){
            .id = row->id,
            .name = row->name,
            .title = row->title,
            .source = row->spec,
            .page = page ? page : "",
            .severity = bzc_lib_severity(row->severity),
            .image = row->phase == BZC_PHASE_IMAGE,
        };
    }
    bzc_lib_give(rule, size, &known, sizeof(known));
    return known.id ? BZCHECK_OK : BZCHECK_ERR_ARGUMENT;
}

size_t bzcheck_scenario_count(void)
{
    return bzc_scenario_count;
}

enum bzcheck_status bzcheck_scenario(size_t index, struct bzcheck_scenario *scenario, size_t size)
{
    struct bzcheck_scenario known = {0};

    if (index < bzc_scenario_count) {
        const struct bzc_scenario *row = &bzc_scenarios[index];

        known = (struct bzcheck_scenario){
            .name = row->name,
            .summary = row->summary,
            .promised_by = row->promised_by,
            .on_request = row->on_request,
        };
    }
    bzc_lib_give(scenario, size, &known, sizeof(known));
    return known.name ? BZCHECK_OK : BZCHECK_ERR_ARGUMENT;
}
