/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), as code scanning services read it: one run of the
 * tool, an artifact an image, a result an answer of a rule that is not a pass. What is the same in several runs of an
 * image is one result.
 */
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/format_rows.h"
#include "report/json.h"
#include "report/rule_pages.h"
#include "report/text.h"
#include "report/utf8.h"

struct sarif_report {
    FILE *out;
    bool verbose;
    bool failed; /* no memory at some call */
    int exit_code;
    json_t *artifacts, *rules, *results, *notifications;
};

/* ---- values ---- */

/* Section 3.11.5: braces in a message are placeholders unless doubled. */
static json_t *message_text(const char *text)
{
    char *clean = bzc_utf8_printable(text, true), *doubled = clean ? malloc(2 * strlen(clean) + 1) : NULL,
         *to = doubled;
    json_t *value;

    for (const char *at = clean; doubled && *at; at++) {
        if (*at == '{' || *at == '}')
            *to++ = *at;
        *to++ = *at;
    }
    if (to)
        *to = '\0';
    value = doubled ? json_string(doubled) : NULL;
    free(doubled);
    free(clean);
    return value;
}

static json_t *message(struct sarif_report *report, const char *text)
{
    json_t *object = json_object();

    bzc_json_set(object, "text", message_text(text), &report->failed);
    return object;
}

/* RFC 3986: a path is bytes, and of them only unreserved ones and '/' stand as they are. */
static json_t *uri(const char *path)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *text = malloc(sizeof("file://") + 3 * strlen(path)), *to = text;
    json_t *value;

    if (!text)
        return NULL;
    to += sprintf(to, "%s", *path == '/' ? "file://" : "");
    for (const char *at = path; *at; at++) {
        if (strchr(unreserved, *at))
            *to++ = *at;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*at);
    }
    *to = '\0';
    value = json_string(text);
    free(text);
    return value;
}

/* ---- artifacts and places ---- */

static json_t *artifact_location(struct sarif_report *report, const char *path)
{
    json_t *object = json_object();

    bzc_json_set(object, "uri", uri(path), &report->failed);
    bzc_json_set(object, "index", json_integer((json_int_t)json_array_size(report->artifacts) - 1), &report->failed);
    return object;
}

static void add_artifact(struct sarif_report *report, const struct bzc_report_entry *entry)
{
    const struct bzc_image_facts *image = entry->verified ? &entry->verification->facts.image : NULL;
    json_t *artifact = json_object(), *location = json_object(), *roles = json_array();

    bzc_json_set(location, "uri", uri(entry->path), &report->failed);
    bzc_json_append(roles, json_string("analysisTarget"), &report->failed);
    bzc_json_set(artifact, "location", location, &report->failed);
    bzc_json_set(artifact, "roles", roles, &report->failed);
    if (image)
        bzc_json_set(artifact, "length", json_integer((json_int_t)image->image.file.size), &report->failed);
    if (image && image->sha256[0]) {
        json_t *hashes = json_object();

        bzc_json_set(hashes, "sha-256", json_string(image->sha256), &report->failed);
        bzc_json_set(artifact, "hashes", hashes, &report->failed);
    }
    bzc_json_append(report->artifacts, artifact, &report->failed);
}

/* The rules of the setup header write "FIELD (offset 0x1fe)", an offset in the file. */
static bool file_offset(const struct bzc_finding *finding, uint64_t *offset)
{
    static const char before[] = " (offset 0x";
    const char *at = strstr(finding->where, before);
    char *end;

    if (!at || strncmp(finding->rule->id, "HDR-", 4) != 0)
        return false;
    *offset = strtoull(at + sizeof(before) - 1, &end, 16);
    return *end == ')' && *offset <= INT32_MAX;
}

/* `finding` is NULL for the image as a whole. */
static json_t *locations(struct sarif_report *report, const char *path, const struct bzc_finding *finding)
{
    json_t *array = json_array(), *location = json_object(), *physical = json_object();
    uint64_t offset;

    bzc_json_set(physical, "artifactLocation", artifact_location(report, path), &report->failed);
    if (finding && file_offset(finding, &offset)) {
        json_t *region = json_object();

        bzc_json_set(region, "byteOffset", json_integer((json_int_t)offset), &report->failed);
        bzc_json_set(physical, "region", region, &report->failed);
    }
    bzc_json_set(location, "physicalLocation", physical, &report->failed);
    bzc_json_append(array, location, &report->failed);
    return array;
}

/* ---- rules: those that the results refer to, in the order in which they come first ---- */

static json_t *string_of(struct sarif_report *report, const char *text, const char *markdown)
{
    json_t *object = json_object();

    bzc_json_set(object, "text", message_text(text), &report->failed);
    if (markdown)
        bzc_json_set(object, "markdown", message_text(markdown), &report->failed);
    return object;
}

