/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/machine.h"
#include "verify/collector.h"
#include "verify/follower.h"
#include "verify/kept.h"
#include "verify/tracker.h"

/* Any seed spreads over the timer's phase; nokaslr runs use this one. */
#define SEED_NOKASLR 0u

/* What is to be seen at the kernel's first instruction, or where the run ended before it. */
static void look(const struct bzc_run_request *request, const struct bzc_tracker *tracker, struct bzc_machine *machine,
                 struct bzc_run_facts *facts)
{
    const struct bzc_oracle *oracle = facts->entry.reached ? request->await_oracle(request->oracle_context) : NULL;
    struct bzc_guest_view guest = bzc_machine_guest_view(machine);

    if (oracle && tracker->base_known) {
        bzc_oracle_compare(oracle, &guest, facts->comparison.base, &facts->comparison);
        facts->compared = true;
    }
    bzc_kept_compare(&guest, facts);
}

/* Who takes part in an attempt besides the machine. */
struct party {
    struct bzc_tracker tracker;
    struct bzc_collector collector;
    bool followed;
    struct bzc_follower follower; /* when followed */
};

static enum bzc_status run_machine(const struct bzc_run_request *request, struct bzc_machine *machine,
                                   struct party *party, struct bzc_run_facts *facts, bool *inconclusive,
                                   struct bzc_error *err)
{
    struct bzc_guest_view view = bzc_machine_guest_view(machine);
    enum bzc_status status = bzc_machine_load(machine, &facts->plan, err);

    if (status == BZC_OK)
        status = bzc_machine_run(machine, &facts->stop, inconclusive, err);
    if (status != BZC_OK || *inconclusive)
        return status;
    look(request, &party->tracker, machine, facts);
    /* The loader itself has entered the kernel, which now has to get going. */
    if (facts->expect == BZC_EXPECT_RUNNING && facts->entry.reached) {
        party->collector.kernel_runs = true;
        status = bzc_machine_run(machine, &facts->stop, inconclusive, err);
        if (status != BZC_OK || *inconclusive)
            return status;
    }
    bzc_collector_finish(&party->collector, &view);
    facts->pages_touched = bzc_machine_pages_touched(machine);
    return party->followed ? bzc_follower_finish(&party->follower, err) : BZC_OK;
}

/* The follower stands between the machine and the others, and hears of each way that control takes. */
static enum bzc_status let_follow(const struct bzc_verify_options *options, struct party *party,
                                  struct bzc_run_facts *facts, struct bzc_machine_config *config, struct bzc_error *err)
{
    enum bzc_status status;

    party->followed = options->pictures || options->watcher;
    if (!party->followed)
        return BZC_OK;
    if (options->watcher)
        config->trace = options->watcher->trace;
    if (config->trace.level < BZC_TRACE_EDGES)
        config->trace.level = BZC_TRACE_EDGES;
    config->observer = (struct bzc_observer){&party->follower, bzc_follower_on_code};
    config->sink = (struct bzc_trace_sink){&party->follower, bzc_follower_event};
    status = bzc_follower_init(&party->follower, options->watcher, facts, &party->tracker, &party->collector, err);
    party->follower.skips_stages = !options->pictures && !config->trace.page_writes;
    return status;
}

