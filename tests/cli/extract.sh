# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck extract: parts against what dd, the unpackers, readelf and objcopy cut out; files that exist; what is missing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64-kaslr.bzImage
uki=$BZC_IMAGES/good-uki.bzImage

# number FILE OFFSET SIZE: a little-endian number of the file.
number() {
    od -An -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# same TEXT FILE FILE
same() {
    check "$1 differs" cmp -s "$2" "$3"
}

# ---- usage ----

for words in "" "$good" "--list --all $good" "--list $good setup" "--all $good setup" "$good setup=" "$good setup=- pm=-" \
    "--no-such-option $good setup"; do
    # shellcheck disable=SC2086
    run extract $words
    expect_status 2
    expect_lines out 0
done
run extract --help
expect_status 0
expect_out '^Usage: bzcheck extract '

# ---- what is missing or cannot be read: one sentence, nothing written ----

missing() {
    run extract --output-dir "$scratch/none" "${@:2}"
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "$1"
    check "something was written" [ ! -e "$scratch/none" ]
}

missing "^bzcheck: $scratch/missing: No such file" "$scratch/missing" setup
missing '\.sh: no boot image$' "$0" --all
missing "there is no part 'nonsense' \(--list shows what there is\)$" "$good" setup nonsense
missing "there is no part '\.initrd'" "$good" .initrd
missing ': config: the kernel carries no configuration' "$good" setup config
missing ': vmlinux: the payload is no ELF file' "$BZC_IMAGES/good32-flat.bzImage" vmlinux
missing ': relocations: there is no relocation table' "$BZC_IMAGES/good64-pe.bzImage" relocations
missing ': vmlinux: .*gzip' "$BZC_IMAGES/bad-flip-gzip.bzImage" vmlinux

# ---- the parts ----

run extract --list "$good"
expect_status 0
expect_lines err 0
expect_lines out 7
expect_out '^vmlinux +[0-9,]+ +vmlinux; '
expect_out '^config +- +the kernel carries no configuration'

for name in good64-kaslr good64-gzip good32-none good32-2.04; do
    image=$BZC_IMAGES/$name.bzImage
    out=$scratch/$name
    run extract --all --output-dir "$out" "$image"
    expect_status 0
    expect_lines err 0
    start=$((($(number "$image" $((0x1f1)) 1) + 1) * 512))
    head -c "$start" "$image" >"$scratch/part"
    same "$name: setup" "$scratch/part" "$out/setup.bin"
    tail -c +$((start + 1)) "$image" | head -c $(($(number "$image" $((0x1f4)) 4) * 16)) >"$scratch/part"
    same "$name: pm" "$scratch/part" "$out/pm.bin"
    case $name in
    good64-kaslr) lz4 -dc <"$out/payload.lz4" >"$scratch/unpacked" 2>/dev/null ;;
    good64-gzip | good32-2.04) gzip -dc <"$out/payload.gz" >"$scratch/unpacked" 2>/dev/null ;;
    good32-none) cp "$out/payload.elf" "$scratch/unpacked" ;;
    esac
    same "$name: unpacked" "$scratch/unpacked" "$out/payload.unpacked"
    if [ "$name" != good32-2.04 ]; then
        offset=$((start + $(number "$image" $((0x248)) 4)))
        tail -c +$((offset + 1)) "$image" | head -c "$(number "$image" $((0x24c)) 4)" >"$scratch/part"
        same "$name: payload" "$scratch/part" "$(echo "$out"/payload.[^u]*)"
    fi
    if [ "$name" = good32-2.04 ]; then
        # No field says how long it is: it ends where the stream does.
        check "$name: the payload does not end with the stream" python3 -c 'import sys, zlib
stream = zlib.decompressobj(31)
stream.decompress(open(sys.argv[1], "rb").read())
sys.exit(not stream.eof or stream.unused_data != b"")' "$out/payload.gz"
    fi
    # The build's ELF file went into the payload as it is, relocations behind it.
    bits=${name:4:2}
    same "$name: vmlinux" "$BZC_IMAGES/good$bits.elf" "$out/vmlinux"
    check "$name: readelf complains" [ "$(readelf -aW "$out/vmlinux" 2>&1 | grep -Eic 'warning|error:')" -eq 0 ]
    if [ -e "$out/vmlinux.relocs" ]; then
        cat "$out/vmlinux" "$out/vmlinux.relocs" >"$scratch/part"
        same "$name: vmlinux and relocations" "$scratch/part" "$scratch/unpacked"
    else
        same "$name: vmlinux alone" "$out/vmlinux" "$scratch/unpacked"
        expect_out '^relocations +- +there is no relocation table'
    fi
