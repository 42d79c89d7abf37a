/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the assembly part of the test kernel and its C part know of each other. */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include <stdint.h>

/* What the entry code saw, in the order in which it pushes it. */
struct entry_state {
    uintptr_t boot_params, flags, cr0, base; /* base: physical address of _text */
};

/* Runs at link-time addresses (moved by KASLR), paging on. Returns when the report is written. */
void kernel_main(const struct entry_state *entry);

/* In head*.S: pointers that the relocation table covers, and how far behind _text each must point. */
#define SLOTS 4
extern uintptr_t *const slot_pointer[SLOTS];
extern const uint32_t slot_distance[SLOTS];
/* Link-time address of _text as each kind of instruction operand has it, minus what the linker put there. */
uintptr_t text_by_immediate(void);
uintptr_t text_by_percpu(void);

#endif
