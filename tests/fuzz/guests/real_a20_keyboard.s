# SPDX-License-Identifier: GPL-2.0-or-later
# Setup: hardware all around: every port once, then a write to the ROM and above.
.code16
    xorw %dx, %dx
1:  inb %dx, %al
    outb %al, %dx
    incw %dx
    cmpw $0x3fe, %dx
    jb 1b
    movw $0xffff, %ax
    movw %ax, %ds
    movw %ax, 0x10
    movw $0xf000, %ax
    movw %ax, %ds
    movw %ax, 0x10
    movb $0xfe, %al
    outb %al, $0x64
    hlt
