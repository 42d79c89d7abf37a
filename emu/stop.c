/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/stop.h"

#include <stddef.h>

static const struct {
    enum bzc_stop_reason reason;
    const char *name;
} stop_names[] = {
    {BZC_STOP_OBSERVER, "entry"},
    {BZC_STOP_HALT, "halt"},
    {BZC_STOP_BUDGET, "budget"},
    {BZC_STOP_FAULT, "fault"},
    {BZC_STOP_TRIPLE_FAULT, "triple-fault"},
    {BZC_STOP_INVALID_INSTRUCTION, "invalid-instruction"},
    {BZC_STOP_OUTSIDE_MEMORY, "outside-memory"},
    {BZC_STOP_RESET, "reset"},
    {BZC_STOP_BIOS_WAIT, "bios-wait"},
};

const char *bzc_stop_name(enum bzc_stop_reason reason)
{
    for (size_t i = 0; i < sizeof(stop_names) / sizeof(stop_names[0]); i++)
        if (stop_names[i].reason == reason)
            return stop_names[i].name;
    return "unknown";
}
