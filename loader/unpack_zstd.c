/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd (RFC 8878), one or more frames, by libzstd. */
#include <zstd.h>
#include <zstd_errors.h>

#include "loader/compression.h"
#include "loader/unpack.h"

#define FRAME_MAGIC         0xfd2fb528u
#define SKIPPABLE_MAGIC     0x184d2a50u
#define SKIPPABLE_MASK      0xfffffff0u
#define SINGLE_SEGMENT_FLAG (1u << 5)

static bool starts_frame(struct bzc_bytes packed, size_t at)
{
    uint32_t magic;

    return bzc_bytes_u32(packed, at, &magic) && (magic == FRAME_MAGIC || (magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC);
}

/*
 * The window that a frame declares (RFC 8878, 3.1.1.1.2); 0 for a single-segment frame, whose window is its content.
 * Read by hand because libzstd checks a bound only when it streams.
 */
static uint64_t declared_window(struct bzc_bytes frame)
{
    uint8_t descriptor = 0, window = 0;
    uint64_t base;
    uint32_t magic;

    if (!bzc_bytes_u32(frame, 0, &magic) || magic != FRAME_MAGIC || !bzc_bytes_u8(frame, 4, &descriptor) ||
        (descriptor & SINGLE_SEGMENT_FLAG) != 0 || !bzc_bytes_u8(frame, 5, &window))
        return 0;
    base = 1ull << (10 + (window >> 3));
    return base + base / 8 * (window & 7);
}

static enum bzc_status unpack_frame(ZSTD_DCtx *context, struct bzc_bytes frame, size_t at, struct bzc_unpack *out,
                                    struct bzc_error *err)
{
    unsigned long long declared = ZSTD_getFrameContentSize(frame.data, frame.size);
    size_t got;

    if (declared == ZSTD_CONTENTSIZE_ERROR)
        return bzc_unpack_damaged(err, "zstd", "no valid frame header", at);
    if (declared != ZSTD_CONTENTSIZE_UNKNOWN && declared > out->limit - out->size)
        return bzc_unpack_too_large(err, "zstd", out->limit);
    if (declared_window(frame) > BZC_PAYLOAD_DICTIONARY_MAX)
        return bzc_error_set(err, BZC_ERR_LIMIT, "zstd payload: its window is larger than %u bytes",
                             BZC_PAYLOAD_DICTIONARY_MAX);
    got = ZSTD_decompressDCtx(context, out->data + out->size, out->limit + BZC_UNPACK_SLACK - out->size, frame.data,
                              frame.size);
    if (ZSTD_isError(got)) {
        if (ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall)
            return bzc_unpack_too_large(err, "zstd", out->limit);
        return bzc_unpack_damaged(err, "zstd", ZSTD_getErrorName(got), at);
    }
    out->size += got;
    return out->size > out->limit ? bzc_unpack_too_large(err, "zstd", out->limit) : BZC_OK;
}

enum bzc_status bzc_unpack_zstd(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    ZSTD_DCtx *context;
    size_t at = 0;

    if (!starts_frame(packed, 0))
        return bzc_unpack_damaged(err, "zstd", "no frame", 0);
    context = ZSTD_createDCtx();
    if (context == NULL)
        return bzc_unpack_no_memory(err, "zstd");
    while (status == BZC_OK && starts_frame(packed, at)) {
        struct bzc_bytes rest = bzc_bytes_slice(packed, at, packed.size);
        size_t length = ZSTD_findFrameCompressedSize(rest.data, rest.size);

        if (ZSTD_isError(length)) {
            status = bzc_unpack_damaged(err, "zstd", ZSTD_getErrorName(length), at);
            break;
        }
        status = unpack_frame(context, bzc_bytes_slice(rest, 0, length), at, out, err);
        at += length;
    }
    ZSTD_freeDCtx(context);
    out->consumed = at;
    return status;
}
