# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs a kernel in every format that boot.rst and lib/decompress_*.c of Linux know, with options that stock tools have
and the kernel's decoders do not. Used by run_cases; README.md lists the options.
"""

import bz2
import lzma
import struct
import zlib

import kernel_facts as facts

XZ_CHECKS = {
    "none": lzma.CHECK_NONE, "crc32": lzma.CHECK_CRC32, "crc64": lzma.CHECK_CRC64, "sha256": lzma.CHECK_SHA256,
}  # fmt: skip
LZOP_MAGIC = b"\x89LZO\0\r\n\x1a\n"
LZ4_MAGIC = struct.pack("<I", 0x184C2102)
ZSTD_SKIPPABLE = struct.pack("<II", 0x184D2A50, 4) + b"skip"


def number(options, key, default):
    return int(options.pop(key, str(default)), 0)


def gzip(data, options):
    """RFC 1952, 2.3: the flags say which parts the header has."""
    flags, parts = 0, b""
    if "extra" in options:
        flags, parts = flags | 4, parts + struct.pack("<H", len(options["extra"])) + options.pop("extra").encode()
    for key, flag in (("name", 8), ("comment", 16)):
        if key in options:
            flags, parts = flags | flag, parts + options.pop(key).encode() + b"\0"
    header = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x02\x03" + parts
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return header + packer.compress(data) + packer.flush() + struct.pack("<II", zlib.crc32(data), len(data))


def xz(data, options):
    chain = {"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": number(options, "dict", 1 << 20)}
    filters = {
        "lzma2": [],
        "x86": [{"id": lzma.FILTER_X86}],
        "x86-offset": [{"id": lzma.FILTER_X86, "start_offset": 4096}],
        "arm": [{"id": lzma.FILTER_ARM}],
        "delta": [{"id": lzma.FILTER_DELTA, "dist": 4}],
    }[options.pop("filter", "x86")]
    return lzma.compress(data, check=XZ_CHECKS[options.pop("check", "crc32")], filters=filters + [chain])


def lzma_alone(data, options):
    chain = {"id": lzma.FILTER_LZMA1, "preset": 6, "dict_size": number(options, "dict", 1 << 20)}
    return lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[chain])


def bzip2(data, options):
    return bz2.compress(data, number(options, "level", 9))


def lzo(data, options):
    """lzop 1.04, src/conf.h: blocks that are stored as they are."""
    version, flags = number(options, "version", 0x1040), number(options, "flags", 1)
    size = number(options, "block", 256 << 10)
    head = struct.pack(">HH", version, 0x20A0) + (struct.pack(">HBB", 0x0940, 1, 9) if version >= 0x940 else b"\x01")
    head += struct.pack(">I", flags) + bytes(12 if version >= 0x940 else 8) + b"\0"
    packed = LZOP_MAGIC + head + struct.pack(">I", zlib.crc32(head) if flags & 0x1000 else zlib.adler32(head))
    if flags & 0x40:
        packed += struct.pack(">I", 4) + b"more" + struct.pack(">I", zlib.adler32(b"\0\0\0\x04more"))
    for at in range(0, len(data), size):
        block = data[at : at + size]
        packed += struct.pack(">II", len(block), len(block))
        packed += struct.pack(">I", zlib.adler32(block)) if flags & 1 else b""
        packed += struct.pack(">I", zlib.crc32(block)) if flags & 0x100 else b""
        packed += block
    return packed + bytes(4)


def lz4_block(data):
    """lz4_Block_format.md: one sequence of literals only."""
    if len(data) < 15:
        return bytes([len(data) << 4]) + data
    more, rest = divmod(len(data) - 15, 255)
    return b"\xf0" + b"\xff" * more + bytes([rest]) + data


def lz4(data, options):
    size, packed = number(options, "block", 8 << 20), LZ4_MAGIC
    for at in range(0, len(data), size):
        block = lz4_block(data[at : at + size])
        packed += struct.pack("<I", len(block)) + block
    return packed


def zstd(data, options):
    frames, skippable = number(options, "frames", 1), number(options, "skippable", 0)
    size, packed = -(-len(data) // frames), b""
    for at in range(0, len(data), size):
        packed += facts.output_of("zstd", "-9", "-c", stdin=data[at : at + size])
    return packed + ZSTD_SKIPPABLE * skippable


PACKERS = {
    "none": lambda data, options: data, "gzip": gzip, "xz": xz, "lzma": lzma_alone, "bzip2": bzip2, "lzo": lzo, "lz4": lz4,
    "zstd": zstd,
}  # fmt: skip


def pack(data, name, options):
    """The payload: stream and size word. ValueError for an option that the format does not have."""
    options = dict(option.split("=", 1) for option in options)
    word = number(options, "word", int(name not in ("none", "gzip")))
    tail = bytes.fromhex(options.pop("tail", ""))
    try:
        packed = PACKERS[name](data, options)
    except KeyError as error:
        raise ValueError(f"unknown: {error}") from None
    if options:
        raise ValueError(f"{name} has no option {', '.join(options)}")
    return packed + (struct.pack("<I", len(data)) if word else b"") + tail
