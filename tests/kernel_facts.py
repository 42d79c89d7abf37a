# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel must look like in memory, worked out without bzcheck: with readelf, xz, lz4, zlib and the like, and with
relocation as arch/x86/boot/compressed/misc.c, handle_relocations() describes it. Used by the tests that run the whole
program.
"""

import hashlib
import json
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import jsonschema

SCHEMA = json.loads((Path(__file__).resolve().parent.parent / "docs" / "report.schema.json").read_text(encoding="utf-8"))
RFLAGS_IF, CR0_PG, EFER_LMA = 1 << 9, 1 << 31, 1 << 10


class Missing(Exception):
    """A program that the test needs is not there."""


def output_of(*command, stdin=None):
    if not shutil.which(str(command[0])):
        raise Missing(f"there is no {command[0]}")
    return subprocess.run([str(word) for word in command], input=stdin, check=True, capture_output=True).stdout


class Header:
    """The fields of the setup header that the tests need, at the offsets that boot.rst gives."""

    def __init__(self, image):
        self.version = struct.unpack_from("<H", image, 0x206)[0]
        setup_size = ((image[0x1F1] or 4) + 1) * 512
        self.protected_mode = image[setup_size:]
        self.loaded_high = image[0x211] & 1 != 0
        self.relocatable = self.version >= 0x205 and image[0x234] != 0
        self.alignment = struct.unpack_from("<I", image, 0x230)[0] if self.version >= 0x205 else 0
        self.min_alignment = image[0x235] if self.version >= 0x20A else 0
        self.pref_address = struct.unpack_from("<Q", image, 0x258)[0] if self.version >= 0x20A else 0
        self.init_size = struct.unpack_from("<I", image, 0x260)[0] if self.version >= 0x20A else 0
        self.xloadflags = struct.unpack_from("<H", image, 0x236)[0] if self.version >= 0x20C else 0
        self.names_payload = self.version >= 0x208 and image[0x248:0x24C] != bytes(4)
        if self.version >= 0x208:
            offset, length = struct.unpack_from("<II", image, 0x248)
            self.payload = image[setup_size + offset :][:length]
        else:
            self.payload = image[image.index(b"\x1f\x8b\x08", setup_size) :]

    def runtime_start(self, load_addr, link_base, alignment=None):
        """boot.rst, init_size; a kernel loaded below pref_address moves there (head_64.S and head_32.S). `alignment` is
        what the loader wrote to kernel_alignment."""
        if not self.relocatable:
            return link_base
        start, unit = max(load_addr, self.pref_address), alignment or self.alignment
        return (start + unit - 1) // unit * unit


def unpack(payload):
    """The payload unpacked. All formats but gzip have a size word behind them, which is checked here."""
    if payload.startswith(b"\x1f\x8b\x08"):
        return zlib.decompressobj(31).decompress(payload)
    if payload.startswith(b"\x7fELF"):
        return payload
    if payload.startswith(b"\xfd7zXZ\0"):
        command = ("xz", "-dc")
    elif payload.startswith(b"]\0\0"):
        command = ("xz", "-dc", "--format=lzma")
    elif payload.startswith(b"\x02\x21\x4c\x18"):
        command = ("lz4", "-dc")
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        command = ("zstd", "-dc")
    elif payload.startswith(b"BZh"):
        command = ("bzip2", "-dc")
    elif payload.startswith(b"\x89LZO"):
        command = ("lzop", "-dc")
    else:
        raise ValueError(f"unknown compression, magic number {payload[:4].hex()}")
    data = output_of(*command, stdin=payload[:-4])
    if struct.unpack("<I", payload[-4:])[0] != len(data):
        raise ValueError("the size word behind the payload is wrong")
    return data


class Segment:
    def __init__(self, index, data, paddr, memsz):
        self.index, self.data, self.paddr, self.memsz = index, data, paddr, memsz


class Kernel:
    """The unpacked payload: an ELF file, or with `flat_base` a memory image linked to that physical address."""

    def __init__(self, payload, flat_base=None, flat_relocs=False):
        if flat_base is None:
            self._read_elf(payload)
        else:
            table = self._table_size(payload) if flat_relocs else 0
            self.bits, self.end = 32, len(payload) - table
            self.segments = [Segment(0, payload[: self.end], flat_base, self.end)]
            self.base = self.entry = flat_base
            self.entry_virt, self.virt_offset, self.pvh_entry = None, 0xC0000000, None
        self.relocations = self._read_relocations(payload) if len(payload) > self.end else []
        self._digests = {}

    @staticmethod
    def _table_size(payload):
        at = len(payload)
        while struct.unpack_from("<I", payload, at - 4)[0] != 0:
            at -= 4
        return len(payload) - at + 4

    def _read_elf(self, payload):
        with tempfile.NamedTemporaryFile() as file:
            file.write(payload)
            file.flush()
            header = output_of("readelf", "-hW", file.name).decode()
            program = output_of("readelf", "-lW", file.name).decode()

        def field(name):
            return int(re.search(rf"^\s*{name}:\s*(0x[0-9a-f]+|\d+)", header, re.MULTILINE).group(1), 0)

        self.bits = 64 if "ELF64" in header else 32
        self.end = field("Start of section headers") + field("Number of section headers") * field(
            "Size of section headers"
        )
        self.segments, self.pvh_entry = [], None
        rows = program[program.index("Program Headers:") :].split("\n\n")[0].splitlines()[2:]
        for index, row in enumerate(rows):
            columns = row.split()
            if columns[0] == "NOTE":
                offset, size = int(columns[1], 16), int(columns[4], 16)
                self._read_notes(payload[offset : offset + size])
            if columns[0] != "LOAD":
                continue
            offset, vaddr, paddr, filesz, memsz = (int(column, 16) for column in columns[1:6])
            self.end = max(self.end, offset + filesz)
            if not self.segments:
                self.virt_offset = vaddr - paddr
            self.segments.append(Segment(index, payload[offset : offset + filesz], paddr, memsz))
        self.base = min(segment.paddr for segment in self.segments)
        self.entry = field("Entry point address")
        self.entry_virt = self.entry + self.virt_offset
        if self.entry >= self.virt_offset:
            self.entry, self.entry_virt = self.entry - self.virt_offset, self.entry

    def _read_notes(self, notes):
        """xen/interface/elfnote.h, PHYS32_ENTRY: note 18 of Xen. Name and descriptor are padded to 4 bytes."""
        at = 0
        while at + 12 <= len(notes):
            name_size, size, kind = struct.unpack_from("<III", notes, at)
            name = notes[at + 12 : at + 12 + name_size]
            at += 12 + (name_size + 3) // 4 * 4
            if (name, kind) == (b"Xen\0", 18):
                self.pvh_entry = int.from_bytes(notes[at : at + size], "little")
            at += (size + 3) // 4 * 4

    def _read_relocations(self, payload):
        """[(offset of the slot from the base, what happens to it)], read from the end as the kernel itself does."""
        at, found = len(payload), []
        for kind in ("32", "inverse", "64") if self.bits == 64 else ("32",):
            while True:
                at -= 4
                value = struct.unpack_from("<i" if self.bits == 64 else "<I", payload, at)[0]
                if value == 0:
                    break
                address = value & 0xFFFFFFFFFFFFFFFF if self.bits == 64 else value
                found.append((address - self.virt_offset - self.base, kind))
        return found

    def memory(self, delta):
        """The kernel's memory from the base on, moved by `delta` in virtual memory."""
        memory = bytearray(max(segment.paddr - self.base + len(segment.data) for segment in self.segments))
        for segment in self.segments:
            start = segment.paddr - self.base
            memory[start : start + len(segment.data)] = segment.data
        if delta == 0:
            return memory
        for offset, kind in self.relocations:
            form, bits, sign = {"32": ("<I", 32, 1), "inverse": ("<I", 32, -1), "64": ("<Q", 64, 1)}[kind]
            value = struct.unpack_from(form, memory, offset)[0]
            struct.pack_into(form, memory, offset, (value + sign * delta) % (1 << bits))
        return memory

    def digests(self, delta):
        """SHA-256 of each segment's filesz bytes."""
        if delta not in self._digests:
            memory = self.memory(delta)
            starts = [segment.paddr - self.base for segment in self.segments]
            self._digests[delta] = [
                hashlib.sha256(memory[start : start + len(segment.data)]).hexdigest()
                for start, segment in zip(starts, self.segments)
            ]
        return self._digests[delta]


