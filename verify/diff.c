/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/diff_parts.h"

/* ---- saying what differs ---- */

static struct bzc_difference *append(struct bzc_diff_work *work, enum bzc_diff_kind_id kind)
{
    struct bzc_diff *diff = work->diff;
    struct bzc_difference *fresh = &work->scrap;

    if (diff->count == BZC_DIFF_MAX) {
        diff->left_out++;
    } else if (diff->count == diff->capacity) {
        size_t capacity = diff->capacity ? 2 * diff->capacity : 64;
        struct bzc_difference *item = realloc(diff->item, capacity * sizeof(*item));

        if (item) {
            diff->item = item;
            diff->capacity = capacity;
        }
        work->no_memory |= !item;
    }
    if (diff->count < diff->capacity && diff->count < BZC_DIFF_MAX)
        fresh = &diff->item[diff->count++];
    *fresh = (struct bzc_difference){.kind = &bzc_diff_kinds[kind], .importance = work->policy->difference[kind]};
    snprintf(fresh->meaning, sizeof(fresh->meaning), "%s", fresh->kind->meaning);
    diff->by_importance[fresh->importance]++;
    return fresh;
}

struct bzc_difference *bzc_diff_add(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *format, ...)
{
    struct bzc_difference *fresh = append(work, kind);
    va_list args;

    va_start(args, format);
    vsnprintf(fresh->subject, sizeof(fresh->subject), format, args);
    va_end(args);
    return fresh;
}

struct bzc_difference *bzc_diff_add_values(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject,
                                           const char *before, const char *after)
{
    struct bzc_difference *fresh = bzc_diff_add(work, kind, "%s", subject);

    snprintf(fresh->before, sizeof(fresh->before), "%s", before);
    snprintf(fresh->after, sizeof(fresh->after), "%s", after);
    return fresh;
}

void bzc_diff_add_hex(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, uint64_t before,
                      uint64_t after)
{
    char old_text[32], new_text[32];

    if (before == after)
        return;
    snprintf(old_text, sizeof(old_text), "0x%" PRIx64, before);
    snprintf(new_text, sizeof(new_text), "0x%" PRIx64, after);
    bzc_diff_add_values(work, kind, subject, old_text, new_text);
}

void bzc_diff_add_number(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, uint64_t before,
                         uint64_t after)
{
    char old_text[32], new_text[32];

    if (before == after)
        return;
    snprintf(old_text, sizeof(old_text), "%" PRIu64, before);
    snprintf(new_text, sizeof(new_text), "%" PRIu64, after);
    bzc_diff_add_values(work, kind, subject, old_text, new_text);
}

void bzc_diff_add_text(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, const char *subject, const char *before,
                       const char *after)
{
    if (strcmp(before, after) != 0)
        bzc_diff_add_values(work, kind, subject, before, after);
}

void bzc_diff_add_run(struct bzc_difference *difference, size_t run)
{
    difference->runs[run / 8] |= (uint8_t)(1u << run % 8);
}

struct bzc_difference *bzc_diff_add_of_run(struct bzc_diff_work *work, enum bzc_diff_kind_id kind, size_t run,
                                           const char *subject, const char *before, const char *after)
{
    struct bzc_diff *diff = work->diff;
    struct bzc_difference *fresh;

    for (size_t i = 0; i < diff->count; i++) {
        struct bzc_difference *known = &diff->item[i];

        if (known->kind->id != kind || strcmp(known->subject, subject) != 0 || strcmp(known->before, before) != 0 ||
            strcmp(known->after, after) != 0)
            continue;
        bzc_diff_add_run(known, run);
        return known;
    }
    fresh = bzc_diff_add_values(work, kind, subject, before, after);
    bzc_diff_add_run(fresh, run);
    return fresh;
}

/* ---- the file ---- */

const char *bzc_diff_kind_of_file(const struct bzc_inspection *file)
{
    return file->is_image ? bzc_image_kind_name(file->facts.image.kind) : "unified kernel image";
}

static const char *system_of(const struct bzc_inspection *kernel)
{
    static const char *const words[] = {"Linux", "not Linux", "unknown"};

    return kernel ? words[kernel->facts.system] : "no kernel";
}

static const char *checksum_of(const struct bzc_inspection *kernel)
{
    static const char *const words[] = {"none", "holds", "held before the image was signed", "none that holds"};

    return words[kernel->facts.checksum.state];
}

/* What a signature does to the CRC is no news besides the signature. */
static enum bzc_diff_kind_id kind_of_checksum(const struct bzc_diff_work *work)
{
    enum bzc_checksum_state was = work->before->kernel->facts.checksum.state;
    enum bzc_checksum_state is = work->after->kernel->facts.checksum.state;
    bool by_signing = (was == BZC_CHECKSUM_GOOD && is == BZC_CHECKSUM_UNSIGNED) ||
                      (was == BZC_CHECKSUM_UNSIGNED && is == BZC_CHECKSUM_GOOD);

    return by_signing ? BZC_DIFF_FILE_CHECKSUM_SIGNED : BZC_DIFF_FILE_CHECKSUM;
}

static void compare_files(struct bzc_diff_work *work)
{
    const struct bzc_inspection *before = work->before->file, *after = work->after->file;

    bzc_diff_add_text(work, BZC_DIFF_FILE_KIND, "kind of file", bzc_diff_kind_of_file(before),
                      bzc_diff_kind_of_file(after));
    bzc_diff_add_text(work, BZC_DIFF_FILE_SYSTEM, "system", system_of(work->before->kernel),
                      system_of(work->after->kernel));
    bzc_diff_add_number(work, BZC_DIFF_FILE_SIZE, "size", before->file.size, after->file.size);
    bzc_diff_add_text(work, BZC_DIFF_FILE_SHA256, "SHA-256", before->sha256, after->sha256);
    if (!work->before->kernel || !work->after->kernel)
        return;
    bzc_diff_add_text(work, BZC_DIFF_FILE_KERNEL_VERSION, "kernel version",
                      work->before->kernel->facts.image.kernel_version,
                      work->after->kernel->facts.image.kernel_version);
    bzc_diff_add_text(work, kind_of_checksum(work), "CRC-32 of the image", checksum_of(work->before->kernel),
                      checksum_of(work->after->kernel));
}

/* ---- all of it ---- */

enum bzc_status bzc_diff_make(const struct bzc_diff_side *before, const struct bzc_diff_side *after,
                              const struct bzc_policy *policy, struct bzc_diff *diff, struct bzc_error *err)
{
    struct bzc_diff_work work = {.before = before, .after = after, .policy = policy, .diff = diff};

    *diff = (struct bzc_diff){0};
    diff->identical = strcmp(before->file->sha256, after->file->sha256) == 0;
    if (diff->identical)
        return BZC_OK;
    compare_files(&work);
    /* In the order of the sections. */
    if (before->kernel && after->kernel) {
        bzc_diff_header(&work);
        bzc_diff_entries(&work);
    }
    bzc_diff_layout(&work);
    if (before->kernel && after->kernel) {
        bzc_diff_payload(&work);
        bzc_diff_kernel(&work);
    }
    bzc_diff_pe(&work);
    if (before->kernel && after->kernel)
        bzc_diff_scenarios(&work);
    if (before->kernel_is && after->kernel_is) {
        bzc_diff_runs(&work);
        bzc_diff_conversations(&work);
    }
    bzc_diff_findings(&work);
    if (work.no_memory) {
        bzc_diff_free(diff);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the differences");
    }
    return BZC_OK;
}

void bzc_diff_free(struct bzc_diff *diff)
{
    free(diff->item);
    *diff = (struct bzc_diff){0};
}
