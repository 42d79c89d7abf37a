# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Baselines: what is known does not fail, what is new does, the file, and files that are none.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

json=$scratch/report.json
list=$scratch/known.txt
good=$BZC_IMAGES/good64.bzImage
bad=$BZC_IMAGES/bad-esi.bzImage # ENT-005 in every run by the decompressor, says tests/images/README.md
other=$BZC_IMAGES/bad-if.bzImage

# ---- the first update makes the file, and what stands in it does not fail ----

run verify --baseline "$list" "$bad"
expect_status 3
expect_err '^bzcheck: --baseline: .*known.txt: '
run verify --scenario bios --scenario entry32 --baseline "$list" --update-baseline "$bad"
expect_status 0
expect_out "^PASS  $bad: nothing is wrong that was not known "
expect_out '^  known +ENT-005 entry-boot-params$'
check "no '[bad-esi.bzImage]'" grep -qx '\[bad-esi.bzImage\]' "$list"
check "no line of ENT-005 in bios" grep -qx 'ENT-005 entry-boot-params | bios | rsi' "$list"
check "a path of this machine" [ "$(grep -c "$BZC_IMAGES" "$list")" -eq 0 ]
check "not one line a finding" [ "$(grep -c '^ENT-005 ' "$list")" -eq "$(grep -vc '^#\|^$\|^\[' "$list")" ]
check "not sorted by rule, run, place" python3 -c 'import sys
lines = [line.split(" | ") for line in open(sys.argv[1]) if line[0].isalpha()]
sys.exit(lines != sorted(lines) or len(lines) < 2)' "$list"
cp "$list" "$scratch/first.txt"

run verify --scenario bios --scenario entry32 --baseline "$list" --json "$json" "$bad"
expect_status 0
expect_valid "$json"
expect_json "$json" 'report["schema"] == "bzcheck-report/2" and report["verdict"] == "pass" and report["gone"] == []'
expect_json "$json" 'all(f["known"] == (f["outcome"] == "fail") for f in report["findings"])'
expect_json "$json" 'sum(f["known"] for f in report["findings"]) > 0'
(
    printf '# our own words\n'
    cat "$list"
) >"$scratch/ours.txt"
cp "$scratch/ours.txt" "$scratch/copy.txt"
run verify --scenario bios --baseline "$scratch/ours.txt" "$bad"
expect_status 0
check "the baseline changed without --update-baseline" cmp -s "$scratch/ours.txt" "$scratch/copy.txt"
run verify --scenario bios --scenario entry32 "$bad"
expect_status 1
run verify --verbose --scenario bios --baseline "$list" "$bad"
expect_out '^  known +ENT-005 entry-boot-params$'
expect_out '^ +actual +0xdeadbeef$'

# ---- what is new fails: another image, another way in, another rule ----

run verify --scenario bios --baseline "$list" "$other"
expect_status 1
run verify --scenario bios --scenario entry64 --baseline "$list" "$bad"
expect_status 1
expect_out '^  error +ENT-005 entry-boot-params$'
expect_out '^ +in +entry64 '
grep -v 'bios |' "$list" >"$scratch/less.txt"
run verify --scenario bios --baseline "$scratch/less.txt" "$bad"
expect_status 1
cp "$other" "$scratch/bad-esi.bzImage"
run verify --scenario bios --baseline "$list" "$scratch/bad-esi.bzImage"
expect_status 1
expect_out "^FAIL  .*: ENT-004 entry-interrupts-off "

# ---- what is gone is told, fails nothing, and an update takes it out ----

cp "$good" "$scratch/bad-esi.bzImage"
run verify --scenario bios --baseline "$list" --json "$json" "$scratch/bad-esi.bzImage"
expect_status 0
expect_out '^  gone +ENT-005 entry-boot-params \| bios \| rsi$'
expect_out 'update-baseline'
check "another way in is gone" [ "$(grep -c '| entry32' "$scratch/out")" -eq 0 ]
expect_valid "$json"
expect_json "$json" '"ENT-005 entry-boot-params | bios | rsi" in report["gone"]'
run verify --scenario bios --baseline "$list" --update-baseline "$scratch/bad-esi.bzImage"
expect_status 0
check "bios is still there" [ "$(grep -c '| bios |' "$list")" -eq 0 ]
check "entry32 was not asked and has gone" grep -q '| entry32 |' "$list"
run verify --baseline "$list" --update-baseline "$good" "$scratch/bad-esi.bzImage"
expect_status 0
check "something is left" [ "$(grep -vc '^#' "$list")" -eq 0 ]

# ---- two images have a section each; lint leaves what is not its business ----

run verify --scenario bios --baseline "$list" --update-baseline "$other" "$bad"
expect_status 0
check "the sections are not sorted" [ "$(grep '^\[' "$list" | tr -d '\n')" = '[bad-esi.bzImage][bad-if.bzImage]' ]
cp "$list" "$scratch/first.txt"
run lint --baseline "$list" --update-baseline "$bad"
expect_status 0
check "lint took findings of runs out" cmp -s "$list" "$scratch/first.txt"
run lint --baseline "$scratch/lint.txt" --update-baseline "$BZC_IMAGES/bad-truncated.bzImage"
check "no finding of the image" grep -q '^HDR-001 image-complete | image | ' "$scratch/lint.txt"
run lint --baseline "$scratch/lint.txt" "$BZC_IMAGES/bad-truncated.bzImage"
expect_out '^  known +HDR-001 image-complete'
check "a known error counts" [ "$status" -ne 1 ]
run lint --baseline "$scratch/first.txt" "$BZC_IMAGES/bad-truncated.bzImage"
expect_status 1

# ---- files that are no baseline ----

run verify --update-baseline "$good"
expect_status 2
expect_err '^bzcheck verify: --update-baseline needs --baseline FILE$'
i=0
while IFS= read -r text; do
    i=$((i + 1))
    # shellcheck disable=SC2059 # the text has escapes
    printf "$text" >"$scratch/broken$i.txt"
    cp "$scratch/broken$i.txt" "$scratch/copy.txt"
    run verify --baseline "$scratch/broken$i.txt" --update-baseline "$good"
    expect_status 2
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck: --baseline: .*/broken$i.txt: line [12]: "
    check "a file that is no baseline was replaced" cmp -s "$scratch/broken$i.txt" "$scratch/copy.txt"
done <<'END'
ENT-001 | bios\n
[a]\nENT-999 | bios\n
[a]\nENT-001\n
[a]\nENT-001 | bios | x | y\n
[a]\n\000\n
\177ELF\002\001\001
[a\n
{"schema": "bzcheck-report/2"}\n
END
run lint --baseline "$scratch" "$good"
expect_status 3
expect_lines err 1
mkdir "$scratch/folder"
run lint --baseline "$scratch/folder/none/x.txt" --update-baseline "$good"
expect_status 3
expect_err '^bzcheck: --update-baseline: '

finish
