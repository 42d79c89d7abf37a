/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's physical memory: RAM as the memory map gives it, the BIOS ROM, and what a bus without a device does
 * (reads give all ones, writes vanish). Host pages are taken only when the guest touches them.
 */
#ifndef BZC_EMU_MEMORY_H
#define BZC_EMU_MEMORY_H

#include "base/memory_map.h"
#include "emu/cpu.h"

enum bzc_page_kind {
    BZC_PAGE_RAM,  /* readable, writable */
    BZC_PAGE_ROM,  /* readable; writes vanish */
    BZC_PAGE_HOLE, /* nobody: reads give all ones */
};

/* Bits kept for every page below the end of memory. */
#define BZC_PAGE_WRITTEN  (1u << 0) /* the guest wrote to it (or could have: it had a write translation) */
#define BZC_PAGE_CODE     (1u << 1) /* the engine may hold code translated from it */
#define BZC_PAGE_WRITABLE (1u << 2) /* the engine may hold a write translation for it */
#define BZC_PAGE_KNOWN    (1u << 3) /* the observer let its present contents be executed */

/* Physical pages that stand in for what is not there; above every possible RAM. */
#define BZC_OPEN_BUS_PHYS   (1ull << 47)                   /* reads as 0xff */
#define BZC_BIT_BUCKET_PHYS ((1ull << 47) + BZC_PAGE_SIZE) /* takes writes that vanish */

/*
 * All memory is there a second time, this far up, for pages that are written and not executed: writing there is
 * faster, because the engine does not look for translated code.
 */
#define BZC_DATA_PHYS (1ull << 48)

struct bzc_memory;

/*
 * Memory for `map`: below 1 MiB RAM complete to 0xf0000 with the text page, the ROM at 0xf0000,
 * and RAM above where the map says so. Maps itself into `cpu`. Errors: BZC_ERR_MEMORY, BZC_ERR_ENGINE.
 */
enum bzc_status bzc_memory_new(const struct bzc_memory_map *map, struct bzc_cpu *cpu, struct bzc_memory **memory,
                               struct bzc_error *err);
void bzc_memory_free(struct bzc_memory *memory);

/* What lies at a physical address. */
enum bzc_page_kind bzc_memory_kind(const struct bzc_memory *memory, uint64_t phys);
/* The page's bits, NULL for a HOLE. */
uint8_t *bzc_memory_flags(struct bzc_memory *memory, uint64_t phys);

/* Reads and writes that do not touch the page bits. False, with nothing done, when a byte is in a HOLE (or ROM for
 * write). */
bool bzc_memory_read(const struct bzc_memory *memory, uint64_t phys, void *data, size_t size);
bool bzc_memory_write(struct bzc_memory *memory, uint64_t phys, const void *data, size_t size);
/* Fills the ROM; `size` bytes from `phys`, inside it. */
void bzc_memory_fill_rom(struct bzc_memory *memory, uint64_t phys, const void *data, size_t size);

/* A direct view of [phys, phys+size), or a span of size 0 when a part of it is a HOLE or not contiguous on the host. */
struct bzc_bytes bzc_memory_view(const struct bzc_memory *memory, uint64_t phys, uint64_t size);

/*
 * Epochs: which page was written when. wrote() counts the page at `phys` as written in the present epoch, 0 at first,
 * and tells whether that is news; written_now() whether it was. A HOLE never is.
 */
void bzc_memory_begin_epoch(struct bzc_memory *memory, uint8_t epoch);
bool bzc_memory_wrote(struct bzc_memory *memory, uint64_t phys);
bool bzc_memory_written_now(const struct bzc_memory *memory, uint64_t phys);
/* Calls `range` for each run of neighbouring written pages that were last written in the same epoch, by rising address.
 */
void bzc_memory_written(const struct bzc_memory *memory, void *context,
                        void (*range)(void *context, uint64_t phys, uint64_t size, uint8_t epoch));

/* Number of pages the guest wrote to or executed. */
uint64_t bzc_memory_touched(const struct bzc_memory *memory);

#endif
