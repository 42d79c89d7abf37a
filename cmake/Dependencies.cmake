# SPDX-License-Identifier: GPL-2.0-or-later
# The libraries that bzcheck uses, each as an imported target, and the folder that may use it:
#   Unicorn::Unicorn PkgConfig::CAPSTONE   emu      (CPU, disassembly)
#   ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA PkgConfig::LZO2 PkgConfig::LZ4 PkgConfig::ZSTD   loader (payload formats)
#   PkgConfig::TASN1                       loader   (DER of Authenticode signatures)
#   PkgConfig::NETTLE                      base     (digests)
#   PkgConfig::JANSSON                     report, loader (JSON; .pcrsig of unified kernel images)
#   PkgConfig::LIBXML2                     report   (JUnit XML)
#   PkgConfig::DW PkgConfig::ELF           report   (symbols and source lines of traces)
#   Threads::Threads                       verify, tools (parallel runs)
#   PkgConfig::CMOCKA                      tests
# tools/setup installs them; keep its list of packages in step.

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(BZip2 REQUIRED)
find_package(LibLZMA REQUIRED)
pkg_check_modules(CAPSTONE REQUIRED IMPORTED_TARGET capstone>=4.0)
pkg_check_modules(DW REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.12)
pkg_check_modules(LIBXML2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(LZO2 REQUIRED IMPORTED_TARGET lzo2)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(TASN1 REQUIRED IMPORTED_TARGET libtasn1)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
# 2.1.1 brought the virtual TLB that emu/ is built on, in a form that is right and fast.
find_package(Unicorn 2.1.1 REQUIRED)
if(BZC_TESTS)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka>=1.1.5)
endif()
