/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "report/json.h"
#include "report/report.h"
#include "report/trace.h"

#define SCHEMA "bzcheck-trace/1"

static void write_line(struct bzc_trace_json *json, json_t *object, bool failed)
{
    if (failed || json_dumpf(object, json->out, JSON_COMPACT) != 0)
        json->failed = true;
    else
        fputc('\n', json->out);
    json_decref(object);
}

/* ---- values ---- */

static json_t *symbol_value(const struct bzc_symbol *symbol)
{
    char text[512];

    if (!symbol->name)
        return json_null();
    if (symbol->offset)
        snprintf(text, sizeof(text), "%.480s+0x%" PRIx64, symbol->name, symbol->offset);
    else
        snprintf(text, sizeof(text), "%.480s", symbol->name);
    return bzc_json_string(text);
}

static json_t *source_value(const struct bzc_symbol *symbol)
{
    char text[4160];

    if (!symbol->source)
        return json_null();
    snprintf(text, sizeof(text), "%.4096s:%d", symbol->source, symbol->line);
    return bzc_json_string(text);
}

static json_t *place_value(const struct bzc_trace_head *head, const struct bzc_trace_place *place, bool *failed)
{
    struct bzc_symbol symbol;
    json_t *object;

    if (!place->known && !place->stage)
        return json_null();
    object = json_object();
    bzc_symbols_find(head->symbols, place->known ? place->stage : NULL, place->offset, &symbol);
    bzc_json_set(object, "linear", place->known ? bzc_json_address(place->linear) : json_null(), failed);
    bzc_json_set(object, "phys", place->phys_known ? bzc_json_address(place->phys) : json_null(), failed);
    bzc_json_set(object, "stage", bzc_json_string(place->stage), failed);
    bzc_json_set(object, "symbol", symbol_value(&symbol), failed);
    bzc_json_set(object, "source", source_value(&symbol), failed);
    return object;
}

static json_t *registers_value(const struct bzc_regs *regs, bool *failed)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < BZC_TRACE_REGISTERS; i++)
        bzc_json_set(object, bzc_trace_register_name(i), bzc_json_address(bzc_trace_register_value(regs, i)), failed);
    return object;
}

static json_t *changed_value(const struct bzc_trace_insn *insn, bool *failed)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < BZC_TRACE_REGISTERS; i++)
        if (insn->first || (insn->changed >> i & 1))
            bzc_json_set(object, bzc_trace_register_name(i), bzc_json_address(insn->register_value[i]), failed);
    return object;
}

/* ---- what the kinds of record have of their own ---- */

static void set_jump(json_t *object, const struct bzc_trace_head *head, const struct bzc_trace_record *record,
                     bool *failed)
{
    const struct bzc_region_jump *jump = record->jump;

    bzc_json_set(object, "from", place_value(head, &record->from, failed), failed);
    bzc_json_set(object, "reason", bzc_json_string(bzc_jump_kind_name(jump->kind)), failed);
    bzc_json_set(object, "instruction", bzc_json_text(jump->instruction), failed);
    bzc_json_set(object, "mode_before", bzc_json_string(jump->from_known ? bzc_mode_name(jump->mode_before) : NULL),
                 failed);
    bzc_json_set(object, "mode", bzc_json_string(bzc_mode_name(jump->mode)), failed);
    bzc_json_set(object, "regs", registers_value(&jump->regs, failed), failed);
}

static void set_edge(json_t *object, const struct bzc_trace_head *head, const struct bzc_trace_record *record,
                     bool *failed)
{
    char instruction[BZC_TRACE_TEXT];

    bzc_trace_record_instruction(record, instruction);
    bzc_json_set(object, "from", place_value(head, &record->from, failed), failed);
    bzc_json_set(object, "instruction", bzc_json_text(instruction), failed);
}

