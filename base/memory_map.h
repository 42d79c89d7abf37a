/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of the emulated PC as its BIOS describes it: the e820 map (ACPI specification, "System Address Map
 * Interfaces"). One map feeds the guest's RAM, INT 15h and the checks on boot_params.e820_table.
 */
#ifndef BZC_BASE_MEMORY_MAP_H
#define BZC_BASE_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

enum bzc_e820_type {
    BZC_E820_RAM = 1,
    BZC_E820_RESERVED = 2,
    BZC_E820_ACPI = 3,
    BZC_E820_NVS = 4,
    BZC_E820_UNUSABLE = 5
};

/* [start, start+size) in physical bytes. */
struct bzc_memory_range {
    uint64_t start;
    uint64_t size;
    uint32_t type; /* enum bzc_e820_type; other values are passed to the guest as they are */
};

#define BZC_MEMORY_MAP_MAX 512 /* more than the 128 that boot_params can hold: the rest goes into setup_data */

struct bzc_memory_map {
    struct bzc_memory_range range[BZC_MEMORY_MAP_MAX]; /* ascending by start, not overlapping */
    size_t count;
};

#define BZC_MEMORY_MIN (4ull << 20)
#define BZC_MEMORY_MAX (64ull << 30)

/*
 * The map of an ordinary PC with `memory` bytes of RAM (BZC_MEMORY_MIN..BZC_MEMORY_MAX, a multiple of 4096):
 * RAM to 0x9fc00, EBDA reserved to 0xa0000, ROM reserved from 0xf0000, RAM from 1 MiB; what does not fit below
 * 0xc0000000 continues at 4 GiB, as on QEMU's "pc" machine. Errors: BZC_ERR_LIMIT.
 */
enum bzc_status bzc_memory_map_default(uint64_t memory, struct bzc_memory_map *map, struct bzc_error *err);

/*
 * Parses the text of a --memory-map file: one range a line, "START END TYPE" with END inclusive, numbers in C
 * notation, TYPE a number or one of usable reserved acpi nvs unusable; '#' starts a comment. Also takes the lines of
 * a kernel log ("BIOS-e820: [mem 0x...-0x...] usable"). Errors: BZC_ERR_FORMAT with the line number (syntax, overlap,
 * empty range, no usable RAM at 1 MiB or in the first 640 KiB), BZC_ERR_LIMIT (too many ranges, RAM over
 * BZC_MEMORY_MAX).
 */
enum bzc_status bzc_memory_map_parse(struct bzc_bytes text, struct bzc_memory_map *map, struct bzc_error *err);

/*
 * Makes [start, start+size) RAM where no range describes it yet. False, with a part of it done, when the map is full.
 */
bool bzc_memory_map_add_ram(struct bzc_memory_map *map, uint64_t start, uint64_t size);

/* True when [phys, phys+size) lies wholly in ranges of type RAM (adjacent ranges count as one). */
bool bzc_memory_map_is_ram(const struct bzc_memory_map *map, uint64_t phys, uint64_t size);
/* The end (exclusive) of the RAM that begins at or contains `phys`; `phys` itself when it is not RAM. */
uint64_t bzc_memory_map_ram_end(const struct bzc_memory_map *map, uint64_t phys);

#endif
