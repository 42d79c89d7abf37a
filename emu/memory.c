/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LOW_SIZE  (1u << 20)
#define ROM_START 0xc0000u /* option ROM area: empty, but a write there is a write to ROM */
#define SPANS_MAX (BZC_MEMORY_MAP_MAX + 1)

struct span {
    uint64_t phys, size;
    uint8_t *host;
    uint8_t *flags;  /* one byte a page */
    uint8_t *epochs; /* the same: when it was last written */
};

struct bzc_memory {
    struct span span[SPANS_MAX]; /* the first is [0, 1 MiB) */
    size_t span_count;
    uint8_t epoch;
    uint8_t *bus; /* the open-bus page, then the bit bucket */
};

static void *host_pages(uint64_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    madvise(p, size, MADV_HUGEPAGE); /* a hint: far fewer page faults where a kernel unpacks itself */
    return p;
}

static enum bzc_status add_span(struct bzc_memory *memory, struct bzc_cpu *cpu, uint64_t phys, uint64_t size,
                                struct bzc_error *err)
{
    struct span *span = &memory->span[memory->span_count];

    if (size == 0)
        return BZC_OK;
    span->phys = phys;
    span->size = size;
    span->host = host_pages(size);
    span->flags = calloc(size / BZC_PAGE_SIZE, 1);
    span->epochs = calloc(size / BZC_PAGE_SIZE, 1);
    memory->span_count++;
    if (!span->host || !span->flags || !span->epochs)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %llu MiB of guest RAM",
                             (unsigned long long)(size >> 20));
    enum bzc_status status = bzc_cpu_map(cpu, phys, size, span->host, true, err);

    return status == BZC_OK ? bzc_cpu_map(cpu, BZC_DATA_PHYS + phys, size, span->host, false, err) : status;
}

static bool is_memory(uint32_t type)
{
    return type == BZC_E820_RAM; /* what the firmware keeps for itself is nothing to write to */
}

/* Whole pages of memory above 1 MiB, neighbours joined. */
static enum bzc_status add_ram(struct bzc_memory *memory, const struct bzc_memory_map *map, struct bzc_cpu *cpu,
                               struct bzc_error *err)
{
    size_t i = 0;

    while (i < map->count) {
        uint64_t start = map->range[i].start, end = start + map->range[i].size;

        if (!is_memory(map->range[i].type)) {
            i++;
            continue;
        }
        for (i++; i < map->count && is_memory(map->range[i].type) && map->range[i].start == end; i++)
            end += map->range[i].size;
        if (start < LOW_SIZE)
            start = LOW_SIZE;
        start = (start + BZC_PAGE_SIZE - 1) & BZC_PAGE_MASK;
        end &= BZC_PAGE_MASK;
        if (start < end) {
            enum bzc_status status = add_span(memory, cpu, start, end - start, err);

            if (status != BZC_OK)
                return status;
        }
    }
    return BZC_OK;
}

enum bzc_status bzc_memory_new(const struct bzc_memory_map *map, struct bzc_cpu *cpu, struct bzc_memory **out,
                               struct bzc_error *err)
{
    struct bzc_memory *memory = calloc(1, sizeof(*memory));
    enum bzc_status status;

    *out = NULL;
    if (!memory)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the guest");
    status = add_span(memory, cpu, 0, LOW_SIZE, err);
    if (status == BZC_OK)
        status = add_ram(memory, map, cpu, err);
    if (status == BZC_OK) {
        memory->bus = host_pages(2 * BZC_PAGE_SIZE);
        status = memory->bus ? bzc_cpu_map(cpu, BZC_OPEN_BUS_PHYS, 2 * BZC_PAGE_SIZE, memory->bus, false, err)
                             : bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the guest");
    }
    if (status != BZC_OK) {
        bzc_memory_free(memory);
        return status;
    }
    memset(memory->bus, 0xff, BZC_PAGE_SIZE);
    memset(memory->span[0].host + ROM_START, 0xff, LOW_SIZE - ROM_START);
    *out = memory;
    return BZC_OK;
}

void bzc_memory_free(struct bzc_memory *memory)
{
    if (!memory)
        return;
    for (size_t i = 0; i < memory->span_count; i++) {
        if (memory->span[i].host)
            munmap(memory->span[i].host, memory->span[i].size);
        free(memory->span[i].flags);
        free(memory->span[i].epochs);
    }
    if (memory->bus)
        munmap(memory->bus, 2 * BZC_PAGE_SIZE);
    free(memory);
}

