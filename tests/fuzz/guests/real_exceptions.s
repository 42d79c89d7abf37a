# SPDX-License-Identifier: GPL-2.0-or-later
# Setup: #UD again and again, by a handler of its own that returns behind the instruction.
.code16
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    call 1f
1:  popw %bx
    addw $handler - 1b, %bx
    movw %bx, 6 * 4
    movw %cs, 6 * 4 + 2
    movw $3000, %cx
2:  ud2
    loop 2b
    hlt
handler:
    movw %sp, %bp
    addw $2, (%bp)
    iret
