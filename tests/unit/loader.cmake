# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test authenticode boot_params checksum compression elf elf_notes elf_tables entry_points fields ikconfig image kernel_info layout pe plan stream uki)
    bzc_unit_test(${test} bzc_loader)
endforeach()
