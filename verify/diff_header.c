/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Setup header, declared entries and parts of the file of two images. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/field_bits.h"
#include "verify/diff_parts.h"

/* What a field says when it differs. */
struct field_rule {
    enum bzc_field_id field;
    enum bzc_diff_kind_id down, up; /* the value became lower, higher */
    bool decimal;
};

/* Fields without a row are of kind HEADER_OTHER. */
static const struct field_rule field_rules[] = {
    {BZC_FIELD_SETUP_SECTS, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, true},
    {BZC_FIELD_SYSSIZE, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_RAM_SIZE, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_BOOT_FLAG, BZC_DIFF_HEADER_BOOT_FLAG, BZC_DIFF_HEADER_BOOT_FLAG, false},
    {BZC_FIELD_JUMP, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_KERNEL_VERSION, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_HEAP_END_PTR, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_PAYLOAD_OFFSET, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_PAYLOAD_LENGTH, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, true},
    {BZC_FIELD_KERNEL_INFO_OFFSET, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_HANDOVER_OFFSET, BZC_DIFF_HEADER_SIZES, BZC_DIFF_HEADER_SIZES, false},
    {BZC_FIELD_CODE32_START, BZC_DIFF_HEADER_CODE32_START, BZC_DIFF_HEADER_CODE32_START, false},
    {BZC_FIELD_KERNEL_ALIGNMENT, BZC_DIFF_HEADER_KERNEL_ALIGNMENT, BZC_DIFF_HEADER_KERNEL_ALIGNMENT, false},
    {BZC_FIELD_MIN_ALIGNMENT, BZC_DIFF_HEADER_MIN_ALIGNMENT, BZC_DIFF_HEADER_MIN_ALIGNMENT, true},
    {BZC_FIELD_HARDWARE_SUBARCH, BZC_DIFF_HEADER_HARDWARE_SUBARCH, BZC_DIFF_HEADER_HARDWARE_SUBARCH, false},
    {BZC_FIELD_HARDWARE_SUBARCH_DATA, BZC_DIFF_HEADER_HARDWARE_SUBARCH, BZC_DIFF_HEADER_HARDWARE_SUBARCH, false},
    {BZC_FIELD_PREF_ADDRESS, BZC_DIFF_HEADER_PREF_ADDRESS, BZC_DIFF_HEADER_PREF_ADDRESS, false},
    {BZC_FIELD_INIT_SIZE, BZC_DIFF_HEADER_INIT_SIZE_SHRANK, BZC_DIFF_HEADER_INIT_SIZE_GREW, false},
};

/* Fields whose absence has a meaning that the parser knows: compare_promises() speaks of them. */
static bool is_promise(enum bzc_field_id id)
{
    return id == BZC_FIELD_VERSION || id == BZC_FIELD_HEADER || id == BZC_FIELD_XLOADFLAGS ||
           id == BZC_FIELD_LOADFLAGS || id == BZC_FIELD_RELOCATABLE_KERNEL || id == BZC_FIELD_CMDLINE_SIZE ||
           id == BZC_FIELD_INITRD_ADDR_MAX;
}

static void compare_field(struct bzc_diff_work *work, const struct bzc_field *field, uint64_t before, uint64_t after)
{
    struct field_rule rule = {field->id, BZC_DIFF_HEADER_OTHER, BZC_DIFF_HEADER_OTHER, false};
    enum bzc_diff_kind_id kind;

    for (size_t i = 0; i < sizeof(field_rules) / sizeof(field_rules[0]); i++)
        if (field_rules[i].field == field->id)
            rule = field_rules[i];
    kind = after < before ? rule.down : rule.up;
    if (field->id == BZC_FIELD_HANDOVER_OFFSET && before != 0 && after == 0)
        kind = BZC_DIFF_HEADER_HANDOVER_OFFSET_GONE;
    if (rule.decimal)
        bzc_diff_add_number(work, kind, field->name, before, after);
    else
        bzc_diff_add_hex(work, kind, field->name, before, after);
}

/* ---- flags ---- */

