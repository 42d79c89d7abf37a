/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gzip (RFC 1952) and DEFLATE (RFC 1951). Plain and small rather than fast. The CRC at the end is not checked, as in
 * the decompressor of Linux: a flipped byte that still unpacks goes unnoticed in the guest.
 */
#include "stub.h"

#define CODE_BITS_MAX 15
#define SYMBOLS_MAX   288

struct stream {
    const uint8_t *in, *in_end;
    uint8_t *out, *start, *out_end;
    uint32_t bits;
    unsigned bit_count;
    bool bad;
};

/* A canonical Huffman code: how many codes have each length, and the symbols ordered by code. */
struct code {
    uint16_t count[CODE_BITS_MAX + 1];
    uint16_t symbol[SYMBOLS_MAX];
};

static unsigned get_bits(struct stream *s, unsigned count)
{
    unsigned value;

    while (s->bit_count < count) {
        if (s->in == s->in_end) {
            s->bad = true;
            return 0;
        }
        s->bits |= (uint32_t)*s->in++ << s->bit_count;
        s->bit_count += 8;
    }
    value = s->bits & ((1u << count) - 1);
    s->bits >>= count;
    s->bit_count -= count;
    return value;
}

static void make_code(struct code *code, const uint8_t *length, unsigned symbols)
{
    uint16_t next[CODE_BITS_MAX + 2];

    memset(code, 0, sizeof(*code));
    for (unsigned i = 0; i < symbols; i++)
        code->count[length[i]]++;
    code->count[0] = 0;
    next[1] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++)
        next[bits + 1] = (uint16_t)(next[bits] + code->count[bits]);
    for (unsigned i = 0; i < symbols; i++) {
        if (length[i])
            code->symbol[next[length[i]]++] = (uint16_t)i;
    }
}

/* Codes of one length are consecutive numbers; each length starts at twice the end of the one before. */
static unsigned get_symbol(struct stream *s, const struct code *code)
{
    unsigned value = 0, first = 0, index = 0;

    for (unsigned bits = 1; bits <= CODE_BITS_MAX && !s->bad; bits++) {
        unsigned count = code->count[bits];

        value |= get_bits(s, 1);
        if (value - first < count)
            return code->symbol[index + value - first];
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    s->bad = true;
    return 0;
}

static void stored(struct stream *s)
{
    size_t size;

    s->bits = 0;
    s->bit_count = 0;
    if (s->in_end - s->in < 4) {
        s->bad = true;
        return;
    }
    size = (size_t)(s->in[0] | s->in[1] << 8);
    if (((s->in[2] | s->in[3] << 8) ^ 0xffff) != (int)size || size > (size_t)(s->in_end - s->in - 4) ||
        size > (size_t)(s->out_end - s->out)) {
        s->bad = true;
        return;
    }
    memmove(s->out, s->in + 4, size);
    s->in += 4 + size;
    s->out += size;
}

static void compressed(struct stream *s, const struct code *literals, const struct code *distances)
{
    while (!s->bad) {
        unsigned symbol = get_symbol(s, literals), extra, length, distance;

        if (s->bad || symbol == 256)
            return;
        if (symbol < 256) {
            if (s->out == s->out_end) {
                s->bad = true;
                return;
            }
            *s->out++ = (uint8_t)symbol;
            continue;
        }
        /* RFC 1951, 3.2.5: four codes share a number of extra bits, for distances two; 285 is a case of its own. */
        symbol -= 257;
        extra = symbol < 8 ? 0 : (symbol >> 2) - 1;
        if (symbol == 28)
            length = 258;
        else
            length = symbol < 8 ? symbol + 3 : ((4 + (symbol & 3)) << extra) + 3 + get_bits(s, extra);
        symbol = get_symbol(s, distances);
        extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
        if (symbol > 29) {
            s->bad = true;
            return;
        }
        distance = symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1 + get_bits(s, extra);
        if (distance > (size_t)(s->out - s->start) || length > (size_t)(s->out_end - s->out)) {
            s->bad = true;
            return;
        }
        memcpy(s->out, s->out - distance, length);
        s->out += length;
    }
}

static void fixed(struct stream *s)
{
    uint8_t length[SYMBOLS_MAX];
    struct code literals, distances;

    for (unsigned i = 0; i < SYMBOLS_MAX; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&literals, length, SYMBOLS_MAX);
    memset(length, 5, 30);
    make_code(&distances, length, 30);
    compressed(s, &literals, &distances);
}

static void dynamic(struct stream *s)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned literal_count = get_bits(s, 5) + 257, distance_count = get_bits(s, 5) + 1;
    unsigned length_count = get_bits(s, 4) + 4, at = 0;
    uint8_t length[320];
    struct code literals, distances;

    memset(length, 0, sizeof(length));
    for (unsigned i = 0; i < length_count; i++)
        length[order[i]] = (uint8_t)get_bits(s, 3);
    make_code(&literals, length, 19);
    while (at < literal_count + distance_count && !s->bad) {
        unsigned symbol = get_symbol(s, &literals), repeat = 1;
        uint8_t value = (uint8_t)symbol;

        if (symbol == 16) {
            value = at ? length[at - 1] : 0;
            repeat = 3 + get_bits(s, 2);
        } else if (symbol > 16) {
            value = 0;
            repeat = symbol == 17 ? 3 + get_bits(s, 3) : 11 + get_bits(s, 7);
        }
        if (repeat > literal_count + distance_count - at) {
            s->bad = true;
            return;
        }
        while (repeat--)
            length[at++] = value;
    }
    if (literal_count > 286 || distance_count > 30)
        s->bad = true;
    if (s->bad)
        return;
    make_code(&literals, length, literal_count);
    make_code(&distances, length + literal_count, distance_count);
    compressed(s, &literals, &distances);
}

size_t inflate_gzip(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
    struct stream s = {.in = in + 10, .in_end = in + in_size, .out = out, .start = out, .out_end = out + out_size};
    bool last = false;

    if (in_size < 18 || in[2] != 8 || in[3]) /* mkbzimage and the kernel's build write no optional header fields */
        return 0;
    while (!last && !s.bad) {
        last = get_bits(&s, 1);
        switch (get_bits(&s, 2)) {
        case 0:
            stored(&s);
            break;
        case 1:
            fixed(&s);
            break;
        case 2:
            dynamic(&s);
            break;
        default:
            s.bad = true;
        }
    }
    return s.bad ? 0 : (size_t)(s.out - out);
}
