# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a user sees of a verified image: text, JSON, streams, exit status.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
bad=$BZC_IMAGES/bad-if.bzImage # fails in every run with one finding
json=$scratch/report.json

# ---- one image ----

run verify "$good"
expect_status 0
expect_lines err 0
expect_out "^$good\$"
expect_out '^  bzImage, protocol 2\.15, '
expect_out '^  bios at 0x100000, nokaslr$'
expect_out '^    setup +0x[0-9a-f]+ +real$'
expect_out '^    kernel +0x[0-9a-f]+ +long$'
expect_out "^PASS  $good: "
check "the verdict is not the last line" grep -q '^PASS  ' <(tail -n 1 "$scratch/out")
check "there is not one verdict" [ "$(grep -Ec '^(PASS|FAIL|UNKNOWN) ' "$scratch/out")" -eq 1 ]
check "there are control characters" [ "$(LC_ALL=C grep -c $'[\001-\011\013-\037]' "$scratch/out")" -eq 0 ]

run verify "$bad"
expect_status 1
expect_lines err 0
expect_out '^  error +[A-Z]{3}-[0-9]{3} '
expect_out '^ +expected +0$'
expect_out '^ +actual +1'
expect_out "^FAIL  $bad: "

run verify --verbose "$good"
expect_status 0
expect_out '^  pass  +[A-Z]{3}-[0-9]{3} '
expect_out '^  skip  +[A-Z]{3}-[0-9]{3} '

# ---- JSON to a file: the text stays where it is ----

run verify --json "$json" "$good"
expect_status 0
expect_lines err 0
expect_out '^PASS  '
expect_valid "$json"
expect_json "$json" 'report["schema"] == "bzcheck-report/2" and report["verdict"] == "pass"'
expect_json "$json" "report['image']['path'] == '$good'"
expect_json "$json" "report['image']['sha256'] == '$(sha256sum <"$good" | cut -d' ' -f1)'"
expect_json "$json" "report['image']['size'] == $(stat -c %s "$good")"
expect_json "$json" 'all(run["result"] == {"kernel": "entry", "running": "running"}[run["expects"]] for run in report["runs"])'
expect_json "$json" '{run["scenario"] for run in report["runs"]} == {"bios", "entry32", "entry64", "payload-elf", "pvh"}'
expect_json "$json" 'report["runs"][0]["entry"]["mode"] == "long" and report["runs"][0]["kernel"]["virt_delta"] == "0x0"'
check "a temporary file was left behind" [ "$(find "$scratch" -name '*report.json*' | wc -l)" -eq 1 ]

# It is the same bytes however the runs are spread, and so is the text.
cp "$json" "$scratch/first.json"
cp "$scratch/out" "$scratch/first.out"
for jobs in 1 2 7; do
    run verify --jobs "$jobs" --json "$json" "$good"
    check "the text changes with --jobs $jobs" cmp -s "$scratch/first.out" "$scratch/out"
    check "the JSON changes with --jobs $jobs" cmp -s "$scratch/first.json" "$json"
done

# ---- JSON to standard output: the text moves ----

run verify --json - "$bad"
expect_status 1
expect_err '^FAIL  '
expect_valid "$scratch/out"
expect_json "$scratch/out" 'report["verdict"] == "fail"'
expect_json "$scratch/out" 'any(f["outcome"] == "fail" and f["expected"] == "0" for f in report["findings"])'

# ---- several reports of one run ----

run verify -o "text:$scratch/report.txt" --output "json:$json" --quiet "$good"
expect_status 0
expect_lines out 0
expect_lines err 0
expect_valid "$json"
check "--json and -o json differ" cmp -s "$json" "$scratch/first.json"
check "the text in a file differs" cmp -s "$scratch/report.txt" "$scratch/first.out"
run verify -o "json:$json" -o text:- "$good"
check "the text on standard output differs" cmp -s "$scratch/out" "$scratch/first.out"
expect_err '^PASS  '
run verify --quiet "$scratch/missing"
expect_status 3
expect_lines out 0
expect_err '^UNKNOWN  '
for arguments in "-o foo:x" "-o json" "-o json:" "-o :x" "-o json:- --json -" "-o json:x -o text:x" "--quiet=1"; do
    # shellcheck disable=SC2086
    run verify $arguments "$good"
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck verify --help'"
done
check "a report of a refused command line" [ ! -e x ]

# ---- several images: each has its report, in their order; the worst status counts ----

run verify --json "$json" "$bad" "$scratch/missing" "$good"
expect_status 3
expect_out "^FAIL  $bad: "
expect_err "^UNKNOWN  $scratch/missing: "
expect_lines err 1
expect_out "^PASS  $good: "
expect_valid "$json"
expect_json "$json" 'report["schema"] == "bzcheck-reports/1"'
expect_json "$json" '[r["verdict"] for r in report["reports"]] == ["fail", "unknown", "pass"]'
expect_json "$json" 'report["reports"][1]["image"]["kind"] is None and "missing" in report["reports"][1]["reason"]'

run verify "$good" "$bad"
expect_status 1
run verify "$good" "$good"
expect_status 0

# ---- options ----

