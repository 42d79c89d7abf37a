# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What is no boot image gets one clear line that names the file, and status 3.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

expect_refusal() {
    run verify "$1"
    expect_status 3
    expect_lines err 1
    expect_err "$(basename "$1")"
}

# pattern SIZE: bytes that look like nothing and are the same every time.
pattern() {
    seq 1 $((($1 + 5) / 6)) | awk '{ printf "%06d", ($1 * 7919 + 104729) % 999983 }' | head -c "$1"
}

expect_refusal "$scratch/missing"
mkdir "$scratch/folder"
expect_refusal "$scratch/folder"
: >"$scratch/empty"
expect_refusal "$scratch/empty"
printf 'x' >"$scratch/one-byte"
expect_refusal "$scratch/one-byte"
pattern 511 >"$scratch/short"
expect_refusal "$scratch/short"
pattern 100000 >"$scratch/noise"
expect_refusal "$scratch/noise"
head -c 100000 /dev/zero >"$scratch/zeros"
expect_refusal "$scratch/zeros"
# A boot sector's signature alone, and a PE file's, make no kernel.
{ pattern 510 && printf '\125\252' && pattern 4096; } >"$scratch/boot-sector-only"
run verify "$scratch/boot-sector-only"
expect_status 3
{ printf 'MZ' && head -c 58 /dev/zero && printf '\100\0\0\0PE\0\0d\206' && head -c 4096 /dev/zero; } >"$scratch/pe"
expect_refusal "$scratch/pe"
# Unreadable, unless we are root and may read everything.
if [ "$(id -u)" -ne 0 ]; then
    cp "$scratch/noise" "$scratch/unreadable"
    chmod 000 "$scratch/unreadable"
    expect_refusal "$scratch/unreadable"
fi

# One bad file does not hide the others: each is named, the worst status counts.
run verify "$scratch/missing" "$scratch/noise"
expect_status 3
expect_err missing
expect_err noise

finish
