/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/oracle_parts.h"

#define VERSION_ELF_PAYLOAD 0x0208 /* since 2.6.26 the decompressor takes nothing but ELF */

static const char banner_start[] = "Linux version ";

/* The kernel also holds formats and messages that begin like the banner: prefer the place where a release follows. */
static void find_banner(struct bzc_oracle *oracle)
{
    const size_t length = sizeof(banner_start) - 1;
    struct bzc_bytes rest = oracle->payload;
    const uint8_t *best = NULL, *found;
    size_t i, left;

    while (rest.size > length && (found = memmem(rest.data, rest.size, banner_start, length)) != NULL) {
        rest = bzc_bytes_slice(rest, (uint64_t)(found - rest.data) + length, rest.size);
        if (best == NULL)
            best = found;
        if (rest.size != 0 && rest.data[0] >= '0' && rest.data[0] <= '9') {
            best = found;
            break;
        }
    }
    if (best == NULL)
        return;
    oracle->is_linux = true;
    left = oracle->payload.size - (size_t)(best - oracle->payload.data);
    for (i = 0; i < sizeof(oracle->banner) - 1 && i < left && best[i] >= 0x20 && best[i] <= 0x7e; i++)
        oracle->banner[i] = (char)best[i];
    oracle->banner[i] = '\0';
}

/* Two segments that fill the same memory: whichever is moved last stays, and no comparison can be right for both. */
static void check_overlap(struct bzc_oracle *oracle)
{
    size_t i, k;

    for (i = 0; i < oracle->segment_count; i++) {
        const struct bzc_expected_segment *a = &oracle->segment[i];

        for (k = i + 1; k < oracle->segment_count; k++) {
            const struct bzc_expected_segment *b = &oracle->segment[k];

            if (a->bytes.size != 0 && b->bytes.size != 0 && a->offset < b->offset + b->bytes.size &&
                b->offset < a->offset + a->bytes.size) {
                snprintf(oracle->elf_problem, sizeof(oracle->elf_problem),
                         "the payload's program headers %u and %u put their bytes at the same physical addresses",
                         a->index, b->index);
                return;
            }
        }
    }
}

static enum bzc_status read_elf(struct bzc_oracle *oracle, struct bzc_error *err)
{
    const struct bzc_elf *elf = &oracle->elf;
    struct bzc_error problem = {BZC_OK, ""};
    uint64_t paddr;
    size_t i;

    oracle->kind = BZC_PAYLOAD_ELF;
    if (bzc_elf_parse(oracle->payload, &oracle->elf, &problem) != BZC_OK) {
        oracle->bits = oracle->elf.bits != 0 ? oracle->elf.bits : 32;
        oracle->elf.load_count = 0; /* of what was read before the fault nothing is to be relied on */
        snprintf(oracle->elf_problem, sizeof(oracle->elf_problem), "%.199s", problem.message);
        return BZC_OK;
    }
    oracle->bits = elf->bits;
    oracle->link_base = elf->paddr_min;
    oracle->span = elf->paddr_end - elf->paddr_min;
    for (i = 0; i < elf->load_count; i++) {
        struct bzc_expected_segment *segment = &oracle->segment[i];

        segment->index = elf->load[i].index;
        segment->offset = elf->load[i].paddr - elf->paddr_min;
        segment->bytes = bzc_bytes_slice(oracle->payload, elf->load[i].offset, elf->load[i].filesz);
        segment->memsz = elf->load[i].memsz;
        segment->vaddr = elf->load[i].vaddr;
    }
    oracle->segment_count = elf->load_count;
    if (bzc_elf_entry(elf, &paddr, &oracle->entry_vaddr))
        oracle->entry_offset = paddr - elf->paddr_min;
    else
        snprintf(oracle->elf_problem, sizeof(oracle->elf_problem), "the payload's e_entry 0x%llx lies in no segment",
                 (unsigned long long)elf->entry);
    if (oracle->elf_problem[0] == '\0')
        check_overlap(oracle);
    return bzc_oracle_read_relocs(oracle, err);
}

