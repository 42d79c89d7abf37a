/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck wrap: rewrites a bzImage into another layout. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "loader/wrap.h"
#include "report/page.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/same_file.h"
#include "tools/bzcheck/terminal.h"
#include "verify/verification.h"

#define NAME_COLUMN  4
#define VALUE_COLUMN 34

struct wrap_command {
    bool elf, force;
    struct bzc_wrap_options options;
    const char *in, *out; /* paths */
};

static const char help[] = "Usage: bzcheck wrap --elf [options] IN OUT\n"
                           "\n"
                           "Rewrites the bzImage IN into the layout that was proposed for bzImage in 2007:\n"
                           "the protected-mode part becomes an ELF file, headers in front of the\n"
                           "decompressor. OUT still boots by the 16-bit, 64-bit and EFI entries. What\n"
                           "changed is printed.\n"
                           "\n"
                           "  --elf          the layout (there is one)\n"
                           "  --legacy-safe  a loader that jumps to the first byte behind setup, which is\n"
                           "                 now an ELF header, gets through to the decompressor; without\n"
                           "                 this option it stops there. For 64-bit kernels only\n"
                           "  --force        overwrite OUT\n"
                           "  -h, --help     print this help\n"
                           "\n"
                           "Exit status: 0 written; 2 wrong usage; 3 IN cannot be read or cannot be wrapped,\n"
                           "or OUT exists or cannot be written.\n";

enum option_id { OPTION_ELF = 256, OPTION_LEGACY_SAFE, OPTION_FORCE };

static const struct option long_options[] = {
    {"elf", no_argument, NULL, OPTION_ELF},
    {"legacy-safe", no_argument, NULL, OPTION_LEGACY_SAFE},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int parse(struct wrap_command *command, int argc, char **argv)
{
    struct bzc_named_files files = {0};
    int option;

    *command = (struct wrap_command){0};
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_ELF:
            command->elf = true;
            break;
        case OPTION_LEGACY_SAFE:
            command->options.legacy_safe = true;
            break;
        case OPTION_FORCE:
            command->force = true;
            break;
        case 'h':
            fputs(help, stdout);
            return BZC_EXIT_PASS;
        default:
            /* getopt_long() has said what is wrong. */
            fprintf(stderr, "Try '%s --help'.\n", argv[0]);
            return BZC_EXIT_USAGE;
        }
    }
    if (!command->elf)
        return bzc_usage_error(argv[0], "the layout is missing (--elf)");
    if (argc - optind < 2)
        return bzc_usage_error(argv[0], "%s is missing", argc == optind ? "an image" : "the name of the new image");
    if (argc - optind > 2)
        return bzc_usage_error(argv[0], "one image at a time: '%s' is too much", argv[optind + 2]);
    command->in = argv[optind];
    command->out = argv[optind + 1];
    if (strcmp(command->out, "-") == 0)
        return bzc_usage_error(argv[0], "an image is not written to standard output");
    bzc_named_files_read(&files, "the image", command->in);
    bzc_named_files_write(&files, "the new image", command->out);
    return bzc_named_files_check(&files, argv[0]);
}

static void __attribute__((format(printf, 3, 4)))
put_row(struct bzc_page *page, const char *name, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_PLAIN, name);
    bzc_page_tab(page, VALUE_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_PLAIN, VALUE_COLUMN, text);
}

static void put_heading(struct bzc_page *page, const char *text)
{
    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_HEAD, text);
    bzc_page_end_line(page);
}

static void put_entries(struct bzc_page *page, const struct bzc_wrapped *wrapped)
{
    const char *correction = wrapped->grown ? "init_size is set right, then " : "";

    put_heading(page, "entries");
    put_row(page, "32-bit", "offset 0x%" PRIx32 " (code32_start): %sthe decompressor at 0x%" PRIx32, wrapped->entry32,
            correction, wrapped->shift);
    if (wrapped->entry64_jump)
        put_row(page, "64-bit", "offset 0x%x: %sa jump to 0x%" PRIx32, BZC_WRAP_ENTRY64, correction,
                wrapped->entry64_jump);
    put_row(page, "ELF", "0x%" PRIx64 ", in %s mode, with the registers of the %u-bit boot protocol",
            wrapped->elf_entry, wrapped->bits == 64 ? "64-bit" : "32-bit protected", wrapped->bits);
    put_row(page, "first byte", "%s",
            wrapped->legacy_safe ? "an ELF header that is 32-bit code, too: it leads to the 32-bit entry"
                                 : "an ELF header: a loader that jumps there stops");
}

