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

# check TEXT COMMAND...: one check, which passes when the command does.
check() {
    local text=$1
    shift
    checks=$((checks + 1))
    "$@" || complain "$text"
}

# no COMMAND...: passes when the command does not.
no() {
    ! "$@"
}

# query FILE EXPRESSION: a Python expression over `report`.
query() {
    python3 -c 'import json, sys; report = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$1" "$2"
}

expect_json() {
    check "the JSON report is not: $2" query "$1" "$2"
}

expect_valid() {
    check "the JSON report is not valid" tests/validate_report "$1"
}

# on_terminal VARIABLE... -- ARG...: bzcheck on a terminal of its own; leaves $scratch/out.
on_terminal() {
    local variables=()
    while [ "$1" != -- ]; do
        variables+=("$1")
        shift
    done
    shift
    command_line="bzcheck $* on a terminal with ${variables[*]}"
    env -u NO_COLOR "${variables[@]}" python3 -c '
import os, pty, sys
sys.stdin.close()
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], stdin_read=lambda fd: b"")))
' "$BZCHECK" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
}

escapes() {
    grep -c $'\033\\[1;' "$scratch/out"
}

finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
    exit
}
