# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck diff: what it tells of two images against what the files hold, what it calls breaking, profiles, what is no
# image.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
json=$scratch/diff.json

expect_valid() {
    check "the JSON is not valid" tests/validate_diff "$1"
}

# with EXPRESSION: the differences `d` for which it holds, as "kind subject" lines.
differences() {
    python3 -c 'import json, sys
for d in json.load(open(sys.argv[1]))["differences"]:
    if eval(sys.argv[2]): print(d["kind"], d["subject"])' "$json" "$1"
}

# has KIND IMPORTANCE [RUNS]: a difference of this kind, with this importance, in these runs.
has() {
    check "no $1 that is $2${3:+ in $3}" query "$json" \
        "any(d['kind'] == '$1' and d['importance'] == '$2' and ('${3-}' == '' or ', '.join(d['runs']) == '${3-}') for d in report['differences'])"
}

hasnt() {
    check "a difference with $1" [ -z "$(differences "$1")" ]
}

# ---- the same ----

cp "$good" "$scratch/copy.bzImage"
run diff --json "$json" "$good" "$scratch/copy.bzImage"
expect_status 0
expect_lines err 0
expect_out '^no differences: the files hold the same bytes$'
expect_valid "$json"
expect_json "$json" 'report["verdict"] == "identical" and report["differences"] == []'

# ---- every field of the header that differs, read by the offsets of boot.rst, and no other ----

# header_facts OLD NEW: the fields that differ, a name a line.
header_facts() {
    python3 - "$@" <<'END'
import sys
FIELDS = """setup_sects 1f1 1|root_flags 1f2 2|syssize 1f4 4|ram_size 1f8 2|vid_mode 1fa 2|root_dev 1fc 2|boot_flag 1fe 2
jump 200 2|realmode_swtch 208 4|start_sys_seg 20c 2|kernel_version 20e 2|type_of_loader 210 1|loadflags 211 1
setup_move_size 212 2|code32_start 214 4|ramdisk_image 218 4|ramdisk_size 21c 4|bootsect_kludge 220 4|heap_end_ptr 224 2
ext_loader_ver 226 1|ext_loader_type 227 1|cmd_line_ptr 228 4|initrd_addr_max 22c 4|kernel_alignment 230 4
relocatable_kernel 234 1|min_alignment 235 1|cmdline_size 238 4|hardware_subarch 23c 4|hardware_subarch_data 240 8
payload_offset 248 4|payload_length 24c 4|setup_data 250 8|pref_address 258 8|init_size 260 4|handover_offset 264 4
kernel_info_offset 268 4"""
FLAGS = ["XLF_KERNEL_64", "XLF_CAN_BE_LOADED_ABOVE_4G", "XLF_EFI_HANDOVER_32", "XLF_EFI_HANDOVER_64", "XLF_EFI_KEXEC"]
old, new = (open(path, "rb").read() for path in sys.argv[1:])
for row in FIELDS.replace("\n", "|").split("|"):
    name, offset, size = row.split()
    at, end = int(offset, 16), int(offset, 16) + int(size)
    if old[at:end] != new[at:end]:
        print(name)
for bit, name in enumerate(FLAGS):
    if (old[0x236] ^ new[0x236]) >> bit & 1:
        print(name)
END
}

for name in good64-gzip good64-kaslr good64-nonreloc good64-pe good64-pe-packed bad-triple bad-alignment good32; do
    new=$BZC_IMAGES/$name.bzImage
    run diff --no-run --json "$json" "$good" "$new"
    expect_valid "$json"
    header_facts "$good" "$new" | LC_ALL=C sort >"$scratch/expected"
    differences 'd["section"] == "header"' | cut -d' ' -f2- | LC_ALL=C sort >"$scratch/actual"
    check "$name: the fields that differ are not $(tr '\n' ' ' <"$scratch/expected")" cmp -s "$scratch/expected" "$scratch/actual"
    expect_json "$json" "report['old']['sha256'] == '$(sha256sum <"$good" | cut -d' ' -f1)'"
    expect_json "$json" "report['new']['size'] == $(stat -c %s "$new")"
done