static void set_insn(json_t *object, const struct bzc_trace_record *record, bool *failed)
{
    const struct bzc_trace_insn *insn = record->insn;

    bzc_json_set(object, "instruction", bzc_json_text(insn ? insn->text : ""), failed);
    bzc_json_set(object, "mode", bzc_json_string(insn ? bzc_mode_name(insn->mode) : NULL), failed);
    bzc_json_set(object, "changed", insn ? changed_value(insn, failed) : json_object(), failed);
}

static void set_address(json_t *object, const char *key, uint64_t value, bool *failed)
{
    bzc_json_set(object, key, bzc_json_address(value), failed);
}

static void set_own(json_t *object, const struct bzc_trace_head *head, const struct bzc_trace_record *record,
                    bool *failed)
{
    switch (record->kind) {
    case BZC_RECORD_JUMP:
        set_jump(object, head, record, failed);
        break;
    case BZC_RECORD_EDGE:
    case BZC_RECORD_BRANCH:
        set_edge(object, head, record, failed);
        break;
    case BZC_RECORD_INSN:
        set_insn(object, record, failed);
        break;
    case BZC_RECORD_PORT_IN:
    case BZC_RECORD_PORT_OUT:
        set_address(object, "port", record->a, failed);
        set_address(object, "value", record->b, failed);
        bzc_json_set(object, "size", bzc_json_number(record->size), failed);
        bzc_json_set(object, "device", bzc_json_string(record->name), failed);
        break;
    case BZC_RECORD_BIOS:
        set_address(object, "vector", record->a, failed);
        set_address(object, "eax", record->b, failed);
        bzc_json_set(object, "service", bzc_json_string(record->name), failed);
        bzc_json_set(object, "answered", json_boolean(record->c == 0), failed);
        break;
    case BZC_RECORD_INTERRUPT:
        set_address(object, "vector", record->a, failed);
        set_address(object, "handler", record->b, failed);
        break;
    case BZC_RECORD_PAGE_FAULT:
        set_address(object, "target", record->a, failed);
        set_address(object, "error_code", record->b, failed);
        break;
    case BZC_RECORD_A20:
        bzc_json_set(object, "open", json_boolean(record->a != 0), failed);
        bzc_json_set(object, "by", bzc_json_string(record->name), failed);
        break;
    case BZC_RECORD_CONSOLE:
        bzc_json_set(object, "device", bzc_json_string(record->b ? "screen" : "serial"), failed);
        bzc_json_set(object, "text", bzc_json_string(record->text), failed);
        break;
    case BZC_RECORD_RESET:
        bzc_json_set(object, "by", bzc_json_string(record->name), failed);
        break;
    case BZC_RECORD_WRITE:
        set_address(object, "target", record->a, failed);
        set_address(object, "target_phys", record->c, failed);
        set_address(object, "value", record->b, failed);
        bzc_json_set(object, "size", bzc_json_number(record->size), failed);
        break;
    case BZC_RECORD_CODE:
        set_address(object, "page", record->a & ~UINT64_C(0xfff), failed);
        break;
    default:
        set_address(object, "page", record->a, failed);
    }
}

/* ---- the writer ---- */

static void begin(void *context, const struct bzc_trace_head *head, const struct bzc_run_facts *run)
{
    bool failed = false;
    json_t *object = json_object(), *tool = json_object(), *about = json_object();

    bzc_json_set(tool, "name", bzc_json_string("bzcheck"), &failed);
    bzc_json_set(tool, "version", bzc_json_string(BZC_VERSION), &failed);
    bzc_json_set(about, "scenario", bzc_json_string(run->as_loader ? NULL : run->scenario), &failed);
    bzc_json_set(about, "loader", bzc_json_string(run->as_loader ? run->scenario : NULL), &failed);
    bzc_json_set(about, "load_addr", run->load_addr ? bzc_json_address(run->load_addr) : json_null(), &failed);
    bzc_json_set(about, "kaslr_seed", run->kaslr ? bzc_json_number(run->kaslr_seed) : json_null(), &failed);
    bzc_json_set(object, "type", bzc_json_string("trace"), &failed);
    bzc_json_set(object, "schema", bzc_json_string(SCHEMA), &failed);
    bzc_json_set(object, "tool", tool, &failed);
    bzc_json_set(object, "image", bzc_json_string(head->path), &failed);
    bzc_json_set(object, "level", bzc_json_string(head->level), &failed);
    bzc_json_set(object, "run", about, &failed);
    write_line(context, object, failed);
}

