/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 32-bit entry of an i386 image: finds out where it runs, moves itself to the end of the init_size bytes that begin at
 * the kernel's place (in-place unpacking is safe there), unpacks, and enters the kernel. Linked at 0: a symbol's value is
 * its offset. Register use: EBP where it was loaded, EBX where it moves to, EDI where the kernel goes, ESI boot_params.
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

1:
#ifdef FAULT_PAGING_OFF
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax	/* FAULT of setup, which turned paging on; without paging the rest is well */
	movl	%eax, %cr0
#endif
	/* boot_params.scratch is the only stack there is until the own address is known. */
	leal	(BP_SCRATCH + 4)(%esi), %esp
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

	/* boot.rst, kernel_alignment: a relocatable kernel runs at its load address, aligned up, but never below
	   the address it was linked for. */
	movl	PARAM_LOAD_ADDR(%ebp), %edi
	testl	$FLAG_RELOCATABLE, PARAM_FLAGS(%ebp)
	jz	3f
	movl	%ebp, %eax
	movl	PARAM_ALIGNMENT(%ebp), %ecx
	cmpw	$0x205, BP_VERSION(%esi)
	jb	4f
#ifndef FAULT_ALIGNMENT			/* FAULT: what the loader wrote there does not count */
	movl	BP_KERNEL_ALIGNMENT(%esi), %ecx
#endif
4:	leal	-1(%eax, %ecx), %eax
	negl	%ecx
	andl	%ecx, %eax
	cmpl	%edi, %eax
	jb	3f
	movl	%eax, %edi
3:
#ifdef STYLE_LOW_BUFFER
	/* No move: unpack below 64 KiB; then nothing of this is needed any more but the move routine. */
	movl	PARAM_WORK(%ebp), %eax
	leal	WORK_SIZE(%ebp, %eax), %esp
	pushl	%ebp
	pushl	$LOW_BUFFER
	pushl	%esi
	call	extract_kernel
	movl	%esi, %edx
	movl	PARAM_OUTPUT_LEN(%ebp), %ebx
	movl	PARAM_LOAD_ADDR(%ebp), %eax
	leal	move_routine(%ebp), %esi
	movl	$LOW_MOVE_ROUTINE, %edi
	movl	$(move_routine_end - move_routine), %ecx
	rep movsb
	movl	$LOW_BUFFER, %esi
	movl	%eax, %edi
	movl	%ebx, %ecx
	xorl	%ebx, %ebx
	movl	$LOW_MOVE_ROUTINE, %ebp
	jmp	*%ebp
move_routine:
	rep movsb
	movl	%edx, %esi
	jmp	*%eax
move_routine_end:
#endif
	movl	PARAM_INIT_SIZE(%ebp), %ebx
	cmpw	$0x20a, BP_VERSION(%esi)
	jb	5f
	movl	BP_INIT_SIZE(%esi), %ebx
5:	addl	%edi, %ebx
	subl	PARAM_WORK(%ebp), %ebx
	subl	$WORK_SIZE, %ebx

	movl	PARAM_WORK(%ebp), %eax
	leal	WORK_SIZE(%ebx, %eax), %esp

#ifdef FAULT_OUTSIDE
	movl	$0x600d, 0xc0000000	/* FAULT: nothing answers there on a PC with less than 3 GiB */
#endif

	/* Downwards: the new place lies above the old one and may overlap it. */
	pushl	%esi
	pushl	%edi
	movl	PARAM_IMAGE_LEN(%ebp), %ecx
	leal	-4(%ebp, %ecx), %esi
	leal	-4(%ebx, %ecx), %edi
	shrl	$2, %ecx
	std
	rep movsl
	cld
	popl	%edi
	popl	%esi

	leal	relocated(%ebx), %eax
	jmp	*%eax
relocated:
	/* The old GDT may be overwritten by the kernel. */
	leal	gdt(%ebx), %eax
	movl	%eax, gdt_pointer + 2(%ebx)
	lgdt	gdt_pointer(%ebx)

	pushl	%ebx
	pushl	%edi
	pushl	%esi
	call	extract_kernel		/* returns the kernel's entry in EAX */

#ifdef FAULT_PAGING
	/* FAULT: the kernel is entered with paging on (4 MiB pages, identity). */
	movl	PARAM_WORK(%ebx), %edi
	addl	%ebx, %edi
	movl	%edi, %cr3
	movl	$0x83, %edx
	movl	$1024, %ecx
1:	movl	%edx, (%edi)
	addl	$0x400000, %edx
	addl	$4, %edi
	loop	1b
	movl	%cr4, %edx
	orl	$0x10, %edx
	movl	%edx, %cr4
	movl	%cr0, %edx
	orl	$0x80000000, %edx
	movl	%edx, %cr0
#endif
#ifdef FAULT_ESI
	movl	$0xdeadbeef, %esi	/* FAULT: not boot_params */
#endif
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%edi, %edi
#ifdef FAULT_IF
	sti				/* FAULT: interrupts must stay off */
#endif
#ifdef FAULT_DS
	movl	$0x20, %edx
	movl	%edx, %ds		/* FAULT: ends at 1 GiB */
#endif
	jmp	*%eax

	.section .data, "aw"
	.balign	8
gdt:	.quad	0, 0
	.quad	0x00cf9b000000ffff	/* 0x10: flat code */
	.quad	0x00cf93000000ffff	/* 0x18: flat data */
#ifdef FAULT_DS
	.quad	0x00c393000000ffff	/* 0x20: 1 GiB of data */
#endif
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	0
