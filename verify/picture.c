/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/picture.h"

#include <stdlib.h>

const char *bzc_jump_kind_name(enum bzc_jump_kind kind)
{
    static const char *const names[] = {
        "unknown",          "start", "jump",  "far-jump", "call", "return", "far-return", "interrupt",
        "interrupt-return", "fall",  "event",
    };

    return names[kind];
}

struct bzc_picture *bzc_picture_new(void)
{
    return calloc(1, sizeof(struct bzc_picture));
}

void bzc_picture_free(struct bzc_picture *picture)
{
    if (!picture)
        return;
    for (size_t i = 0; i < picture->stage_count; i++)
        free(picture->stage[i].range);
    free(picture->stage);
    free(picture->end.range);
    free(picture->jump);
    free(picture);
}
