/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/json.h"

#include <string.h>

#include "report/report.h"

static const struct bzc_disasm_line *current_line(const struct bzc_stop *stop)
{
    for (size_t i = 0; i < stop->line_count; i++)
        if (stop->lines[i].current)
            return &stop->lines[i];
    return NULL;
}

static json_t *disassembly_array(const struct bzc_stop *stop, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; stop && i < stop->line_count; i++) {
        const struct bzc_disasm_line *line = &stop->lines[i];
        json_t *object = json_object();

        bzc_json_set(object, "linear", bzc_json_address(line->address), failed);
        bzc_json_set(object, "bytes", bzc_json_text(line->bytes), failed);
        bzc_json_set(object, "instruction", bzc_json_text(line->text), failed);
        bzc_json_set(object, "current", json_boolean(line->current), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

/* `started` is false for a run that could not be prepared: then there is no stop, only a reason. */
static json_t *stop_object(const struct bzc_run_facts *run, bool started, const char *result, bool *failed)
{
    const struct bzc_stop *stop = started ? &run->stop : NULL;
    const struct bzc_disasm_line *line = stop ? current_line(stop) : NULL;
    const char *stage = run->stage_count > 0 ? run->stage[run->stage_count - 1].name : NULL;
    json_t *object = json_object();

    bzc_json_set(object, "reason", json_string(result), failed);
    bzc_json_set(object, "phys", stop && stop->phys_known ? bzc_json_address(stop->phys) : json_null(), failed);
    bzc_json_set(object, "stage", bzc_json_text(stop ? stage : NULL), failed);
    bzc_json_set(object, "instruction", bzc_json_text(line ? line->text : NULL), failed);
    bzc_json_set(object, "detail", bzc_json_text(stop ? stop->detail : run->plan_error.message), failed);
    bzc_json_set(object, "linear", stop ? bzc_json_address(stop->linear) : json_null(), failed);
    bzc_json_set(object, "target", stop && stop->has_target ? bzc_json_address(stop->target) : json_null(), failed);
    bzc_json_set(object, "disassembly", disassembly_array(stop, failed), failed);
    bzc_json_set(object, "last_words", bzc_json_text(stop ? run->last_words : NULL), failed);
    return object;
}

static json_t *stages_array(const struct bzc_run_facts *run, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < run->stage_count; i++) {
        json_t *object = json_object();

        bzc_json_set(object, "name", bzc_json_text(run->stage[i].name), failed);
        bzc_json_set(object, "phys", bzc_json_address(run->stage[i].phys), failed);
        bzc_json_set(object, "mode", json_string(bzc_mode_name(run->stage[i].mode)), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

/* The order in which segment registers are written. */
static const enum bzc_seg segs[] = {BZC_CS, BZC_DS, BZC_ES, BZC_SS, BZC_FS, BZC_GS};

static json_t *regs_object(const struct bzc_regs *regs, bool *failed)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        bzc_json_set(object, bzc_gpr_name((enum bzc_gpr)i), bzc_json_address(regs->gpr[i]), failed);
    bzc_json_set(object, "rip", bzc_json_address(regs->rip), failed);
    bzc_json_set(object, "rflags", bzc_json_address(regs->rflags), failed);
    for (unsigned i = 0; i < sizeof(segs) / sizeof(segs[0]); i++)
        bzc_json_set(object, bzc_seg_name(segs[i]), bzc_json_address(regs->seg[segs[i]].selector), failed);
    bzc_json_set(object, "cr0", bzc_json_address(regs->cr0), failed);
    bzc_json_set(object, "cr3", bzc_json_address(regs->cr3), failed);
    bzc_json_set(object, "cr4", bzc_json_address(regs->cr4), failed);
    bzc_json_set(object, "efer", bzc_json_address(regs->efer), failed);
    return object;
}

static json_t *descriptors_object(const struct bzc_regs *regs, bool *failed)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < sizeof(segs) / sizeof(segs[0]); i++) {
        const struct bzc_segment *seg = &regs->seg[segs[i]];
        json_t *descriptor = json_object();

        bzc_json_set(descriptor, "base", bzc_json_address(seg->base), failed);
        bzc_json_set(descriptor, "limit", bzc_json_address(seg->limit), failed);
        bzc_json_set(descriptor, "access", bzc_json_address(seg->access), failed);
        bzc_json_set(object, bzc_seg_name(segs[i]), descriptor, failed);
    }
    return object;
}

static json_t *boot_params_object(const struct bzc_hand_over *entry, bool *failed)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * BZC_BOOT_PARAMS_SIZE + 1] = "";
    json_t *object = json_object();

    for (size_t i = 0; entry->boot_params_in_ram && i < BZC_BOOT_PARAMS_SIZE; i++) {
        hex[2 * i] = digits[entry->boot_params[i] >> 4];
        hex[2 * i + 1] = digits[entry->boot_params[i] & 0xf];
    }
    bzc_json_set(object, "phys", bzc_json_address(entry->boot_params_phys), failed);
    bzc_json_set(object, "bytes", bzc_json_text(hex), failed);
    return object;
}

/* The link-time virtual address of what was entered: known when it lies in a segment of a compared ELF payload. */
static json_t *link_virt(const struct bzc_run_facts *run, const struct bzc_oracle *oracle)
{
    uint64_t offset = run->entry.phys - run->comparison.base;

    if (!run->compared || !oracle || oracle->kind != BZC_PAYLOAD_ELF)
        return json_null();
    for (size_t i = 0; i < oracle->segment_count; i++) {
        const struct bzc_expected_segment *segment = &oracle->segment[i];

        if (offset >= segment->offset && offset - segment->offset < segment->memsz)
            return bzc_json_address(segment->vaddr + (offset - segment->offset));
    }
    return json_null();
}

