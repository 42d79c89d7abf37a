/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding parts of the expected kernel in guest memory, and guest bytes in the expected kernel. */
#include <string.h>

#include "verify/oracle_parts.h"

#define FIT_SAMPLES 64u
#define FIT_PIECE   64u
#define FIT_REACH   4096u
#define FIT_VARIETY 2u

#define NEEDLE         64u
#define NEEDLE_MIN     16u
#define NEEDLE_VARIETY 8u
#define NEEDLE_REACH   (4u << 20)
#define DISTANCE       (64ull << 20)
#define WINDOW         (1u << 20)
#define PAGE           4096u
#define HITS_MAX       64u

#define LOOK_MAX      192u /* guest bytes that bzc_oracle_locate() takes into account */
#define LOOK_NEEDLE   32u
#define LOOK_STEP     32u
#define LOOK_HITS_MAX 16u

unsigned bzc_oracle_fit(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t base)
{
    uint64_t total = 0, at;
    unsigned samples = 0, found = 0, i;
    struct bzc_bytes actual;
    size_t k;

    for (k = 0; k < oracle->segment_count; k++)
        total += oracle->segment[k].bytes.size;
    for (i = 0; i < FIT_SAMPLES && total != 0; i++) {
        const struct bzc_expected_segment *segment = oracle->segment;
        uint64_t position = total * i / FIT_SAMPLES;
        size_t size;

        for (; position >= segment->bytes.size; segment++)
            position -= segment->bytes.size;
        size = segment->bytes.size < FIT_PIECE ? segment->bytes.size : FIT_PIECE;
        if (position > segment->bytes.size - size)
            position = segment->bytes.size - size;
        if (!bzc_oracle_piece(oracle, segment, position, size, FIT_REACH, FIT_VARIETY, &at))
            continue;
        samples++;
        if (bzc_guest_bytes(guest, base + segment->offset + at, size, &actual) &&
            memcmp(actual.data, segment->bytes.data + at, size) == 0)
            found++;
    }
    return samples != 0 ? found * 100 / samples : 0;
}

struct search {
    const struct bzc_oracle *oracle;
    const struct bzc_guest_view *guest;
    const struct bzc_expected_segment *segment;
    struct bzc_bytes needle;
    uint64_t needle_at; /* in the segment */
    uint64_t expected;  /* where the segment should be, physical */
    unsigned hits;
    bool found;
    uint64_t found_phys; /* the nearest so far */
};

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void search_bytes(struct search *search, struct bzc_bytes bytes, uint64_t phys)
{
    const uint8_t *hit;

    while (search->hits < HITS_MAX && bytes.size >= search->needle.size &&
           (hit = memmem(bytes.data, bytes.size, search->needle.data, search->needle.size)) != NULL) {
        size_t skip = (size_t)(hit - bytes.data);
        uint64_t start = phys + skip - search->needle_at;

        if (phys + skip >= search->needle_at && start != search->expected) {
            search->hits++;
            if ((!search->found ||
                 distance(start, search->expected) < distance(search->found_phys, search->expected)) &&
                bzc_oracle_segment_at(search->oracle, search->guest, search->segment, start)) {
                search->found = true;
                search->found_phys = start;
            }
        }
        phys += skip + 1;
        bytes = bzc_bytes_slice(bytes, skip + 1, bytes.size);
    }
}

/* Searches for needles that begin in [phys, phys+size), which may run over into what follows if that is RAM. */
static bool search_block(struct search *search, uint64_t phys, uint64_t size)
{
    struct bzc_bytes bytes;

    if (!bzc_guest_bytes(search->guest, phys, size + search->needle.size - 1, &bytes))
        return false;
    search_bytes(search, bytes, phys);
    return true;
}

static void search_window(struct search *search, uint64_t start)
{
    struct bzc_bytes bytes;
    uint64_t page;

    if (search_block(search, start, WINDOW))
        return;
    for (page = start; page < start + WINDOW; page += PAGE) {
        if (!search_block(search, page, PAGE) && bzc_guest_bytes(search->guest, page, PAGE, &bytes))
            search_bytes(search, bytes, page);
    }
}