# ---- what is breaking: one field changed ----

# patched OFFSET SIZE VALUE: a copy of the good image with a number in it.
patched() {
    python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
at, size = int(sys.argv[3], 0), int(sys.argv[4])
data[at:at + size] = int(sys.argv[5], 0).to_bytes(size, "little")
open(sys.argv[2], "wb").write(data)' "$good" "$scratch/patched.bzImage" "$@"
}

while read -r offset size value kind importance; do
    patched "$offset" "$size" "$value"
    run diff --no-run --json "$json" "$good" "$scratch/patched.bzImage"
    expect_valid "$json"
    has "$kind" "$importance"
    check "another difference of the header" [ "$(differences 'd["section"] == "header"' | wc -l)" -eq 1 ]
done <<'END'
0x236 2 0 header.xloadflags-lost breaking
0x234 1 0 header.relocatable-lost breaking
0x238 4 255 header.cmdline-size-shrank breaking
0x260 4 0x500000 header.init-size-grew notable
0x258 8 0x2000000 header.pref-address notable
0x230 4 0x400000 header.kernel-alignment notable
0x22c 4 0x37ffffff header.initrd-addr-max-lowered notable
0x23c 4 1 header.hardware-subarch notable
END
patched 0x206 2 0x020e
run diff --no-run --json "$json" "$good" "$scratch/patched.bzImage"
has header.version-down breaking
has header.field-gone expected

# ---- runs ----

run diff --json "$json" "$good" "$BZC_IMAGES/good64-gzip.bzImage"
expect_status 0
expect_out '^  notable   compression: lz4 -> gzip$'
expect_out '^no breaking difference, .*\(6 runs of each compared\)$'
expect_valid "$json"
has payload.compression notable
hasnt 'd["kind"] in ("payload.sha256", "payload.unpacked-size", "run.kernel-address")'
check "there are control characters" [ "$(LC_ALL=C grep -c $'[\001-\011\013-\037]' "$scratch/out")" -eq 0 ]
check "there are trailing blanks" [ "$(grep -c ' $' "$scratch/out")" -eq 0 ]
check "a line is too long" [ "$(grep -v '^---\|^+++' "$scratch/out" | awk 'length > 100' | wc -l)" -eq 0 ]
cp "$scratch/out" "$scratch/first.out"
cp "$json" "$scratch/first.json"
run diff --jobs 1 --json "$json" "$good" "$BZC_IMAGES/good64-gzip.bzImage"
check "the text is not the same again" cmp -s "$scratch/first.out" "$scratch/out"
check "the JSON is not the same again" cmp -s "$scratch/first.json" "$json"

# What breaks, and where, is what tests/images/README.md says of each image.
run diff --json "$json" "$good" "$BZC_IMAGES/bad-triple.bzImage"
expect_status 1
expect_valid "$json"
has run.broken breaking 'bios, entry32, entry64, bios with KASLR seed 1'
has finding.new-error breaking 'bios, entry32, entry64, bios with KASLR seed 1'
expect_out '^ +it does not boot this way any more: #PF '
expect_out '^2 breaking differences, '
run diff --json "$json" "$BZC_IMAGES/bad-triple.bzImage" "$good"
expect_status 0
has run.mended notable 'bios, entry32, entry64, bios with KASLR seed 1'
has finding.gone notable 'bios, entry32, entry64, bios with KASLR seed 1'
hasnt 'd["importance"] == "breaking"'

