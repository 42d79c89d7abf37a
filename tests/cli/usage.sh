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
for option in scenario load-addr cmdline memory memory-map initrd cpu kaslr-seed jobs vmlinux json fail-on as setup-data rsdp subarch; do
    expect_out "--$option"
done
expect_lines err 0

run verify --list-scenarios
expect_status 0
expect_lines err 0
for scenario in bios zimage entry32 entry64 payload-elf pvh elf-wrapped elf-wrapped-legacy; do
    expect_out "^$scenario\$"
done

# Each command's help fits a terminal, and tells the defaults of that command.
for command in "" verify lint info loaders trace diff extract wrap rules explain; do
    # shellcheck disable=SC2086
    run $command --help
    expect_status 0
    check "a line of the help is longer than 80 columns" no grep -E '.{81}' "$scratch/out"
done
run verify --help
expect_out 'all that the image promises'
expect_out 'a set that probes what relocation does'
expect_out 'nokaslr, and seed 1 for a KASLR build'
run trace --help
expect_out 'the first that the image promises'
expect_out '0x100000 where the loader chooses'
expect_out 'default: without KASLR'
run diff --help
expect_out 'all that both images promise'
expect_out '0x100000 where the loader chooses'
expect_out 'nokaslr, and seed 1 if both are KASLR builds'

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
    "verify --scenario no-such x" \
    "verify --as no-such x" \
    "verify --as xen --scenario bios x" \
    "verify --setup-data 9 x" \
    "verify --setup-data =/dev/null x" \
    "verify --setup-data 0=/dev/null x" \
    "verify --setup-data 0x80000000=/dev/null x" \
    "verify --setup-data indirect:9= x" \
    "verify --rsdp 0 x" \
    "verify --rsdp here x" \
    "verify --subarch 0x100000000 x"; do
    # shellcheck disable=SC2086 # split into arguments
    run $arguments
    expect_status 2
    expect_lines out 0
    expect_err '.'
done

# What may be said is said in one sentence, before the line that leads to the help.
while IFS='|' read -r arguments sentence; do
    # shellcheck disable=SC2086
    run verify $arguments x
    expect_status 2
    expect_lines out 0
    expect_lines err 2
    expect_err "^bzcheck verify: $sentence\$"
done <<'END'
--scenario no-such|--scenario: there is no 'no-such'; there is: bios zimage entry32 entry64 payload-elf pvh elf-wrapped elf-wrapped-legacy
--scenario pvh --load-addr 0x1000000|--load-addr has no meaning for scenario pvh
--scenario zimage --scenario payload-elf --load-addr 0x1000000|--load-addr has no meaning for scenario zimage
--scenario elf-wrapped --load-addr 0x1000000|--load-addr has no meaning for scenario elf-wrapped
--scenario payload-elf --scenario pvh --kaslr-seed 1|--kaslr-seed has no meaning for scenario payload-elf
--as no-such|--as: there is no loader 'no-such'; there is: .* grub-linux .* xen
--as xen --scenario bios|--as and --scenario exclude each other
--setup-data 9|--setup-data: '9' is not TYPE=FILE with a type from 1 to 0x7fffffff
--setup-data 9=|--setup-data: '9=' is not TYPE=FILE with a type from 1 to 0x7fffffff
--setup-data x=/dev/null|--setup-data: 'x=/dev/null' is not TYPE=FILE with a type from 1 to 0x7fffffff
--setup-data indirect=/dev/null|--setup-data: 'indirect=/dev/null' is not TYPE=FILE with a type from 1 to 0x7fffffff
--rsdp 0|--rsdp: '0' is no address
--rsdp 0xfffffffffffffffff|--rsdp: '0xfffffffffffffffff' is no address
--subarch=-1|--subarch: '-1' is no number from 0 to 0xffffffff
END

# A file that is not there is no wrong usage.
for arguments in "--as $scratch/missing.profile" "--as $scratch" "--setup-data 9=$scratch/missing" \
    "--setup-data indirect:9=$scratch/missing"; do
    # shellcheck disable=SC2086
    run verify $arguments x
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck: ${arguments%% *}: $scratch"
done

# A line of a profile that begins with no word of it: what could have been meant.
echo 'fatal HDR-001' >"$scratch/profile"
for command in "verify" "lint" "trace" "diff"; do
    run $command --profile "$scratch/profile" x y
    expect_status 2
    expect_err "line 1: 'fatal' is none of error, warning, note, off, fail-on, breaking, notable, expected\$"
done

finish
