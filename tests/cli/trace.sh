# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Traces: levels, filters, events, symbols, JSON Lines. What must come out is told by the image's own ELF files (nm,
# objdump, addr2line), by boot.rst and by the sources of the test images.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
setup=$BZC_IMAGES/setup.debug
stub=$BZC_IMAGES/stub64.debug
json=$scratch/trace.json

# address ELF SYMBOL: as the linker gave it, hexadecimal without leading zeros.
address() {
    nm "$1" | awk -v name="$2" '$3 == name { sub("^0+", "", $1); print "0x" ($1 == "" ? "0" : $1) }'
}

# lines EXPRESSION: a Python expression over `lines`, the JSON trace.
lines() {
    check "not true of the JSON trace: $1" python3 -c '
import itertools, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
records = [line for line in lines[1:-1] if line["type"] != "gap"]
def of(*kinds):
    return [record for record in records if record["type"] in kinds]
sys.exit(not eval(sys.argv[2]))' "$json" "$1"
}

expect_valid_trace() {
    check "the JSON trace is not valid" tests/validate_trace "$json"
}

# Guest code with symbols is the code in the images.
check "setup.debug is other code" cmp -s "$BZC_IMAGES/setup.debug.bin" "$BZC_IMAGES/setup.bin"
check "stub64.debug is other code" cmp -s "$BZC_IMAGES/stub64.debug.bin" "$BZC_IMAGES/stub64.bin"

# ---- stages ----

run trace "$good"
expect_status 0
expect_lines err 0
# boot.rst: setup is entered 0x20 paragraphs behind the segment where it lies; the protected-mode part at 0x100000.
expect_out '^start -> setup 0x10200$'
expect_out '^setup 0x[0-9a-f]+ -> decompressor 0x100000$'
expect_out '^    (jump|far-jump): l?jmp .*, protected-32$'
expect_out '^decompressor 0x[0-9a-f]+ -> decompressor \(relocated\) 0x142[0-9a-f]+$'
expect_out '^decompressor \(relocated\) 0x[0-9a-f]+ -> kernel 0x1000100$'
expect_out '^    rax 0x.* rcx 0x.* rdx 0x.* rbx 0x'
expect_out '^    cs 0x10  ds 0x18  es 0x18  ss 0x18 '
expect_out '^    cr0 0x11  cr3 0x0  cr4 0x0  efer 0x0$'
# setup/jump.S: `movl %eax, %cr0`, a far jump of 5 bytes behind it, and there `flat`. startup_64 stands at 0x200.
flat=$((0x10000 + $(address "$setup" flat)))
expect_out "$(printf '^setup 0x%x -> setup 0x%x$' $((flat - 8)) $((flat - 5)))"
expect_out '^    fall: mov cr0, eax, real -> protected-16$'
expect_out "$(printf '^setup 0x%x -> setup 0x%x$' $((flat - 5)) $flat)"
expect_out '^    far-jump: ljmp .*, protected-16 -> protected-32$'
expect_out '^    fall: mov cr0, eax, protected-32 -> compatibility-32$'
expect_out '^decompressor 0x10[0-9a-f]+ -> decompressor 0x100200$'
expect_out '^    far-return: retf, compatibility-32 -> long$'
expect_out '^  console .*screen: bzcheck test kernel: setup$'
expect_out '^  bios .*int 0x15 with eax 0xe820.*times\)$'
expect_out '^  a20 .*opened by'
expect_out '^stopped: entry in kernel at 0x1000100$'
expect_out "^PASS  $good: [0-9]+ records of one run\$"
check "a line is wider than 100 columns" awk -v path="$good" 'length > 100 && index($0, path) == 0 { exit 1 }' "$scratch/out"
cp "$scratch/out" "$scratch/first"
run trace "$good"
check "two traces differ" cmp -s "$scratch/first" "$scratch/out"

# ---- JSON Lines ----