static void put_segments(struct bzc_page *page, const struct bzc_wrapped *wrapped)
{
    put_heading(page, "program headers");
    for (size_t i = 0; i < wrapped->segment_count; i++) {
        const struct bzc_elf_program *segment = &wrapped->segment[i];

        put_row(page, wrapped->segment_name[i], "0x%" PRIx64 ", 0x%" PRIx64 " bytes, 0x%" PRIx64 " in memory",
                segment->paddr, segment->filesz, segment->memsz);
    }
}

static void put_changes(struct bzc_page *page, const struct bzc_wrapped *wrapped)
{
    char count[BZC_PAGE_NUMBER_SIZE];

    put_heading(page, "changes");
    for (size_t i = 0; i < wrapped->change_count; i++)
        put_row(page, wrapped->change[i].name, "0x%" PRIx64 " -> 0x%" PRIx64, wrapped->change[i].before,
                wrapped->change[i].after);
    if (wrapped->checksum == BZC_WRAP_CHECKSUM_RENEWED)
        put_row(page, "CRC-32", "computed anew");
    if (wrapped->certificates)
        put_row(page, "certificate table", "cut off: %s bytes that signed the image as it was",
                bzc_page_count(wrapped->certificates, count));
    if (wrapped->may_run_higher)
        put_row(page, "load address",
                "when it is a multiple of kernel_alignment and not below pref_address, the kernel "
                "runs one such unit higher than before");
}

static void put_summary(const struct wrap_command *command, const struct bzc_wrapped *wrapped)
{
    struct bzc_page page = {.out = stdout, .colour = bzc_terminal_has_colour(stdout)};

    bzc_page_put(&page, BZC_STYLE_HEAD, command->out);
    bzc_page_end_line(&page);
    bzc_page_tab(&page, 2);
    bzc_page_put(&page, BZC_STYLE_PLAIN, command->in);
    bzc_page_printf(&page, BZC_STYLE_PLAIN, ", ELF%u for %s, 0x%" PRIx32 " bytes put behind setup", wrapped->bits,
                    wrapped->bits == 64 ? "x86-64" : "i386", wrapped->shift);
    bzc_page_end_line(&page);
    put_entries(&page, wrapped);
    put_segments(&page, wrapped);
    put_changes(&page, wrapped);
}

int bzc_cmd_wrap(int argc, char **argv)
{
    struct wrap_command command;
    struct bzc_wrapped wrapped;
    struct bzc_bytes file = {0};
    struct bzc_error err = {0};
    enum bzc_status result;
    struct stat there;
    int status = parse(&command, argc, argv);

    if (status >= 0)
        return status;
    if (bzc_file_read(command.in, BZC_IMAGE_FILE_MAX, &file, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    status = BZC_EXIT_UNKNOWN;
    if (!command.force && stat(command.out, &there) == 0) {
        bzc_complain("bzcheck", "%s: exists already (--force overwrites it)", command.out);
        free((void *)(uintptr_t)file.data);
        return status;
    }
    result = bzc_wrap_elf(file, &command.options, &wrapped, &err);
    if (result != BZC_OK) {
        bzc_complain("bzcheck", "%s: %s", command.in, err.message);
    } else if (bzc_file_write(command.out, wrapped.file.data, wrapped.file.size, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
    } else {
        put_summary(&command, &wrapped);
        status = BZC_EXIT_PASS;
    }
    if (result == BZC_OK)
        bzc_wrap_free(&wrapped);
    free((void *)(uintptr_t)file.data);
    return status;
}
