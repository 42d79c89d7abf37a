/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/uki.h"

#include <jansson.h>
#include <string.h>

static bool is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

static bool is_hex(const json_t *value)
{
    static const char digits[] = "0123456789abcdefABCDEF";

    return is_text(value) && strspn(json_string_value(value), digits) == json_string_length(value);
}

static bool is_list_of_pcrs(const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) == 0)
        return false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *pcr = json_array_get(value, i);

        if (!json_is_integer(pcr) || json_integer_value(pcr) < 0 || json_integer_value(pcr) > 23)
            return false;
    }
    return true;
}

static enum bzc_status check_measurement(const char *bank, size_t index, const json_t *measurement,
                                         struct bzc_error *err)
{
    static const struct {
        const char *name;
        bool (*check)(const json_t *value);
        const char *meaning;
    } member[] = {
        {"pcrs", is_list_of_pcrs, "a list of PCR numbers"},
        {"pkfp", is_hex, "the key's fingerprint in hex"},
        {"pol", is_hex, "the policy digest in hex"},
        {"sig", is_text, "a signature in base64"},
    };

    if (!json_is_object(measurement))
        return bzc_error_set(err, BZC_ERR_FORMAT, "entry %zu of bank \"%.40s\" is no object", index, bank);
    for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++) {
        if (!member[i].check(json_object_get(measurement, member[i].name)))
            return bzc_error_set(err, BZC_ERR_FORMAT, "\"%s\" of entry %zu of bank \"%.40s\" is not %s", member[i].name,
                                 index, bank, member[i].meaning);
    }
    return BZC_OK;
}

static enum bzc_status check_banks(json_t *root, struct bzc_error *err)
{
    if (!json_is_object(root))
        return bzc_error_set(err, BZC_ERR_FORMAT, "it is no JSON object");
    for (void *at = json_object_iter(root); at; at = json_object_iter_next(root, at)) {
        const char *bank = json_object_iter_key(at);
        const json_t *list = json_object_iter_value(at);

        if (!json_is_array(list))
            return bzc_error_set(err, BZC_ERR_FORMAT, "bank \"%.40s\" is no array", bank);
        for (size_t i = 0; i < json_array_size(list); i++) {
            enum bzc_status status = check_measurement(bank, i, json_array_get(list, i), err);

            if (status != BZC_OK)
                return status;
        }
    }
    return BZC_OK;
}

enum bzc_status bzc_uki_check_pcrsig(struct bzc_bytes section, struct bzc_error *err)
{
    enum bzc_status status;
    json_error_t problem;
    json_t *root;

    if (section.size > BZC_PCRSIG_SIZE_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "it has over %u bytes", BZC_PCRSIG_SIZE_MAX);
    while (section.size > 0 && section.data[section.size - 1] == 0)
        section.size--;
    if (section.size == 0)
        return bzc_error_set(err, BZC_ERR_FORMAT, "it is empty");
    root = json_loadb((const char *)section.data, section.size, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        return bzc_error_set(err, BZC_ERR_FORMAT, "it is no JSON: line %d, %s", problem.line, problem.text);
    status = check_banks(root, err);
    json_decref(root);
    return status;
}
