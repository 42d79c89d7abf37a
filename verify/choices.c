/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/choices.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_LOAD_ADDR  0x100000u
#define DEFAULT_KASLR_SEED 1u
#define FOUR_GIB           0x100000000ull
#define HIGH_RAM           (512ull << 20) /* for a kernel above 4 GiB, besides what it needs itself */

static bool same(const struct bzc_choice *a, const struct bzc_choice *b)
{
    return strcmp(a->name, b->name) == 0 && a->load_addr == b->load_addr && a->kaslr == b->kaslr &&
           a->seed == b->seed && a->kernel_alignment == b->kernel_alignment && a->expect == b->expect;
}

static void add(struct bzc_choices *choices, const struct bzc_choice *choice)
{
    for (size_t i = 0; i < choices->count; i++)
        if (same(&choices->choice[i], choice))
            return;
    if (choices->count == BZC_RUNS_MAX)
        choices->left_out++;
    else
        choices->choice[choices->count++] = *choice;
}

/* One address with every KASLR seed asked for, and without KASLR when none was. */
static void add_seeds(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                      struct bzc_choice choice, struct bzc_choices *choices)
{
    /* A seed means nothing to a decompressor that knows no KASLR, and to one that is not asked. */
    bool kaslr = facts->kaslr_build && choice.expect == BZC_EXPECT_KERNEL;

    if (options->kaslr_seed_count == 0 || !kaslr)
        add(choices, &choice);
    for (size_t s = 0; kaslr && s < options->kaslr_seed_count; s++) {
        choice.kaslr = true;
        choice.seed = options->kaslr_seed[s];
        add(choices, &choice);
    }
}

static uint64_t usual_load_addr(const struct bzc_scenario *scenario)
{
    return scenario->relocates ? DEFAULT_LOAD_ADDR : 0;
}

/* Entry64, and the flag that says that all of it may lie above 4 GiB. */
static void add_above_4g(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                         struct bzc_choice choice, struct bzc_choices *choices)
{
    const struct bzc_image *image = &facts->image;
    uint64_t unit = image->kernel_alignment ? image->kernel_alignment : 1;
    struct bzc_memory_map map = options->map;

    if (choice.scenario->path != BZC_PATH_ENTRY64 || !(image->xloadflags & BZC_XLF_CAN_BE_LOADED_ABOVE_4G))
        return;
    choice.ram_from = FOUR_GIB;
    choice.ram_size = HIGH_RAM + ((uint64_t)image->init_size + 2 * unit + HIGH_RAM - 1) / HIGH_RAM * HIGH_RAM +
                      (options->initrd.size + HIGH_RAM - 1) / HIGH_RAM * HIGH_RAM;
    choice.load_addr = FOUR_GIB + (4 * unit > HIGH_RAM / 8 ? unit : 4 * unit);
    snprintf(choice.purpose, sizeof(choice.purpose), "above 4 GiB");
    /* On a copy: the map may be full, or reserve that memory. */
    if (bzc_memory_map_add_ram(&map, choice.ram_from, choice.ram_size) &&
        bzc_memory_map_is_ram(&map, choice.load_addr, image->init_size))
        add(choices, &choice);
}

static void add_scenario(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                         const struct bzc_scenario *scenario, struct bzc_choices *choices)
{
    const struct bzc_image *image = &facts->image;
    struct bzc_choice choice = {.name = scenario->name, .scenario = scenario, .expect = scenario->expect};
    bool may_move = scenario->relocates && image->relocatable && !scenario->missing(facts);

    if (options->load_addr_count && scenario->relocates) {
        for (size_t a = 0; a < options->load_addr_count; a++) {
            choice.load_addr = options->load_addr[a];
            add_seeds(facts, options, choice, choices);
        }
        return;
    }
    choice.load_addr = usual_load_addr(scenario);
    add_seeds(facts, options, choice, choices);
    if (!may_move)
        return;
    if (image->pref_address > DEFAULT_LOAD_ADDR && !scenario->on_request) {
        choice.load_addr = image->pref_address;
        snprintf(choice.purpose, sizeof(choice.purpose), "pref_address");
        add_seeds(facts, options, choice, choices);
        choice.purpose[0] = '\0';
    }
    add_above_4g(facts, options, choice, choices);
}

static void add_loader(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                       const struct bzc_boot_loader *loader, struct bzc_choices *choices)
{
    struct bzc_choice choice = {.name = loader->name, .loader = loader};

    if (options->load_addr_count == 0)
        add_seeds(facts, options, choice, choices);
    for (size_t a = 0; a < options->load_addr_count; a++) {
        choice.load_addr = options->load_addr[a];
        add_seeds(facts, options, choice, choices);
    }
}

static bool is_chosen(const struct bzc_choices *choices, const char *name)
{
    for (size_t i = 0; i < choices->count; i++)
        if (strcmp(choices->choice[i].name, name) == 0)
            return true;
    return false;
}

/* The first scenario of those that are chosen which may load the kernel anywhere, with the usual seed. */
static void add_kaslr_once(const struct bzc_image_facts *facts, const struct bzc_verify_options *options,
                           struct bzc_choices *choices)
{
    if (!facts->kaslr_build || options->kaslr_seed_count || bzc_cmdline_has(options->cmdline, "nokaslr"))
        return;
    for (size_t i = 0; i < choices->count; i++) {
        struct bzc_choice choice = choices->choice[i];

        if (choice.expect != BZC_EXPECT_KERNEL || !choice.scenario || !choice.scenario->relocates)
            continue;
        choice.kaslr = true;
        choice.seed = DEFAULT_KASLR_SEED;
        add(choices, &choice);
        return;
    }
}

void bzc_choices_make(const struct bzc_image_facts *facts, const struct bzc_verify_options *options, bool with_payload,
                      struct bzc_choices *choices)
{
    static const char bios[] = "bios";
    struct bzc_choice kaslr = {.name = bios, .kaslr = true, .seed = DEFAULT_KASLR_SEED, .load_addr = DEFAULT_LOAD_ADDR};

    memset(choices, 0, sizeof(*choices));
    /* What a loader does may depend on the payload. */
    for (size_t i = 0; i < options->as_count && with_payload; i++)
        add_loader(facts, options, options->as[i], choices);
    if (options->as_count)
        return;
    for (size_t i = 0; i < options->scenario_count; i++)
        if (options->scenario[i]->needs_payload == with_payload)
            add_scenario(facts, options, options->scenario[i], choices);
    for (size_t i = 0; i < bzc_scenario_count && options->scenario_count == 0; i++) {
        const struct bzc_scenario *scenario = &bzc_scenarios[i];

        if (scenario->needs_payload == with_payload && !scenario->on_request && !scenario->missing(facts))
            add_scenario(facts, options, scenario, choices);
    }
    if (options->kaslr_once)
        add_kaslr_once(facts, options, choices);
    if (options->load_addr_count || options->kaslr_seed_count || !is_chosen(choices, bios))
        return;
    if (facts->kaslr_build && !bzc_cmdline_has(options->cmdline, "nokaslr")) {
        kaslr.scenario = bzc_scenario_find(bios);
        add(choices, &kaslr);
    }
    bzc_choices_relocation(facts, options, choices);
}
