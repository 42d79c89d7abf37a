/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/i8042.h"

#include <string.h>

#define STATUS_OUTPUT_FULL 0x01u
#define STATUS_SYSTEM_FLAG 0x04u /* in the status register and in the command byte */
#define STATUS_COMMAND     0x08u
#define STATUS_UNLOCKED    0x10u

#define COMMAND_BYTE_NO_KEYBOARD 0x10u
#define COMMAND_BYTE_NO_AUX      0x20u
#define COMMAND_BYTE_TRANSLATE   0x40u

#define OUTPUT_PORT_RUN  0x01u /* low: CPU reset */
#define OUTPUT_PORT_A20  0x02u
#define OUTPUT_PORT_FULL 0x10u

#define KEYBOARD_ACK 0xfau

static void push(struct bzc_i8042 *kbc, uint8_t byte)
{
    if (kbc->count == BZC_I8042_QUEUE_SIZE)
        return;
    kbc->queue[(kbc->head + kbc->count) % BZC_I8042_QUEUE_SIZE] = byte;
    kbc->count++;
}

static void keyboard_byte(struct bzc_i8042 *kbc, uint8_t byte)
{
    uint8_t waiting = kbc->keyboard_waiting;

    kbc->keyboard_waiting = 0;
    kbc->ram[0] &= (uint8_t)~COMMAND_BYTE_NO_KEYBOARD;
    if (byte == 0xee) {
        push(kbc, 0xee);
        return;
    }
    push(kbc, KEYBOARD_ACK);
    if (waiting) {
        if (waiting == 0xf0 && byte == 0)
            push(kbc, kbc->ram[0] & COMMAND_BYTE_TRANSLATE ? 0x41 : 0x02);
        return;
    }
    switch (byte) {
    case 0xed: /* indicators */
    case 0xf0: /* scan code set */
    case 0xf3: /* typematic rate */
        kbc->keyboard_waiting = byte;
        break;
    case 0xf2: /* identify */
        push(kbc, 0xab);
        push(kbc, kbc->ram[0] & COMMAND_BYTE_TRANSLATE ? 0x41 : 0x83);
        break;
    case 0xff: /* reset: self-test passed */
        push(kbc, 0xaa);
        break;
    default:
        break;
    }
}

static void output_port(struct bzc_i8042 *kbc, uint8_t byte)
{
    bzc_a20_set(kbc->a20, byte & OUTPUT_PORT_A20, "8042");
    if (!(byte & OUTPUT_PORT_RUN))
        kbc->host->reset(kbc->host->context, "8042");
}

static void data_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_i8042 *kbc = state;
    uint8_t byte = (uint8_t)value, command = kbc->awaiting;

    (void)offset;
    (void)size;
    kbc->last_was_command = false;
    kbc->awaiting = 0;
    if (command >= 0x60 && command <= 0x7f)
        kbc->ram[command & 0x1f] = byte;
    else if (command == 0xd1)
        output_port(kbc, byte);
    else if (command == 0xd2 || command == 0xd3)
        push(kbc, byte);
    else if (command != 0xd4) /* d4: for the mouse, which is not there */
        keyboard_byte(kbc, byte);
}

static uint32_t data_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_i8042 *kbc = state;

    (void)offset;
    (void)size;
    if (kbc->count) {
        kbc->last = kbc->queue[kbc->head];
        kbc->head = (kbc->head + 1) % BZC_I8042_QUEUE_SIZE;
        kbc->count--;
    }
    return kbc->last;
}

static void command_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_i8042 *kbc = state;
    uint8_t command = (uint8_t)value;

    (void)offset;
    (void)size;
    kbc->last_was_command = true;
    kbc->awaiting = 0;
    if (command >= 0x20 && command <= 0x3f) {
        push(kbc, kbc->ram[command & 0x1f]);
        return;
    }
    if ((command >= 0x60 && command <= 0x7f) || (command >= 0xd1 && command <= 0xd4)) {
        kbc->awaiting = command;
        return;
    }
    if (command >= 0xf0) { /* pulse the output port bits whose command bit is 0 */
        if (!(command & OUTPUT_PORT_RUN))
            kbc->host->reset(kbc->host->context, "8042");
        return;
    }
    switch (command) {
    case 0xa7:
        kbc->ram[0] |= COMMAND_BYTE_NO_AUX;
        break;
    case 0xa8:
        kbc->ram[0] &= (uint8_t)~COMMAND_BYTE_NO_AUX;
        break;
    case 0xa9: /* test of the mouse interface: no error */
    case 0xab: /* test of the keyboard interface: no error */
    case 0xe0: /* test inputs */
        push(kbc, 0x00);
        break;
    case 0xaa:
        kbc->ram[0] |= STATUS_SYSTEM_FLAG;
        push(kbc, 0x55);
        break;
    case 0xad:
        kbc->ram[0] |= COMMAND_BYTE_NO_KEYBOARD;
        break;
    case 0xae:
        kbc->ram[0] &= (uint8_t)~COMMAND_BYTE_NO_KEYBOARD;
        break;
    case 0xc0: /* input port: keyboard not locked */
        push(kbc, 0x80);
        break;
    case 0xd0:
        push(kbc,
             (uint8_t)(OUTPUT_PORT_RUN | (kbc->a20->open ? OUTPUT_PORT_A20 : 0) | (kbc->count ? OUTPUT_PORT_FULL : 0)));
        break;
    case 0xdd:
        bzc_a20_set(kbc->a20, false, "8042");
        break;
    case 0xdf:
        bzc_a20_set(kbc->a20, true, "8042");
        break;
    default:
        break;
    }
}

static uint32_t status_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_i8042 *kbc = state;

    (void)offset;
    (void)size;
    return STATUS_UNLOCKED | (kbc->count ? STATUS_OUTPUT_FULL : 0) | (kbc->ram[0] & STATUS_SYSTEM_FLAG) |
           (kbc->last_was_command ? STATUS_COMMAND : 0);
}

void bzc_i8042_init(struct bzc_i8042 *kbc, struct bzc_a20 *a20, const struct bzc_device_host *host)
{
    memset(kbc, 0, sizeof(*kbc));
    kbc->a20 = a20;
    kbc->host = host;
    kbc->ram[0] = COMMAND_BYTE_TRANSLATE | COMMAND_BYTE_NO_AUX | STATUS_SYSTEM_FLAG | 0x01;
}

bool bzc_i8042_attach(struct bzc_i8042 *kbc, struct bzc_ports *ports)
{
    struct bzc_port_range data = {
        .name = "8042", .first = 0x60, .count = 1, .width = 1, .in = data_in, .out = data_out, .state = kbc};
    struct bzc_port_range command = {
        .name = "8042", .first = 0x64, .count = 1, .width = 1, .in = status_in, .out = command_out, .state = kbc};

    return bzc_ports_add(ports, &data) && bzc_ports_add(ports, &command);
}
