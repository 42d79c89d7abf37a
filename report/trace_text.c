/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/report.h"
#include "report/text.h"
#include "report/trace.h"

#define INDENT        2u
#define TO_COLUMN     14u /* second column of edges and events */
#define FLOW_COLUMN   30u /* what led there */
#define EVENT_COLUMN  26u
#define INSN_COLUMN   14u
#define CHANGE_COLUMN 50u
#define SYMBOL_COLUMN 66u
#define REGISTER_STEP 24u

static struct bzc_page page_of(const struct bzc_trace_text *text)
{
    return (struct bzc_page){.out = text->out, .colour = text->colour};
}

/* ---- places ---- */

/* "startup_32+0x10"; "" when there is no symbol. */
static const char *symbol_text(const struct bzc_trace_head *head, const struct bzc_trace_place *place, char text[256])
{
    struct bzc_symbol symbol;

    text[0] = '\0';
    if (!place->known || !bzc_symbols_find(head->symbols, place->stage, place->offset, &symbol) || !symbol.name)
        return text;
    if (symbol.offset)
        snprintf(text, 256, "%.200s+0x%" PRIx64, symbol.name, symbol.offset);
    else
        snprintf(text, 256, "%.200s", symbol.name);
    return text;
}

static const char *source_text(const struct bzc_trace_head *head, const struct bzc_trace_place *place, char text[512])
{
    struct bzc_symbol symbol;

    text[0] = '\0';
    if (place->known && bzc_symbols_find(head->symbols, place->stage, place->offset, &symbol) && symbol.source)
        snprintf(text, 512, "%.480s:%d", symbol.source, symbol.line);
    return text;
}

/* A line that names the part of the boot, where it is another one than that of the last line. */
static void write_stage(struct bzc_trace_text *text, struct bzc_page *page, const struct bzc_trace_place *place)
{
    if (!place->stage || (text->stage && strcmp(text->stage, place->stage) == 0))
        return;
    text->stage = place->stage;
    bzc_page_printf(page, BZC_STYLE_HEAD, "in %s", place->stage);
    bzc_page_end_line(page);
}

/* ---- jumps ---- */

static void write_register(struct bzc_page *page, unsigned *column, const char *name, uint64_t value)
{
    if (*column + REGISTER_STEP > BZC_PAGE_WIDTH) {
        bzc_page_end_line(page);
        *column = 2 * INDENT;
    }
    bzc_page_tab(page, *column);
    bzc_page_put(page, BZC_STYLE_FAINT, name);
    bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%" PRIx64, value);
    *column += REGISTER_STEP;
}

static void write_selector(struct bzc_page *page, const struct bzc_regs *regs, enum bzc_seg seg)
{
    bzc_page_put(page, BZC_STYLE_FAINT, bzc_seg_name(seg));
    bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%x  ", regs->seg[seg].selector);
}

static void write_registers(struct bzc_page *page, const struct bzc_regs *regs, enum bzc_mode mode)
{
    static const enum bzc_seg order[] = {BZC_CS, BZC_DS, BZC_ES, BZC_SS, BZC_FS, BZC_GS};
    unsigned column = 2 * INDENT, gprs = mode == BZC_MODE_LONG ? BZC_GPR_COUNT : BZC_R8;

    for (unsigned i = 0; i < gprs; i++)
        write_register(page, &column, bzc_gpr_name((enum bzc_gpr)i), regs->gpr[i]);
    bzc_page_end_line(page);
    bzc_page_tab(page, 2 * INDENT);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        write_selector(page, regs, order[i]);
    bzc_page_put(page, BZC_STYLE_FAINT, "rflags");
    bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%" PRIx64, regs->rflags);
    bzc_page_end_line(page);
    bzc_page_tab(page, 2 * INDENT);
    for (unsigned i = BZC_TRACE_REGISTERS - 4; i < BZC_TRACE_REGISTERS; i++) {
        bzc_page_put(page, BZC_STYLE_FAINT, bzc_trace_register_name(i));
        bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%" PRIx64 "%s", bzc_trace_register_value(regs, i),
                        i + 1 < BZC_TRACE_REGISTERS ? "  " : "");
    }
    bzc_page_end_line(page);
}

static void write_place_line(struct bzc_page *page, const struct bzc_trace_head *head, const char *what,
                             const struct bzc_trace_place *place)
{
    char symbol[256], source[512];

    symbol_text(head, place, symbol);
    source_text(head, place, source);
    if (!*symbol && !*source)
        return;
    bzc_page_tab(page, 2 * INDENT);
    bzc_page_put(page, BZC_STYLE_FAINT, what);
    bzc_page_printf(page, BZC_STYLE_PLAIN, " %s%s", symbol, *symbol && *source ? "  " : "");
    bzc_page_put(page, BZC_STYLE_PLAIN, source);
    bzc_page_end_line(page);
}

static bool is_bios(const char *stage)
{
    return stage && strcmp(stage, "BIOS") == 0;
}

static void write_mode(struct bzc_page *page, const struct bzc_region_jump *jump)
{
    bzc_page_put(page, BZC_STYLE_PLAIN, ", ");
    if (jump->mode_before != jump->mode)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "%s -> ", bzc_mode_name(jump->mode_before));
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_mode_name(jump->mode));
}

/* The BIOS is asked often, and its events say what for. */
static void write_bios_jump(struct bzc_page *page, const struct bzc_region_jump *jump)
{
    bzc_page_tab(page, INDENT);
    bzc_page_put(page, BZC_STYLE_PLAIN, "jump");
    if (jump->from_known) {
        bzc_page_tab(page, TO_COLUMN);
        bzc_page_printf(page, BZC_STYLE_PLAIN, "0x%" PRIx64, jump->from_linear);
    }
    bzc_page_tab(page, EVENT_COLUMN);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "%s -> %s 0x%" PRIx64 ", %s%s%s", jump->from ? jump->from : "start",
                    jump->to ? jump->to : "unknown code", jump->linear, bzc_jump_kind_name(jump->kind),
                    jump->instruction[0] ? ": " : "", jump->instruction);
    if (jump->mode_before != jump->mode)
        write_mode(page, jump);
    bzc_page_end_line(page);
}

static void write_jump(struct bzc_trace_text *text, struct bzc_page *page, const struct bzc_trace_head *head,
                       const struct bzc_trace_record *record)
{
    const struct bzc_region_jump *jump = record->jump;

    if (is_bios(jump->from) || is_bios(jump->to)) {
        write_bios_jump(page, jump);
        return;
    }
    bzc_page_end_line(page);
    bzc_page_put(page, BZC_STYLE_HEAD, jump->from ? jump->from : "start");
    if (jump->from_known)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%" PRIx64, jump->from_linear);
    bzc_page_put(page, BZC_STYLE_PLAIN, " -> ");
    bzc_page_put(page, BZC_STYLE_HEAD, jump->to ? jump->to : "unknown code");
    bzc_page_printf(page, BZC_STYLE_PLAIN, " 0x%" PRIx64, jump->linear);
    if (jump->linear != jump->phys)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " (physical 0x%" PRIx64 ")", jump->phys);
    bzc_page_end_line(page);
    bzc_page_tab(page, 2 * INDENT);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "%s%s%s", bzc_jump_kind_name(jump->kind), jump->instruction[0] ? ": " : "",
                    jump->instruction);
    write_mode(page, jump);
    bzc_page_end_line(page);
    write_place_line(page, head, "from", &record->from);
    write_place_line(page, head, "to", &record->at);
    write_registers(page, &jump->regs, jump->mode);
    text->stage = record->at.stage;
}

/* ---- other control flow ---- */

