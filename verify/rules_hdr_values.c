/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about single fields of the setup header: what a loader leaves alone or fills in must have a harmless value in
 * the file, and kernel_version must tell the truth.
 */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define FIRST_VERSION  0x0200
#define HEADER_BASE    0x200u  /* kernel_version and heap_end_ptr count from here */
#define SETUP_SEGMENT  0x9020u /* where setup ran before 2.02 */
#define LOW_LOAD_SEG   0x1000u /* SYSSEG */
#define SEGMENT_SIZE   0x10000u
#define VIDEO_MODE_ASK 0xfffdu
#define LINUX_BANNER   "Linux version "
#define LAST_MOVED     0x0201 /* setup_move_size counts up to this version */

static uint64_t field(const struct bzc_image *image, enum bzc_field_id id)
{
    uint64_t value = 0;

    bzc_image_field(image, id, &value);
    return value;
}

static void say_where(struct bzc_verdict *verdict, enum bzc_field_id id)
{
    bzc_where(verdict, "%s (offset 0x%x)", bzc_field(id)->name, bzc_field(id)->offset);
}

/* The first of these fields that is not zero; -1 when all are zero or not of this version. */
static int first_set(const struct bzc_image *image, const enum bzc_field_id *id, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (field(image, id[i]) != 0)
            return (int)id[i];
    }
    return -1;
}

static void say_not_zero(const struct bzc_image *image, enum bzc_field_id id, struct bzc_verdict *verdict)
{
    say_where(verdict, id);
    bzc_expected(verdict, "0");
    bzc_actual(verdict, "0x%" PRIx64, field(image, id));
}

static void check_internal(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t kludge = field(image, BZC_FIELD_BOOTSECT_KLUDGE);

    (void)run;
    if (field(image, BZC_FIELD_RAM_SIZE) != 0) {
        bzc_fail(verdict, "ram_size is obsolete; a kernel takes it for flags of a RAM disk");
        say_not_zero(image, BZC_FIELD_RAM_SIZE, verdict);
    } else if (kludge != 0 &&
               (kludge >> 16 != SETUP_SEGMENT || (kludge & 0xffff) + HEADER_BASE >= image->realmode_size)) {
        bzc_fail(verdict, "bootsect_kludge is obsolete, and does not point into setup as in old kernels");
        say_where(verdict, BZC_FIELD_BOOTSECT_KLUDGE);
        bzc_expected(verdict, "0, or 0x%04x0000 + an offset below 0x%" PRIx64, SETUP_SEGMENT,
                     image->realmode_size - HEADER_BASE);
        bzc_actual(verdict, "0x%08" PRIx64, kludge);
    }
}

static void check_video_mode(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (field(&facts->image, BZC_FIELD_VID_MODE) != VIDEO_MODE_ASK)
        return;
    bzc_fail(verdict, "setup asks for a video mode and waits, unless the loader writes vid_mode");
    say_where(verdict, BZC_FIELD_VID_MODE);
    bzc_expected(verdict, "0xffff (normal) or another mode");
    bzc_actual(verdict, "0x%04x (ask)", VIDEO_MODE_ASK);
}

static void check_realmode_swtch(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    (void)run;
    if (field(&facts->image, BZC_FIELD_REALMODE_SWTCH) == 0)
        return;
    bzc_fail(verdict, "realmode_swtch is set in the file: setup calls a loader's hook that is not there");
    say_not_zero(&facts->image, BZC_FIELD_REALMODE_SWTCH, verdict);
}

static void check_start_sys_seg(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t segment = field(image, BZC_FIELD_START_SYS_SEG);
    bool is_used = image->kind == BZC_IMAGE_ZIMAGE && facts->system == BZC_SYSTEM_LINUX;

    (void)run;
    if (segment == LOW_LOAD_SEG || (segment == 0 && !is_used))
        return;
    bzc_fail(verdict, "start_sys_seg is not the segment to which a kernel is loaded low");
    say_where(verdict, BZC_FIELD_START_SYS_SEG);
    bzc_expected(verdict, "0x%x%s", LOW_LOAD_SEG, is_used ? "" : ", or 0 (not used)");
    bzc_actual(verdict, "0x%" PRIx64, segment);
}

static void check_move_size(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t size;

    (void)run;
    if (image->version > LAST_MOVED) {
        bzc_skip(verdict, "setup_move_size is of no account from protocol 2.02 on");
        return;
    }
    if (!bzc_image_field(image, BZC_FIELD_SETUP_MOVE_SIZE, &size)) {
        bzc_skip(verdict, "explained by HDR-001: the file ends before setup_move_size");
        return;
    }
    if (size >= image->realmode_size)
        return;
    bzc_fail(verdict, "setup does not move all of itself to 0x90000 when it is loaded elsewhere");
    say_where(verdict, BZC_FIELD_SETUP_MOVE_SIZE);
    bzc_expected(verdict, "at least 0x%" PRIx64 " bytes (boot sector and setup)", image->realmode_size);
    bzc_actual(verdict, "0x%" PRIx64 " bytes", size);
}

