# SPDX-License-Identifier: GPL-2.0-or-later
# 64-bit entry: RDTSC, CPUID and faults with an interrupt table whose gates are wrong; then the stack runs away.
.code64
    movl $300, %ecx
1:  pushq %rcx
    xorl %eax, %eax
    cpuid
    rdtsc
    popq %rcx
    loop 1b
    subq $16, %rsp
    leaq 2f(%rip), %rax
    movw $0x0fff, (%rsp)
    movq %rax, 2(%rsp)
    lidt (%rsp)
    syscall
2:  call 2b
