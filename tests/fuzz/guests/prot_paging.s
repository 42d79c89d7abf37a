# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: paging whose tables map one page at two addresses; runs at the second, writes its own code by the first.
.code32
    call 1f
1:  popl %ebx
    movl $0x400000, %edi
    xorl %eax, %eax
    movl $0x800, %ecx
    rep stosl
    movl $0x401007, 0x400000
    movl $0x83, 0x400004
    movl $1024, %ecx
    movl $0x401000, %edi
    movl $7, %eax
2:  stosl
    addl $0x1000, %eax
    loop 2b
    movl %ebx, %eax
    andl $0xfffff000, %eax
    orl $7, %eax
    movl %eax, 0x401000 + 0x300 * 4
    movl $0x400000, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x10, %eax
    movl %eax, %cr4
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    leal 3f - 1b(%ebx), %eax
    andl $0xfff, %eax
    orl $0x300000, %eax
    leal 4f - 1b(%ebx), %edx
    movl $300, %ecx
    jmp *%eax
3:  incl 1(%edx)
4:  movl $0x1000, %esi
    movl %cr3, %ebp
    movl %ebp, %cr3
    loop 3b
    movl 0x0, %eax
    movl %eax, 0xfffff000
