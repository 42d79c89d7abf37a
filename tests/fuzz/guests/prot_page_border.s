# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: copies code to the end of a page so that an instruction runs over its border, and executes it.
.code32
    call 1f
1:  popl %ebx
    movl $16, %edx
2:  leal 3f - 1b(%ebx), %esi
    movl $0x401000, %edi
    subl %edx, %edi
    movl %edi, %eax
    movl $4f - 3f, %ecx
    rep movsb
    call *%eax
    decl %edx
    jnz 2b
    jmp .
3:  movl $0x12345678, %ebp
    addl $0x11223344, %ebp
    ret
4:
