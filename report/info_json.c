/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/info_json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "report/info.h"

/* ---- parts of one image ---- */

static json_t *layout_array(const struct bzc_layout *layout, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < layout->count; i++) {
        const struct bzc_part *part = &layout->part[i];
        json_t *object = json_object();

        bzc_json_set(object, "kind", json_string(bzc_part_kind_name(part->kind)), failed);
        bzc_json_set(object, "name", bzc_json_text(part->name), failed);
        bzc_json_set(object, "offset", bzc_json_number(part->offset), failed);
        bzc_json_set(object, "size", bzc_json_number(part->size), failed);
        bzc_json_set(object, "depth", json_integer(part->depth), failed);
        bzc_json_set(object, "cut", json_boolean(part->cut), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *entries_array(const struct bzc_inspection *inspection, bool *failed)
{
    static const char *const kinds[] = {
        [BZC_ENTRY_16BIT] = "16-bit",
        [BZC_ENTRY_32BIT] = "32-bit",
        [BZC_ENTRY_64BIT] = "64-bit",
        [BZC_ENTRY_EFI] = "efi",
        [BZC_ENTRY_HANDOVER_32] = "efi-handover-32",
        [BZC_ENTRY_HANDOVER_64] = "efi-handover-64",
    };
    json_t *array = json_array();

    for (size_t i = 0; i < inspection->entry_count; i++) {
        const struct bzc_entry_point *entry = &inspection->entry[i];
        json_t *object = json_object();

        bzc_json_set(object, "kind", json_string(kinds[entry->kind]), failed);
        bzc_json_set(object, "offset", entry->in_file ? bzc_json_number(entry->offset) : json_null(), failed);
        bzc_json_append(array, object, failed);
    }
    return array;
}

static json_t *kernel_info_object(const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_kernel_info *info = &inspection->facts.kernel_info;
    json_t *object;

    if (!inspection->facts.has_kernel_info)
        return json_null();
    object = json_object();
    bzc_json_set(object, "offset", bzc_json_number(info->file_offset), failed);
    bzc_json_set(object, "size", bzc_json_number(info->size), failed);
    bzc_json_set(object, "size_total", bzc_json_number(info->size_total), failed);
    bzc_json_set(object, "setup_type_max",
                 info->has_setup_type_max ? bzc_json_address(info->setup_type_max) : json_null(), failed);
    return object;
}

static json_t *payload_object(const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_image *image = &inspection->facts.image;
    const struct bzc_oracle *oracle = inspection->oracle;
    bool scanned = image->payload_source == BZC_PAYLOAD_SCANNED;
    uint64_t size = scanned && oracle ? oracle->end.stream_size : image->payload_length;
    uint32_t declared = oracle ? oracle->end.declared_size : 0;
    json_t *object;

    if (image->payload_source == BZC_PAYLOAD_ABSENT)
        return json_null();
    object = json_object();
    bzc_json_set(object, "source", json_string(scanned ? "scanned" : "header"), failed);
    bzc_json_set(object, "compression", json_string(bzc_compression_name(image->compression)), failed);
    bzc_json_set(object, "offset", bzc_json_number(image->realmode_size + image->payload_offset), failed);
    bzc_json_set(object, "size", bzc_json_number(size), failed);
    bzc_json_set(object, "unpacked_size", oracle ? bzc_json_number(oracle->payload.size) : json_null(), failed);
    bzc_json_set(object, "declared_size", declared != 0 ? bzc_json_number(declared) : json_null(), failed);
    bzc_json_set(object, "dictionary",
                 inspection->facts.stream.dictionary != 0 ? bzc_json_number(inspection->facts.stream.dictionary)
                                                          : json_null(),
                 failed);
    bzc_json_set(object, "problem", bzc_json_text(oracle ? NULL : inspection->facts.oracle_error.message), failed);
    return object;
}

static json_t *checksum_object(const struct bzc_checksum *checksum, bool *failed)
{
    static const char *const states[] = {
        [BZC_CHECKSUM_ABSENT] = NULL,
        [BZC_CHECKSUM_GOOD] = "holds",
        [BZC_CHECKSUM_UNSIGNED] = "held-before-signing",
        [BZC_CHECKSUM_WRONG] = "does-not-hold",
    };
    json_t *object;

    if (checksum->state == BZC_CHECKSUM_ABSENT)
        return json_null();
    object = json_object();
    bzc_json_set(object, "state",
                 json_string(checksum->covers_file ? "holds-over-whole-file" : states[checksum->state]), failed);
    bzc_json_set(object, "word",
                 checksum->state != BZC_CHECKSUM_WRONG ? bzc_json_address(checksum->stored) : json_null(), failed);
    return object;
}

/* ---- one image ---- */

static json_t *image_object(const struct bzc_inspection *inspection, bool *failed)
{
    const struct bzc_image *image = &inspection->facts.image;
    bool is_image = inspection->is_image, is_linux = inspection->facts.system == BZC_SYSTEM_LINUX;
    json_t *object = json_object(), *embedded = json_array();
    char protocol[8] = "";

    if (is_image)
        bzc_image_protocol_text(image, protocol);
    for (size_t i = 0; i < inspection->embedded_count; i++)
        bzc_json_append(embedded, image_object(inspection->embedded[i], failed), failed);
    bzc_json_set(object, "kind", json_string(is_image ? bzc_image_kind_name(image->kind) : "uki"), failed);
    bzc_json_set(object, "file_offset", bzc_json_number(inspection->file_offset), failed);
    bzc_json_set(object, "size", bzc_json_number(inspection->file.size), failed);
    bzc_json_set(object, "sha256", json_string(inspection->sha256), failed);
    bzc_json_set(object, "protocol", bzc_json_text(protocol), failed);
    bzc_json_set(object, "system", is_image ? json_string(is_linux ? "linux" : "not-linux") : json_null(), failed);
    bzc_json_set(object, "kernel_version", bzc_json_text(image->kernel_version), failed);
    bzc_json_set(object, "layout", layout_array(&inspection->layout, failed), failed);
    bzc_json_set(object, "entries", entries_array(inspection, failed), failed);
    bzc_json_set(object, "header", bzc_info_json_header(inspection, failed), failed);
    bzc_json_set(object, "kernel_info", kernel_info_object(inspection, failed), failed);
    bzc_json_set(object, "payload", payload_object(inspection, failed), failed);
    bzc_json_set(object, "checksum", checksum_object(&inspection->facts.checksum, failed), failed);
    bzc_json_set(object, "kernel", bzc_info_json_kernel(inspection, failed), failed);
    bzc_json_set(object, "pe", bzc_info_json_pe(inspection, failed), failed);
    bzc_json_set(object, "embedded", embedded, failed);
    bzc_json_set(object, "embedded_problem", bzc_json_text(inspection->embedded_problem), failed);
    return object;
}

/* ---- the document ---- */

struct bzc_info_json {
    json_t *images;
};

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the JSON document");
}

enum bzc_status bzc_info_json_new(struct bzc_info_json **json, struct bzc_error *err)
{
    *json = calloc(1, sizeof(**json));
    if (!*json)
        return no_memory(err);
    (*json)->images = json_array();
    if ((*json)->images)
        return BZC_OK;
    bzc_info_json_free(*json);
    *json = NULL;
    return no_memory(err);
}

enum bzc_status bzc_info_json_add(struct bzc_info_json *json, const char *path, const struct bzc_inspection *inspection,
                                  const struct bzc_error *reason, struct bzc_error *err)
{
    json_t *object = json_object(), *tool = json_object();
    bool failed = false;

    bzc_json_set(tool, "name", json_string("bzcheck"), &failed);
    bzc_json_set(tool, "version", json_string(BZC_VERSION), &failed);
    bzc_json_set(object, "schema", json_string("bzcheck-info/1"), &failed);
    bzc_json_set(object, "tool", tool, &failed);
    bzc_json_set(object, "path", bzc_json_string(path), &failed);
    bzc_json_set(object, "image", inspection ? image_object(inspection, &failed) : json_null(), &failed);
    bzc_json_set(object, "problem", bzc_json_text(inspection ? NULL : reason->message), &failed);
    if (failed || !object) {
        json_decref(object);
        return no_memory(err);
    }
    bzc_json_append(json->images, object, &failed);
    return failed ? no_memory(err) : BZC_OK;
}

enum bzc_status bzc_info_json_write(const struct bzc_info_json *json, FILE *out, struct bzc_error *err)
{
    bool failed = false, written;
    json_t *top;

    if (json_array_size(json->images) == 1) {
        top = json_incref(json_array_get(json->images, 0));
    } else {
        top = json_object();
        bzc_json_set(top, "schema", json_string("bzcheck-infos/1"), &failed);
        bzc_json_set(top, "images", json_incref(json->images), &failed);
    }
    if (failed) {
        json_decref(top);
        return no_memory(err);
    }
    written = json_dumpf(top, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF && fflush(out) == 0;
    json_decref(top);
    return written ? BZC_OK : bzc_error_set(err, BZC_ERR_IO, "cannot write the JSON document");
}

void bzc_info_json_free(struct bzc_info_json *json)
{
    if (!json)
        return;
    json_decref(json->images);
    free(json);
}
