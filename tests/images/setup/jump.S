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
flat:
#ifdef FAULT_HANDOVER_PAGING
	/* FAULT: paging is on (4 MiB pages, identity) at the 32-bit entry. */
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	$0x8000, %edi
	movl	%edi, %cr3
	movl	$0x83, %eax
	movl	$1024, %ecx
1:	movl	%eax, (%edi)
	addl	$0x400000, %eax
	addl	$4, %edi
	loop	1b
	movl	%cr4, %eax
	orl	$0x10, %eax
	movl	%eax, %cr4
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
#endif
	movl	$0x18, %eax
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
#ifdef FAULT_HANDOVER_ES
	movl	$0x30, %eax
	movl	%eax, %es		/* FAULT: flat data, but not the segment that the protocol names */
	xorl	%eax, %eax
#endif
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
#ifdef FAULT_HANDOVER_CS
	.word	0x28			/* FAULT: flat code, but not the segment that the protocol names */
#else
	.word	0x10
#endif
