/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/field_bits.h"
#include "report/info_field.h"
#include "report/info_json.h"

/* The bits that are set; null for a field that is a number. */
static json_t *flags_array(enum bzc_field_id id, uint64_t value, bool *failed)
{
    json_t *array;

    if (!bzc_field_has_bits(id))
        return json_null();
    array = json_array();
    for (uint64_t mask = 1; mask != 0; mask <<= 1) {
        const struct bzc_field_bit *bit = bzc_field_bit(id, mask);
        json_t *object;

        if ((value & mask) == 0)
            continue;
        object = json_object();
        bzc_json_set(object, "mask", bzc_json_address(mask), failed);
        bzc_json_set(object, "name", bzc_json_text(bit ? bit->name : NULL), failed);
        bzc_json_set(object, "meaning", bzc_json_text(bit ? bit->meaning : NULL), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *field_object(const struct bzc_image *image, const struct bzc_field *field, bool *failed)
{
    json_t *object = json_object();
    char words[BZC_INFO_FIELD_TEXT], since[8];
    uint64_t value = 0;
    bool present = bzc_image_field(image, field->id, &value);

    if (present)
        bzc_info_field_text(image, field->id, value, words);
    else
        bzc_info_field_absence(image, field->id, words);
    bzc_json_set(object, "name", json_string(field->name), failed);
    bzc_json_set(object, "offset", json_integer(field->offset), failed);
    bzc_json_set(object, "size", json_integer(field->size), failed);
    bzc_json_set(object, "access", json_string(bzc_info_access_name(field->access)), failed);
    bzc_json_set(object, "since", json_string(bzc_info_since_text(field->since, since)), failed);
    bzc_json_set(object, "value", present ? bzc_json_address(value) : json_null(), failed);
    bzc_json_set(object, "flags", present ? flags_array(field->id, value, failed) : json_null(), failed);
    bzc_json_set(object, "meaning", json_string(field->meaning), failed);
    bzc_json_set(object, "text", bzc_json_text(words), failed);
    return object;
}

json_t *bzc_info_json_header(const struct bzc_inspection *inspection, bool *failed)
{
    json_t *array;

    if (!inspection->is_image)
        return json_null();
    array = json_array();
    for (size_t i = 0; i < BZC_FIELD_COUNT; i++)
        bzc_json_append(array, field_object(&inspection->facts.image, &bzc_fields[i], failed), failed);
    return array;
}