run trace --json "$json" "$good"
expect_status 0
check "the text is another one with --json" cmp -s "$scratch/first" "$scratch/out"
expect_valid_trace
lines 'lines[0]["level"] == "stages" and lines[0]["run"]["scenario"] == "bios" and lines[0]["run"]["load_addr"] == "0x100000"'
lines '[stage for stage, group in itertools.groupby(jump["at"]["stage"] for jump in of("jump") if jump["at"]["stage"] != "BIOS")] == ["setup", "decompressor", "decompressor (relocated)", "kernel"]'
lines '[jump["mode_before"] for jump in of("jump")] == [None] + [jump["mode"] for jump in of("jump")][:-1]'
# Every mode is entered by a jump that says so.
lines '[mode for mode, group in itertools.groupby(jump["mode"] for jump in of("jump"))] == ["real", "protected-16", "protected-32", "compatibility-32", "long"]'
lines 'lines[-1]["verdict"] == "pass" and lines[-1]["stop"]["result"] == "entry"'
cp "$json" "$scratch/first.json"
run trace --json - "$good"
expect_status 0
check "the same trace on standard output differs" cmp -s "$scratch/first.json" "$scratch/out"
check "the text is not on standard error" cmp -s "$scratch/first" "$scratch/err"
run trace --output "$scratch/text" --json "$json" "$good"
expect_lines out 0
expect_lines err 0
check "--output writes another text" cmp -s "$scratch/first" "$scratch/text"

# ---- edges, branches, instructions ----

run trace --level edges --json "$json" "$good"
expect_status 0
expect_valid_trace
lines 'len({(edge["from"] and edge["from"]["linear"], edge["at"]["linear"]) for edge in of("edge")}) == len(of("edge")) > 50'
# `cld; cli` and on to the first jump: where it leads, and that the kernel is reached by one.
lines 'any(edge["at"]["stage"] == "kernel" for edge in of("edge", "jump"))'
# With --all-edges nothing is left out, and what was told without it is among it.
edges() {
    python3 -c 'import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["type"] == "edge" and event["from"]:
        print(event["from"]["linear"], event["at"]["linear"])' "$1" | sort -u
}
edges "$json" >"$scratch/some"
run trace --all-edges --json "$json" "$good"
expect_status 0
edges "$json" >"$scratch/all"
check "an edge that is not among all edges" [ -z "$(comm -23 "$scratch/some" "$scratch/all")" ]
check "no edges" [ "$(wc -l <"$scratch/some")" -gt 100 ]
run trace --all-edges --level stages "$good"
expect_status 2
run trace --level edges "$good"
expect_out '^  0x[0-9a-f]+ +-> 0x[0-9a-f]+ +j[a-z]+ 0x'
cp "$scratch/out" "$scratch/first"
run trace --level edges "$good"
check "two traces of edges differ" cmp -s "$scratch/first" "$scratch/out"
# The far return into long mode of this image's source, and what the code before it was read as.
long=$(objdump -d -M i386,intel "$stub" | awk '/\tretf/ { sub(":", "", $1); print $1; exit }')
run trace --level edges --events none --json "$json" "$good"
lines "[jump['mode'] for jump in of('jump') if jump['from'] and jump['from']['linear'] == hex(0x100000 + 0x${long:?})] == ['long']"
lines "[jump['instruction'] for jump in of('jump') if jump['from'] and jump['from']['linear'] == hex(0x100000 + 0x$long)] == ['retf']"
# Ports, BIOS calls and what comes of them name the instruction: as objdump reads it, setup lying at 0x10000.
run trace --events port,bios,a20,console --every --json "$json" "$good"
objdump -d -M i8086 --no-show-raw-insn "$setup" | awk '$2 ~ /^(in|out|int)/ { print substr($1, 1, length($1) - 1) }' >"$scratch/devices"
lines "len(of('port-in', 'port-out')) > 3 and len(of('bios')) > 3 and len(of('console')) > 3 and len(of('a20')) > 0"
lines "(lambda known: all(int(r['at']['linear'], 16) - 0x10000 in known for r in of('port-in', 'port-out', 'bios', 'console', 'a20') if r['at']['stage'] == 'setup'))({int(line, 16) for line in open('$scratch/devices')})"

