/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck extract: writes parts of an image to files. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "loader/parts.h"
#include "report/page.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/same_file.h"
#include "tools/bzcheck/terminal.h"
#include "verify/verification.h"

#define SIZE_COLUMN    16
#define MEANING_COLUMN 30

struct target {
    const struct bzc_taken_part *part;
    char *path; /* owned; "-": standard output */
};

struct extract_command {
    bool list, all, force;
    const char *folder; /* NULL: the current one */
    const char *image;  /* path */
    char *const *wish;  /* PART or PART=FILE */
    size_t wish_count;
    struct target target[BZC_PARTS_MAX];
    size_t target_count;
    const char *about;
};

static const char help[] = "Usage: bzcheck extract [options] IMAGE PART[=FILE]...\n"
                           "       bzcheck extract [options] --all IMAGE\n"
                           "       bzcheck extract --list IMAGE\n"
                           "\n"
                           "Writes parts of a boot image to files, each whole or not at all. Parts are\n"
                           "setup, pm, payload, unpacked, vmlinux, relocations, config, and of a unified\n"
                           "kernel image its sections (.linux, .initrd, ...); the others are then those of\n"
                           "its kernel.\n"
                           "\n"
                           "  --list            show the parts that the image has, and write nothing\n"
                           "  --all             write every part that it has\n"
                           "  --output-dir DIR  put files without FILE there (it is made if need be;\n"
                           "                    default: the current folder)\n"
                           "  --force           overwrite existing files\n"
                           "  -h, --help        print this help\n"
                           "\n"
                           "FILE is - for standard output. Without FILE the name is that in the list.\n"
                           "\n"
                           "Exit status: 0 written; 2 wrong usage; 3 the image cannot be read or is none,\n"
                           "has no such part, or a file exists or cannot be written.\n";

enum option_id { OPTION_LIST = 256, OPTION_ALL, OPTION_OUTPUT_DIR, OPTION_FORCE };

