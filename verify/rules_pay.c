/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the payload: the compressed kernel inside the protected-mode part. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verify/rules.h"

#define PARAGRAPH   16u
#define SIZE_WORD   4u /* what the kernel's build appends to every stream but gzip's, which ends in it */
#define MAGIC_SHOWN 4u

#define SINCE_PAYLOAD 0x0208

/* Linux 9c54baab4401 */
#define CRC_DROPPED_MAJOR 6
#define CRC_DROPPED_MINOR 15

/*
 * The payload, or payload_length, ends behind the end of the file only since the file ends before what syssize
 * declares. A payload that was searched for goes on to the end of the file.
 */
static bool is_cut_with_file(const struct bzc_image *image)
{
    uint64_t field;

    if (!bzc_image_ends_early(image) || image->payload_source == BZC_PAYLOAD_ABSENT)
        return false;
    if (image->payload_source == BZC_PAYLOAD_SCANNED || !bzc_image_field(image, BZC_FIELD_PAYLOAD_LENGTH, &field))
        return true;
    return image->payload.size < image->payload_length &&
           (image->pm_declared_size == 0 || image->payload_offset + image->payload_length <= image->pm_declared_size);
}

const char *bzc_payload_incomplete_fault(const struct bzc_image *image)
{
    if (is_cut_with_file(image))
        return "HDR-001";
    if (image->payload_source == BZC_PAYLOAD_ABSENT || image->payload_length == 0 ||
        image->payload.size < image->payload_length)
        return "PAY-001";
    return NULL;
}

static bool is_asked_for_payload(const struct bzc_image_facts *facts)
{
    return facts->system == BZC_SYSTEM_LINUX && bzc_image_is_boot_image(&facts->image);
}

/* The rule that fails because no payload can be found where payload_offset and payload_length say; NULL when none. */
static const char *place_fault(const struct bzc_image_facts *facts)
{
    const char *fault = bzc_payload_incomplete_fault(&facts->image);

    if (!is_asked_for_payload(facts))
        return NULL;
    if (fault)
        return strcmp(fault, "PAY-001") == 0 ? fault : NULL;
    return facts->depth != BZC_DEPTH_HEADERS && facts->image.compression == BZC_COMPRESSION_UNKNOWN ? "PAY-005" : NULL;
}

static void check_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;

    (void)run;
    if (is_cut_with_file(image)) {
        bzc_skip(verdict, "explained by HDR-001: the file ends too early");
    } else if (image->payload_source == BZC_PAYLOAD_ABSENT) {
        bzc_fail(verdict, "there is no payload");
        bzc_where(verdict, "payload_offset, payload_length");
    } else if (image->payload_length == 0) {
        bzc_fail(verdict, "the payload is empty");
        bzc_where(verdict, "payload_length");
        bzc_expected(verdict, "not 0x0");
        bzc_actual(verdict, "0x0");
    } else if (image->payload_source == BZC_PAYLOAD_HEADER && image->payload.size < image->payload_length) {
        bzc_fail(verdict, "the payload runs past the end of the image");
        bzc_where(verdict, "payload_length");
        bzc_expected(verdict, "0x%" PRIx64 " bytes from offset 0x%" PRIx64 " of the protected-mode part",
                     image->payload_length, image->payload_offset);
        bzc_actual(verdict, "0x%zx bytes are there", image->payload.size);
    }
}

static void check_intact(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const char *fault = bzc_payload_incomplete_fault(&facts->image);

    (void)run;
    if (facts->oracle)
        return;
    if (fault) {
        bzc_skip(verdict, "explained by %s: the payload is not complete", fault);
    } else if (facts->image.compression == BZC_COMPRESSION_UNKNOWN) {
        bzc_skip(verdict, "explained by PAY-005: the payload's format is not known");
    } else if (facts->oracle_error.status == BZC_ERR_FORMAT) {
        bzc_fail(verdict, "%s", facts->oracle_error.message);
        bzc_where(verdict, "payload (%s)", bzc_compression_name(facts->image.compression));
    } else {
        bzc_unknown(verdict, "%s", facts->oracle_error.message);
    }
}

/* How many bytes of the payload lie behind its compressed stream, and how many belong there. */
static uint64_t behind_stream(const struct bzc_image_facts *facts, uint64_t *expected)
{
    *expected = facts->image.compression == BZC_COMPRESSION_GZIP ? 0 : SIZE_WORD;
    return facts->image.payload.size - facts->oracle->end.stream_size;
}

const char *bzc_payload_fault(const struct bzc_image_facts *facts)
{
    const char *fault = place_fault(facts);
    uint64_t expected;

    if (fault || !is_asked_for_payload(facts) || !facts->oracle || facts->image.payload_source != BZC_PAYLOAD_HEADER ||
        facts->image.compression == BZC_COMPRESSION_NONE)
        return fault;
    return behind_stream(facts, &expected) == expected ? NULL : "PAY-006";
}

static bool has_stream(const struct bzc_image_facts *facts, struct bzc_verdict *verdict)
{
    if (facts->image.payload_source != BZC_PAYLOAD_HEADER)
        bzc_skip(verdict, "the header does not say where the payload ends");
    else if (bzc_payload_incomplete_fault(&facts->image))
        bzc_skip(verdict, "explained by %s: the payload is not complete", bzc_payload_incomplete_fault(&facts->image));
    else if (facts->image.compression == BZC_COMPRESSION_NONE)
        bzc_skip(verdict, "the payload is not compressed");
    else
        return true;
    return false;
}

static void check_size_word(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    uint64_t expected, behind;

    (void)run;
    if (!has_stream(facts, verdict))
        return;
    behind = behind_stream(facts, &expected);
    if (behind < expected) {
        bzc_skip(verdict, "explained by PAY-006: the payload has no size word");
    } else if (facts->oracle->end.declared_size != (uint32_t)facts->oracle->payload.size) {
        bzc_fail(verdict, "the size word behind the payload is not the size of the unpacked kernel");
        bzc_where(verdict, behind == expected ? "last 4 bytes of the payload" : "4 bytes behind the payload's stream");
        bzc_expected(verdict, "0x%zx", facts->oracle->payload.size);
        bzc_actual(verdict, "0x%" PRIx32, facts->oracle->end.declared_size);
    }
}

static void check_magic(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    const char *fault = bzc_payload_incomplete_fault(&facts->image);
    struct bzc_bytes payload = facts->image.payload;

    (void)run;
    if (facts->image.compression != BZC_COMPRESSION_UNKNOWN)
        return;
    if (fault && (payload.size < MAGIC_SHOWN || strcmp(fault, "PAY-001") == 0)) {
        bzc_skip(verdict, "explained by %s: the payload is not complete", fault);
        return;
    }
    bzc_fail(verdict, "the payload starts with no magic number of a known format");
    bzc_where(verdict, payload.size < MAGIC_SHOWN ? "payload_length" : "payload_offset");
    bzc_expected(verdict, "a gzip, bzip2, lzma, xz, lzop, lz4 or zstd stream, or an ELF file");
    if (payload.size < MAGIC_SHOWN)
        bzc_actual(verdict, "%zu %s at offset 0x%" PRIx64 " of the protected-mode part", payload.size,
                   payload.size == 1 ? "byte" : "bytes", facts->image.payload_offset);
    else
        bzc_actual(verdict, "%02x %02x %02x %02x at offset 0x%" PRIx64 " of the protected-mode part", payload.data[0],
                   payload.data[1], payload.data[2], payload.data[3], facts->image.payload_offset);
}

static void check_stream_end(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    uint64_t expected, behind;

    (void)run;
    if (!has_stream(facts, verdict))
        return;
    behind = behind_stream(facts, &expected);
    if (behind == expected)
        return;
    if (behind < expected)
        bzc_fail(verdict, "the payload has no size word behind its compressed stream");
    else
        bzc_fail(verdict, "the payload holds more than its compressed stream%s", expected ? " and the size word" : "");
    bzc_where(verdict, "payload_length");
    bzc_expected(verdict, "0x%" PRIx64, facts->oracle->end.stream_size + expected);
    bzc_actual(verdict, "0x%" PRIx64, facts->image.payload_length);
}

/* Offset in the protected-mode part. A payload_length that is too large is PAY-006's: the decompressor's view counts.
 */
static uint64_t payload_end(const struct bzc_image_facts *facts)
{
    return facts->image.payload_offset + (facts->oracle ? facts->oracle->end.stream_size : facts->image.payload_length);
}

bool bzc_payload_is_left_out(const struct bzc_image_facts *facts)
{
    return is_asked_for_payload(facts) && facts->depth != BZC_DEPTH_HEADERS &&
           facts->image.payload_source == BZC_PAYLOAD_HEADER && facts->image.pm_declared_size != 0 &&
           !place_fault(facts) && payload_end(facts) > facts->image.pm_declared_size;
}

static void check_loaded(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t end = payload_end(facts);

    (void)run;
    if (image->payload_source != BZC_PAYLOAD_HEADER || image->pm_declared_size == 0) {
        bzc_skip(verdict, "the header does not say where the payload lies");
        return;
    }
    if (end <= image->pm_declared_size)
        return;
    if (place_fault(facts)) {
        bzc_skip(verdict, "explained by %s: payload_offset or payload_length is wrong", place_fault(facts));
        return;
    }
    bzc_fail(verdict, "the payload ends behind the part of the file that a loader loads");
    bzc_where(verdict, "syssize");
    bzc_expected(verdict, "at least 0x%" PRIx64 " paragraphs", (end + PARAGRAPH - 1) / PARAGRAPH);
    bzc_actual(verdict, "0x%" PRIx64, image->pm_declared_size / PARAGRAPH);
}

bool bzc_kernel_release(const struct bzc_image_facts *facts, unsigned *major, unsigned *minor)
{
    static const char banner[] = "Linux version ";
    const char *text = facts->image.kernel_version;

    if (facts->oracle && strncmp(facts->oracle->banner, banner, sizeof(banner) - 1) == 0)
        text = facts->oracle->banner + sizeof(banner) - 1;
    return sscanf(text, "%3u.%3u", major, minor) == 2;
}

