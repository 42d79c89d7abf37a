/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the setup header as a whole: is it one, which protocol does it speak, where does it end. */
#include <inttypes.h>
#include <string.h>

#include "verify/rules.h"

#define VERSION_WIDE_SIZE 0x0204 /* syssize has four bytes from here on */

bool bzc_image_is_cut(const struct bzc_image *image, uint64_t *missing)
{
    uint64_t present = image->file.size, declared = image->realmode_size + image->pm_declared_size;

    /* syssize counts paragraphs of 16 bytes and is rounded up: the last one may be incomplete. */
    if (image->pm_declared_size >= 16)
        declared -= 15;
    *missing = present < declared ? declared - present : 0;
    return *missing > 0;
}

/*
 * An image loaded high of before 2.04 that declares no protected-mode part and has none, as GRUB's lnxboot.img: what it
 * starts is its initrd.
 */
static bool is_setup_alone(const struct bzc_image *image)
{
    uint64_t syssize;

    return image->kind == BZC_IMAGE_BZIMAGE && image->version < VERSION_WIDE_SIZE &&
           bzc_image_field(image, BZC_FIELD_SYSSIZE, &syssize) && syssize == 0;
}

bool bzc_image_ends_early(const struct bzc_image *image)
{
    uint64_t missing;

    return bzc_image_is_cut(image, &missing) || (image->pm.size == 0 && !is_setup_alone(image));
}

const char *bzc_cut_rule(const struct bzc_image *image)
{
    return bzc_image_ends_early(image) ? "HDR-001" : "PAY-001";
}

static void check_complete(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    uint64_t missing;

    (void)run;
    if (!bzc_image_ends_early(image))
        return;
    bzc_image_is_cut(image, &missing);
    bzc_fail(verdict, "the file ends before the end that its header declares");
    bzc_where(verdict, "end of file");
    if (missing)
        bzc_expected(verdict, "at least 0x%" PRIx64 " bytes (setup_sects, syssize)", image->file.size + missing);
    else
        bzc_expected(verdict, "protected-mode code behind the 0x%" PRIx64 " bytes of setup", image->realmode_size);
    bzc_actual(verdict, "0x%zx bytes", image->file.size);
}

#define NEWEST_VERSION 0x020f
#define BURNT_VERSION  0x020e
#define FIRST_VERSION  0x0200
#define HEADER_START   0x01f1u /* setup_sects, the first field */
#define JUMP_END       0x0202u /* the jump counts from here */
#define JUMP_OPCODE    0xebu   /* JMP rel8 */
#define JUMP_MAX       0x7fu   /* a longer one goes backwards */

static uint64_t field(const struct bzc_image *image, enum bzc_field_id id)
{
    uint64_t value = 0;

    bzc_image_field(image, id, &value);
    return value;
}

static bool is_known_major(const struct bzc_image *image)
{
    return image->version >> 8 == FIRST_VERSION >> 8;
}

static void check_boot_flag(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    uint64_t boot_flag = field(&facts->image, BZC_FIELD_BOOT_FLAG);

    (void)run;
    if (boot_flag == BZC_BOOT_FLAG)
        return;
    bzc_fail(verdict, "boot_flag is not 0xaa55");
    bzc_where(verdict, "boot_flag (offset 0x1fe)");
    bzc_expected(verdict, "0x%04x", BZC_BOOT_FLAG);
    bzc_actual(verdict, "0x%04" PRIx64, boot_flag);
}

static void check_magic(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    uint64_t magic = 0;

    (void)run;
    if (!bzc_image_has_damaged_header(facts->image.file))
        return;
    bzc_field_read(facts->image.file, UINT16_MAX, BZC_FIELD_HEADER, &magic);
    bzc_fail(verdict, "there is a setup header, but its magic is not HdrS");
    bzc_where(verdict, "header (offset 0x202)");
    bzc_expected(verdict, "0x%08x", BZC_HEADER_MAGIC);
    bzc_actual(verdict, "0x%08" PRIx64, magic);
}

static void check_has_header(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->image.has_header)
        return;
    if (bzc_image_has_damaged_header(facts->image.file)) {
        bzc_skip(verdict, "explained by HDR-003: the header's magic is damaged");
        return;
    }
    bzc_fail(verdict,
             "the image has no setup header: it is from before protocol 2.00, is loaded low, with its real-mode "
             "part at 0x90000, and cannot have an initrd");
    bzc_where(verdict, "header (offset 0x202)");
}

static void check_major(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    uint16_t version = facts->image.version, swapped = (uint16_t)(version << 8 | version >> 8);
    uint64_t read;

    (void)run;
    if (!bzc_image_field(&facts->image, BZC_FIELD_VERSION, &read)) {
        bzc_skip(verdict, "explained by HDR-001: the file ends before version");
        return;
    }
    if (is_known_major(&facts->image))
        return;
    if (swapped >= FIRST_VERSION && swapped <= NEWEST_VERSION)
        bzc_fail(verdict, "the bytes of the protocol version are swapped");
    else
        bzc_fail(verdict, "the protocol version is not 2.x, which is all that HdrS ever came with");
    bzc_where(verdict, "version (offset 0x206)");
    bzc_expected(verdict, "0x%04x to 0x%04x", FIRST_VERSION, NEWEST_VERSION);
    bzc_actual(verdict, "0x%04x", version);
}

