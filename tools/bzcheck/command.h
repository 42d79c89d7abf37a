/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share: the table of them, exit statuses, messages to the user. */
#ifndef BZC_TOOLS_BZCHECK_COMMAND_H
#define BZC_TOOLS_BZCHECK_COMMAND_H

#include <stddef.h>

/* Exit statuses. Of several images the highest counts. */
enum bzc_exit {
    BZC_EXIT_PASS = 0,
    BZC_EXIT_FAIL = 1,    /* findings at or above the threshold */
    BZC_EXIT_USAGE = 2,   /* the command line is wrong; nothing was done */
    BZC_EXIT_UNKNOWN = 3, /* could not tell, or could not write the report */
};

struct bzc_command {
    const char *name;
    const char *summary;
    /* argv[0] is "bzcheck NAME", for messages. Returns an enum bzc_exit. */
    int (*run)(int argc, char **argv);
};

int bzc_cmd_diff(int argc, char **argv);
int bzc_cmd_explain(int argc, char **argv);
int bzc_cmd_extract(int argc, char **argv);
int bzc_cmd_info(int argc, char **argv);
int bzc_cmd_lint(int argc, char **argv);
int bzc_cmd_loaders(int argc, char **argv);
int bzc_cmd_rules(int argc, char **argv);
int bzc_cmd_trace(int argc, char **argv);
int bzc_cmd_verify(int argc, char **argv);
int bzc_cmd_wrap(int argc, char **argv);

/* One line on stderr, "ABOUT: ...", fit for a terminal whatever the text holds; cut at 1023 bytes. */
void bzc_complain(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same and a hint to --help; returns BZC_EXIT_USAGE. */
int bzc_usage_error(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
