/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unpackers: the first byte chooses the format, the rest is the packed stream. */
#include "tests/fuzz/targets.h"

#include "loader/compression.h"

#define OUTPUT_MAX (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bzc_bytes packed, output = {0};
    struct bzc_error err = {0};
    uint64_t consumed;

    if (size == 0)
        return 0;
    packed = (struct bzc_bytes){data + 1, size - 1};
    bzc_compression_identify(packed);
    bzc_decompress((enum bzc_compression)(data[0] % (BZC_COMPRESSION_ZSTD + 1)), packed, OUTPUT_MAX, &output, &consumed,
                   &err);
    bzc_decompress_free(output);
    return 0;
}
