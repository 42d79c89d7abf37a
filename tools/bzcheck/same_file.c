/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/same_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/bzcheck/command.h"
#include "tools/bzcheck/policy_options.h"
#include "tools/bzcheck/run_options.h"

#define LINKS_MAX 40u /* that are followed: as many as the kernel does */

/* ---- one file? ---- */

/* The folder in which the file lies or would lie, and its name there; `path` is shortened to do so. */
static bool find_place(char *path, struct stat *folder, const char **name)
{
    char *slash = strrchr(path, '/');

    *name = slash ? slash + 1 : path;
    if (!slash)
        return stat(".", folder) == 0;
    if (slash == path)
        return stat("/", folder) == 0;
    *slash = '\0';
    return stat(path, folder) == 0;
}

/* Where a symbolic link that leads to no file yet would make one: writes the place into `path`. */
static void follow_links(char path[PATH_MAX])
{
    char target[PATH_MAX], joined[2 * PATH_MAX];

    for (unsigned i = 0; i < LINKS_MAX; i++) {
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        char *slash = strrchr(path, '/');
        int folder = slash ? (int)(slash + 1 - path) : 0;

        if (length <= 0)
            return;
        target[length] = '\0';
        snprintf(joined, sizeof(joined), "%.*s%s", target[0] == '/' ? 0 : folder, path, target);
        if (strlen(joined) >= PATH_MAX)
            return;
        strcpy(path, joined);
    }
}

/* Neither is there yet. */
static bool same_new_file(const char *a, const char *b)
{
    char path[2][PATH_MAX];
    const char *name[2];
    struct stat folder[2];

    if (strlen(a) >= PATH_MAX || strlen(b) >= PATH_MAX)
        return false;
    strcpy(path[0], a);
    strcpy(path[1], b);
    for (unsigned i = 0; i < 2; i++) {
        follow_links(path[i]);
        if (!find_place(path[i], &folder[i], &name[i]))
            return false;
    }
    return folder[0].st_dev == folder[1].st_dev && folder[0].st_ino == folder[1].st_ino &&
           strcmp(name[0], name[1]) == 0;
}

bool bzc_same_file(const char *a, const char *b)
{
    struct stat one, other;
    bool has_one = stat(a, &one) == 0, has_other = stat(b, &other) == 0;

    if (!has_one && !has_other)
        return same_new_file(a, b);
    return has_one && has_other && one.st_dev == other.st_dev && one.st_ino == other.st_ino && !S_ISCHR(one.st_mode) &&
           !S_ISFIFO(one.st_mode) && !S_ISSOCK(one.st_mode);
}

/* ---- all that a command line names ---- */

static void add(struct bzc_named_files *files, const char *what, const char *path, bool written)
{
    struct bzc_named_file *grown = realloc(files->item, (files->count + 1) * sizeof(*grown));

    if (!grown) {
        files->no_memory = true;
        return;
    }
    files->item = grown;
    files->item[files->count++] = (struct bzc_named_file){what, path, written};
}

void bzc_named_files_read(struct bzc_named_files *files, const char *what, const char *path)
{
    if (path)
        add(files, what, path, false);
}

void bzc_named_files_write(struct bzc_named_files *files, const char *what, const char *path)
{
    if (path && strcmp(path, "-") != 0)
        add(files, what, path, true);
}

void bzc_named_files_images(struct bzc_named_files *files, char *const *image, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bzc_named_files_read(files, "the image", image[i]);
}

void bzc_named_files_reports(struct bzc_named_files *files, const struct bzc_report_options *reports)
{
    for (size_t i = 0; i < reports->target_count; i++)
        bzc_named_files_write(files, "the report", reports->target[i].path);
}

void bzc_named_files_baseline(struct bzc_named_files *files, const struct bzc_baseline_options *baseline)
{
    if (baseline->update)
        bzc_named_files_write(files, "--baseline", baseline->path);
    else
        bzc_named_files_read(files, "--baseline", baseline->path);
}

void bzc_named_files_option(struct bzc_named_files *files, int option, const char *text)
{
    const char *equals;

    switch (option) {
    case BZC_OPTION_MEMORY_MAP:
        bzc_named_files_read(files, "--memory-map", text);
        break;
    case BZC_OPTION_INITRD:
        bzc_named_files_read(files, "--initrd", text);
        break;
    case BZC_OPTION_PROFILE:
        bzc_named_files_read(files, "--profile", text);
        break;
    case BZC_OPTION_SETUP_DATA:
        equals = strchr(text, '=');
        bzc_named_files_read(files, "--setup-data", equals ? equals + 1 : NULL);
        break;
    case BZC_OPTION_AS:
        bzc_named_files_read(files, "--as", strpbrk(text, "/.") ? text : NULL);
        break;
    }
}

int bzc_named_files_check(struct bzc_named_files *files, const char *about)
{
    int status = -1;

    if (files->no_memory) {
        bzc_complain("bzcheck", "no memory");
        status = BZC_EXIT_UNKNOWN;
    }
    for (size_t i = 0; i < files->count && status < 0; i++) {
        const struct bzc_named_file *out = &files->item[i];

        for (size_t k = 0; out->written && k < files->count && status < 0; k++) {
            const struct bzc_named_file *other = &files->item[k];

            if ((other->written && k <= i) || !bzc_same_file(out->path, other->path))
                continue;
            status = other->written ? bzc_usage_error(about, "%s %s and %s %s would be the same file", out->what,
                                                      out->path, other->what, other->path)
                                    : bzc_usage_error(about, "%s %s would overwrite %s %s", out->what, out->path,
                                                      other->what, other->path);
        }
    }
    bzc_named_files_free(files);
    return status;
}

void bzc_named_files_free(struct bzc_named_files *files)
{
    free(files->item);
    *files = (struct bzc_named_files){0};
}