static void write_edge(struct bzc_trace_text *text, struct bzc_page *page, const struct bzc_trace_head *head,
                       const struct bzc_trace_record *record)
{
    char instruction[BZC_TRACE_TEXT], symbol[256];

    write_stage(text, page, &record->at);
    bzc_page_tab(page, INDENT);
    if (record->from.known)
        bzc_page_printf(page, BZC_STYLE_PLAIN, "0x%" PRIx64, record->from.linear);
    else
        bzc_page_put(page, BZC_STYLE_FAINT, "?");
    bzc_page_tab(page, TO_COLUMN);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "-> 0x%" PRIx64, record->at.linear);
    bzc_trace_record_instruction(record, instruction);
    if (*instruction) {
        bzc_page_tab(page, FLOW_COLUMN);
        bzc_page_put(page, BZC_STYLE_PLAIN, instruction);
    }
    if (*symbol_text(head, &record->at, symbol)) {
        bzc_page_tab(page, SYMBOL_COLUMN);
        bzc_page_put(page, BZC_STYLE_FAINT, symbol);
    }
    bzc_page_end_line(page);
}

/* Function and source line, each time they are others than those of the instruction before. */
static void write_function(struct bzc_trace_text *text, struct bzc_page *page, const struct bzc_trace_head *head,
                           const struct bzc_trace_place *place)
{
    struct bzc_symbol symbol;

    if (!head->symbols)
        return;
    bzc_symbols_find(head->symbols, place->stage, place->offset, &symbol);
    if (symbol.name == text->function && symbol.source == text->source_file && symbol.line == text->source_line)
        return;
    text->function = symbol.name;
    text->source_file = symbol.source;
    text->source_line = symbol.line;
    bzc_page_tab(page, INDENT);
    bzc_page_put(page, BZC_STYLE_HEAD, symbol.name ? symbol.name : "?");
    if (symbol.name && symbol.offset)
        bzc_page_printf(page, BZC_STYLE_HEAD, "+0x%" PRIx64, symbol.offset);
    if (symbol.source) {
        bzc_page_put(page, BZC_STYLE_FAINT, "  ");
        bzc_page_put(page, BZC_STYLE_FAINT, symbol.source);
        bzc_page_printf(page, BZC_STYLE_FAINT, ":%d", symbol.line);
    }
    bzc_page_end_line(page);
}

static void write_changes(struct bzc_page *page, const struct bzc_trace_insn *insn)
{
    char changes[BZC_TRACE_REGISTERS * 28];
    size_t used = 0;

    for (unsigned i = 0; i < BZC_TRACE_REGISTERS; i++) {
        bool shown = insn->first ? insn->register_value[i] != 0 : (insn->changed >> i & 1) != 0;

        if (shown)
            used += (size_t)snprintf(changes + used, sizeof(changes) - used, "%s%s=0x%" PRIx64, used ? " " : "",
                                     bzc_trace_register_name(i), insn->register_value[i]);
    }
    if (used == 0) {
        bzc_page_end_line(page);
        return;
    }
    bzc_page_tab(page, CHANGE_COLUMN);
    bzc_page_wrap(page, BZC_STYLE_FAINT, CHANGE_COLUMN, changes);
}

static void write_insn(struct bzc_trace_text *text, struct bzc_page *page, const struct bzc_trace_head *head,
                       const struct bzc_trace_record *record)
{
    write_stage(text, page, &record->at);
    write_function(text, page, head, &record->at);
    bzc_page_tab(page, INDENT);
    bzc_page_printf(page, BZC_STYLE_PLAIN, "0x%" PRIx64, record->at.linear);
    bzc_page_tab(page, INSN_COLUMN);
    if (record->insn) {
        bzc_page_put(page, BZC_STYLE_PLAIN, record->insn->text);
        write_changes(page, record->insn);
    } else {
        bzc_page_end_line(page);
    }
}

/* ---- events ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void describe(const struct bzc_trace_record *record, char *out, size_t size)
{
    const char *name = record->name ? record->name : "";
    const char *first = record->differ ? " first" : "";

    switch (record->kind) {
    case BZC_RECORD_PORT_IN:
    case BZC_RECORD_PORT_OUT:
        snprintf(out, size, "port 0x%" PRIx64 " %s 0x%" PRIx64 "%s, %u byte%s: %s", record->a,
                 record->kind == BZC_RECORD_PORT_IN ? "gives" : "gets", record->b, first, record->size,
                 plural(record->size), record->name ? name : "nobody answers");
        break;
    case BZC_RECORD_BIOS:
        snprintf(out, size, "int 0x%" PRIx64 " with eax 0x%" PRIx64 "%s: %s%s", record->a, record->b, first, name,
                 record->c ? (*name ? ", nobody answers" : "nobody answers") : "");
        break;
    case BZC_RECORD_INTERRUPT:
        snprintf(out, size, "vector 0x%" PRIx64 ", handler at 0x%" PRIx64, record->a, record->b);
        break;
    case BZC_RECORD_PAGE_FAULT:
        snprintf(out, size, "at 0x%" PRIx64 ", error code 0x%" PRIx64, record->a, record->b);
        break;
    case BZC_RECORD_A20:
        snprintf(out, size, "%s by %s", record->a ? "opened" : "closed", *name ? name : "the guest");
        break;
    case BZC_RECORD_ROM_WRITE:
        snprintf(out, size, "write to the ROM page 0x%" PRIx64, record->a);
        break;
    case BZC_RECORD_OPEN_BUS:
        snprintf(out, size, "read of the page 0x%" PRIx64 ", where nothing is", record->a);
        break;
    case BZC_RECORD_CONSOLE:
        snprintf(out, size, "%s: %.*s", record->b ? "screen" : "serial", (int)strcspn(record->text, "\r\n"),
                 record->text);
        break;
    case BZC_RECORD_RESET:
        snprintf(out, size, "by %s", *name ? name : "the guest");
        break;
    case BZC_RECORD_CODE:
        snprintf(out, size, "first fetch from the page 0x%" PRIx64, record->a & ~UINT64_C(0xfff));
        break;
    case BZC_RECORD_PAGE_WRITE:
        snprintf(out, size, "first write to the page 0x%" PRIx64, record->a);
        break;
    default:
        snprintf(out, size, "0x%" PRIx64 " gets 0x%" PRIx64 ", %u byte%s", record->a, record->b, record->size,
                 plural(record->size));
    }
}

static void write_event(struct bzc_page *page, const struct bzc_trace_head *head, const struct bzc_trace_record *record)
{
    char what[600], symbol[256], count[BZC_PAGE_NUMBER_SIZE];

    describe(record, what, sizeof(what));
    symbol_text(head, &record->at, symbol);
    bzc_page_tab(page, INDENT);
    bzc_page_put(page, BZC_STYLE_PLAIN, bzc_record_kind_name(record->kind));
    if (record->at.known) {
        bzc_page_tab(page, TO_COLUMN);
        bzc_page_printf(page, BZC_STYLE_PLAIN, "0x%" PRIx64, record->at.linear);
    }
    bzc_page_tab(page, EVENT_COLUMN);
    if (*symbol)
        bzc_page_printf(page, BZC_STYLE_FAINT, "%s  ", symbol);
    bzc_page_put(page, BZC_STYLE_PLAIN, what);
    if (record->count > 1 && record->kind != BZC_RECORD_CONSOLE)
        bzc_page_printf(page, BZC_STYLE_FAINT, "  (%s times)", bzc_page_count(record->count, count));
    bzc_page_end_line(page);
}

/* ---- the writer ---- */

static void begin(void *context, const struct bzc_trace_head *head, const struct bzc_run_facts *run)
{
    struct bzc_trace_text *text = context;
    struct bzc_page page = page_of(text);
    char label[BZC_TEXT_LABEL_SIZE];

    text->stage = text->function = text->source_file = NULL;
    text->source_line = 0;
    bzc_page_put(&page, BZC_STYLE_HEAD, head->path);
    bzc_page_end_line(&page);
    bzc_page_tab(&page, INDENT);
    bzc_page_put(&page, BZC_STYLE_PLAIN, bzc_text_run_label(run, label));
    bzc_page_end_line(&page);
}