run trace --level branches --stage decompressor --range 0x100000+0x1000 --json "$json" "$good"
expect_status 0
expect_valid_trace
lines 'len(of("branch")) > 20'
lines 'all(isinstance(record["block"], int) for record in records)'
lines '[branch["block"] for branch in of("branch")] == sorted(branch["block"] for branch in of("branch"))'

# The decompressor's first instructions, as objdump reads them.
run trace --level insns --range 0x100000+0x200 --events none --count 100 --json "$json" "$good"
expect_status 0
expect_valid_trace
lines 'len(records) == 100 and records[0]["type"] == "jump"'
lines 'of("insn")[0]["at"]["linear"] == "0x100000" and of("insn")[0]["mode"] == "protected-32"'
objdump -d -M i386,intel --no-show-raw-insn "$stub" | awk '$1 ~ /^[0-9a-f]+:$/ { print substr($1, 1, length($1) - 1), $2 }' >"$scratch/objdump"
# Behind data objdump may be out of step for an instruction or two, then it has none at that address.
lines "(lambda read, pairs: len(list(pairs(read))) > 90 and all(theirs.startswith(ours.split()[0]) or ours.startswith(theirs) for ours, theirs in pairs(read)))({int(line.split()[0], 16) + 0x100000: line.split()[1] for line in open('$scratch/objdump')}, lambda read: ((i['instruction'], read[int(i['at']['linear'], 16)]) for i in of('insn') if int(i['at']['linear'], 16) in read))"
# What a mov loads has changed at the next instruction, and nothing else.
run trace --level insns --range 0x10000+0x10000 --events none --json "$json" --until 0x100000 "$good"
expect_status 0
lines 'len(of("insn")) > 1000 and lines[-2]["at"]["linear"] == "0x100000"'
lines 'all(set(after["changed"]) <= {"rax"} and after["changed"].get("rax", "") in ("", hex(int(before["instruction"].split(", ")[1], 0))) for before, after in zip(of("insn"), of("insn")[1:]) if before["instruction"].startswith("mov eax, 0x"))'

# What lies outside the ranges is told as far as parts and modes go: same jumps, read in the same width.
run trace --events none --json "$json" "$good"
cp "$json" "$scratch/stages.json"
jumps="[(j['from'] and j['from']['linear'], j['at']['linear'], j['instruction'], j['mode']) for j in map(json.loads, open('$scratch/stages.json')) if j['type'] == 'jump']"
for level in branches insns; do
    run trace --level "$level" --range 0x100000+0x200 --events none --json "$json" "$good"
    lines "[(j['from'] and j['from']['linear'], j['at']['linear'], j['instruction'], j['mode']) for j in of('jump')] == [j for j in $jumps if any(a and 0x100000 <= int(a, 16) < 0x100200 for a in j[:2])]"
    run trace --level "$level" --stage kernel --range 0x1000000+0x1000 --events none --json "$json" "$good"
    lines "len(of('jump')) == 1 and of('jump')[0]['at']['linear'] == '0x1000100' and of('jump')[0]['mode'] == 'long'"
done

# ---- filters ----

relocated=$(address "$stub" relocated)
run trace --around 0x100000 --context 3 --range 0x10000+0x10000 --range 0x100000+0x1000 --events none --json "$json" "$good"
expect_status 0
expect_valid_trace
lines '[record["at"]["linear"] for record in records].count("0x100000") >= 1'
lines 'len(of("insn", "jump")) == 7'
# The kernel's first instruction is never executed; the jump there is seen.
run trace --around 0x1000100 --context 4 --events none --json "$json" "$good"
expect_status 0
expect_lines err 0
expect_valid_trace
lines '[record["type"] for record in records] == 4 * ["insn"] + ["jump"]'
lines 'records[-2]["instruction"] == "jmp " + records[-2]["instruction"].split()[1] and records[-1]["at"]["linear"] == "0x1000100"'
cp "$json" "$scratch/around.json"
run trace --last 5 --events none --json "$json" "$good"
lines "[(r['block'], r['at']['linear']) for r in records] == [(r['block'], r['at']['linear']) for r in map(json.loads, open('$scratch/around.json')) if 'block' in r]"
# An instruction in a loop: the first times.
run trace --level branches --around 0x1424043 --context 1 --events none --json "$json" "$good"
expect_status 0
lines 'len(of("branch")) > 60 and len(of("branch")) < 200'
expect_err '^bzcheck: control reaches 0x1424043 again later; shown are the first 64 times$'
run trace --last 5 --events none --json "$json" "$good"
expect_status 0
expect_valid_trace
lines 'lines[0]["level"] == "insns" and len(records) == 5'
lines 'records[-1]["at"]["stage"] in ("decompressor (relocated)", "kernel")'
run trace --last 3 --level stages --events none --json "$json" "$good"
lines 'len(records) == 3 and records[-1]["at"]["linear"] == "0x1000100"'
run trace --level insns --range 0x100000+1 --events none --json "$json" "$good"
lines '[record["at"]["linear"] for record in of("insn")] == ["0x100000"]'
run trace --events bios --stage setup "$good"
expect_out '^  bios '
check "another event than those asked for" awk '/^  (console|port|a20)/ { exit 1 }' "$scratch/out"
run trace --until 0x100000 --events none "$good"
expect_status 0
expect_out '-> decompressor 0x100000$'
check "the trace goes on behind --until" awk '/relocated/ { exit 1 }' "$scratch/out"
run trace --until 0xdeadbeef "$good"
expect_status 0
expect_err '^bzcheck: control was not seen to reach 0xdeadbeef$'

# The command line is at cmd_line_ptr; nothing but the fault of this image writes there.
run trace --watch 0x1f0-0x200 --events none "$good"
expect_status 0
run trace --scenario bios --events write --watch 0x107c0+4096 --json "$json" "$good"
expect_valid_trace
lines 'all(0x107c0 <= int(write["target"], 16) < 0x107c0 + 4096 for write in of("write"))'
lines 'any(write["at"]["stage"] == "setup" for write in of("write"))'
run trace --events page-write --json "$json" "$good"
expect_valid_trace
# The kernel's base.
lines 'any(record["page"] == "0x1000000" for record in of("page-write"))'

# ---- findings ----

run trace "$BZC_IMAGES/bad-triple.bzImage"
expect_status 1
expect_out '^stopped: triple-fault in decompressor \(relocated\) at 0x'
expect_out '^error RUN-001 kernel-reached: '
expect_out "^FAIL  $BZC_IMAGES/bad-triple.bzImage: "
expect_out '^  page-fault  0x[0-9a-f]+ +at 0x700000000000, error code 0x2$'
run trace --last 1 --events none "$BZC_IMAGES/bad-ud2.bzImage"
expect_status 1
expect_out '^  0x[0-9a-f]+ +ud2'
run trace "$BZC_IMAGES/bad-loop.bzImage"
expect_status 1
expect_out '^stopped: budget'

# ---- symbols ----