static const struct option long_options[] = {
    {"list", no_argument, NULL, OPTION_LIST},
    {"all", no_argument, NULL, OPTION_ALL},
    {"output-dir", required_argument, NULL, OPTION_OUTPUT_DIR},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int check_usage(const struct extract_command *command, const char *about)
{
    size_t to_stdout = 0;

    if (!command->image)
        return bzc_usage_error(about, "an image is missing");
    if (command->list && command->all)
        return bzc_usage_error(about, "--list and --all exclude each other");
    if ((command->list || command->all) && command->wish_count > 0)
        return bzc_usage_error(about, "--%s takes no parts, and '%s' is given", command->list ? "list" : "all",
                               command->wish[0]);
    if (!command->list && !command->all && command->wish_count == 0)
        return bzc_usage_error(about, "parts are missing (or --all, or --list)");
    if (command->wish_count > BZC_PARTS_MAX)
        return bzc_usage_error(about, "more than %d parts", BZC_PARTS_MAX);
    for (size_t i = 0; i < command->wish_count; i++) {
        const char *file = strchr(command->wish[i], '=');

        if (file && !file[1])
            return bzc_usage_error(about, "'%s' names no file", command->wish[i]);
        to_stdout += file && strcmp(file + 1, "-") == 0;
    }
    if (to_stdout > 1)
        return bzc_usage_error(about, "standard output takes one part");
    return -1;
}

static int parse(struct extract_command *command, int argc, char **argv)
{
    int option;

    *command = (struct extract_command){.about = argv[0]};
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_LIST:
            command->list = true;
            break;
        case OPTION_ALL:
            command->all = true;
            break;
        case OPTION_OUTPUT_DIR:
            command->folder = optarg;
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
    if (optind < argc) {
        command->image = argv[optind];
        command->wish = argv + optind + 1;
        command->wish_count = (size_t)(argc - optind - 1);
    }
    return check_usage(command, argv[0]);
}

static void print_list(const struct bzc_parts *parts)
{
    struct bzc_page page = {.out = stdout, .colour = bzc_terminal_has_colour(stdout)};
    char count[BZC_PAGE_NUMBER_SIZE];

    for (size_t i = 0; i < parts->count; i++) {
        const struct bzc_taken_part *part = &parts->part[i];

        bzc_page_put(&page, BZC_STYLE_PLAIN, part->name);
        bzc_page_tab(&page, SIZE_COLUMN);
        if (part->missing[0]) {
            bzc_page_put(&page, BZC_STYLE_PLAIN, "-");
            bzc_page_tab(&page, MEANING_COLUMN);
            bzc_page_put(&page, BZC_STYLE_PLAIN, part->missing);
        } else {
            bzc_page_put(&page, BZC_STYLE_PLAIN, bzc_page_count(part->bytes.size, count));
            bzc_page_tab(&page, MEANING_COLUMN);
            bzc_page_printf(&page, BZC_STYLE_PLAIN, "%s; %s", part->file_name, part->meaning);
        }
        bzc_page_end_line(&page);
    }
}

/* ---- what goes where ---- */

static bool add_target(struct extract_command *command, const struct bzc_taken_part *part, const char *file)
{
    struct target *target = &command->target[command->target_count];
    int length = file ? asprintf(&target->path, "%s", file)
                      : asprintf(&target->path, "%s%s%s", command->folder ? command->folder : "",
                                 command->folder ? "/" : "", part->file_name);

    if (length < 0) {
        bzc_complain("bzcheck", "no memory");
        return false;
    }
    target->part = part;
    command->target_count++;
    return true;
}

static bool add_wish(struct extract_command *command, const struct bzc_parts *parts, const char *wish)
{
    const char *equals = strchr(wish, '=');
    char *name = strndup(wish, equals ? (size_t)(equals - wish) : strlen(wish));
    const struct bzc_taken_part *part = name ? bzc_parts_find(parts, name) : NULL;
    bool good = false;

    if (!name)
        bzc_complain("bzcheck", "no memory");
    else if (!part)
        bzc_complain("bzcheck", "%s: there is no part '%s' (--list shows what there is)", command->image, name);
    else if (part->missing[0])
        bzc_complain("bzcheck", "%s: %s: %s", command->image, name, part->missing);
    else
        good = add_target(command, part, equals ? equals + 1 : NULL);
    free(name);
    return good;
}

static bool choose(struct extract_command *command, const struct bzc_parts *parts)
{
    for (size_t i = 0; i < command->wish_count; i++) {
        if (!add_wish(command, parts, command->wish[i]))
            return false;
    }
    for (size_t i = 0; command->all && i < parts->count; i++) {
        if (!parts->part[i].missing[0] && !add_target(command, &parts->part[i], NULL))
            return false;
    }
    return true;
}

/* Nothing is written when one of the files could not be. */
static bool check_targets(const struct extract_command *command)
{
    struct stat st;

    for (size_t i = 0; i < command->target_count; i++) {
        const char *path = command->target[i].path;

        for (size_t k = 0; k < i; k++) {
            if (strcmp(path, command->target[k].path) == 0) {
                bzc_complain("bzcheck", "%s: %s and %s cannot both be written to it", path,
                             command->target[k].part->name, command->target[i].part->name);
                return false;
            }
        }
        if (strcmp(path, "-") != 0 && !command->force && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            bzc_complain("bzcheck", "%s: exists already (--force overwrites it)", path);
            return false;
        }
    }
    return true;
}

/* --force does not stretch to the image itself. */
static int check_files(const struct extract_command *command)
{
    struct bzc_named_files files = {0};

    bzc_named_files_read(&files, "the image", command->image);
    for (size_t i = 0; i < command->target_count; i++)
        bzc_named_files_write(&files, command->target[i].part->name, command->target[i].path);
    return bzc_named_files_check(&files, command->about);
}

static bool make_folder(const char *folder)
{
    if (!folder || mkdir(folder, 0777) == 0 || errno == EEXIST)
        return true;
    bzc_complain("bzcheck", "%s: %s", folder, strerror(errno));
    return false;
}

/* ---- writing ---- */

static bool takes_stdout(const struct extract_command *command)
{
    for (size_t i = 0; i < command->target_count; i++) {
        if (strcmp(command->target[i].path, "-") == 0)
            return true;
    }
    return false;
}

static bool write_target(const struct target *target, struct bzc_page *page)
{
    struct bzc_bytes bytes = target->part->bytes;
    char count[BZC_PAGE_NUMBER_SIZE];
    struct bzc_error err = {0};

    if (strcmp(target->path, "-") == 0) {
        /* Errors are main()'s business. */
        fwrite(bytes.data, 1, bytes.size, stdout);
        return true;
    }
    if (bzc_file_write(target->path, bytes.data, bytes.size, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return false;
    }
    bzc_page_put(page, BZC_STYLE_PLAIN, target->part->name);
    bzc_page_tab(page, SIZE_COLUMN);
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_page_count(bytes.size, count));
    bzc_page_tab(page, MEANING_COLUMN);
    bzc_page_put(page, BZC_STYLE_PLAIN, target->path);
    bzc_page_end_line(page);
    return true;
}

static void tell_missing(const struct bzc_parts *parts, struct bzc_page *page)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (!parts->part[i].missing[0])
            continue;
        bzc_page_put(page, BZC_STYLE_PLAIN, parts->part[i].name);
        bzc_page_tab(page, SIZE_COLUMN);
        bzc_page_put(page, BZC_STYLE_PLAIN, "-");
        bzc_page_tab(page, MEANING_COLUMN);
        bzc_page_put(page, BZC_STYLE_PLAIN, parts->part[i].missing);
        bzc_page_end_line(page);
    }
}

static int extract(struct extract_command *command, const struct bzc_parts *parts)
{
    struct bzc_page page = {0};
    int status;

    if (!choose(command, parts) || !check_targets(command))
        return BZC_EXIT_UNKNOWN;
    status = check_files(command);
    if (status >= 0)
        return status;
    if (!make_folder(command->folder))
        return BZC_EXIT_UNKNOWN;
    page.out = takes_stdout(command) ? stderr : stdout;
    for (size_t i = 0; i < command->target_count; i++) {
        if (!write_target(&command->target[i], &page))
            return BZC_EXIT_UNKNOWN;
    }
    if (command->all)
        tell_missing(parts, &page);
    return BZC_EXIT_PASS;
}

int bzc_cmd_extract(int argc, char **argv)
{
    struct extract_command command;
    struct bzc_parts parts = {0};
    struct bzc_bytes file = {0};
    struct bzc_error err = {0};
    int status = parse(&command, argc, argv);

    if (status >= 0)
        return status;
    if (bzc_file_read(command.image, BZC_IMAGE_FILE_MAX, &file, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    status = BZC_EXIT_PASS;
    if (bzc_parts_read(file, &parts, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s: %s", command.image, err.message);
        status = BZC_EXIT_UNKNOWN;
    } else if (command.list) {
        print_list(&parts);
    } else {
        status = extract(&command, &parts);
    }
    for (size_t i = 0; i < command.target_count; i++)
        free(command.target[i].path);
    bzc_parts_free(&parts);
    free((void *)(uintptr_t)file.data);
    return status;
}
