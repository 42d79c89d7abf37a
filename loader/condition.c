/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/condition.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "loader/compression.h"
#include "loader/elf_notes.h"

#define WORD_SIZE       64u
#define PARAGRAPH       16u
#define EI_ABIVERSION   8u
#define JMP_REL8        0xebu
#define ANY_VERSION     0xffffu
#define HEADER_END_AT   0x201u
#define HEADER_MAGIC_AT 0x202u
#define LOADED_HIGH_AT  0x100000u
#define LOADED_LOW_AT   0x1000u /* where setup moves the protected-mode part of a zImage */
#define PAYLOAD_SINCE   0x0208u

static const char *const fact_names[BZC_FACT_COUNT] = {
    [BZC_FACT_VERSION] = "version",         [BZC_FACT_HDRS] = "HdrS",
    [BZC_FACT_LOADED_HIGH] = "loaded-high", [BZC_FACT_KERNEL_64] = "kernel-64",
    [BZC_FACT_ABOVE_4G] = "above-4g",       [BZC_FACT_RELOCATABLE] = "relocatable",
    [BZC_FACT_SETUP_SIZE] = "setup-size",   [BZC_FACT_PM_SIZE] = "pm-size",
    [BZC_FACT_FILE_SIZE] = "file-size",     [BZC_FACT_HEADER_END] = "header-end",
    [BZC_FACT_PAYLOAD] = "payload",         [BZC_FACT_PAYLOAD_ELF] = "payload-elf",
    [BZC_FACT_PVH_NOTE] = "pvh-note",       [BZC_FACT_XEN_NOTES] = "xen-notes",
    [BZC_FACT_COMPRESSION] = "compression", [BZC_FACT_PE] = "pe",
    [BZC_FACT_PE_MACHINE] = "pe-machine",   [BZC_FACT_ELF_HEAD] = "elf-head",
    [BZC_FACT_MOVED_ENTRY] = "moved-entry", [BZC_FACT_INITRD] = "initrd",
    [BZC_FACT_CMDLINE] = "cmdline",         [BZC_FACT_RAW_VERSION] = "raw-version",
    [BZC_FACT_SHORT_FILE] = "short-file",   [BZC_FACT_ELF_HEAD_CODE] = "elf-head-code",
};

/* ---- parsing ---- */

static bool is_operator_char(char c)
{
    return c != '\0' && strchr("=!<>&", c) != NULL;
}

/*
 * The next word, a run of operator characters or of any others; "" at the end. What is longer than any word that means
 * something is cut, which keeps it meaningless.
 */
static void next_word(const char **at, char word[WORD_SIZE])
{
    const char *start = *at + strspn(*at, " \t"), *end = start;
    bool is_operator = is_operator_char(*start);
    size_t length;

    while (*end != '\0' && *end != ' ' && *end != '\t' && is_operator_char(*end) == is_operator)
        end++;
    length = (size_t)(end - start);
    length = length < WORD_SIZE - 1 ? length : WORD_SIZE - 1;
    memcpy(word, start, length);
    word[length] = '\0';
    *at = end;
}

/* A fact, or a field; false when it is neither. */
static bool find_name(const char *name, bool *is_field, enum bzc_field_id *id, enum bzc_subject_fact *fact)
{
    const struct bzc_field *field;

    for (unsigned i = 0; i < BZC_FACT_COUNT; i++) {
        if (strcmp(fact_names[i], name) == 0) {
            *fact = (enum bzc_subject_fact)i;
            return true;
        }
    }
    field = bzc_field_by_name(name);
    if (!field)
        return false;
    *is_field = true;
    *id = field->id;
    return true;
}

static enum bzc_status parse_name(const char *name, struct bzc_term *term, struct bzc_error *err)
{
    if (!find_name(name, &term->is_field, &term->field, &term->fact))
        return bzc_error_set(err, BZC_ERR_FORMAT, "a condition knows no '%s'", name);
    return BZC_OK;
}

static bool parse_operator(const char *word, enum bzc_operator *op)
{
    static const struct {
        const char *word;
        enum bzc_operator op;
    } operators[] = {
        {"=", BZC_OP_EQ}, {"!=", BZC_OP_NE}, {"<", BZC_OP_LT},  {"<=", BZC_OP_LE},
        {">", BZC_OP_GT}, {">=", BZC_OP_GE}, {"&", BZC_OP_AND},
    };

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strcmp(operators[i].word, word) == 0) {
            *op = operators[i].op;
            return true;
        }
    }
    return false;
}

