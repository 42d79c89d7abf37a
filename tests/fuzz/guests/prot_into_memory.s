# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: fills memory with jumps, and runs through it.
.code32
    movl $0x300000, %edi
    movl $0x1000, %ecx
    movl $0x02eb02eb, %eax
    rep stosl
    movl $0x300000, %eax
    jmp *%eax
