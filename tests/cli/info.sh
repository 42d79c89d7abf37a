# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck info: that it tells what other programs tell, text and JSON, streams, configuration, what is no image.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
uki=$BZC_IMAGES/good-uki.bzImage
json=$scratch/info.json

# check TEXT COMMAND...: one check, which passes when the command does.
check() {
    local text=$1
    shift
    checks=$((checks + 1))
    "$@" || complain "$text"
}

expect_json() {
    check "the JSON is not: $2" \
        python3 -c 'import json, sys; document = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$1" "$2"
}

expect_valid() {
    check "the JSON is not valid" tests/validate_info "$1"
}

# ---- what file, readelf, objdump, zboot dump and ukify inspect tell ----

command_line='tests/compare_info'
: >"$scratch/out"
: >"$scratch/err"
images=()
for name in good64 good64-gzip good64-kaslr good64-pe good64-pe-signed good64-pe-sbat good-uki good32 good32-pe good32-none \
    good32-flat good32-low-buffer good32-2.01 good32-2.04; do
    images+=("$BZC_IMAGES/$name.bzImage")
done
tests/compare_info "$BZCHECK" "${images[@]}" >"$scratch/out" 2>"$scratch/err"
status=$?
expect_status 0
check "not every image was compared" [ "$(grep -c ' facts$' "$scratch/out")" -eq "${#images[@]}" ]

# ---- text ----

run info "$good"
expect_status 0
expect_lines err 0
expect_out "^$good\$"
expect_out '^  bzImage, protocol 2\.15, '
expect_out "^  SHA-256 $(sha256sum <"$good" | cut -d' ' -f1)\$"
expect_out '^    real-mode part +0x0 +0x[0-9a-f]+ +[0-9,]+$'
expect_out '^    16-bit +0x200 '
expect_out '^    64-bit +0x[0-9a-f]+ '
expect_out '^    0x264/4  handover_offset +read '
check "there are control characters" [ "$(LC_ALL=C grep -c $'[\001-\011\013-\037]' "$scratch/out")" -eq 0 ]
check "there are trailing blanks" [ "$(grep -c ' $' "$scratch/out")" -eq 0 ]
cp "$scratch/out" "$scratch/first.out"
run info "$good"
check "the text is not the same again" cmp -s "$scratch/first.out" "$scratch/out"

# Fields that a version does not have, and a bit that no version has.
cp "$good" "$scratch/changed"
printf '\007\002' | dd of="$scratch/changed" bs=1 seek=$((0x206)) conv=notrunc status=none # version 2.07
printf '\021' | dd of="$scratch/changed" bs=1 seek=$((0x211)) conv=notrunc status=none     # loadflags
run info "$scratch/changed"
expect_status 0
expect_out '^    0x23c/4  hardware_subarch +write +0x0 +hardware subarchitecture: PC$'
expect_out '^    0x248/4  payload_offset +read +- +offset of the kernel payload: not in 2\.07$'
expect_out '^    0x211/1  loadflags .*LOADED_HIGH,'
expect_out 'unknown bit 0x10$'

# A unified kernel image shows what is in it, and the kernel as an image of its own.
run info "$uki"
expect_status 0
expect_out '^  unified kernel image, '
expect_out '^    \.cmdline  19 bytes  '
expect_out '^        console=ttyS0 quiet$'
expect_out "^$uki:\.linux\$"
expect_out '^  bzImage, protocol 2\.15, '

# ---- cut anywhere: what is left is shown ----

size=$(stat -c %s "$good")
for left in $((0x206)) $((0x211)) $((0x24a)) 600 5000 $((size - 5000)) $((size - 1)); do
    head -c "$left" "$good" >"$scratch/cut"
    run info --json "$json" "$scratch/cut"
    expect_status 0
    expect_lines err 0
    expect_valid "$json"
done
head -c 5000 "$good" >"$scratch/cut"
run info "$scratch/cut"
expect_out '^    protected-mode part \(cut off\) '
head -c 600 "$good" >"$scratch/cut"
run info "$scratch/cut"
expect_out '^    0x258/8  pref_address +read +- +preferred loading address: cut off by'
expect_out '^    problem  '

# ---- JSON ----

run info --json "$json" "$good"
expect_status 0
expect_lines err 0
check "the text changes with --json" cmp -s "$scratch/first.out" "$scratch/out"
expect_valid "$json"
expect_json "$json" 'document["schema"] == "bzcheck-info/1" and document["problem"] is None'
expect_json "$json" "document['path'] == '$good' and document['image']['size'] == $size"
expect_json "$json" '{part["kind"] for part in document["image"]["layout"]} >= {"real-mode", "protected-mode", "payload"}'
check "a temporary file was left behind" [ "$(find "$scratch" -name '*info.json*' | wc -l)" -eq 1 ]

run info --json - "$uki"
expect_status 0
expect_err '^  unified kernel image, '
expect_valid "$scratch/out"
expect_json "$scratch/out" 'document["image"]["kind"] == "uki" and document["image"]["header"] is None'
expect_json "$scratch/out" 'document["image"]["embedded"][0]["kernel"]["banner"].startswith("Linux version 6.1.0")'
expect_json "$scratch/out" '[s["text"] for s in document["image"]["pe"]["sections"] if s["name"] == ".cmdline"] == ["console=ttyS0 quiet"]'

