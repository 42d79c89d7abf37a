/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INT 12h: memory below 1 MiB in KiB. */
#include "devices/bios_data.h"
#include "devices/bios_service.h"

static enum bzc_bios_result low_memory(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->eax, bzc_bios_get16(bios, BZC_BDA_LOW_KIB));
    return BZC_BIOS_DONE;
}

static const struct bzc_bios_service service[] = {{0, 0, "INT 12h memory size", low_memory}};

const struct bzc_bios_interrupt bzc_bios_int12 = {0x12, "INT 12h", service, 1, -1};
