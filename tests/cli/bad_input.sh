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

# An instruction that the CPU does not have (mulx eax, eax, eax at the 64-bit entry): which extension it is of.
cp "$BZC_IMAGES/good64.bzImage" "$scratch/mulx"
entry=$((($(od -An -tu1 -j 0x1f1 -N 1 "$scratch/mulx") + 1) * 512 + 0x200))
printf '\xc4\xe2\x7b\xf6\xc0' | dd of="$scratch/mulx" bs=1 seek=$entry conv=notrunc status=none
run verify --scenario entry64 "$scratch/mulx"
expect_status 1
expect_out '\(the CPU profile x86-64 has no BMI2\)'

# A place without RAM: what gives it some is said, and helps.
run verify --scenario entry64 --load-addr 0x30000000 "$BZC_IMAGES/good64.bzImage"
expect_status 3
expect_out 'not started: the memory map has no RAM for the 0x[0-9a-f]+ bytes of the protected-mode part from'
check "the options are not named" test "$(tr -s '\n ' ' ' <"$scratch/out" | grep -c '0x30000000 on; --memory or --memory-map gives more')" -eq 1
run verify --scenario entry64 --load-addr 0x30000000 --memory 1G "$BZC_IMAGES/good64.bzImage"
expect_status 0

finish