run diff --json "$json" "$good" "$BZC_IMAGES/bad-entry64.bzImage"
expect_status 1
has run.broken breaking entry64
run diff --json "$json" "$good" "$BZC_IMAGES/bad-if.bzImage"
has run.entry-state notable 'bios, entry32, entry64, bios with KASLR seed 1'
expect_out "^  notable   interrupts at the kernel's entry: off -> on\$"
expect_out '^1 breaking difference, '
run diff "$BZC_IMAGES/bad-if.bzImage" "$good"
expect_out '^ +what was wrong before: interrupts are on \[finding\.gone\]$'
run diff --json "$json" "$good" "$BZC_IMAGES/bad-handover-es.bzImage"
has run.hand-over-state notable 'bios, bios with KASLR seed 1'
check "not ES alone" [ "$(differences 'd["kind"] == "run.hand-over-state"' | wc -l)" -eq 1 ]
expect_out '^  notable   es at the protected-mode entry:$'
expect_out '^ +-> 0x30, base 0x0, '
run diff --json "$json" "$BZC_IMAGES/good32.bzImage" "$BZC_IMAGES/bad-base.bzImage"
has run.kernel-address notable 'bios, entry32'
run diff --json "$json" "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/good64.bzImage"
expect_status 0
has kernel.relocations-gone notable
hasnt 'd["section"] == "runs" and d["kind"] not in ("run.stage-address", "run.random-address")'
run diff --kaslr-seed 3 --scenario bios --json "$json" "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/bad-reloc-skip.bzImage"
expect_status 1
has finding.new-error breaking 'bios with KASLR seed 3'

# Relocations left out show where the kernel is moved only: one run with KASLR is among those that nobody has to ask for, and
# where it puts the kernel is no news.
run diff --json "$json" "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/bad-reloc-skip.bzImage"
expect_status 1
has finding.new-error breaking 'bios with KASLR seed 1'
expect_json "$json" 'report["counts"]["breaking"] == 1 and report["counts"]["notable"] == 0'
run diff --scenario entry32 --json "$json" "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/bad-reloc-skip.bzImage"
expect_status 1
has finding.new-error breaking 'entry32 with KASLR seed 1'
for option in "--load-addr 0x100000" "--cmdline nokaslr"; do
    # shellcheck disable=SC2086
    run diff $option "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/bad-reloc-skip.bzImage"
    expect_status 0
done
run diff --json "$json" "$BZC_IMAGES/good64-kaslr.bzImage" "$BZC_IMAGES/good32-kaslr.bzImage"
has run.random-address expected 'bios with KASLR seed 1'
# One built without KASLR has no such run, and the other lacks none for it.
run diff --json "$json" "$good" "$BZC_IMAGES/good32.bzImage"
hasnt '"bios with KASLR seed 1" in d["runs"] and d["kind"] == "run.broken"'

# A setup that opens A20 asks the BIOS for it (tests/images/setup/setup.c); one that does not, does not. At an even megabyte
# both get to the kernel.
run diff --scenario bios --load-addr 0x1000000 --json "$json" "$BZC_IMAGES/good32.bzImage" "$BZC_IMAGES/bad-a20.bzImage"
expect_status 1
has bios.gone notable 'bios at 0x1000000'
expect_out '^  notable   INT 15h AX=2401h: gone: 1 time$'
hasnt 'd["section"] == "conversation" and d["kind"].startswith("bios.") and "2401" not in d["subject"]'
expect_out '^  notable   A20 at .*: open -> closed$'

run diff --scenario bios --scenario entry32 --load-addr 0x100000 --load-addr 0x1400000 --json "$json" "$good" "$BZC_IMAGES/bad-if.bzImage"
expect_valid "$json"
has run.entry-state notable 'bios, bios at 0x1400000, entry32, entry32 at 0x1400000'
expect_json "$json" 'report["runs_compared"] == 4'

run diff --scenario entry32 --json "$json" "$good" "$BZC_IMAGES/bad-entry64.bzImage"
expect_status 0
expect_json "$json" 'report["runs_compared"] == 2 and report["executed"]'
run diff --no-run --json "$json" "$good" "$BZC_IMAGES/bad-triple.bzImage"
expect_status 0
expect_out '\(only the files compared\)$'
expect_json "$json" 'report["runs_compared"] == 0 and not report["executed"]'

# ---- importance ----

printf 'notable run.broken # known\nnotable finding.new-error\nwarning HDR-002\n' >"$scratch/profile"
run diff --profile "$scratch/profile" "$good" "$BZC_IMAGES/bad-triple.bzImage"
expect_status 0
expect_out '^  notable   result: '
printf 'breaking payload.compression\nfail-on warning\n' >"$scratch/profile"
run diff --profile "$scratch/profile" "$good" "$BZC_IMAGES/good64-gzip.bzImage"
expect_status 1
expect_out '^  breaking  compression: '
run verify --scenario bios --profile "$scratch/profile" "$good"
expect_status 0
run lint --profile "$scratch/profile" "$good"
expect_status 0
for text in 'breaking no.such' 'breaking' 'fatal file.size' 'notable file.size file.kind'; do
    printf '%s\n' "$text" >"$scratch/bad-profile"
    for command in diff verify lint; do
        # shellcheck disable=SC2086
        run $command --profile "$scratch/bad-profile" "$good" "$good"
        expect_status 2
        expect_err "^bzcheck: --profile: .*/bad-profile: line 1: "
    done
done
run diff --list --profile "$scratch/profile"
expect_status 0
expect_out '^breaking  payload\.compression$'
run diff --list
expect_out '^notable   payload\.compression$'
# shellcheck disable=SC2016 # Markdown
grep -E '^(breaking|notable|expected) ' "$scratch/out" | sed 's/^\([a-z]*\) *\(.*\)/| `\2` | \1 |/' >"$scratch/kinds"
while IFS= read -r row; do
    check "docs/diff.md does not say: $row" grep -qF "$row" docs/diff.md
done <"$scratch/kinds"
check "docs/diff.md has kinds that there are not" [ "$(grep -c '^| `[a-z]*\.' docs/diff.md)" -eq "$(wc -l <"$scratch/kinds")" ]

run diff --least breaking "$good" "$BZC_IMAGES/bad-triple.bzImage"
check "what matters less is shown" [ "$(grep -Ec '^  (notable|expected) ' "$scratch/out")" -eq 0 ]
expect_out '^  breaking  result: '
expect_out ' [0-9]+ expected '

# ---- other files ----

run diff --json "$json" "$BZC_IMAGES/good64-pe.bzImage" "$BZC_IMAGES/good-uki.bzImage"
expect_status 1
expect_valid "$json"
has file.kind breaking
expect_json "$json" 'report["new"]["kind"] == "uki" and report["runs_compared"] == 6'
run diff --json "$json" "$BZC_IMAGES/good64-pe-signed.bzImage" "$BZC_IMAGES/good64-pe.bzImage"
expect_status 1
has signature.gone breaking
run diff --json "$json" "$BZC_IMAGES/good64-pe.bzImage" "$BZC_IMAGES/good64-pe-signed.bzImage"
expect_status 0
check "not the signature alone is notable" [ "$(differences 'd["importance"] == "notable"')" = "signature.new signatures" ]
has layout.signature expected
has file.checksum-signed expected
run diff --json "$json" "$BZC_IMAGES/good64-pe.bzImage" "$good"
has pe.gone breaking
run diff --json "$json" "$good" "$BZC_IMAGES/good-zimage.bzImage"
expect_status 1
expect_valid "$json"
has file.kind breaking
has scenario.lost breaking
run diff --json "$json" "$good" "$BZC_IMAGES/bad-truncated.bzImage"
expect_status 1
expect_valid "$json"
has payload.unreadable breaking
has run.broken breaking

for file in "$scratch/missing" /etc/passwd "$scratch" /dev/null; do
    for pair in "$good $file" "$file $good"; do
        # shellcheck disable=SC2086
        run diff --json "$json" $pair
        expect_status 3
        expect_lines out 0
        expect_lines err 1
        expect_err "^bzcheck: $file: "
        expect_valid "$json"
        expect_json "$json" 'report["verdict"] == "unknown"'
    done
done

run diff --json - "$good" "$BZC_IMAGES/good64-gzip.bzImage"
expect_status 0
check "the JSON on standard output differs" cmp -s "$scratch/out" "$scratch/first.json"
expect_err '^no breaking difference'
run diff --json "$scratch/folder/none.json" "$good" "$good"
expect_status 3

for arguments in "" "$good" "$good $good $good" "--least most $good $good" "--jobs 0 $good $good" \
    "--scenario none $good $good" "--no-such $good $good"; do
    # shellcheck disable=SC2086
    run diff $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck diff --help'"
done
run diff --help
expect_status 0
expect_out '^Exit status: 0 '

finish
