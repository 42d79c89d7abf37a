/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/memory_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EBDA_START    0x9fc00ull
#define LOW_END       0xa0000ull
#define ROM_START     0xf0000ull
#define HIGH_START    0x100000ull
#define LOW_RAM_LIMIT 0xc0000000ull
#define FOUR_GIB      0x100000000ull
#define PHYSICAL_LAST ((1ull << 47) - 1) /* what lies above is the emulator's own */
#define LINE_MAX_SIZE 256u

static void append(struct bzc_memory_map *map, uint64_t start, uint64_t end, uint32_t type)
{
    struct bzc_memory_range *range = &map->range[map->count++];

    range->start = start;
    range->size = end - start;
    range->type = type;
}

enum bzc_status bzc_memory_map_default(uint64_t memory, struct bzc_memory_map *map, struct bzc_error *err)
{
    uint64_t low = memory < LOW_RAM_LIMIT ? memory : LOW_RAM_LIMIT;

    memset(map, 0, sizeof(*map));
    if (memory < BZC_MEMORY_MIN || memory > BZC_MEMORY_MAX || memory % 4096 != 0)
        return bzc_error_set(err, BZC_ERR_LIMIT, "memory size %llu is not a multiple of 4096 between 4 MiB and 64 GiB",
                             (unsigned long long)memory);
    append(map, 0, EBDA_START, BZC_E820_RAM);
    append(map, EBDA_START, LOW_END, BZC_E820_RESERVED);
    append(map, ROM_START, HIGH_START, BZC_E820_RESERVED);
    append(map, HIGH_START, low, BZC_E820_RAM);
    if (memory > low)
        append(map, FOUR_GIB, FOUR_GIB + (memory - low), BZC_E820_RAM);
    return BZC_OK;
}

struct type_name {
    const char *name;
    uint32_t type;
};

/* "ACPI data" and "ACPI NVS" are how the kernel's log spells the types. The longer names stand first. */
static const struct type_name type_names[] = {
    {"usable", BZC_E820_RAM},        {"reserved", BZC_E820_RESERVED}, {"ACPI data", BZC_E820_ACPI},
    {"ACPI NVS", BZC_E820_NVS},      {"acpi", BZC_E820_ACPI},         {"nvs", BZC_E820_NVS},
    {"unusable", BZC_E820_UNUSABLE},
};

static void skip_blanks(const char **p)
{
    while (**p == ' ' || **p == '\t' || **p == '\r')
        (*p)++;
}

static bool take(const char **p, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*p, word, length) != 0)
        return false;
    *p += length;
    return true;
}

static bool take_number(const char **p, uint64_t *value)
{
    unsigned long long number;
    char *end;

    skip_blanks(p);
    /* strtoull() would take a sign. */
    if (**p < '0' || **p > '9')
        return false;
    errno = 0;
    number = strtoull(*p, &end, 0);
    if (errno != 0)
        return false;
    *p = end;
    *value = number;
    return true;
}

static bool take_type(const char **p, uint32_t *type)
{
    uint64_t number;
    size_t i;

    skip_blanks(p);
    for (i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (take(p, type_names[i].name)) {
            *type = type_names[i].type;
            return true;
        }
    }
    /* A kernel log says "type 20" for a type that it has no name for. */
    if (take(p, "type "))
        skip_blanks(p);
    if (!take_number(p, &number) || number > UINT32_MAX)
        return false;
    *type = (uint32_t)number;
    return true;
}

/* What a line says: "START END TYPE", or from "BIOS-e820:" on "[mem START-END] TYPE"; `last` is inclusive. */
static bool parse_line(const char *line, uint64_t *start, uint64_t *last, uint32_t *type)
{
    const char *log = strstr(line, "BIOS-e820:");
    const char *p = line;

    if (log != NULL) {
        p = log + strlen("BIOS-e820:");
        skip_blanks(&p);
        if (!take(&p, "[mem") || !take_number(&p, start) || !take(&p, "-") || !take_number(&p, last) || !take(&p, "]"))
            return false;
    } else if (!take_number(&p, start) || (*p != ' ' && *p != '\t') || !take_number(&p, last)) {
        return false;
    }
    if (*p != ' ' && *p != '\t')
        return false;
    if (!take_type(&p, type))
        return false;
    skip_blanks(&p);
    return *p == '\0';
}

/* Copies the next line without its comment into `line`; false when it is too long or holds a NUL. */
static bool next_line(struct bzc_bytes text, size_t *offset, char line[LINE_MAX_SIZE])
{
    const uint8_t *begin = text.data + *offset;
    size_t left = text.size - *offset;
    const uint8_t *newline = memchr(begin, '\n', left);
    size_t length = newline != NULL ? (size_t)(newline - begin) : left;
    const uint8_t *comment;

    *offset += length + (newline != NULL);
    comment = memchr(begin, '#', length);
    if (comment != NULL)
        length = (size_t)(comment - begin);
    if (length >= LINE_MAX_SIZE || memchr(begin, 0, length) != NULL)
        return false;
    memcpy(line, begin, length);
    line[length] = '\0';
    return true;
}

