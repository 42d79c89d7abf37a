/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck loaders: which boot loaders would boot an image. */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/loader_list.h"
#include "tools/bzcheck/boot_options.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/document.h"
#include "tools/bzcheck/loader_option.h"
#include "tools/bzcheck/same_file.h"
#include "tools/bzcheck/terminal.h"
#include "verify/verify.h"

#define LOADERS_MAX 64 /* that are built in, or given */

struct loaders_command {
    struct bzc_loaders_options options;
    struct bzc_chosen_loader chosen[LOADERS_MAX]; /* the first options.loader_count */
    const struct bzc_boot_loader *loader[LOADERS_MAX];
    const char *initrd; /* path */
    const char *json;
    bool verbose;
    char *const *image; /* paths */
    size_t image_count;
    FILE *text;
    bool colour;
    size_t shown; /* images in `text` */
    struct bzc_loader_json *document;
    struct bzc_named_files files;
};

static const char help[] = "Usage: bzcheck loaders [options] IMAGE...\n"
                           "\n"
                           "Who will boot this? Asks what existing boot loaders make of an image, each by a\n"
                           "profile that was read from its source: whether it accepts it, refuses it,\n"
                           "or boots it in a way that is dangerous, and why. Nothing is executed; 'bzcheck\n"
                           "verify --as NAME' boots the image the way a loader does.\n"
                           "\n"
                           "  --as NAME|FILE  ask this loader only (may be given more than once); what has a\n"
                           "                  slash or a dot in it is a profile of your own\n"
                           "  --initrd FILE   with this initrd (its size matters)\n"
                           "  --cmdline STR   with this command line (its length matters)\n"
                           "  --json FILE     write it for programs, too; - is standard output and moves the\n"
                           "                  text to standard error\n"
                           "  --verbose       also print what each profile was read from, and its notes\n"
                           "  -h, --help      print this help\n"
                           "\n"
                           "Exit status: 0 at least one loader accepts each image; 1 none does; 2 wrong\n"
                           "usage; 3 not readable, no boot image, or the JSON could not be written. Of\n"
                           "several images the highest counts.\n";

enum option_id { OPTION_AS = 256, OPTION_INITRD, OPTION_CMDLINE, OPTION_JSON, OPTION_VERBOSE };

