# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# verify and lint -o FORMAT:FILE: every format of the same images, held against the JSON report.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
bad=$BZC_IMAGES/bad-reloc-skip.bzImage # fails in one run with one finding
uki=$BZC_IMAGES/good-uki.bzImage
bzcheck=$(realpath "$BZCHECK")
formats=(github junit ktap markdown sarif tap)

check "the readers do not notice what is wrong" tests/validate_formats --self-test

# all_formats COMMAND ARG...: bzcheck with every format to $scratch/FORMAT.
all_formats() {
    local command=$1 format outputs=()
    shift
    for format in json "${formats[@]}"; do
        outputs+=(-o "$format:$scratch/$format")
    done
    run "$command" "${outputs[@]}" "$@"
}

# expect_formats: all of them are valid and say the same.
expect_formats() {
    local format files=()
    for format in "${formats[@]}"; do
        files+=("$format:$scratch/$format")
    done
    checks=$((checks + 1))
    tests/validate_formats --exit "$status" "$scratch/json" "${files[@]}" >"$scratch/breaches" ||
        complain "$(cat "$scratch/breaches")"
}

# ---- images of every verdict ----

all_formats verify "$good"
expect_status 0
expect_formats
check "an annotation of a good image" [ ! -s "$scratch/github" ]

all_formats verify "$bad"
expect_status 1
expect_formats
expect_in() {
    check "no line of the $1 report matches '$2'" grep -Eq -e "$2" "$scratch/$1"
}
expect_in junit '<failure type="error" message="1 of [0-9]+ relocation slots do not agree with the rest">'
expect_in junit 'name="REL-002 relocation-slots"'
expect_in ktap '^    # REL-002 error: expected: 0xffffffff'
expect_in ktap '^    not ok [0-9]+ REL-002 relocation-slots$'
expect_in tap '^        not ok [0-9]+ - REL-002 relocation-slots$'
expect_in github "^::error file=$bad,title=REL-002 relocation-slots::1 of .*%0Ain: bios at 0x100000, KASLR seed 1%0A"
expect_in markdown '^\| error \| REL-002 relocation-slots \| 1 of '
expect_in sarif '"text": "1 of [0-9]+ relocation slots'
check "the rule's page is not in the SARIF report" python3 -c '
import json, sys
rule, = json.load(open(sys.argv[1]))["runs"][0]["tool"]["driver"]["rules"]
sys.exit(rule["help"]["markdown"] != open("docs/rules/REL-002.md", encoding="utf-8").read())' "$scratch/sarif"

all_formats verify "$scratch/missing"
expect_status 3
expect_formats
expect_in github '::error file=.*/missing,title=bzcheck could not tell::No such file or directory$'
# A way in that the image does not have: nothing is known.
all_formats verify --scenario pvh "$BZC_IMAGES/good32.bzImage"
expect_status 3
expect_formats
expect_in junit 'name="verdict"'
all_formats verify "$uki"
expect_status 0
expect_formats
all_formats verify "$good" "$bad" "$scratch/missing" "$uki" "$BZC_IMAGES/bad-if.bzImage"
expect_status 3
expect_formats
# What is the same in several runs is one annotation, and it says in which.
expect_in github '^::error file=[^,]*bad-if.*%0Ain: every run%0A|^::error file=[^,]*bad-if.*%0Ain: [^%]*; '

all_formats lint "$good" "$bad" "$uki" "$scratch/missing"
expect_status 3
expect_formats
all_formats lint --no-payload "$good"
expect_status 0
expect_formats

# An offset in the file, where the rule names one: boot_flag is at 0x1fe (boot.rst).
cp "$good" "$scratch/flag.bzImage"
printf '\125\252\125' | dd of="$scratch/flag.bzImage" bs=1 seek=510 count=1 conv=notrunc status=none
printf '\1' | dd of="$scratch/flag.bzImage" bs=1 seek=510 conv=notrunc status=none
all_formats lint "$scratch/flag.bzImage"
expect_formats
expect_in sarif '"byteOffset": 510'

# ---- severities: a document fails exactly when the exit status is 1 ----

all_formats verify --warn REL-002 "$bad"
expect_status 0
expect_formats
expect_in junit '<system-out>warning: 1 of '
expect_in github '^::warning file='
all_formats verify --warn REL-002 --fail-on warning "$bad"
expect_status 1
expect_formats
expect_in junit '<failure type="warning"'
all_formats verify --note REL-002 "$bad"
expect_status 0
expect_formats
expect_in github '^::notice file='
all_formats verify --off REL-002 "$bad"
expect_status 0
expect_formats
all_formats verify --verbose "$bad"
expect_status 1
expect_formats
expect_in sarif '"kind": "pass"'
expect_in sarif '"kind": "notApplicable"'
expect_in markdown '^\| skip \|'

# A finding of the baseline is told, but fails nothing.
run verify --quiet --baseline "$scratch/baseline" --update-baseline "$bad"
all_formats verify --baseline "$scratch/baseline" "$bad"
expect_status 0
expect_formats
expect_in junit '^known: it is in the baseline'
expect_in ktap '^    # REL-002 error: known: '
expect_in ktap '^    ok [0-9]+ REL-002 relocation-slots$'
expect_in markdown '^\| error \(known\) \| REL-002 '
expect_in sarif '"status": "accepted"'
expect_in github '^::notice .*%0Aknown: it is in the baseline$'

# ---- the same bytes each time, however the runs are spread ----

all_formats verify "$good" "$bad" "$scratch/missing"
mkdir "$scratch/first"
for format in "${formats[@]}"; do
    mv "$scratch/$format" "$scratch/first/"
done
all_formats verify --jobs 1 "$good" "$bad" "$scratch/missing"
for format in "${formats[@]}"; do
    check "the $format report changes" cmp -s "$scratch/first/$format" "$scratch/$format"
done

# ---- strange paths ----

strange=$scratch/$'a|b`<b>@x\033[31m]]>%0A\n::error::x, #1 {0} \\\377'
cp "$bad" "$strange"
all_formats verify "$strange" "$strange.missing"
expect_status 3
check "an escape is in a report" [ "$(cat "$scratch"/{github,junit,ktap,markdown,tap} | grep -c $'\033')" -eq 0 ]
for format in junit ktap sarif tap; do
    checks=$((checks + 1))
    tests/validate_formats "$scratch/json" "$format:$scratch/$format" >"$scratch/breaches" ||
        complain "$(cat "$scratch/breaches")"
done
check "there are not two annotations" [ "$(grep -c '' "$scratch/github")" -eq 2 ]
check "a line of the annotations is none" [ "$(grep -Ec '^::error file=[^,:]*,title=[^,:]*::[^:]' "$scratch/github")" -eq 2 ]
check "the path makes HTML" [ "$(grep -Ec '<b>|@x' "$scratch/markdown")" -eq 0 ]

# ---- streams ----

run verify -o "junit:$scratch/a.xml" -o "sarif:$scratch/b" -o github:- "$bad"
expect_status 1
expect_lines out 1
expect_out '^::error file='
expect_err '^FAIL  '
check "no JUnit report" grep -q '<failure' "$scratch/a.xml"
check "no SARIF report" grep -q '"2.1.0"' "$scratch/b"
for format in "${formats[@]}"; do
    run verify --quiet -o "$format:-" "$bad"
    expect_status 1
    run verify -o "$format:$scratch/no-folder/report" "$good"
    expect_status 3
    expect_out '^PASS  '
    expect_err 'no-folder/report'
    run verify -o "$format:/dev/full" "$bad"
    expect_status 3
    expect_err '^bzcheck: .*/dev/full'
done

# ---- lists of the formats: the program's, this test's, those of docs/formats.md and the manual pages ----

run verify --help
sed -n '/^  -o, /,/^  --json/s/^ \{24\}\([a-z][a-z]*\) .*/\1/p' "$scratch/out" >"$scratch/names"
check "other formats than this test knows" \
    cmp -s "$scratch/names" <(printf '%s\n' "${formats[@]}" html json text | LC_ALL=C sort)
# shellcheck disable=SC2016 # Markdown
check "docs/formats.md has others" \
    cmp -s "$scratch/names" <(sed -n 's/^| `\([a-z]*\)` |.*|$/\1/p' docs/formats.md | awk '!seen[$0]++' | LC_ALL=C sort)
for format in $(cat "$scratch/names"); do
    for page in verify lint; do
        check "the manual page of $page does not name $format" grep -Eq "\\<$format\\>" "docs/man/bzcheck-$page.1"
    done
done

# ---- docs/formats.md: the examples are what is written ----

for format in "${formats[@]}"; do
    (cd "$BZC_IMAGES" && "$bzcheck" verify --quiet --load-addr 0x100000 --cmdline nokaslr -o "$format:-" bad-if.bzImage) \
        >"$scratch/out"
    command_line="the example of $format in docs/formats.md"
    # shellcheck disable=SC2016 # the $ of a regular expression
    check "it is not in what bzcheck writes" python3 -c '
import re, sys
section = re.search("(?ms)^## " + sys.argv[1] + "$(.*?)(?=^## )", open("docs/formats.md", encoding="utf-8").read())
block = re.findall("(?m)(?:^    .*\n)+", section.group(1))[-1]
example = re.sub("(?m)^    ", "", block)
sys.exit(example not in open(sys.argv[2], encoding="utf-8").read())' "$format" "$scratch/out"
done

# ---- other readers, where there are any ----

all_formats verify "$good" "$bad" "$scratch/missing"
if command -v prove >/dev/null; then
    # TAP::Parser sees the upper level; it knows version 14 since Test::Harness 3.48.
    for format in ktap tap; do
        sed '1s/version 14/version 13/' "$scratch/$format" >"$scratch/for-prove"
        command_line="prove on the $format report"
        prove --exec cat "$scratch/for-prove" >"$scratch/out" 2>"$scratch/err"
        expect_out 'Failed tests?: +2-3$'
        expect_out '^Files=1, Tests=3, '
        check "prove cannot read it" [ "$(grep -c 'Parse errors' "$scratch/out")" -eq 0 ]
    done
fi

finish
