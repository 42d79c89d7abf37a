/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/pic.h"

#include <string.h>

#define CASCADE 2u /* the first chip's input that the second one drives */

/* The input to serve among the requests `irr`, or -1: in order of priority, down to what is in service exclusively. */
static int highest(const struct bzc_pic_chip *chip, uint8_t irr)
{
    for (unsigned i = 1; i <= 8; i++) {
        unsigned input = (chip->lowest + i) & 7;
        uint8_t bit = (uint8_t)(1u << input);

        if (chip->isr & bit)
            return -1;
        if (irr & bit & ~chip->imr)
            return (int)input;
    }
    return -1;
}

/* The requests a chip sees: the second chip's output is a line into the first. */
static uint8_t requests(const struct bzc_pic *pic, const struct bzc_pic_chip *chip)
{
    uint8_t irr = chip->irr;

    if (!chip->second && highest(&pic->chip[1], pic->chip[1].irr) >= 0)
        irr |= 1u << CASCADE;
    return irr;
}

static void serve(struct bzc_pic_chip *chip, unsigned input)
{
    uint8_t bit = (uint8_t)(1u << input);

    chip->irr &= (uint8_t)~bit;
    if (!chip->auto_eoi)
        chip->isr |= bit;
    else if (chip->rotate_on_auto_eoi)
        chip->lowest = (uint8_t)input;
}

void bzc_pic_raise(struct bzc_pic *pic, unsigned irq)
{
    pic->chip[irq >> 3 & 1].irr |= (uint8_t)(1u << (irq & 7));
}

bool bzc_pic_acknowledge(struct bzc_pic *pic, uint8_t *vector)
{
    struct bzc_pic_chip *chip = &pic->chip[0];
    int input = highest(chip, requests(pic, chip));

    if (input < 0)
        return false;
    serve(chip, (unsigned)input);
    if ((unsigned)input == CASCADE) {
        int behind = highest(&pic->chip[1], pic->chip[1].irr);

        /* Without a request behind it the second chip answers with its input 7: a spurious interrupt. */
        chip = &pic->chip[1];
        input = behind < 0 ? 7 : behind;
        if (behind >= 0)
            serve(chip, (unsigned)behind);
    }
    *vector = (uint8_t)(chip->base + (unsigned)input);
    return true;
}

static void end_of_interrupt(struct bzc_pic_chip *chip, uint8_t ocw2)
{
    unsigned action = ocw2 >> 5;
    unsigned input = ocw2 & 7;
    bool specific = action & 2;

    if (action == 0 || action == 4) {
        chip->rotate_on_auto_eoi = action == 4;
        return;
    }
    if (action == 6) {
        chip->lowest = (uint8_t)input;
        return;
    }
    if (!(action & 1))
        return;
    if (!specific) {
        unsigned i = 1;

        while (i <= 8 && !(chip->isr >> ((chip->lowest + i) & 7) & 1))
            i++;
        if (i > 8)
            return;
        input = (chip->lowest + i) & 7;
    }
    chip->isr &= (uint8_t) ~(1u << input);
    if (action & 4)
        chip->lowest = (uint8_t)input;
}

static void command(struct bzc_pic_chip *chip, uint8_t byte)
{
    if (byte & 0x10) { /* ICW1 */
        chip->irr = chip->isr = chip->imr = 0;
        chip->lowest = 7;
        chip->read_isr = chip->poll = chip->auto_eoi = chip->rotate_on_auto_eoi = false;
        chip->needs_icw4 = byte & 0x01;
        chip->single = byte & 0x02;
        chip->expects = 2;
    } else if (byte & 0x08) { /* OCW3 */
        chip->poll = byte & 0x04;
        if (byte & 0x02)
            chip->read_isr = byte & 0x01;
    } else {
        end_of_interrupt(chip, byte);
    }
}

static void data(struct bzc_pic_chip *chip, uint8_t byte)
{
    switch (chip->expects) {
    case 2:
        chip->base = byte & 0xf8;
        chip->expects = !chip->single ? 3 : chip->needs_icw4 ? 4 : 0;
        break;
    case 3: /* ICW3 tells how the chips are wired, which is fixed here */
        chip->expects = chip->needs_icw4 ? 4 : 0;
        break;
    case 4:
        chip->auto_eoi = byte & 0x02;
        chip->expects = 0;
        break;
    default:
        chip->imr = byte;
    }
}

static void chip_out(struct bzc_pic_chip *chip, uint16_t offset, uint32_t value)
{
    if (offset)
        data(chip, (uint8_t)value);
    else
        command(chip, (uint8_t)value);
}

static uint32_t chip_in(const struct bzc_pic *pic, struct bzc_pic_chip *chip, uint16_t offset)
{
    if (chip->poll) {
        int input = highest(chip, requests(pic, chip));

        chip->poll = false;
        if (input < 0)
            return 0;
        serve(chip, (unsigned)input);
        return 0x80u | (unsigned)input;
    }
    if (offset)
        return chip->imr;
    return chip->read_isr ? chip->isr : requests(pic, chip);
}

static void first_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_pic *pic = state;

    (void)size;
    chip_out(&pic->chip[0], offset, value);
}

static void second_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_pic *pic = state;

    (void)size;
    chip_out(&pic->chip[1], offset, value);
}

static uint32_t first_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_pic *pic = state;

    (void)size;
    return chip_in(pic, &pic->chip[0], offset);
}

static uint32_t second_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_pic *pic = state;

    (void)size;
    return chip_in(pic, &pic->chip[1], offset);
}

void bzc_pic_init(struct bzc_pic *pic)
{
    memset(pic, 0, sizeof(*pic));
    pic->chip[0] = (struct bzc_pic_chip){.base = 0x08, .imr = 0xf8, .lowest = 7};
    pic->chip[1] = (struct bzc_pic_chip){.base = 0x70, .imr = 0xff, .lowest = 7, .second = true};
}

bool bzc_pic_attach(struct bzc_pic *pic, struct bzc_ports *ports)
{
    struct bzc_port_range first = {
        .name = "PIC", .first = 0x20, .count = 2, .width = 1, .in = first_in, .out = first_out, .state = pic};
    struct bzc_port_range second = {
        .name = "PIC", .first = 0xa0, .count = 2, .width = 1, .in = second_in, .out = second_out, .state = pic};

    return bzc_ports_add(ports, &first) && bzc_ports_add(ports, &second);
}