static const struct span *find_span(const struct bzc_memory *memory, uint64_t phys)
{
    for (size_t i = 0; i < memory->span_count; i++)
        if (phys - memory->span[i].phys < memory->span[i].size)
            return &memory->span[i];
    return NULL;
}

enum bzc_page_kind bzc_memory_kind(const struct bzc_memory *memory, uint64_t phys)
{
    if (phys >= ROM_START && phys < LOW_SIZE)
        return BZC_PAGE_ROM;
    return find_span(memory, phys) ? BZC_PAGE_RAM : BZC_PAGE_HOLE;
}

uint8_t *bzc_memory_flags(struct bzc_memory *memory, uint64_t phys)
{
    const struct span *span = find_span(memory, phys);

    return span ? &span->flags[(phys - span->phys) / BZC_PAGE_SIZE] : NULL;
}

struct bzc_bytes bzc_memory_view(const struct bzc_memory *memory, uint64_t phys, uint64_t size)
{
    const struct span *span = find_span(memory, phys);

    if (!span || size > span->size - (phys - span->phys))
        return (struct bzc_bytes){NULL, 0};
    return (struct bzc_bytes){span->host + (phys - span->phys), size};
}

bool bzc_memory_read(const struct bzc_memory *memory, uint64_t phys, void *data, size_t size)
{
    struct bzc_bytes view = bzc_memory_view(memory, phys, size);

    if (view.size != size)
        return false;
    memcpy(data, view.data, size);
    return true;
}

bool bzc_memory_write(struct bzc_memory *memory, uint64_t phys, const void *data, size_t size)
{
    const struct span *span = find_span(memory, phys);

    if (!span || size > span->size - (phys - span->phys) || (phys < LOW_SIZE && phys + size > ROM_START))
        return false;
    memcpy(span->host + (phys - span->phys), data, size);
    return true;
}

void bzc_memory_fill_rom(struct bzc_memory *memory, uint64_t phys, const void *data, size_t size)
{
    if (phys >= ROM_START && phys < LOW_SIZE && size <= LOW_SIZE - phys)
        memcpy(memory->span[0].host + phys, data, size);
}

uint64_t bzc_memory_touched(const struct bzc_memory *memory)
{
    uint64_t touched = 0;

    for (size_t i = 0; i < memory->span_count; i++)
        for (uint64_t page = 0; page < memory->span[i].size / BZC_PAGE_SIZE; page++)
            touched += (memory->span[i].flags[page] & (BZC_PAGE_WRITTEN | BZC_PAGE_CODE | BZC_PAGE_KNOWN)) != 0;
    return touched;
}

void bzc_memory_begin_epoch(struct bzc_memory *memory, uint8_t epoch)
{
    memory->epoch = epoch;
}

bool bzc_memory_written_now(const struct bzc_memory *memory, uint64_t phys)
{
    const struct span *span = find_span(memory, phys);
    uint64_t page = span ? (phys - span->phys) / BZC_PAGE_SIZE : 0;

    return span && (span->flags[page] & BZC_PAGE_WRITTEN) && span->epochs[page] == memory->epoch;
}

bool bzc_memory_wrote(struct bzc_memory *memory, uint64_t phys)
{
    const struct span *span = find_span(memory, phys);
    uint64_t page = span ? (phys - span->phys) / BZC_PAGE_SIZE : 0;

    if (!span || bzc_memory_written_now(memory, phys))
        return false;
    span->flags[page] |= BZC_PAGE_WRITTEN;
    span->epochs[page] = memory->epoch;
    return true;
}

/* Written pages that follow each other. */
struct written {
    uint64_t start, end;
    uint8_t epoch;
};

void bzc_memory_written(const struct bzc_memory *memory, void *context,
                        void (*range)(void *context, uint64_t phys, uint64_t size, uint8_t epoch))
{
    struct written run = {0, 0, 0};

    for (size_t i = 0; i < memory->span_count; i++) {
        const struct span *span = &memory->span[i];

        for (uint64_t page = 0; page < span->size / BZC_PAGE_SIZE; page++) {
            uint64_t phys = span->phys + page * BZC_PAGE_SIZE;

            if (!(span->flags[page] & BZC_PAGE_WRITTEN))
                continue;
            if (run.end != phys || run.epoch != span->epochs[page]) {
                if (run.end > run.start)
                    range(context, run.start, run.end - run.start, run.epoch);
                run = (struct written){phys, phys, span->epochs[page]};
            }
            run.end = phys + BZC_PAGE_SIZE;
        }
    }
    if (run.end > run.start)
        range(context, run.start, run.end - run.start, run.epoch);
}