def verify(bzcheck, *arguments, cwd=None, timeout=300):
    """(exit status, report, bytes of the report, standard error); the report is None when there is no JSON."""
    done = subprocess.run(
        [str(bzcheck), "verify", "--json", "-", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    return done.returncode, report, done.stdout, done.stderr.decode(errors="replace")


def schema_breaches(report):
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(report):
        best = jsonschema.exceptions.best_match([error])
        yield f"not as the schema says: {'/'.join(map(str, best.absolute_path))}: {best.message[:200]}"


def bad_findings(report):
    return [finding for finding in report["findings"] if finding["outcome"] in ("fail", "unknown")]


def describe(finding):
    text = f"{finding['rule']} {finding['name']} {finding['outcome']} in run {finding['run']}: {finding['message']}"
    return f"{text} (at {finding['where']}, expected {finding['expected']}, actual {finding['actual']})"


def pass_breaches(status, report, allowed=()):
    """What is wrong with a report that has to say that all is well, but for notes and warnings of the allowed rules."""
    if (status, report["verdict"]) != (0, "pass"):
        yield f"verdict {report['verdict']} ({report['reason']}), exit status {status}"
    for finding in bad_findings(report):
        if finding["rule"] not in allowed or finding["outcome"] != "fail" or finding["severity"] == "error":
            yield describe(finding)
    for run in report["runs"]:
        yield from result_breaches(run)
    if not any(finding["outcome"] == "pass" for finding in report["findings"]):
        yield "not one rule has passed"


def name_of(run):
    """Enough to tell a run from the others in a message."""
    place = f"{run['scenario'] or run['loader']} at {run['load_addr']}"
    return f"{place}, {'seed ' + str(run['kaslr_seed']) if run['kaslr'] else 'nokaslr'}"


def result_breaches(run):
    """A run ends as it should (docs/report-format.md, expects). The image's own check decides on an address that it is
    expected to refuse, and a kernel that is not relocatable need not survive another address: its place counts."""
    allowed = {"kernel": ("entry",), "running": ("running",), "refusal": ("entry", "halt")}.get(run["expects"])
    if allowed and run["result"] not in allowed:
        yield f"{name_of(run)}: expects {run['expects']}, but ends with {run['result']}"
    if run["expects"] != "refusal" and run["refusal"] is not None:
        yield f"{name_of(run)}: refused: {run['refusal']}"


def kernel_breaches(run, kernel, header):
    """What the run says about the kernel in memory, and what is wrong with it. For runs that reached the entry."""
    entry, found, path = run["entry"], run["kernel"], run["plan"]["path"]
    base, delta = int(found["base_phys"], 16), int(found["virt_delta"], 16)
    regs = {name: int(value, 16) for name, value in entry["regs"].items()}
    blocks = {block["name"]: int(block["phys"], 16) for block in run["plan"]["blocks"]}
    where, pvh = name_of(run), path == "pvh"
    start = kernel.base
    if path not in ("payload-elf", "pvh"):
        alignment = run["relocation"]["kernel_alignment"]
        start = header.runtime_start(int(run["load_addr"], 16), kernel.base, alignment and int(alignment, 16))

    def compare(what, actual, expected):
        if actual != expected:
            shown = [hex(value) if isinstance(value, int) else value for value in (actual, expected)]
            yield f"{where}: {what} is {shown[0]}, expected {shown[1]}"

    entry_phys = kernel.pvh_entry if pvh else kernel.entry
    entry_virt = kernel.entry_virt and kernel.entry_virt - kernel.entry + entry_phys
    yield from compare("entry - base", int(entry["phys"], 16) - base, entry_phys - kernel.base)
    yield from compare("entry.link_virt", entry["link_virt"], entry_virt and hex(entry_virt))
    yield from compare("the number of relocations", found["relocations"], len(kernel.relocations))
    if not run["kaslr"]:
        yield from compare("the base", base, start)
    if not kernel.relocations or (kernel.bits == 64 and not run["kaslr"]):
        yield from compare("the virtual delta", delta, 0)
    elif kernel.bits == 32:
        yield from compare("the virtual delta", delta, base - kernel.base)
    rows = [
        (segment.index, hex(base + segment.paddr - kernel.base), len(segment.data), segment.memsz, digest, True)
        for segment, digest in zip(kernel.segments, kernel.digests(delta))
    ]
    keys = ("index", "phys", "filesz", "memsz", "sha256", "matches")
    yield from compare("segments", [tuple(row[key] for key in keys) for row in found["segments"]], rows)
    wide = kernel.bits == 64 and not pvh
    yield from compare("the mode", entry["mode"], "long" if wide else "protected-32")
    yield from compare("RIP", regs["rip"], int(entry["phys"], 16))
    yield from compare("RFLAGS.IF", regs["rflags"] & RFLAGS_IF, 0)
    yield from compare("CR0.PG", regs["cr0"] & CR0_PG, CR0_PG if wide else 0)
    yield from compare("EFER.LMA", regs["efer"] & EFER_LMA, EFER_LMA if wide else 0)
    yield from compare("CS", regs["cs"], 0x10)
    if pvh:
        yield from compare("RBX", regs["rbx"], blocks["hvm_start_info"])
    elif path != "setup":
        yield from compare("RSI", regs["rsi"], blocks["boot_params"])
    elif header.version >= 0x202:
        yield from compare("RSI in conventional memory", 0 < regs["rsi"] < 0xA0000, True)