/* Keeps the map ascending; false when the new range overlaps a neighbour. */
static bool insert(struct bzc_memory_map *map, const struct bzc_memory_range *range)
{
    size_t at = map->count;

    while (at > 0 && map->range[at - 1].start > range->start)
        at--;
    if (at > 0 && map->range[at - 1].size > range->start - map->range[at - 1].start)
        return false;
    if (at < map->count && range->size > map->range[at].start - range->start)
        return false;
    memmove(&map->range[at + 1], &map->range[at], (map->count - at) * sizeof(map->range[0]));
    map->range[at] = *range;
    map->count++;
    return true;
}

static enum bzc_status parse_lines(struct bzc_bytes text, struct bzc_memory_map *map, struct bzc_error *err)
{
    unsigned number = 0;
    size_t offset = 0;

    while (offset < text.size) {
        struct bzc_memory_range range = {0, 0, 0};
        char line[LINE_MAX_SIZE];
        const char *p = line;
        uint64_t last = 0;

        number++;
        if (!next_line(text, &offset, line))
            return bzc_error_set(err, BZC_ERR_FORMAT, "memory map line %u: not a line of text", number);
        skip_blanks(&p);
        if (*p == '\0')
            continue;
        if (!parse_line(p, &range.start, &last, &range.type))
            return bzc_error_set(err, BZC_ERR_FORMAT,
                                 "memory map line %u: expected \"START END TYPE\" or a BIOS-e820 line", number);
        if (last < range.start || last - range.start == UINT64_MAX)
            return bzc_error_set(err, BZC_ERR_FORMAT, "memory map line %u: the range is empty or ends before it starts",
                                 number);
        range.size = last - range.start + 1;
        if (range.type == BZC_E820_RAM && last > PHYSICAL_LAST)
            return bzc_error_set(err, BZC_ERR_LIMIT, "memory map line %u: RAM above 128 TiB", number);
        if (map->count == BZC_MEMORY_MAP_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "memory map line %u: more than %d ranges", number,
                                 BZC_MEMORY_MAP_MAX);
        if (!insert(map, &range))
            return bzc_error_set(err, BZC_ERR_FORMAT, "memory map line %u: the range overlaps an earlier one", number);
    }
    return BZC_OK;
}

enum bzc_status bzc_memory_map_parse(struct bzc_bytes text, struct bzc_memory_map *map, struct bzc_error *err)
{
    enum bzc_status status;
    bool low = false;
    uint64_t ram = 0;
    size_t i;

    memset(map, 0, sizeof(*map));
    status = parse_lines(text, map, err);
    if (status != BZC_OK)
        return status;
    for (i = 0; i < map->count; i++) {
        const struct bzc_memory_range *range = &map->range[i];

        if (range->type != BZC_E820_RAM)
            continue;
        if (range->size > BZC_MEMORY_MAX - ram)
            return bzc_error_set(err, BZC_ERR_LIMIT, "memory map: more than 64 GiB of usable RAM");
        ram += range->size;
        if (range->start < LOW_END)
            low = true;
    }
    if (!low)
        return bzc_error_set(err, BZC_ERR_FORMAT, "memory map: no usable RAM in the first 640 KiB");
    if (!bzc_memory_map_is_ram(map, HIGH_START, 1))
        return bzc_error_set(err, BZC_ERR_FORMAT, "memory map: no usable RAM at 1 MiB");
    return BZC_OK;
}

uint64_t bzc_memory_map_ram_end(const struct bzc_memory_map *map, uint64_t phys)
{
    size_t i;

    /* One pass is enough: the ranges ascend, so an adjacent one comes next. */
    for (i = 0; i < map->count; i++) {
        const struct bzc_memory_range *range = &map->range[i];

        if (range->type == BZC_E820_RAM && phys >= range->start && phys - range->start < range->size)
            phys = range->start + range->size;
    }
    return phys;
}

bool bzc_memory_map_is_ram(const struct bzc_memory_map *map, uint64_t phys, uint64_t size)
{
    return bzc_memory_map_ram_end(map, phys) - phys >= size;
}

static bool insert_ram(struct bzc_memory_map *map, size_t at, uint64_t start, uint64_t end)
{
    if (map->count == BZC_MEMORY_MAP_MAX)
        return false;
    memmove(&map->range[at + 1], &map->range[at], (map->count - at) * sizeof(map->range[0]));
    map->range[at] = (struct bzc_memory_range){start, end - start, BZC_E820_RAM};
    map->count++;
    return true;
}

bool bzc_memory_map_add_ram(struct bzc_memory_map *map, uint64_t start, uint64_t size)
{
    uint64_t end = size < UINT64_MAX - start ? start + size : UINT64_MAX;
    size_t i = 0;

    while (start < end) {
        uint64_t until;

        /* A range may end at 2^64, so its end is never formed before it is known to be smaller. */
        while (i < map->count && map->range[i].start <= start && start - map->range[i].start >= map->range[i].size)
            i++;
        if (i < map->count && map->range[i].start <= start) {
            if (map->range[i].size >= end - map->range[i].start)
                return true;
            start = map->range[i].start + map->range[i].size;
            continue;
        }
        until = i < map->count && map->range[i].start < end ? map->range[i].start : end;
        if (!insert_ram(map, i, start, until))
            return false;
        start = until;
    }
    return true;
}
