/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of `bzcheck trace`. */
#ifndef BZC_TOOLS_BZCHECK_TRACE_OPTIONS_H
#define BZC_TOOLS_BZCHECK_TRACE_OPTIONS_H

#include "report/trace_collect.h"
#include "verify/verify.h"

/* A file with symbols. */
struct bzc_symbols_file {
    const char *path; /* NULL: none */
    struct bzc_bytes bytes;
};

struct bzc_trace_command {
    struct bzc_verify_options options; /* of one run */
    struct bzc_trace_request request;
    const char *level;       /* as the user spells it */
    bool all_edges;          /* level edges, and none is left out */
    const char *json, *text; /* paths, "-" for stdout, NULL for none */
    struct bzc_symbols_file symbols_file[BZC_SYMBOLS_PARTS];
    struct bzc_symbols *symbols; /* NULL: none are asked for */
    const char *image;           /* path */
};

/*
 * Reads the command line and the files that it names (not the image). Returns -1 when there is work to do, then free
 * *command with bzc_trace_command_free(); else the exit status, everything being said and freed.
 */
int bzc_trace_command_parse(int argc, char **argv, struct bzc_trace_command *command);
void bzc_trace_command_free(struct bzc_trace_command *command);

#endif