/* One attempt: normal, or counted after a normal one was interrupted. */
static enum bzc_status attempt(const struct bzc_run_request *request, bool counted, struct bzc_run_facts *facts,
                               bool *inconclusive, struct bzc_error *err)
{
    struct party party = {.collector.facts = facts};
    struct bzc_machine_config config = {
        .map = &facts->map,
        .profile = facts->profile,
        .timer_seed = facts->kaslr ? facts->kaslr_seed : SEED_NOKASLR,
        .observe_mappings = facts->expect == BZC_EXPECT_RUNNING,
        .counted = counted,
        .observer = {&party.tracker, bzc_tracker_on_code},
        .sink = {&party.collector, bzc_collector_event},
    };
    struct bzc_machine *machine = NULL;
    enum bzc_status status = let_follow(request->options, &party, facts, &config, err);

    bzc_tracker_init(&party.tracker, &request->facts->image, facts);
    party.tracker.expects_linux = request->expects_linux;
    party.tracker.await_oracle = request->await_oracle;
    party.tracker.oracle_context = request->oracle_context;
    if (status == BZC_OK)
        status = bzc_machine_new(&config, &machine, err);
    if (status == BZC_OK && party.followed)
        bzc_follower_attach(&party.follower, machine);
    if (status == BZC_OK)
        status = run_machine(request, machine, &party, facts, inconclusive, err);
    bzc_machine_free(machine);
    if (party.followed)
        bzc_follower_free(&party.follower);
    return status;
}

/* ---- the plan ---- */

/* A decompressor without the word cannot look for it; in a payload that is not compressed it does no harm. */
static bool knows_nokaslr(const struct bzc_image *image)
{
    static const char word[] = "nokaslr";

    return image->pm.size != 0 && memmem(image->pm.data, image->pm.size, word, strlen(word));
}

/*
 * The command line of the run: the user's, and what the run needs; that comes first for a boot loader's profile, which
 * may cut the end off. NULL when out of memory.
 */
static char *run_cmdline(const struct bzc_run_request *request)
{
    const char *user = request->options->cmdline;
    bool nokaslr =
        !request->choice->kaslr && knows_nokaslr(&request->facts->image) && !bzc_cmdline_has(user, "nokaslr");
    const char *word = nokaslr ? "nokaslr" : "";
    bool in_front = request->choice->loader != NULL, early = request->choice->early_messages;
    size_t size = strlen(user) + sizeof(" nokaslr earlyprintk=ttyS0");
    char *cmdline = malloc(size);

    if (!cmdline)
        return NULL;
    snprintf(cmdline, size, "%s%s%s%s%s", in_front ? word : user, nokaslr && *user ? " " : "", in_front ? user : word,
             early && (nokaslr || *user) ? " " : "", early ? "earlyprintk=ttyS0" : "");
    return cmdline;
}

/* The payload as an ELF file, for paths that load it. */
static const struct bzc_elf *payload_elf(const struct bzc_run_request *request)
{
    const struct bzc_scenario *scenario = request->choice->scenario;
    const struct bzc_oracle *oracle;

    if (scenario && !scenario->needs_payload)
        return NULL;
    oracle = request->await_oracle(request->oracle_context);
    return bzc_oracle_elf(oracle);
}

/* The profile as it stands for this image, unless the loader refuses it. */
static enum bzc_status ask_loader(const struct bzc_run_request *request, const struct bzc_elf *kernel,
                                  const char *cmdline, struct bzc_boot_loader *loader, struct bzc_error *err)
{
    const struct bzc_subject subject = {.image = &request->facts->image,
                                        .pe = &request->facts->pe,
                                        .kernel = kernel,
                                        .initrd_size = request->options->initrd.size,
                                        .cmdline_length = strlen(cmdline)};
    struct bzc_judgement judgement;
    enum bzc_status status = bzc_boot_loader_read_for(request->choice->loader->text, &subject, loader, err);

    if (status != BZC_OK)
        return status;
    bzc_boot_loader_judge(loader, &subject, &judgement);
    if (judgement.verdict == BZC_LOADER_REFUSES)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "%s refuses the image: %s", loader->name, judgement.reason);
    return BZC_OK;
}

