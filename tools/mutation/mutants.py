# SPDX-License-Identifier: GPL-2.0-or-later
"""Single-fault mutants of a boot image.

A mutant is (group, recipe, bytes, touched): the recipe says in one line what was done, in a form that a person can
repeat; `touched` is the file range that changed, or None where the kernel's ELF file was changed before it was packed.
Where the setup header's fields lie is asked of `mkbzimage --fields`, where the parts of an image lie of
`mkbzimage --places`.
"""

import random
import re
import struct
import subprocess
from pathlib import Path

# Offsets from the PE signature and from the optional header; Microsoft, "PE Format".
PE_FIELDS = {
    "Machine": (4, 2), "NumberOfSections": (6, 2), "SizeOfOptionalHeader": (20, 2), "Characteristics": (22, 2),
    "Magic": (24, 2), "SizeOfCode": (28, 4), "AddressOfEntryPoint": (40, 4), "SectionAlignment": (56, 4),
    "FileAlignment": (60, 4), "SizeOfImage": (80, 4), "SizeOfHeaders": (84, 4), "Subsystem": (92, 2),
    "DllCharacteristics": (94, 2),
}  # fmt: skip
SECTION_FIELDS = {
    "VirtualSize": (8, 4), "VirtualAddress": (12, 4), "SizeOfRawData": (16, 4), "PointerToRawData": (20, 4),
    "Characteristics": (36, 4),
}  # fmt: skip
# Name, offset and size in an ELF32 and an ELF64 file; System V ABI, "Object Files".
ELF_HEADER = {
    "EI_CLASS": ((4, 1), (4, 1)), "EI_DATA": ((5, 1), (5, 1)), "e_type": ((16, 2), (16, 2)),
    "e_machine": ((18, 2), (18, 2)), "e_entry": ((24, 4), (24, 8)), "e_phoff": ((28, 4), (32, 8)),
    "e_phentsize": ((42, 2), (54, 2)), "e_phnum": ((44, 2), (56, 2)),
}  # fmt: skip
ELF_PHDR = {
    "p_type": ((0, 4), (0, 4)), "p_offset": ((4, 4), (8, 8)), "p_vaddr": ((8, 4), (16, 8)),
    "p_paddr": ((12, 4), (24, 8)), "p_filesz": ((16, 4), (32, 8)), "p_memsz": ((20, 4), (40, 8)),
    "p_align": ((28, 4), (48, 8)),
}  # fmt: skip


def table(mkbzimage):
    """{name: (offset, size, since, access)} of the setup header."""
    lines = subprocess.run([mkbzimage, "--fields"], check=True, capture_output=True, text=True).stdout.splitlines()
    rows = {}
    for name, offset, size, since, access in (line.split() for line in lines):
        major, minor = (0, 0) if since == "all" else map(int, since.split("."))
        rows[name] = (int(offset, 16), int(size), major << 8 | minor, access)
    return rows


def places(mkbzimage, image):
    """{name: file offset} of an image's parts."""
    lines = subprocess.run([mkbzimage, "--places", image], check=True, capture_output=True, text=True).stdout
    return {name: int(offset, 16) for name, offset in (line.split() for line in lines.splitlines())}


def number(data, offset, size):
    return int.from_bytes(data[offset : offset + size], "little")


def wrong_values(old, size):
    """What a field holds when somebody has made a mistake: off by one, one bit, twice, half, swapped, empty, full."""
    most = (1 << 8 * size) - 1
    swapped = int.from_bytes(old.to_bytes(size, "little"), "big")
    values = [0, 1, most, old ^ 1, old ^ (most // 2 + 1), old + 1, old - 1, old * 2, old // 2, swapped, old + 16,
              old + 0x1000, old | 0x10000 << 4]  # fmt: skip
    return sorted({value & most for value in values} - {old})


class Image:
    """An image and what makes mutants of it."""

    def __init__(self, path, mkbzimage, seed):
        self.path = Path(path)
        self.data = self.path.read_bytes()
        self.fields = table(mkbzimage)
        self.places = places(mkbzimage, path)
        # The setup header of a unified kernel image is inside it; its own are the PE headers.
        if "pm" not in self.places:
            self.fields = {}
        self.version = number(self.data, *self.fields["version"][:2]) if self.fields else 0
        self.random = random.Random(f"{seed}:{self.path.name}")

    def poke(self, offset, new):
        return self.data[:offset] + new + self.data[offset + len(new) :]

    def change(self, group, recipe, offset, new):
        return group, recipe, self.poke(offset, new), (offset, offset + len(new))

    # ---- setup header ----

    def header(self):
        for name, (offset, size, _, _) in self.fields.items():
            old = number(self.data, offset, size)
            for value in wrong_values(old, size):
                yield self.change("header", f"set {name} 0x{value:x} (was 0x{old:x})", offset, value.to_bytes(size, "little"))

    def swapped(self):
        """Neighbours of one size, as when a struct is filled in the wrong order."""
        rows = sorted(self.fields.items(), key=lambda row: row[1][0])
        for (one, (at, size, _, _)), (two, (behind, other, _, _)) in zip(rows, rows[1:]):
            if size != other or behind != at + size:
                continue
            first, second = self.data[at:behind], self.data[behind : behind + size]
            if first != second:
                yield self.change("swap", f"swap {one} {two}", at, second + first)

    # ---- the file ----

    def truncated(self):
        behind = self.places.get("pm", 0)  # a unified kernel image has no real-mode part of its own
        cuts = {512, behind, behind + 512, len(self.data) // 2, len(self.data) - 4096}
        cuts |= {len(self.data) - n for n in (1, 4, 16, 17, 512)}
        if "payload" in self.places:
            start, end = self.places["payload"], self.places["payload_end"]
            cuts |= {start, start + 4, (start + end) // 2, end - 4, end}
        for cut in sorted(cut for cut in cuts if 0 < cut < len(self.data)):
            yield "truncate", f"cut 0x{cut:x}", self.data[:cut], (cut, len(self.data))

    def payload(self, count):
        if "payload" not in self.places:
            return
        start, end = self.places["payload"], min(self.places["payload_end"], len(self.data))
        spots = [start + n for n in (0, 1, 2, 4, 6, 8)] + [end - n for n in (1, 2, 4, 5, 8)]
        spots += [self.random.randrange(start, end) for _ in range(count)]
        for at in sorted(set(spots)):
            bit = 1 << self.random.randrange(8)
            yield self.change("payload", f"flip payload+0x{at - start:x} 0x{bit:02x}", at, bytes([self.data[at] ^ bit]))

    # ---- PE ----

    def pe(self):
        if "pe" not in self.places:
            return
        base = self.places["pe"]
        for name, (offset, size) in PE_FIELDS.items():
            old = number(self.data, base + offset, size)
            for value in wrong_values(old, size):
                yield self.change("pe", f"pe {name} 0x{value:x} (was 0x{old:x})", base + offset, value.to_bytes(size, "little"))
        sections = base + 24 + number(self.data, base + 20, 2)
        for index in range(number(self.data, base + 6, 2)):
            for name, (offset, size) in SECTION_FIELDS.items():
                at = sections + 40 * index + offset
                old = number(self.data, at, size)
                for value in wrong_values(old, size):
                    yield self.change("pe", f"pe section{index} {name} 0x{value:x} (was 0x{old:x})", at,
                                      value.to_bytes(size, "little"))  # fmt: skip

    # ---- code ----

    def instructions(self, start, end, machine):
        """[(file offset, bytes, mnemonic)] by linear disassembly of [start, end)."""
        if end <= start:
            return []
        run = subprocess.run(
            ["objdump", "-D", "-b", "binary", "-m", "i386", "-M", machine, "-w", f"--start-address={start}",
             f"--stop-address={end}", str(self.path)],
            check=True, capture_output=True, text=True)  # fmt: skip
        found = []
        for line in run.stdout.splitlines():
            match = re.match(r"\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(\S+)", line)
            if match and match.group(3) not in ("(bad)", "...") and set(match.group(2)) - set("0 "):
                found.append((int(match.group(1), 16), bytes.fromhex(match.group(2)), match.group(3)))
        return found

    def patched(self, group, where, machine, count):
        wanted = self.random.sample(where, min(count, len(where)))
        for at, code, mnemonic in sorted(wanted):
            choices = [("nop", b"\x90" * len(code)), ("int3", b"\xcc"), ("flip", code[:-1] + bytes([code[-1] ^ 1]))]
            if len(code) == 2 and 0x70 <= code[0] <= 0x7F:
                choices.append(("invert", bytes([code[0] ^ 1])))
            what, new = self.random.choice(choices)
            if new != code[: len(new)]:
                yield self.change(group, f"{what} {mnemonic} at file offset 0x{at:x} (was {code.hex()})", at, new)

    def code(self, count):
        if not self.fields:
            return
        offset, size = self.fields["jump"][:2]
        head_end = offset + size + self.data[offset + 1]
        pm, payload = self.places["pm"], self.places.get("payload", len(self.data))
        behind = self.places.get("payload_end", len(self.data))
        bits = "x86-64" if self.is_64() else "i386"
        setup = self.instructions(head_end, pm, "i8086")
        body = self.instructions(pm, payload, bits) + self.instructions(behind, len(self.data), bits)
        yield from self.patched("setup code", setup, "i8086", count)
        yield from self.patched("decompressor code", body, bits, count)

    def is_64(self):
        offset, size, since, _ = self.fields["xloadflags"]
        return self.version >= since and number(self.data, offset, size) & 1 != 0

    def all(self, code, flips):
        yield from self.header()
        yield from self.swapped()
        yield from self.truncated()
        yield from self.payload(flips)
        yield from self.pe()
        yield from self.code(code)


def elf_mutants(elf):
    """(recipe, bytes) of a kernel's ELF file with one wrong field."""
    data = elf.read_bytes()
    wide = data[4] == 2
    phoff, phentsize, phnum = ((struct.unpack_from("<Q", data, 32)[0], 56, number(data, 56, 2)) if wide else
                               (number(data, 28, 4), 32, number(data, 44, 2)))  # fmt: skip

    def change(name, at, size):
        old = number(data, at, size)
        for value in wrong_values(old, size):
            yield f"elf {name} 0x{value:x} (was 0x{old:x})", data[:at] + value.to_bytes(size, "little") + data[at + size :]

    for name, spots in ELF_HEADER.items():
        yield from change(name, *spots[wide])
    for index in range(phnum):
        for name, spots in ELF_PHDR.items():
            offset, size = spots[wide]
            yield from change(f"phdr{index} {name}", phoff + index * phentsize + offset, size)
