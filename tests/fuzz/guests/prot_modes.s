# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: to 16-bit code by a segment of its own, to real mode, back again, and over again.
.code32
    call 1f
1:  popl %ebx
    leal 9f - 1b(%ebx), %esi
    movl $0x7000, %edi
    movl $99f - 9f, %ecx
    rep movsb
    movl $0x7c00, %esp
    movl $0x7000, %eax
    jmp *%eax
9:  lgdt 0x7000 + gdtr - 9b
    movl $40, %ecx
again:
    ljmp $0x18, $0x7000 + sixteen - 9b
    .code16
sixteen:
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmp $0, $0x7000 + real - 9b
real:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    sti
    nop
    cli
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $8, $0x7000 + back - 9b
    .code32
back:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %ss
    loop again
    ud2
gdtr: .word 31
    .long 0x7000 + gdt - 9b
gdt: .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x000f9b000000ffff
99:
