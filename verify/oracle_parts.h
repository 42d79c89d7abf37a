/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the oracle: what its parts share. Offsets are bytes from the kernel's base unless said otherwise. */
#ifndef BZC_VERIFY_ORACLE_PARTS_H
#define BZC_VERIFY_ORACLE_PARTS_H

#include "verify/oracle.h"

/* Bound on the slots of one kernel; Debian's kernels have 300,000. */
#define BZC_RELOCS_MAX (16u << 20)

/* Size of the slot in bytes: 4 or 8. */
static inline size_t bzc_reloc_size(enum bzc_reloc_kind kind)
{
    return kind == BZC_RELOC_64 ? 8 : 4;
}

/* The little-endian value of a slot at `slot`, zero-extended. */
static inline uint64_t bzc_reloc_load(enum bzc_reloc_kind kind, const uint8_t *slot)
{
    return kind == BZC_RELOC_64 ? bzc_load64(slot) : bzc_load32(slot);
}

/* What a slot that holds `value` at link time holds when the kernel's virtual address has moved by `delta`. */
uint64_t bzc_reloc_apply(enum bzc_reloc_kind kind, uint64_t value, uint64_t delta);

/* Index of the first slot that ends behind `offset`; reloc_count when there is none. */
size_t bzc_oracle_slot_index(const struct bzc_oracle *oracle, uint64_t offset);

/*
 * Finds bytes of a segment that can be recognised: the first `size` bytes at `from` or later (offset in the segment,
 * in steps of 16, at most `reach` bytes further) that hold no slot and at least `variety` different values. False when
 * there are none.
 */
bool bzc_oracle_piece(const struct bzc_oracle *oracle, const struct bzc_expected_segment *segment, uint64_t from,
                      size_t size, uint64_t reach, unsigned variety, uint64_t *at);

/* How many different values the bytes have. */
unsigned bzc_oracle_variety(const uint8_t *data, size_t size);

/* Guest bytes [phys, phys+size). False when they are not all in RAM. */
bool bzc_guest_bytes(const struct bzc_guest_view *guest, uint64_t phys, uint64_t size, struct bzc_bytes *bytes);

/* True when the segment, relocated in whichever way its own slots say, lies at physical address `phys`. */
bool bzc_oracle_segment_at(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest,
                           const struct bzc_expected_segment *segment, uint64_t phys);

/*
 * Looks for the segment within 64 MiB of `phys`, where it should be but is not: the nearest place that holds all of
 * it. Reads up to 128 MiB, so at most BZC_ORACLE_SEARCHES segments of a kernel are looked for.
 */
#define BZC_ORACLE_SEARCHES 8u
bool bzc_oracle_search(const struct bzc_oracle *oracle, const struct bzc_guest_view *guest,
                       const struct bzc_expected_segment *segment, uint64_t phys, uint64_t *found_phys);

/*
 * Fill reloc, reloc_count and reloc_problem from the table behind the ELF file. The segments must be known. Errors:
 * BZC_ERR_MEMORY.
 */
enum bzc_status bzc_oracle_read_relocs(struct bzc_oracle *oracle, struct bzc_error *err);

/*
 * Fills everything that a flat payload has: bits, link_base, segment 0, relocations. Errors: BZC_ERR_MEMORY.
 */
enum bzc_status bzc_oracle_read_flat(struct bzc_oracle *oracle, const struct bzc_image *image, struct bzc_error *err);

/*
 * Turns lists of slots, found by either reader, into oracle->reloc. `words` are `count` little-endian 32-bit
 * addresses; the slot's offset is the address, extended to `oracle->bits` by its sign, minus `map`.
 */
struct bzc_reloc_list {
    const uint8_t *words;
    size_t count;
    enum bzc_reloc_kind kind;
};
enum bzc_status bzc_oracle_add_relocs(struct bzc_oracle *oracle, const struct bzc_reloc_list *list, size_t list_count,
                                      uint64_t map, struct bzc_error *err);

#endif
