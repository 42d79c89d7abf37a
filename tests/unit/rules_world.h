/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hand-made facts of a boot in which nothing is wrong, for tests of the rules: each test spoils one thing. Offsets and
 * values are those of boot.rst, zero-page.rst and the x86 manuals, typed here independently of loader/.
 */
#ifndef BZC_TESTS_UNIT_RULES_WORLD_H
#define BZC_TESTS_UNIT_RULES_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "verify/rules.h"

#define WORLD_REALMODE    0x800u
#define WORLD_PM          0x20000u
#define WORLD_PAYLOAD     0x1c000u
#define WORLD_UNPACKED    0x40000u
#define WORLD_BASE        0x1000000u
#define WORLD_SPAN        0x30000u
#define WORLD_ENTRY       0x140u /* offset from the base */
#define WORLD_SLOTS       5u
#define WORLD_CMDLINE     0x1e000u
#define WORLD_INITRD      0x1fffe000u
#define WORLD_INITRD_SIZE 0x1234u
#define WORLD_BOOT_PARAMS 0x14790u
#define WORLD_SETUP_DATA  0x30000u
#define WORLD_NODE        0x30u /* bytes: struct setup_data and 32 of data */
#define WORLD_START_INFO  0x18000u
#define WORLD_RSDP        0xf5b00u

struct world {
    struct bzc_facts facts;
    struct bzc_run_facts run;
    struct bzc_oracle oracle;
    struct bzc_memory_map map;
    struct bzc_image *image; /* of facts, for short */
    uint8_t realmode[WORLD_REALMODE];
    uint8_t pm[WORLD_PM];
    uint8_t zero_page[4096]; /* boot_params as a loader built them */
    uint8_t node[WORLD_NODE];
    uint8_t start_info[56];
};

static inline struct bzc_segment world_segment(uint16_t selector, uint16_t access)
{
    return (struct bzc_segment){.selector = selector, .access = access, .limit = 0xffffffffu};
}

static inline void world_header(struct world *world, uint16_t version)
{
    uint8_t *p = world->realmode;

    p[0x1f1] = WORLD_REALMODE / 512 - 1;
    bzc_store32(p + 0x1f4, WORLD_PM / 16);
    bzc_store16(p + 0x1fe, 0xaa55);
    memcpy(p + 0x202, "HdrS", 4);
    bzc_store16(p + 0x206, version);
    p[0x210] = 0xff;                      /* type_of_loader */
    p[0x211] = 0x81;                      /* loadflags: LOADED_HIGH, CAN_USE_HEAP */
    bzc_store32(p + 0x214, 0x100000);     /* code32_start */
    bzc_store32(p + 0x218, WORLD_INITRD); /* ramdisk_image */
    bzc_store32(p + 0x21c, WORLD_INITRD_SIZE);
    bzc_store16(p + 0x224, 0xde00);        /* heap_end_ptr */
    bzc_store32(p + 0x228, WORLD_CMDLINE); /* cmd_line_ptr */
    bzc_store32(p + 0x230, 0x200000);      /* kernel_alignment */
    bzc_store64(p + 0x250, WORLD_SETUP_DATA);
    bzc_store64(p + 0x258, WORLD_BASE); /* pref_address */
}

static inline void world_image(struct world *world, uint16_t version)
{
    struct bzc_image *image = world->image;

    image->file = (struct bzc_bytes){world->realmode, WORLD_REALMODE + WORLD_PM}; /* the rules look at its size only */
    image->kind = BZC_IMAGE_BZIMAGE;
    image->has_header = true;
    image->version = version;
    image->setup_sects = WORLD_REALMODE / 512 - 1;
    image->realmode = (struct bzc_bytes){world->realmode, WORLD_REALMODE};
    image->realmode_size = WORLD_REALMODE;
    image->pm = (struct bzc_bytes){world->pm, WORLD_PM};
    image->pm_declared_size = WORLD_PM;
    image->loadflags = 1;
    image->code32_start = 0x100000;
    image->relocatable = true;
    image->kernel_alignment = 0x200000;
    image->pref_address = WORLD_BASE;
    image->init_size = 0x100000;
    image->payload_source = BZC_PAYLOAD_HEADER;
    image->payload_offset = 0x300;
    image->payload_length = WORLD_PAYLOAD;
    image->payload = (struct bzc_bytes){world->realmode, WORLD_PAYLOAD};
    image->compression = BZC_COMPRESSION_GZIP;
}

