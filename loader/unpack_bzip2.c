/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzip2, one stream, by libbz2. */
#include <bzlib.h>
#include <limits.h>
#include <string.h>

#include "loader/unpack.h"

enum bzc_status bzc_unpack_bzip2(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    bz_stream stream;
    int result;

    memset(&stream, 0, sizeof(stream));
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK)
        return bzc_unpack_no_memory(err, "bzip2");
    /* libbz2 takes a pointer to char without const and does not write there. */
    stream.next_in = (char *)(uintptr_t)packed.data;
    stream.avail_in = packed.size < UINT_MAX ? (unsigned)packed.size : UINT_MAX;
    stream.next_out = (char *)out->data;
    stream.avail_out = (unsigned)(out->limit + 1);
    do {
        result = BZ2_bzDecompress(&stream);
    } while (result == BZ_OK && stream.avail_in != 0 && stream.avail_out != 0);
    out->size = out->limit + 1 - stream.avail_out;
    out->consumed = (size_t)(stream.next_in - (const char *)packed.data);
    if (result == BZ_MEM_ERROR)
        status = bzc_unpack_no_memory(err, "bzip2");
    else if (result == BZ_OK && stream.avail_out == 0)
        status = bzc_unpack_too_large(err, "bzip2", out->limit);
    else if (result == BZ_OK)
        status = bzc_unpack_damaged(err, "bzip2", "the stream does not end by its last byte", out->consumed);
    else if (result != BZ_STREAM_END)
        status = bzc_unpack_damaged(err, "bzip2", "damaged data or check", out->consumed);
    BZ2_bzDecompressEnd(&stream);
    return status;
}
