/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/boot_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "tools/bzcheck/command.h"
#include "tools/bzcheck/loader_option.h"

#define TYPE_SIZE      32u
#define SETUP_TYPE_MAX 0x7fffffffu /* bit 31 marks a type in a setup_indirect */
#define INDIRECT       "indirect:"

static int take_as(struct bzc_verify_options *options, const char *about, const char *text)
{
    struct bzc_chosen_loader *chosen;

    if (options->as_count == BZC_CHOICES_MAX)
        return bzc_usage_error(about, "--as: more than %d times", BZC_CHOICES_MAX);
    chosen = calloc(1, sizeof(*chosen));
    if (!chosen) {
        bzc_complain("bzcheck", "--as: no memory");
        return BZC_EXIT_UNKNOWN;
    }
    options->as[options->as_count++] = &chosen->loader;
    return bzc_loader_option_read(about, text, chosen);
}

/* TYPE=FILE or indirect:TYPE=FILE */
static int take_setup_data(struct bzc_verify_options *options, const char *about, const char *text)
{
    struct bzc_setup_data *node = &options->setup_data[options->setup_data_count];
    const char *type = strncmp(text, INDIRECT, strlen(INDIRECT)) == 0 ? text + strlen(INDIRECT) : text;
    const char *equals = strchr(type, '=');
    struct bzc_error err = {0};
    char number[TYPE_SIZE] = "";
    uint64_t value;

    if (options->setup_data_count == BZC_SETUP_DATA_MAX)
        return bzc_usage_error(about, "--setup-data: more than %d times", BZC_SETUP_DATA_MAX);
    if (equals && (size_t)(equals - type) < sizeof(number))
        memcpy(number, type, (size_t)(equals - type));
    if (!bzc_number_parse(number, &value) || value == 0 || value > SETUP_TYPE_MAX || equals[1] == '\0')
        return bzc_usage_error(about, "--setup-data: '%s' is not TYPE=FILE with a type from 1 to 0x%x", text,
                               SETUP_TYPE_MAX);
    *node = (struct bzc_setup_data){.type = (uint32_t)value, .indirect = type != text};
    if (bzc_file_read(equals + 1, BZC_SETUP_DATA_BYTES, &node->data, &err) != BZC_OK) {
        bzc_complain("bzcheck", "--setup-data: %s", err.message);
        return BZC_EXIT_UNKNOWN;
    }
    options->setup_data_count++;
    return -1;
}

static int take_rsdp(struct bzc_verify_options *options, const char *about, const char *text)
{
    if (!bzc_number_parse(text, &options->acpi_rsdp_addr) || options->acpi_rsdp_addr == 0)
        return bzc_usage_error(about, "--rsdp: '%s' is no address", text);
    return -1;
}

static int take_subarch(struct bzc_verify_options *options, const char *about, const char *text)
{
    uint64_t number;

    if (!bzc_number_parse(text, &number) || number > UINT32_MAX)
        return bzc_usage_error(about, "--subarch: '%s' is no number from 0 to 0x%x", text, UINT32_MAX);
    options->has_hardware_subarch = true;
    options->hardware_subarch = (uint32_t)number;
    return -1;
}

bool bzc_boot_option_is(int option)
{
    return option >= BZC_OPTION_AS && option <= BZC_OPTION_SUBARCH;
}

int bzc_boot_option_take(struct bzc_verify_options *options, const char *about, int option, const char *text)
{
    switch (option) {
    case BZC_OPTION_AS:
        return take_as(options, about, text);
    case BZC_OPTION_SETUP_DATA:
        return take_setup_data(options, about, text);
    case BZC_OPTION_RSDP:
        return take_rsdp(options, about, text);
    default:
        return take_subarch(options, about, text);
    }
}

void bzc_boot_options_free(struct bzc_verify_options *options)
{
    for (size_t i = 0; i < options->as_count; i++) {
        /* take_as() made it: the loader is the first member */
        struct bzc_chosen_loader *chosen = (struct bzc_chosen_loader *)(uintptr_t)options->as[i];

        bzc_chosen_loader_clear(chosen);
        free(chosen);
    }
    for (size_t i = 0; i < options->setup_data_count; i++)
        free((void *)(uintptr_t)options->setup_data[i].data.data);
    options->as_count = options->setup_data_count = 0;
}