static json_t *entry_object(const struct bzc_run_facts *run, const struct bzc_oracle *oracle, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "phys", bzc_json_address(run->entry.phys), failed);
    bzc_json_set(object, "link_virt", link_virt(run, oracle), failed);
    bzc_json_set(object, "mode", json_string(bzc_mode_name(bzc_regs_mode(&run->entry.regs))), failed);
    bzc_json_set(object, "regs", regs_object(&run->entry.regs, failed), failed);
    bzc_json_set(object, "descriptors", descriptors_object(&run->entry.regs, failed), failed);
    bzc_json_set(object, "boot_params", boot_params_object(&run->entry, failed), failed);
    return object;
}

static const struct bzc_expected_segment *expected_segment(const struct bzc_oracle *oracle, unsigned index)
{
    for (size_t i = 0; oracle && i < oracle->segment_count; i++)
        if (oracle->segment[i].index == index)
            return &oracle->segment[i];
    return NULL;
}

static json_t *kernel_object(const struct bzc_comparison *comparison, const struct bzc_oracle *oracle, bool *failed)
{
    json_t *object = json_object(), *segments = json_array();

    for (size_t i = 0; i < comparison->segment_count; i++) {
        const struct bzc_segment_result *result = &comparison->segment[i];
        const struct bzc_expected_segment *expected = expected_segment(oracle, result->index);
        json_t *segment = json_object();

        bzc_json_set(segment, "index", json_integer(result->index), failed);
        bzc_json_set(segment, "phys", bzc_json_address(result->phys), failed);
        bzc_json_set(segment, "filesz", expected ? bzc_json_number(expected->bytes.size) : json_null(), failed);
        bzc_json_set(segment, "memsz", expected ? bzc_json_number(expected->memsz) : json_null(), failed);
        bzc_json_set(segment, "sha256", bzc_json_text(result->sha256), failed);
        bzc_json_set(segment, "matches", json_boolean(result->matches), failed);
        bzc_json_append(segments, segment, failed);
    }
    bzc_json_set(object, "base_phys", bzc_json_address(comparison->base), failed);
    bzc_json_set(object, "virt_delta", bzc_json_distance(comparison->virt_delta), failed);
    bzc_json_set(object, "relocations", bzc_json_number(comparison->relocations), failed);
    bzc_json_set(object, "segments", segments, failed);
    return object;
}

/* The kernel, entered by the loader itself, has got going. */
static json_t *running_object(const struct bzc_run_facts *run, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "by", json_string(run->running.printed ? "text" : "fetch"), failed);
    bzc_json_set(object, "linear", run->running.printed ? json_null() : bzc_json_address(run->running.linear), failed);
    bzc_json_set(object, "phys", run->running.printed ? json_null() : bzc_json_address(run->running.phys), failed);
    return object;
}

json_t *bzc_json_run(const struct bzc_image_facts *image, const struct bzc_run_facts *run, bool *failed)
{
    static const char *const expectations[] = {
        [BZC_EXPECT_KERNEL] = "kernel",
        [BZC_EXPECT_RUNNING] = "running",
        [BZC_EXPECT_REFUSAL] = "refusal",
        [BZC_EXPECT_FIXED] = "not-moved",
    };
    const struct bzc_oracle *oracle = image->oracle;
    bool started = run->plan_error.status == BZC_OK;
    const char *result = bzc_run_result(run);
    bool good = strcmp(result, "entry") == 0 || strcmp(result, "running") == 0;
    bool moves = started && run->plan.has_pm;
    json_t *object = json_object();

    bzc_json_set(object, "scenario", run->as_loader ? json_null() : bzc_json_text(run->scenario), failed);
    bzc_json_set(object, "loader", run->as_loader ? bzc_json_text(run->scenario) : json_null(), failed);
    bzc_json_set(object, "load_addr", run->load_addr ? bzc_json_address(run->load_addr) : json_null(), failed);
    bzc_json_set(object, "purpose", bzc_json_text(run->purpose), failed);
    bzc_json_set(object, "expects", json_string(expectations[run->expect]), failed);
    bzc_json_set(object, "kaslr", json_boolean(run->kaslr), failed);
    bzc_json_set(object, "kaslr_seed", run->kaslr ? bzc_json_number(run->kaslr_seed) : json_null(), failed);
    bzc_json_set(object, "cmdline", bzc_json_string(run->plan.cmdline), failed);
    bzc_json_set(object, "plan", started ? bzc_json_plan(&run->plan, failed) : json_null(), failed);
    bzc_json_set(object, "result", json_string(result), failed);
    bzc_json_set(object, "refusal", bzc_json_text(run->refusal), failed);
    bzc_json_set(object, "stop", good ? json_null() : stop_object(run, started, result, failed), failed);
    bzc_json_set(object, "stages", stages_array(run, failed), failed);
    bzc_json_set(object, "relocation", moves ? bzc_json_relocation(&image->image, run, failed) : json_null(), failed);
    bzc_json_set(object, "entry", run->entry.reached ? entry_object(run, oracle, failed) : json_null(), failed);
    bzc_json_set(object, "kernel", run->compared ? kernel_object(&run->comparison, oracle, failed) : json_null(),
                 failed);
    bzc_json_set(object, "running", run->running.reached ? running_object(run, failed) : json_null(), failed);
    bzc_json_set(object, "kept", bzc_json_kept(run, failed), failed);
    bzc_json_set(object, "guest_pages_touched", bzc_json_number(run->pages_touched), failed);
    return object;
}
