/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader/checksum.h"

#include <string.h>
#include <zlib.h>

#define VERSION_CHECKSUM 0x0208
#define STORED_SIZE      4u
#define CHECK_SUM_SIZE   4u
#define DIRECTORY_SIZE   8u

/* Bytes of the file that count as zero. */
struct hole {
    uint64_t offset, size;
};

static uint32_t add_bytes(uint32_t crc, struct bzc_bytes bytes)
{
    return bytes.size ? (uint32_t)crc32_z(crc, bytes.data, bytes.size) : crc;
}

static uint32_t crc_with_holes(struct bzc_bytes bytes, const struct hole *hole, size_t hole_count)
{
    static const uint8_t zeros[DIRECTORY_SIZE];
    uint32_t crc = 0;
    uint64_t at = 0;

    for (size_t i = 0; i < hole_count; i++) {
        crc = add_bytes(crc, bzc_bytes_slice(bytes, at, hole[i].offset - at));
        crc = add_bytes(crc, (struct bzc_bytes){zeros, hole[i].size});
        at = hole[i].offset + hole[i].size;
    }
    return add_bytes(crc, bzc_bytes_slice(bytes, at, bytes.size));
}

/* What signing changes inside the image, in ascending order. */
static size_t find_holes(struct bzc_bytes bytes, const struct bzc_pe *pe, struct hole hole[2])
{
    uint64_t directory = pe->directory_offset + BZC_PE_DIRECTORY_CERTIFICATE * DIRECTORY_SIZE;
    size_t count = 0;

    if (!pe->present || pe->directory_count <= BZC_PE_DIRECTORY_CERTIFICATE ||
        pe->check_sum_offset + CHECK_SUM_SIZE > directory || directory + DIRECTORY_SIZE > bytes.size)
        return 0;
    hole[count++] = (struct hole){pe->check_sum_offset, CHECK_SUM_SIZE};
    hole[count++] = (struct hole){directory, DIRECTORY_SIZE};
    return count;
}

void bzc_checksum_read(const struct bzc_image *image, const struct bzc_pe *pe, struct bzc_checksum *checksum)
{
    uint64_t end = image->realmode_size + image->pm_declared_size;
    struct bzc_bytes covered = bzc_bytes_slice(image->file, 0, end);
    struct bzc_bytes checked = bzc_bytes_slice(covered, 0, covered.size - STORED_SIZE);
    struct hole hole[2];
    size_t hole_count;

    memset(checksum, 0, sizeof(*checksum));
    if (image->version < VERSION_CHECKSUM || image->pm_declared_size < STORED_SIZE || covered.size != end)
        return;
    checksum->end = end;
    checksum->is_signed = bzc_pe_directory(pe, BZC_PE_DIRECTORY_CERTIFICATE) != NULL;
    checksum->stored = bzc_load32(covered.data + covered.size - STORED_SIZE);
    checksum->computed = ~crc_with_holes(checked, NULL, 0);
    checksum->state = BZC_CHECKSUM_WRONG;
    if (checksum->stored == checksum->computed) {
        checksum->state = BZC_CHECKSUM_GOOD;
        return;
    }
    hole_count = find_holes(checked, pe, hole);
    if (hole_count > 0 && checksum->stored == (uint32_t)~crc_with_holes(checked, hole, hole_count))
        checksum->state = BZC_CHECKSUM_UNSIGNED;
    else
        checksum->covers_file = image->file.size > end && crc_with_holes(image->file, NULL, 0) == 0xffffffffu;
}
