/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry of the i386 test kernel. It is entered at its physical address without paging, maps the first GiB of physical
 * memory at 0xc0000000, and goes on in C. Where it runs, relocation has moved all link-time addresses likewise.
 */
#define PAGE_OFFSET 0xc0000000

	.file	"head32.S"
	.section .head.text, "ax"
	.code32
	.globl	_text, startup_32
_text:
#ifndef STYLE_FLAT
	/* The lowest address is not the entry (as in Linux 6.12 and later): a jump to it lands here. In a flat payload
	   it must be the entry: nothing else could tell the decompressor. */
	movw	$0x3f8, %dx
	movl	$(wrong_entry_text - PAGE_OFFSET), %esi
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	movl	$2, %eax
	movw	$0xf4, %dx
	outl	%eax, %dx
3:	hlt
	jmp	3b
	.org	0x100
#endif
startup_32:
	movl	$(stack_end - PAGE_OFFSET), %esp
	pushfl
	cld
	cli
	movl	$(__bss_start - PAGE_OFFSET), %edi
	movl	$(stack - PAGE_OFFSET), %ecx	/* the stack is in use already */
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	popl	%ebp

	movl	$(page_directory - PAGE_OFFSET), %edi
	movl	$0x83, %eax
	movl	$256, %ecx
1:	movl	%eax, (%edi)
	movl	%eax, 768 * 4(%edi)
	addl	$0x400000, %eax
	addl	$4, %edi
	loop	1b
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x400000, %eax
	addl	$4, %edi
	loop	1b
	movl	%cr0, %ebx
	movl	$(page_directory - PAGE_OFFSET), %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x10, %eax
	movl	%eax, %cr4
	movl	%ebx, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	movl	$high, %eax
	jmp	*%eax
high:	movl	$stack_end, %esp

	call	1f
1:	popl	%eax
	subl	$(1b - _text), %eax
	subl	$PAGE_OFFSET, %eax
	pushl	%eax
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	movl	%esp, %eax
	pushl	%eax
	call	kernel_main
1:	cli
	hlt
	jmp	1b

wrong_entry_text:
	.asciz	"bzcheck test kernel: FAIL entered at the wrong place\r\n"


	.globl	text_by_immediate, text_by_percpu
text_by_immediate:
	movl	$_text, %eax
	ret
text_by_percpu:
	movl	percpu_pointer, %eax
	ret

	.section .data..percpu, "aw"
	.long	0x75706370
percpu_pointer:
	.long	_text

	.section .init.data, "aw"
	.balign	16
	.globl	slot_pointer, slot_distance
slot_distance:
	.long	0, startup_32 - _text, wrong_entry_text - _text, high - _text
slot_pointer:
	.long	_text, startup_32, wrong_entry_text, high

	.section .bss
	.balign	4096
page_directory:
	.skip	4096
	.section .stack, "aw", @nobits
stack:	.skip	16384
stack_end:
