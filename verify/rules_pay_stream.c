/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about the compressed stream: options that its format allows and its stock tool reads, but not the decoders that
 * the kernel's decompressor (lib/decompress_*.c of Linux) or a loader has.
 */
#include <inttypes.h>

#include "verify/rules.h"

#define XZ_CHECK_CRC32  1u /* and 0: none */
#define XEN_MEMORY      (128u << 20)
#define LZOP_BLOCK_MAX  (256u << 10)
#define LZOP_VERSION    0x0940u /* the decoder expects the header of this version or later */
#define LZOP_CHECK_WORD 4u

/* Whether the payload is a stream of this format whose headers could be read; else says why the rule is skipped. */
static bool is_stream(const struct bzc_image_facts *facts, enum bzc_compression compression,
                      struct bzc_verdict *verdict)
{
    if (facts->image.compression != compression)
        bzc_skip(verdict, "the payload is not compressed by %s", bzc_compression_name(compression));
    else if (bzc_payload_incomplete_fault(&facts->image))
        bzc_skip(verdict, "explained by %s: the payload is not complete", bzc_payload_incomplete_fault(&facts->image));
    else if (!facts->stream.known)
        bzc_skip(verdict, "%sthe stream's header cannot be read",
                 !facts->oracle && facts->oracle_error.status == BZC_ERR_FORMAT ? "explained by PAY-002: " : "");
    else
        return true;
    return false;
}

static void check_gzip_flags(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    unsigned flags = facts->stream.gzip.flags;

    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_GZIP, verdict) || (flags & ~BZC_GZIP_FNAME) == 0)
        return;
    bzc_fail(verdict, "the gzip header has parts that the decompressor takes for compressed data");
    bzc_where(verdict, "payload + 3: FLG");
    bzc_expected(verdict, "0x00, or 0x%02x (FNAME)", BZC_GZIP_FNAME);
    bzc_actual(verdict, "0x%02x", flags);
}

static void check_xz_check(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                           struct bzc_verdict *verdict)
{
    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_XZ, verdict) || facts->stream.xz.check <= XZ_CHECK_CRC32)
        return;
    bzc_fail(verdict, "the xz stream has a check that the decompressor does not know");
    bzc_where(verdict, "payload + 7: Stream Flags");
    bzc_expected(verdict, "1 (CRC32) or 0 (none)");
    bzc_actual(verdict, "%u%s", facts->stream.xz.check,
               facts->stream.xz.check == 4    ? " (CRC64)"
               : facts->stream.xz.check == 10 ? " (SHA-256)"
                                              : "");
}

static void check_xz_filters(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    const uint64_t *filter = facts->stream.xz.filter;
    unsigned count = facts->stream.xz.filter_count;

    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_XZ, verdict))
        return;
    if (count > 0 && filter[count - 1] == BZC_XZ_FILTER_LZMA2 &&
        (count == 1 || (count == 2 && filter[0] == BZC_XZ_FILTER_BCJ_X86 && !facts->stream.xz.start_offset)))
        return;
    bzc_fail(verdict, "the xz stream has filters that the decompressor does not know");
    bzc_where(verdict, "payload + 12: Block Header");
    bzc_expected(verdict, "LZMA2 (0x21), or x86 BCJ (0x04) without a start offset and LZMA2");
    bzc_actual(verdict, "%u %s, the first 0x%" PRIx64 "%s", count, count == 1 ? "filter" : "filters", filter[0],
               facts->stream.xz.start_offset ? " with a start offset" : "");
}

static void check_dictionary(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    enum bzc_compression compression = facts->image.compression;

    (void)run;
    if (compression != BZC_COMPRESSION_LZMA && compression != BZC_COMPRESSION_XZ) {
        bzc_skip(verdict, "the payload is not compressed by xz or lzma");
    } else if (is_stream(facts, compression, verdict) && facts->stream.dictionary >= XEN_MEMORY) {
        bzc_fail(verdict, "the %s stream has a dictionary for which Xen's domain builder before e6472d4668 has no room",
                 bzc_compression_name(compression));
        bzc_where(verdict, "payload + %u: dictionary size", compression == BZC_COMPRESSION_LZMA ? 1 : 12);
        bzc_expected(verdict, "below 0x%x", XEN_MEMORY);
        bzc_actual(verdict, "0x%" PRIx64, facts->stream.dictionary);
    }
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static void check_lzop(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                       struct bzc_verdict *verdict)
{
    uint32_t flags = facts->stream.lzo.flags;

    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_LZO, verdict))
        return;
    bzc_where(verdict, "payload + %u: flags", facts->stream.lzo.version >= LZOP_VERSION ? 17 : 14);
    bzc_actual(verdict, "0x%08" PRIx32, flags);
    if (facts->stream.lzo.version < LZOP_VERSION) {
        bzc_fail(verdict, "the lzop header is older than the decompressor reads");
        bzc_where(verdict, "payload + 9: version");
        bzc_expected(verdict, "at least 0x%04x", LZOP_VERSION);
        bzc_actual(verdict, "0x%04x", facts->stream.lzo.version);
    } else if (flags & (BZC_LZOP_EXTRA_FIELD | BZC_LZOP_FILTER)) {
        bzc_fail(verdict, "the lzop header has parts that the decompressor does not know");
        bzc_expected(verdict, "no extra field (0x40) and no filter (0x800)");
    } else if (!is_power_of_two(flags & BZC_LZOP_CHECKS_OF_UNPACKED) || flags & BZC_LZOP_CHECKS_OF_PACKED) {
        bzc_fail(verdict, "the decompressor skips %u bytes of checks before each block, and here are more or fewer",
                 LZOP_CHECK_WORD);
        bzc_expected(verdict, "one check of the unpacked data (0x1 or 0x100), none of the packed (0x2, 0x200)");
    } else if (facts->stream.lzo.largest_block > LZOP_BLOCK_MAX) {
        bzc_fail(verdict, "the lzop stream has a block that is larger than the decompressor takes");
        bzc_where(verdict, "payload");
        bzc_expected(verdict, "at most 0x%x bytes of unpacked data", LZOP_BLOCK_MAX);
        bzc_actual(verdict, "0x%" PRIx32, facts->stream.lzo.largest_block);
    }
}

