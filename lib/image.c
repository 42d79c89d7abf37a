/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lib/handles.h"
#include "loader/uki.h"

/* Takes over `name` and `bytes`, also when there is no memory for the handle. */
static struct bzcheck_image *make_image(char *name, uint8_t *bytes, struct bzc_bytes file)
{
    struct bzcheck_image *image = name ? calloc(1, sizeof(*image)) : NULL;
    struct bzc_pe pe;

    if (!image) {
        free(name);
        free(bytes);
        return NULL;
    }
    *image = (struct bzcheck_image){.name = name, .bytes = bytes, .file = file};
    atomic_init(&image->references, 1);
    bzc_pe_parse(file, &pe);
    image->is_uki = bzc_uki_linux(&pe, file, &image->kernel);
    return image;
}

struct bzcheck_image *bzc_lib_image_ref(const struct bzcheck_image *image)
{
    /* A reference is the handle's business and no change of the image that the caller could see. */
    struct bzcheck_image *same = (struct bzcheck_image *)(uintptr_t)image;

    atomic_fetch_add_explicit(&same->references, 1, memory_order_relaxed);
    return same;
}

enum bzcheck_status bzcheck_open_file(struct bzcheck *check, const char *path, struct bzcheck_image **image)
{
    struct bzc_bytes file = {0};
    struct bzc_error err = {0};

    bzc_lib_begin(check);
    *image = NULL;
    if (!path)
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "the path is missing");
    if (bzc_file_read(path, BZC_IMAGE_FILE_MAX, &file, &err) != BZC_OK)
        return bzc_lib_fail_error(check, &err);
    *image = make_image(strdup(path), (uint8_t *)(uintptr_t)file.data, file);
    if (!*image)
        return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "%s: no memory", path);
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_open_memory(struct bzcheck *check, const char *name, const void *data, size_t size,
                                        struct bzcheck_image **image)
{
    uint8_t *copy = NULL;

    bzc_lib_begin(check);
    *image = NULL;
    if (!name || (!data && size))
        return bzc_lib_fail(check, BZCHECK_ERR_ARGUMENT, "the image's name or bytes are missing");
    if (size > BZC_IMAGE_FILE_MAX)
        return bzc_lib_fail(check, BZCHECK_ERR_LIMIT, "%s: larger than %llu bytes", name, BZC_IMAGE_FILE_MAX);
    if (size) {
        copy = malloc(size);
        if (!copy)
            return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "%s: no memory", name);
        memcpy(copy, data, size);
    }
    *image = make_image(strdup(name), copy, (struct bzc_bytes){copy, size});
    if (!*image)
        return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "%s: no memory", name);
    return BZCHECK_OK;
}

enum bzcheck_status bzcheck_open_kernel(struct bzcheck *check, const struct bzcheck_image *image,
                                        struct bzcheck_image **kernel)
{
    struct bzc_image headers;
    char *name;

    bzc_lib_begin(check);
    *kernel = NULL;
    if (!image->is_uki)
        return bzc_lib_fail(check, BZCHECK_ERR_FORMAT, "%s: this is no unified kernel image", image->name);
    bzc_image_parse_headers(image->kernel, &headers);
    if (!bzc_image_is_boot_image(&headers))
        return bzc_lib_fail(check, BZCHECK_ERR_FORMAT, "%s: section .linux holds no boot image", image->name);
    if (asprintf(&name, "%s:.linux", image->name) < 0)
        name = NULL;
    *kernel = make_image(name, NULL, image->kernel);
    if (!*kernel)
        return bzc_lib_fail(check, BZCHECK_ERR_MEMORY, "%s: no memory", image->name);
    (*kernel)->outer = bzc_lib_image_ref(image);
    return BZCHECK_OK;
}

const char *bzcheck_image_name(const struct bzcheck_image *image)
{
    return image->name;
}

void bzcheck_image_close(struct bzcheck_image *image)
{
    while (image && atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) == 1) {
        struct bzcheck_image *outer = image->outer;

        free(image->name);
        free(image->bytes);
        free(image);
        image = outer;
    }
}