for name in good64-pe-signed good32-2.01 good32-flat bad-truncated bad-flip-gzip; do
    run info --json "$json" "$BZC_IMAGES/$name.bzImage"
    expect_status 0
    expect_valid "$json"
done
expect_json "$json" 'document["image"]["kernel"] is None and "gzip" in document["image"]["payload"]["problem"]'

run info --json "$json" "$good" "$scratch/missing" "$uki"
expect_status 3
expect_lines err 1
expect_err "^bzcheck: $scratch/missing: "
expect_valid "$json"
expect_json "$json" '[single["problem"] is None for single in document["images"]] == [True, False, True]'

run info --json "$scratch/no-folder/info.json" "$good"
expect_status 3
expect_lines err 1
expect_err 'no-folder/info\.json'

# ---- the configuration in the kernel ----

# The payload of good32-none is not compressed: a configuration is put into its zeros.
config=$'#\n# Linux/x86\n#\nCONFIG_X86=y\nCONFIG_E1000=m\nCONFIG_HZ=250\n# CONFIG_KEXEC is not set\n'
printf '%s' "$config" >"$scratch/config"
gzip -9 -n <"$scratch/config" >"$scratch/config.gz"
cp "$BZC_IMAGES/good32-none.bzImage" "$scratch/with-config"
python3 - "$scratch/with-config" "$scratch/config.gz" <<'END'
import struct, sys
image, packed = bytearray(open(sys.argv[1], "rb").read()), open(sys.argv[2], "rb").read()
content = b"IKCFG_ST" + packed + b"IKCFG_ED"
start = (image[0x1F1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
at = image.index(bytes(len(content) + 64), start) + 32
image[at : at + len(content)] = content
open(sys.argv[1], "wb").write(image)
END
run info --json "$json" "$scratch/with-config"
expect_status 0
expect_valid "$json"
expect_out '^    configuration +3 options are set \(1 built in, 1 as modules, 1 with a value\), 1 are not;$'
expect_json "$json" '[document["image"]["kernel"]["config"][key] for key in ("options", "yes", "module", "not_set")] == [3, 1, 1, 1]'
run info --config "$scratch/with-config"
expect_status 0
expect_lines err 0
check "the configuration is another one" cmp -s "$scratch/config" "$scratch/out"
run info --config "$good"
expect_status 3
expect_lines out 0
expect_lines err 1
expect_err "^bzcheck: $good: the kernel carries no configuration"
run info --config "$BZC_IMAGES/bad-truncated.bzImage"
expect_status 3
expect_lines out 0
expect_lines err 1

# ---- what is no image ----

expect_refusal() {
    run info "$1"
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck: $1: "
}

expect_refusal "$scratch/missing"
mkdir "$scratch/folder"
expect_refusal "$scratch/folder"
: >"$scratch/empty"
expect_refusal "$scratch/empty"
head -c 100000 /dev/zero >"$scratch/zeros"
expect_refusal "$scratch/zeros"
seq 1 20000 >"$scratch/noise"
expect_refusal "$scratch/noise"
{ printf 'MZ' && head -c 58 /dev/zero && printf '\100\0\0\0PE\0\0d\206' && head -c 4096 /dev/zero; } >"$scratch/pe"
expect_refusal "$scratch/pe"
expect_err 'PE file'
expect_refusal "$BZC_IMAGES/good64.vmlinux"
expect_err 'ELF file'

# ---- options ----

run info --help
expect_status 0
expect_lines err 0
expect_out '^Usage: bzcheck info '
run info -h
expect_status 0
for arguments in "" "--no-such-option x" "--json" "--config --json - $good" "--config $good $good" "--config=yes $good"; do
    # shellcheck disable=SC2086 # split into arguments
    run info $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck info --help'"
done
run info -- --config
expect_status 3
run --help
expect_out '^  info '

# ---- strange paths and contents ----

strange=$scratch/$'a\033[31mb\n\377'
cp "$uki" "$strange"
# The .cmdline section, at 0xc00 of the image, gets a command to a terminal.
printf '\033[31mred\n\302\233' | dd of="$strange" bs=1 seek=$((0xc00)) conv=notrunc status=none
run info --json "$json" "$strange"
expect_status 0
expect_valid "$json"
expect_json "$json" 'document["path"].endswith("a\x1b[31mb\n\ufffd")'
check "an escape reaches the terminal" [ "$(LC_ALL=C grep -c $'\033\\|\302\233' "$scratch/out")" -eq 0 ]
expect_out '^        \?\[31mred$'
run info "$strange.missing"
expect_status 3
expect_lines err 1

command_line='bzcheck info good64.bzImage >/dev/full'
"$BZCHECK" info "$good" >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_err 'standard output'
command_line='bzcheck info --json - good64.bzImage >/dev/full'
"$BZCHECK" info --json - "$good" >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_err '^bzcheck: .*standard output'

finish