static enum bzc_status read_payload(struct bzc_oracle *oracle, const struct bzc_image *image, struct bzc_error *err)
{
    if (bzc_elf_is(oracle->payload))
        return read_elf(oracle, err);
    if (image->version >= VERSION_ELF_PAYLOAD) {
        oracle->kind = BZC_PAYLOAD_FLAT;
        oracle->bits = 32;
        snprintf(oracle->elf_problem, sizeof(oracle->elf_problem),
                 "the unpacked payload is not an ELF file, which protocol 2.08 and later need");
        return BZC_OK;
    }
    return bzc_oracle_read_flat(oracle, image, err);
}

enum bzc_status bzc_oracle_new(const struct bzc_image *image, struct bzc_oracle **oracle, struct bzc_error *err)
{
    struct bzc_oracle *fresh;
    enum bzc_status status;

    *oracle = NULL;
    fresh = calloc(1, sizeof(*fresh));
    if (fresh == NULL)
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the expected kernel");
    status = bzc_image_unpack(image, &fresh->payload, &fresh->end, err);
    if (status == BZC_OK)
        status = read_payload(fresh, image, err);
    if (status != BZC_OK) {
        bzc_oracle_free(fresh);
        return status;
    }
    find_banner(fresh);
    *oracle = fresh;
    return BZC_OK;
}

void bzc_oracle_digest(struct bzc_oracle *oracle)
{
    for (size_t i = 0; i < oracle->segment_count; i++)
        bzc_sha256_hex(oracle->segment[i].bytes.data, oracle->segment[i].bytes.size, oracle->segment[i].sha256);
}

void bzc_oracle_free(struct bzc_oracle *oracle)
{
    if (oracle == NULL)
        return;
    bzc_decompress_free(oracle->payload);
    free(oracle->reloc);
    free(oracle);
}

size_t bzc_oracle_slot_index(const struct bzc_oracle *oracle, uint64_t offset)
{
    size_t low = 0, high = oracle->reloc_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct bzc_reloc *reloc = &oracle->reloc[middle];

        if (reloc->offset + bzc_reloc_size(reloc->kind) <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

unsigned bzc_oracle_variety(const uint8_t *data, size_t size)
{
    bool seen[256] = {false};
    unsigned count = 0;
    size_t i;

    for (i = 0; i < size; i++) {
        count += !seen[data[i]];
        seen[data[i]] = true;
    }
    return count;
}

bool bzc_oracle_piece(const struct bzc_oracle *oracle, const struct bzc_expected_segment *segment, uint64_t from,
                      size_t size, uint64_t reach, unsigned variety, uint64_t *at)
{
    const uint64_t step = 16;
    uint64_t offset = from;

    while (offset - from <= reach && bzc_bytes_has(segment->bytes, offset, size)) {
        size_t slot = bzc_oracle_slot_index(oracle, segment->offset + offset);

        if (slot < oracle->reloc_count && oracle->reloc[slot].offset < segment->offset + offset + size) {
            uint64_t behind = oracle->reloc[slot].offset + bzc_reloc_size(oracle->reloc[slot].kind) - segment->offset;

            offset += (behind - offset + step - 1) / step * step;
        } else if (bzc_oracle_variety(segment->bytes.data + offset, size) < variety) {
            offset += step;
        } else {
            *at = offset;
            return true;
        }
    }
    return false;
}

bool bzc_guest_bytes(const struct bzc_guest_view *guest, uint64_t phys, uint64_t size, struct bzc_bytes *bytes)
{
    if (size == 0 || size > UINT64_MAX - phys)
        return false;
    *bytes = guest->view(guest->context, phys, size);
    return bytes->size == size;
}

const struct bzc_elf *bzc_oracle_elf(const struct bzc_oracle *oracle)
{
    return oracle && oracle->kind == BZC_PAYLOAD_ELF && oracle->elf.load_count > 0 ? &oracle->elf : NULL;
}