static enum bzc_status make_plan(const struct bzc_run_request *request, struct bzc_run_facts *facts,
                                 const char *cmdline)
{
    const struct bzc_verify_options *options = request->options;
    const struct bzc_choice *choice = request->choice;
    const char *missing = choice->scenario && !choice->force ? choice->scenario->missing(request->facts) : NULL;
    struct bzc_plan_options plan = {
        .load_addr = choice->load_addr,
        .kernel_alignment = choice->kernel_alignment,
        .force = choice->force,
        .cmdline = cmdline,
        .initrd = options->initrd,
        .setup_data_count = options->setup_data_count,
        .acpi_rsdp_addr = options->acpi_rsdp_addr,
        .has_hardware_subarch = options->has_hardware_subarch,
        .hardware_subarch = options->hardware_subarch,
        .map = &facts->map,
        .kernel = payload_elf(request),
    };
    struct bzc_boot_loader own;

    if (missing)
        return bzc_error_set(&facts->plan_error, BZC_ERR_UNSUPPORTED, "scenario %s does not fit: %s", choice->name,
                             missing);
    memcpy(plan.setup_data, options->setup_data, sizeof(plan.setup_data));
    if (choice->loader) {
        enum bzc_status status = ask_loader(request, plan.kernel, cmdline, &own, &facts->plan_error);

        return status == BZC_OK ? bzc_plan_make(&own, &request->facts->image, &plan, &facts->plan, &facts->plan_error)
                                : status;
    }
    bzc_boot_loader_init(&own, choice->scenario->path);
    if (choice->scenario->adapt)
        choice->scenario->adapt(&own);
    own.screen_info |= choice->early_messages;
    return bzc_plan_make(&own, &request->facts->image, &plan, &facts->plan, &facts->plan_error);
}

static void take_choice(const struct bzc_run_request *request, struct bzc_run_facts *facts)
{
    const struct bzc_choice *choice = request->choice;

    facts->scenario = choice->name;
    facts->as_loader = choice->loader != NULL;
    facts->path = choice->scenario ? choice->scenario->path : choice->loader->path[0].path;
    facts->expect = choice->expect;
    memcpy(facts->purpose, choice->purpose, sizeof(facts->purpose));
    facts->load_addr = choice->load_addr;
    facts->kaslr = choice->kaslr;
    facts->kaslr_seed = choice->seed;
    facts->profile = request->options->profile;
    facts->map = request->options->map;
    if (choice->ram_size) /* whoever chose it has seen that it fits */
        bzc_memory_map_add_ram(&facts->map, choice->ram_from, choice->ram_size);
}

enum bzc_status bzc_run_execute(const struct bzc_run_request *request, struct bzc_run_facts *facts,
                                struct bzc_error *err)
{
    struct bzc_run_facts *fresh;
    bool inconclusive = false;
    enum bzc_status status;
    char *cmdline;

    take_choice(request, facts);
    cmdline = run_cmdline(request);
    fresh = malloc(sizeof(*fresh));
    if (!cmdline || !fresh) {
        free(cmdline);
        free(fresh);
        return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the run");
    }
    status = make_plan(request, facts, cmdline);
    free(cmdline);
    if (status == BZC_OK && facts->plan.jump.mode == BZC_MODE_LONG && !facts->profile->long_mode) {
        bzc_plan_free(&facts->plan);
        status =
            bzc_error_set(&facts->plan_error, BZC_ERR_UNSUPPORTED, "the CPU %s has no long mode", facts->profile->name);
    }
    if (status != BZC_OK) {
        free(fresh);
        return status == BZC_ERR_MEMORY ? bzc_error_set(err, status, "%s", facts->plan_error.message) : BZC_OK;
    }
    facts->path = facts->plan.path;
    /* A loader of its own may have to be entered the way of a path that only loads the kernel itself. */
    if (bzc_path_enters_kernel(facts->path))
        facts->expect = BZC_EXPECT_RUNNING;
    if (facts->load_addr == 0 && facts->plan.has_pm)
        facts->load_addr = facts->plan.pm_phys;
    *fresh = *facts;
    status =
        attempt(request, request->options->watcher && request->options->watcher->counted, facts, &inconclusive, err);
    if (status == BZC_OK && inconclusive) {
        bzc_picture_free(facts->picture);
        *facts = *fresh; /* nothing of the interrupted attempt may show */
        status = attempt(request, true, facts, &inconclusive, err);
    }
    free(fresh);
    return status;
}
