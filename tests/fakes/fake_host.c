/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool inside(uint64_t phys, size_t size)
{
    return phys <= FAKE_MEMORY_SIZE && size <= FAKE_MEMORY_SIZE - phys;
}

static bool fake_read(void *context, uint64_t phys, void *data, size_t size)
{
    struct fake_host *fake = context;

    if (!inside(phys, size))
        return false;
    memcpy(data, fake->memory + phys, size);
    return true;
}

static bool fake_write(void *context, uint64_t phys, const void *data, size_t size)
{
    struct fake_host *fake = context;

    if (!inside(phys, size))
        return false;
    memcpy(fake->memory + phys, data, size);
    return true;
}

static void fake_set_a20(void *context, bool open, const char *by)
{
    struct fake_host *fake = context;

    fake->a20 = open;
    fake->a20_by = by;
    fake->a20_changes++;
}

static void fake_reset(void *context, const char *by)
{
    struct fake_host *fake = context;

    fake->resets++;
    fake->reset_by = by;
}

static void fake_console(void *context, enum bzc_console source, uint8_t byte)
{
    struct fake_host *fake = context;

    if (fake->console_size[source] + 1 < FAKE_CONSOLE_SIZE)
        fake->console[source][fake->console_size[source]++] = (char)byte;
}

struct fake_host *fake_host_new(void)
{
    struct fake_host *fake = calloc(1, sizeof(*fake));

    assert_non_null(fake);
    fake->host = (struct bzc_device_host){.context = fake,
                                          .read = fake_read,
                                          .write = fake_write,
                                          .set_a20 = fake_set_a20,
                                          .reset = fake_reset,
                                          .console = fake_console};
    return fake;
}

void fake_host_free(struct fake_host *fake)
{
    free(fake);
}

uint8_t fake_in(const struct bzc_ports *ports, uint16_t port)
{
    const struct bzc_port_range *range = bzc_ports_find(ports, port);

    assert_non_null(range);
    return (uint8_t)range->in(range->state, (uint16_t)(port - range->first), 1);
}

void fake_out(const struct bzc_ports *ports, uint16_t port, uint8_t value)
{
    const struct bzc_port_range *range = bzc_ports_find(ports, port);

    assert_non_null(range);
    range->out(range->state, (uint16_t)(port - range->first), 1, value);
}
