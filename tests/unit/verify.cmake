# SPDX-License-Identifier: GPL-2.0-or-later
foreach(test baseline catalogue choices collector diff follower oracle oracle_compare policy relocation rules rules_pe scenario tracker verify watcher)
    bzc_unit_test(${test} bzc_verify)
endforeach()
foreach(test follower scenario tracker watcher)
    set_tests_properties(unit.${test} PROPERTIES
        ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endforeach()
# It looks at reports and at a test image, too.
bzc_unit_test(picture bzc_report bzc_verify)
add_dependencies(test_picture test_images)
set_tests_properties(unit.picture PROPERTIES
    ENVIRONMENT "BZC_IMAGES=${CMAKE_BINARY_DIR}/tests/images;LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
