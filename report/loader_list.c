/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/loader_list.h"

#include <inttypes.h>
#include <string.h>

#include "report/page.h"
#include "verify/rules.h"

#define WIDTH          80
#define VERDICT_COLUMN 2
#define NAME_COLUMN    13
#define PATH_COLUMN    38
#define COMMIT_COLUMN  67
#define COMMIT_LENGTH  12u

static const enum bzc_style verdict_styles[] = {
    [BZC_LOADER_ACCEPTS] = BZC_STYLE_GOOD,
    [BZC_LOADER_REFUSES] = BZC_STYLE_BAD,
    [BZC_LOADER_DANGEROUS] = BZC_STYLE_DOUBT,
};

static const char *path_meaning(enum bzc_path path)
{
    switch (path) {
    case BZC_PATH_SETUP:
        return "16-bit entry";
    case BZC_PATH_ENTRY32:
        return "32-bit entry";
    case BZC_PATH_ENTRY64:
        return "64-bit entry";
    case BZC_PATH_PAYLOAD_ELF:
        return "ELF file in the payload";
    case BZC_PATH_PVH:
        return "ELF file in the payload, PVH";
    case BZC_PATH_ELF_WRAPPED:
        return "ELF file around the payload";
    case BZC_PATH_PE:
        return "PE entry";
    case BZC_PATH_COUNT:
        break;
    }
    return "";
}

/* ---- what the image is ---- */

static void write_kind(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    const struct bzc_image *image = &facts->image;
    char protocol[8], size[BZC_PAGE_NUMBER_SIZE];

    bzc_image_protocol_text(image, protocol);
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_image_kind_name(image->kind));
    if (image->has_header)
        bzc_page_printf(page, BZC_STYLE_PLAIN, ", protocol %s", protocol);
    else
        bzc_page_put(page, BZC_STYLE_PLAIN, ", without a setup header");
    bzc_page_printf(page, BZC_STYLE_PLAIN, ", %s", bzc_page_bytes(image->file.size, size));
    bzc_page_end_line(page);
}

static void write_kernel(struct bzc_page *page, const struct bzc_image_facts *facts)
{
    bool has_payload = facts->image.payload_source != BZC_PAYLOAD_ABSENT;
    uint64_t missing;

    if (*facts->image.kernel_version) {
        bzc_page_tab(page, 2);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, facts->image.kernel_version);
    }
    if (bzc_image_is_cut(&facts->image, &missing)) {
        bzc_page_tab(page, 2);
        bzc_page_put(page, BZC_STYLE_BAD, "cut off");
        bzc_page_printf(page, BZC_STYLE_PLAIN, ": %" PRIu64 " bytes are missing; most loaders do not look", missing);
        bzc_page_end_line(page);
    }
    if (!facts->oracle && has_payload) {
        bzc_page_tab(page, 2);
        bzc_page_put(page, BZC_STYLE_BAD, "payload");
        bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, 4, facts->oracle_error.message);
    }
}

static void write_image(struct bzc_page *page, const struct bzc_loaders_answer *answer)
{
    char size[BZC_PAGE_NUMBER_SIZE];

    bzc_page_put(page, BZC_STYLE_HEAD, answer->file.facts.path);
    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    if (!answer->is_uki) {
        write_kind(page, &answer->file.facts);
        write_kernel(page, &answer->file.facts);
        return;
    }
    bzc_page_printf(page, BZC_STYLE_PLAIN, "unified kernel image, %s; UEFI firmware starts it by its PE entry",
                    bzc_page_bytes(answer->file.facts.image.file.size, size));
    bzc_page_end_line(page);
    bzc_page_tab(page, 2);
    bzc_page_put(page, BZC_STYLE_PLAIN, ".linux: ");
    write_kind(page, &answer->embedded.facts);
    write_kernel(page, &answer->embedded.facts);
}

/* ---- the loaders ---- */

static void write_detail(struct bzc_page *page, const char *what, const char *text)
{
    if (!*text)
        return;
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT, what);
    bzc_page_tab(page, NAME_COLUMN + 8);
    bzc_page_wrap(page, BZC_STYLE_FAINT, NAME_COLUMN + 8, text);
}

/* What the profile was read at, short: the first word of `commit` that is no file name. */
static void write_commit(struct bzc_page *page, const char *commit)
{
    size_t length = strcspn(commit, " ,");

    if (length > 2 && commit[length - 2] == '.' && commit[length] == ' ') {
        commit += length + 1;
        length = strcspn(commit, " ,");
    }
    bzc_page_tab(page, COMMIT_COLUMN);
    bzc_page_printf(page, BZC_STYLE_FAINT, "%.*s", (int)(length < COMMIT_LENGTH ? length : COMMIT_LENGTH), commit);
}

static void write_loader(struct bzc_page *page, const struct bzc_loaders_answer *answer, size_t index, bool verbose)
{
    const struct bzc_boot_loader *loader = answer->options.loader[index];
    const struct bzc_judgement *judgement = &answer->judgement[index];
    bool boots = judgement->verdict != BZC_LOADER_REFUSES;

    bzc_page_tab(page, VERDICT_COLUMN);
    bzc_page_put(page, verdict_styles[judgement->verdict], bzc_loader_verdict_name(judgement->verdict));
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_PLAIN, loader->name);
    if (boots) {
        bzc_page_tab(page, PATH_COLUMN);
        bzc_page_put(page, BZC_STYLE_PLAIN, path_meaning(judgement->path));
        if (loader->embedded)
            bzc_page_put(page, BZC_STYLE_PLAIN, answer->is_uki ? " of .linux" : ", as .linux of a UKI");
    }
    if (!verbose)
        write_commit(page, loader->commit);
    bzc_page_end_line(page);
    if (*judgement->reason) {
        bzc_page_tab(page, NAME_COLUMN + 2);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, NAME_COLUMN + 2, judgement->reason);
    }
    if (verbose) {
        write_detail(page, "is", loader->title);
        write_detail(page, "source", loader->source);
        write_detail(page, "commit", loader->commit);
        write_detail(page, "note", loader->notes);
    }
}

static void write_head(struct bzc_page *page)
{
    bzc_page_tab(page, NAME_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT, "loader");
    bzc_page_tab(page, PATH_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT, "way in");
    bzc_page_tab(page, COMMIT_COLUMN);
    bzc_page_put(page, BZC_STYLE_FAINT, "as of commit");
    bzc_page_end_line(page);
}

void bzc_loader_list_text(const struct bzc_loaders_answer *answer, bool colour, bool verbose, FILE *out)
{
    struct bzc_page page = {.out = out, .colour = colour, .width = WIDTH};
    size_t accepts = answer->count[BZC_LOADER_ACCEPTS], dangerous = answer->count[BZC_LOADER_DANGEROUS],
           refuses = answer->count[BZC_LOADER_REFUSES];

    write_image(&page, answer);
    bzc_page_end_line(&page);
    if (!verbose)
        write_head(&page);
    for (size_t i = 0; i < answer->options.loader_count; i++)
        write_loader(&page, answer, i, verbose);
    bzc_page_end_line(&page);
    bzc_page_tab(&page, VERDICT_COLUMN);
    bzc_page_printf(&page, BZC_STYLE_HEAD, "of %zu loader%s %zu accept%s it, %zu %s dangerous, %zu refuse%s it",
                    answer->options.loader_count, answer->options.loader_count == 1 ? "" : "s", accepts,
                    accepts == 1 ? "s" : "", dangerous, dangerous == 1 ? "is" : "are", refuses,
                    refuses == 1 ? "s" : "");
    bzc_page_end_line(&page);
}
