/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INT 16h: the keyboard. Nobody types; the only keys are those that the guest itself stores by AH=05h.
 * Source: Ralf Brown's Interrupt List, INT 16.
 */
#include "devices/bios_data.h"
#include "devices/bios_service.h"

/* Offsets from 400h, as the BDA has them. False when the buffer is empty. */
static bool next_key(const struct bzc_bios *bios, uint16_t *head, uint16_t *key)
{
    *head = bzc_bios_get16(bios, BZC_BDA_KEYBOARD_HEAD);
    if (*head == bzc_bios_get16(bios, BZC_BDA_KEYBOARD_TAIL))
        return false;
    *key = bzc_bios_get16(bios, BZC_BDA + (uint32_t)*head);
    return true;
}

static uint16_t advance(const struct bzc_bios *bios, uint16_t offset)
{
    uint16_t next = (uint16_t)(offset + 2);

    return next >= bzc_bios_get16(bios, BZC_BDA_KEYBOARD_END) ? bzc_bios_get16(bios, BZC_BDA_KEYBOARD_START) : next;
}

static enum bzc_bios_result read_key(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint16_t head, key;

    if (!next_key(bios, &head, &key))
        return BZC_BIOS_WAITS;
    bzc_bios_put16(bios, BZC_BDA_KEYBOARD_HEAD, advance(bios, head));
    bzc_set_low16(&regs->eax, key);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result check_key(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint16_t head, key;

    if (next_key(bios, &head, &key)) {
        bzc_set_low16(&regs->eax, key);
        regs->flags &= (uint16_t)~BZC_FLAG_ZF;
    } else {
        regs->flags |= BZC_FLAG_ZF;
    }
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result shift_flags(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low8(&regs->eax, bzc_bios_get8(bios, BZC_BDA_KEYBOARD_FLAGS));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result extended_shift_flags(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->eax, bzc_bios_get16(bios, BZC_BDA_KEYBOARD_FLAGS));
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result typematic(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    (void)regs;
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result store_key(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint16_t tail = bzc_bios_get16(bios, BZC_BDA_KEYBOARD_TAIL);
    uint16_t next = advance(bios, tail);
    bool full = next == bzc_bios_get16(bios, BZC_BDA_KEYBOARD_HEAD);

    if (!full) {
        bzc_bios_put16(bios, BZC_BDA + (uint32_t)tail, bzc_low16(regs->ecx));
        bzc_bios_put16(bios, BZC_BDA_KEYBOARD_TAIL, next);
    }
    bzc_set_low8(&regs->eax, full);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result functions(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low8(&regs->eax, 0x34); /* AH=10h-12h, AH=0Ah, AX=0305h */
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result keyboard_id(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low16(&regs->ebx, 0x41ab); /* a 101-key keyboard, translated */
    return BZC_BIOS_DONE;
}

static const struct bzc_bios_service service[] = {
    {0x0000, 0xff00, "INT 16h AH=00h", read_key},    {0x0100, 0xff00, "INT 16h AH=01h", check_key},
    {0x0200, 0xff00, "INT 16h AH=02h", shift_flags}, {0x0300, 0xff00, "INT 16h AH=03h", typematic},
    {0x0500, 0xff00, "INT 16h AH=05h", store_key},   {0x0900, 0xff00, "INT 16h AH=09h", functions},
    {0x0a00, 0xff00, "INT 16h AH=0Ah", keyboard_id}, {0x1000, 0xff00, "INT 16h AH=10h", read_key},
    {0x1100, 0xff00, "INT 16h AH=11h", check_key},   {0x1200, 0xff00, "INT 16h AH=12h", extended_shift_flags},
};

const struct bzc_bios_interrupt bzc_bios_int16 = {0x16, "INT 16h", service, sizeof(service) / sizeof(service[0]), -1};
