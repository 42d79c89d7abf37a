/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the loader: the statements of a profile, for its reader. */
#ifndef BZC_LOADER_BOOT_LOADER_PARTS_H
#define BZC_LOADER_BOOT_LOADER_PARTS_H

#include "loader/boot_loader.h"
#include "loader/words.h"

struct bzc_loader_reading {
    struct bzc_boot_loader *loader;
    struct bzc_words words; /* of the present line, behind its first word */
};

enum bzc_loader_statement_kind {
    BZC_STATEMENT_TEXT = 1 << 0,   /* the rest of the line is text: quotes and # mean nothing in it */
    BZC_STATEMENT_MANY = 1 << 1,   /* may stand in a profile more than once */
    BZC_STATEMENT_NEEDED = 1 << 2, /* must stand in a profile */
};

struct bzc_loader_statement {
    const char *name;
    /* Reads the words into the loader; what it leaves is too much. Errors: BZC_ERR_FORMAT, BZC_ERR_LIMIT. */
    enum bzc_status (*take)(struct bzc_loader_reading *reading);
    unsigned kind; /* enum bzc_loader_statement_kind */
};

/* A group of them. */
struct bzc_loader_statements {
    const struct bzc_loader_statement *statement;
    size_t count;
};
extern const struct bzc_loader_statements bzc_loader_image_statements; /* who it is, which image, what goes where */
extern const struct bzc_loader_statements bzc_loader_state_statements; /* what it writes, the CPU at the jump */

/* "if CONDITION", "unless CONDITION" or nothing, up to the end of the line. */
enum bzc_status bzc_loader_take_condition(struct bzc_loader_reading *reading, struct bzc_condition *when);

#endif
