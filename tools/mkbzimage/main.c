/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mkbzimage: builds a test boot image from its parts and a recipe. */
#include "base/file.h"
#include "tools/mkbzimage/compose.h"
#include "tools/mkbzimage/describe.h"
#include "tools/mkbzimage/relocs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX (64u << 20)

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "usage: mkbzimage --setup FILE --stub FILE --kernel ELF [--vmlinux ELF] --output IMAGE RECIPE\n"
    "       mkbzimage --relocs --vmlinux ELF --output TABLE\n"
    "       mkbzimage --fields | --places IMAGE\n"
    "\n"
    "Builds a boot image, or only the relocation table of a kernel linked with --emit-relocs.\n"
    "The recipe's keys are described in tests/images/README.md. For programs that change images,\n"
    "--fields prints the fields of the setup header (NAME OFFSET SIZE SINCE ACCESS) and --places\n"
    "where the parts of an image lie in the file (NAME OFFSET).\n";

static int report(const char *about, const struct bzc_error *err)
{
    fprintf(stderr, "mkbzimage: %s: %s\n", about, err->message);
    return EXIT_FAILED;
}

/* The message of a file that cannot be read names the file itself. */
static bool load(const char *path, struct bzc_bytes *bytes)
{
    struct bzc_error err = {0};

    if (!path || bzc_file_read(path, PART_MAX, bytes, &err) == BZC_OK)
        return true;
    fprintf(stderr, "mkbzimage: %s\n", err.message);
    return false;
}

static int save(const char *path, uint8_t *data, size_t size)
{
    struct bzc_error err = {0};
    enum bzc_status status = bzc_file_write(path, data, size, &err);

    free(data);
    if (status == BZC_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "mkbzimage: %s\n", err.message);
    return EXIT_FAILED;
}

static int write_relocs(const char *vmlinux_path, const char *output)
{
    struct bzc_bytes vmlinux = {0};
    struct bzc_error err = {0};
    enum bzc_status status;
    uint8_t *table;
    size_t size;

    if (!load(vmlinux_path, &vmlinux))
        return EXIT_FAILED;
    status = bzc_relocs_make(vmlinux, &table, &size, &err);
    free((void *)(uintptr_t)vmlinux.data);
    return status == BZC_OK ? save(output, table, size) : report(vmlinux_path, &err);
}

static int write_image(const char *recipe_path, const char *const part_path[4], const char *output)
{
    struct bzc_bytes text = {0}, part[4] = {{0}};
    struct bzc_recipe recipe;
    struct bzc_error err = {0};
    uint8_t *image = NULL;
    size_t size = 0;
    bool loaded = load(recipe_path, &text);
    int result = EXIT_FAILED;

    for (unsigned i = 0; i < 4; i++)
        loaded = loaded && load(part_path[i], &part[i]);
    if (loaded) {
        struct bzc_parts parts = {.setup = part[0], .stub = part[1], .kernel = part[2], .vmlinux = part[3]};
        enum bzc_status status = bzc_recipe_parse(text, &recipe, &err);

        if (status == BZC_OK)
            status = bzc_compose(&recipe, &parts, &image, &size, &err);
        result = status == BZC_OK ? save(output, image, size) : report(recipe_path, &err);
    }
    for (unsigned i = 0; i < 4; i++)
        free((void *)(uintptr_t)part[i].data);
    free((void *)(uintptr_t)text.data);
    return result;
}

static int print_places(const char *path)
{
    struct bzc_bytes file = {0};

    if (!load(path, &file))
        return EXIT_FAILED;
    bzc_describe_places(file, stdout);
    free((void *)(uintptr_t)file.data);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    enum { SETUP, STUB, KERNEL, VMLINUX, OUTPUT, RELOCS, FIELDS, PLACES, HELP };
    static const struct option options[] = {
        {"setup", required_argument, NULL, SETUP},   {"stub", required_argument, NULL, STUB},
        {"kernel", required_argument, NULL, KERNEL}, {"vmlinux", required_argument, NULL, VMLINUX},
        {"output", required_argument, NULL, OUTPUT}, {"relocs", no_argument, NULL, RELOCS},
        {"fields", no_argument, NULL, FIELDS},       {"places", required_argument, NULL, PLACES},
        {"help", no_argument, NULL, HELP},           {NULL, 0, NULL, 0},
    };
    const char *path[OUTPUT + 1] = {NULL};
    bool relocs = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == HELP) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (option == '?') {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
        if (option == FIELDS) {
            bzc_describe_fields(stdout);
            return EXIT_SUCCESS;
        }
        if (option == PLACES)
            return print_places(optarg);
        if (option == RELOCS)
            relocs = true;
        else
            path[option] = optarg;
    }
    if (relocs && path[VMLINUX] && path[OUTPUT] && optind == argc)
        return write_relocs(path[VMLINUX], path[OUTPUT]);
    if (!relocs && path[SETUP] && path[STUB] && path[KERNEL] && path[OUTPUT] && optind + 1 == argc)
        return write_image(argv[optind], path, path[OUTPUT]);
    fputs(usage, stderr);
    return EXIT_USAGE;
}