static void check_known(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    (void)run;
    if (!is_known_major(&facts->image)) {
        bzc_skip(verdict, "explained by HDR-005: the version is not 2.x");
        return;
    }
    if (facts->image.version <= NEWEST_VERSION)
        return;
    bzc_fail(verdict, "the protocol version is newer than those that bzcheck knows: its new fields are not checked");
    bzc_where(verdict, "version (offset 0x206)");
    bzc_expected(verdict, "at most 0x%04x", NEWEST_VERSION);
    bzc_actual(verdict, "0x%04x", facts->image.version);
}

static void check_burnt(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                        struct bzc_verdict *verdict)
{
    (void)run;
    if (facts->image.version != BURNT_VERSION)
        return;
    bzc_fail(verdict, "protocol 2.14 was given up and must not be used");
    bzc_where(verdict, "version (offset 0x206)");
    bzc_expected(verdict, "0x020d (2.13) or 0x%04x (2.15)", NEWEST_VERSION);
    bzc_actual(verdict, "0x%04x", facts->image.version);
}

static void check_jump(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    unsigned opcode = field(&facts->image, BZC_FIELD_JUMP) & 0xff;

    (void)run;
    if (opcode == JUMP_OPCODE)
        return;
    bzc_fail(verdict, "the 16-bit entry is not a short jump, whose second byte tells where the header ends");
    bzc_where(verdict, "jump (offset 0x200)");
    bzc_expected(verdict, "0x%02x", JUMP_OPCODE);
    bzc_actual(verdict, "0x%02x", opcode);
}

/* The second byte of the jump; false, with the reason to skip said, when there is none to speak of. */
static bool read_jump(const struct bzc_image *image, struct bzc_verdict *verdict, unsigned *offset)
{
    uint64_t jump = field(image, BZC_FIELD_JUMP);

    *offset = (unsigned)(jump >> 8);
    if ((jump & 0xff) == JUMP_OPCODE)
        return true;
    bzc_skip(verdict, "explained by HDR-008: there is no short jump");
    return false;
}

static void check_jump_target(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                              struct bzc_verdict *verdict)
{
    static const uint8_t nothing[16];
    struct bzc_bytes target;
    unsigned offset;

    (void)run;
    if (!read_jump(&facts->image, verdict, &offset))
        return;
    target = bzc_bytes_slice(facts->image.realmode, JUMP_END + offset, sizeof(nothing));
    if (offset > JUMP_MAX) {
        bzc_fail(verdict, "the jump at the 16-bit entry goes backwards, to offset 0x%x: not to setup code",
                 JUMP_END + offset - 0x100);
        bzc_where(verdict, "second byte of jump (offset 0x201)");
        bzc_expected(verdict, "at most 0x%02x", JUMP_MAX);
        bzc_actual(verdict, "0x%02x", offset);
    } else if (target.size == 0) {
        bzc_skip(verdict, "explained by %s: the file ends before it", bzc_cut_rule(&facts->image));
    } else if (memcmp(target.data, nothing, target.size) == 0) {
        bzc_fail(verdict, "the 16-bit entry jumps to a place where there is no code");
        bzc_where(verdict, "offset 0x%x", JUMP_END + offset);
        bzc_expected(verdict, "setup code");
        bzc_actual(verdict, "%zu bytes of 0", target.size);
    }
}

/* The field of this version that ends last. */
static const struct bzc_field *last_field(uint16_t version)
{
    const struct bzc_field *last = bzc_field(BZC_FIELD_VERSION);

    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        if (bzc_fields[i].since <= version && bzc_fields[i].offset > last->offset)
            last = &bzc_fields[i];
    }
    return last;
}

static void check_length(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                         struct bzc_verdict *verdict)
{
    const struct bzc_field *last = last_field(facts->image.version);
    unsigned offset, needed = last->offset + last->size - JUMP_END;

    (void)run;
    if (!is_known_major(&facts->image)) {
        bzc_skip(verdict, "explained by HDR-005: the version is not 2.x");
        return;
    }
    if (!read_jump(&facts->image, verdict, &offset) || offset >= needed)
        return;
    bzc_fail(verdict, "the header ends at 0x%x, before the fields that its version defines", JUMP_END + offset);
    bzc_where(verdict, "second byte of jump (offset 0x201)");
    bzc_expected(verdict, "at least 0x%02x (%s ends at 0x%x)", needed, last->name, JUMP_END + needed);
    bzc_actual(verdict, "0x%02x", offset);
}

