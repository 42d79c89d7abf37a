/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bytes.h"

#include <string.h>

struct bzc_bytes bzc_bytes_slice(struct bzc_bytes bytes, uint64_t offset, uint64_t length)
{
    struct bzc_bytes slice = {NULL, 0};
    uint64_t left;

    if (offset >= bytes.size)
        return slice;
    left = bytes.size - offset;
    slice.data = bytes.data + offset;
    slice.size = (size_t)(length < left ? length : left);
    return slice;
}

bool bzc_bytes_u8(struct bzc_bytes bytes, uint64_t offset, uint8_t *value)
{
    if (!bzc_bytes_has(bytes, offset, 1))
        return false;
    *value = bytes.data[offset];
    return true;
}

bool bzc_bytes_u16(struct bzc_bytes bytes, uint64_t offset, uint16_t *value)
{
    if (!bzc_bytes_has(bytes, offset, 2))
        return false;
    *value = bzc_load16(bytes.data + offset);
    return true;
}

bool bzc_bytes_u32(struct bzc_bytes bytes, uint64_t offset, uint32_t *value)
{
    if (!bzc_bytes_has(bytes, offset, 4))
        return false;
    *value = bzc_load32(bytes.data + offset);
    return true;
}

bool bzc_bytes_u64(struct bzc_bytes bytes, uint64_t offset, uint64_t *value)
{
    if (!bzc_bytes_has(bytes, offset, 8))
        return false;
    *value = bzc_load64(bytes.data + offset);
    return true;
}

bool bzc_bytes_uint(struct bzc_bytes bytes, uint64_t offset, unsigned size, uint64_t *value)
{
    if (!bzc_bytes_has(bytes, offset, size))
        return false;
    switch (size) {
    case 1:
        *value = bytes.data[offset];
        return true;
    case 2:
        *value = bzc_load16(bytes.data + offset);
        return true;
    case 4:
        *value = bzc_load32(bytes.data + offset);
        return true;
    case 8:
        *value = bzc_load64(bytes.data + offset);
        return true;
    default:
        return false;
    }
}

bool bzc_bytes_string(struct bzc_bytes bytes, uint64_t offset, size_t limit, char *out)
{
    struct bzc_bytes text = bzc_bytes_slice(bytes, offset, limit);
    const uint8_t *end;
    size_t i, length;

    if (text.size == 0)
        return false;
    end = memchr(text.data, 0, text.size);
    if (end == NULL)
        return false;
    length = (size_t)(end - text.data);
    for (i = 0; i < length; i++)
        out[i] = text.data[i] >= 0x20 && text.data[i] <= 0x7e ? (char)text.data[i] : '?';
    out[length] = '\0';
    return true;
}
