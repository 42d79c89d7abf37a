# SPDX-License-Identifier: GPL-2.0-or-later
# Setup: prints what terminals, browsers and log readers obey, to screen and serial line; then a far jump to nowhere.
.code16
    pushw %cs
    popw %ds
    call 1f
1:  popw %si
    addw $text - 1b, %si
2:  lodsb
    testb %al, %al
    jz 3f
    movb $0x0e, %ah
    movw $7, %bx
    int $0x10
    movw $0x3f8, %dx
    outb %al, %dx
    jmp 2b
3:  ljmp $0xffff, $0xffff
text:
    .ascii "<script>alert(1)</script>\033[2J\n::error::x\n]]>&amp;\377\300\200\n1..9\nok 1\0"
