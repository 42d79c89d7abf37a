/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INT 15h: memory sizes and the memory map, block move, A20, system configuration.
 * Sources: ACPI specification, "INT 15H, E820H - Query System Address Map"; Ralf Brown's Interrupt List, INT 15.
 */
#include "base/bytes.h"
#include "devices/bios_data.h"
#include "devices/bios_service.h"

#define UNSUPPORTED 0x86u
#define SMAP        0x534d4150u
#define MIB         (1ull << 20)

static enum bzc_bios_result refused(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    return bzc_bios_refuse(regs, UNSUPPORTED);
}

static enum bzc_bios_result done(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    return bzc_bios_done(regs, 0);
}

static uint64_t ram_above(const struct bzc_bios *bios, uint64_t phys)
{
    return bzc_memory_map_ram_end(bios->config.map, phys) - phys;
}

static uint16_t at_most(uint64_t value, uint16_t limit)
{
    return value > limit ? limit : (uint16_t)value;
}

/* AX=24xxh */

static enum bzc_bios_result a20_close(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_a20_set(bios->config.a20, false, "INT 15h");
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result a20_open(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_a20_set(bios->config.a20, true, "INT 15h");
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result a20_query(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->eax, bios->config.a20->open);
    bzc_set_low16(&regs->ecx, 0); /* the keyboard controller is ready */
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result a20_support(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_set_low16(&regs->ebx, 0x0003); /* keyboard controller and port 92h */
    return bzc_bios_done(regs, 0);
}

/* AH=4Fh: CF set asks the keyboard interrupt to go on with the scan code in AL. */
static enum bzc_bios_result keyboard_intercept(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    bzc_bios_set_carry(regs, true);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result wait(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint64_t us = (uint64_t)bzc_low16(regs->ecx) << 16 | bzc_low16(regs->edx);

    bios->config.clock->ticks += us * BZC_CLOCK_HZ / 1000000;
    return bzc_bios_done(regs, 0);
}

/* AH=87h */

struct descriptor {
    uint32_t base, limit;
};

static bool read_descriptor(const struct bzc_bios *bios, uint32_t phys, struct descriptor *d)
{
    uint8_t raw[8];

    if (!bios->config.host->read(bios->config.host->context, phys, raw, sizeof(raw)))
        return false;
    d->base = (bzc_load32(raw + 2) & 0xffffff) | (uint32_t)raw[7] << 24;
    d->limit = bzc_load16(raw) | (uint32_t)(raw[6] & 0x0f) << 16;
    if (raw[6] & 0x80)
        d->limit = d->limit << 12 | 0xfff;
    return true;
}

static bool move(const struct bzc_bios *bios, uint32_t to, uint32_t from, uint32_t size)
{
    const struct bzc_device_host *host = bios->config.host;
    uint8_t buffer[4096];
    /* REP MOVSW upwards: where the target overlaps the source from above, each word is copied before it is read. */
    uint32_t step = to - from < size ? 2 : sizeof(buffer);

    for (uint32_t done_bytes = 0; done_bytes < size; done_bytes += step) {
        uint32_t n = size - done_bytes < step ? size - done_bytes : step;

        if (!host->read(host->context, (uint64_t)from + done_bytes, buffer, n) ||
            !host->write(host->context, (uint64_t)to + done_bytes, buffer, n))
            return false;
    }
    return true;
}

static enum bzc_bios_result block_move(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint32_t table = bzc_seg_phys(regs->es, regs->esi);
    uint32_t size = bzc_low16(regs->ecx) * 2u;
    struct descriptor from, to;

    /* 02h: an exception came up, which is what a size beyond the limits gives on a real machine. */
    if (!read_descriptor(bios, table + 0x10, &from) || !read_descriptor(bios, table + 0x18, &to) || size > 0x10000 ||
        (size && (size - 1 > from.limit || size - 1 > to.limit)) || !move(bios, to.base, from.base, size)) {
        bzc_bios_refuse(regs, 0x02);
        regs->flags &= (uint16_t)~BZC_FLAG_ZF;
        return BZC_BIOS_DONE;
    }
    regs->flags |= BZC_FLAG_ZF;
    return bzc_bios_done(regs, 0);
}

/* AH=88h: KiB above 1 MiB; never more than 63 MiB, which is what old callers can hold. */
static enum bzc_bios_result memory_88(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    bzc_set_low16(&regs->eax, at_most(ram_above(bios, MIB) >> 10, 0xfc00));
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

/* AH=8Ah: the same, with DX:AX wide enough. */
static enum bzc_bios_result memory_8a(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint64_t kib = ram_above(bios, MIB) >> 10;

    bzc_set_low16(&regs->eax, (uint16_t)kib);
    bzc_set_low16(&regs->edx, (uint16_t)(kib >> 16));
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

/* AX=E801h: AX and CX are KiB from 1 to 16 MiB, BX and DX blocks of 64 KiB above. */
static enum bzc_bios_result memory_e801(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint16_t low = at_most(ram_above(bios, MIB) >> 10, 15 * 1024);
    uint16_t high = at_most(ram_above(bios, 16 * MIB) >> 16, 0xffff);

    bzc_set_low16(&regs->eax, low);
    bzc_set_low16(&regs->ecx, low);
    bzc_set_low16(&regs->ebx, high);
    bzc_set_low16(&regs->edx, high);
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

/* AX=E820h: EBX is the index of the range, and of the next one on return, 0 after the last. */
static enum bzc_bios_result memory_e820(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    const struct bzc_memory_map *map = bios->config.map;
    uint32_t index = regs->ebx, size = regs->ecx >= 24 ? 24 : 20;
    uint8_t entry[24];

    if (regs->edx != SMAP || regs->ecx < 20 || index >= map->count)
        return bzc_bios_refuse(regs, UNSUPPORTED);
    bzc_store64(entry, map->range[index].start);
    bzc_store64(entry + 8, map->range[index].size);
    bzc_store32(entry + 16, map->range[index].type);
    bzc_store32(entry + 20, 1); /* extended attributes: the range is enabled */
    if (!bios->config.host->write(bios->config.host->context, bzc_seg_phys(regs->es, regs->edi), entry, size))
        return bzc_bios_refuse(regs, UNSUPPORTED);
    regs->eax = SMAP;
    regs->ecx = size;
    regs->ebx = index + 1 < map->count ? index + 1 : 0;
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

static enum bzc_bios_result configuration(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    (void)bios;
    regs->es = BZC_BIOS_ROM_SEG;
    bzc_set_low16(&regs->ebx, BZC_ROM_CONFIG);
    return bzc_bios_done(regs, 0);
}

static enum bzc_bios_result ebda_segment(struct bzc_bios *bios, struct bzc_bios_regs *regs)
{
    uint16_t segment = bzc_bios_get16(bios, BZC_BDA_EBDA_SEGMENT);

    if (!segment)
        return bzc_bios_refuse(regs, UNSUPPORTED);
    regs->es = segment;
    bzc_bios_set_carry(regs, false);
    return BZC_BIOS_DONE;
}

static const struct bzc_bios_service service[] = {
    {0x2400, 0xffff, "INT 15h AX=2400h", a20_close},
    {0x2401, 0xffff, "INT 15h AX=2401h", a20_open},
    {0x2402, 0xffff, "INT 15h AX=2402h", a20_query},
    {0x2403, 0xffff, "INT 15h AX=2403h", a20_support},
    {0x4100, 0xff00, "INT 15h AH=41h", refused}, /* wait for an event */
    {0x4f00, 0xff00, "INT 15h AH=4Fh", keyboard_intercept},
    {0x5300, 0xff00, "INT 15h AH=53h", refused}, /* APM */
    {0x8300, 0xff00, "INT 15h AH=83h", refused}, /* event after an interval */
    {0x8400, 0xff00, "INT 15h AH=84h", refused}, /* joystick */
    {0x8500, 0xff00, "INT 15h AH=85h", done},    /* SysRq key */
    {0x8600, 0xff00, "INT 15h AH=86h", wait},
    {0x8700, 0xff00, "INT 15h AH=87h", block_move},
    {0x8800, 0xff00, "INT 15h AH=88h", memory_88},
    {0x8900, 0xff00, "INT 15h AH=89h", refused}, /* switch to protected mode */
    {0x8a00, 0xff00, "INT 15h AH=8Ah", memory_8a},
    {0x9000, 0xff00, "INT 15h AH=90h", done}, /* device busy */
    {0x9100, 0xff00, "INT 15h AH=91h", done}, /* device ready */
    {0xc000, 0xff00, "INT 15h AH=C0h", configuration},
    {0xc100, 0xff00, "INT 15h AH=C1h", ebda_segment},
    {0xc200, 0xff00, "INT 15h AH=C2h", refused}, /* PS/2 mouse */
    {0xc300, 0xff00, "INT 15h AH=C3h", refused}, /* watchdog */
    {0xc400, 0xff00, "INT 15h AH=C4h", refused}, /* Micro Channel */
    {0xc700, 0xff00, "INT 15h AH=C7h", refused}, /* memory map before E820h */
    {0xd800, 0xff00, "INT 15h AH=D8h", refused}, /* EISA */
    {0xda88, 0xffff, "INT 15h AX=DA88h", refused},
    {0xe801, 0xffff, "INT 15h AX=E801h", memory_e801},
    {0xe820, 0xffff, "INT 15h AX=E820h", memory_e820},
    {0xe881, 0xffff, "INT 15h AX=E881h", refused},
    {0xe980, 0xffff, "INT 15h AX=E980h", refused}, /* Intel SpeedStep */
    {0xec00, 0xffff, "INT 15h AX=EC00h", refused}, /* target operating mode, AMD */
    {0xffc0, 0xffff, "INT 15h AX=FFC0h", refused}, /* NCR Voyager, asked by Linux 2.6 */
};

const struct bzc_bios_interrupt bzc_bios_int15 = {0x15, "INT 15h", service, sizeof(service) / sizeof(service[0]),
                                                  UNSUPPORTED};
