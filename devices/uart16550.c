/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "devices/uart16550.h"

#define LCR_DLAB     0x80u
#define MCR_LOOPBACK 0x10u
#define LSR_READY    0x01u
#define LSR_EMPTY    0x60u /* THR and transmitter empty */
#define FCR_ENABLE   0x01u

static void transmit(struct bzc_uart16550 *uart, uint8_t byte)
{
    if (uart->mcr & MCR_LOOPBACK) {
        uart->received = byte;
        uart->ready = true;
    } else {
        uart->host->console(uart->host->context, BZC_CONSOLE_UART, byte);
    }
}

/* In loopback the four modem outputs are wired to the inputs: RTS-CTS, DTR-DSR, OUT1-RI, OUT2-DCD. */
static uint8_t modem_status(const struct bzc_uart16550 *uart)
{
    uint8_t m = uart->mcr;

    if (!(m & MCR_LOOPBACK))
        return 0xb0; /* CTS, DSR, DCD: someone listens */
    return (uint8_t)((m & 2) << 3 | (m & 1) << 5 | (m & 4) << 4 | (m & 8) << 4);
}

static uint32_t uart_in(void *state, uint16_t offset, unsigned size)
{
    struct bzc_uart16550 *uart = state;

    (void)size;
    switch (offset) {
    case 0:
        if (uart->lcr & LCR_DLAB)
            return uart->divisor & 0xff;
        uart->ready = false;
        return uart->received;
    case 1:
        return uart->lcr & LCR_DLAB ? uart->divisor >> 8 : uart->ier;
    case 2: /* no interrupt pending */
        return uart->fcr & FCR_ENABLE ? 0xc1 : 0x01;
    case 3:
        return uart->lcr;
    case 4:
        return uart->mcr;
    case 5:
        return LSR_EMPTY | (uart->ready ? LSR_READY : 0);
    case 6:
        return modem_status(uart);
    default:
        return uart->scratch;
    }
}

static void uart_out(void *state, uint16_t offset, unsigned size, uint32_t value)
{
    struct bzc_uart16550 *uart = state;
    uint8_t byte = (uint8_t)value;

    (void)size;
    switch (offset) {
    case 0:
        if (uart->lcr & LCR_DLAB)
            uart->divisor = (uint16_t)((uart->divisor & 0xff00) | byte);
        else
            transmit(uart, byte);
        break;
    case 1:
        if (uart->lcr & LCR_DLAB)
            uart->divisor = (uint16_t)((uart->divisor & 0x00ff) | byte << 8);
        else
            uart->ier = byte & 0x0f;
        break;
    case 2:
        uart->fcr = byte;
        break;
    case 3:
        uart->lcr = byte;
        break;
    case 4:
        uart->mcr = byte & 0x1f;
        break;
    case 7:
        uart->scratch = byte;
        break;
    default: /* line and modem status are read-only */
        break;
    }
}

void bzc_uart16550_init(struct bzc_uart16550 *uart, const struct bzc_device_host *host)
{
    *uart = (struct bzc_uart16550){.host = host, .divisor = 12 /* 9600 baud, as a BIOS sets it */, .lcr = 0x03};
}

bool bzc_uart16550_attach(struct bzc_uart16550 *uart, struct bzc_ports *ports, const char *name, uint16_t first)
{
    struct bzc_port_range range = {
        .name = name, .first = first, .count = 8, .width = 1, .in = uart_in, .out = uart_out, .state = uart};

    return bzc_ports_add(ports, &range);
}
