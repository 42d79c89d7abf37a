/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE           4096u
#define CODE_BEFORE         48u
#define CODE_AFTER          112u /* more than the longest instructions of a picture's lines mostly need */
#define LONGEST_INSTRUCTION 15u
#define FIRST_RANGES        64u

/* ---- code ---- */

/* Bytes [linear, linear + size) of one page; `place` tells where its own page lies, the guest's tables the others. */
static bool read_piece(struct bzc_machine *machine, const struct bzc_code_place *place, uint64_t linear, uint8_t *data,
                       size_t size)
{
    uint64_t phys = place->phys - (place->linear - linear);

    if (linear / PAGE_SIZE != place->linear / PAGE_SIZE && !bzc_machine_lookup(machine, linear, &phys))
        return false;
    return bzc_machine_read(machine, phys, data, size);
}

/* The bytes before `place` in its page and the one before, as far as they can be read. */
static size_t read_before(struct bzc_machine *machine, const struct bzc_code_place *place, uint8_t *end)
{
    size_t want = place->linear < CODE_BEFORE ? (size_t)place->linear : CODE_BEFORE;
    size_t near = place->linear % PAGE_SIZE < want ? (size_t)(place->linear % PAGE_SIZE) : want, far = want - near;

    if (!read_piece(machine, place, place->linear - near, end - near, near))
        return 0;
    if (far && !read_piece(machine, place, place->linear - want, end - want, far))
        return near;
    return want;
}

static size_t read_from(struct bzc_machine *machine, const struct bzc_code_place *place, uint8_t *data, size_t want)
{
    size_t in_page = PAGE_SIZE - (size_t)(place->linear % PAGE_SIZE), near = in_page < want ? in_page : want;

    if (!read_piece(machine, place, place->linear, data, near))
        return 0;
    if (near < want && !read_piece(machine, place, place->linear + near, data + near, want - near))
        return near;
    return want;
}

size_t bzc_snapshot_code(struct bzc_machine *machine, const struct bzc_code_place *place, unsigned before,
                         unsigned after, struct bzc_disasm_line *lines)
{
    uint8_t code[CODE_BEFORE + CODE_AFTER];
    size_t ahead = before ? read_before(machine, place, code + CODE_BEFORE) : 0;
    size_t size = read_from(machine, place, code + CODE_BEFORE, CODE_AFTER);

    return bzc_disasm_around((struct bzc_bytes){code + CODE_BEFORE - ahead, ahead + size}, place->linear - ahead,
                             place->linear, place->bits, before, after, lines);
}

void bzc_snapshot_instruction(struct bzc_machine *machine, struct bzc_disassembler *disassembler,
                              const struct bzc_code_place *place, struct bzc_disasm_line *line, enum bzc_flow *flow)
{
    uint8_t code[LONGEST_INSTRUCTION];
    size_t size = read_from(machine, place, code, sizeof(code));

    bzc_disassembler_one(disassembler, (struct bzc_bytes){code, size}, place->linear, place->bits, line, flow);
}

/* ---- memory ---- */

struct collection {
    struct bzc_stage_picture *picture;
    size_t room;
    bool failed;
};

static void collect_range(void *context, uint64_t phys, uint64_t size, uint8_t epoch)
{
    struct collection *collection = context;
    struct bzc_stage_picture *picture = collection->picture;

    if (picture->range_count == BZC_PICTURE_RANGES_MAX) {
        picture->ranges_left_out++;
        return;
    }
    if (picture->range_count == collection->room) {
        size_t room = collection->room ? 2 * collection->room : FIRST_RANGES;
        struct bzc_picture_range *range = realloc(picture->range, room * sizeof(*range));

        if (!range) {
            collection->failed = true;
            return;
        }
        picture->range = range;
        collection->room = room;
    }
    picture->range[picture->range_count++] = (struct bzc_picture_range){.phys = phys, .size = size, .writer = epoch};
}

bool bzc_snapshot_memory(struct bzc_machine *machine, struct bzc_stage_picture *picture)
{
    struct collection collection = {.picture = picture};

    picture->a20_open = bzc_machine_a20(machine);
    bzc_machine_written(machine, &collection, collect_range);
    return !collection.failed;
}
