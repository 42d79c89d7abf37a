# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Traces of a distribution's kernel, which executes millions of blocks: what is asked for is near, and the run goes on
# to its verdict.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

kernel=.deps/kernels/vmlinuz-cloud-amd64
json=$scratch/trace.json
[ -f "$kernel" ] || exit 77

lines() {
    check "not true of the JSON trace: $1" python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
records = [line for line in lines[1:-1] if line["type"] != "gap"]
sys.exit(not eval(sys.argv[2]))' "$json" "$1"
}

run trace --level insns --count 50 --events none --json "$json" "$kernel"
expect_status 0
lines 'len(records) == 50 and records[-1]["block"] < 100'
lines 'lines[-1]["verdict"] == "pass" and lines[-1]["stop"]["result"] == "entry"'
run trace --around 0x100000 --events none --json "$json" "$kernel"
expect_status 0
lines 'len(records) == 21 and records[10]["type"] == "jump" and records[11]["at"]["linear"] == "0x100000"'
# The first instruction of the kernel, millions of blocks later, is where the run ends.
run trace --around 0x1000000 --context 5 --events none --json "$json" "$kernel"
expect_status 0
cp "$json" "$scratch/around.json"
run trace --last 6 --events none --json "$json" "$kernel"
lines "[(r['block'], r['at']['linear']) for r in records] == [(r['block'], r['at']['linear']) for r in map(json.loads, open('$scratch/around.json')) if 'block' in r]"

finish