static json_t *rule_object(struct sarif_report *report, const struct bzc_rule *rule)
{
    const char *page = bzc_rule_page(rule->id);
    json_t *object = json_object(), *configuration = json_object(), *properties = json_object();

    bzc_json_set(configuration, "level", json_string(bzc_severity_name(rule->severity)), &report->failed);
    bzc_json_set(properties, "spec", bzc_json_string(rule->spec), &report->failed);
    bzc_json_set(object, "id", json_string(rule->id), &report->failed);
    bzc_json_set(object, "name", json_string(rule->name), &report->failed);
    bzc_json_set(object, "shortDescription", string_of(report, rule->title, NULL), &report->failed);
    bzc_json_set(object, "fullDescription", string_of(report, rule->title, NULL), &report->failed);
    if (page)
        bzc_json_set(object, "help", string_of(report, page, page), &report->failed);
    bzc_json_set(object, "defaultConfiguration", configuration, &report->failed);
    bzc_json_set(object, "properties", properties, &report->failed);
    return object;
}

static json_int_t rule_index(struct sarif_report *report, const struct bzc_rule *rule)
{
    size_t count = json_array_size(report->rules);

    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_object_get(json_array_get(report->rules, i), "id"));

        if (id && strcmp(id, rule->id) == 0)
            return (json_int_t)i;
    }
    bzc_json_append(report->rules, rule_object(report, rule), &report->failed);
    return (json_int_t)count;
}

/* ---- results ---- */

static json_t *properties(struct sarif_report *report, const struct bzc_verification *verification, size_t index)
{
    const struct bzc_finding *finding = &verification->findings.item[index];
    json_t *object = json_object(), *runs = json_array();
    const struct bzc_run_facts *run;

    for (size_t at = index; (run = bzc_finding_next_run(verification, index, &at)) != NULL;) {
        char label[BZC_TEXT_LABEL_SIZE];

        bzc_json_append(runs, bzc_json_string(bzc_text_run_label(run, label)), &report->failed);
    }
    bzc_json_set(object, "runs", runs, &report->failed);
    bzc_json_set(object, "where", bzc_json_text(finding->where), &report->failed);
    bzc_json_set(object, "expected", bzc_json_text(finding->expected), &report->failed);
    bzc_json_set(object, "actual", bzc_json_text(finding->actual), &report->failed);
    return object;
}

/* Stays the same from build to build: neither addresses nor the file's name are in it. */
static json_t *fingerprints(struct sarif_report *report, const struct bzc_verification *verification,
                            const struct bzc_finding *finding)
{
    char label[BZC_TEXT_LABEL_SIZE] = "file";
    json_t *object = json_object();

    if (finding->run >= 0 && (size_t)finding->run < verification->facts.run_count)
        bzc_text_run_label(&verification->facts.run[finding->run], label);
    bzc_json_set(object, "bzcheckRuleAndRun/v1", json_sprintf("%s %s", finding->rule->id, label), &report->failed);
    return object;
}

/* What is in the baseline is a result that somebody has accepted. */
static json_t *suppressions(struct sarif_report *report)
{
    json_t *array = json_array(), *object = json_object();

    bzc_json_set(object, "kind", json_string("external"), &report->failed);
    bzc_json_set(object, "status", json_string("accepted"), &report->failed);
    bzc_json_append(array, object, &report->failed);
    return array;
}

static json_int_t occurrences(const struct bzc_findings *findings, size_t index)
{
    json_int_t count = 0;

    for (size_t i = index; i < findings->count; i++)
        count += bzc_finding_same(&findings->item[i], &findings->item[index]);
    return count;
}

static void add_result(struct sarif_report *report, const struct bzc_report_entry *entry, size_t index)
{
    static const char *const kinds[] = {"pass", "fail", "notApplicable", "open"};
    const struct bzc_verification *verification = entry->verification;
    const struct bzc_finding *finding = &verification->findings.item[index];
    bool failed = finding->outcome == BZC_OUTCOME_FAIL;
    char *words = bzc_finding_words(verification, index, BZC_RUNS_OF_GROUP);
    json_t *object = json_object();

    report->failed = report->failed || !words;
    bzc_json_set(object, "ruleId", json_string(finding->rule->id), &report->failed);
    bzc_json_set(object, "ruleIndex", json_integer(rule_index(report, finding->rule)), &report->failed);
    bzc_json_set(object, "kind", json_string(kinds[finding->outcome]), &report->failed);
    bzc_json_set(object, "level", json_string(failed ? bzc_severity_name(finding->severity) : "none"), &report->failed);
    bzc_json_set(object, "message", message(report, words ? words : ""), &report->failed);
    bzc_json_set(object, "locations", locations(report, entry->path, finding), &report->failed);
    bzc_json_set(object, "partialFingerprints", fingerprints(report, verification, finding), &report->failed);
    bzc_json_set(object, "occurrenceCount", json_integer(occurrences(&verification->findings, index)), &report->failed);
    if (finding->known)
        bzc_json_set(object, "suppressions", suppressions(report), &report->failed);
    bzc_json_set(object, "properties", properties(report, verification, index), &report->failed);
    bzc_json_append(report->results, object, &report->failed);
    free(words);
}

