/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Included at offset PARAMS_OFFSET of the head: see params.h for the meaning of each word. */
	.ascii	"bzcstub1"
	.long	0, 0, 0, 0, 0, 0, 0, 0
	.long	WORK_SIZE
	.long	kernel_info
	.long	0, 0

	/* boot.rst, "The kernel_info". */
	.pushsection .rodata, "a"
	.balign	4
kernel_info:
	.ascii	"LToP"
	.long	kernel_info_end - kernel_info
	.long	kernel_info_end - kernel_info
	.long	0x80000009		/* setup_type_max */
kernel_info_end:
	.popsection
