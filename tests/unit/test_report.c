/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/page.h"
#include "report_samples.h"

/* ---- JSON ---- */

static char *json_text(const struct bzc_report_entry *const entry[], size_t count)
{
    const struct bzc_report_format *json = bzc_report_format_find("json");
    const struct bzc_format_options options = {.verbose = false};
    struct bzc_error err = {0};
    char *text = NULL;
    void *report;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(json->open(&options, out, &report, &err), BZC_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(json->add(report, entry[i], &err), BZC_OK);
    assert_int_equal(json->close(report, &err), BZC_OK);
    json->free(report);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

static json_t *json_of(const struct sample *sample)
{
    const struct bzc_report_entry *const entry[] = {&sample->entry};
    char *text = json_text(entry, 1);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(json);
    free(text);
    return json;
}

/* The value at "a.b.0.c". */
static const json_t *at(const json_t *json, const char *path)
{
    char copy[128], *rest = NULL;

    snprintf(copy, sizeof(copy), "%s", path);
    for (char *step = strtok_r(copy, ".", &rest); step; step = strtok_r(NULL, ".", &rest))
        json = json_is_array(json) ? json_array_get(json, strtoul(step, NULL, 10)) : json_object_get(json, step);
    if (!json)
        fail_msg("there is no %s", path);
    return json;
}

static void expect_text(const json_t *json, const char *path, const char *text)
{
    const json_t *value = at(json, path);

    if (!json_is_string(value))
        fail_msg("%s is no string", path);
    assert_string_equal(json_string_value(value), text);
}

static void expect_number(const json_t *json, const char *path, json_int_t number)
{
    const json_t *value = at(json, path);

    if (!json_is_integer(value))
        fail_msg("%s is no integer", path);
    assert_int_equal(json_integer_value(value), number);
}

static void expect_null(const json_t *json, const char *path)
{
    if (!json_is_null(at(json, path)))
        fail_msg("%s is not null", path);
}

static void expect_true(const json_t *json, const char *path, bool truth)
{
    if (!(truth ? json_is_true(at(json, path)) : json_is_false(at(json, path))))
        fail_msg("%s is not %s", path, truth ? "true" : "false");
}

/* The object's keys in their order, joined by blanks. */
static void expect_keys(const json_t *json, const char *path, const char *keys)
{
    char found[512] = "";
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)at(json, path), key, value)
    {
        if (*found)
            strcat(found, " ");
        strcat(found, key);
    }
    assert_string_equal(found, keys);
}

/* Names, nesting and order of the report format. */
static void json_has_the_documented_shape(void **state)
{
    struct sample sample;
    json_t *json;

    (void)state;
    sample_fail(&sample);
    json = json_of(&sample);
    expect_keys(json, "", "schema tool command image runs findings gone verdict reason");
    expect_keys(json, "tool", "name version");
    expect_keys(json, "image", "path sha256 size kind protocol kernel_version system");
    expect_keys(json, "runs.0",
                "scenario loader load_addr purpose expects kaslr kaslr_seed cmdline plan result refusal stop stages "
                "relocation entry kernel running kept guest_pages_touched");
    expect_keys(json, "runs.0.plan", "path blocks writes a20_open jump");
    expect_keys(json, "runs.0.stop", "reason phys stage instruction detail linear target disassembly last_words");
    expect_keys(json, "runs.0.stop.disassembly.0", "linear bytes instruction current");
    expect_keys(json, "runs.0.stages.0", "name phys mode");
    expect_keys(json, "runs.1.entry", "phys link_virt mode regs descriptors boot_params");
    expect_keys(json, "runs.1.entry.regs",
                "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rip rflags cs ds es ss fs gs cr0 cr3 "
                "cr4 efer");
    expect_keys(json, "runs.1.entry.descriptors", "cs ds es ss fs gs");
    expect_keys(json, "runs.1.entry.descriptors.cs", "base limit access");
    expect_keys(json, "runs.1.entry.boot_params", "phys bytes");
    expect_keys(json, "runs.1.kernel", "base_phys virt_delta relocations segments");
    expect_keys(json, "runs.1.kernel.segments.0", "index phys filesz memsz sha256 matches");
    expect_keys(json, "findings.0", "rule name severity outcome message where expected actual spec run known");
    json_decref(json);
}

