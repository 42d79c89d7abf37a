/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "verify/oracle_parts.h"

#define DELTA_SAMPLES 9u
#define CHUNK         4096u

/* Where a kernel is taken to lie in a guest. */
struct place {
    const struct bzc_oracle *oracle;
    const struct bzc_guest_view *guest;
    uint64_t base;
};

/* The slot's bytes as linked; the readers let no slot in that lies outside the segments. */
static const uint8_t *linked_slot(const struct bzc_oracle *oracle, const struct bzc_reloc *reloc)
{
    size_t i;

    for (i = 0; i < oracle->segment_count; i++) {
        const struct bzc_expected_segment *segment = &oracle->segment[i];

        if (reloc->offset >= segment->offset &&
            bzc_bytes_has(segment->bytes, reloc->offset - segment->offset, bzc_reloc_size(reloc->kind)))
            return segment->bytes.data + (reloc->offset - segment->offset);
    }
    return NULL;
}

/* How far the guest has moved one slot; false when it cannot be read. */
static bool slot_delta(const struct place *place, const struct bzc_reloc *reloc, uint64_t *delta)
{
    const uint8_t *linked = linked_slot(place->oracle, reloc);
    uint64_t value, distance = place->base - place->oracle->link_base;
    struct bzc_bytes actual;

    if (linked == NULL ||
        !bzc_guest_bytes(place->guest, place->base + reloc->offset, bzc_reloc_size(reloc->kind), &actual))
        return false;
    value = bzc_reloc_load(reloc->kind, actual.data) - bzc_reloc_load(reloc->kind, linked);
    if (reloc->kind == BZC_RELOC_INVERSE_32)
        value = 0 - value;
    if (reloc->kind != BZC_RELOC_64)
        value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    /* A 32-bit kernel's slots count modulo 4 GiB: show the delta as the distance when it is the same number. */
    if (place->oracle->bits == 32 && (uint32_t)value == (uint32_t)distance)
        value = distance;
    *delta = value;
    return true;
}

/* What most of the sampled slots in [first, end) say; the lowest slot's word counts among equals. */
static uint64_t sample_delta(const struct place *place, size_t first, size_t end)
{
    size_t count = end - first, samples = count < DELTA_SAMPLES ? count : DELTA_SAMPLES, valid = 0, best_votes = 0, i,
           k;
    uint64_t delta[DELTA_SAMPLES], best = 0;

    for (i = 0; i < samples; i++) {
        if (slot_delta(place, &place->oracle->reloc[first + (count * (2 * i + 1)) / (2 * samples)], &delta[valid]))
            valid++;
    }
    for (i = 0; i < valid; i++) {
        size_t votes = 0;

        for (k = 0; k < valid; k++)
            votes += delta[k] == delta[i];
        if (votes > best_votes) {
            best_votes = votes;
            best = delta[i];
        }
    }
    return best;
}

static void note_difference(struct bzc_segment_result *result, uint64_t at, uint8_t expected, uint8_t actual)
{
    if (result->differences++ == 0) {
        result->first_difference = at;
        result->expected = expected;
        result->actual = actual;
    }
    result->last_difference = at;
}

/* Compares [at, end) of the segment, where there is no slot. */
static void compare_plain(const uint8_t *expected, const uint8_t *actual, uint64_t at, uint64_t end,
                          struct bzc_segment_result *result)
{
    while (at < end) {
        uint64_t stop = end - at > CHUNK ? at + CHUNK : end;

        if (memcmp(expected + at, actual + at, stop - at) == 0) {
            at = stop;
            continue;
        }
        for (; at < stop; at++) {
            if (expected[at] != actual[at])
                note_difference(result, at, expected[at], actual[at]);
        }
    }
}

static void compare_slot(const struct bzc_reloc *reloc, const uint8_t *linked, const uint8_t *slot,
                         struct bzc_comparison *comparison)
{
    const uint64_t delta = (uint64_t)comparison->virt_delta;
    uint64_t before = bzc_reloc_load(reloc->kind, linked), actual = bzc_reloc_load(reloc->kind, slot);
    uint64_t expected = bzc_reloc_apply(reloc->kind, before, delta);

    comparison->relocations++;
    if (actual == expected)
        return;
    if (comparison->bad_slots++ != 0 && comparison->first_bad_slot <= reloc->offset)
        return;
    comparison->first_bad_slot = reloc->offset;
    comparison->bad_kind = reloc->kind;
    comparison->bad_expected = expected;
    comparison->bad_actual = actual;
    if (actual == before)
        comparison->bad_state = BZC_SLOT_NOT_RELOCATED;
    else if (actual == bzc_reloc_apply(reloc->kind, expected, delta))
        comparison->bad_state = BZC_SLOT_RELOCATED_TWICE;
    else
        comparison->bad_state = BZC_SLOT_WRONG;
}

