/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INT 13h: disks, of which this PC has none. Source: Ralf Brown's Interrupt List, INT 13. */
#include "devices/bios_data.h"
#include "devices/bios_service.h"

#define STATUS_INVALID 0x01u /* invalid function or parameter: what BIOSes say of a drive that is not there */

static uint32_t status_address(const struct bzc_bios_regs *regs)
{
    return bzc_low8(regs->edx) & 0x80 ? BZC_BDA_DISK_STATUS : BZC_BDA_FLOPPY_STATUS;
}

static enum bzc_bios_result reset(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_bios_put8(bios, status_address(regs), 0);
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result last_status(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint8_t status = bzc_bios_get8(bios, status_address(regs));

    bzc_bios_done(regs, status);
    bzc_bios_set_carry(regs, status != 0);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result no_drive(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_bios_put8(bios, status_address(regs), STATUS_INVALID);
    return bzc_bios_refuse(regs, STATUS_INVALID);
}

static const struct bzc_bios_service service[] = {
    {0x0000, 0xff00, "INT 13h AH=00h", reset},    {0x0100, 0xff00, "INT 13h AH=01h", last_status},
    {0x0200, 0xff00, "INT 13h AH=02h", no_drive}, {0x0300, 0xff00, "INT 13h AH=03h", no_drive},
    {0x0400, 0xff00, "INT 13h AH=04h", no_drive}, {0x0500, 0xff00, "INT 13h AH=05h", no_drive},
    {0x0800, 0xff00, "INT 13h AH=08h", no_drive}, {0x0900, 0xff00, "INT 13h AH=09h", no_drive},
    {0x0c00, 0xff00, "INT 13h AH=0Ch", no_drive}, {0x0d00, 0xff00, "INT 13h AH=0Dh", no_drive},
    {0x1000, 0xff00, "INT 13h AH=10h", no_drive}, {0x1100, 0xff00, "INT 13h AH=11h", no_drive},
    {0x1500, 0xff00, "INT 13h AH=15h", no_drive}, {0x1600, 0xff00, "INT 13h AH=16h", no_drive},
    {0x4100, 0xff00, "INT 13h AH=41h", no_drive}, {0x4200, 0xff00, "INT 13h AH=42h", no_drive},
    {0x4300, 0xff00, "INT 13h AH=43h", no_drive}, {0x4400, 0xff00, "INT 13h AH=44h", no_drive},
    {0x4800, 0xff00, "INT 13h AH=48h", no_drive}, {0x4b00, 0xff00, "INT 13h AH=4Bh", no_drive},
};

const struct bzc_bios_interrupt bzc_bios_int13 = {0x13, "INT 13h", service, sizeof(service) / sizeof(service[0]),
                                                  STATUS_INVALID};