static void check_crc(const struct bzc_image_facts *facts, const struct bzc_run_facts *run, struct bzc_verdict *verdict)
{
    const struct bzc_checksum *checksum = &facts->checksum;
    unsigned major, minor;

    (void)run;
    if (checksum->state == BZC_CHECKSUM_GOOD || checksum->state == BZC_CHECKSUM_UNSIGNED)
        return;
    if (checksum->state == BZC_CHECKSUM_ABSENT) {
        bzc_skip(verdict, "the file does not reach to the end that syssize gives");
    } else if (checksum->covers_file) {
        bzc_skip(verdict, "the CRC is right for the whole file: it is syssize that gives another end");
    } else if (checksum->stored == 0) {
        bzc_skip(verdict, "there is no CRC: the last 4 bytes are 0");
    } else if (!bzc_kernel_release(facts, &major, &minor)) {
        bzc_skip(verdict, "nothing tells whether this kernel was built with a CRC");
    } else if (major > CRC_DROPPED_MAJOR || (major == CRC_DROPPED_MAJOR && minor >= CRC_DROPPED_MINOR)) {
        bzc_skip(verdict, "Linux %u.%u has no CRC: 6.15 dropped it", major, minor);
    } else if (checksum->is_signed) {
        bzc_skip(verdict, "the image was signed, which changes its bytes, and cannot be made unsigned here");
    } else {
        bzc_fail(verdict, "the image was changed after it was built: its CRC-32 is wrong");
        bzc_where(verdict, "last 4 bytes of what syssize covers (file offset 0x%" PRIx64 ")", checksum->end - 4);
        bzc_expected(verdict, "0x%08" PRIx32, checksum->computed);
        bzc_actual(verdict, "0x%08" PRIx32, checksum->stored);
    }
}

static void check_vmlinux(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                          struct bzc_verdict *verdict)
{
    const struct bzc_vmlinux_result *vmlinux = &facts->vmlinux;

    (void)run;
    if (vmlinux->problem[0]) {
        bzc_unknown(verdict, "%s", vmlinux->problem);
    } else if (!vmlinux->checked) {
        bzc_skip(verdict, "no --vmlinux given");
    } else if (!vmlinux->matches) {
        bzc_fail(verdict, "the payload is not the build's vmlinux: %s", vmlinux->what);
        bzc_where(verdict, "segment %u, physical 0x%" PRIx64, vmlinux->segment, vmlinux->paddr);
        bzc_expected(verdict, "0x%02x", vmlinux->expected);
        bzc_actual(verdict, "0x%02x", vmlinux->actual);
    }
}

static const struct bzc_rule rules[] = {
    {
        .id = "PAY-001",
        .name = "payload-complete",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload lies inside the image",
        .spec = "boot.rst, Details of Header Fields: payload_offset, payload_length",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .check = check_complete,
    },
    {
        .id = "PAY-002",
        .name = "payload-intact",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload unpacks and passes its format's own checks",
        .spec = "boot.rst, Details of Header Fields: payload_offset",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_intact,
    },
    {
        .id = "PAY-003",
        .name = "payload-size-word",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the word behind the payload is the size of the unpacked kernel",
        .spec = "arch/x86/boot/compressed/Makefile and scripts/Makefile.lib: size_append",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_size_word,
    },
    {
        .id = "PAY-004",
        .name = "payload-is-vmlinux",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload is the build's own vmlinux",
        .spec = "arch/x86/boot/compressed/Makefile: vmlinux.bin",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_vmlinux,
    },
    {
        .id = "PAY-005",
        .name = "payload-magic",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload starts with the magic number of a known format",
        .spec = "boot.rst, Details of Header Fields: payload_offset",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_magic,
    },
    {
        .id = "PAY-006",
        .name = "payload-stream-end",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload is one compressed stream and the size word behind it, nothing more or less",
        .spec = "boot.rst, Details of Header Fields: payload_length; scripts/Makefile.lib: size_append",
        .phase = BZC_PHASE_IMAGE,
        .since = SINCE_PAYLOAD,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_KERNEL,
        .check = check_stream_end,
    },
    {
        .id = "PAY-007",
        .name = "payload-loaded",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the payload lies in what syssize makes a loader load",
        .spec = "boot.rst, Details of Header Fields: payload_length, syssize",
        .phase = BZC_PHASE_IMAGE,
        .since = SINCE_PAYLOAD,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_loaded,
    },
    {
        .id = "PAY-008",
        .name = "image-crc",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the CRC-32 that Linux 2.6.26 to 6.14 append to the image is right",
        .spec = "boot.rst of Linux 6.14 and before, The Image Checksum",
        .phase = BZC_PHASE_IMAGE,
        .since = SINCE_PAYLOAD,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_crc,
    },
};

const struct bzc_rule_family bzc_rules_pay = {rules, sizeof(rules) / sizeof(rules[0])};
