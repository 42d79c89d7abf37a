/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/diff.h"
#include "report/json.h"

static json_t *image_object(const char *path, const struct bzc_diff_side *side, bool *failed)
{
    const struct bzc_image *image = side && side->kernel ? &side->kernel->facts.image : NULL;
    const char *kind = NULL;
    json_t *object = json_object();
    char protocol[8] = "";

    if (side)
        kind = side->file->is_image ? bzc_image_kind_name(side->file->facts.image.kind) : "uki";
    if (image)
        bzc_image_protocol_text(image, protocol);
    bzc_json_set(object, "path", bzc_json_string(path), failed);
    bzc_json_set(object, "sha256", bzc_json_text(side ? side->file->sha256 : NULL), failed);
    bzc_json_set(object, "size", side ? bzc_json_number(side->file->file.size) : json_null(), failed);
    bzc_json_set(object, "kind", bzc_json_text(kind), failed);
    bzc_json_set(object, "protocol", bzc_json_text(protocol), failed);
    bzc_json_set(object, "kernel_version", bzc_json_text(image ? image->kernel_version : NULL), failed);
    return object;
}

static json_t *runs_array(const struct bzc_difference *difference, const struct bzc_diff_side *before, bool *failed)
{
    char label[BZC_DIFF_RUN_LABEL];
    json_t *array = json_array();

    for (size_t at = 0; bzc_diff_next_run(difference, before, &at, label);)
        bzc_json_append(array, bzc_json_string(label), failed);
    return array;
}

static json_t *difference_object(const struct bzc_difference *difference, const struct bzc_diff_side *before,
                                 bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "kind", json_string(difference->kind->name), failed);
    bzc_json_set(object, "section", json_string(bzc_diff_section_name(difference->kind->section)), failed);
    bzc_json_set(object, "importance", json_string(bzc_importance_name(difference->importance)), failed);
    bzc_json_set(object, "subject", bzc_json_string(difference->subject), failed);
    bzc_json_set(object, "runs", runs_array(difference, before, failed), failed);
    bzc_json_set(object, "old", bzc_json_text(difference->before), failed);
    bzc_json_set(object, "new", bzc_json_text(difference->after), failed);
    bzc_json_set(object, "meaning", bzc_json_string(difference->meaning), failed);
    return object;
}

static json_t *counts_object(const struct bzc_diff *diff, bool *failed)
{
    json_t *object = json_object();

    for (int i = BZC_IMPORTANCE_COUNT - 1; i >= 0; i--)
        bzc_json_set(object, bzc_importance_name((enum bzc_importance)i),
                     bzc_json_number(diff ? diff->by_importance[i] : 0), failed);
    return object;
}

static const char *verdict(const struct bzc_diff *diff)
{
    if (!diff)
        return "unknown";
    if (diff->identical)
        return "identical";
    return diff->by_importance[BZC_IMPORTANCE_BREAKING] > 0 ? "breaking" : "compatible";
}

static json_t *document(const struct bzc_diff_entry *entry, bool *failed)
{
    const struct bzc_diff *diff = entry->diff;
    json_t *object = json_object(), *tool = json_object(), *differences = json_array();

    bzc_json_set(tool, "name", json_string("bzcheck"), failed);
    bzc_json_set(tool, "version", json_string(BZC_VERSION), failed);
    for (size_t i = 0; diff && i < diff->count; i++)
        bzc_json_append(differences, difference_object(&diff->item[i], entry->side[0], failed), failed);
    bzc_json_set(object, "schema", json_string("bzcheck-diff/1"), failed);
    bzc_json_set(object, "tool", tool, failed);
    bzc_json_set(object, "old", image_object(entry->path[0], entry->side[0], failed), failed);
    bzc_json_set(object, "new", image_object(entry->path[1], entry->side[1], failed), failed);
    bzc_json_set(object, "executed", json_boolean(entry->executed), failed);
    bzc_json_set(object, "runs_compared", bzc_json_number(diff ? diff->runs_compared : 0), failed);
    bzc_json_set(object, "same_findings", bzc_json_number(diff ? diff->same_findings : 0), failed);
    bzc_json_set(object, "counts", counts_object(diff, failed), failed);
    bzc_json_set(object, "left_out", bzc_json_number(diff ? diff->left_out : 0), failed);
    bzc_json_set(object, "differences", differences, failed);
    bzc_json_set(object, "verdict", json_string(verdict(diff)), failed);
    bzc_json_set(object, "reason", diff ? json_null() : bzc_json_text(entry->error.message), failed);
    return object;
}

enum bzc_status bzc_diff_json(const struct bzc_diff_entry *entry, FILE *out, struct bzc_error *err)
{
    bool failed = false, written;
    json_t *top = document(entry, &failed);

    if (failed || !top) {
        json_decref(top);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the JSON document");
    }
    written = json_dumpf(top, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF && fflush(out) == 0;
    json_decref(top);
    return written ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the JSON document");
}
