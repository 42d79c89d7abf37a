# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck loaders: rows, reasons, profiles of one's own, unified kernel images, JSON, exit status; verify --as and the
# other options that say what a loader hands over.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
old=$BZC_IMAGES/good32-2.01.bzImage
uki=$BZC_IMAGES/good-uki.bzImage
json=$scratch/loaders.json

expect_valid_loaders() {
    check "the JSON is not valid" tests/validate_loaders "$1"
}

# profile NAME LINE...: a profile of one's own, $scratch/NAME.profile.
profile() {
    local name=$1
    shift
    printf '%s\n' "name $name" "title The loader $name" "source here, $name.c" "commit 0123abcd, 2026-01-01" "$@" \
        >"$scratch/$name.profile"
}

# ---- all loaders ----

run loaders "$good"
expect_status 0
expect_lines err 0
expect_out "^$good\$"
expect_out '^  bzImage, protocol 2\.15, '
names=$(sed -En 's/^  (accepts|refuses|dangerous) +([a-z0-9-]+)( .*)?$/\2/p' "$scratch/out" | tr '\n' ' ')
profiles=$(for file in loader/profiles/*.profile; do basename "$file" .profile; done | LC_ALL=C sort | tr '\n' ' ')
check "the rows are not those of loader/profiles: $names" [ "$names" = "$profiles" ]
check "a line is longer than 80 columns" [ "$(awk 'length > 80' "$scratch/out" | wc -l)" -eq 0 ]
check "there are trailing blanks" [ "$(grep -c ' $' "$scratch/out")" -eq 0 ]
expect_out "^  of $(wc -w <<<"$names") loaders $(grep -c '^  accepts ' "$scratch/out") accepts? it, "
check "nothing is said of sources without --verbose" [ "$(grep -c ' commit ' "$scratch/out")" -eq 0 ]
cp "$scratch/out" "$scratch/first.out"
run loaders --verbose "$good"
expect_status 0
check "not one commit a loader" [ "$(grep -c '^ *commit ' "$scratch/out")" -eq "$(wc -w <<<"$names")" ]
check "a line is longer than 80 columns" [ "$(awk 'length > 80' "$scratch/out" | wc -l)" -eq 0 ]

# Linux, kexec-bzimage64.c: "if (header->version < 0x020C)"; Xen, xg_dom_bzimageloader.c: "if ( version < 0x0208 )".
run loaders "$old"
expect_status 0
expect_out '^  refuses +kexec-file +v6\.1\.192$'
expect_out '^ +Must be at least protocol version 2\.12$'
expect_out '^  refuses +xen +c447b7308b13$'
expect_out '^ +boot protocol too old$'
expect_out '^  (accepts|dangerous) +syslinux +16-bit entry +5e426532210b$'

# ---- profiles of one's own ----

profile yes "path entry32"
profile no "path setup" 'refuse if version >= 2.00 "too new for me"'
profile risky "path entry64 if kernel-64" 'danger if relocatable "does not look at kernel_alignment"' "note a note"
profile lost "path pvh if version < 2.00"

run loaders --as "$scratch/no.profile" --as "$scratch/risky.profile" --as "$scratch/yes.profile" "$good"
expect_status 0
expect_out '^  refuses    no +0123abcd$'
expect_out '^ +too new for me$'
expect_out '^  dangerous  risky +64-bit entry +0123abcd$'
expect_out '^ +does not look at kernel_alignment$'
expect_out '^  accepts    yes +32-bit entry +0123abcd$'
expect_out '^  of 3 loaders 1 accepts it, 1 is dangerous, 1 refuses it$'
run loaders --verbose --as "$scratch/risky.profile" "$good"
expect_status 1
expect_out '^ +is +The loader risky$'
expect_out '^ +source +here, risky\.c$'
expect_out '^ +commit +0123abcd, 2026-01-01$'
expect_out '^ +note +a note$'
run loaders --as "$scratch/lost.profile" "$good"
expect_status 1
expect_out '^ +none of its ways in fits this image$'
run loaders --as xen "$good"
expect_out '^  of 1 loader '

profile wrong "path setup" "krenel-at 5"
run loaders --as "$scratch/wrong.profile" "$good"
expect_status 2
expect_lines out 0
expect_lines err 1
expect_err "^bzcheck: --as: .*wrong\.profile: line 6: there is no statement 'krenel-at'\$"
run loaders --as "$scratch/missing.profile" "$good"
expect_status 3
expect_lines out 0
run loaders --as lilo "$good"
expect_status 2
expect_err "^bzcheck loaders: --as: there is no loader 'lilo'; there is:.* xen"

# ---- what the user brings ----

head -c 20480 /dev/zero >"$scratch/initrd"
profile small "path setup" 'refuse if initrd > 20479 "initrd too large"' 'refuse if cmdline > 9 "command line too long"'
run loaders --as "$scratch/small.profile" --cmdline "0123456789" "$good"
expect_status 1
expect_out 'command line too long'
run loaders --as "$scratch/small.profile" --cmdline "012345678" "$good"
expect_status 0
run loaders --as "$scratch/small.profile" --initrd "$scratch/initrd" --json "$json" "$good"
expect_status 1
expect_out 'initrd too large'
expect_valid_loaders "$json"
expect_json "$json" 'report["initrd_size"] == 20480 and report["cmdline_length"] == 0'
: >"$scratch/empty"
run loaders --initrd "$scratch/empty" "$good"
expect_status 3
expect_err 'empty: the file is empty$'

# ---- a unified kernel image: the file, and the kernel in it for who boots that ----

profile stub "image embedded" "path pe if HdrS"
run loaders --as "$scratch/yes.profile" --as "$scratch/no.profile" --as "$scratch/stub.profile" "$uki"
expect_status 0
expect_out '^  unified kernel image, '
expect_out '^  \.linux: bzImage, protocol 2\.15, '
expect_out '^  accepts    stub +PE entry of \.linux +0123abcd$'
expect_out '^  accepts    no +16-bit entry +0123abcd$' # the PE file has no version
run loaders --as "$scratch/stub.profile" "$good"
expect_out '^  accepts    stub +PE entry, as \.linux of a UKI 0123abcd$'
run loaders --json "$json" "$uki"
expect_status 0
expect_valid_loaders "$json"
expect_json "$json" 'report["images"][0]["image"]["uki"] and report["images"][0]["image"]["kernel"]["protocol"] == "2.15"'
expect_json "$json" '{l["of"] for l in report["images"][0]["loaders"]} == {"file", "embedded"}'
expect_json "$json" '[l["verdict"] for l in report["images"][0]["loaders"] if l["name"] in ("systemd-stub", "kexec-file", "grub-linux")] == ["refuses", "refuses", "accepts"]'

# ---- a payload that cannot be unpacked ----

profile inner "path payload-elf" 'refuse unless payload-elf "kernel is not an ELF image"'
run loaders --as "$scratch/inner.profile" "$good"
expect_status 0
expect_out 'ELF file in the payload +0123abcd$'
run loaders --as "$scratch/inner.profile" --json "$json" "$BZC_IMAGES/bad-flip-gzip.bzImage"
expect_status 1
expect_out '^  payload: '
expect_out '^ +kernel is not an ELF image$'
expect_valid_loaders "$json"
expect_json "$json" '"gzip" in report["images"][0]["image"]["kernel"]["payload_problem"]'

# ---- JSON ----

run loaders --json "$json" "$good" "$scratch/missing" "$old"
expect_status 3
expect_lines err 1
expect_err "^bzcheck: $scratch/missing: "
expect_valid_loaders "$json"
expect_json "$json" '[one["problem"] is None for one in report["images"]] == [True, False, True]'
expect_json "$json" "[l['name'] for l in report['images'][0]['loaders']] == '$profiles'.split()"
expect_json "$json" 'report["images"][0]["image"]["kernel"]["payload_elf"] == 64'
expect_json "$json" "report['images'][0]['image']['sha256'] == '$(sha256sum <"$good" | cut -d' ' -f1)'"
run loaders --json - "$good"
expect_status 0
check "the text changes with --json" cmp -s "$scratch/first.out" "$scratch/err"
expect_valid_loaders "$scratch/out"
cp "$scratch/out" "$scratch/first.json"
run loaders --json - "$good"
check "the JSON is not the same again" cmp -s "$scratch/first.json" "$scratch/out"
run loaders --json "$scratch/no-folder/x.json" "$good"
expect_status 3
expect_err 'no-folder/x\.json'

# ---- the same loaders, and what else is handed over, in a run ----

profile mine "path entry64 if kernel-64" "path entry32" "kernel-at 0x2000000 if relocatable" "kernel-at 0x100000" \
    "cmdline-at 0x50000 if version >= 2.10" "cmdline-at 0x60000" "write vid_mode 0x1234"
head -c 40 /dev/zero | tr '\0' s >"$scratch/seed"
run verify --as "$scratch/mine.profile" --cmdline "nokaslr x=y" --setup-data "9=$scratch/seed" \
    --setup-data "indirect:9=$scratch/seed" --rsdp 0xe0000 --subarch 0 --json "$json" "$good"
expect_status 0
expect_out '^  as mine at 0x2000000, nokaslr$'
expect_valid "$json"
expect_json "$json" '[(r["scenario"], r["loader"], r["load_addr"], r["cmdline"]) for r in report["runs"]] == [(None, "mine", "0x2000000", "nokaslr x=y")]'
plan='report["runs"][0]["plan"]'
expect_json "$json" "$plan['path'] == 'entry64' and $plan['jump'] == {'mode': 'long', 'linear': '0x2000200'}"
expect_json "$json" "[b['phys'] for b in $plan['blocks'] if b['name'] == 'command line'] == ['0x50000']"
expect_json "$json" "{'vid_mode': '0x1234', 'acpi_rsdp_addr': '0xe0000', 'hardware_subarch': '0x0'}.items() <= {w['field']: w['value'] for w in $plan['writes']}.items()"
expect_json "$json" "[b['size'] for b in $plan['blocks'] if b['name'].startswith('setup_')] == [16 + 40, 40, 16 + 24]"
run verify --as "$scratch/mine.profile" --as kexec-tools-bzimage --cmdline nokaslr --json "$json" "$good"
expect_status 0
expect_json "$json" '[r["loader"] for r in report["runs"]] == ["mine", "kexec-tools-bzimage"]'
run verify --setup-data "9=$scratch/missing" "$good"
expect_status 3
expect_lines out 0
expect_err '^bzcheck: --setup-data: .*missing: '
run verify --as "$scratch/wrong.profile" --setup-data "9=$scratch/seed" "$good"
expect_status 2
expect_lines out 0

# ---- what is no image, usage ----

for file in "$scratch/empty" "$BZC_IMAGES/good64.vmlinux" "$scratch/initrd" "$scratch"; do
    run loaders "$file"
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck: $file: "
done
run loaders --help
expect_status 0
expect_out '^Exit status: 0 '
for arguments in "" "--no-such-option" "--as" "--verbose=1 $good"; do
    # shellcheck disable=SC2086 # split into arguments
    run loaders $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck loaders --help'"
done
run --help
expect_out '^  loaders +[a-z]'

# A profile is foreign text on somebody's terminal.
profile colour "path setup" 'refuse if HdrS "x'$'\302\233''31mred"'
run loaders --as "$scratch/colour.profile" "$good"
check "an escape reaches the terminal" [ "$(LC_ALL=C grep -c $'\033\\|\302\233' "$scratch/out")" -eq 0 ]
expect_out 'x\?31mred'

on_terminal TERM=xterm -- loaders --as "$scratch/no.profile" --as "$scratch/yes.profile" "$good"
expect_out $'^  \033\\[1;32maccepts\033\\[0m +yes'
expect_out $'^  \033\\[1;31mrefuses\033\\[0m +no'

command_line='bzcheck loaders good64.bzImage >/dev/full'
"$BZCHECK" loaders "$good" >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_err 'standard output'

finish
