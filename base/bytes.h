/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded span of bytes and little-endian access to it. Every read of file or guest data goes through these
 * functions, so that no offset is ever trusted and no struct is laid over foreign bytes.
 *
 * All multi-byte values are little-endian (Linux/x86 boot protocol, "Details of Header Fields": "The byte order
 * of all fields is littleendian").
 */
#ifndef BZC_BASE_BYTES_H
#define BZC_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `size` bytes at `data`; borrowed, never owned. `data` may be NULL only while size is 0. */
struct bzc_bytes {
    const uint8_t *data;
    size_t size;
};

/* True when [offset, offset+length) lies inside the span; safe for every value, also where the sum would wrap. */
static inline bool bzc_bytes_has(struct bzc_bytes bytes, uint64_t offset, uint64_t length)
{
    return offset <= bytes.size && length <= bytes.size - offset;
}

/* The part of the span that lies in [offset, offset+length): cut at the end of the span, possibly empty. */
struct bzc_bytes bzc_bytes_slice(struct bzc_bytes bytes, uint64_t offset, uint64_t length);

/* Reads one value of 1, 2, 4 or 8 bytes at `offset`. False, with *value untouched, when it is not wholly inside. */
bool bzc_bytes_u8(struct bzc_bytes bytes, uint64_t offset, uint8_t *value);
bool bzc_bytes_u16(struct bzc_bytes bytes, uint64_t offset, uint16_t *value);
bool bzc_bytes_u32(struct bzc_bytes bytes, uint64_t offset, uint32_t *value);
bool bzc_bytes_u64(struct bzc_bytes bytes, uint64_t offset, uint64_t *value);
/* The same for a `size` of 1, 2, 4 or 8 that is known only at run time; zero-extended. */
bool bzc_bytes_uint(struct bzc_bytes bytes, uint64_t offset, unsigned size, uint64_t *value);

/* Loads and stores on memory that the caller has already bounded. */
static inline uint16_t bzc_load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t bzc_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t bzc_load64(const uint8_t *p)
{
    return (uint64_t)bzc_load32(p) | (uint64_t)bzc_load32(p + 4) << 32;
}
static inline void bzc_store16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}
static inline void bzc_store32(uint8_t *p, uint32_t value)
{
    bzc_store16(p, (uint16_t)value);
    bzc_store16(p + 2, (uint16_t)(value >> 16));
}
static inline void bzc_store64(uint8_t *p, uint64_t value)
{
    bzc_store32(p, (uint32_t)value);
    bzc_store32(p + 4, (uint32_t)(value >> 32));
}

/*
 * A NUL-terminated string of printable ASCII at `offset`, at most `limit` bytes with the NUL, copied to `out`
 * (which has room for `limit` bytes) with bytes outside 0x20..0x7e shown as '?'. False when no NUL is found.
 */
bool bzc_bytes_string(struct bzc_bytes bytes, uint64_t offset, size_t limit, char *out);

#endif