static void json_of_the_ways_in(void **state)
{
    struct sample sample;
    json_t *json;

    (void)state;
    sample_ways(&sample);
    json = json_of(&sample);
    expect_text(json, "runs.0.scenario", "entry32");
    expect_null(json, "runs.0.loader");
    expect_null(json, "runs.0.purpose");
    expect_text(json, "runs.0.expects", "kernel");
    expect_text(json, "runs.0.plan.path", "entry32");
    expect_true(json, "runs.0.plan.a20_open", true);
    expect_keys(json, "runs.0.plan.jump", "mode linear");
    expect_text(json, "runs.0.plan.jump.mode", "protected-32");
    expect_text(json, "runs.0.plan.jump.linear", "0x100000");
    assert_int_equal(json_array_size(at(json, "runs.0.plan.blocks")), 2);
    expect_keys(json, "runs.0.plan.blocks.1", "name phys size");
    expect_text(json, "runs.0.plan.blocks.1.name", "command line");
    expect_text(json, "runs.0.plan.blocks.1.phys", "0x20000");
    expect_number(json, "runs.0.plan.blocks.1.size", 8);
    assert_int_equal(json_array_size(at(json, "runs.0.plan.writes")), 2);
    expect_keys(json, "runs.0.plan.writes.0", "where field value");
    expect_text(json, "runs.0.plan.writes.0.where", "setup header");
    expect_text(json, "runs.0.plan.writes.0.field", "cmd_line_ptr");
    expect_text(json, "runs.0.plan.writes.1.where", "boot_params");
    expect_text(json, "runs.0.plan.writes.1.field", "ext_cmd_line_ptr");
    expect_text(json, "runs.0.plan.writes.1.value", "0x1");
    expect_keys(json, "runs.0.kept.0", "name phys size sha256 unchanged");
    expect_text(json, "runs.0.kept.0.sha256", SHA_TEXT);
    expect_true(json, "runs.0.kept.0.unchanged", true);
    expect_null(json, "runs.0.running");
    /* boot.rst, init_size: pref_address, as it lies above the load address */
    expect_keys(json, "runs.0.relocation", "requested kernel_alignment aligned final");
    expect_text(json, "runs.0.relocation.requested", "0x100000");
    expect_text(json, "runs.0.relocation.aligned", "0x1000000");
    expect_text(json, "runs.0.relocation.final", "0x1000000");
    /* ... and the load address, rounded up to 2 MiB, or to 64 KiB when the loader says so */
    expect_text(json, "runs.1.purpose", "aligned up");
    expect_text(json, "runs.1.relocation.aligned", "0x1400000");
    expect_text(json, "runs.2.relocation.kernel_alignment", "0x10000");
    expect_text(json, "runs.2.relocation.aligned", "0x1210000");
    expect_text(json, "runs.3.expects", "refusal");
    expect_text(json, "runs.3.result", "halt");
    expect_text(json, "runs.3.refusal", "Destination address too large");
    expect_null(json, "runs.3.relocation.final");
    expect_text(json, "runs.4.expects", "running");
    expect_text(json, "runs.4.result", "running");
    expect_null(json, "runs.4.load_addr");
    expect_null(json, "runs.4.relocation");
    expect_null(json, "runs.4.stop");
    expect_keys(json, "runs.4.running", "by linear phys");
    expect_text(json, "runs.4.running.by", "fetch");
    expect_text(json, "runs.4.running.linear", "0xffffffff81000000");
    json_decref(json);

    sample.run[4].running.printed = true;
    sample.run[4].stop.reason = BZC_STOP_HALT; /* a panic ends so, and the kernel has run */
    sample.run[0].as_loader = true;
    sample.run[0].scenario = "grub-linux";
    sample.run[0].kept[0].changed = true;
    json = json_of(&sample);
    expect_text(json, "runs.4.running.by", "text");
    expect_text(json, "runs.4.result", "running");
    expect_null(json, "runs.4.stop");
    expect_null(json, "runs.4.running.linear");
    expect_null(json, "runs.0.scenario");
    expect_text(json, "runs.0.loader", "grub-linux");
    expect_true(json, "runs.0.kept.0.unchanged", false);
    json_decref(json);
}

