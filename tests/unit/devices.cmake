# SPDX-License-Identifier: GPL-2.0-or-later
add_library(bzc_fake_devices STATIC "${CMAKE_SOURCE_DIR}/tests/fakes/fake_bios.c"
                                    "${CMAKE_SOURCE_DIR}/tests/fakes/fake_host.c")
target_link_libraries(bzc_fake_devices PUBLIC bzc_devices bzc_options PkgConfig::CMOCKA)

foreach(name ports i8042 pic pit uart16550 cmos bios bios_int10 pc)
    bzc_unit_test(${name} bzc_fake_devices)
endforeach()
