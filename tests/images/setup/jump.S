/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * void jump_to_protected_mode(uint32_t entry, uint32_t boot_params);
 *
 * What boot.rst, "32-bit Boot Protocol", promises to the code at `entry`: protected mode without paging, CS 0x10,
 * DS = ES = SS 0x18, all flat; interrupts off; ESI = boot_params; EBP, EDI and EBX zero.
 */
	.code16
	.text
	.globl	jump_to_protected_mode
jump_to_protected_mode:
	movl	4(%esp), %edx
	movl	8(%esp), %esi
	xorl	%eax, %eax
	movw	%cs, %ax
	shll	$4, %eax
	addl	$flat, %eax
	movl	%eax, flat_pointer
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	*flat_pointer

	.code32
flat:	movl	$0x18, %eax
	movl	%eax, %ss
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edi, %edi
	xorl	%ebp, %ebp
#ifdef FAULT_HANDOVER_EBX
	movl	$1, %ebx		/* FAULT: must be zero for the 32-bit boot protocol */
#endif
#ifdef FAULT_HANDOVER_IF
	sti				/* FAULT: interrupts must be disabled */
#endif
	jmp	*%edx

	.data
flat_pointer:
	.long	0
	.word	0x10
