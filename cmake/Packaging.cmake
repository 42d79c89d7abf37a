# SPDX-License-Identifier: GPL-2.0-or-later
# `cpack` makes one Debian package, bzcheck, of what is installed: program, library with its header, manual pages,
# completion and documents. tools/package is the way to call it.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bzcheck)
set(CPACK_PACKAGE_VENDOR "bzcheck")
set(BZC_PACKAGE_CONTACT "bzcheck maintainers <bzcheck@localhost>" CACHE STRING "The Debian package's maintainer")
set(CPACK_PACKAGE_CONTACT "${BZC_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "checker for Linux/x86 boot images and the boot protocol")
set(CPACK_PACKAGE_DESCRIPTION
"bzcheck boots a Linux/x86 bzImage inside an emulated PC and proves that the
kernel is entered as the boot protocol says: it executes the image's own setup
code and decompressor, stops before the kernel's first instruction, and
compares memory and registers with what the protocol demands and with what it
computed from the payload. It also checks image files without running them,
shows what is in them, compares them, and tells which boot loaders would boot
them.
.
The package contains the program, the library libbzcheck with its header, and
completion for bash, zsh and fish.")
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
# The release of Debian that it is built on and for: libraries have other package names in each.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
if(EXISTS /etc/os-release)
    file(STRINGS /etc/os-release bzc_os_release REGEX "^(ID|VERSION_ID)=")
    string(REGEX REPLACE "[\"]" "" bzc_os_release "${bzc_os_release}")
    if("ID=debian" IN_LIST bzc_os_release AND "${bzc_os_release}" MATCHES "VERSION_ID=([0-9]+)")
        set(CPACK_DEBIAN_PACKAGE_RELEASE "1~deb${CMAKE_MATCH_1}")
    endif()
endif()
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(BZC_LIBRARY)
    # The linker's cache is a trigger's business (Debian policy, 8.1.1). The scripts that cpack adds do no harm.
    file(WRITE "${CMAKE_BINARY_DIR}/debian/shlibs" "libbzcheck 0 bzcheck (>= ${PROJECT_VERSION})\n")
    file(WRITE "${CMAKE_BINARY_DIR}/debian/triggers" "activate-noawait ldconfig\n")
    set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${CMAKE_BINARY_DIR}/debian/shlibs;${CMAKE_BINARY_DIR}/debian/triggers")
    set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
    set(CPACK_DEBIAN_PACKAGE_SUGGESTS "pkgconf | pkg-config")
endif()
if(BZC_BUNDLE_UNICORN)
    # dpkg-shlibdeps finds the library that comes along where it was linked from.
    cmake_path(GET Unicorn_LIBRARY PARENT_PATH CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS)
endif()
# What only a Debian package wants: its copyright file, and compressed manual pages.
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_SOURCE_DIR}/cmake/DebianTree.cmake")
set(CPACK_BZC_SOURCE_DIR "${CMAKE_SOURCE_DIR}")
include(CPack)