/* Walks the segment: plain bytes, slot, plain bytes, ... `actual` is as long as the segment's bytes. */
static void compare_walk(const struct bzc_oracle *oracle, const struct bzc_expected_segment *segment,
                         const uint8_t *actual, struct bzc_segment_result *result, struct bzc_comparison *comparison)
{
    const uint8_t *expected = segment->bytes.data;
    const uint64_t start = segment->offset, end = start + segment->bytes.size;
    uint64_t at = start; /* offset from the base, as those of the slots */
    size_t i;

    for (i = bzc_oracle_slot_index(oracle, start); i < oracle->reloc_count && oracle->reloc[i].offset < end; i++) {
        const struct bzc_reloc *reloc = &oracle->reloc[i];
        uint64_t slot_end = reloc->offset + bzc_reloc_size(reloc->kind);

        if (reloc->offset < start || slot_end > end) { /* only where segments overlap */
            at = slot_end < end ? slot_end : end;
            continue;
        }
        compare_plain(expected, actual, at - start, reloc->offset - start, result);
        compare_slot(reloc, expected + (reloc->offset - start), actual + (reloc->offset - start), comparison);
        at = slot_end;
    }
    compare_plain(expected, actual, at - start, end - start, result);
}

bool bzc_oracle_segment_at(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest,
                           const struct bzc_expected_segment *segment, uint64_t phys)
{
    const struct place place = {oracle, guest, phys - segment->offset};
    struct bzc_segment_result result = {0};
    struct bzc_comparison comparison = {0};
    struct bzc_bytes actual;

    if (!bzc_guest_bytes(guest, phys, segment->bytes.size, &actual))
        return false;
    comparison.virt_delta = (int64_t)sample_delta(&place, bzc_oracle_slot_index(oracle, segment->offset),
                                                  bzc_oracle_slot_index(oracle, segment->offset + segment->bytes.size));
    compare_walk(oracle, segment, actual.data, &result, &comparison);
    return result.differences == 0 && comparison.bad_slots == 0;
}

static bool is_zero(const uint8_t *data, size_t size)
{
    return size != 0 && data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static void compare_segment(const struct place *place, const struct bzc_expected_segment *segment,
                            struct bzc_segment_result *result, struct bzc_comparison *comparison)
{
    const struct bzc_bytes expected = segment->bytes;
    uint64_t bad_before = comparison->bad_slots, slots;
    struct bzc_bytes actual;

    result->index = segment->index;
    result->phys = place->base + segment->offset;
    if (expected.size == 0) {
        result->matches = true;
        memcpy(result->sha256, segment->sha256, sizeof(result->sha256));
        return;
    }
    if (!bzc_guest_bytes(place->guest, result->phys, expected.size, &actual)) {
        result->differences = expected.size;
        result->last_difference = expected.size - 1;
        result->expected = expected.data[0];
        return;
    }
    if (memcmp(expected.data, actual.data, expected.size) == 0) {
        memcpy(result->sha256, segment->sha256, sizeof(result->sha256));
        if (comparison->virt_delta == 0) {
            slots = bzc_oracle_slot_index(place->oracle, segment->offset + expected.size) -
                    bzc_oracle_slot_index(place->oracle, segment->offset);
            comparison->relocations += slots;
            result->matches = true;
            return;
        }
    } else {
        bzc_sha256_hex(actual.data, actual.size, result->sha256);
    }
    compare_walk(place->oracle, segment, actual.data, result, comparison);
    result->matches = result->differences == 0 && comparison->bad_slots == bad_before;
    result->zero = !result->matches && is_zero(actual.data, actual.size);
}

/*
 * Where most of the segment is right it lies in its place and is damaged: that a whole copy lies elsewhere, such as in
 * the decompressor's own buffer, then tells nothing. Zeros are not counted, since empty memory has them too.
 */
static bool is_mostly_in_place(const struct bzc_expected_segment *segment, const struct bzc_segment_result *result)
{
    uint64_t nonzero = 0;

    for (size_t at = 0; at < segment->bytes.size; at++)
        nonzero += segment->bytes.data[at] != 0;
    return result->differences < nonzero / 2;
}

void bzc_oracle_compare(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t base,
                        struct bzc_comparison *comparison)
{
    const struct place place = {oracle, guest, base};
    unsigned searches = 0;
    size_t i;

    memset(comparison, 0, sizeof(*comparison));
    comparison->base = base;
    comparison->virt_delta = (int64_t)sample_delta(&place, 0, oracle->reloc_count);
    comparison->segment_count = oracle->segment_count;
    for (i = 0; i < oracle->segment_count; i++) {
        struct bzc_segment_result *result = &comparison->segment[i];

        compare_segment(&place, &oracle->segment[i], result, comparison);
        if (result->differences != 0 && !is_mostly_in_place(&oracle->segment[i], result) &&
            searches++ < BZC_ORACLE_SEARCHES)
            result->found_elsewhere =
                bzc_oracle_search(oracle, guest, &oracle->segment[i], result->phys, &result->found_phys);
    }
}