static void check_lz4_blocks(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_LZ4, verdict) || !facts->stream.lz4.short_block)
        return;
    bzc_fail(verdict, "a block before the last is not full: the decompressor unpacks more than it holds");
    bzc_where(verdict, "payload + 0x%" PRIx64, facts->stream.lz4.short_block_at);
    bzc_expected(verdict, "0x%x bytes of unpacked data", BZC_LZ4_BLOCK_SIZE);
    bzc_actual(verdict, "0x%" PRIx64, facts->stream.lz4.short_block_size);
}

static void check_zstd_frame(const struct bzc_image_facts *facts, const struct bzc_run_facts *run,
                             struct bzc_verdict *verdict)
{
    (void)run;
    if (!is_stream(facts, BZC_COMPRESSION_ZSTD, verdict) || facts->stream.zstd.frames == 1)
        return;
    bzc_fail(verdict, "the payload is more than one zstd frame: the decompressor unpacks only the first");
    bzc_where(verdict, "payload");
    bzc_expected(verdict, "1 frame");
    bzc_actual(verdict, "%u frames%s", facts->stream.zstd.frames,
               facts->stream.zstd.skippable ? ", with a skippable one" : "");
}

static const struct bzc_rule rules[] = {
    {
        .id = "PAY-009",
        .name = "gzip-header",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the gzip header has no parts but a file name",
        .spec = "lib/decompress_inflate.c: __gunzip; RFC 1952, 2.3.1: FLG",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_gzip_flags,
    },
    {
        .id = "PAY-010",
        .name = "xz-check",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the xz stream is checked by CRC32 or not at all",
        .spec = "lib/xz/xz_dec_stream.c: dec_stream_header; Documentation/staging/xz.rst, Notes on compression options",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_xz_check,
    },
    {
        .id = "PAY-011",
        .name = "xz-filters",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the xz stream has no filters but LZMA2 and the x86 BCJ filter",
        .spec = "lib/xz/xz_dec_stream.c: dec_block_header; lib/decompress_unxz.c",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_xz_filters,
    },
    {
        .id = "PAY-012",
        .name = "xz-dictionary",
        .severity = BZC_SEVERITY_WARNING,
        .title = "the dictionary of xz or lzma is smaller than 128 MiB, so that older Xen can unpack the kernel",
        .spec = "Xen, tools/libs/guest/xg_dom_bzimageloader.c: LZMA_BLOCK_SIZE",
        .phase = BZC_PHASE_IMAGE,
        .since = 0x0208,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_dictionary,
    },
    {
        .id = "PAY-013",
        .name = "lzop-stream",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the lzop stream has the header, checks and block sizes that the decompressor expects",
        .spec = "lib/decompress_unlzo.c: parse_header, unlzo",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_lzop,
    },
    {
        .id = "PAY-014",
        .name = "lz4-blocks",
        .severity = BZC_SEVERITY_ERROR,
        .title = "every block of the lz4 stream but the last unpacks to 8 MiB",
        .spec = "lib/decompress_unlz4.c: unlz4; lz4_Frame_format.md, Legacy frame",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_lz4_blocks,
    },
    {
        .id = "PAY-015",
        .name = "zstd-frame",
        .severity = BZC_SEVERITY_ERROR,
        .title = "the zstd stream is one frame",
        .spec = "lib/decompress_unzstd.c: decompress_single",
        .phase = BZC_PHASE_IMAGE,
        .needs = BZC_NEEDS_IMAGE | BZC_NEEDS_LINUX,
        .reads = BZC_DEPTH_FILE,
        .check = check_zstd_frame,
    },
};

const struct bzc_rule_family bzc_rules_pay_stream = {rules, sizeof(rules) / sizeof(rules[0])};