static void record(void *context, const struct bzc_trace_head *head, const struct bzc_trace_record *item)
{
    bool failed = false;
    json_t *object = json_object();

    bzc_json_set(object, "type", bzc_json_string(bzc_record_kind_name(item->kind)), &failed);
    bzc_json_set(object, "seq", bzc_json_number(item->seq), &failed);
    bzc_json_set(object, "block", head->counted ? bzc_json_number(item->block) : json_null(), &failed);
    bzc_json_set(object, "count", bzc_json_number(item->count), &failed);
    bzc_json_set(object, "at", place_value(head, &item->at, &failed), &failed);
    set_own(object, head, item, &failed);
    write_line(context, object, failed);
}

static void gap(void *context, uint64_t left_out)
{
    bool failed = false;
    json_t *object = json_object();

    bzc_json_set(object, "type", bzc_json_string("gap"), &failed);
    bzc_json_set(object, "left_out", bzc_json_number(left_out), &failed);
    write_line(context, object, failed);
}

static json_t *finding_value(const struct bzc_finding *finding, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "rule", bzc_json_string(finding->rule->id), failed);
    bzc_json_set(object, "name", bzc_json_string(finding->rule->name), failed);
    bzc_json_set(object, "severity", bzc_json_string(bzc_severity_name(finding->severity)), failed);
    bzc_json_set(object, "message", bzc_json_string(finding->message), failed);
    return object;
}

static json_t *findings_value(const struct bzc_findings *findings, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < findings->count; i++)
        if (findings->item[i].outcome == BZC_OUTCOME_FAIL)
            bzc_json_append(array, finding_value(&findings->item[i], failed), failed);
    return array;
}

static json_t *stop_value(const struct bzc_run_facts *run, bool *failed)
{
    json_t *object = json_object();
    bool started = run->plan_error.status == BZC_OK;

    bzc_json_set(object, "result", bzc_json_string(bzc_run_result(run)), failed);
    bzc_json_set(object, "stage", bzc_json_string(run->stage_count > 0 ? run->stage[run->stage_count - 1].name : NULL),
                 failed);
    bzc_json_set(object, "linear", started ? bzc_json_address(run->stop.linear) : json_null(), failed);
    bzc_json_set(object, "phys", started && run->stop.phys_known ? bzc_json_address(run->stop.phys) : json_null(),
                 failed);
    bzc_json_set(object, "detail", bzc_json_text(started ? run->stop.detail : run->plan_error.message), failed);
    return object;
}

static void end(void *context, const struct bzc_trace_head *head, const struct bzc_verification *verification,
                uint64_t records)
{
    bool failed = false;
    json_t *object = json_object();

    (void)head;
    bzc_json_set(object, "type", bzc_json_string("end"), &failed);
    bzc_json_set(object, "records", bzc_json_number(records), &failed);
    bzc_json_set(object, "stop", stop_value(&verification->facts.run[0], &failed), &failed);
    bzc_json_set(object, "findings", findings_value(&verification->findings, &failed), &failed);
    bzc_json_set(object, "verdict", bzc_json_string(bzc_verdict_name(verification->verdict)), &failed);
    bzc_json_set(object, "reason", bzc_json_text(verification->reason), &failed);
    write_line(context, object, failed);
}

struct bzc_trace_writer bzc_trace_json_writer(struct bzc_trace_json *json)
{
    return (struct bzc_trace_writer){json, begin, record, gap, end};
}
