/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the HTML report: its parts, each written to a stream. All foreign text goes through bzc_html_text() or
 * bzc_html_put(), in contents of elements as in attributes with double quotes; everything else is markup of our own.
 * Write errors stay in the stream.
 */
#ifndef BZC_REPORT_HTML_H
#define BZC_REPORT_HTML_H

#include "report/report.h"

/* ---- text (html_text.c) ---- */

/*
 * Escapes what is markup. A control character but newline and tab becomes '?'; invalid bytes, what is no character and
 * what turns the direction of the text around it become U+FFFD.
 */
void bzc_html_text(FILE *out, const char *text);
/* The same for a format; what is longer than 1023 bytes is cut. */
void bzc_html_put(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* <code>0x1000</code> */
void bzc_html_address(FILE *out, uint64_t address);
/* <dt>term</dt><dd>text</dd>; nothing when the text is "". */
void bzc_html_fact(FILE *out, const char *term, const char *text);
/* "" for 1, "s" for all other counts. */
const char *bzc_html_plural(size_t count);

/* A rule's page, docs/rules/<ID>.md, as HTML: headings from <h4> on, paragraphs, lists, code (html_markdown.c). */
void bzc_html_markdown(FILE *out, const char *text);

/* ---- the page (html_page.c) ---- */

struct bzc_html_style {
    const char *style, *script; /* built into the program from report/html/ */
};
extern const struct bzc_html_style bzc_html_style;

#define BZC_HTML_HASH_SIZE 52 /* "sha256-", 44 digits and the NUL */
/* The hash of a script or style as a Content-Security-Policy wants it. Source: W3C, CSP Level 3, "hash-source". */
void bzc_html_hash(const char *text, char hash[BZC_HTML_HASH_SIZE]);

/* What the top of the page says of one image. */
struct bzc_html_line {
    char *path;
    enum bzc_image_verdict verdict;
};
void bzc_html_begin(FILE *out, const struct bzc_html_line *line, size_t count);
void bzc_html_end(FILE *out);

/* ---- an image ---- */

/* Verdict and what the image is (html_image.c). `index` counts the images of the page. */
void bzc_html_image(FILE *out, const struct bzc_report_entry *entry, size_t index);
/* What the rules say, and the pages of those that failed (html_findings.c). */
void bzc_html_findings(FILE *out, const struct bzc_verification *verification, size_t index);
/* All runs (html_run.c). Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_html_runs(FILE *out, const struct bzc_verification *verification, size_t index,
                              struct bzc_error *err);

/* ---- a run ---- */

#define BZC_HTML_ID_SIZE 48

/* What all parts of a run need to know. */
struct bzc_html_run {
    const struct bzc_image_facts *image;
    const struct bzc_run_facts *run;
    char id[BZC_HTML_ID_SIZE]; /* begins the id of everything in it: "i0-r3" */
    bool doubtful;             /* not started, or a rule cannot be decided; and none has failed */
};

/* Colours of writers, as classes of style.css: the loader's blocks, stages, and what is no writer. */
enum bzc_html_colour {
    BZC_HTML_LOADER,  /* w0 */
    BZC_HTML_KERNEL,  /* w1: protected-mode part, segment */
    BZC_HTML_INITRD,  /* w2 */
    BZC_HTML_STAGE,   /* w3 to w8: stages, in turn */
    BZC_HTML_RAM = 9, /* w9 */
    BZC_HTML_RESERVED,
    BZC_HTML_ROOM, /* what init_size says that the kernel uses */
};
#define BZC_HTML_STAGE_COLOURS 6u
unsigned bzc_html_stage_colour(size_t stage);
unsigned bzc_html_block_colour(enum bzc_block_role role);

/* The registers and the picture before the first instruction of stage `index`; NULL when they were not recorded. */
const struct bzc_stage_picture *bzc_html_stage_picture(const struct bzc_run_facts *run, size_t index);
const struct bzc_regs *bzc_html_stage_regs(const struct bzc_run_facts *run, size_t index);
/* The way by which control got to stage `index` first; NULL when it was not recorded. */
const struct bzc_region_jump *bzc_html_stage_jump(const struct bzc_run_facts *run, size_t index);

/* True when the run ended at the kernel's first instruction (or, expected to get going, ran). */
bool bzc_html_run_arrived(const struct bzc_run_facts *run);

/* Stages from the start to the end, as one line (html_timeline.c). */
void bzc_html_timeline(FILE *out, const struct bzc_html_run *run);
/* Where and why it stopped, with code, registers and last words; nothing when it arrived (html_stop.c). */
void bzc_html_stop(FILE *out, const struct bzc_html_run *run);
/* Code and registers at each hand-over (html_handover.c). */
void bzc_html_hand_overs(FILE *out, const struct bzc_html_run *run);
/* <pre> with the lines; `caption` is its name for those who do not see it (html_code.c). */
void bzc_html_code(FILE *out, const char *caption, const struct bzc_disasm_line *line, size_t count);
/* A table; with `before` the registers that changed are marked (html_registers.c). */
void bzc_html_registers(FILE *out, const char *caption, const struct bzc_regs *before, const struct bzc_regs *after);
/* Parts of the boot and ways between them (html_jumps.c). */
void bzc_html_jumps(FILE *out, const struct bzc_html_run *run);
/* The fields that are set, who wrote them, and e820_table (html_boot_params.c). */
void bzc_html_boot_params(FILE *out, const struct bzc_html_run *run);
/* Blocks and fields that the loader wrote (html_loader.c). */
void bzc_html_loader(FILE *out, const struct bzc_html_run *run);
/* The kernel's segments and the blocks that had to be kept (html_kernel.c). */
void bzc_html_kernel(FILE *out, const struct bzc_html_run *run);
/* Memory at each stage (html_map.c). Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_html_map(FILE *out, const struct bzc_html_run *run, struct bzc_error *err);

/* ---- the memory map: what is drawn (html_lanes.c) ---- */

struct bzc_html_span {
    uint64_t phys, size;
    unsigned colour;  /* enum bzc_html_colour, or a stage's */
    const char *name; /* who wrote it, or what it is; never NULL */
    bool target;      /* can be zoomed to */
};

#define BZC_HTML_CAPTION_SIZE 160

/* Memory at one moment. */
struct bzc_html_lane {
    char caption[BZC_HTML_CAPTION_SIZE];
    const struct bzc_html_span *span;
    size_t count;
    size_t left_out; /* ranges that were not recorded */
};

#define BZC_HTML_LANES_MAX (BZC_STAGES_MAX + 4)

struct bzc_html_lanes {
    struct bzc_html_lane lane[BZC_HTML_LANES_MAX];
    size_t count;
    char segment_name[BZC_ELF_SEGMENTS_MAX][24];
    struct bzc_html_span *span; /* all of them; owned */
    size_t span_count;
    bool recorded; /* who wrote what is known */
    uint64_t end;  /* nothing that is drawn ends above it, RAM aside */
    bool has_room; /* room_start, room_size: where the kernel may write */
    uint64_t room_start, room_size;
    uint64_t kernel_start, kernel_end; /* one view; equal: there is none */
};

/* Errors: BZC_ERR_MEMORY. */
enum bzc_status bzc_html_lanes_make(const struct bzc_html_run *run, struct bzc_html_lanes *lanes,
                                    struct bzc_error *err);
void bzc_html_lanes_free(struct bzc_html_lanes *lanes);

/* The same numbers as tables, with the distances between neighbours (html_map_table.c). */
void bzc_html_map_tables(FILE *out, const struct bzc_html_run *run, const struct bzc_html_lanes *lanes);

#endif
