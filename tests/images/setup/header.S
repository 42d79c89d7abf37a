/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot sector, setup header and the first instructions of the real-mode part.
 *
 * Source: boot.rst, "The Real-Mode Kernel Header". Fields that are zero or a plain default here get their value from
 * mkbzimage; what only this code knows (jump, kernel_version, heap_end_ptr) is set here and left alone there.
 */
#define STACK_SIZE 4096

	.code16
	.section .header, "ax"
	.globl	_start, boot_sector
boot_sector:
	/* Started as a boot sector by mistake: say so, wait for a key, reboot. */
	ljmp	$0x07c0, $1f
1:	movw	%cs, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorw	%sp, %sp
	sti
	cld
	movw	$2f, %si
3:	lodsb
	testb	%al, %al
	jz	4f
	movb	$0x0e, %ah
	movw	$7, %bx
	int	$0x10
	jmp	3b
4:	xorw	%ax, %ax
	int	$0x16
	int	$0x19
	ljmp	$0xf000, $0xfff0
2:	.asciz	"A test kernel of bzcheck needs a boot loader.\r\n"

	.org	0x1f1
setup_sects:		.byte	0
root_flags:		.word	0
syssize:		.long	0
ram_size:		.word	0
vid_mode:		.word	0xffff
root_dev:		.word	0
boot_flag:		.word	0xaa55

	.org	0x200
_start:
	/* Two bytes by hand: the second one also tells a loader where the header ends. */
	.byte	0xeb, start_of_setup - header
header:			.ascii	"HdrS"
version:		.word	0x020f
realmode_swtch:		.long	0
start_sys_seg:		.word	0x1000
kernel_version:		.word	version_string - 512
type_of_loader:		.byte	0
loadflags:		.byte	0
setup_move_size:	.word	0x8000
code32_start:		.long	0x100000
ramdisk_image:		.long	0
ramdisk_size:		.long	0
bootsect_kludge:	.long	0
heap_end_ptr:		.word	_end + STACK_SIZE - 512
ext_loader_ver:		.byte	0
ext_loader_type:	.byte	0
cmd_line_ptr:		.long	0
initrd_addr_max:	.long	0
kernel_alignment:	.long	0
relocatable_kernel:	.byte	0
min_alignment:		.byte	0
xloadflags:		.word	0
cmdline_size:		.long	0
hardware_subarch:	.long	0
hardware_subarch_data:	.quad	0
payload_offset:		.long	0
payload_length:		.long	0
setup_data:		.quad	0
pref_address:		.quad	0
init_size:		.long	0
handover_offset:	.long	0
kernel_info_offset:	.long	0

start_of_setup:
	/*
	 * The stack stands directly behind the own .bss, in what boot.rst, "Memory Layout", leaves to setup; which stack the
	 * loader made does not matter. Loaders enter at DS + 0x20, offset 0; from here on CS is DS.
	 */
	cli
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movl	$(_end + STACK_SIZE), %esp
	pushw	%ax
	pushw	$1f
	lretw
1:	sti
	cld
	movw	$_end, %cx
	movw	$__bss_start, %di
	subw	%di, %cx
	movb	$0, %al
	rep stosb
	calll	setup_main

	.section .rodata, "a"
version_string:
	.asciz	"6.1.0-bzcheck (builder@localhost) #1 SMP bzcheck test kernel"
