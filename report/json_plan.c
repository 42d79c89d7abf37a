/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the loader did, as JSON: blocks, fields, its jump; and what became of the blocks that are the loader's own. */
#include <string.h>

#include "report/json.h"

static json_t *blocks_array(const struct bzc_plan *plan, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < plan->block_count; i++) {
        const struct bzc_block *block = &plan->block[i];
        json_t *object = json_object();

        bzc_json_set(object, "name", bzc_json_text(block->name), failed);
        bzc_json_set(object, "phys", bzc_json_address(block->phys), failed);
        bzc_json_set(object, "size", bzc_json_number(block->bytes.size), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *writes_array(const struct bzc_plan *plan, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < plan->write_count; i++) {
        const struct bzc_plan_write *write = &plan->write[i];
        json_t *object = json_object();

        bzc_json_set(object, "where", json_string(write->is_header ? "setup header" : "boot_params"), failed);
        bzc_json_set(object, "field",
                     json_string(write->is_header ? bzc_field(write->field)->name : bzc_bp_field(write->bp)->name),
                     failed);
        bzc_json_set(object, "value", bzc_json_address(write->value), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *jump_object(const struct bzc_jump *jump, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "mode", json_string(bzc_mode_name(jump->mode)), failed);
    bzc_json_set(object, "linear", bzc_json_address(jump->linear), failed);
    return object;
}

json_t *bzc_json_plan(const struct bzc_plan *plan, bool *failed)
{
    json_t *object = json_object();

    bzc_json_set(object, "path", json_string(bzc_path_name(plan->path)), failed);
    bzc_json_set(object, "blocks", blocks_array(plan, failed), failed);
    bzc_json_set(object, "writes", writes_array(plan, failed), failed);
    bzc_json_set(object, "a20_open", json_boolean(plan->a20_open), failed);
    bzc_json_set(object, "jump", jump_object(&plan->jump, failed), failed);
    return object;
}

json_t *bzc_json_relocation(const struct bzc_image *image, const struct bzc_run_facts *run, bool *failed)
{
    json_t *object = json_object();
    uint64_t aligned;
    bool known = bzc_image_runtime_start(image, run->plan.pm_phys, run->plan.kernel_alignment, &aligned);

    bzc_json_set(object, "requested", bzc_json_address(run->plan.pm_phys), failed);
    bzc_json_set(object, "kernel_alignment",
                 run->plan.kernel_alignment ? bzc_json_address(run->plan.kernel_alignment) : json_null(), failed);
    bzc_json_set(object, "aligned", known ? bzc_json_address(aligned) : json_null(), failed);
    bzc_json_set(object, "final", run->compared ? bzc_json_address(run->comparison.base) : json_null(), failed);
    return object;
}

json_t *bzc_json_kept(const struct bzc_run_facts *run, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < run->kept_count; i++) {
        const struct bzc_kept_block *kept = &run->kept[i];
        json_t *object = json_object();

        bzc_json_set(object, "name", bzc_json_text(kept->name), failed);
        bzc_json_set(object, "phys", bzc_json_address(kept->phys), failed);
        bzc_json_set(object, "size", bzc_json_number(kept->size), failed);
        bzc_json_set(object, "sha256", bzc_json_text(kept->sha256), failed);
        bzc_json_set(object, "unchanged", json_boolean(!kept->changed), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}
