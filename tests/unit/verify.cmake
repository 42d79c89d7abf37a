# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test catalogue choices oracle oracle_compare policy relocation rules rules_pe scenario tracker verify)
    bzc_unit_test(${test} bzc_verify)
endforeach()
foreach(test scenario tracker)
    set_tests_properties(unit.${test} PROPERTIES
        ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endforeach()
