# SPDX-License-Identifier: GPL-2.0-or-later
# The interface target bzc_options: what every host program and library of bzcheck is compiled with. It reaches them
# through bzc_base. Guest code (tests/images) does not use it.

add_library(bzc_warnings INTERFACE)
target_compile_options(bzc_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-align -Wundef -Wvla
    -Wformat=2 -Wwrite-strings
    $<$<BOOL:${BZC_WERROR}>:-Werror>)

add_library(bzc_options INTERFACE)
target_include_directories(bzc_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(bzc_options INTERFACE _GNU_SOURCE "BZC_VERSION=\"${PROJECT_VERSION}\"")
# Nothing is visible outside a shared object unless it says so (libbzcheck), and no build folder stands in an assert.
target_compile_options(bzc_options INTERFACE -fvisibility=hidden "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_link_libraries(bzc_options INTERFACE bzc_warnings)
if(BZC_SANITIZE)
    set(bzc_sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
    target_compile_options(bzc_options INTERFACE ${bzc_sanitizers} -O1 -fno-omit-frame-pointer)
    target_link_options(bzc_options INTERFACE ${bzc_sanitizers})
endif()

if(BZC_FUZZ)
    # The macro is libFuzzer's convention: bounds that only cost time become small.
    target_compile_definitions(bzc_options INTERFACE FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
    target_compile_options(bzc_options INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1 -fno-omit-frame-pointer)
    target_link_options(bzc_options INTERFACE -fsanitize=address,undefined)
endif()

# Asserts stay on in every build: they guard against our own mistakes while we read hostile input.
foreach(bzc_type RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${bzc_type} "${CMAKE_C_FLAGS_${bzc_type}}")
endforeach()
