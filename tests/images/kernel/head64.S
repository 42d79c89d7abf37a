/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry of the x86-64 test kernel. It is entered at its physical address under identity page tables, maps itself where
 * it was linked (moved by what KASLR added to every address), and goes on in C.
 */
#define START_KERNEL_MAP 0xffffffff80000000

	.file	"head64.S"
	.section .head.text, "ax"
	.code64
	/* The lowest address is not the entry (as in Linux 6.12 and later): a jump to it lands here. */
	.globl	_text
_text:
	movw	$0x3f8, %dx
	leaq	wrong_entry_text(%rip), %rsi
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
wrong_entry_text:
	.asciz	"bzcheck test kernel: FAIL entered at the wrong place\r\n"

	.org	0x100
	.globl	startup_64
startup_64:
	pushfq
	popq	%r8
	cld
	cli
	movq	%rsi, %r15
	leaq	_text(%rip), %rbp
	movq	%cr0, %r9

	leaq	__bss_start(%rip), %rdi
	leaq	_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	rep stosb
	leaq	stack_end(%rip), %rsp

	/* Identity for the first 4 GiB, and 0xffffffff80000000 + what the linker and KASLR gave = the own base. */
	leaq	page_tables(%rip), %rbx
	leaq	0x1003(%rbx), %rax
	movq	%rax, (%rbx)			/* level 4, identity */
	leaq	0x6003(%rbx), %rax
	movq	%rax, 511 * 8(%rbx)		/* level 4, kernel */
	leaq	0x2003(%rbx), %rax
	leaq	0x1000(%rbx), %rdi
	movl	$4, %ecx
1:	movq	%rax, (%rdi)
	addq	$0x1000, %rax
	addq	$8, %rdi
	loop	1b
	leaq	0x2000(%rbx), %rdi
	movl	$0x183, %eax
	movl	$2048, %ecx
1:	movq	%rax, (%rdi)
	addq	$0x200000, %rax
	addq	$8, %rdi
	loop	1b
	leaq	0x7003(%rbx), %rax
	movq	%rax, 0x6000 + 510 * 8(%rbx)	/* level 3, kernel */
	movq	$_text, %rdx			/* a 32-bit relocation: the address with KASLR's distance */
	movabsq	$START_KERNEL_MAP, %rax
	subq	%rax, %rdx
	shrq	$21, %rdx
	leaq	0x7000(%rbx, %rdx, 8), %rdi
	leaq	0x183(%rbp), %rax
	movl	$8, %ecx
1:	movq	%rax, (%rdi)
	addq	$0x200000, %rax
	addq	$8, %rdi
	loop	1b
	movq	%rbx, %cr3

	movabsq	$high, %rax			/* a 64-bit relocation */
	jmp	*%rax
high:	movq	$stack_end, %rsp
	/* GS = the per-CPU area, which was linked at 0. */
	movq	$__per_cpu_load, %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$0xc0000101, %ecx
	wrmsr

	pushq	%rbp
	pushq	%r9
	pushq	%r8
	pushq	%r15
	movq	%rsp, %rdi
	subq	$8, %rsp
	call	kernel_main
1:	cli
	hlt
	jmp	1b

/* The PVH entry: 32-bit code at its physical address, with hvm_start_info in EBX and no stack. */
	.code32
pvh_entry:
	movw	$0x3f8, %dx
	movb	$'P', %al
	outb	%al, %dx
	movb	$'V', %al
	outb	%al, %dx
	movb	$'H', %al
	outb	%al, %dx
	movb	$'\n', %al
	outb	%al, %dx
1:	cli
	hlt
	jmp	1b
	.code64

	.globl	text_by_immediate, text_by_percpu
text_by_immediate:
	movq	$_text, %rax
	ret
/* A PC-relative reference to a per-CPU symbol needs the inverse correction when the code moves. */
text_by_percpu:
	movq	%gs:percpu_pointer(%rip), %rax
	ret

/* Xen, public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, 18
	.asciz	"Xen"
#ifdef FAULT_PVH
	.quad	startup_64 - START_KERNEL_MAP	/* FAULT: 64-bit code, and a PVH loader enters 32-bit code */
#else
	.quad	pvh_entry - START_KERNEL_MAP
#endif

	.section .data..percpu, "aw"
	.quad	0x7265707570632121
percpu_pointer:
	.quad	_text

	.section .init.data, "aw"
	.balign	16
	.globl	slot_pointer, slot_distance
slot_distance:
	.long	0, startup_64 - _text, wrong_entry_text - _text, high - _text
slot_pointer:
	.quad	_text, startup_64, wrong_entry_text, high

	.section .bss
	.balign	4096
page_tables:
	.skip	8 * 4096
	.skip	16384
stack_end:
