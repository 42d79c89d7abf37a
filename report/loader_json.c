/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/loader_list.h"

#include <stdlib.h>

#include "report/json.h"

struct bzc_loader_json {
    json_t *top, *images; /* `images` is a part of `top` */
};

static enum bzc_status no_memory(struct bzc_error *err)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "no memory for the JSON document");
}

/* A boot image; null for the PE file around one. */
static json_t *kernel_object(const struct bzc_loaders_subject *subject, bool *failed)
{
    const struct bzc_image *image = &subject->facts.image;
    bool has_payload = image->payload_source != BZC_PAYLOAD_ABSENT;
    json_t *object, *elf = json_null();
    char protocol[8];

    if (!bzc_image_is_boot_image(image))
        return json_null();
    bzc_image_protocol_text(image, protocol);
    if (subject->oracle && subject->oracle->kind == BZC_PAYLOAD_ELF)
        elf = json_integer(subject->oracle->elf.bits);
    object = json_object();
    bzc_json_set(object, "kind", json_string(bzc_image_kind_name(image->kind)), failed);
    bzc_json_set(object, "protocol", json_string(protocol), failed);
    bzc_json_set(object, "kernel_version", bzc_json_text(image->kernel_version), failed);
    bzc_json_set(object, "compression",
                 has_payload ? json_string(bzc_compression_name(image->compression)) : json_null(), failed);
    bzc_json_set(object, "payload_elf", elf, failed);
    bzc_json_set(object, "payload_problem",
                 bzc_json_text(subject->oracle || !has_payload ? NULL : subject->facts.oracle_error.message), failed);
    return object;
}

static json_t *image_object(const struct bzc_loaders_answer *answer, bool *failed)
{
    const struct bzc_image_facts *facts = &answer->file.facts;
    json_t *object = json_object();

    bzc_json_set(object, "size", bzc_json_number(facts->image.file.size), failed);
    bzc_json_set(object, "sha256", bzc_json_text(facts->sha256), failed);
    bzc_json_set(object, "uki", json_boolean(answer->is_uki), failed);
    bzc_json_set(object, "kernel", kernel_object(answer->is_uki ? &answer->embedded : &answer->file, failed), failed);
    return object;
}

static json_t *loader_object(const struct bzc_loaders_answer *answer, size_t index, bool *failed)
{
    const struct bzc_boot_loader *loader = answer->options.loader[index];
    const struct bzc_judgement *judgement = &answer->judgement[index];
    json_t *object = json_object();

    bzc_json_set(object, "name", bzc_json_string(loader->name), failed);
    bzc_json_set(object, "verdict", json_string(bzc_loader_verdict_name(judgement->verdict)), failed);
    bzc_json_set(object, "path", judgement->has_path ? json_string(bzc_path_name(judgement->path)) : json_null(),
                 failed);
    bzc_json_set(object, "reason", bzc_json_text(judgement->reason), failed);
    bzc_json_set(object, "of", json_string(loader->embedded ? "embedded" : "file"), failed);
    bzc_json_set(object, "title", bzc_json_string(loader->title), failed);
    bzc_json_set(object, "source", bzc_json_string(loader->source), failed);
    bzc_json_set(object, "commit", bzc_json_string(loader->commit), failed);
    bzc_json_set(object, "notes", bzc_json_text(loader->notes), failed);
    return object;
}

static json_t *loader_array(const struct bzc_loaders_answer *answer, bool *failed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < answer->options.loader_count; i++)
        bzc_json_append(array, loader_object(answer, i, failed), failed);
    return array;
}

enum bzc_status bzc_loader_json_new(const struct bzc_loaders_options *options, struct bzc_loader_json **json,
                                    struct bzc_error *err)
{
    struct bzc_loader_json *fresh = calloc(1, sizeof(*fresh));
    json_t *tool;
    bool failed = false;

    *json = fresh;
    if (!fresh)
        return no_memory(err);
    fresh->top = json_object();
    fresh->images = json_array();
    tool = json_object();
    bzc_json_set(tool, "name", json_string("bzcheck"), &failed);
    bzc_json_set(tool, "version", json_string(BZC_VERSION), &failed);
    bzc_json_set(fresh->top, "schema", json_string("bzcheck-loaders/1"), &failed);
    bzc_json_set(fresh->top, "tool", tool, &failed);
    bzc_json_set(fresh->top, "initrd_size", bzc_json_number(options->initrd_size), &failed);
    bzc_json_set(fresh->top, "cmdline_length", bzc_json_number(options->cmdline_length), &failed);
    bzc_json_set(fresh->top, "images", fresh->images, &failed);
    if (!failed)
        return BZC_OK;
    bzc_loader_json_free(fresh);
    *json = NULL;
    return no_memory(err);
}

enum bzc_status bzc_loader_json_add(struct bzc_loader_json *json, const char *path,
                                    const struct bzc_loaders_answer *answer, const struct bzc_error *reason,
                                    struct bzc_error *err)
{
    json_t *object = json_object();
    bool failed = false;

    bzc_json_set(object, "path", bzc_json_string(path), &failed);
    bzc_json_set(object, "problem", bzc_json_text(answer ? NULL : reason->message), &failed);
    bzc_json_set(object, "image", answer ? image_object(answer, &failed) : json_null(), &failed);
    bzc_json_set(object, "loaders", answer ? loader_array(answer, &failed) : json_array(), &failed);
    if (failed) {
        json_decref(object);
        return no_memory(err);
    }
    bzc_json_append(json->images, object, &failed);
    return failed ? no_memory(err) : BZC_OK;
}

enum bzc_status bzc_loader_json_write(const struct bzc_loader_json *json, FILE *out, struct bzc_error *err)
{
    if (json_dumpf(json->top, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF && fflush(out) == 0)
        return BZC_OK;
    return bzc_error_set(err, BZC_ERR_IO, "cannot write the JSON document");
}

void bzc_loader_json_free(struct bzc_loader_json *json)
{
    if (!json)
        return;
    json_decref(json->top);
    free(json);
}
