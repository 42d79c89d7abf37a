# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tests of what is installed. `expect TEXT COMMAND...` is one check, which passes when the command does;
# `finish` ends the test. Files go to $scratch, which is removed.

set -u
: "${BZC_BUILD:?the build folder}" "${BZC_IMAGES:?the folder of the test images}" "${BZC_CC:?a C compiler}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
checks=0

expect() {
    local text=$1
    shift
    checks=$((checks + 1))
    if ! "$@" >"$scratch/log" 2>&1; then
        failures=$((failures + 1))
        printf 'FAILED: %s\n' "$text"
        sed 's/^/    /' "$scratch/log"
    fi
}

# no COMMAND...: passes when the command does not.
no() {
    ! "$@"
}

# verify_works PROGRAM: it proves a good image, and finds the fault of a broken one.
verify_works() {
    local status=0
    "$1" verify "$BZC_IMAGES/good64.bzImage" || return 1
    "$1" verify --scenario bios --load-addr 0x100000 --kaslr-seed 1 "$BZC_IMAGES/bad-reloc-skip.bzImage" || status=$?
    [ "$status" -eq 1 ]
}

# example_works ROOT: a program is built against the installed library as a user builds it, and runs. BZC_CFLAGS are
# those that the library's sanitizers ask for.
example_works() {
    local root=$1 pc status=0
    pc=$(dirname "$(find "$root" -name bzcheck.pc)")
    # shellcheck disable=SC2086,SC2046 # split into arguments
    "$BZC_CC" -std=c99 -Wall -Wextra -Werror ${BZC_CFLAGS:-} "$root"/share/doc/bzcheck/examples/verify.c \
        $(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs bzcheck) -o "$scratch/example" || return 1
    LD_LIBRARY_PATH=$(dirname "$pc") "$scratch/example" "$BZC_IMAGES/good64.bzImage" bios || return 1
    LD_LIBRARY_PATH=$(dirname "$pc") "$scratch/example" "$BZC_IMAGES/bad-reloc-skip.bzImage" bios || status=$?
    [ "$status" -eq 1 ]
}

finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
    exit
}
