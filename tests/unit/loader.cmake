# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test authenticode boot_loader boot_params checksum compression condition elf elf_notes elf_tables entry_points fields ikconfig image kernel_info layout parts pe plan plan_boot_params plan_elf plan_entry stream uki wrap)
    bzc_unit_test(${test} bzc_loader)
endforeach()
