/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delivery of interrupts and exceptions: the engine reports them, this module does what the CPU would do, through the
 * IVT or the guest's IDT. Sources: Intel SDM volume 3A, "Interrupt and Exception Handling", "IA-32e Mode IDT", and
 * volume 3B, "Interrupt and Exception Handling in Real-Address Mode".
 */
#ifndef BZC_EMU_INTERRUPTS_H
#define BZC_EMU_INTERRUPTS_H

#include "base/status.h"
#include "base/x86.h"
#include "emu/soft_tlb.h"

struct bzc_interrupt {
    uint8_t vector;
    bool has_error_code;
    uint32_t error_code;
};

/* True for the exceptions that push an error code: 8, 10-14, 17. */
bool bzc_exception_has_error_code(uint8_t vector);
/* "#DE", "#UD", "#GP", "#PF", ...; "exception" when the vector has no name. */
const char *bzc_exception_name(uint8_t vector);

/*
 * Changes *regs and the guest's stack as the CPU does when it enters the handler. False, with *regs unchanged, when the
 * handler cannot be entered (no IDT entry, not present, bad segment, stack not writable, a task gate, or a change of
 * privilege, which needs a TSS that bzcheck does not model); `why` then says what is missing (static text).
 */
bool bzc_interrupt_deliver(struct bzc_soft_tlb *tlb, struct bzc_regs *regs, const struct bzc_interrupt *interrupt,
                           const char **why);

#endif
