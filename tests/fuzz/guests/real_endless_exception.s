# SPDX-License-Identifier: GPL-2.0-or-later
# Setup: #UD whose handler returns to it: an endless loop through the interrupt table.
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
    ud2
handler:
    iret
