/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LZ4 legacy frames (lz4_Frame_format.md, "Legacy frame"; lz4_Block_format.md). */
#include "stub.h"

/* The length that continues in bytes of 255; false when the input ends first. */
static bool length(const uint8_t **in, const uint8_t *in_end, size_t *value)
{
    uint8_t byte = 255;

    if (*value != 15)
        return true;
    while (byte == 255) {
        if (*in == in_end)
            return false;
        byte = *(*in)++;
        *value += byte;
    }
    return true;
}

static size_t block(const uint8_t *in, const uint8_t *in_end, uint8_t *const out, const uint8_t *out_end)
{
    uint8_t *to = out;

    while (in < in_end) {
        uint8_t token = *in++;
        size_t literals = token >> 4, match = token & 15, distance;

        if (!length(&in, in_end, &literals) || literals > (size_t)(in_end - in) || literals > (size_t)(out_end - to))
            return 0;
        memmove(to, in, literals); /* in place, the output may have come close to the input */
        to += literals;
        in += literals;
        if (in == in_end)
            return (size_t)(to - out); /* the last sequence has literals only */
        if (in_end - in < 2)
            return 0;
        distance = (size_t)(in[0] | in[1] << 8);
        in += 2;
        if (!length(&in, in_end, &match) || !distance || distance > (size_t)(to - out) ||
            match + 4 > (size_t)(out_end - to))
            return 0;
        memcpy(to, to - distance, match + 4); /* forwards, byte by byte: a match may overlap itself */
        to += match + 4;
    }
    return 0;
}

size_t unpack_lz4(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    const uint8_t *in_end = in + in_size;
    size_t done = 0;

    in += 4;
    while (done < out_size && in_end - in > 4) {
        size_t packed = load32(in), unpacked;

        in += 4;
        if (packed > (size_t)(in_end - in))
            return 0;
        unpacked = block(in, in + packed, out + done, out + out_size);
        if (!unpacked)
            return 0;
        in += packed;
        done += unpacked;
    }
    return done;
}
