/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzcheck info: shows what is in an image. */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/info.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/document.h"
#include "tools/bzcheck/same_file.h"
#include "tools/bzcheck/terminal.h"
#include "verify/verification.h"

struct info_command {
    const char *json;
    bool config;
    char *const *image; /* paths */
    size_t image_count;
    FILE *text;
    bool colour;
    size_t shown; /* images in `text` */
    struct bzc_info_json *document;
};

static const char help[] = "Usage: bzcheck info [options] IMAGE...\n"
                           "\n"
                           "Shows what is in a boot image: what lies where, every field of the setup header,\n"
                           "payload, kernel, PE headers and signatures. Of a unified kernel image it shows\n"
                           "the sections and the kernel in it. Nothing is executed, nothing is judged.\n"
                           "\n"
                           "  --json FILE  write it for programs, too; - is standard output and moves the\n"
                           "               text to standard error\n"
                           "  --config     print the configuration that the kernel carries (one image), and\n"
                           "               nothing else\n"
                           "  -h, --help   print this help\n"
                           "\n"
                           "Exit status: 0 shown; 2 wrong usage; 3 not readable, no boot image, no\n"
                           "configuration in it, or the JSON could not be written. Of several images the\n"
                           "highest counts.\n";

enum option_id { OPTION_JSON = 256, OPTION_CONFIG };

static const struct option long_options[] = {
    {"json", required_argument, NULL, OPTION_JSON},
    {"config", no_argument, NULL, OPTION_CONFIG},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* -1 or an exit status. */
static int parse(struct info_command *command, int argc, char **argv)
{
    struct bzc_named_files files = {0};
    int option;

    *command = (struct info_command){0};
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_JSON:
            command->json = optarg;
            break;
        case OPTION_CONFIG:
            command->config = true;
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
    command->image = argv + optind;
    command->image_count = (size_t)(argc - optind);
    if (command->image_count == 0)
        return bzc_usage_error(argv[0], "an image is missing");
    if (command->config && command->json)
        return bzc_usage_error(argv[0], "--config and --json exclude each other");
    if (command->config && command->image_count > 1)
        return bzc_usage_error(argv[0], "--config belongs to one image, and %zu are given", command->image_count);
    bzc_named_files_images(&files, command->image, command->image_count);
    bzc_named_files_write(&files, "--json", command->json);
    return bzc_named_files_check(&files, argv[0]);
}

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

/* A control character would be a command to a terminal; a configuration has none but newlines and tabs. */
static void print_plain(struct bzc_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f ||
                       /* C1, as UTF-8 has it */
                       (byte >= 0x80 && byte < 0xa0 && i > 0 && text.data[i - 1] == 0xc2);

        putchar(control ? '?' : byte);
    }
}

static int print_config(const char *path, const struct bzc_inspection *inspection)
{
    const struct bzc_ikconfig *config;

    if (!inspection->is_image && inspection->embedded_count > 0)
        inspection = inspection->embedded[0];
    config = &inspection->config;
    if (!inspection->oracle)
        return refuse(path, inspection->facts.oracle_error.message);
    if (!config->found)
        return refuse(path, "the kernel carries no configuration (that needs CONFIG_IKCONFIG=y)");
    if (config->text.size == 0)
        return refuse(path, config->problem);
    print_plain(config->text);
    return BZC_EXIT_PASS;
}

static int show(struct info_command *command, const char *path, const struct bzc_inspection *inspection)
{
    if (command->config)
        return print_config(path, inspection);
    if (command->shown++ > 0)
        fputc('\n', command->text);
    bzc_info_text(path, inspection, command->colour, command->text);
    return BZC_EXIT_PASS;
}

static int inspect(struct info_command *command, const char *path)
{
    struct bzc_inspection *inspection = NULL;
    struct bzc_bytes file = {0};
    struct bzc_error reason = {0}, err = {0};
    int status;

    if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file, &reason) == BZC_OK &&
        bzc_inspect(path, file, &inspection, &reason) == BZC_OK) {
        status = show(command, path, inspection);
    } else {
        fflush(command->text);
        status = refuse(path, reason.message);
    }
    if (command->document && bzc_info_json_add(command->document, path, inspection, &reason, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        status = BZC_EXIT_UNKNOWN;
    }
    bzc_inspection_free(inspection);
    free((void *)(uintptr_t)file.data);
    return status;
}

static enum bzc_status write_json(const void *document, FILE *out, struct bzc_error *err)
{
    return bzc_info_json_write(document, out, err);
}

int bzc_cmd_info(int argc, char **argv)
{
    struct info_command command;
    struct bzc_error err = {0};
    int status = parse(&command, argc, argv);

    if (status >= 0)
        return status;
    command.text = command.json && strcmp(command.json, "-") == 0 ? stderr : stdout;
    command.colour = bzc_terminal_has_colour(command.text);
    if (command.json && bzc_info_json_new(&command.document, &err) != BZC_OK) {
        bzc_complain("bzcheck", "%s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    /* A reader that goes away is a write error like any other: the JSON file is still to be written. */
    if (command.json)
        signal(SIGPIPE, SIG_IGN);
    status = BZC_EXIT_PASS;
    for (size_t i = 0; i < command.image_count; i++) {
        int one = inspect(&command, command.image[i]);

        status = one > status ? one : status;
    }
    if (command.json && !bzc_document_write(command.json, write_json, command.document))
        status = BZC_EXIT_UNKNOWN;
    bzc_info_json_free(command.document);
    return status;
}