static bool is_told(const struct sarif_report *report, enum bzc_outcome outcome)
{
    return outcome == BZC_OUTCOME_FAIL || outcome == BZC_OUTCOME_UNKNOWN || report->verbose;
}

/* ---- the document ---- */

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the SARIF report");
}

static void free_sarif(void *context)
{
    struct sarif_report *report = context;

    if (!report)
        return;
    json_decref(report->artifacts);
    json_decref(report->rules);
    json_decref(report->results);
    json_decref(report->notifications);
    free(report);
}

static enum bzc_status open_sarif(const struct bzc_format_options *options, FILE *out, void **context,
                                  struct bzc_error *err)
{
    struct sarif_report *report = calloc(1, sizeof(*report));

    *context = report;
    if (!report)
        return no_memory(err);
    report->out = out;
    report->verbose = options->verbose;
    report->artifacts = json_array();
    report->rules = json_array();
    report->results = json_array();
    report->notifications = json_array();
    return report->artifacts && report->rules && report->results && report->notifications ? BZC_OK : no_memory(err);
}

static void add_notification(struct sarif_report *report, const struct bzc_report_entry *entry, const char *reason)
{
    json_t *object = json_object();

    bzc_json_set(object, "level", json_string("error"), &report->failed);
    bzc_json_set(object, "message", message(report, reason), &report->failed);
    bzc_json_set(object, "locations", locations(report, entry->path, NULL), &report->failed);
    bzc_json_append(report->notifications, object, &report->failed);
}

static enum bzc_status add_sarif(void *context, const struct bzc_report_entry *entry, struct bzc_error *err)
{
    static const int exit_codes[] = {0, 1, 3};
    enum bzc_image_verdict verdict = entry->verified ? entry->verification->verdict : BZC_VERDICT_UNKNOWN;
    const struct bzc_findings *findings = entry->verified ? &entry->verification->findings : NULL;
    const char *reason = bzc_entry_reason(entry);
    struct sarif_report *report = context;

    if (exit_codes[verdict] > report->exit_code)
        report->exit_code = exit_codes[verdict];
    add_artifact(report, entry);
    if (reason)
        add_notification(report, entry, reason);
    for (size_t i = 0; findings && i < findings->count; i++)
        if (is_told(report, findings->item[i].outcome) && bzc_finding_is_first(findings, i))
            add_result(report, entry, i);
    return report->failed ? no_memory(err) : BZC_OK;
}

static json_t *run_object(struct sarif_report *report)
{
    static const char *const meanings[] = {"every image passes", "findings", "", "could not tell"};
    json_t *run = json_object(), *tool = json_object(), *driver = json_object();
    json_t *invocations = json_array(), *invocation = json_object();

    bzc_json_set(driver, "name", json_string("bzcheck"), &report->failed);
    bzc_json_set(driver, "version", json_string(BZC_VERSION), &report->failed);
    bzc_json_set(driver, "rules", json_incref(report->rules), &report->failed);
    bzc_json_set(tool, "driver", driver, &report->failed);
    bzc_json_set(invocation, "executionSuccessful", json_boolean(json_array_size(report->notifications) == 0),
                 &report->failed);
    bzc_json_set(invocation, "exitCode", json_integer(report->exit_code), &report->failed);
    bzc_json_set(invocation, "exitCodeDescription", json_string(meanings[report->exit_code]), &report->failed);
    bzc_json_set(invocation, "toolExecutionNotifications", json_incref(report->notifications), &report->failed);
    bzc_json_append(invocations, invocation, &report->failed);
    bzc_json_set(run, "tool", tool, &report->failed);
    bzc_json_set(run, "invocations", invocations, &report->failed);
    bzc_json_set(run, "artifacts", json_incref(report->artifacts), &report->failed);
    bzc_json_set(run, "results", json_incref(report->results), &report->failed);
    return run;
}

static enum bzc_status close_sarif(void *context, struct bzc_error *err)
{
    struct sarif_report *report = context;
    json_t *top = json_object(), *runs = json_array();
    bool written;

    bzc_json_set(top, "version", json_string("2.1.0"), &report->failed);
    bzc_json_append(runs, run_object(report), &report->failed);
    bzc_json_set(top, "runs", runs, &report->failed);
    written = !report->failed && json_dumpf(top, report->out, JSON_INDENT(2)) == 0 && fputc('\n', report->out) != EOF &&
              fflush(report->out) == 0;
    json_decref(top);
    if (report->failed)
        return no_memory(err);
    return written ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the SARIF report");
}

const struct bzc_report_format bzc_format_sarif = {
    .name = "sarif",
    .summary = "SARIF 2.1.0, as code scanning reads it",
    .open = open_sarif,
    .add = add_sarif,
    .close = close_sarif,
    .free = free_sarif,
};
