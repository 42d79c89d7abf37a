# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the tests of the command line. `run ARG...` runs bzcheck; the expect_* functions look at what it did and
# count what is wrong; `finish` ends the test. Files go to $scratch, which is removed.

set -u
: "${BZCHECK:?the program under test}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export NO_COLOR=1
failures=0
checks=0
command_line=
status=0

# run ARG...: bzcheck ARG..., without input; leaves $status, $scratch/out and $scratch/err.
run() {
    command_line="bzcheck $*"
    timeout 120 "$BZCHECK" "$@" </dev/null >"$scratch/out" 2>"$scratch/err"
    status=$?
}

# complain TEXT: one failed check, with what the program printed.
complain() {
    failures=$((failures + 1))
    printf '%s: %s\n' "$command_line" "$1"
    sed 's/^/    stdout: /' "$scratch/out"
    sed 's/^/    stderr: /' "$scratch/err"
}

expect_status() {
    checks=$((checks + 1))
    [ "$status" -eq "$1" ] || complain "exit status $status, expected $1"
}

# expect_out PATTERN, expect_err PATTERN: a line that matches the extended regular expression.
expect_out() {
    checks=$((checks + 1))
    grep -Eq -e "$1" "$scratch/out" || complain "no line on stdout matches '$1'"
}

expect_err() {
    checks=$((checks + 1))
    grep -Eq -e "$1" "$scratch/err" || complain "no line on stderr matches '$1'"
}

# expect_lines out|err NUMBER: how many lines the stream has.
expect_lines() {
    checks=$((checks + 1))
    local lines
    lines=$(wc -l <"$scratch/$1")
    [ "$lines" -eq "$2" ] || complain "$lines lines on std$1, expected $2"
}

finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
    exit
}
