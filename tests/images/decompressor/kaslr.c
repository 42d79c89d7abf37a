/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel address space layout randomisation, reduced to what a test needs: entropy from the 8254 timer only, every
 * aligned place in RAM below 4 GiB that holds the kernel and hits nothing that is still needed.
 */
#include "../boot_params.h"
#include "params.h"
#include "stub.h"

#ifdef __x86_64__
#define PHYSICAL_END 0x100000000ull /* what the page tables of head64.S map */
#define VIRTUAL_SIZE 0x40000000ull  /* KERNEL_IMAGE_SIZE under CONFIG_RANDOMIZE_BASE */
#else
#define PHYSICAL_END 0x20000000ull
#endif

struct area {
    uint64_t start, end;
};

/* Read-back command for status and count of counter 0; bit 6 of the status says that the count is not loaded yet. */
static uint32_t random_number(void)
{
    uint8_t status;
    uint32_t timer;

    do {
        outb(0xc2, 0x43);
        status = inb(0x40);
        timer = inb(0x40);
        timer |= (uint32_t)inb(0x40) << 8;
    } while (status & 0x40);
    timer *= 0x9e3779b1u; /* spread the 16 bits */
    return timer ^ timer >> 15;
}

static bool is_free(uint64_t start, uint64_t size, const struct area *taken, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (start < taken[i].end && taken[i].start < start + size)
            return false;
    }
    return true;
}

/* The place number `wanted`, or, when there are fewer, their number in *count. */
static uint64_t find_place(const struct stub_params *params, const uint8_t *boot_params, const struct area *taken,
                           unsigned taken_count, uint32_t wanted, uint32_t *count)
{
    uint64_t mask = params->alignment - 1;

    *count = 0;
    for (unsigned i = 0; i < boot_params[BP_E820_ENTRIES]; i++) {
        const uint8_t *entry = boot_params + BP_E820_TABLE + 20 * i;
        uint64_t place = load32(entry) | (uint64_t)load32(entry + 4) << 32;
        uint64_t end = place + (load32(entry + 8) | (uint64_t)load32(entry + 12) << 32);

        if (load32(entry + 16) != 1)
            continue;
        if (place < params->load_addr)
            place = params->load_addr;
        if (end > PHYSICAL_END)
            end = PHYSICAL_END;
        for (place = (place + mask) & ~mask; place + params->init_size <= end; place += mask + 1) {
            if (!is_free(place, params->init_size, taken, taken_count))
                continue;
            if (*count == wanted)
                return place;
            ++*count;
        }
    }
    return 0;
}

uint8_t *choose_physical(const struct stub_params *params, const uint8_t *boot_params, uint8_t *output,
                         const uint8_t *self)
{
    uint32_t ramdisk = load32(boot_params + BP_RAMDISK_IMAGE), line = load32(boot_params + BP_CMD_LINE_PTR);
    const struct area taken[] = {
        {(uintptr_t)self, (uintptr_t)self + params->work + params->work_size},
        {(uintptr_t)boot_params, (uintptr_t)boot_params + BP_SIZE},
        {ramdisk, (uint64_t)ramdisk + load32(boot_params + BP_RAMDISK_SIZE)},
        {line, (uint64_t)line + 2048},
    };
    uint32_t count, ignored;

    find_place(params, boot_params, taken, 4, UINT32_MAX, &count);
    if (!count)
        return output;
    return (uint8_t *)(uintptr_t)find_place(params, boot_params, taken, 4, random_number() % count, &ignored);
}

uintptr_t choose_virtual(const struct stub_params *params)
{
#ifdef __x86_64__
    uint64_t places = (VIRTUAL_SIZE - params->load_addr - params->kernel_size) / params->alignment;

    return (1 + random_number() % places) * params->alignment; /* never 0: a test wants to see relocation */
#else
    (void)params;
    return 0;
#endif
}
