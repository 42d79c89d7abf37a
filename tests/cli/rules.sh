# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck rules and bzcheck explain.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

json=$scratch/rules.json

# ---- the list ----

run rules
expect_status 0
expect_lines err 0
expect_out '^HDR-001 +error +image-complete +the file holds '
rules=$(wc -l <"$scratch/out")
check "there are fewer than 30 rules" [ "$rules" -ge 30 ]
check "a line does not begin with an id, a severity and a name" [ \
    "$(grep -Evc '^[A-Z]{2,3}-[0-9]{3} +(error|warning|note) +[a-z0-9-]+  +[^ ].*[^ .]$' "$scratch/out")" -eq 0 ]
check "a rule stands twice" [ "$(cut -d' ' -f1 "$scratch/out" | sort | uniq -d | wc -l)" -eq 0 ]
cp "$scratch/out" "$scratch/all"

# A family's lines are those of the whole list.
run rules --family pay
expect_status 0
check "not the lines of PAY" cmp -s "$scratch/out" <(grep '^PAY-' "$scratch/all")
run rules --family PA
expect_status 2
expect_lines out 0
expect_err "^bzcheck rules: --family: there is no 'PA'; there is:.* HDR"

run rules --json
expect_status 0
expect_lines err 0
cp "$scratch/out" "$json"
expect_json "$json" "len(report) == $rules"
expect_json "$json" "[r['id'] for r in report] == '$(cut -d' ' -f1 "$scratch/all" | tr '\n' ' ')'.split()"
expect_json "$json" 'all(list(r) == "id name severity title spec phase since needs reads".split() for r in report)'
expect_json "$json" 'all(r["phase"] in ("image", "run", "setup", "long", "entry", "memory") for r in report)'
expect_json "$json" 'all((r["reads"] is None) == (r["phase"] != "image") for r in report)'
# From the catalogue's rows, by hand.
expect_json "$json" '[(r["since"], r["phase"], r["needs"], r["reads"]) for r in report if r["id"] in ("PAY-003", "ENT-022")] == [(None, "image", ["boot-image", "linux"], "kernel"), ("2.02", "setup", ["linux"], None)]'
run rules --json --family HDR
expect_status 0
expect_json "$scratch/out" '{r["id"][:4] for r in report} == {"HDR-"}'

for arguments in "HDR-001" "--no-such-option" "--family" "--json=x" "--family="; do
    # shellcheck disable=SC2086 # split into arguments
    run rules $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck rules --help'"
done
command_line='bzcheck rules --json >/dev/full'
"$BZCHECK" rules --json >/dev/full 2>"$scratch/err"
status=$?
expect_status 3
expect_lines err 1

# ---- a page ----

run explain HDR-001
expect_status 0
expect_lines err 0
check "not the page" cmp -s "$scratch/out" docs/rules/HDR-001.md
for word in hdr-001 image-complete; do
    run explain $word
    expect_status 0
    check "not the page" cmp -s "$scratch/out" docs/rules/HDR-001.md
done
run explain PAY-002 HDR-001
expect_status 0
check "not both pages" cmp -s "$scratch/out" <(cat docs/rules/PAY-002.md && echo && cat docs/rules/HDR-001.md)

# expect_no_rule WORD PATTERN: one sentence, which says what may have been meant.
expect_no_rule() {
    run explain HDR-001 "$1"
    expect_status 2
    expect_lines out 0
    expect_lines err 1
    expect_err "^bzcheck explain: there is no rule '$2"
}

expect_no_rule PAY-902 "PAY-902'; near to it: .*PAY-002 payload-intact"
expect_no_rule hdr "hdr'; near to it: HDR-001 image-complete"
expect_no_rule IMAGE-COMPLET "IMAGE-COMPLET'; near to it: HDR-001 image-complete"
expect_no_rule payload-instact "payload-instact'; near to it: PAY-002 payload-intact"
expect_no_rule zzzz "zzzz'; 'bzcheck rules' lists them"
expect_no_rule "" "'; 'bzcheck rules' lists them"
expect_no_rule "$(printf 'x%.0s' $(seq 500))" "x+'; 'bzcheck rules' lists them"
expect_no_rule $'\033[31m' "\\?\\[31m'; "
check "an escape reaches the terminal" [ "$(grep -c $'\033' "$scratch/err")" -eq 0 ]

run explain
expect_status 2
expect_err "^Try 'bzcheck explain --help'"
run explain --no-such-option
expect_status 2
run explain --help
expect_status 0
expect_out 'RULE'
run rules --help
expect_status 0
expect_out '--family'

# ---- headings on a terminal ----

on_terminal TERM=xterm -- explain HDR-001
expect_status 0
expect_out $'^\033\\[1m# HDR-001 image-complete\033\\[0m'
expect_out $'^\033\\[1m## How to fix it\033\\[0m'
check "more than headings in bold" [ "$(grep -c $'\033\\[1m' "$scratch/out")" -eq 6 ]
on_terminal TERM=xterm NO_COLOR=1 -- explain HDR-001
check "bold in spite of NO_COLOR" [ "$(grep -c $'\033' "$scratch/out")" -eq 0 ]

finish
