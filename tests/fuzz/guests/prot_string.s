# SPDX-License-Identifier: GPL-2.0-or-later
# 32-bit entry: string instructions over their own code and over the end of memory.
.code32
    call 1f
1:  popl %esi
    leal 3f - 1b(%esi), %edi
    movl $64, %ecx
    rep movsb
3:  nop
    nop
    movl $0x3ffffc0, %edi
    movl $0x100, %ecx
    rep stosb
    jmp 1b
