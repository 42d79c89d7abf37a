# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: jumps into the middle of instructions, there and back; then LOCK CMPXCHG8B of a register.
.code32
    movl $500, %ecx
1:  jmp 2f + 1
2:  .byte 0xb8, 0x40, 0x40, 0xeb, 0x02
    .byte 0x0f, 0x0b
    decl %ecx
    jz 3f
    testl $1, %ecx
    jz 2b
    jmp 1b
3:  .byte 0xf0, 0x0f, 0xc7, 0xc8
