/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 32-bit and 64-bit entry of an x86-64 image. The 32-bit entry builds identity page tables for the first 4 GiB and goes
 * to long mode; the 64-bit entry at 0x200 (boot.rst, "64-bit Boot Protocol") does what head32.S does for i386.
 * Linked at 0: a symbol's value is its offset from the load address.
 */
#include "../boot_params.h"
#include "params.h"

	.code32
	.section .head.text, "ax"
	.globl	startup_32
startup_32:
	cld
	cli
	jmp	1f
	.org	PARAMS_OFFSET
#include "params.S"

1:	leal	(BP_SCRATCH + 4)(%esi), %esp
	call	2f
2:	popl	%ebp
	subl	$2b, %ebp

	leal	gdt(%ebp), %eax
	movl	%eax, gdt_pointer + 2(%ebp)
	lgdt	gdt_pointer(%ebp)
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss

	/* The work area behind the image is free for use: boot.rst, init_size. */
	movl	PARAM_WORK(%ebp), %eax
	leal	WORK_SIZE(%ebp, %eax), %esp

	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$0x200000, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	cmpl	%eax, %ecx
	je	no_long_mode
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	no_long_mode

#ifdef FAULT_OUTSIDE
	movl	$0x600d, 0xc0000000	/* FAULT: nothing answers there on a PC with less than 3 GiB */
#endif

	call	kernel_address_32	/* EDI = the kernel's place, EBX = where this code will move */
	movl	%cr4, %eax
	orl	$0x20, %eax		/* PAE */
	movl	%eax, %cr4

	/* In the work area's final place, so that the tables survive both the move and the unpacking. */
	movl	PARAM_WORK(%ebp), %edi
	addl	%ebx, %edi
	movl	%edi, %edx
	xorl	%eax, %eax
	movl	$(PAGE_TABLES_SIZE / 4), %ecx
	rep stosl
	leal	0x1007(%edx), %eax
	movl	%eax, (%edx)
	addl	$0x1000, %eax
	leal	0x1000(%edx), %edi
	movl	$4, %ecx
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$8, %edi
	loop	1b
	leal	0x2000(%edx), %edi
	movl	$0x183, %eax
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	movl	%edx, %cr3

	movl	$0xc0000080, %ecx	/* EFER */
	rdmsr
	btsl	$8, %eax
	wrmsr
	xorl	%eax, %eax
	lldt	%ax
	pushl	$0x10
	leal	startup_64(%ebp), %eax
	pushl	%eax
	movl	$0x80000001, %eax
	movl	%eax, %cr0
	lret

no_long_mode:
	leal	no_long_mode_text(%ebp), %esi
	movl	$0xb8000, %edi
1:	lodsb
	testb	%al, %al
	jz	2f
	movb	$0x07, %ah
	stosw
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	1b
2:	hlt
	jmp	2b

/* The same calculation as in startup_64, on 32-bit registers. */
kernel_address_32:
	movl	PARAM_LOAD_ADDR(%ebp), %edi
	testl	$FLAG_RELOCATABLE, PARAM_FLAGS(%ebp)
	jz	1f
	movl	%ebp, %eax
	movl	BP_KERNEL_ALIGNMENT(%esi), %ecx
	leal	-1(%eax, %ecx), %eax
	negl	%ecx
	andl	%ecx, %eax
	cmpl	%edi, %eax
	jb	1f
	movl	%eax, %edi
1:	movl	BP_INIT_SIZE(%esi), %ebx
	addl	%edi, %ebx
	subl	PARAM_WORK(%ebp), %ebx
	subl	$WORK_SIZE, %ebx
	ret

	.code64
	.org	0x200
	.globl	startup_64
startup_64:
	/* From startup_32, or from a 64-bit boot loader with its own page tables. */
	cld
	cli
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs

#ifndef FAULT_ENTRY64			/* FAULT: counts on what only the 32-bit entry leaves in RBP */
	leaq	startup_32(%rip), %rbp
#endif
	movl	PARAM_LOAD_ADDR(%rbp), %r12d
	testl	$FLAG_RELOCATABLE, PARAM_FLAGS(%rbp)
	jz	1f
	movq	%rbp, %rax
	movl	BP_KERNEL_ALIGNMENT(%rsi), %ecx
	leaq	-1(%rax, %rcx), %rax
	negq	%rcx
	andq	%rcx, %rax
	cmpq	%r12, %rax
	jb	1f
	movq	%rax, %r12
1:	movl	BP_INIT_SIZE(%rsi), %ebx
	addq	%r12, %rbx
	movl	PARAM_WORK(%rbp), %eax
	subq	%rax, %rbx
	subq	$WORK_SIZE, %rbx
	leaq	WORK_SIZE(%rbx, %rax), %rsp
	movq	%rsi, %r15
#ifdef FAULT_IDENTITY
	movl	$0xfe00000, %edx
	movl	(%rdx), %edx		/* FAULT: RAM, but not of what a loader has to map */
#endif

	leaq	gdt(%rip), %rax
	movq	%rax, gdt_pointer + 2(%rip)
	lgdt	gdt_pointer(%rip)
	pushq	$0x10
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:
	/* Downwards: the new place lies above the old one and may overlap it. */
	movl	PARAM_IMAGE_LEN(%rbp), %ecx
	leaq	-8(%rbp, %rcx), %rsi
	leaq	-8(%rbx, %rcx), %rdi
	shrl	$3, %ecx
	std
	rep movsq
	cld
	leaq	relocated(%rbx), %rax
	jmp	*%rax
relocated:
	leaq	gdt(%rip), %rax
	movq	%rax, gdt_pointer + 2(%rip)
	lgdt	gdt_pointer(%rip)

	movq	%r15, %rdi
	movq	%r12, %rsi
	movq	%rbx, %rdx
	call	extract_kernel		/* returns the kernel's entry in RAX */

	movq	%r15, %rsi
#ifdef FAULT_ESI
	movl	$0xdeadbeef, %esi	/* FAULT: not boot_params */
#endif
#ifdef FAULT_IF
	sti				/* FAULT: interrupts must stay off */
#endif
#ifdef FAULT_A20
	movq	%rax, %rcx
	inb	$0x92, %al
	andb	$0xfc, %al
	outb	%al, $0x92		/* FAULT: closes A20; bit 0 would reset the machine */
	movq	%rcx, %rax
#endif
#ifdef FAULT_COMPAT
	pushq	$0x08			/* FAULT: 64-bit code in a 32-bit segment */
	pushq	%rax
	lretq
#endif
	jmp	*%rax

	.section .data, "aw"
	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: 32-bit code */
	.quad	0x00af9b000000ffff	/* 0x10: 64-bit code */
	.quad	0x00cf93000000ffff	/* 0x18: flat data */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	0

	.section .rodata, "a"
no_long_mode_text:
	.asciz	"This kernel needs an x86-64 CPU, but this one has no long mode. System halted."