static void json_of_a_pass(void **state)
{
    struct sample sample;
    const char *boot_params;
    json_t *json;

    (void)state;
    sample_pass(&sample);
    json = json_of(&sample);
    expect_text(json, "schema", "bzcheck-report/2");
    expect_text(json, "tool.name", "bzcheck");
    expect_text(json, "tool.version", BZC_VERSION);
    expect_text(json, "image.path", "boot/vmlinuz");
    expect_text(json, "image.sha256", SHA_FILE);
    expect_number(json, "image.size", 2097152);
    expect_text(json, "image.kind", "bzImage");
    expect_text(json, "image.protocol", "2.15");
    expect_text(json, "image.kernel_version", "6.1.0-test (builder@host) #1");
    expect_text(json, "image.system", "linux");
    expect_text(json, "verdict", "pass");
    expect_null(json, "reason");
    assert_int_equal(json_array_size(at(json, "runs")), 2);
    expect_text(json, "runs.0.scenario", "bios");
    expect_text(json, "runs.0.load_addr", "0x100000");
    expect_true(json, "runs.0.kaslr", false);
    expect_null(json, "runs.0.kaslr_seed");
    expect_text(json, "runs.0.cmdline", "quiet nokaslr");
    expect_text(json, "runs.0.result", "entry");
    expect_null(json, "runs.0.stop");
    assert_int_equal(json_array_size(at(json, "runs.0.stages")), 4);
    expect_text(json, "runs.0.stages.0.name", "setup");
    expect_text(json, "runs.0.stages.0.phys", "0x10200");
    expect_text(json, "runs.0.stages.0.mode", "real");
    expect_text(json, "runs.0.stages.3.mode", "long");
    expect_text(json, "runs.0.entry.phys", "0x1200040");
    /* The second segment begins at base + 0x200000 and is linked to 0xffffffff81a00000. */
    expect_text(json, "runs.0.entry.link_virt", "0xffffffff81a00040");
    expect_text(json, "runs.0.entry.mode", "long");
    expect_text(json, "runs.0.entry.regs.rax", "0xa0");
    expect_text(json, "runs.0.entry.regs.rbx", "0xa3");
    expect_text(json, "runs.0.entry.regs.rsi", "0xa6");
    expect_text(json, "runs.0.entry.regs.r15", "0xffffffffffffffff");
    expect_text(json, "runs.0.entry.regs.rip", "0x1200040");
    expect_text(json, "runs.0.entry.regs.rflags", "0x46");
    expect_text(json, "runs.0.entry.regs.es", "0x10");
    expect_text(json, "runs.0.entry.regs.cs", "0x18");
    expect_text(json, "runs.0.entry.regs.ds", "0x28");
    expect_text(json, "runs.0.entry.regs.cr0", "0x80000011");
    expect_text(json, "runs.0.entry.regs.cr3", "0x3f99000");
    expect_text(json, "runs.0.entry.regs.cr4", "0x20");
    expect_text(json, "runs.0.entry.regs.efer", "0x500");
    expect_text(json, "runs.0.entry.descriptors.cs.base", "0x0");
    expect_text(json, "runs.0.entry.descriptors.cs.limit", "0xffffffff");
    expect_text(json, "runs.0.entry.descriptors.cs.access", "0xa09b");
    expect_text(json, "runs.0.entry.descriptors.ss.limit", "0x0");
    expect_text(json, "runs.0.entry.descriptors.ss.access", "0xc093");
    expect_text(json, "runs.0.entry.descriptors.gs.base", "0xffff888000000000");
    expect_text(json, "runs.0.entry.boot_params.phys", "0x14790");
    boot_params = json_string_value(at(json, "runs.0.entry.boot_params.bytes"));
    assert_non_null(boot_params);
    assert_int_equal(strlen(boot_params), 8192);
    assert_memory_equal(boot_params, "01fe00", 6);
    assert_string_equal(boot_params + 8188, "009a");
    assert_int_equal(strspn(boot_params + 4, "0"), 8186);
    expect_text(json, "runs.0.kernel.base_phys", "0x1000000");
    expect_text(json, "runs.0.kernel.virt_delta", "0x0");
    expect_number(json, "runs.0.kernel.relocations", 327000);
    assert_int_equal(json_array_size(at(json, "runs.0.kernel.segments")), 2);
    expect_number(json, "runs.0.kernel.segments.1.index", 3);
    expect_text(json, "runs.0.kernel.segments.1.phys", "0x1200000");
    expect_number(json, "runs.0.kernel.segments.1.filesz", 0x7000);
    expect_number(json, "runs.0.kernel.segments.1.memsz", 0x300000);
    expect_text(json, "runs.0.kernel.segments.1.sha256", SHA_DATA);
    expect_true(json, "runs.0.kernel.segments.1.matches", true);
    expect_number(json, "runs.0.guest_pages_touched", 1234);
    expect_true(json, "runs.1.kaslr", true);
    expect_number(json, "runs.1.kaslr_seed", 7);
    expect_text(json, "runs.1.kernel.virt_delta", "0x1c000000");
    assert_int_equal(json_array_size(at(json, "findings")), 5);
    expect_text(json, "findings.0.rule", "HDR-901");
    expect_text(json, "findings.0.outcome", "pass");
    expect_text(json, "findings.0.message", "the header is as it must be");
    expect_null(json, "findings.0.run");
    expect_text(json, "findings.2.outcome", "skip");
    expect_text(json, "findings.2.message", "not in this version");
    expect_number(json, "findings.2.run", 0);
    json_decref(json);
}

static void json_of_a_fail(void **state)
{
    struct sample sample;
    json_t *json;

    (void)state;
    sample_fail(&sample);
    json = json_of(&sample);
    expect_text(json, "verdict", "fail");
    expect_text(json, "runs.0.result", "halt");
    expect_text(json, "runs.0.stop.reason", "halt");
    expect_text(json, "runs.0.stop.phys", "0x104567");
    expect_text(json, "runs.0.stop.linear", "0xc0104567");
    expect_text(json, "runs.0.stop.stage", "decompressor");
    expect_text(json, "runs.0.stop.instruction", "hlt");
    expect_text(json, "runs.0.stop.detail", "HLT while interrupts are disabled");
    expect_text(json, "runs.0.stop.target", "0xdead0000");
    assert_int_equal(json_array_size(at(json, "runs.0.stop.disassembly")), 3);
    expect_text(json, "runs.0.stop.disassembly.2.linear", "0xc0104568");
    expect_text(json, "runs.0.stop.disassembly.2.bytes", "eb fd");
    expect_text(json, "runs.0.stop.disassembly.2.instruction", "jmp 0xc0104567");
    expect_true(json, "runs.0.stop.disassembly.2.current", false);
    expect_true(json, "runs.0.stop.disassembly.1.current", true);
    expect_text(json, "runs.0.stop.last_words",
                "1\n2\n3\n4\n5\n6\n7\n\n\ninput data is corrupt\n\n -- System halted\n\n");
    expect_null(json, "runs.0.entry");
    expect_null(json, "runs.0.kernel");

    expect_text(json, "runs.1.result", "entry");
    expect_text(json, "runs.1.kernel.virt_delta", "-0x1000");
    expect_true(json, "runs.1.kernel.segments.0.matches", true);
    expect_true(json, "runs.1.kernel.segments.1.matches", false);
    expect_null(json, "runs.1.kernel.segments.1.sha256");

    expect_text(json, "runs.2.result", "not-started");
    expect_text(json, "runs.2.stop.reason", "not-started");
    expect_text(json, "runs.2.stop.detail", "the initrd does not fit");
    expect_null(json, "runs.2.stop.phys");
    expect_null(json, "runs.2.stop.linear");
    expect_null(json, "runs.2.cmdline");
    assert_int_equal(json_array_size(at(json, "runs.2.stages")), 0);

    expect_text(json, "findings.1.rule", "MEM-903");
    expect_text(json, "findings.1.name", "sample-memory");
    expect_text(json, "findings.1.severity", "warning");
    expect_text(json, "findings.1.outcome", "fail");
    expect_text(json, "findings.1.where", "0x9f000");
    expect_null(json, "findings.1.expected");
    expect_null(json, "findings.1.actual");
    expect_text(json, "findings.1.spec", "boot.rst, Memory Layout");
    expect_text(json, "findings.5.severity", "error");
    expect_text(json, "findings.5.message", "RSI is not what it must be");
    expect_text(json, "findings.5.expected", "0x14000");
    expect_text(json, "findings.5.actual", "0xbad");
    expect_number(json, "findings.5.run", 1);
    expect_text(json, "findings.6.severity", "note");
    expect_text(json, "findings.6.outcome", "unknown");
    json_decref(json);
}

static void json_invents_nothing(void **state)
{
    struct sample sample;
    json_t *json;

    (void)state;
    sample_unknown(&sample);
    json = json_of(&sample);
    expect_text(json, "image.path", "odd\xef\xbf\xbd\033[31m\n");
    expect_text(json, "image.kind", "old");
    expect_text(json, "image.protocol", "old");
    expect_text(json, "image.system", "not-linux");
    expect_text(json, "verdict", "unknown");
    expect_text(json, "reason", "this is not a Linux kernel");
    expect_number(json, "runs.0.kaslr_seed", INT64_MAX);
    expect_text(json, "runs.0.result", "budget");
    expect_null(json, "runs.0.stop.phys");
    expect_text(json, "runs.0.stop.linear", "0x0");
    expect_null(json, "runs.0.stop.stage");
    expect_null(json, "runs.0.stop.instruction");
    expect_null(json, "runs.0.stop.detail");
    expect_null(json, "runs.0.stop.target");
    expect_null(json, "runs.0.stop.last_words");
    expect_text(json, "runs.1.result", "hand-over");
    expect_text(json, "runs.1.stop.reason", "hand-over");
    expect_text(json, "runs.1.stop.phys", "0x200000");
    expect_text(json, "runs.1.stop.stage", "decompressor");
    expect_null(json, "runs.1.entry");
    json_decref(json);

    /* An empty command line is known, a size that no reader could hold is not told, nor an address of a flat kernel. */
    sample_pass(&sample);
    sample.run[0].plan.cmdline = (char[]){""};
    sample.oracle.segment[0].memsz = UINT64_MAX;
    sample.verification.facts.image.image.kernel_version[0] = '\0';
    json = json_of(&sample);
    expect_text(json, "runs.0.cmdline", "");
    expect_null(json, "runs.0.kernel.segments.0.memsz");
    expect_null(json, "image.kernel_version");
    json_decref(json);
    sample.oracle.kind = BZC_PAYLOAD_FLAT;
    json = json_of(&sample);
    expect_null(json, "runs.0.entry.link_virt");
    json_decref(json);
    sample.oracle.kind = BZC_PAYLOAD_ELF;
    sample.run[0].compared = false;
    sample.oracle.segment[0].memsz = 0x6000;
    sample.run[1].entry.phys = 0x6fffff0; /* before the kernel's base */
    sample.run[1].entry.boot_params_in_ram = false;
    json = json_of(&sample);
    expect_null(json, "runs.0.entry.link_virt");
    expect_null(json, "runs.0.kernel");
    expect_null(json, "runs.1.entry.link_virt");
    expect_text(json, "runs.1.entry.boot_params.phys", "0x14790");
    expect_null(json, "runs.1.entry.boot_params.bytes");
    json_decref(json);
}

static const struct bzc_report_entry not_verified = {
    .path = "boot/missing",
    .command = "verify",
    .error = {BZC_ERR_IO, "boot/missing: cannot open: No such file or directory"}};

static void json_of_an_unreadable_image(void **state)
{
    const struct bzc_report_entry *const entry[] = {&not_verified};
    char *text = json_text(entry, 1);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    (void)state;
    free(text);
    assert_non_null(json);
    expect_keys(json, "image", "path sha256 size kind protocol kernel_version system");
    expect_text(json, "image.path", "boot/missing");
    expect_null(json, "image.sha256");
    expect_null(json, "image.size");
    expect_null(json, "image.kind");
    expect_null(json, "image.protocol");
    expect_null(json, "image.kernel_version");
    expect_null(json, "image.system");
    assert_int_equal(json_array_size(at(json, "runs")), 0);
    assert_int_equal(json_array_size(at(json, "findings")), 0);
    expect_text(json, "verdict", "unknown");
    expect_text(json, "reason", "boot/missing: cannot open: No such file or directory");
    json_decref(json);
}

static void json_of_several_images_keeps_their_order(void **state)
{
    struct sample pass, bad;
    const struct bzc_report_entry *const entry[] = {&bad.entry, &not_verified, &pass.entry};
    char *text, *again;
    json_t *json;

    (void)state;
    sample_pass(&pass);
    sample_fail(&bad);
    text = json_text(entry, 3);
    again = json_text(entry, 3);
    assert_string_equal(text, again);
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    free(again);
    assert_non_null(json);
    expect_keys(json, "", "schema reports");
    expect_text(json, "schema", "bzcheck-reports/1");
    assert_int_equal(json_array_size(at(json, "reports")), 3);
    expect_text(json, "reports.0.schema", "bzcheck-report/2");
    expect_text(json, "reports.0.image.path", "boot/broken");
    expect_text(json, "reports.1.image.path", "boot/missing");
    expect_text(json, "reports.2.image.path", "boot/vmlinuz");
    json_decref(json);
}