/* What a loader does when xloadflags lost the bit; NULL where the kind's words are enough. */
static const char *without_flag(uint64_t bit)
{
    switch (bit) {
    case BZC_XLF_KERNEL_64:
        return "loaders that enter the image in 64-bit mode refuse it";
    case BZC_XLF_CAN_BE_LOADED_ABOVE_4G:
        return "loaders that place it, its command line or its initrd above 4 GiB refuse it";
    case BZC_XLF_EFI_HANDOVER_32:
        return "32-bit EFI loaders that use the handover entry cannot start it";
    case BZC_XLF_EFI_HANDOVER_64:
        return "64-bit EFI loaders that use the handover entry cannot start it";
    case BZC_XLF_EFI_KEXEC:
        return "a kernel that kexec starts from EFI has no EFI services";
    case BZC_XLF_5LEVEL:
    case BZC_XLF_5LEVEL_ENABLED:
        return "kexec from a kernel with 5-level page tables refuses it";
    default:
        return NULL;
    }
}

static void compare_xloadflags(struct bzc_diff_work *work, uint64_t before, uint64_t after)
{
    for (uint64_t bit = 1; bit <= 0x8000; bit <<= 1) {
        const struct bzc_field_bit *row = bzc_field_bit(BZC_FIELD_XLOADFLAGS, bit);
        const char *meaning = without_flag(bit);
        bool lost = (before & bit) != 0;
        struct bzc_difference *difference;

        if (((before ^ after) & bit) == 0)
            continue;
        if (row)
            difference = bzc_diff_add(work, lost ? BZC_DIFF_HEADER_XLOADFLAGS_LOST : BZC_DIFF_HEADER_XLOADFLAGS_GAINED,
                                      "%s", row->name);
        else
            difference = bzc_diff_add(work, lost ? BZC_DIFF_HEADER_XLOADFLAGS_LOST : BZC_DIFF_HEADER_XLOADFLAGS_GAINED,
                                      "xloadflags bit 0x%" PRIx64, bit);
        snprintf(difference->before, sizeof(difference->before), "%s", lost ? "set" : "clear");
        snprintf(difference->after, sizeof(difference->after), "%s", lost ? "clear" : "set");
        if (lost && meaning)
            snprintf(difference->meaning, sizeof(difference->meaning), "%s", meaning);
    }
}

static const char *flag_names(enum bzc_field_id field, uint64_t value, char text[BZC_DIFF_TEXT])
{
    size_t used = (size_t)snprintf(text, BZC_DIFF_TEXT, "0x%02" PRIx64, value);

    for (uint64_t bit = 1; bit <= 0x80 && used < BZC_DIFF_TEXT; bit <<= 1) {
        const struct bzc_field_bit *row = bzc_field_bit(field, bit);

        if (value & bit && row)
            used += (size_t)snprintf(text + used, BZC_DIFF_TEXT - used, " %s", row->name);
    }
    return text;
}

/* ---- promises, which an older protocol version makes without having the field ---- */

static void compare_sizes(struct bzc_diff_work *work, const struct bzc_image *before, const struct bzc_image *after)
{
    bzc_diff_add_number(work,
                        after->cmdline_size < before->cmdline_size ? BZC_DIFF_HEADER_CMDLINE_SIZE_SHRANK
                                                                   : BZC_DIFF_HEADER_CMDLINE_SIZE_GREW,
                        "cmdline_size", before->cmdline_size, after->cmdline_size);
    bzc_diff_add_hex(work,
                     after->initrd_addr_max < before->initrd_addr_max ? BZC_DIFF_HEADER_INITRD_ADDR_MAX_LOWERED
                                                                      : BZC_DIFF_HEADER_INITRD_ADDR_MAX_RAISED,
                     "initrd_addr_max", before->initrd_addr_max, after->initrd_addr_max);
}

static void compare_promises(struct bzc_diff_work *work, const struct bzc_image *before, const struct bzc_image *after)
{
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];

    if (before->loadflags != after->loadflags)
        bzc_diff_add_values(work, BZC_DIFF_HEADER_LOADFLAGS, "loadflags",
                            flag_names(BZC_FIELD_LOADFLAGS, before->loadflags, old_text),
                            flag_names(BZC_FIELD_LOADFLAGS, after->loadflags, new_text));
    if (before->relocatable != after->relocatable)
        bzc_diff_add_values(
            work, before->relocatable ? BZC_DIFF_HEADER_RELOCATABLE_LOST : BZC_DIFF_HEADER_RELOCATABLE_GAINED,
            "relocatable_kernel", before->relocatable ? "yes" : "no", after->relocatable ? "yes" : "no");
    compare_xloadflags(work, before->xloadflags, after->xloadflags);
    compare_sizes(work, before, after);
}