run verify "$good" --load-addr 0x3000000 --kaslr-seed 9223372036854775807 --kaslr-seed 0 --json "$json" --cmdline 'quiet a=b'
expect_valid "$json"
expect_json "$json" '{run["load_addr"] for run in report["runs"] if run["scenario"] not in ("payload-elf", "pvh")} == {"0x3000000"}'
expect_json "$json" '{run["kaslr_seed"] for run in report["runs"] if run["kaslr"]} == {0, 2**63 - 1}'
expect_json "$json" 'all("quiet a=b" in run["cmdline"] for run in report["runs"])'

# A way in that the image does not promise is not gone; why not stands in the report.
while read -r image scenario reason; do
    run verify --scenario "$scenario" --json "$json" "$BZC_IMAGES/$image.bzImage"
    expect_status 3
    expect_json "$json" 'report["verdict"] == "unknown" and report["runs"][0]["result"] == "not-started"'
    expect_json "$json" "'$reason' in report['runs'][0]['stop']['detail'] and '$reason' in report['reason']"
done <<'END'
good64 zimage LOADED_HIGH is set
good64 elf-wrapped does not begin with an ELF header
good32 entry64 XLF_KERNEL_64 is not set
good32 pvh has no Xen note PHYS32_ENTRY
good32-flat payload-elf the header names no payload
good32-2.01 entry32 before protocol 2.02
END

# What does not fit together, and what is out of range.
for arguments in \
    "--memory 64M --memory-map $good $good" \
    "--vmlinux $good $good $good" \
    "--memory 1M $good" \
    "--memory 18446744073709551616 $good" \
    "--memory 17179869185G $good" \
    "--memory 64MB $good" \
    "--memory=-64M $good" \
    "--load-addr 0 $good" \
    "--load-addr 0x10000000000000 $good" \
    "--load-addr 0x100000x $good" \
    "--kaslr-seed 9223372036854775808 $good" \
    "--kaslr-seed= $good" \
    "--jobs 1025 $good" \
    "--verbose=yes $good" \
    "--json"; do
    # shellcheck disable=SC2086 # split into arguments
    run verify $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck verify --help'"
done

# A file that an option names and that is not there is no wrong usage.
: >"$scratch/empty"
printf '0 0x9fbff usable\nnonsense\n' >"$scratch/map"
for arguments in "--initrd $scratch/none" "--initrd $scratch/empty" "--vmlinux $scratch/none" "--memory-map $scratch/none" \
    "--memory-map $scratch/map" "--initrd $scratch"; do
    # shellcheck disable=SC2086
    run verify $arguments "$good"
    expect_status 3
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck: ${arguments%% *}: $scratch"
done

# After -- everything is an image.
run verify -- --json
expect_status 3
expect_err '^UNKNOWN  --json: '

# ---- strange paths ----

strange=$scratch/$'a\033[31mb\n\377'
cp "$good" "$strange"
run verify --json "$json" "$strange"
expect_status 0
expect_valid "$json"
expect_json "$json" 'report["image"]["path"].endswith("a\x1b[31mb\n\ufffd")'
expect_out '^PASS  .*a\?\[31mb\?'
run verify "$strange.missing"
expect_status 3
expect_lines err 1
check "an escape reaches the terminal" [ "$(grep -c $'\033' "$scratch/err")" -eq 0 ]

# ---- what cannot be written ----

run verify --json "$scratch/no-folder/report.json" "$good"
expect_status 3
expect_out '^PASS  '
expect_lines err 1
expect_err 'no-folder/report\.json'

command_line='bzcheck --version >/dev/full'
"$BZCHECK" --version >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_err 'standard output'
command_line='bzcheck verify --json - good64.bzImage >/dev/full'
"$BZCHECK" verify --json - "$good" >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_err '^PASS  '
expect_err '^bzcheck: .*standard output'

# A reader that goes away, and a stdout that is closed: the JSON file is written all the same.
command_line='bzcheck verify --json FILE good64.bzImage | true'
rm -f "$json"
{ { sleep 1 && "$BZCHECK" verify --json "$json" "$good"; } 2>"$scratch/err" || echo $? >"$scratch/code"; } | true
status=$(cat "$scratch/code")
expect_status 3
expect_valid "$json"
command_line='bzcheck verify --json FILE good64.bzImage >&-'
rm -f "$json"
"$BZCHECK" verify --json "$json" "$good" >&- 2>"$scratch/err"
status=$?
expect_status 3
check "text in the JSON file" cmp -s "$scratch/first.json" "$json"

# ---- terminals ----

on_terminal TERM=xterm -- verify "$bad"
expect_status 1
expect_out 'runs done'
check "no colour on a terminal" [ "$(escapes)" -gt 0 ]
on_terminal TERM=xterm NO_COLOR= -- verify "$bad"
check "no colour with an empty NO_COLOR" [ "$(escapes)" -gt 0 ]
on_terminal TERM=xterm NO_COLOR=1 -- verify "$bad"
check "colour in spite of NO_COLOR" [ "$(escapes)" -eq 0 ]
expect_out 'runs done'
on_terminal TERM=dumb -- verify "$bad"
check "colour on a dumb terminal" [ "$(grep -c $'\033' "$scratch/out")" -eq 0 ]
check "progress on a dumb terminal" [ "$(grep -c 'runs done' "$scratch/out")" -eq 0 ]

finish
