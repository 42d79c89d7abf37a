# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Help, version and usage errors: the outputs' streams and the exit status (README.md, "Exit status").
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run --version
expect_status 0
expect_out '^bzcheck [0-9]+\.[0-9]+\.[0-9]+$'
expect_lines out 1
expect_lines err 0

run --help
expect_status 0
expect_out 'verify'
expect_lines err 0

run verify --help
expect_status 0
for option in scenario load-addr cmdline memory memory-map initrd cpu kaslr-seed jobs vmlinux json fail-on; do
    expect_out "--$option"
done
expect_lines err 0

# A usage error prints nothing on stdout and says what is wrong on stderr.
for arguments in \
    "" \
    "no-such-command" \
    "--no-such-option" \
    "verify" \
    "verify --no-such-option x" \
    "verify --memory" \
    "verify --memory lots x" \
    "verify --load-addr 0x x" \
    "verify --load-addr -1 x" \
    "verify --cpu 8086 x" \
    "verify --kaslr-seed z x" \
    "verify --jobs 0 x" \
    "verify --fail-on nothing x" \
    "verify --scenario no-such x"; do
    # shellcheck disable=SC2086 # split into arguments
    run $arguments
    expect_status 2
    expect_lines out 0
    expect_err '.'
done

finish