void bzc_diff_header(struct bzc_diff_work *work)
{
    const struct bzc_image *before = &work->before->kernel->facts.image, *after = &work->after->kernel->facts.image;
    char old_version[8], new_version[8];

    bzc_image_protocol_text(before, old_version);
    bzc_image_protocol_text(after, new_version);
    bzc_diff_add_text(work,
                      after->version < before->version ? BZC_DIFF_HEADER_VERSION_DOWN : BZC_DIFF_HEADER_VERSION_UP,
                      "protocol version", old_version, new_version);
    compare_promises(work, before, after);
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++) {
        const struct bzc_field *field = &bzc_fields[i];
        uint64_t old_value, new_value;
        bool had = bzc_image_field(before, field->id, &old_value);
        bool has = bzc_image_field(after, field->id, &new_value);

        if (had && has && !is_promise(field->id)) {
            compare_field(work, field, old_value, new_value);
        } else if (had != has) {
            struct bzc_difference *difference =
                bzc_diff_add(work, had ? BZC_DIFF_HEADER_FIELD_GONE : BZC_DIFF_HEADER_FIELD_NEW, "%s", field->name);

            snprintf(had ? difference->before : difference->after, BZC_DIFF_TEXT, "0x%" PRIx64,
                     had ? old_value : new_value);
        }
    }
}

/* ---- ways in ---- */

static const struct bzc_entry_point *find_entry(const struct bzc_inspection *kernel, enum bzc_entry_kind kind)
{
    for (size_t i = 0; i < kernel->entry_count; i++)
        if (kernel->entry[i].kind == kind)
            return &kernel->entry[i];
    return NULL;
}

/* A flag or the PE headers declare it, and their difference is told. */
static bool is_explained(const struct bzc_diff_work *work, enum bzc_entry_kind kind)
{
    static const uint16_t flags[BZC_ENTRY_COUNT] = {
        [BZC_ENTRY_64BIT] = BZC_XLF_KERNEL_64,
        [BZC_ENTRY_HANDOVER_32] = BZC_XLF_EFI_HANDOVER_32,
        [BZC_ENTRY_HANDOVER_64] = BZC_XLF_EFI_HANDOVER_64,
    };
    const struct bzc_inspection *before = work->before->kernel, *after = work->after->kernel;

    if (kind == BZC_ENTRY_EFI)
        return before->facts.pe.present != after->facts.pe.present;
    return ((before->facts.image.xloadflags ^ after->facts.image.xloadflags) & flags[kind]) != 0;
}

void bzc_diff_entries(struct bzc_diff_work *work)
{
    for (int i = 0; i < BZC_ENTRY_COUNT; i++) {
        enum bzc_entry_kind kind = (enum bzc_entry_kind)i;
        const struct bzc_entry_point *before = find_entry(work->before->kernel, kind);
        const struct bzc_entry_point *after = find_entry(work->after->kernel, kind);
        char subject[64];

        snprintf(subject, sizeof(subject), "%s entry", bzc_entry_kind_name(kind));
        if (!before != !after) {
            if (!is_explained(work, kind))
                bzc_diff_add_values(work, before ? BZC_DIFF_ENTRY_LOST : BZC_DIFF_ENTRY_GAINED, subject,
                                    before ? "declared" : "", after ? "declared" : "");
        } else if (before && before->in_file && after->in_file) {
            bzc_diff_add_hex(work, BZC_DIFF_ENTRY_OFFSET, subject, before->offset, after->offset);
        } else if (before && before->in_file != after->in_file) {
            bzc_diff_add_values(work, before->in_file ? BZC_DIFF_ENTRY_LOST : BZC_DIFF_ENTRY_GAINED, subject,
                                before->in_file ? "in the file" : "not in the file",
                                after->in_file ? "in the file" : "not in the file");
        }
    }
}

