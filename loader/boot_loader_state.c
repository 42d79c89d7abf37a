/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statements about what a loader writes and the CPU that it hands over. */
#include <string.h>

#include "loader/boot_loader_parts.h"

/* ---- what it writes ---- */

/* Finds a number field by its name; *size in bytes. */
static bool find_field(const char *name, struct bzc_loader_write *write, unsigned *size)
{
    const struct bzc_field *field = bzc_field_by_name(name);
    const struct bzc_bp_field *outside = bzc_bp_field_by_name(name);

    if (field) {
        write->is_header = true;
        write->field = field->id;
        *size = field->size;
        return true;
    }
    if (!outside || outside->size > 8) /* an array is no number */
        return false;
    write->bp = outside->id;
    *size = outside->size;
    return true;
}

static enum bzc_status take_write(struct bzc_loader_reading *reading)
{
    struct bzc_boot_loader *loader = reading->loader;
    struct bzc_loader_write *write = &loader->write[loader->write_count];
    const char *name = bzc_words_next(&reading->words);
    unsigned size = 8;
    enum bzc_status status;

    if (loader->write_count == BZC_LOADER_WRITES_MAX)
        return bzc_words_too_many(&reading->words, BZC_LOADER_WRITES_MAX);
    *write = (struct bzc_loader_write){0};
    if (!name || !find_field(name, write, &size))
        return bzc_error_set(reading->words.err, BZC_ERR_FORMAT,
                             "'write': '%.60s' is no field of the setup header or boot_params", name ? name : "");
    status = bzc_words_number(&reading->words, "a value", 0, UINT64_MAX >> (64 - 8 * size), &write->value);
    if (status != BZC_OK)
        return status;
    loader->write_count++;
    return bzc_loader_take_condition(reading, &write->when);
}

static enum bzc_status take_heap(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "write", "none", &reading->loader->no_heap);
}

static enum bzc_status take_e820(struct bzc_loader_reading *reading)
{
    uint64_t count = BZC_BP_E820_MAX;
    enum bzc_status status = bzc_words_flag(&reading->words, "table", "none", &reading->loader->no_e820);

    if (status == BZC_OK && !reading->loader->no_e820 && !bzc_words_no_number(&reading->words))
        status = bzc_words_number(&reading->words, "a number of entries", 1, BZC_BP_E820_MAX, &count);
    reading->loader->e820_max = (unsigned)count;
    return status;
}

static enum bzc_status take_e820_ext(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "no", "yes", &reading->loader->e820_ext);
}

static enum bzc_status take_alt_mem_k(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "no", "yes", &reading->loader->alt_mem_k);
}

static enum bzc_status take_rng_seed(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "no", "yes", &reading->loader->rng_seed);
}

static enum bzc_status take_screen_info(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "none", "text", &reading->loader->screen_info);
}

/* ---- the CPU at the jump ---- */

static enum bzc_status take_entry(struct bzc_loader_reading *reading)
{
    struct bzc_boot_loader *loader = reading->loader;
    enum bzc_status status = BZC_OK;

    if (bzc_words_take(&reading->words, "code32-start"))
        return BZC_OK;
    if (!bzc_words_take(&reading->words, "first-byte"))
        status = bzc_words_number(&reading->words, "code32-start, first-byte or an offset", 0, UINT32_MAX,
                                  &loader->entry_offset);
    loader->entry_is_first_byte = loader->entry_offset == 0;
    return status;
}

static enum bzc_status take_selector(struct bzc_loader_reading *reading, uint16_t *selector)
{
    uint64_t value = 0;
    enum bzc_status status = bzc_words_number(&reading->words, "a selector", 1, UINT16_MAX, &value);

    *selector = (uint16_t)value;
    return status;
}

static enum bzc_status take_code_selector(struct bzc_loader_reading *reading)
{
    return take_selector(reading, &reading->loader->code_selector);
}

static enum bzc_status take_data_selector(struct bzc_loader_reading *reading)
{
    return take_selector(reading, &reading->loader->data_selector);
}

static enum bzc_status take_other_gdt(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "no", "yes", &reading->loader->other_gdt);
}

static enum bzc_status take_null_segments(struct bzc_loader_reading *reading)
{
    static const enum bzc_seg segments[] = {BZC_DS, BZC_ES, BZC_SS, BZC_FS, BZC_GS};
    static const char *const names[] = {"ds", "es", "ss", "fs", "gs"};
    enum bzc_status status;

    do {
        size_t index = 0;

        status = bzc_words_choice(&reading->words, names, 5, &index);
        if (status == BZC_OK)
            reading->loader->null_segments |= 1u << segments[index];
    } while (status == BZC_OK && bzc_words_left(&reading->words));
    return status;
}

static enum bzc_status take_register(struct bzc_loader_reading *reading)
{
    struct bzc_boot_loader *loader = reading->loader;
    const size_t most = sizeof(loader->reg) / sizeof(loader->reg[0]);
    const char *names[BZC_GPR_COUNT];
    size_t index = 0;
    enum bzc_status status;

    if (loader->reg_count == most)
        return bzc_words_too_many(&reading->words, (unsigned)most);
    for (unsigned i = 0; i < BZC_GPR_COUNT; i++)
        names[i] = bzc_gpr_name((enum bzc_gpr)i);
    status = bzc_words_choice(&reading->words, names, BZC_GPR_COUNT, &index);
    if (status != BZC_OK)
        return status;
    loader->reg[loader->reg_count].gpr = (enum bzc_gpr)index;
    return bzc_words_number(&reading->words, "a value", 0, UINT64_MAX, &loader->reg[loader->reg_count++].value);
}

static enum bzc_status take_interrupts(struct bzc_loader_reading *reading)
{
    return bzc_words_flag(&reading->words, "off", "on", &reading->loader->interrupts_on);
}

static enum bzc_status take_identity_map(struct bzc_loader_reading *reading)
{
    return bzc_words_number_or(&reading->words, "an address", UINT64_MAX, "needed", 0, &reading->loader->identity_end);
}

/* ---- their table ---- */

static const struct bzc_loader_statement statements[] = {
    {"heap", take_heap, 0},
    {"write", take_write, BZC_STATEMENT_MANY},
    {"e820", take_e820, 0},
    {"e820-ext", take_e820_ext, 0},
    {"alt-mem-k", take_alt_mem_k, 0},
    {"rng-seed", take_rng_seed, 0},
    {"screen-info", take_screen_info, 0},
    {"entry", take_entry, 0},
    {"code-selector", take_code_selector, 0},
    {"data-selector", take_data_selector, 0},
    {"other-gdt", take_other_gdt, 0},
    {"null-segments", take_null_segments, 0},
    {"register", take_register, BZC_STATEMENT_MANY},
    {"interrupts", take_interrupts, 0},
    {"identity-map", take_identity_map, 0},
};

const struct bzc_loader_statements bzc_loader_state_statements = {statements,
                                                                  sizeof(statements) / sizeof(statements[0])};
