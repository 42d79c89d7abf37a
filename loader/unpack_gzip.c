/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip (RFC 1952), one member, by zlib. */
#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "loader/unpack.h"

#define GZIP_ONLY_32K (MAX_WBITS + 16)

enum bzc_status bzc_unpack_gzip(struct bzc_bytes packed, struct bzc_unpack *out, struct bzc_error *err)
{
    enum bzc_status status = BZC_OK;
    z_stream stream;
    bool full;
    int result;

    memset(&stream, 0, sizeof(stream));
    if (inflateInit2(&stream, GZIP_ONLY_32K) != Z_OK)
        return bzc_unpack_no_memory(err, "gzip");
    stream.next_in = packed.data;
    stream.avail_in = packed.size < UINT_MAX ? (uInt)packed.size : UINT_MAX;
    stream.next_out = out->data;
    stream.avail_out = (uInt)(out->limit + 1);
    /* One call with Z_FINISH: zlib then decodes straight into the output and keeps no window. */
    result = inflate(&stream, Z_FINISH);
    full = stream.avail_out == 0;
    out->size = out->limit + 1 - stream.avail_out;
    out->consumed = (size_t)(stream.next_in - packed.data);
    if (result == Z_MEM_ERROR)
        status = bzc_unpack_no_memory(err, "gzip");
    else if (result == Z_DATA_ERROR)
        status = bzc_unpack_damaged(err, "gzip", stream.msg != NULL ? stream.msg : "damaged", out->consumed);
    else if (result != Z_STREAM_END && full)
        status = bzc_unpack_too_large(err, "gzip", out->limit);
    else if (result != Z_STREAM_END)
        status = bzc_unpack_damaged(err, "gzip", "the stream does not end by its last byte", out->consumed);
    inflateEnd(&stream);
    return status;
}
