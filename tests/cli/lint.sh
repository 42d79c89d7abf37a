# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bzcheck lint: what is asked, what is skipped, streams, many images; and the options that both lint and verify have for
# the severity of rules.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
json=$scratch/report.json

bad=$scratch/size-word.bzImage # PAY-003 and nothing else
truncated=$BZC_IMAGES/bad-truncated.bzImage

# The size word stands behind the lz4 stream, at the end of the payload: payload_offset and payload_length are 32-bit
# numbers at 0x248 and 0x24c, setup_sects is the byte at 0x1f1; the CRC-32 at the end is made right again (boot.rst).
cp "$good" "$bad"
python3 - "$bad" <<'END'
import struct, sys, zlib
data = bytearray(open(sys.argv[1], "rb").read())
offset, length = struct.unpack_from("<II", data, 0x248)
data[(data[0x1F1] + 1) * 512 + offset + length - 1] ^= 0x40
data[-4:] = struct.pack("<I", zlib.crc32(data[:-4]) ^ 0xFFFFFFFF)
open(sys.argv[1], "wb").write(data)
END

# ---- one image ----

run lint "$good"
expect_status 0
expect_lines err 0
expect_out "^PASS  $good: the file follows the protocol \\("

run lint "$bad"
expect_status 1
expect_lines err 0
expect_out '^  error +PAY-003 payload-size-word$'
expect_out '^  more +bzcheck explain PAY-003'
expect_out "^FAIL  $bad: PAY-003 payload-size-word"
check "there are runs" [ "$(grep -c 'bios at' "$scratch/out")" -eq 0 ]

run lint --verbose "$good"
expect_status 0
expect_out '^  pass  +PAY-003 '
expect_out '^  skip  +PAY-004 '

run lint --json "$json" "$bad"
expect_status 1
expect_valid "$json"
expect_json "$json" 'report["command"] == "lint" and report["verdict"] == "fail" and report["runs"] == []'
expect_json "$json" "report['image']['sha256'] == '$(sha256sum <"$bad" | cut -d' ' -f1)'"
expect_json "$json" '[f["rule"] for f in report["findings"] if f["outcome"] == "fail" and f["severity"] != "note"] == ["PAY-003"]'

run lint --json - "$bad"
expect_status 1
expect_valid "$scratch/out"
expect_err '^FAIL  '

run lint --vmlinux "$BZC_IMAGES/good64.vmlinux" "$good"
expect_status 0
run lint --vmlinux "$BZC_IMAGES/good64.vmlinux" "$BZC_IMAGES/bad-flip-lz4.bzImage"
expect_status 1
expect_out '^  error +PAY-004 payload-is-vmlinux$'

# ---- headers only ----

run lint --no-payload --json "$json" "$bad"
expect_status 0
expect_valid "$json"
expect_json "$json" 'report["verdict"] == "pass" and report["image"]["sha256"] is None'
expect_json "$json" "report['image']['size'] == $(stat -c %s "$bad")"
expect_json "$json" '[f["message"] for f in report["findings"] if f["rule"] == "PAY-003"] == ["it reads beyond the headers (--no-payload)"]'
expect_json "$json" 'all(f["outcome"] == "skip" for f in report["findings"] if f["rule"] in ("PAY-002", "ELF-001", "REL-001"))'
expect_out '^PASS  .*, [0-9]+ skipped\)$'

# The size of the file belongs to the headers.
run lint --no-payload "$truncated"
expect_status 1
expect_out '^FAIL  .*: HDR-001 image-complete'

run lint --no-payload --vmlinux "$BZC_IMAGES/good64.vmlinux" "$good"
expect_status 2

# A thousand images in one call: one line each, in their order.
images=()
for i in $(seq -w 1000); do
    ln -s "$good" "$scratch/$i.bzImage"
    images+=("$scratch/$i.bzImage")
done
run lint --no-payload --json "$json" "${images[@]}"
expect_status 0
expect_lines out 1000
expect_lines err 0
expect_json "$json" '[r["image"]["path"][-12:] for r in report["reports"]] == [f"{i:04}.bzImage" for i in range(1, 1001)]'
check "the lines are not in the order of the images" cmp -s <(sed -E 's/^PASS  ([^:]*):.*/\1/' "$scratch/out") \
    <(printf '%s\n' "${images[@]}")

# ---- several images: the worst status counts ----

run lint --json "$json" "$bad" "$scratch/missing" "$good"
expect_status 3
expect_out "^FAIL  $bad: "
expect_err "^UNKNOWN  $scratch/missing: "
expect_lines err 1
expect_out "^PASS  $good: "
expect_valid "$json"
expect_json "$json" '[r["verdict"] for r in report["reports"]] == ["fail", "unknown", "pass"]'
run lint "$good" "$bad"
expect_status 1

# ---- what is no boot image ----

: >"$scratch/empty"
printf 'no image' >"$scratch/text"
for file in "$scratch/empty" "$scratch/text" "$BZC_IMAGES/good64.vmlinux" "$scratch"; do
    for depth in "" --no-payload; do
        run lint ${depth:+"$depth"} "$file"
        expect_status 3
        expect_lines out 0
        expect_lines err 1
        expect_err "^UNKNOWN  $file: "
    done
