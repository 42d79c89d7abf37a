# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test boot_params compression elf fields image plan)
    bzc_unit_test(${test} bzc_loader)
endforeach()