/* "2.05" is 0x0205, "2.15" is 0x020f. */
static bool parse_version(const char *word, uint64_t *value)
{
    const char *point = strchr(word, '.');
    char *end;
    unsigned long major, minor;

    if (!point)
        return strncmp(word, "0x", 2) == 0 && bzc_number_parse(word, value);
    if (!isdigit((unsigned char)word[0]) || !isdigit((unsigned char)point[1]) || !isdigit((unsigned char)point[2]))
        return false;
    major = strtoul(word, &end, 10);
    if (end != point)
        return false;
    minor = strtoul(point + 1, &end, 10);
    *value = major << 8 | minor;
    return *end == '\0' && end == point + 3 && major <= 0xff;
}

static bool parse_compression(const char *word, uint64_t *value)
{
    for (unsigned i = BZC_COMPRESSION_UNKNOWN; i <= BZC_COMPRESSION_ZSTD; i++) {
        if (strcmp(bzc_compression_name((enum bzc_compression)i), word) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static enum bzc_status parse_value(const char *name, const char *word, struct bzc_term *term, struct bzc_error *err)
{
    bool is_compression = !term->is_field && term->fact == BZC_FACT_COMPRESSION;

    term->by_name = !is_compression && find_name(word, &term->other_is_field, &term->other_field, &term->other_fact);
    if (term->by_name)
        return BZC_OK;
    if (word[0] == '\0')
        return bzc_error_set(err, BZC_ERR_FORMAT, "what '%s' is compared with is missing", name);
    if (is_compression && term->op != BZC_OP_EQ && term->op != BZC_OP_NE)
        return bzc_error_set(err, BZC_ERR_FORMAT, "'compression' is compared with = and != only");
    if (is_compression) {
        if (!parse_compression(word, &term->value))
            return bzc_error_set(err, BZC_ERR_FORMAT, "there is no compression '%s'", word);
        return BZC_OK;
    }
    if (!term->is_field && term->fact == BZC_FACT_VERSION) {
        if (!parse_version(word, &term->value))
            return bzc_error_set(err, BZC_ERR_FORMAT, "'%s' is no protocol version such as 2.05", word);
        return BZC_OK;
    }
    if (!bzc_number_parse(word, &term->value))
        return bzc_error_set(err, BZC_ERR_FORMAT, "'%s' is no number", word);
    if (term->is_field && bzc_field(term->field)->size < 8 && term->value >> (8 * bzc_field(term->field)->size))
        return bzc_error_set(err, BZC_ERR_FORMAT, "%s does not fit into %s, which has %u byte%s", word, name,
                             bzc_field(term->field)->size, bzc_field(term->field)->size == 1 ? "" : "s");
    return BZC_OK;
}

/* One term from *at on; `word` then holds what follows it: "and", or "" at the end. */
static enum bzc_status parse_term(const char **at, char word[WORD_SIZE], struct bzc_term *term, struct bzc_error *err)
{
    char name[WORD_SIZE];
    enum bzc_status status;

    *term = (struct bzc_term){.op = BZC_OP_IS_SET};
    next_word(at, name);
    if (strcmp(name, "not") == 0) {
        term->negated = true;
        next_word(at, name);
    }
    if (name[0] == '\0')
        return bzc_error_set(err, BZC_ERR_FORMAT, "the condition ends where a name is missing");
    status = parse_name(name, term, err);
    if (status != BZC_OK)
        return status;
    next_word(at, word);
    if (!is_operator_char(word[0]))
        return BZC_OK;
    if (!parse_operator(word, &term->op))
        return bzc_error_set(err, BZC_ERR_FORMAT, "there is no operator '%s'", word);
    next_word(at, word);
    status = parse_value(name, word, term, err);
    next_word(at, word);
    return status;
}

enum bzc_status bzc_condition_parse(const char *text, struct bzc_condition *condition, struct bzc_error *err)
{
    char word[WORD_SIZE] = "and";

    *condition = (struct bzc_condition){0};
    while (strcmp(word, "and") == 0) {
        struct bzc_term term;
        enum bzc_status status = parse_term(&text, word, &term, err);

        if (status != BZC_OK)
            return status;
        if (condition->count == BZC_CONDITION_TERMS_MAX)
            return bzc_error_set(err, BZC_ERR_LIMIT, "a condition has more than %d terms", BZC_CONDITION_TERMS_MAX);
        condition->term[condition->count++] = term;
    }
    if (word[0] != '\0')
        return bzc_error_set(err, BZC_ERR_FORMAT, "'%s' stands where a condition has 'and' or ends", word);
    return BZC_OK;
}

/* ---- what is asked about ---- */

static bool has_xen_note(const struct bzc_elf *kernel, uint32_t type)
{
    struct bzc_elf_note note;

    return kernel && bzc_elf_find_note(kernel, "Xen", type, &note);
}

/* Of the file, whatever its version says; 0 when the file ends before it. */
static uint64_t raw_field(const struct bzc_image *image, enum bzc_field_id id)
{
    uint64_t value;

    return bzc_field_read(image->file, ANY_VERSION, id, &value) ? value : 0;
}

static uint64_t header_end(const struct bzc_image *image)
{
    uint8_t jump;

    return HEADER_MAGIC_AT + (bzc_bytes_u8(image->file, HEADER_END_AT, &jump) ? jump : 0);
}

static uint64_t fact(const struct bzc_subject *subject, enum bzc_subject_fact id)
{
    const struct bzc_image *image = subject->image;
    bool high = image->loadflags & BZC_LOADED_HIGH;
    uint64_t end;

    switch (id) {
    case BZC_FACT_VERSION:
        return image->version;
    case BZC_FACT_HDRS:
        return image->has_header;
    case BZC_FACT_LOADED_HIGH:
        return high;
    case BZC_FACT_KERNEL_64:
        return (image->xloadflags & BZC_XLF_KERNEL_64) != 0;
    case BZC_FACT_ABOVE_4G:
        return (image->xloadflags & BZC_XLF_CAN_BE_LOADED_ABOVE_4G) != 0;
    case BZC_FACT_RELOCATABLE:
        return image->relocatable;
    case BZC_FACT_SETUP_SIZE:
        return image->realmode_size;
    case BZC_FACT_PM_SIZE:
        return image->pm.size;
    case BZC_FACT_FILE_SIZE:
        return image->file.size;
    case BZC_FACT_HEADER_END:
        return header_end(image);
    case BZC_FACT_PAYLOAD:
        return image->version >= PAYLOAD_SINCE && raw_field(image, BZC_FIELD_PAYLOAD_OFFSET) != 0;
    case BZC_FACT_PAYLOAD_ELF:
        return subject->kernel ? subject->kernel->bits : 0;
    case BZC_FACT_PVH_NOTE:
        return has_xen_note(subject->kernel, BZC_NOTE_XEN_PHYS32_ENTRY);
    case BZC_FACT_XEN_NOTES:
        return has_xen_note(subject->kernel, BZC_NOTE_XEN_GUEST_OS) &&
               has_xen_note(subject->kernel, BZC_NOTE_XEN_XEN_VERSION);
    case BZC_FACT_COMPRESSION:
        return image->compression;
    case BZC_FACT_PE:
        return subject->pe->present;
    case BZC_FACT_PE_MACHINE:
        return subject->pe->present ? subject->pe->machine : 0;
    case BZC_FACT_ELF_HEAD:
        return bzc_elf_is(image->pm);
    case BZC_FACT_MOVED_ENTRY:
        return image->code32_start != (high ? LOADED_HIGH_AT : LOADED_LOW_AT);
    case BZC_FACT_INITRD:
        return subject->initrd_size;
    case BZC_FACT_CMDLINE:
        return subject->cmdline_length;
    case BZC_FACT_RAW_VERSION:
        return raw_field(image, BZC_FIELD_VERSION);
    case BZC_FACT_SHORT_FILE:
        end = image->realmode_size + PARAGRAPH * raw_field(image, BZC_FIELD_SYSSIZE);
        return end > image->file.size ? end - image->file.size : 0;
    case BZC_FACT_ELF_HEAD_CODE: /* what loader/wrap_front.c puts there: EI_ABIVERSION begins a jump */
        return bzc_elf_is(image->pm) && image->pm.size > EI_ABIVERSION && image->pm.data[EI_ABIVERSION] == JMP_REL8;
    case BZC_FACT_COUNT:
        break;
    }
    return 0;
}

static bool compare(uint64_t value, enum bzc_operator op, uint64_t with)
{
    switch (op) {
    case BZC_OP_IS_SET:
        return value != 0;
    case BZC_OP_EQ:
        return value == with;
    case BZC_OP_NE:
        return value != with;
    case BZC_OP_LT:
        return value < with;
    case BZC_OP_LE:
        return value <= with;
    case BZC_OP_GT:
        return value > with;
    case BZC_OP_GE:
        return value >= with;
    case BZC_OP_AND:
        return value & with;
    }
    return false;
}

static uint64_t operand(const struct bzc_subject *subject, bool is_field, enum bzc_field_id id,
                        enum bzc_subject_fact which)
{
    return is_field ? raw_field(subject->image, id) : fact(subject, which);
}

static bool term_holds(const struct bzc_term *term, const struct bzc_subject *subject)
{
    uint64_t value = operand(subject, term->is_field, term->field, term->fact);
    uint64_t other = term->value;

    if (term->by_name)
        other = operand(subject, term->other_is_field, term->other_field, term->other_fact);
    return compare(value, term->op, other) != term->negated;
}

bool bzc_condition_holds(const struct bzc_condition *condition, const struct bzc_subject *subject)
{
    bool all = true;

    for (size_t i = 0; all && i < condition->count; i++)
        all = term_holds(&condition->term[i], subject);
    return all != condition->unless;
}
