/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/compression.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader/unpack.h"

struct format {
    enum bzc_compression compression;
    const char *name;
    uint8_t magic[9];
    size_t magic_size;
    bzc_unpack_function *unpack;
};

/*
 * Magic numbers as boot.rst gives them: two bytes, so that a damaged stream is still named by its format. 1F 9E is a
 * gzip magic there too. boot.rst has none for lzo: lzop's own header.
 */
static const struct format formats[] = {
    {BZC_COMPRESSION_NONE, "none", {0x7f, 'E', 'L', 'F'}, 4, NULL},
    {BZC_COMPRESSION_GZIP, "gzip", {0x1f, 0x8b}, 2, bzc_unpack_gzip},
    {BZC_COMPRESSION_GZIP, "gzip", {0x1f, 0x9e}, 2, bzc_unpack_gzip},
    {BZC_COMPRESSION_BZIP2, "bzip2", {'B', 'Z'}, 2, bzc_unpack_bzip2},
    {BZC_COMPRESSION_LZMA, "lzma", {0x5d, 0x00}, 2, bzc_unpack_lzma},
    {BZC_COMPRESSION_XZ, "xz", {0xfd, '7'}, 2, bzc_unpack_xz},
    {BZC_COMPRESSION_LZO, "lzo", {0x89, 'L', 'Z', 'O'}, 4, bzc_unpack_lzo},
    {BZC_COMPRESSION_LZ4, "lz4", {0x02, 0x21}, 2, bzc_unpack_lz4},
    {BZC_COMPRESSION_ZSTD, "zstd", {0x28, 0xb5}, 2, bzc_unpack_zstd},
};

static const struct format *find_format(enum bzc_compression compression)
{
    size_t i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (formats[i].compression == compression)
            return &formats[i];
    }
    return NULL;
}

const char *bzc_compression_name(enum bzc_compression compression)
{
    const struct format *format = find_format(compression);

    return format != NULL ? format->name : "unknown";
}

enum bzc_compression bzc_compression_identify(struct bzc_bytes payload)
{
    size_t i;

    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const struct format *format = &formats[i];

        if (payload.size >= format->magic_size && memcmp(payload.data, format->magic, format->magic_size) == 0)
            return format->compression;
    }
    return BZC_COMPRESSION_UNKNOWN;
}

enum bzc_status bzc_unpack_damaged(struct bzc_error *err, const char *format, const char *what, size_t offset)
{
    return bzc_error_set(err, BZC_ERR_FORMAT, "%s payload: %s at packed offset 0x%zx", format, what, offset);
}

enum bzc_status bzc_unpack_too_large(struct bzc_error *err, const char *format, size_t limit)
{
    return bzc_error_set(err, BZC_ERR_LIMIT, "%s payload: unpacks to more than %zu bytes", format, limit);
}

enum bzc_status bzc_unpack_no_memory(struct bzc_error *err, const char *format)
{
    return bzc_error_set(err, BZC_ERR_MEMORY, "%s payload: no memory to unpack it", format);
}

static size_t round_to_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

static enum bzc_status copy_plain(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    if (packed.size > out->limit)
        return bzc_unpack_too_large(err, "plain", out->limit);
    if (packed.size != 0)
        memcpy(out->data, packed.data, packed.size);
    out->size = packed.size;
    out->consumed = packed.size;
    return BZC_OK;
}

enum bzc_status bzc_decompress(enum bzc_compression compression, struct bzc_bytes packed, uint64_t limit,
                               struct bzc_bytes *output, uint64_t *consumed, struct bzc_error *err)
{
    const struct format *format = find_format(compression);
    struct bzc_unpack out = {NULL, 0, 0, 0};
    enum bzc_status status;
    size_t mapped, used;
    void *memory;

    output->data = NULL;
    output->size = 0;
    if (consumed != NULL)
        *consumed = 0;
    if (format == NULL)
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "payload of an unknown format cannot be unpacked");

    /* Address space for the bound, memory only for the pages that get filled. */
    out.limit = (size_t)(limit < BZC_PAYLOAD_OUTPUT_MAX ? limit : BZC_PAYLOAD_OUTPUT_MAX);
    mapped = round_to_pages(out.limit + BZC_UNPACK_SLACK);
    memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return bzc_unpack_no_memory(err, format->name);
    out.data = memory;

    status = (format->unpack != NULL ? format->unpack : copy_plain)(packed, &out, err);
    if (status == BZC_OK && out.size > out.limit)
        status = bzc_unpack_too_large(err, format->name, out.limit);
    if (status != BZC_OK) {
        munmap(memory, mapped);
        return status;
    }
    used = round_to_pages(out.size);
    if (used < mapped)
        munmap((uint8_t *)memory + used, mapped - used);
    if (out.size != 0) {
        output->data = out.data;
        output->size = out.size;
    }
    if (consumed != NULL)
        *consumed = out.consumed;
    return BZC_OK;
}

void bzc_decompress_free(struct bzc_bytes output)
{
    if (output.size != 0)
        munmap((void *)(uintptr_t)output.data, round_to_pages(output.size));
}
