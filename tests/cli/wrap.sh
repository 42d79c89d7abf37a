# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck wrap: usage, what it refuses and what it writes, which readelf, objdump, lint and verify then read.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
new=$scratch/wrapped

# ---- usage ----

run wrap "$good" "$new"
expect_status 2
expect_err '^bzcheck wrap: the layout is missing \(--elf\)$'
run wrap --elf
expect_status 2
expect_err '^bzcheck wrap: an image is missing$'
run wrap --elf "$good"
expect_status 2
expect_err '^bzcheck wrap: the name of the new image is missing$'
run wrap --elf "$good" "$new" more
expect_status 2
expect_err "'more' is too much"
run wrap --elf --no-such-option "$good" "$new"
expect_status 2
run wrap --help
expect_status 0
expect_out '^Usage: bzcheck wrap --elf '
check "a wrong command line wrote a file" [ ! -e "$new" ]

# ---- refusals: one sentence, nothing written ----

refused() {
    run wrap --elf "${@:2}" "$new"
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "$1"
    check "a refused image was written" [ ! -e "$new" ]
}

refused "^bzcheck: $scratch/missing: No such file" "$scratch/missing"
refused '\.sh: not a bzImage$' "$0"
refused 'unified kernel image: take out its kernel with .bzcheck extract. and wrap that$' "$BZC_IMAGES/good-uki.bzImage"
refused 'protocol 2\.04: the decompressor is linked to run at 0x100000' "$BZC_IMAGES/good32-2.04.bzImage"
refused 'protocol 2\.01: the decompressor is linked to run at 0x100000' "$BZC_IMAGES/good32-2.01.bzImage"
refused 'the protected-mode part is cut off' "$BZC_IMAGES/bad-truncated.bzImage"
refused '--legacy-safe is not possible for a 32-bit kernel' --legacy-safe "$BZC_IMAGES/good32.bzImage"
run wrap --elf "$good" "$scratch/no-folder/wrapped"
expect_status 3
expect_lines err 1
expect_err 'no-folder/wrapped'

# ---- what is printed ----

run wrap --elf "$good" "$new"
expect_status 0
expect_lines err 0
expect_out "^$new\$"
expect_out ', ELF64 for x86-64, 0x1000 bytes put behind setup$'
expect_out '^    64-bit +offset 0x200: .*a jump to 0x1200$'
expect_out '^    ELF +0x100200, in 64-bit mode, '
expect_out '^    first byte +an ELF header: a loader that jumps there stops$'
expect_out '^    code32_start +0x100000 -> 0x100ff0$'
check "lines are too long" [ "$(grep -vF "$scratch" "$scratch/out" | grep -v 'put behind setup$' | wc -L)" -le 100 ]
check "there are trailing blanks" [ "$(grep -c ' $' "$scratch/out")" -eq 0 ]
cp "$new" "$scratch/again"
cp "$scratch/out" "$scratch/first.out"
run wrap --elf "$good" "$new"
expect_status 3
expect_err 'exists already \(--force overwrites it\)$'
run wrap --elf "$good" -
expect_status 2
run wrap --elf --force "$good" "$new"
check "the image is not the same again" cmp -s "$new" "$scratch/again"
check "the text is not the same again" cmp -s "$scratch/out" "$scratch/first.out"
cp "$new" "$scratch/wrapped-once"
rm "$new"
refused 'wrapped already' "$scratch/wrapped-once"

run wrap --elf --force "$BZC_IMAGES/good64-pe-signed.bzImage" "$new"
expect_status 0
expect_out '^    certificate table +cut off: [0-9,]+ bytes that signed the image as it was$'
expect_out '^    PE AddressOfEntryPoint +0x[0-9a-f]+ -> 0x[0-9a-f]+$'

run wrap --elf --force --legacy-safe "$good" "$new"
expect_status 0
expect_out '^    first byte +an ELF header that is 32-bit code, too'

# ---- what other programs and bzcheck itself read ----