run trace --events none --symbols "setup=$setup" --symbols "decompressor=$stub" --json "$json" "$good"
expect_status 0
expect_lines err 0
expect_out '^    to startup_32  decompressor/head64.S:[0-9]+$'
expect_out '^    to relocated  decompressor/head64.S:[0-9]+$'
expect_valid_trace
cp "$json" "$scratch/plain.json"
run wrap --elf "$good" "$scratch/wrapped"
run trace --events none --symbols "setup=$setup" --symbols "decompressor=$stub" --json "$json" "$scratch/wrapped"
expect_status 0
expect_lines err 0
# Setup jumps to what wrap put before the decompressor, which has no names.
lines "[(j['at']['symbol'], j['at']['source']) for j in of('jump') if j['at']['symbol']] == [(j['at']['symbol'], j['at']['source']) for j in map(json.loads, open('$scratch/plain.json')) if j['type'] == 'jump' and j['at']['symbol'] not in (None, 'startup_32')]"
cp "$scratch/plain.json" "$json"
line=$(addr2line -e "$stub" "$relocated")
lines "any(jump['at']['symbol'] == 'relocated' and jump['at']['source'].split('/')[-1] == '${line##*/}' for jump in of('jump'))"
# setup.elf is linked at the start of its segment, 0x10000
start=$(address "$setup" _start)
lines "of('jump')[0]['at']['symbol'] == '_start' and int(of('jump')[0]['at']['linear'], 16) - 0x10000 == $start"
# The same instruction, loaded elsewhere.
run trace --events none --symbols "decompressor=$stub" --load-addr 0x1800000 "$good"
expect_out '^setup 0x[0-9a-f]+ -> decompressor 0x1800000$'
expect_out '^    to startup_32  decompressor/head64.S:[0-9]+$'
expect_out '^    to relocated  decompressor/head64.S:[0-9]+$'
run trace --level insns --stage relocated --range 0x142329e+0x20 --events none --count 40 --symbols "decompressor=$stub" "$good"
expect_out '^  relocated  decompressor/head64.S:[0-9]+$'
run trace --events none --symbols "kernel=$BZC_IMAGES/good64.vmlinux" "$good"
entry=$(nm "$BZC_IMAGES/good64.vmlinux" | awk '$1 ~ /81000100$/ && $2 ~ /[Tt]/ { print $3 }' | head -1)
expect_out "^    to ${entry:?}\$"

# Files that have no names for us.
run trace --symbols "decompressor=$setup" "$good"
expect_status 0
expect_err '^bzcheck: warning: --symbols: .*: only [0-9]+ % of its code is that of the image'
run trace --symbols "setup=$scratch/missing" "$good"
expect_status 3
expect_err '^bzcheck: --symbols: .*missing: No such file or directory$'
run trace --symbols "setup=$good" "$good"
expect_status 3
expect_err '^bzcheck: --symbols: .*: this is no ELF file$'
run trace --symbols "setup=$BZC_IMAGES/setup.elf" "$good"
expect_status 3
expect_err 'this ELF file has no symbols of code: it is stripped$'
: >"$scratch/empty"
run trace --symbols "kernel=$scratch/empty" "$good"
expect_status 3
expect_err 'the file is empty$'
head -c 3000 "$stub" >"$scratch/cut"
run trace --symbols "decompressor=$scratch/cut" "$good"
expect_status 3
expect_lines err 1

# ---- usage ----

run trace
expect_status 2
run trace "$good" "$good"
expect_status 2
expect_err 'a trace is of one image, and 2 are given'
for wrong in --level=all --stage=kernels --range=5 --range=5-5 --range=5-4 --range=-5 --watch=x-y --count=0 --count=x --last=0 \
    --last=100001 --context=5 --around=here --until= --events=ports --events= --symbols=setup --symbols=boot=x --symbols=setup= \
    --scenario=none "--last=5 --until=1" "--last=5 --around=1" "--last=5 --count=1" "--load-addr=1 --load-addr=2" --nonsense; do
    # shellcheck disable=SC2086 # several words are several options
    run trace $wrong "$good"
    expect_status 2
    expect_lines out 0
done
run trace "$scratch/empty"
expect_status 3
run trace "$scratch/missing"
expect_status 3
run trace --json "$scratch/no/such/folder" "$good"
expect_status 3
run trace --output /dev/full "$good"
expect_status 3
run trace --json /dev/full "$good"
expect_status 3

finish