bool bzc_oracle_search(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest,
                       const struct bzc_expected_segment *segment, uint64_t phys, uint64_t *found_phys)
{
    struct search search = {oracle, guest, segment, {NULL, 0}, 0, phys, 0, false, 0};
    uint64_t centre, start, end;
    size_t size;

    for (size = NEEDLE; size >= NEEDLE_MIN; size /= 2) {
        if (bzc_oracle_piece(oracle, segment, 0, size, NEEDLE_REACH, NEEDLE_VARIETY, &search.needle_at))
            break;
    }
    if (size < NEEDLE_MIN || phys > UINT64_MAX / 2)
        return false;
    search.needle = bzc_bytes_slice(segment->bytes, search.needle_at, size);
    centre = phys + search.needle_at;
    start = (centre > DISTANCE ? centre - DISTANCE : 0) / WINDOW * WINDOW;
    end = centre + DISTANCE;
    for (; start < end; start += WINDOW)
        search_window(&search, start);
    *found_phys = search.found_phys;
    return search.found;
}

static bool equal_outside_slots(const struct bzc_oracle *oracle, const struct bzc_expected_segment *segment,
                                uint64_t at, struct bzc_bytes actual)
{
    uint64_t offset = segment->offset + at;
    size_t slot = bzc_oracle_slot_index(oracle, offset), i;

    for (i = 0; i < actual.size && at + i < segment->bytes.size; i++, offset++) {
        while (slot < oracle->reloc_count &&
               oracle->reloc[slot].offset + bzc_reloc_size(oracle->reloc[slot].kind) <= offset)
            slot++;
        if (slot < oracle->reloc_count && oracle->reloc[slot].offset <= offset)
            continue;
        if (actual.data[i] != segment->bytes.data[at + i])
            return false;
    }
    return true;
}

/* Looks for guest bytes [skip, skip+LOOK_NEEDLE) in one segment. */
static void locate_in(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t phys,
                      const struct bzc_expected_segment *segment, struct bzc_bytes look, size_t skip, int *best_fit,
                      uint64_t *offset)
{
    struct bzc_bytes rest = segment->bytes;
    const uint8_t *hit;
    unsigned hits;

    for (hits = 0; hits < LOOK_HITS_MAX && rest.size >= LOOK_NEEDLE &&
                   (hit = memmem(rest.data, rest.size, look.data + skip, LOOK_NEEDLE)) != NULL;
         hits++) {
        uint64_t at = (uint64_t)(hit - segment->bytes.data);
        int fit;

        rest = bzc_bytes_slice(segment->bytes, at + 1, segment->bytes.size);
        if (at < skip || segment->offset + at - skip > phys || !equal_outside_slots(oracle, segment, at - skip, look))
            continue;
        fit = (int)bzc_oracle_fit(oracle, guest, phys - (segment->offset + at - skip));
        if (fit > *best_fit) {
            *best_fit = fit;
            *offset = segment->offset + at - skip;
        }
    }
}

bool bzc_oracle_locate(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest, uint64_t phys,
                       uint64_t *offset)
{
    struct bzc_bytes look = {NULL, 0};
    size_t size, skip, i;
    int best_fit = -1;

    for (size = LOOK_MAX; size >= LOOK_NEEDLE && !bzc_guest_bytes(guest, phys, size, &look); size /= 2) {
    }
    if (size < LOOK_NEEDLE)
        return false;
    for (skip = 0; skip + LOOK_NEEDLE <= look.size && best_fit < 0; skip += LOOK_STEP) {
        if (bzc_oracle_variety(look.data + skip, LOOK_NEEDLE) < NEEDLE_VARIETY)
            continue;
        for (i = 0; i < oracle->segment_count && best_fit < 100; i++)
            locate_in(oracle, guest, phys, &oracle->segment[i], look, skip, &best_fit, offset);
    }
    return best_fit >= 0;
}
