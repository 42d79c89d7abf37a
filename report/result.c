/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

const char *bzc_run_result(const struct bzc_run_facts *run)
{
    if (run->plan_error.status != BZC_OK)
        return "not-started";
    if (run->running.reached)
        return "running";
    if (run->stop.reason == BZC_STOP_OBSERVER && !run->entry.reached)
        return "hand-over";
    return bzc_stop_name(run->stop.reason);
}
