/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile guests are executed, and what becomes of them is written in every format: each document must be well-formed
 * and hold nothing that a terminal or a browser would obey, whatever path the image has and whatever the guest prints.
 * Two runs of it are compared, too (diff).
 */
#include "tests/fuzz/targets.h"

#include <ctype.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "report/format.h"
#include "tests/fuzz/guests.h"

/* No format has such an element, and no page such a script. */
#define MARK "<bzc-guest onload='x' href=\"y\">&amp;]]><!--</script></style>|`* @a\n::error::\n"

static void fail(const char *what, const char *document)
{
    fprintf(stderr, "%s:\n%.20000s\n", what, document);
    abort();
}

/* UTF-8 without control characters but the end of a line; docs/security.md: "are made printable". */
static void check_text(const char *format, const char *document)
{
    for (const uint8_t *at = (const uint8_t *)document; *at;) {
        unsigned more = *at < 0x80 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
        uint32_t code = more == 0 ? *at : more == 1 ? *at & 0x1fu : more == 2 ? *at & 0xfu : *at & 7u;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

        if ((*at < 0x20 && *at != '\n') || *at == 0x7f || (*at >= 0x80 && *at < 0xc2) || *at > 0xf4) {
            fprintf(stderr, "byte 0x%02x at %zu: '%.80s'\n", *at, (size_t)(at - (const uint8_t *)document),
                    (const char *)at);
            fail(format, document);
        }
        at++;
        for (unsigned i = 0; i < more; i++, at++) {
            if (*at >> 6 != 2)
                fail(format, document);
            code = code << 6 | (*at & 0x3fu);
        }
        if (code < least[more] || code > 0x10ffff || code >> 11 == 0x1b || (code >= 0x80 && code < 0xa0))
            fail(format, document);
    }
}

static void check_json(const char *format, const char *document)
{
    json_error_t error;
    json_t *root = json_loads(document, JSON_REJECT_DUPLICATES, &error);

    if (!root)
        fail(format, document);
    json_decref(root);
}

static void ignore_xml_error(void *context, const char *message, ...)
{
    (void)context;
    (void)message;
}

static void check_xml(const char *format, const char *document)
{
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC};

    xmlSetGenericErrorFunc(NULL, ignore_xml_error);
    if (xmlSAXUserParseMemory(&handler, NULL, document, (int)strlen(document)) != 0)
        fail(format, document);
}

/* Up to the report's own script, which is the last of the page, every '<' begins a tag of HTML or SVG. */
static void check_html(const char *format, const char *document)
{
    const char *script = strstr(document, "<script");

    if (!script || strstr(script + 1, "<script") || strncmp(document, "<!DOCTYPE html>", 15) != 0)
        fail(format, document);
    for (const char *at = strchr(document + 1, '<'); at < script; at = strchr(at + 1, '<'))
        if (!islower((unsigned char)at[1 + (at[1] == '/')]) || strncmp(at, "<bzc", 4) == 0)
            fail(format, document);
}

/* The numbers of the tests at the outermost level are those of the plan. */
static void check_tap(const char *format, const char *document)
{
    unsigned long tests = 0, planned = 0;
    bool has_plan = false;

    for (const char *line = document; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0) {
        if (strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0)
            tests++;
        if (strncmp(line, "1..", 3) == 0) {
            if (has_plan)
                fail(format, document);
            has_plan = true;
            planned = strtoul(line + 3, NULL, 10);
        }
    }
    if (!has_plan || planned != tests)
        fail(format, document);
}

static void check_document(const char *format, const char *document)
{
    check_text(format, document);
    if (strcmp(format, "json") == 0 || strcmp(format, "sarif") == 0)
        check_json(format, document);
    else if (strcmp(format, "junit") == 0)
        check_xml(format, document);
    else if (strcmp(format, "html") == 0)
        check_html(format, document);
    else if (strcmp(format, "tap") == 0 || strcmp(format, "ktap") == 0)
        check_tap(format, document);
    else if (strcmp(format, "markdown") == 0 && strstr(document, "<bzc-guest"))
        fail(format, document);
    else if (strcmp(format, "github") == 0 && strstr(document, "\n::error::\n"))
        fail(format, document);
}

static void write_all(const struct bzc_verification *verification, const char *path)
{
    for (size_t i = 0; i < bzc_report_format_count; i++) {
        const char *name = bzc_report_formats[i]->name;
        char *document = bzc_fuzz_document(verification, path, name);

        check_document(name, document);
        free(document);
    }
}

/* `bzcheck diff` of the same file, booted in two ways. */
static void compare(const struct bzc_fuzz_guest *guest, const struct bzc_verification *before,
                    const struct bzc_verification *after, const char *path)
{
    const struct bzc_diff_text_options options = {.least = BZC_IMPORTANCE_EXPECTED};
    struct bzc_inspection *inspection = NULL;
    struct bzc_diff_side side[2];
    struct bzc_diff_entry entry = {.path = {path, path}, .executed = true};
    struct bzc_diff diff = {0};
    struct bzc_error err = {0};

    if (bzc_inspect(path, guest->file, &inspection, &err) != BZC_OK)
        return;
    for (size_t i = 0; i < 2; i++) {
        side[i] =
            (struct bzc_diff_side){.file = inspection, .kernel = inspection, .kernel_is = i == 0 ? before : after};
        entry.side[i] = &side[i];
    }
    if (bzc_diff_make(&side[0], &side[1], &guest->options.policy, &diff, &err) != BZC_OK)
        abort();
    entry.diff = &diff;
    for (unsigned json = 0; json < 2; json++) {
        char *text = NULL;
        size_t size = 0;
        FILE *memory = open_memstream(&text, &size);

        if (!memory)
            abort();
        if (!json)
            bzc_diff_text(&entry, &options, memory);
        else if (bzc_diff_json(&entry, memory, &err) != BZC_OK)
            abort();
        fclose(memory);
        check_text("diff", text);
        if (json)
            check_json("diff", text);
        free(text);
    }
    bzc_diff_free(&diff);
    bzc_inspection_free(inspection);
}

/* What a guest prints reaches reports as printable text: here it is one that would do harm elsewhere. */
static void print_mark(const struct bzc_verification *verification)
{
    for (size_t i = 0; i < verification->facts.run_count; i++) {
        struct bzc_run_facts *run = &verification->facts.run[i];

        memcpy(run->last_words, MARK, sizeof(MARK));
        memcpy(run->refusal, MARK, sizeof(MARK) - 12);
    }
}

static bool verify(const struct bzc_fuzz_guest *guest, uint64_t load_addr, const char *path,
                   struct bzc_verification *verification)
{
    struct bzc_verify_options options = guest->options;
    struct bzc_error err = {0};

    options.pictures = true;
    if (load_addr)
        options.load_addr[0] = load_addr;
    return bzc_verify(path, guest->file, &options, verification, &err) == BZC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "a\x1b[2J\xff\n" MARK;
    struct bzc_verification first, second;
    struct bzc_fuzz_guest guest;

    if (!bzc_fuzz_guest_make(data, size, &guest))
        return 0;
    bzc_fuzz_guest_budgets(!(data[4] == 1));
    if (verify(&guest, 0, path, &first)) {
        write_all(&first, path);
        if (data[5] & 1)
            print_mark(&first);
        if (data[5] & 1)
            write_all(&first, path);
        if (data[5] & 2 && verify(&guest, 0x1800000, path, &second)) {
            compare(&guest, &first, &second, path);
            bzc_verification_free(&second);
        }
        bzc_verification_free(&first);
    }
    bzc_fuzz_guest_free(&guest);
    return 0;
}
