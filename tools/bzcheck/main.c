/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck: finds the subcommand and runs it. */
#include <stdio.h>
#include <string.h>

#include "tools/bzcheck/command.h"

static const struct bzc_command commands[] = {
    {"verify", "boot images in an emulated PC and prove the kernel entry", bzc_cmd_verify},
    {"lint", "check what the file alone tells", bzc_cmd_lint},
    {"info", "show what is in an image", bzc_cmd_info},
    {"loaders", "tell which boot loaders would boot an image, and why not", bzc_cmd_loaders},
    {"trace", "show what happens in a run: jumps, registers, instructions, devices", bzc_cmd_trace},
    {"diff", "tell what changed between two images, and what of it matters", bzc_cmd_diff},
    {"extract", "write parts of an image to files", bzc_cmd_extract},
    {"wrap", "rewrite an image into the ELF-wrapped layout", bzc_cmd_wrap},
    {"rules", "list the rules", bzc_cmd_rules},
    {"explain", "tell about rules: demand, reasons, real cases, remedy", bzc_cmd_explain},
};
static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_help(void)
{
    fputs("Usage: bzcheck COMMAND [options] ...\n"
          "\n"
          "Proves that a Linux/x86 boot image follows the boot protocol, by booting it\n"
          "inside an emulated PC.\n"
          "\n"
          "Commands:\n",
          stdout);
    for (size_t i = 0; i < command_count; i++)
        printf("  %-8s  %s\n", commands[i].name, commands[i].summary);
    fputs("\n"
          "Options:\n"
          "  -h, --help     print this help\n"
          "      --version  print the version\n"
          "\n"
          "'bzcheck COMMAND --help' tells about a command.\n",
          stdout);
}

static int run_command(int argc, char **argv)
{
    char about[64];

    if (argc < 2)
        return bzc_usage_error("bzcheck", "a command is missing");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return BZC_EXIT_PASS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("bzcheck " BZC_VERSION);
        return BZC_EXIT_PASS;
    }
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            snprintf(about, sizeof(about), "bzcheck %s", commands[i].name);
            argv[1] = about;
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return bzc_usage_error("bzcheck", "unknown %s '%s'", argv[1][0] == '-' ? "option" : "command", argv[1]);
}

int main(int argc, char **argv)
{
    int status;

    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    status = run_command(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        bzc_complain("bzcheck", "cannot write to standard output");
        status = BZC_EXIT_UNKNOWN;
    }
    return status;
}
