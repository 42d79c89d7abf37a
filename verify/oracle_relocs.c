/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relocation table that the kernel build appends behind the ELF file. arch/x86/tools/relocs.c, emit_relocs(),
 * writes
 *
 *   x86-64 before 3.19, 6.15 on:   0, 64-bit slots, 0, 32-bit slots
 *   x86-64 between:                0, 64-bit slots, 0, inverse 32-bit slots, 0, 32-bit slots
 *   i386:                          0, 32-bit slots
 *
 * as 32-bit words, and handle_relocations() reads them from the end backwards. No address is 0, so the number of zeros
 * tells the two x86-64 forms apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/oracle_parts.h"

#define WORD      4u
#define LISTS_MAX 3u

uint64_t bzc_reloc_apply(enum bzc_reloc_kind kind, uint64_t value, uint64_t delta)
{
    switch (kind) {
    case BZC_RELOC_64:
        return value + delta;
    case BZC_RELOC_INVERSE_32:
        return (uint32_t)(value - delta);
    case BZC_RELOC_32:
        break;
    }
    return (uint32_t)(value + delta);
}

static void set_problem(struct bzc_oracle *oracle, const char *text)
{
    snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem), "%s", text);
}

static bool slot_is_inside(const struct bzc_oracle *oracle, uint64_t offset, size_t size)
{
    size_t i;

    for (i = 0; i < oracle->segment_count; i++) {
        const struct bzc_expected_segment *segment = &oracle->segment[i];

        if (offset >= segment->offset && bzc_bytes_has(segment->bytes, offset - segment->offset, size))
            return true;
    }
    return false;
}

static int compare_relocs(const void *left, const void *right)
{
    const struct bzc_reloc *a = left, *b = right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

/* Slots that share bytes cannot be undone one by one: the first of them stays. */
static void drop_overlapping(struct bzc_oracle *oracle)
{
    size_t i, kept = 0, dropped = 0;
    uint64_t first = 0;

    for (i = 0; i < oracle->reloc_count; i++) {
        const struct bzc_reloc *last = kept != 0 ? &oracle->reloc[kept - 1] : NULL;

        if (last != NULL && oracle->reloc[i].offset < last->offset + bzc_reloc_size(last->kind)) {
            if (dropped++ == 0)
                first = oracle->reloc[i].offset;
            continue;
        }
        oracle->reloc[kept++] = oracle->reloc[i];
    }
    oracle->reloc_count = kept;
    if (dropped != 0 && oracle->reloc_problem[0] == '\0')
        snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem),
                 "the relocation table names %zu places twice or overlapping, the first at offset 0x%llx", dropped,
                 (unsigned long long)first);
}

enum bzc_status bzc_oracle_add_relocs(struct bzc_oracle *oracle, const struct bzc_reloc_list *list, size_t list_count,
                                      uint64_t map, struct bzc_error *err)
{
    size_t i, k, total = 0, outside = 0;
    uint32_t first = 0;

    for (i = 0; i < list_count; i++)
        total += list[i].count;
    if (total == 0)
        return BZC_OK;
    if (total > BZC_RELOCS_MAX) {
        snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem), "the relocation table has %zu entries, over %u",
                 total, BZC_RELOCS_MAX);
        return BZC_OK;
    }
    oracle->reloc = malloc(total * sizeof(*oracle->reloc));
    if (oracle->reloc == NULL)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for %zu relocations", total);
    for (i = 0; i < list_count; i++) {
        for (k = 0; k < list[i].count; k++) {
            uint32_t word = bzc_load32(list[i].words + k * WORD);
            uint64_t offset = oracle->bits == 64 ? (uint64_t)(int64_t)(int32_t)word - map : (uint32_t)(word - map);

            if (!slot_is_inside(oracle, offset, bzc_reloc_size(list[i].kind))) {
                if (outside++ == 0)
                    first = word;
                continue;
            }
            oracle->reloc[oracle->reloc_count].offset = offset;
            oracle->reloc[oracle->reloc_count].kind = list[i].kind;
            oracle->reloc_count++;
        }
    }
    if (outside != 0)
        snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem),
                 "the relocation table has %zu entries of %zu that lie in no segment of the kernel, the first is 0x%x",
                 outside, total, first);
    qsort(oracle->reloc, oracle->reloc_count, sizeof(*oracle->reloc), compare_relocs);
    drop_overlapping(oracle);
    return BZC_OK;
}

/* Reads the list that ends at *end, and moves *end before the zero word that starts it. */
static bool read_list(struct bzc_bytes table, size_t *end, struct bzc_reloc_list *list)
{
    size_t at = *end;

    while (at >= WORD && bzc_load32(table.data + at - WORD) != 0)
        at -= WORD;
    if (at < WORD)
        return false;
    list->words = table.data + at;
    list->count = (*end - at) / WORD;
    *end = at - WORD;
    return true;
}

static bool is_zero(struct bzc_bytes bytes)
{
    size_t i;

    for (i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != 0)
            return false;
    }
    return true;
}

/* The lists of the table in the order in which they are read; 0 and a reloc_problem when it is malformed. */
static size_t read_lists(struct bzc_oracle *oracle, struct bzc_bytes table, struct bzc_reloc_list list[LISTS_MAX])
{
    size_t end = table.size, count = 1;

    list[0].kind = BZC_RELOC_32;
    if (!read_list(table, &end, &list[0])) {
        set_problem(oracle, "the bytes behind the payload's ELF file are no relocation table: no zero word ends it");
        return 0;
    }
    if (oracle->bits == 64) {
        list[1].kind = BZC_RELOC_64;
        if (!read_list(table, &end, &list[1])) {
            set_problem(oracle, "the relocation table has no zero word before its list of 64-bit slots");
            return 0;
        }
        count = 2;
        if (end >= WORD) {
            list[1].kind = BZC_RELOC_INVERSE_32;
            list[2].kind = BZC_RELOC_64;
            if (!read_list(table, &end, &list[2])) {
                set_problem(oracle, "the relocation table has no zero word before its third list");
                return 0;
            }
            count = 3;
        }
    }
    if (!is_zero(bzc_bytes_slice(table, 0, end))) {
        snprintf(oracle->reloc_problem, sizeof(oracle->reloc_problem),
                 "there are %zu bytes between the payload's ELF file and its relocation table that belong to neither",
                 end);
        return 0;
    }
    return count;
}

/*
 * Addresses in the table are those of the kernel's main mapping, also for per-CPU data whose segment is linked to
 * virtual address 0: what holds for the lowest segment holds for all slots.
 */
static uint64_t address_of_base(const struct bzc_oracle *oracle)
{
    size_t i;

    for (i = 0; i < oracle->segment_count; i++) {
        if (oracle->segment[i].offset == 0)
            return oracle->segment[i].vaddr;
    }
    return 0;
}

enum bzc_status bzc_oracle_read_relocs(struct bzc_oracle *oracle, struct bzc_error *err)
{
    struct bzc_bytes table = bzc_bytes_slice(oracle->payload, oracle->elf.file_end, oracle->payload.size);
    struct bzc_reloc_list list[LISTS_MAX];
    size_t count;

    if (is_zero(table))
        return BZC_OK;
    count = read_lists(oracle, table, list);
    return bzc_oracle_add_relocs(oracle, list, count, address_of_base(oracle), err);
}
