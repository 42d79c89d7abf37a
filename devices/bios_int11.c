/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INT 11h: the equipment word. */
#include "devices/bios_data.h"
#include "devices/bios_service.h"

static enum bzc_bios_result equipment(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->eax, bzc_bios_get16(bios, BZC_BDA_EQUIPMENT));
    return BZC_BIOS_DONE;
}

static const struct bzc_bios_service service[] = {{0, 0, "INT 11h equipment", equipment}};

const struct bzc_bios_interrupt bzc_bios_int11 = {0x11, "INT 11h", service, 1, -1};
