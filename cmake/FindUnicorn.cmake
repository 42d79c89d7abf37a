# SPDX-License-Identifier: GPL-2.0-or-later
# Finds the CPU emulator library Unicorn and defines the target Unicorn::Unicorn.
#
# Looked at in this order, and the first that is new enough is taken: BZC_UNICORN_ROOT (a prefix such as
# .deps/unicorn-sid; when it is set nothing else is tried), the system, .deps/unicorn (tools/fetch-unicorn). The version
# comes from the header that will be compiled against. Programs find the library at run time by its RPATH.
#
# Result: Unicorn_FOUND, Unicorn_VERSION, Unicorn_INCLUDE_DIR, Unicorn_LIBRARY.

set(BZC_UNICORN_ROOT "" CACHE PATH "Prefix of the Unicorn to use (contains usr/ or include/); empty: search")

# Sets Unicorn_INCLUDE_DIR, Unicorn_LIBRARY and Unicorn_VERSION from the given prefixes, or from the system without.
macro(bzc_unicorn_try)
    unset(Unicorn_INCLUDE_DIR CACHE)
    unset(Unicorn_LIBRARY CACHE)
    set(Unicorn_VERSION "")
    if(${ARGC} GREATER 0)
        set(bzc_unicorn_search PATHS ${ARGN} NO_DEFAULT_PATH)
    else()
        set(bzc_unicorn_search)
    endif()
    find_path(Unicorn_INCLUDE_DIR unicorn/unicorn.h ${bzc_unicorn_search} PATH_SUFFIXES include)
    find_library(Unicorn_LIBRARY NAMES unicorn ${bzc_unicorn_search}
                 PATH_SUFFIXES "lib/${CMAKE_LIBRARY_ARCHITECTURE}" lib)
    if(Unicorn_INCLUDE_DIR AND Unicorn_LIBRARY)
        foreach(bzc_unicorn_part MAJOR MINOR PATCH)
            file(STRINGS "${Unicorn_INCLUDE_DIR}/unicorn/unicorn.h" bzc_unicorn_line
                 REGEX "^#define UC_API_${bzc_unicorn_part} [0-9]+" LIMIT_COUNT 1)
            string(REGEX REPLACE "^[^0-9]*([0-9]+).*$" "\\1" bzc_unicorn_line "${bzc_unicorn_line}")
            list(APPEND Unicorn_VERSION "${bzc_unicorn_line}")
        endforeach()
        list(JOIN Unicorn_VERSION "." Unicorn_VERSION)
    endif()
endmacro()

if(BZC_UNICORN_ROOT)
    get_filename_component(bzc_unicorn_root "${BZC_UNICORN_ROOT}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
    bzc_unicorn_try("${bzc_unicorn_root}/usr" "${bzc_unicorn_root}")
else()
    bzc_unicorn_try()
    if(NOT Unicorn_VERSION OR Unicorn_VERSION VERSION_LESS Unicorn_FIND_VERSION)
        bzc_unicorn_try("${CMAKE_SOURCE_DIR}/.deps/unicorn/usr")
    endif()
endif()
mark_as_advanced(Unicorn_INCLUDE_DIR Unicorn_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    Unicorn
    REQUIRED_VARS Unicorn_LIBRARY Unicorn_INCLUDE_DIR
    VERSION_VAR Unicorn_VERSION
    REASON_FAILURE_MESSAGE "tools/setup (or tools/fetch-unicorn alone) fetches one into .deps/unicorn")

if(Unicorn_FOUND AND NOT TARGET Unicorn::Unicorn)
    add_library(Unicorn::Unicorn SHARED IMPORTED)
    set_target_properties(Unicorn::Unicorn PROPERTIES
        IMPORTED_LOCATION "${Unicorn_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${Unicorn_INCLUDE_DIR}")
endif()
