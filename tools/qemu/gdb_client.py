# SPDX-License-Identifier: GPL-2.0-or-later
"""The little of the gdb remote protocol that starts a guest of QEMU and stops it at an address."""

import os
import select
import time


class GdbError(Exception):
    """The stub did not do what it was asked for, in one line."""


class GdbClient:
    """A client of QEMU's gdb stub over two file descriptors, which may be the same. EOFError when QEMU ends.

    deadline: value of time.monotonic() after which GdbError is raised.

    Source: the GDB manual, appendix "GDB Remote Serial Protocol": "Overview" ($data#checksum, answered by + or -),
    "Packets" (Z1, c and others) and "Stop Reply Packets".
    """

    def __init__(self, read_fd, write_fd, deadline):
        self.read_fd = read_fd
        self.write_fd = write_fd
        self.deadline = deadline
        self.buffer = b""

    def read_byte(self):
        if not self.buffer:
            if not select.select([self.read_fd], [], [], max(0, self.deadline - time.monotonic()))[0]:
                raise GdbError("QEMU did not reach the breakpoint in time")
            self.buffer = os.read(self.read_fd, 65536)
            if not self.buffer:
                raise EOFError
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def receive(self):
        """The data of the next packet, as text. Acknowledges of our own packets are passed over."""
        while self.read_byte() != b"$":
            pass
        data = bytearray()
        while (byte := self.read_byte()) != b"#":
            data += byte
        checksum = int(self.read_byte() + self.read_byte(), 16)
        if checksum != sum(data) % 256:
            raise GdbError("QEMU's gdb stub sent a packet with a wrong checksum")
        os.write(self.write_fd, b"+")
        return data.decode("ascii")

    def send(self, data):
        raw = data.encode("ascii")
        os.write(self.write_fd, b"$%s#%02x" % (raw, sum(raw) % 256))

    def ask(self, data):
        self.send(data)
        return self.receive()

    def demand(self, data):
        """Asks for something that has no answer but yes."""
        if self.ask(data) != "OK":
            raise GdbError(f"QEMU's gdb stub refused {data}")

    def run_to(self, address):
        """Continues until the instruction at a linear address is about to be executed. Returns the stop reply.

        Z1, a hardware breakpoint: the software kind may be patched into memory that the decompressor has yet to write.
        """
        self.demand(f"Z1,{address:x},1")
        return self.ask("c")
