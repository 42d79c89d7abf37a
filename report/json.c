/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "loader/uki.h"
#include "report/format_rows.h"
#include "report/utf8.h"

/* ---- values ---- */

void bzc_json_set(json_t *object, const char *key, json_t *value, bool *failed)
{
    if (json_object_set_new(object, key, value) != 0)
        *failed = true;
}

void bzc_json_append(json_t *array, json_t *value, bool *failed)
{
    if (json_array_append_new(array, value) != 0)
        *failed = true;
}

json_t *bzc_json_string(const char *text)
{
    json_t *value;
    char *valid;

    if (!text)
        return json_null();
    valid = bzc_utf8_valid(text);
    if (!valid)
        return NULL;
    value = json_string(valid);
    free(valid);
    return value;
}

json_t *bzc_json_text(const char *text)
{
    return text && *text ? bzc_json_string(text) : json_null();
}

json_t *bzc_json_address(uint64_t address)
{
    return json_sprintf("0x%" PRIx64, address);
}

json_t *bzc_json_distance(int64_t distance)
{
    return distance < 0 ? json_sprintf("-0x%" PRIx64, 0 - (uint64_t)distance) : bzc_json_address((uint64_t)distance);
}

json_t *bzc_json_number(uint64_t number)
{
    return number <= INT64_MAX ? json_integer((json_int_t)number) : json_null();
}

/* ---- one image ---- */

static json_t *image_object(const struct bzc_report_entry *entry, bool *failed)
{
    const struct bzc_image_facts *facts = entry->verified ? &entry->verification->facts.image : NULL;
    const char *kind = NULL, *system = NULL;
    json_t *object = json_object();
    char protocol[8] = "";

    if (facts) {
        kind = bzc_uki_is(&facts->pe) ? "uki" : bzc_image_kind_name(facts->image.kind);
        if (bzc_image_is_boot_image(&facts->image))
            bzc_image_protocol_text(&facts->image, protocol);
        if (facts->system != BZC_SYSTEM_UNKNOWN)
            system = facts->system == BZC_SYSTEM_LINUX ? "linux" : "not-linux";
    }
    bzc_json_set(object, "path", bzc_json_string(entry->path), failed);
    bzc_json_set(object, "sha256", bzc_json_text(facts ? facts->sha256 : NULL), failed);
    bzc_json_set(object, "size", facts ? bzc_json_number(facts->image.file.size) : json_null(), failed);
    bzc_json_set(object, "kind", bzc_json_text(kind), failed);
    bzc_json_set(object, "protocol", bzc_json_text(protocol), failed);
    bzc_json_set(object, "kernel_version", bzc_json_text(facts ? facts->image.kernel_version : NULL), failed);
    bzc_json_set(object, "system", bzc_json_text(system), failed);
    return object;
}

static json_t *finding_object(const struct bzc_finding *finding, bool *failed)
{
    json_t *object = json_object();
    const char *message = finding->message;

    if (finding->outcome == BZC_OUTCOME_PASS && !*message)
        message = finding->rule->title;
    bzc_json_set(object, "rule", bzc_json_text(finding->rule->id), failed);
    bzc_json_set(object, "name", bzc_json_text(finding->rule->name), failed);
    bzc_json_set(object, "severity", bzc_json_text(bzc_severity_name(finding->severity)), failed);
    bzc_json_set(object, "outcome", bzc_json_text(bzc_outcome_name(finding->outcome)), failed);
    bzc_json_set(object, "message", bzc_json_text(message), failed);
    bzc_json_set(object, "where", bzc_json_text(finding->where), failed);
    bzc_json_set(object, "expected", bzc_json_text(finding->expected), failed);
    bzc_json_set(object, "actual", bzc_json_text(finding->actual), failed);
    bzc_json_set(object, "spec", bzc_json_text(finding->rule->spec), failed);
    bzc_json_set(object, "run", finding->run >= 0 ? json_integer(finding->run) : json_null(), failed);
    bzc_json_set(object, "known", json_boolean(finding->known), failed);
    return object;
}