static void check_heap_end(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    struct bzc_bytes realmode = facts->image.realmode;
    uint64_t pointer = field(&facts->image, BZC_FIELD_HEAP_END_PTR), end = pointer + HEADER_BASE, used = realmode.size;

    (void)run;
    if (pointer == 0) {
        bzc_skip(verdict, "heap_end_ptr is 0: left to the loader");
        return;
    }
    while (used > 0 && realmode.data[used - 1] == 0)
        used--;
    if (end >= used && end <= SEGMENT_SIZE)
        return;
    if (end > SEGMENT_SIZE)
        bzc_fail(verdict, "the end of setup's heap lies outside the segment of the real-mode part");
    else
        bzc_fail(verdict, "the end of setup's heap lies inside setup itself");
    say_where(verdict, BZC_FIELD_HEAP_END_PTR);
    bzc_expected(verdict, "0x%" PRIx64 " to 0x%x (setup goes up to offset 0x%" PRIx64 ")",
                 used > HEADER_BASE ? used - HEADER_BASE : 0, SEGMENT_SIZE - HEADER_BASE, used);
    bzc_actual(verdict, "0x%" PRIx64 " (offset 0x%" PRIx64 ")", pointer, end);
}

static void check_loader_fields(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                struct bzc_verdict *verdict)
{
    static const enum bzc_field_id ids[] = {BZC_FIELD_TYPE_OF_LOADER, BZC_FIELD_EXT_LOADER_VER,
                                            BZC_FIELD_EXT_LOADER_TYPE, BZC_FIELD_CMD_LINE_PTR};
    int set = first_set(&facts->image, ids, sizeof(ids) / sizeof(ids[0]));

    (void)run;
    if (set < 0)
        return;
    bzc_fail(verdict, "%s is set in the file: to a kernel it looks as if a loader had written it",
             bzc_field((enum bzc_field_id)set)->name);
    say_not_zero(&facts->image, (enum bzc_field_id)set, verdict);
}

static void check_ramdisk(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    static const enum bzc_field_id ids[] = {BZC_FIELD_RAMDISK_IMAGE, BZC_FIELD_RAMDISK_SIZE};
    int set = first_set(&facts->image, ids, sizeof(ids) / sizeof(ids[0]));

    (void)run;
    if (set < 0)
        return;
    bzc_fail(verdict, "%s is set in the file: a loader without an initrd leaves it as it is",
             bzc_field((enum bzc_field_id)set)->name);
    say_not_zero(&facts->image, (enum bzc_field_id)set, verdict);
}

static void check_setup_data(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (field(&facts->image, BZC_FIELD_SETUP_DATA) == 0)
        return;
    bzc_fail(verdict, "setup_data is set in the file: the kernel, and a loader that adds to the list, follow a pointer "
                      "to nowhere");
    say_not_zero(&facts->image, BZC_FIELD_SETUP_DATA, verdict);
}

/* The text at kernel_version, without its NUL; size 0 when it does not start in setup or does not end there. */
static struct bzc_bytes version_text(const struct bzc_image *image)
{
    uint64_t pointer = field(image, BZC_FIELD_KERNEL_VERSION);
    struct bzc_bytes text = bzc_bytes_slice(image->realmode, pointer + HEADER_BASE, image->realmode_size);
    const uint8_t *end = text.size > 0 ? memchr(text.data, 0, text.size) : NULL;

    text.size = end ? (size_t)(end - text.data) : 0;
    return text;
}

/* Bytes that follow the first byte of a UTF-8 sequence; -1 when it is none, or a control character. */
static int bytes_behind(uint8_t first)
{
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f ? 0 : -1;
    if (first < 0xc2 || first > 0xf4)
        return -1;
    return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* Human-readable: names of people and machines may have other letters than ASCII's. */
static bool is_readable(struct bzc_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        int behind = bytes_behind(text.data[i]);

        if (behind < 0)
            return false;
        for (; behind > 0; behind--) {
            if (++i == text.size || (text.data[i] & 0xc0) != 0x80)
                return false;
        }
    }
    return text.size > 0;
}

static void check_version_text(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                               struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t pointer = field(image, BZC_FIELD_KERNEL_VERSION), limit = image->realmode_size - HEADER_BASE;

    (void)run;
    if (pointer == 0) {
        bzc_skip(verdict, "kernel_version is 0: the image names no version");
    } else if (pointer >= limit) {
        bzc_fail(verdict, "kernel_version points behind setup");
        say_where(verdict, BZC_FIELD_KERNEL_VERSION);
        bzc_expected(verdict, "below 0x%" PRIx64 " (0x200 * setup_sects)", limit);
        bzc_actual(verdict, "0x%" PRIx64, pointer);
    } else if (pointer + HEADER_BASE >= image->realmode.size) {
        bzc_skip(verdict, "explained by %s: the file ends before it", bzc_cut_rule(image));
    } else if (!is_readable(version_text(image))) {
        bzc_fail(verdict, "kernel_version does not point to a readable text that ends inside setup");
        bzc_where(verdict, "offset 0x%" PRIx64 " (kernel_version + 0x200)", pointer + HEADER_BASE);
        bzc_expected(verdict, "a NUL-terminated text");
        bzc_actual(verdict, "first byte 0x%02x", image->realmode.data[pointer + HEADER_BASE]);
    }
}

static size_t first_word(const char *text)
{
    return strcspn(text, " ");
}

static void check_version_banner(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                                 struct bzc_verdict *verdict)
{
    const char *named = facts->image.kernel_version, *banner = strstr(facts->oracle->banner, LINUX_BANNER);
    size_t length;

    (void)run;
    if (field(&facts->image, BZC_FIELD_KERNEL_VERSION) == 0) {
        bzc_skip(verdict, "kernel_version is 0: the image names no version");
        return;
    }
    if (!is_readable(version_text(&facts->image))) {
        bzc_skip(verdict, "explained by HDR-028: kernel_version does not point to a text");
        return;
    }
    if (!banner) {
        bzc_skip(verdict, "the kernel has no banner");
        return;
    }
    banner += strlen(LINUX_BANNER);
    length = first_word(banner);
    if (length == first_word(named) && memcmp(named, banner, length) == 0)
        return;
    bzc_fail(verdict, "setup names another kernel than the payload does");
    say_where(verdict, BZC_FIELD_KERNEL_VERSION);
    bzc_expected(verdict, "%.*s (banner of the kernel)", (int)length, banner);
    bzc_actual(verdict, "%.*s", (int)first_word(named), named);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-019",
        .name = "internal-fields",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the fields that no loader may use, ram_size and bootsect_kludge, are harmless",
        .spec = "boot.rst, Details of Header Fields: ram_size, bootsect_kludge",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_internal,
    },
    {
        .id = "HDR-020",
        .name = "vid-mode-no-question",
        .severity = BZC_SEVERITY_NOTE,
        .title = "setup does not stop to ask for a video mode",
        .spec = "boot.rst, Special Command Line Options: vga",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_video_mode,
    },
    {
        .id = "HDR-021",
        .name = "realmode-swtch-unset",
        .severity = BZC_SEVERITY_ERROR,
        .title = "realmode_swtch is zero in the file",
        .spec = "boot.rst, Advanced Boot Loader Hooks: realmode_swtch",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_realmode_swtch,
    },
    {
        .id = "HDR-022",
        .name = "start-sys-seg",
        .severity = BZC_SEVERITY_NOTE,
        .title = "start_sys_seg is 0x1000, or 0 where nothing uses it",
        .spec = "boot.rst, Details of Header Fields: start_sys_seg",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_start_sys_seg,
    },
    {
        .id = "HDR-023",
        .name = "setup-move-size",
        .severity = BZC_SEVERITY_ERROR,
        .title = "before 2.02, setup_move_size takes in boot sector and setup",
        .spec = "boot.rst, Details of Header Fields: setup_move_size",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_move_size,
    },
    {
        .id = "HDR-024",
        .name = "heap-end-beyond-setup",
        .severity = BZC_SEVERITY_NOTE,
        .title = "heap_end_ptr in the file lies behind setup and in its segment",
        .spec = "boot.rst, Details of Header Fields: heap_end_ptr",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0201,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_heap_end,
    },
    {
        .id = "HDR-025",
        .name = "loader-fields-unset",
        .severity = BZC_SEVERITY_WARNING,
        .title = "type_of_loader, ext_loader_ver, ext_loader_type and cmd_line_ptr are zero in the file",
        .spec = "boot.rst, Details of Header Fields: type_of_loader, ext_loader_ver, ext_loader_type, cmd_line_ptr",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_loader_fields,
    },
    {
        .id = "HDR-026",
        .name = "ramdisk-unset",
        .severity = BZC_SEVERITY_ERROR,
        .title = "ramdisk_image and ramdisk_size are zero in the file",
        .spec = "boot.rst, Details of Header Fields: ramdisk_image, ramdisk_size",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_ramdisk,
    },
    {
        .id = "HDR-027",
        .name = "setup-data-unset",
        .severity = BZC_SEVERITY_ERROR,
        .title = "setup_data is zero in the file",
        .spec = "boot.rst, Details of Header Fields: setup_data",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0209,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_setup_data,
    },
    {
        .id = "HDR-028",
        .name = "kernel-version-text",
        .severity = BZC_SEVERITY_WARNING,
        .title = "kernel_version is 0 or points to a readable text in setup",
        .spec = "boot.rst, Details of Header Fields: kernel_version",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_version_text,
    },
    {
        .id = "HDR-029",
        .name = "kernel-version-true",
        .severity = BZC_SEVERITY_WARNING,
        .title = "kernel_version names the kernel that the payload holds",
        .spec = "boot.rst, Details of Header Fields: kernel_version",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_version_banner,
    },
};

const struct bzc_rule_family bzc_rules_hdr_values = {rules, sizeof(rules) / sizeof(rules[0])};