/* The field that this version defines at an offset, or NULL. */
static const struct bzc_field *field_at(uint16_t version, unsigned offset)
{
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        if (bzc_fields[i].since <= version && offset - bzc_fields[i].offset < bzc_fields[i].size &&
            offset >= bzc_fields[i].offset)
            return &bzc_fields[i];
    }
    return NULL;
}

static void say_undefined(const struct bzc_image *image, unsigned first, unsigned count, struct bzc_verdict *verdict)
{
    const struct bzc_field *later = field_at(UINT16_MAX, first);
    char protocol[8];

    bzc_image_protocol_text(image, protocol);
    bzc_fail(verdict, "bytes inside the header that protocol %s does not define are not zero", protocol);
    if (later)
        bzc_where(verdict, "offset 0x%x (%s since %u.%02u)", first, later->name, later->since >> 8,
                  later->since & 0xffu);
    else
        bzc_where(verdict, "offset 0x%x", first);
    bzc_expected(verdict, "0x00");
    bzc_actual(verdict, "0x%02x; %u such %s", image->file.data[first], count, count == 1 ? "byte" : "bytes");
}

static void check_undefined(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                            struct bzc_verdict *verdict)
{
    const struct bzc_image *image = &facts->image;
    unsigned offset, first = 0, count = 0;

    (void)run;
    if (image->version == BURNT_VERSION || image->version > NEWEST_VERSION) {
        bzc_skip(verdict, "explained by HDR-00%c: what this version defines is not known",
                 image->version == BURNT_VERSION ? '7'
                 : is_known_major(image)         ? '6'
                                                 : '5');
        return;
    }
    if (!read_jump(image, verdict, &offset))
        return;
    if (offset > JUMP_MAX) {
        bzc_skip(verdict, "explained by HDR-009: the jump does not tell where the header ends");
        return;
    }
    for (unsigned at = HEADER_START; at < JUMP_END + offset && at < image->file.size; at++) {
        if (image->file.data[at] == 0 || field_at(image->version, at))
            continue;
        if (count++ == 0)
            first = at;
    }
    if (count > 0)
        say_undefined(image, first, count, verdict);
}

static const struct bzc_rule rules[] = {
    {
        .id = "HDR-001",
        .name = "image-complete",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the file holds the whole real-mode and protected-mode part",
        .spec = "boot.rst, Details of Header Fields: setup_sects, syssize",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_complete,
    },
    {
        .id = "HDR-002",
        .name = "boot-flag",
        .severity = BZC_SEVERITY_ERROR,
        .title = "boot_flag is 0xaa55",
        .spec = "boot.rst, Details of Header Fields: boot_flag",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_boot_flag,
    },
    {
        .id = "HDR-003",
        .name = "header-magic",
        .severity = BZC_SEVERITY_ERROR,
        .title = "a setup header has the magic HdrS",
        .spec = "boot.rst, Details of Header Fields: header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_magic,
    },
    {
        .id = "HDR-004",
        .name = "header-present",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the image has a setup header: it speaks protocol 2.00 or later",
        .spec = "boot.rst, The Real-Mode Kernel Header",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE,
        .check = check_has_header,
    },
    {
        .id = "HDR-005",
        .name = "version-major",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the protocol version is 2.x",
        .spec = "boot.rst, Details of Header Fields: version",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_major,
    },
    {
        .id = "HDR-006",
        .name = "version-known",
        .severity = BZC_SEVERITY_NOTE,
        .title = "the protocol version is one that bzcheck knows",
        .spec = "boot.rst, The Linux/x86 Boot Protocol",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_known,
    },
    {
        .id = "HDR-007",
        .name = "version-burnt",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the protocol version is not 2.14, which was given up",
        .spec = "boot.rst, The Linux/x86 Boot Protocol",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_burnt,
    },
    {
        .id = "HDR-008",
        .name = "jump-opcode",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the 16-bit entry is a short jump",
        .spec = "boot.rst, Details of Header Fields: jump",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_jump,
    },
    {
        .id = "HDR-009",
        .name = "jump-target",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the 16-bit entry jumps forward, to setup code",
        .spec = "boot.rst, Details of Header Fields: jump",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_jump_target,
    },
    {
        .id = "HDR-010",
        .name = "header-length",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the header is long enough for the fields of its protocol version",
        .spec = "boot.rst, Details of Header Fields: jump",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_length,
    },
    {
        .id = "HDR-011",
        .name = "header-undefined-bytes",
        .severity = BZC_SEVERITY_NOTE,
        .title = "bytes inside the header that its protocol version does not define are zero",
        .spec = "boot.rst, The Real-Mode Kernel Header",
        .phase = BZC_PHASE_IMAGE,
        .since = FIRST_VERSION,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_HEADER,
        .check = check_undefined,
    },
};

const struct bzc_rule_family bzc_rules_hdr = {rules, sizeof(rules) / sizeof(rules[0])};