/* ---- parts of the file ---- */

/* The n-th part of this kind and name, NULL when there are not so many. */
static const struct bzc_part *find_part(const struct bzc_layout *layout, const struct bzc_part *like, size_t n)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct bzc_part *part = &layout->part[i];

        if (part->kind == like->kind && strcmp(part->name, like->name) == 0 && n-- == 0)
            return part;
    }
    return NULL;
}

static size_t number_of(const struct bzc_layout *layout, size_t index)
{
    const struct bzc_part *part = &layout->part[index];
    size_t n = 0;

    for (size_t i = 0; i < index; i++)
        n += layout->part[i].kind == part->kind && strcmp(layout->part[i].name, part->name) == 0;
    return n;
}

/* What lies between the parts that mean something; and the inside of the payload, of which its size tells enough. */
static bool is_filler(const struct bzc_part *part)
{
    return part->kind == BZC_PART_ZEROS || part->kind == BZC_PART_REST || part->kind == BZC_PART_STREAM ||
           part->kind == BZC_PART_SIZE_WORD;
}

static void describe_part(const struct bzc_part *part, char text[BZC_DIFF_TEXT])
{
    snprintf(text, BZC_DIFF_TEXT, "%" PRIu64 " bytes at 0x%" PRIx64, part->size, part->offset);
}

static void compare_part(struct bzc_diff_work *work, const struct bzc_part *before, const struct bzc_part *after)
{
    char old_text[BZC_DIFF_TEXT], new_text[BZC_DIFF_TEXT];

    describe_part(before, old_text);
    describe_part(after, new_text);
    if (before->size != after->size)
        bzc_diff_add_values(work, BZC_DIFF_LAYOUT_PART_SIZE, before->name, old_text, new_text);
    else if (before->offset != after->offset && before->depth == 0)
        bzc_diff_add_values(work, BZC_DIFF_LAYOUT_PART_MOVED, before->name, old_text, new_text);
}

/* Told already: there are PE headers in only one of the two. */
static bool is_of_pe(const struct bzc_part *part)
{
    return part->kind == BZC_PART_DOS_HEADER || part->kind == BZC_PART_PE_HEADERS || part->kind == BZC_PART_PE_SECTION;
}

/* Where the number of signatures differs, that is what there is to tell. */
static bool is_of_signatures(const struct bzc_diff_work *work, const struct bzc_part *part)
{
    return (part->kind == BZC_PART_CERTIFICATES || part->kind == BZC_PART_SIGNATURE) &&
           work->before->file->signatures.count != work->after->file->signatures.count;
}

void bzc_diff_layout(struct bzc_diff_work *work)
{
    const struct bzc_inspection *before = work->before->file, *after = work->after->file;
    bool pe_differs = before->facts.pe.present != after->facts.pe.present;
    char text[BZC_DIFF_TEXT];

    /* A unified kernel image has nothing in common with the image inside but by chance. */
    if (before->is_image != after->is_image)
        return;
    for (size_t i = 0; i < before->layout.count; i++) {
        const struct bzc_part *part = &before->layout.part[i];
        const struct bzc_part *other = find_part(&after->layout, part, number_of(&before->layout, i));

        if (is_filler(part) || (pe_differs && is_of_pe(part)))
            continue;
        describe_part(part, text);
        if (other)
            compare_part(work, part, other);
        else
            bzc_diff_add_values(work,
                                is_of_signatures(work, part) ? BZC_DIFF_LAYOUT_SIGNATURE : BZC_DIFF_LAYOUT_PART_GONE,
                                part->name, text, "");
    }
    for (size_t i = 0; i < after->layout.count; i++) {
        const struct bzc_part *part = &after->layout.part[i];

        if (is_filler(part) || (pe_differs && is_of_pe(part)) ||
            find_part(&before->layout, part, number_of(&after->layout, i)))
            continue;
        describe_part(part, text);
        bzc_diff_add_values(work, is_of_signatures(work, part) ? BZC_DIFF_LAYOUT_SIGNATURE : BZC_DIFF_LAYOUT_PART_NEW,
                            part->name, "", text);
    }
}
