/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/bzcheck/input.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "loader/uki.h"
#include "verify/verification.h"

/* The embedded kernel lies far behind the headers of the file: what is there of it has still to be read. */
static enum bzc_status read_linux_head(struct bzc_input *input, struct bzc_error *err)
{
    struct bzc_bytes rest = {0};
    uint64_t offset = (uint64_t)(input->linux_image.data - input->file.data);
    enum bzc_status status = bzc_file_read_head(input->path, offset, BZC_HEADERS_SIZE, BZC_IMAGE_FILE_MAX, &rest, err);

    if (status != BZC_OK)
        return status;
    input->linux_head = (uint8_t *)(uintptr_t)rest.data;
    input->linux_image = bzc_bytes_slice(rest, 0, input->linux_image.size);
    return BZC_OK;
}

/* What is no boot image has no report of its own: UKI-001 says so. */
static enum bzc_status name_linux(struct bzc_input *input, struct bzc_error *err)
{
    struct bzc_image image;

    bzc_image_parse_headers(input->linux_image, &image);
    if (!bzc_image_is_boot_image(&image))
        return BZC_OK;
    if (asprintf(&input->linux_path, "%s:.linux", input->path) >= 0)
        return BZC_OK;
    input->linux_path = NULL;
    return bzc_error_set(err, BZC_ERR_MEMORY, "%s: no memory", input->path);
}

enum bzc_status bzc_input_open(const char *path, enum bzc_depth depth, struct bzc_input *input, struct bzc_error *err)
{
    bool headers = depth == BZC_DEPTH_HEADERS;
    enum bzc_status status;
    struct bzc_pe pe;

    *input = (struct bzc_input){.path = path};
    if (headers)
        status = bzc_file_read_head(path, 0, BZC_HEADERS_SIZE, BZC_IMAGE_FILE_MAX, &input->file, err);
    else
        status = bzc_file_read(path, BZC_IMAGE_FILE_MAX, &input->file, err);
    if (status != BZC_OK)
        return status;
    bzc_pe_parse(input->file, &pe);
    input->is_uki = bzc_uki_linux(&pe, input->file, &input->linux_image);
    if (!input->is_uki)
        return BZC_OK;
    if (headers && input->linux_image.size)
        status = read_linux_head(input, err);
    return status == BZC_OK ? name_linux(input, err) : status;
}

void bzc_input_close(struct bzc_input *input)
{
    free((void *)(uintptr_t)input->file.data);
    free(input->linux_path);
    free(input->linux_head);
    *input = (struct bzc_input){0};
}
