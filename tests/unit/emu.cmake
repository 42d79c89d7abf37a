# SPDX-License-Identifier: GPL-2.0-or-later
add_library(bzc_fake_guest STATIC "${CMAKE_SOURCE_DIR}/tests/fakes/guest.c")
target_link_libraries(bzc_fake_guest PUBLIC bzc_emu bzc_options PkgConfig::CMOCKA)

bzc_unit_test(unicorn_facts Unicorn::Unicorn Threads::Threads)
foreach(test cpuid disasm machine page_walk trace_levels trampoline watchdog)
    bzc_unit_test(${test} bzc_emu)
endforeach()
foreach(test cpu interrupts memory soft_tlb)
    bzc_unit_test(${test} bzc_fake_guest)
endforeach()
foreach(test unicorn_facts machine trace_levels trampoline cpu interrupts memory soft_tlb)
    set_tests_properties(unit.${test} PROPERTIES
        ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endforeach()
bzc_unit_test(insn_length bzc_emu PkgConfig::CAPSTONE)
bzc_unit_test(cpu_flags bzc_fake_guest)
set_tests_properties(unit.cpu_flags PROPERTIES
    ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
bzc_unit_test(wrap_code bzc_loader Unicorn::Unicorn PkgConfig::CAPSTONE Threads::Threads)
set_tests_properties(unit.wrap_code PROPERTIES
    ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