# number FILE OFFSET SIZE: a little-endian number of the file.
number() {
    od -An -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

for name in good64 good64-gzip good64-kaslr good64-pe good64-pe-signed good64-pe-sbat good32 good32-pe good32-none; do
    old=$BZC_IMAGES/$name.bzImage
    run wrap --elf --force "$old" "$new"
    expect_status 0
    start=$((($(number "$old" $((0x1f1)) 1) + 1) * 512))
    tail -c +$((start + 1)) "$new" >"$scratch/pm"

    # readelf takes the protected-mode part for an ELF file and has nothing to say about it.
    readelf -hlW "$scratch/pm" >"$scratch/readelf" 2>&1
    check "$name: readelf complains" [ "$(grep -Eic 'warning|error' "$scratch/readelf")" -eq 0 ]
    check "$name: readelf sees no program headers" grep -q '^  LOAD ' "$scratch/readelf"
    check "$name: the program headers do not start at 0x100000" \
        grep -Eq '^  LOAD +0x000000 0x0*100000 0x0*100000 ' "$scratch/readelf"
    check "$name: the old part is not there unchanged" \
        cmp -s -n $(($(stat -c %s "$old") - start - 1600)) -i "$((start + 4096)):$start" "$new" "$old"

    # The end of the file is the end of what syssize gives; the CRC-32 of all is ~0 (boot.rst, "The Image Checksum").
    check "$name: syssize is wrong" [ "$(number "$new" $((0x1f4)) 4)" -eq $(($(stat -c %s "$scratch/pm") / 16)) ]
    check "$name: the CRC-32 is wrong" \
        python3 -c 'import sys, zlib; sys.exit(zlib.crc32(open(sys.argv[1], "rb").read()) != 0xffffffff)' "$new"

    run lint "$new"
    expect_status 0
    expect_out "^PASS  $new: "
    run verify --scenario bios --scenario entry32 --scenario elf-wrapped "$new"
    expect_status 0
    run verify --scenario elf-wrapped-legacy "$new"
    expect_status 1
    expect_out '^FAIL  .*: ENT-028 '
    case $name in
    good64*)
        run verify --scenario entry64 "$new"
        expect_status 0
        run wrap --elf --force --legacy-safe "$old" "$new"
        expect_status 0
        run verify --scenario bios --scenario entry32 --scenario entry64 --scenario elf-wrapped \
            --scenario elf-wrapped-legacy "$new"
        expect_status 0
        ;;
    esac
done

# ---- the header as code ----

# code FROM TO: the instructions of the protected-mode part as objdump reads them, "OFFSET INSTRUCTION" each.
code() {
    objdump -D -b binary -m i386 -M intel --start-address="$1" --stop-address="$2" "$scratch/pm" |
        sed -n 's/^ *\([0-9a-f]*\):\t[^\t]*\t\(.*[^ ]\) *$/\1 \2/p' | tr -s ' '
}

# Whichever way the first instruction goes, INT3 is next to be reached.
run wrap --elf --force "$good" "$new"
start=$((($(number "$good" $((0x1f1)) 1) + 1) * 512))
tail -c +$((start + 1)) "$new" >"$scratch/pm"
check "the default header is other code" \
    [ "$({ code 0 9; code 0x47 0x48; } | paste -sd,)" = "0 jg 0x47,2 dec esp,3 inc esi,4 add al,BYTE PTR [ecx],6 add edi,edi,8 int3,47 int3" ]
run wrap --elf --force --legacy-safe "$good" "$new"
tail -c +$((start + 1)) "$new" >"$scratch/pm"
check "the legacy-safe header is other code" \
    [ "$({ code 0 10; code 0x45 0x4c; } | paste -sd,)" = "0 jg 0x47,2 dec esp,3 inc esi,4 add al,BYTE PTR [ecx],6 add edi,edi,8 jmp 0x45,45 dec esi,46 inc esp,47 jmp 0xff0" ]

# What jumps to the first byte is told by `loaders`, too, and what it says is what a run shows.
run wrap --elf --force "$good" "$new"
for loader in kexec-tools-bzimage linux-loader u-boot limine; do
    run loaders --as "$loader" "$new"
    expect_status 1
    expect_out "^  dangerous  $loader "
    run verify --as "$loader" "$new"
    expect_status 1
    expect_out '^  bzImage, protocol 2\.15, [0-9.]+ KiB, ELF-wrapped$'
    expect_out 'ENT-028 entry-is-code'
done
run wrap --elf --legacy-safe --force "$good" "$new"
for loader in kexec-tools-bzimage linux-loader u-boot limine; do
    run loaders --as "$loader" "$new"
    expect_status 0
    expect_out "^  accepts    $loader "
    run verify --as "$loader" "$new"
    expect_status 0
done

finish