static json_t *report_object(const struct bzc_report_entry *entry, bool *failed)
{
    const struct bzc_verification *verification = entry->verified ? entry->verification : NULL;
    enum bzc_image_verdict verdict = verification ? verification->verdict : BZC_VERDICT_UNKNOWN;
    json_t *object = json_object(), *tool = json_object(), *runs = json_array(), *findings = json_array(),
           *gone = json_array();

    bzc_json_set(tool, "name", json_string("bzcheck"), failed);
    bzc_json_set(tool, "version", json_string(BZC_VERSION), failed);
    for (size_t i = 0; verification && i < verification->facts.run_count; i++)
        bzc_json_append(runs, bzc_json_run(&verification->facts.image, &verification->facts.run[i], failed), failed);
    for (size_t i = 0; verification && i < verification->findings.count; i++)
        bzc_json_append(findings, finding_object(&verification->findings.item[i], failed), failed);
    for (size_t i = 0; verification && i < verification->gone.count; i++)
        bzc_json_append(gone, bzc_json_string(verification->gone.line[i]), failed);

    bzc_json_set(object, "schema", json_string("bzcheck-report/2"), failed);
    bzc_json_set(object, "tool", tool, failed);
    bzc_json_set(object, "command", json_string(entry->command), failed);
    bzc_json_set(object, "image", image_object(entry, failed), failed);
    bzc_json_set(object, "runs", runs, failed);
    bzc_json_set(object, "findings", findings, failed);
    bzc_json_set(object, "gone", gone, failed);
    bzc_json_set(object, "verdict", json_string(bzc_verdict_name(verdict)), failed);
    bzc_json_set(object, "reason", bzc_json_text(verification ? verification->reason : entry->error.message), failed);
    return object;
}

/* ---- the report ---- */

struct json_report {
    FILE *out;
    json_t *images; /* array of report objects */
};

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the JSON report");
}

static void free_report(void *report)
{
    struct json_report *json = report;

    if (!json)
        return;
    json_decref(json->images);
    free(json);
}

static enum bzc_status open_report(const struct bzc_format_options *options, FILE *out, void **report,
                                   struct bzc_error *err)
{
    struct json_report *json = calloc(1, sizeof(*json));

    (void)options; /* everything is always in it */
    *report = json;
    if (!json)
        return no_memory(err);
    json->out = out;
    json->images = json_array();
    return json->images ? BZC_OK : no_memory(err);
}

static enum bzc_status add_image(void *report, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    struct json_report *json = report;
    bool failed = false;
    json_t *object = report_object(entry, &failed);

    if (failed || !object) {
        json_decref(object);
        return no_memory(err);
    }
    bzc_json_append(json->images, object, &failed);
    return failed ? no_memory(err) : BZC_OK;
}

/* One object: the image's own when there is one image, else one that holds them in their order. */
static enum bzc_status close_report(void *report, struct bzc_error *err)
{
    struct json_report *json = report;
    bool failed = false, written;
    json_t *top;

    if (json_array_size(json->images) == 1) {
        top = json_incref(json_array_get(json->images, 0));
    } else {
        top = json_object();
        bzc_json_set(top, "schema", json_string("bzcheck-reports/1"), &failed);
        bzc_json_set(top, "reports", json_incref(json->images), &failed);
    }
    if (failed) {
        json_decref(top);
        return no_memory(err);
    }
    written =
        json_dumpf(top, json->out, JSON_INDENT(2)) == 0 && fputc('\n', json->out) != EOF && fflush(json->out) == 0;
    json_decref(top);
    return written ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the JSON report");
}

const struct bzc_report_format bzc_format_json = {
    .name = "json",
    .summary = "everything, for programs",
    .open = open_report,
    .add = add_image,
    .close = close_report,
    .free = free_report,
};