static void write_errors_are_told(void **state)
{
    const struct bzc_format_options options = {.verbose = false};
    struct sample sample;

    (void)state;
    sample_fail(&sample); /* of what is good some formats have nothing to write */
    for (size_t i = 0; i < bzc_report_format_count; i++) {
        const struct bzc_report_format *format = bzc_report_formats[i];
        FILE *full = fopen("/dev/full", "w");
        struct bzc_error err = {0};
        enum bzc_status status;
        void *report;

        assert_non_null(full);
        setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(format->open(&options, full, &report, &err), BZC_OK);
        status = format->add(report, &sample.entry, &err);
        if (status == BZC_OK)
            status = format->close(report, &err);
        if (status != BZC_ERR_IO || !err.message[0])
            fail_msg("format %s does not tell that nothing could be written", format->name);
        format->free(report);
        fclose(full);
    }
}

static void formats_are_found_by_name_and_sorted(void **state)
{
    (void)state;
    for (size_t i = 0; i < bzc_report_format_count; i++) {
        assert_ptr_equal(bzc_report_format_find(bzc_report_formats[i]->name), bzc_report_formats[i]);
        if (i > 0)
            assert_true(strcmp(bzc_report_formats[i - 1]->name, bzc_report_formats[i]->name) < 0);
    }
    assert_null(bzc_report_format_find("jso"));
    assert_null(bzc_report_format_find(""));
}

/* The schema takes what the writer makes, and (see tests/validate_report) nothing that differs from it in shape. */
static void json_satisfies_the_schema(void **state)
{
    const char *python = getenv("BZC_PYTHON");
    struct sample pass, bad, odd, ways;
    const struct bzc_report_entry *const entry[] = {&pass.entry, &bad.entry, &odd.entry, &ways.entry, &not_verified};
    const size_t entries = sizeof(entry) / sizeof(entry[0]);
    char command[512], *text;
    FILE *validator;

    (void)state;
    sample_pass(&pass);
    sample_fail(&bad);
    sample_unknown(&odd);
    sample_ways(&ways);
    snprintf(command, sizeof(command), "%s tests/validate_report -", python ? python : "python3");
    for (size_t count = 0; count <= entries; count++) {
        /* Each alone, then all. */
        text = count < entries ? json_text(&entry[count], 1) : json_text(entry, entries);
        validator = popen(command, "w");
        assert_non_null(validator);
        assert_true(fputs(text, validator) >= 0);
        free(text);
        assert_int_equal(pclose(validator), 0);
    }
}

/* ---- text ---- */

static char *text_of(const struct bzc_report_entry *entry, bool verbose, bool colour)
{
    const struct bzc_text_options options = {.colour = colour, .verbose = verbose};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    bzc_report_text(entry, &options, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void text_of_a_pass(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_pass(&sample);
    text = text_of(&sample.entry, false, false);
    assert_string_equal(
        text, "boot/vmlinuz\n"
              "  bzImage, protocol 2.15, 2.0 MiB\n"
              "  Linux 6.1.0-test (builder@host) #1\n"
              "  payload lz4, 16.0 MiB unpacked, 64-bit ELF, 2 segments, 327,000 relocations\n"
              "\n"
              "  bios at 0x100000, nokaslr\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x100000   protected-32\n"
              "    decompressor, relocated  0x3f8a000  long\n"
              "    kernel                   0x1200040  long\n"
              "    = base 0x1000000 (as linked), virtual delta 0x0; its 2 segments match, 327,000 relocations\n"
              "\n"
              "  bios at 0x200000, KASLR seed 7\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x200000   protected-32\n"
              "    decompressor, relocated  0x9f8a000  long\n"
              "    kernel                   0x7200040  long\n"
              "    = base 0x7000000, virtual delta 0x1c000000; its 2 segments match, 327,000 relocations\n"
              "\n"
              "PASS  boot/vmlinuz: the kernel is entered as the protocol says (2 runs, 3 checks passed)\n");
    free(text);
}

static void text_of_the_ways_in(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_ways(&sample);
    text = text_of(&sample.entry, false, false);
    assert_string_equal(
        text, "boot/vmlinuz\n"
              "  bzImage, protocol 2.15, 2.0 MiB\n"
              "  Linux 6.1.0-test (builder@host) #1\n"
              "  payload lz4, 16.0 MiB unpacked, 64-bit ELF, 2 segments, 327,000 relocations\n"
              "\n"
              "  entry32 at 0x100000, nokaslr\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x100000   protected-32\n"
              "    decompressor, relocated  0x3f8a000  long\n"
              "    kernel                   0x1200040  long\n"
              "    = base 0x1000000 (as linked), virtual delta 0x0; its 2 segments match, 327,000 relocations\n"
              "\n"
              "  payload-elf, nokaslr\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x500000   protected-32\n"
              "    decompressor, relocated  0x3f8a000  long\n"
              "    kernel                   0x1200040  long\n"
              "    = base 0x1000000 (as linked), virtual delta 0x0; its 2 segments match, 327,000 relocations\n"
              "    = the kernel runs: it has reached its own virtual mapping\n"
              "\n"
              "  other load addresses (* kernel_alignment rewritten by the loader)\n"
              "    requested   alignment  aligned     final      scenario and purpose\n"
              "    0x1210000   0x200000   0x1400000   0x1400000  entry32: aligned up\n"
              "    0x1210000   0x10000 *  0x1210000   0x1210000  entry32: kept\n"
              "    0x38000000  0x200000   0x38000000  -          entry32: too high: \"Destination address too large\"\n"
              "\n"
              "PASS  boot/vmlinuz: the kernel is entered as the protocol says (5 runs, 0 checks passed)\n");
    free(text);

    /* What did not go as it had to is told at length. */
    sample.run[3].refusal[0] = '\0';
    sample.run[1].comparison.bad_slots = 1;
    sample.run[4].as_loader = true;
    sample.run[4].scenario = "xen";
    text = text_of(&sample.entry, false, false);
    assert_non_null(strstr(text, "\n  entry32 at 0x38000000 (too high), nokaslr\n"));
    assert_non_null(strstr(text, "\n  entry32 at 0x1210000 (aligned up), nokaslr\n"));
    assert_non_null(strstr(text, "\n  as xen, nokaslr\n"));
    assert_null(strstr(text, "entry32: too high"));
    free(text);
}

static void text_of_a_fail(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_fail(&sample);
    text = text_of(&sample.entry, false, false);
    assert_string_equal(
        text, "boot/broken\n"
              "  bzImage, protocol 2.15, 2.0 MiB\n"
              "  Linux 6.1.0-test (builder@host) #1\n"
              "  payload lz4, 16.0 MiB unpacked, 64-bit ELF, 2 segments, 327,000 relocations\n"
              "\n"
              "  bios at 0x100000, nokaslr\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x100000   protected-32\n"
              "    stopped: halt in decompressor at 0x104567 (linear 0xc0104567): HLT while interrupts are disabled\n"
              "        0xc0104566  fa     cli\n"
              "    --> 0xc0104567  f4     hlt\n"
              "        0xc0104568  eb fd  jmp 0xc0104567\n"
              "    the guest's last words:\n"
              "    | 5\n"
              "    | 6\n"
              "    | 7\n"
              "    |\n"
              "    |\n"
              "    | input data is corrupt\n"
              "    |\n"
              "    |  -- System halted\n"
              "\n"
              "  bios at 0x200000, nokaslr\n"
              "    setup                    0x10200    real\n"
              "    decompressor             0x200000   protected-32\n"
              "    decompressor, relocated  0x4f8a000  long\n"
              "    kernel                   0x2200040  long\n"
              "    ! base 0x2000000, virtual delta -0x1000; 1 of 2 segments match, 326,998 of 327,000 relocations\n"
              "\n"
              "  bios at 0x300000, nokaslr\n"
              "    not started: the initrd does not fit\n"
              "\n"
              "  warning   MEM-903 sample-memory\n"
              "            something is outside\n"
              "            in         every run\n"
              "            where      0x9f000\n"
              "            source     boot.rst, Memory Layout\n"
              "\n"
              "  error     ENT-902 sample-entry\n"
              "            RSI is not what it must be\n"
              "            in         bios at 0x200000, nokaslr\n"
              "            where      rsi\n"
              "            expected   0x14000\n"
              "            actual     0xbad\n"
              "            source     boot.rst, 64-bit BOOT PROTOCOL\n"
              "\n"
              "  more      bzcheck explain ENT-902 MEM-903\n"
              "\n"
              "FAIL  boot/broken: ENT-902 sample-entry, MEM-903 sample-memory (1 error, 3 warnings; 3 runs, 1 check "
              "passed)\n");
    free(text);
}

static void text_of_what_is_not_linux(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_unknown(&sample);
    text = text_of(&sample.entry, false, false);
    assert_string_equal(text, "odd\xef\xbf\xbd?[31m?\n"
                              "  old, without a setup header (protocol before 2.00), 777 bytes\n"
                              "  no Linux kernel recognised: it calls itself Otherware 3.1\n"
                              "\n"
                              "  bios at 0x100000, KASLR seed 9223372036854775807\n"
                              "    stopped: budget at linear 0x0\n"
                              "\n"
                              "  bios at 0x200000, nokaslr\n"
                              "    setup         0x10200   real\n"
                              "    decompressor  0x200000  protected-32\n"
                              "    = handed over to 32-bit code; what follows is not Linux and was not run\n"
                              "\n"
                              "  unknown   RUN-904 sample-note\n"
                              "            nobody looked\n"
                              "            in         bios at 0x100000, KASLR seed 9223372036854775807\n"
                              "\n"
                              "UNKNOWN  odd\xef\xbf\xbd?[31m?: this is not a Linux kernel (2 runs, 1 check passed)\n");
    free(text);

    text = text_of(&not_verified, false, false);
    assert_string_equal(text, "UNKNOWN  boot/missing: cannot open: No such file or directory\n");
    free(text);
}

static void expect_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void text_says_more_when_asked(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_fail(&sample);
    sample.run[0].unknown_ports = 17;
    sample.run[0].unknown_bios_calls = 29;
    text = text_of(&sample.entry, true, false);
    expect_contains(text, "  pass      HDR-901 sample-header\n            the header is as it must be\n");
    expect_contains(text, "  skip      ENT-902 sample-entry\n            the run did not reach the kernel\n"
                          "            in         bios at 0x100000, nokaslr\n");
    expect_contains(text, "  unknown   RUN-904 sample-note\n");
    expect_contains(text, "command line: quiet nokaslr\n");
    expect_contains(text, "1,234 pages of guest memory touched");
    expect_contains(text, " 17 ");
    expect_contains(text, " 29\n");
    free(text);

    /* A payload that does not unpack, and a vmlinux that was compared. */
    sample.verification.facts.image.oracle = NULL;
    bzc_error_set(&sample.verification.facts.image.oracle_error, BZC_ERR_FORMAT, "lz4: the stream is damaged");
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n  payload lz4: lz4: the stream is damaged\n");
    free(text);
    sample_pass(&sample);
    sample.verification.facts.image.vmlinux = (struct bzc_vmlinux_result){.checked = true, .matches = true};
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n  the payload is the given vmlinux\n");
    free(text);
}

/* What failed below the threshold does not hide in a pass. */
static void text_of_a_pass_with_notes(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_pass(&sample);
    sample_finding(&sample, &sample_note_rule, 1, BZC_OUTCOME_FAIL, "a strange port");
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n  note      RUN-904 sample-note\n            a strange port\n            in         bios "
                          "at 0x200000, KASLR seed 7\n");
    expect_contains(
        text, "\nPASS  boot/vmlinuz: the kernel is entered as the protocol says (1 note; 2 runs, 3 checks passed)\n");
    free(text);
}

/* What stands in the baseline takes one line and does not count; what is gone from it is told. */
static void text_of_known_findings(void **state)
{
    static char gone[] = "ENT-902 sample-entry | bios | rsi";
    static char *lines[] = {gone};
    struct sample sample;
    char *text;

    (void)state;
    sample_pass(&sample);
    sample.verification.fail_on = BZC_SEVERITY_ERROR;
    sample_finding(&sample, &sample_image_rule, -1, BZC_OUTCOME_FAIL, "an old story")->known = true;
    sample_finding(&sample, &sample_note_rule, 0, BZC_OUTCOME_FAIL, "a strange port")->known = true;
    sample_finding(&sample, &sample_note_rule, 1, BZC_OUTCOME_FAIL, "a strange port")->known = true;
    sample_finding(&sample, &sample_warning_rule, 1, BZC_OUTCOME_FAIL, "something new");
    sample.verification.gone = (struct bzc_baseline_gone){lines, 1};
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n  known     HDR-901 sample-header, RUN-904 sample-note\n"
                          "\n  gone      ENT-902 sample-entry | bios | rsi\n"
                          "            --update-baseline removes it from the baseline\n"
                          "\n  warning   MEM-903 sample-memory\n            something new\n");
    assert_null(strstr(text, "an old story"));
    expect_contains(text,
                    "\nPASS  boot/vmlinuz: nothing is wrong that was not known (1 warning; 2 runs, 3 checks passed, "
                    "3 known findings)\n");
    free(text);
    text = text_of(&sample.entry, true, false);
    expect_contains(text, "\n  known     HDR-901 sample-header\n            an old story\n");
    free(text);
}

/* A finding is told once with its runs; another rule or another value is another finding. */
static void text_groups_equal_findings(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_fail(&sample);
    memset(sample.finding, 0, sizeof(sample.finding));
    sample.verification.findings.count = 0;
    sample_finding(&sample, &sample_warning_rule, 0, BZC_OUTCOME_FAIL, "the same words");
    sample_finding(&sample, &sample_note_rule, 0, BZC_OUTCOME_FAIL, "the same words");
    sample_finding(&sample, &sample_warning_rule, 1, BZC_OUTCOME_FAIL, "the same words");
    sample_details(&sample.finding[2], "", "", "but another value");
    sample_finding(&sample, &sample_warning_rule, 2, BZC_OUTCOME_FAIL, "the same words");
    text = text_of(&sample.entry, false, false);
    expect_contains(text,
                    "\n"
                    "  note      RUN-904 sample-note\n"
                    "            the same words\n"
                    "            in         bios at 0x100000, nokaslr\n"
                    "            source     boot.rst, Running the Kernel\n"
                    "\n"
                    "  warning   MEM-903 sample-memory\n"
                    "            the same words\n"
                    "            in         bios at 0x100000, nokaslr\n"
                    "                       bios at 0x300000, nokaslr\n"
                    "            source     boot.rst, Memory Layout\n"
                    "\n"
                    "  warning   MEM-903 sample-memory\n"
                    "            the same words\n"
                    "            in         bios at 0x200000, nokaslr\n"
                    "            actual     but another value\n"
                    "            source     boot.rst, Memory Layout\n"
                    "\n"
                    "  more      bzcheck explain MEM-903 RUN-904\n"
                    "\n"
                    "FAIL  boot/broken: MEM-903 sample-memory, RUN-904 sample-note (3 warnings, 1 note; 3 runs, 0 "
                    "checks passed)\n");
    free(text);
}