done
check "good64-kaslr has no relocations" [ -s "$scratch/good64-kaslr/vmlinux.relocs" ]

# A configuration in the kernel: put into the zeros of a payload that is not compressed.
printf 'CONFIG_X86=y\n# CONFIG_KEXEC is not set\n' >"$scratch/config"
gzip -9 -n <"$scratch/config" >"$scratch/config.gz"
python3 - "$BZC_IMAGES/good32-none.bzImage" "$scratch/config.gz" "$scratch/with-config" <<'END'
import struct, sys
image, packed = bytearray(open(sys.argv[1], "rb").read()), open(sys.argv[2], "rb").read()
content = b"IKCFG_ST" + packed + b"IKCFG_ED"
start = (image[0x1F1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
at = image.index(bytes(len(content) + 64), start) + 32
image[at : at + len(content)] = content
open(sys.argv[3], "wb").write(image)
END
run extract "$scratch/with-config" config=-
expect_status 0
same "config" "$scratch/config" "$scratch/out"

# ---- a unified kernel image: what objcopy takes out, and the parts of its kernel ----

run extract --all --output-dir "$scratch/uki" "$uki"
expect_status 0
cp "$uki" "$scratch/uki-copy"
for section in .text .sbat .osrel .cmdline .uname .splash .dtb .pcrpkey .pcrsig .ucode .initrd .linux; do
    objcopy --dump-section "$section=$scratch/part" "$uki" "$scratch/uki-copy"
    same "$section" "$scratch/part" "$scratch/uki/${section#.}"
done
same ".linux" "$BZC_IMAGES/good64-pe.bzImage" "$scratch/uki/linux"
run extract --output-dir "$scratch/kernel" "$BZC_IMAGES/good64-pe.bzImage" setup vmlinux
expect_status 0
same "setup of the kernel" "$scratch/kernel/setup.bin" "$scratch/uki/setup.bin"
same "vmlinux of the kernel" "$scratch/kernel/vmlinux" "$scratch/uki/vmlinux"

# A section's name from a hostile file stays a file's name.
python3 - "$uki" "$scratch/odd-names" <<'END'
import sys
image = bytearray(open(sys.argv[1], "rb").read())
for old, new in ((b".osrel\0\0", b"../../x\0"), (b".uname\0\0", b".cmdline"), (b".dtb\0\0\0\0", b"...\0\0\0\0\0")):
    at = image.index(old)
    image[at : at + 8] = new
open(sys.argv[2], "wb").write(image)
END
run extract --all --output-dir "$scratch/odd" "$scratch/odd-names"
expect_status 0
for file in _.._x cmdline cmdline.2 section; do
    check "there is no $file" [ -s "$scratch/odd/$file" ]
done
check "a file is elsewhere" [ "$(find "$scratch" -newer "$scratch/odd-names" -type f ! -path "$scratch/odd/*" ! -name out ! -name err | wc -l)" -eq 0 ]

# ---- files that exist ----

echo mine >"$scratch/mine"
run extract "$good" setup="$scratch/new" pm="$scratch/mine"
expect_status 3
expect_lines err 1
expect_err "^bzcheck: $scratch/mine: exists already \(--force overwrites it\)\$"
check "the file was overwritten" grep -qx mine "$scratch/mine"
check "half of the parts were written" [ ! -e "$scratch/new" ]
run extract --force "$good" setup="$scratch/new" pm="$scratch/mine"
expect_status 0
expect_lines out 2
same "forced pm" "$scratch/good64-kaslr/pm.bin" "$scratch/mine"
run extract "$good" setup="$scratch/twice" pm="$scratch/twice"
expect_status 3
expect_err 'setup and pm cannot both be written to it'
run extract "$good" setup="$scratch/no-folder/setup"
expect_status 3
expect_lines err 1
run extract --output-dir "$scratch/mine" "$good" setup
expect_status 3
expect_lines err 1

# ---- standard output ----

run extract "$good" payload="$scratch/p" vmlinux=-
expect_status 0
same "vmlinux on standard output" "$scratch/out" "$BZC_IMAGES/good64.elf"
expect_err '^payload +[0-9,]+ '

finish
