# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test bytes digest file memory_map sha256 status x86)
    bzc_unit_test(${test} bzc_base)
endforeach()
