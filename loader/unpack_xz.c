/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xz with its filters (LZMA2, the x86 BCJ filter), and the older .lzma container; both by liblzma. */
#include <lzma.h>

#include "loader/compression.h"
#include "loader/unpack.h"

/* What a decoder needs beside the dictionary: probability tables and buffers, well under 1 MiB in liblzma 5.x. */
#define DECODER_MEMORY (4u << 20)

static enum bzc_status run(lzma_stream *stream, const char *format, struct bzc_bytes packed, struct bzc_unpack *out,
                           struct bzc_error *err)
{
    const char *what = NULL;
    lzma_ret result;

    stream->next_in = packed.data;
    stream->avail_in = packed.size;
    stream->next_out = out->data;
    stream->avail_out = out->limit + 1;
    do {
        result = lzma_code(stream, LZMA_FINISH);
    } while (result == LZMA_OK && stream->avail_out != 0);
    out->size = out->limit + 1 - stream->avail_out;
    out->consumed = packed.size - stream->avail_in;
    switch (result) {
    case LZMA_STREAM_END:
        return BZC_OK;
    case LZMA_OK:
        return bzc_unpack_too_large(err, format, out->limit);
    case LZMA_MEM_ERROR:
        return bzc_unpack_no_memory(err, format);
    case LZMA_MEMLIMIT_ERROR:
        return bzc_error_set(err, BZC_ERR_LIMIT, "%s payload: its dictionary is larger than %u bytes", format,
                             BZC_PAYLOAD_DICTIONARY_MAX);
    case LZMA_OPTIONS_ERROR:
    case LZMA_UNSUPPORTED_CHECK:
        return bzc_error_set(err, BZC_ERR_UNSUPPORTED, "%s payload: options or a check that liblzma does not know",
                             format);
    case LZMA_BUF_ERROR:
        what = "the stream does not end by its last byte";
        break;
    case LZMA_FORMAT_ERROR:
        what = "no valid header";
        break;
    default:
        what = "damaged data or check";
        break;
    }
    return bzc_unpack_damaged(err, format, what, out->consumed);
}

enum bzc_status bzc_unpack_xz(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    const uint64_t memory = BZC_PAYLOAD_DICTIONARY_MAX + DECODER_MEMORY;
    lzma_stream stream = LZMA_STREAM_INIT;
    enum bzc_status status;

    if (lzma_stream_decoder(&stream, memory, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK)
        return bzc_unpack_no_memory(err, "xz");
    status = run(&stream, "xz", packed, out, err);
    lzma_end(&stream);
    return status;
}

enum bzc_status bzc_unpack_lzma(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    const uint64_t memory = BZC_PAYLOAD_DICTIONARY_MAX + DECODER_MEMORY;
    lzma_stream stream = LZMA_STREAM_INIT;
    enum bzc_status status;

    if (lzma_alone_decoder(&stream, memory) != LZMA_OK)
        return bzc_unpack_no_memory(err, "lzma");
    status = run(&stream, "lzma", packed, out, err);
    lzma_end(&stream);
    return status;
}