done

# ---- strange paths ----

strange=$scratch/$'a\033[31mb\n\377'
cp "$good" "$strange"
run lint --json "$json" "$strange"
expect_status 0
expect_valid "$json"
expect_json "$json" 'report["image"]["path"].endswith("a\x1b[31mb\n\ufffd")'
expect_out '^PASS  .*a\?\[31mb\?'
expect_lines out 1
run lint "$strange.missing"
expect_status 3
expect_lines err 1
check "an escape reaches the terminal" [ "$(grep -c $'\033' "$scratch/err")" -eq 0 ]
run lint -- --json
expect_status 3
expect_err '^UNKNOWN  --json: '

# ---- severities, for a static rule in lint and for one about a run in verify ----

# expect_policy STATUS VERDICT WORD OPTION...: both commands with the same options; WORD stands before the finding.
expect_policy() {
    local command image rule one_run expected_status=$1 verdict=$2 word=$3
    shift 3
    for command in lint verify; do
        image=$bad rule=PAY-003 one_run=()
        if [ $command = verify ]; then
            image=$BZC_IMAGES/bad-if.bzImage rule=ENT-004 one_run=(--load-addr 0x100000 --cmdline nokaslr)
        fi
        run $command --json "$json" "${one_run[@]}" "${@//RULE/$rule}" "$image"
        expect_status "$expected_status"
        expect_valid "$json"
        expect_out "^$verdict  $image: "
        if [ "$word" = off ]; then
            expect_json "$json" "all((f['outcome'], f['message']) == ('skip', 'it is switched off') for f in report['findings'] if f['rule'] == '$rule')"
        else
            expect_out "^  $word +$rule "
            expect_json "$json" "all(f['severity'] == '$word' for f in report['findings'] if f['rule'] == '$rule')"
        fi
    done
}

expect_policy 1 FAIL error
expect_policy 0 PASS warning --warn RULE
expect_policy 0 PASS note --note RULE
expect_policy 0 PASS off --off RULE
expect_policy 1 FAIL error --off RULE --error RULE
expect_policy 1 FAIL warning --warn RULE --fail-on warning
expect_policy 0 PASS note --note RULE --fail-on warning
expect_policy 1 FAIL note --note RULE --fail-on note
expect_policy 0 PASS off --fail-on note --off RULE

# A name and small letters are as good as the id.
run lint --off payload-size-word "$bad"
expect_status 0
run lint --off pay-003 "$bad"
expect_status 0

# The same from a profile; what comes later counts.
profile=$scratch/bzcheck.profile
printf '# ours\nwarning PAY-003 # known\nwarning ENT-004\n\nfail-on warning\n' >"$profile"
expect_policy 1 FAIL warning --profile "$profile"
expect_policy 0 PASS warning --profile "$profile" --fail-on error
expect_policy 0 PASS note --profile "$profile" --note RULE
expect_policy 1 FAIL warning --off RULE --profile "$profile"
printf 'off PAY-003\noff ENT-004\n' >"$scratch/second.profile"
expect_policy 0 PASS off --profile "$profile" --profile "$scratch/second.profile"

# ---- what is wrong with them is said in one sentence ----

for command in lint verify; do
    for arguments in "--error HDR-999" "--warn nothing" "--note PAY" "--off=" "--fail-on never" "--fail-on off"; do
        # shellcheck disable=SC2086 # split into arguments
        run $command $arguments "$good"
        expect_status 2
        expect_lines out 0
        expect_lines err 2
        expect_err "^bzcheck $command: ${arguments%%[ =]*}: "
        expect_err "^Try 'bzcheck $command --help'"
    done
    for line in "error" "error PAY-003 PAY-002" "error PAY-999" "fatal PAY-003" "fail-on nothing" "only words in it"; do
        printf 'off PAY-001\n%s\n' "$line" >"$scratch/wrong.profile"
        run $command --profile "$scratch/wrong.profile" "$good"
        expect_status 2
        expect_lines out 0
        expect_lines err 1
        expect_err "^bzcheck: --profile: $scratch/wrong.profile: line 2: "
    done
    for file in "$scratch/no.profile" "$scratch"; do
        run $command --profile "$file" "$good"
        expect_status 3
        expect_lines out 0
        expect_lines err 1
        expect_err "^bzcheck: --profile: $file"
    done
    run $command --profile "$good" "$good"
    expect_status 2
    expect_lines err 1
done

# ---- other wrong usage ----

for arguments in "" "--no-such-option x" "--vmlinux x a b" "--no-payload=1 x" "--json" "--scenario bios x"; do
    # shellcheck disable=SC2086
    run lint $arguments
    expect_status 2
    expect_lines out 0
    expect_err "^Try 'bzcheck lint --help'"
done
run lint --vmlinux "$scratch/missing" "$good"
expect_status 3
expect_lines err 1
run lint --help
expect_status 0
for option in no-payload vmlinux fail-on error warn note off profile json verbose; do
    expect_out "--$option"
done

finish
