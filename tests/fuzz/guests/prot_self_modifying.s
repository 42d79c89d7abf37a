# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: an instruction that the one before writes, in a loop; the target of its jump changes each time.
.code32
    call 1f
1:  popl %ebx
    leal 3f - 1b(%ebx), %edi
    movl $2000, %ecx
2:  movb %cl, %al
    andb $7, %al
    movb %al, 1(%edi)
    jmp 3f
    .p2align 4
3:  jmp .+2
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    loop 2b
    hlt