static inline void world_oracle(struct world *world, unsigned bits)
{
    struct bzc_oracle *oracle = &world->oracle;

    oracle->kind = BZC_PAYLOAD_ELF;
    oracle->bits = bits;
    oracle->payload.size = WORLD_UNPACKED;
    oracle->end = (struct bzc_payload_end){.stream_size = WORLD_PAYLOAD, .declared_size = WORLD_UNPACKED};
    oracle->link_base = WORLD_BASE;
    oracle->span = WORLD_SPAN;
    oracle->entry_offset = WORLD_ENTRY;
    oracle->segment_count = 2;
    oracle->segment[0].bytes.size = 0x8000;
    oracle->segment[0].vaddr = (bits == 64 ? 0xffffffff80000000u : 0xc0000000u) + WORLD_BASE;
    oracle->segment[1] = (struct bzc_expected_segment){.index = 2, .offset = 0x10000, .bytes = {NULL, 0x4000}};
    oracle->reloc_count = WORLD_SLOTS;
    oracle->is_linux = true;
}

static inline void world_regs(struct world *world, unsigned bits)
{
    struct bzc_regs *setup = &world->run.pm_entry.regs, *entry = &world->run.entry.regs;

    setup->cr0 = 0x11;
    setup->rflags = 0x46;
    setup->gpr[BZC_RSI] = WORLD_BOOT_PARAMS;
    setup->gpr[BZC_RSP] = 0x1ff80;
    setup->rip = 0x100000;
    for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
        setup->seg[i] = world_segment(0x18, 0xc093);
    setup->seg[BZC_CS] = world_segment(0x10, 0xc09b);
    *entry = *setup;
    entry->rip = WORLD_BASE + WORLD_ENTRY;
    if (bits == 64) {
        entry->cr0 = 0x80050033u;
        entry->cr4 = 0x20;
        entry->efer = 0x500;
        for (unsigned i = 0; i < BZC_SEG_COUNT; i++)
            entry->seg[i] = (struct bzc_segment){0};
        entry->seg[BZC_CS] = world_segment(0x10, 0xa09b);
    }
}

static inline void world_boot_params(const struct world *world, struct bzc_hand_over *at)
{
    at->boot_params_phys = WORLD_BOOT_PARAMS;
    at->boot_params_in_ram = true;
    memcpy(at->boot_params + 0x1f1, world->realmode + 0x1f1, 0x26c - 0x1f1);
    at->boot_params[0x1e8] = (uint8_t)world->map.count;
    for (size_t i = 0; i < world->map.count; i++) {
        uint8_t *p = at->boot_params + 0x2d0 + 20 * i;

        bzc_store64(p, world->map.range[i].start);
        bzc_store64(p + 8, world->map.range[i].size);
        bzc_store32(p + 16, world->map.range[i].type);
    }
}

static inline void world_block(struct bzc_plan *plan, enum bzc_block_role role, uint64_t phys, const uint8_t *data,
                               size_t size)
{
    plan->block[plan->block_count++] =
        (struct bzc_block){.role = role, .name = bzc_block_role_name(role), .phys = phys, .bytes = {data, size}};
}

static inline void world_run(struct world *world)
{
    static const struct bzc_plan_write writes[] = {
        {.is_header = true, .field = BZC_FIELD_TYPE_OF_LOADER, .value = 0xff},
        {.is_header = true, .field = BZC_FIELD_LOADFLAGS, .value = 0x81},
        {.is_header = true, .field = BZC_FIELD_CMD_LINE_PTR, .value = WORLD_CMDLINE},
        {.is_header = true, .field = BZC_FIELD_RAMDISK_IMAGE, .value = WORLD_INITRD},
        {.is_header = true, .field = BZC_FIELD_RAMDISK_SIZE, .value = WORLD_INITRD_SIZE},
        {.is_header = true, .field = BZC_FIELD_SETUP_DATA, .value = WORLD_SETUP_DATA}};
    struct bzc_run_facts *run = &world->run;
    struct bzc_plan *plan = &run->plan;

    run->scenario = "bios";
    run->load_addr = 0x100000;
    run->map = world->map;
    run->path = plan->path = BZC_PATH_SETUP;
    run->expect = BZC_EXPECT_KERNEL;
    plan->block_count = 0;
    world_block(plan, BZC_BLOCK_REALMODE, 0x10000, world->realmode, WORLD_REALMODE);
    world_block(plan, BZC_BLOCK_PM, 0x100000, world->pm, WORLD_PM);
    world_block(plan, BZC_BLOCK_CMDLINE, WORLD_CMDLINE, NULL, 8);
    world_block(plan, BZC_BLOCK_INITRD, WORLD_INITRD, NULL, WORLD_INITRD_SIZE);
    world_block(plan, BZC_BLOCK_SETUP_DATA, WORLD_SETUP_DATA, world->node, WORLD_NODE);
    bzc_store32(world->node + 8, 9); /* SETUP_RNG_SEED */
    bzc_store32(world->node + 12, WORLD_NODE - 16);
    plan->kernel_alignment = 0x200000;
    plan->jump.mode = BZC_MODE_REAL;
    plan->has_pm = true;
    memcpy(plan->write, writes, sizeof(writes));
    plan->write_count = sizeof(writes) / sizeof(writes[0]);
    plan->pm_phys = plan->pm_entry_phys = 0x100000;
    plan->cmdline_phys = WORLD_CMDLINE;
    plan->initrd_phys = WORLD_INITRD;
    run->stage[0].name = "setup";
    run->stage[1].name = "decompressor";
    run->stage[2].name = "kernel";
    run->stage_count = 3;
    run->pm_entry.reached = run->pm_entry.a20_open = true;
    run->pm_entry.linear = run->pm_entry.phys = 0x100000;
    run->entry.reached = run->entry.a20_open = true;
    run->entry.linear = run->entry.phys = WORLD_BASE + WORLD_ENTRY;
    run->kept[0] =
        (struct bzc_kept_block){.role = BZC_BLOCK_CMDLINE, .name = "command line", .phys = WORLD_CMDLINE, .size = 8};
    run->kept[1] = (struct bzc_kept_block){
        .role = BZC_BLOCK_INITRD, .name = "initrd", .phys = WORLD_INITRD, .size = WORLD_INITRD_SIZE};
    run->kept[2] = (struct bzc_kept_block){
        .role = BZC_BLOCK_SETUP_DATA, .name = "setup_data", .phys = WORLD_SETUP_DATA, .size = WORLD_NODE};
    run->kept_count = 3;
    run->asked_for_e820 = true;
}

static inline void world_comparison(struct world *world)
{
    struct bzc_comparison *comparison = &world->run.comparison;

    world->run.compared = true;
    comparison->base = WORLD_BASE;
    comparison->relocations = WORLD_SLOTS;
    comparison->segment_count = 2;
    for (size_t i = 0; i < 2; i++) {
        comparison->segment[i].index = world->oracle.segment[i].index;
        comparison->segment[i].phys = WORLD_BASE + world->oracle.segment[i].offset;
        comparison->segment[i].matches = true;
        memset(comparison->segment[i].sha256, 'a', BZC_SHA256_HEX_SIZE - 1);
    }
}

/* A kernel of `bits` bits and protocol 2.15 that was loaded at 1 MiB without KASLR, with initrd and --vmlinux. */
static inline void world_init(struct world *world, unsigned bits)
{
    static const struct bzc_memory_range ranges[] = {
        {0, 0x9fc00, 1}, {0x9fc00, 0x60400, 2}, {0x100000, 0x1ff00000, 1}, {0xfffc0000u, 0x40000, 2}};

    memset(world, 0, sizeof(*world));
    memcpy(world->map.range, ranges, sizeof(ranges));
    world->map.count = sizeof(ranges) / sizeof(ranges[0]);
    world->image = &world->facts.image.image;
    world->facts.image.path = "bzImage";
    world->facts.image.depth = BZC_DEPTH_KERNEL;
    world->facts.image.system = BZC_SYSTEM_LINUX;
    world->facts.image.oracle = &world->oracle;
    world->facts.image.vmlinux = (struct bzc_vmlinux_result){.checked = true, .matches = true};
    world->facts.run = &world->run;
    world->facts.run_count = 1;
    world_header(world, 0x20f);
    world_image(world, 0x20f);
    world_oracle(world, bits);
    world_regs(world, bits);
    world_run(world);
    world_boot_params(world, &world->run.pm_entry);
    world_boot_params(world, &world->run.entry);
    world_comparison(world);
}

/* Without an unpacked payload nothing can be compared. */
static inline void world_without_oracle(struct world *world, enum bzc_status status, const char *message)
{
    world->facts.image.oracle = NULL;
    world->run.compared = false;
    bzc_error_set(&world->facts.image.oracle_error, status, "%s", message);
}

/* The kernel is not reached. */
static inline void world_stop(struct world *world, enum bzc_stop_reason reason, const char *detail)
{
    world->run.entry = (struct bzc_hand_over){0};
    world->run.compared = false;
    world->run.stage_count = 2;
    world->run.stop.reason = reason;
    world->run.stop.linear = world->run.stop.phys = 0x100020;
    world->run.stop.phys_known = true;
    strcpy(world->run.stop.detail, detail);
}

/* The rules that have nothing to look at in this world: they are about other ways in, or other expectations. */
static inline bool world_is_elsewhere(const struct bzc_rule *rule)
{
    static const char *const ids[] = {"RUN-002", "ENT-030", "ENT-031", "ENT-032", "ENT-033", "ENT-034",
                                      "ENT-035", "ENT-036", "ENT-040", "ENT-041", "ENT-042", "ENT-043",
                                      "ENT-044", "BPR-004", "BPR-005", "BPR-006", "BPR-007", "BPR-008",
                                      "BPR-009", "MEM-007", "REL-007", "REL-008", "REL-009"};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (strcmp(rule->id, ids[i]) == 0)
            return true;
    return false;
}

/*
 * The rules that this world has facts for: all that look at runs, and of those that look at the file the ones named
 * here. The others read real bytes, and are tested with real images: tests/rules/.
 */
static inline bool world_has_facts_for(const struct bzc_rule *rule)
{
    static const char *const ids[] = {"HDR-001", "PAY-001", "PAY-002", "PAY-003",
                                      "PAY-004", "PAY-006", "ELF-001", "REL-001"};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (strcmp(rule->id, ids[i]) == 0)
            return true;
    return rule->phase != BZC_PHASE_IMAGE;
}

/* Switches off the rules that this world has no facts for. */
static inline void world_policy(struct bzc_policy *policy)
{
    bzc_policy_init(policy);
    for (size_t i = 0; i < bzc_rule_count(); i++) {
        struct bzc_error err = {0};

        if (!world_has_facts_for(bzc_rule_at(i)) && bzc_policy_set(policy, bzc_rule_at(i)->id, "off", &err) != BZC_OK)
            abort();
    }
}

#endif
