/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF and PE readers: a file is read as an unpacked payload, as a vmlinux, and as a PE image with signatures. */
#include "tests/fuzz/targets.h"

#include "loader/authenticode.h"
#include "loader/elf.h"
#include "loader/pe.h"
#include "verify/oracle.h"

static void read_as_kernel(struct bzc_bytes file)
{
    const struct bzc_image image = {
        .kind = BZC_IMAGE_BZIMAGE,
        .version = 0x020f,
        .payload_source = BZC_PAYLOAD_HEADER,
        .payload_length = file.size,
        .payload = file,
        .compression = BZC_COMPRESSION_NONE,
    };
    struct bzc_vmlinux_result vmlinux;
    struct bzc_oracle *oracle;
    struct bzc_error err = {0};

    if (bzc_oracle_new(&image, &oracle, &err) != BZC_OK)
        return;
    bzc_oracle_digest(oracle);
    bzc_oracle_compare_vmlinux(oracle, file, &vmlinux);
    bzc_oracle_free(oracle);
}

static void read_as_pe(struct bzc_bytes file)
{
    struct bzc_signatures signatures;
    uint8_t digest[BZC_DIGEST_SIZE_MAX];
    struct bzc_error err = {0};
    struct bzc_pe pe;

    bzc_pe_parse(file, &pe);
    for (size_t i = 0; i < pe.section_count; i++)
        bzc_pe_section_bytes(&pe.section[i], file);
    bzc_pe_section_at(&pe, pe.address_of_entry_point);
    bzc_pe_compute_check_sum(&pe, file);
    bzc_signatures_read(file, &pe, &signatures);
    bzc_authenticode_digest(file, &pe, BZC_DIGEST_SHA256, digest, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bzc_bytes file = {data, size};

    read_as_kernel(file);
    read_as_pe(file);
    return 0;
}