/* Three rules are named, the worst ones; the rest is counted. */
static void text_names_three_failed_rules(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_fail(&sample);
    sample_finding(&sample, &sample_note_rule, 0, BZC_OUTCOME_FAIL, "a note");
    sample_finding(&sample, &sample_image_rule, -1, BZC_OUTCOME_FAIL, "the header is wrong");
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n\n  more      bzcheck explain ENT-902 HDR-901 MEM-903\n\n");
    expect_contains(text, "\nFAIL  boot/broken: ENT-902 sample-entry, HDR-901 sample-header, MEM-903 sample-memory and "
                          "1 more (2 errors, 3 warnings, 1 note; 3 runs, 1 check passed)\n");
    free(text);
}

/* What stopped two runs in the same way is told once. */
static void text_of_equal_stops(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_fail(&sample);
    sample.run[2].plan_error = (struct bzc_error){0};
    sample.run[2].stop = sample.run[0].stop;
    memcpy(sample.run[2].last_words, sample.run[0].last_words, BZC_LAST_WORDS_MAX);
    text = text_of(&sample.entry, false, false);
    expect_contains(text,
                    "\n    stopped: halt at 0x104567 (linear 0xc0104567): the same as in bios at 0x100000, nokaslr\n"
                    "\n");
    free(text);
    sample.run[2].last_words[0] = 'X';
    text = text_of(&sample.entry, false, false);
    expect_contains(text, "\n    stopped: halt at 0x104567 (linear 0xc0104567): HLT while interrupts are disabled\n"
                          "        0xc0104566  fa     cli\n");
    assert_null(strstr(text, "the same as"));
    free(text);
}

static void text_colours(void **state)
{
    struct sample sample;
    char *text;

    (void)state;
    sample_pass(&sample);
    text = text_of(&sample.entry, true, false);
    assert_null(strchr(text, '\033'));
    free(text);
    text = text_of(&sample.entry, false, true);
    expect_contains(text, "\033[1;32mPASS\033[0m");
    free(text);
    sample_fail(&sample);
    text = text_of(&sample.entry, false, true);
    expect_contains(text, "\033[1;31mFAIL\033[0m");
    expect_contains(text, "\033[1;31m-->\033[0m");
    free(text);
}

static void fill(char *text, size_t size, char character)
{
    memset(text, character, size - 1);
    for (size_t i = 9; i + 1 < size; i += 10)
        text[i] = ' ';
    text[size - 1] = '\0';
}

/* The longest texts that facts can hold stay inside the page; only the verdict line may be longer. */
static void text_lines_are_bounded(void **state)
{
    struct sample sample;
    char *text, *rest = NULL;
    size_t lines = 0;

    (void)state;
    sample_fail(&sample);
    fill(sample.verification.facts.image.image.kernel_version, 256, 'k');
    for (size_t i = 0; i < sample.run[0].stop.line_count; i++) {
        memset(sample.run[0].stop.lines[i].text, 'i', BZC_DISASM_TEXT - 1);
        memset(sample.run[0].stop.lines[i].bytes, 'b', sizeof(sample.run[0].stop.lines[i].bytes) - 1);
    }
    fill(sample.run[0].stop.detail, sizeof(sample.run[0].stop.detail), 'd');
    memset(sample.run[0].last_words, 'w', BZC_LAST_WORDS_MAX - 1);
    fill(sample.run[2].plan_error.message, BZC_ERROR_TEXT_SIZE, 'e');
    sample.run[1].load_addr = sample.run[1].comparison.base = UINT64_MAX;
    sample.run[1].comparison.relocations = sample.run[1].comparison.bad_slots = UINT64_MAX;
    sample.run[1].comparison.virt_delta = INT64_MIN;
    for (size_t i = 0; i < sample.verification.findings.count; i++) {
        fill(sample.finding[i].message, BZC_FINDING_TEXT, 'm');
        fill(sample.finding[i].where, BZC_FINDING_TEXT, 'w');
        memset(sample.finding[i].expected, 'x', BZC_FINDING_TEXT - 1);
        fill(sample.finding[i].actual, BZC_FINDING_TEXT, 'a');
    }
    text = text_of(&sample.entry, true, false);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        lines++;
        if (strlen(line) > BZC_PAGE_WIDTH && strncmp(line, "FAIL  ", 6) != 0)
            fail_msg("a line of %zu columns: %s", strlen(line), line);
        if (line[strlen(line) - 1] == ' ')
            fail_msg("a blank ends the line: %s", line);
    }
    assert_in_range(lines, 80, 200);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_documented_shape),
        cmocka_unit_test(json_of_the_ways_in),
        cmocka_unit_test(text_of_the_ways_in),
        cmocka_unit_test(json_of_a_pass),
        cmocka_unit_test(json_of_a_fail),
        cmocka_unit_test(json_invents_nothing),
        cmocka_unit_test(json_of_an_unreadable_image),
        cmocka_unit_test(json_of_several_images_keeps_their_order),
        cmocka_unit_test(write_errors_are_told),
        cmocka_unit_test(formats_are_found_by_name_and_sorted),
        cmocka_unit_test(json_satisfies_the_schema),
        cmocka_unit_test(text_of_a_pass),
        cmocka_unit_test(text_of_a_fail),
        cmocka_unit_test(text_of_what_is_not_linux),
        cmocka_unit_test(text_says_more_when_asked),
        cmocka_unit_test(text_of_a_pass_with_notes),
        cmocka_unit_test(text_of_known_findings),
        cmocka_unit_test(text_groups_equal_findings),
        cmocka_unit_test(text_names_three_failed_rules),
        cmocka_unit_test(text_of_equal_stops),
        cmocka_unit_test(text_colours),
        cmocka_unit_test(text_lines_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