static void record(void *context, const struct bzc_trace_head *head, const struct bzc_trace_record *item)
{
    struct bzc_trace_text *text = context;
    struct bzc_page page = page_of(text);

    switch (item->kind) {
    case BZC_RECORD_JUMP:
        write_jump(text, &page, head, item);
        break;
    case BZC_RECORD_EDGE:
    case BZC_RECORD_BRANCH:
        write_edge(text, &page, head, item);
        break;
    case BZC_RECORD_INSN:
        write_insn(text, &page, head, item);
        break;
    default:
        write_event(&page, head, item);
    }
}

static void gap(void *context, uint64_t left_out)
{
    struct bzc_page page = page_of(context);
    char count[BZC_PAGE_NUMBER_SIZE];

    bzc_page_tab(&page, INDENT);
    bzc_page_printf(&page, BZC_STYLE_FAINT, "... %s record%s left out", bzc_page_count(left_out, count),
                    plural(left_out));
    bzc_page_end_line(&page);
}

static void write_stop(struct bzc_page *page, const struct bzc_run_facts *run)
{
    const struct bzc_stop *stop = &run->stop;

    if (run->plan_error.status != BZC_OK) {
        bzc_page_put(page, BZC_STYLE_BAD, "not started");
        bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
        bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT, run->plan_error.message);
        return;
    }
    bzc_page_put(page, BZC_STYLE_HEAD, "stopped");
    bzc_page_printf(page, BZC_STYLE_PLAIN, ": %s", bzc_run_result(run));
    if (run->stage_count > 0)
        bzc_page_printf(page, BZC_STYLE_PLAIN, " in %s", run->stage[run->stage_count - 1].name);
    bzc_page_printf(page, BZC_STYLE_PLAIN, " at 0x%" PRIx64, stop->linear);
    if (stop->detail[0])
        bzc_page_put(page, BZC_STYLE_PLAIN, ": ");
    bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT, stop->detail);
}

static void write_findings(struct bzc_page *page, const struct bzc_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct bzc_finding *finding = &findings->item[i];

        if (finding->outcome != BZC_OUTCOME_FAIL)
            continue;
        bzc_page_put(page, finding->severity == BZC_SEVERITY_ERROR ? BZC_STYLE_BAD : BZC_STYLE_DOUBT,
                     bzc_severity_name(finding->severity));
        bzc_page_printf(page, BZC_STYLE_PLAIN, " %s %s: ", finding->rule->id, finding->rule->name);
        bzc_page_wrap(page, BZC_STYLE_PLAIN, INDENT, finding->message);
    }
}

static void end(void *context, const struct bzc_trace_head *head, const struct bzc_verification *verification,
                uint64_t records)
{
    static const char *const words[] = {"PASS", "FAIL", "UNKNOWN"};
    static const enum bzc_style styles[] = {BZC_STYLE_GOOD, BZC_STYLE_BAD, BZC_STYLE_DOUBT};
    struct bzc_trace_text *text = context;
    struct bzc_page page = page_of(text);
    char count[BZC_PAGE_NUMBER_SIZE];

    bzc_page_end_line(&page);
    if (verification->facts.run_count > 0)
        write_stop(&page, &verification->facts.run[0]);
    write_findings(&page, &verification->findings);
    bzc_page_put(&page, styles[verification->verdict], words[verification->verdict]);
    bzc_page_put(&page, BZC_STYLE_PLAIN, "  ");
    bzc_page_put(&page, BZC_STYLE_PLAIN, head->path);
    bzc_page_put(&page, BZC_STYLE_PLAIN, ": ");
    bzc_page_put(&page, BZC_STYLE_PLAIN, verification->reason);
    bzc_page_printf(&page, BZC_STYLE_PLAIN, "%s%s record%s of one run", verification->reason[0] ? " (" : "",
                    bzc_page_count(records, count), plural(records));
    bzc_page_put(&page, BZC_STYLE_PLAIN, verification->reason[0] ? ")" : "");
    bzc_page_end_line(&page);
}

struct bzc_trace_writer bzc_trace_text_writer(struct bzc_trace_text *text)
{
    return (struct bzc_trace_writer){text, begin, record, gap, end};
}