static const struct option long_options[] = {
    {"as", required_argument, NULL, OPTION_AS},
    {"initrd", required_argument, NULL, OPTION_INITRD},
    {"cmdline", required_argument, NULL, OPTION_CMDLINE},
    {"json", required_argument, NULL, OPTION_JSON},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* ---- the command line: -1 or an exit status ---- */

static int take_as(struct loaders_command *command, const char *about, const char *text)
{
    if (command->options.loader_count == LOADERS_MAX)
        return bzc_usage_error(about, "--as: more than %d times", LOADERS_MAX);
    return bzc_loader_option_read(about, text, &command->chosen[command->options.loader_count++]);
}

static int take_option(struct loaders_command *command, const char *about, int option, const char *text)
{
    switch (option) {
    case OPTION_AS:
        bzc_named_files_option(&command->files, BZC_OPTION_AS, text);
        return take_as(command, about, text);
    case OPTION_INITRD:
        bzc_named_files_read(&command->files, "--initrd", text);
        command->initrd = text;
        return -1;
    case OPTION_CMDLINE:
        command->options.cmdline_length = strlen(text);
        return -1;
    case OPTION_JSON:
        command->json = text;
        return -1;
    case OPTION_VERBOSE:
        command->verbose = true;
        return -1;
    case 'h':
        fputs(help, stdout);
        return BZC_EXIT_PASS;
    default:
        /* getopt_long() has said what is wrong. */
        fprintf(stderr, "Try '%s --help'.\n", about);
        return BZC_EXIT_USAGE;
    }
}

/* Only the size is wanted. */
static int load_initrd(struct loaders_command *command)
{
    struct bzc_bytes initrd = {0};
    struct bzc_error err = {0};

    if (!command->initrd)
        return -1;
    if (bzc_file_read_head(command->initrd, 0, 1, BZC_INITRD_FILE_MAX, &initrd, &err) != BZC_OK)
        bzc_complain("bzcheck", "--initrd: %s", err.message);
    else if (initrd.size == 0)
        bzc_complain("bzcheck", "--initrd: %s: the file is empty", command->initrd);
    free((void *)(uintptr_t)initrd.data);
    command->options.initrd_size = initrd.size;
    return initrd.size > 0 ? -1 : BZC_EXIT_UNKNOWN;
}

static int load_all_loaders(struct loaders_command *command)
{
    struct bzc_error err = {0};

    for (size_t i = 0; i < bzc_loader_profile_count && i < LOADERS_MAX; i++) {
        if (bzc_boot_loader_read(bzc_loader_profile_text[i], &command->chosen[i].loader, &err) != BZC_OK) {
            bzc_complain("bzcheck", "%s: %s", bzc_loader_profile_name[i], err.message);
            return BZC_EXIT_UNKNOWN;
        }
        command->options.loader_count++;
    }
    return -1;
}

static int parse(struct loaders_command *command, int argc, char **argv)
{
    int status = -1, option;

    while (status < 0 && (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        status = take_option(command, argv[0], option, optarg);
    if (status >= 0)
        return status;
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    if (command->image_count == 0)
        return bzc_usage_error(argv[0], "an image is missing");
    bzc_named_files_images(&command->files, command->image, command->image_count);
    bzc_named_files_write(&command->files, "--json", command->json);
    status = bzc_named_files_check(&command->files, argv[0]);
    if (status >= 0)
        return status;
    command->options.digest = command->json;
    status = load_initrd(command);
    if (status < 0 && command->options.loader_count == 0)
        status = load_all_loaders(command);
    return status;
}

/* ---- one image after the other ---- */

static int refuse(const char *path, const char *message)
{
    size_t length = strlen(path);

    /* What bzc_file_read() says begins with the path. */
    if (strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0)
        bzc_complain("bzcheck", "%s", message);
    else
        bzc_complain("bzcheck", "%s: %s", path, message);
    return BZC_EXIT_UNKNOWN;
}

static int ask(struct loaders_command *command, const char *path)
{
    struct bzc_loaders_answer *answer = NULL;
    struct bzc_bytes file = {0};
    struct bzc_error reason = {0}, err = {0};
    int status;

    if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file, &reason) == BZC_OK &&
        bzc_loaders_ask(path, file, &command->options, &answer, &reason) == BZC_OK) {
        if (command->shown++ > 0)
            fputc('\n', command->text);
        bzc_loader_list_text(answer, command->colour, command->verbose, command->text);
        status = answer->count[BZC_LOADER_ACCEPTS] > 0 ? BZC_EXIT_PASS : BZC_EXIT_FAIL;
    } else {
        fflush(command->text);
        status = refuse(path, reason.message);
    }
    if (command->document && bzc_loader_json_add(command->document, path, answer, &reason, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        status = BZC_EXIT_UNKNOWN;
    }
    bzc_loaders_free(answer);
    free((void *)(uintptr_t)file.data);
    return status;
}

static enum bzc_status write_json(const void *document, FILE *out, struct bzc_error *err)
{
    return bzc_loader_json_write(document, out, err);
}

static int ask_all(struct loaders_command *command)
{
    struct bzc_error err = {0};
    int worst = BZC_EXIT_PASS;

    command->text = command->json && strcmp(command->json, "-") == 0 ? stderr : stdout;
    command->colour = bzc_terminal_has_colour(command->text);
    if (command->json && bzc_loader_json_new(&command->options, &command->document, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    /* A reader that goes away is a write error like any other: the JSON file is still to be written. */
    if (command->json)
        signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < command->image_count; i++) {
        int status = ask(command, command->image[i]);

        worst = status > worst ? status : worst;
    }
    if (command->json && !bzc_document_write(command->json, write_json, command->document))
        worst = BZC_EXIT_UNKNOWN;
    bzc_loader_json_free(command->document);
    return worst;
}

int bzc_cmd_loaders(int argc, char **argv)
{
    struct loaders_command *command = calloc(1, sizeof(*command));
    int status;

    if (!command) {
        bzc_complain("bzcheck", "no memory");
        return BZC_EXIT_UNKNOWN;
    }
    status = parse(command, argc, argv);
    for (size_t i = 0; i < command->options.loader_count; i++)
        command->loader[i] = &command->chosen[i].loader;
    command->options.loader = command->loader;
    if (status < 0)
        status = ask_all(command);
    for (size_t i = 0; i < command->options.loader_count; i++)
        bzc_chosen_loader_clear(&command->chosen[i]);
    bzc_named_files_free(&command->files);
    free(command);
    return status;
}
