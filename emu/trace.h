/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event stream of a run: fixed-size records in the order in which things happened. Sinks read it and never change
 * the run. The same image and options give the same stream.
 */
#ifndef BZC_EMU_TRACE_H
#define BZC_EMU_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum bzc_access { BZC_ACCESS_READ, BZC_ACCESS_WRITE, BZC_ACCESS_FETCH };
/* "read", "write", "fetch". */
const char *bzc_access_name(enum bzc_access access);

enum bzc_event_kind {
    BZC_EVENT_PORT_IN,       /* a: port, b: value, size, name: device or NULL (nobody answers) */
    BZC_EVENT_PORT_OUT,      /* the same */
    BZC_EVENT_BIOS_CALL,     /* a: vector, b: EAX before, c: 1 when nobody knows it, name: the service */
    BZC_EVENT_INTERRUPT,     /* a: vector, delivered to the guest's own handler at b (linear) */
    BZC_EVENT_PAGE_FAULT,    /* a: linear address, b: error code; delivered to the guest's handler */
    BZC_EVENT_A20,           /* a: 1 open, 0 closed; name: by what */
    BZC_EVENT_ROM_WRITE,     /* a: physical page; ip: the instruction */
    BZC_EVENT_OPEN_BUS_READ, /* a: physical page; ip: the instruction */
    BZC_EVENT_CONSOLE, /* the guest printed: a: byte, b: 1 when it went to the screen, 0 for a serial line or debug port
                        */
    BZC_EVENT_RESET,   /* name: by what */
    BZC_EVENT_CODE,    /* first fetch from a page: a: physical address, ip: linear address */
    BZC_EVENT_STOP,    /* a: enum bzc_stop_reason */
};

struct bzc_event {
    uint64_t seq; /* from 0 */
    enum bzc_event_kind kind;
    unsigned size;
    uint64_t ip; /* linear address of the instruction, 0 where not known */
    uint64_t a, b, c;
    const char *name; /* static text or NULL */
};

/* Somebody who wants to see events. */
struct bzc_trace_sink {
    void *context;
    void (*event)(void *context, const struct bzc_event *event);
};

#endif
