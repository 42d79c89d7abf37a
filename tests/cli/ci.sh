# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/ci/ offers, as far as it runs without a server: the steps of the GitHub Action, the script of the GitLab
# job, git bisect run.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
: "${BZC_IMAGES:?the folder of the test images}"

good=$BZC_IMAGES/good64.bzImage
bad=$BZC_IMAGES/bad-if.bzImage
warned=$BZC_IMAGES/bad-reloc-skip.bzImage
bzcheck=$(realpath "$BZCHECK")
docs=$(realpath docs/ci)
validator=$(realpath tests/validate_formats)
mkdir "$scratch/bin" "$scratch/checkout"
ln -s "$bzcheck" "$scratch/bin/bzcheck"
export PATH=$scratch/bin:$PATH

# yaml FILE EXPRESSION: what a Python expression over the document `y` prints.
yaml() {
    python3 -c 'import sys, yaml; y = yaml.safe_load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

# ---- the GitHub Action ----

action=$docs/github-action/action.yml
yaml "$action" 'y["runs"]["steps"][0]["run"]' >"$scratch/action.sh"
check "the action has not one step" [ "$(yaml "$action" 'len(y["runs"]["steps"])')" = 1 ]
# shellcheck disable=SC2016 # an expression of the runner
check "an expression is inside the script" [ "$(grep -c '\${{' "$scratch/action.sh")" -eq 0 ]
check "the action is not composite" [ "$(yaml "$action" 'y["runs"]["using"]')" = composite ]
# shellcheck disable=SC2016
check "an input is not used" [ "$(yaml "$action" 'sorted(y["runs"]["steps"][0]["env"].values()) == sorted("${{ inputs.%s }}" % name for name in y["inputs"])')" = True ]

# run_action COMMAND OPTIONS IMAGES: its step as the runner runs `shell: bash`, in an empty folder.
run_action() {
    command_line="the action's step: $1, $2, $3"
    rm -rf "$scratch/checkout" && mkdir "$scratch/checkout"
    : >"$scratch/output"
    : >"$scratch/summary"
    (
        cd "$scratch/checkout" &&
            GITHUB_OUTPUT=$scratch/output GITHUB_STEP_SUMMARY=$scratch/summary BZCHECK_COMMAND=$1 \
                BZCHECK_OPTIONS=$2 BZCHECK_IMAGES=$3 BZCHECK_REPORTS='the reports' \
                bash --noprofile --norc -eo pipefail "$scratch/action.sh"
    ) </dev/null >"$scratch/out" 2>"$scratch/err"
    status=$?
}

run_action verify "" "$good"
expect_status 0
expect_lines out 0
check "no status" grep -qx 'status=0' "$scratch/output"
check "no summary" grep -q '^\*\*PASS\*\*' "$scratch/summary"

run_action verify $'--memory\n512M\n' "$bad"$'\n\n'"$good"$'\n'
expect_status 1
check "no status" grep -qx 'status=1' "$scratch/output"
check "something else than annotations is on standard output" [ "$(grep -vc '^::error file=' "$scratch/out")" -eq 0 ]
check "no annotation" [ -s "$scratch/out" ]
check "the summary has not two verdicts" [ "$(grep -Ec '^\*\*(PASS|FAIL)\*\*' "$scratch/summary")" -eq 2 ]
run verify --memory 512M --json "$scratch/json" "$bad" "$good"
check "the reports are not as the JSON report says" "$validator" "$scratch/json" "junit:$scratch/checkout/the reports/bzcheck.xml" \
    "sarif:$scratch/checkout/the reports/bzcheck.sarif" "markdown:$scratch/checkout/the reports/bzcheck.md"
check "no text" grep -q '^FAIL  ' "$scratch/checkout/the reports/bzcheck.txt"

run_action lint "" "$scratch/missing"
expect_status 3
expect_out '^::error file=.*could not tell::'
check "no status" grep -qx 'status=3' "$scratch/output"
run_action verify '--no-such-option' "$good"
expect_status 2
check "no status" grep -qx 'status=2' "$scratch/output"
# An image is no option and no command.
run_action verify "" '--help'
expect_status 3
# shellcheck disable=SC2016 # on purpose
run_action verify "" '$(touch injected); `touch injected`'
expect_status 3
check "an input was run" [ ! -e "$scratch/checkout/injected" ]

workflow=$docs/github-workflow.yml
check "the workflow is not valid YAML with a job" [ "$(yaml "$workflow" 'sorted(y["jobs"])')" = "['bzcheck']" ]
check "the workflow gives the action what it does not take" [ "$(python3 -c '
import sys, yaml
action, workflow = (yaml.safe_load(open(name)) for name in sys.argv[1:])
used, = (step for step in workflow["jobs"]["bzcheck"]["steps"] if step.get("uses") == "./.github/actions/bzcheck")
print(set(used["with"]) <= set(action["inputs"]) and {n for n, i in action["inputs"].items() if i.get("required")} <= set(used["with"]))
' "$action" "$workflow")" = True ]

# ---- the GitLab job ----

run_gitlab() {
    command_line="the GitLab job: $1"
    rm -rf "$scratch/checkout" && mkdir "$scratch/checkout"
    yaml "$docs/gitlab-ci.yml" '"\n".join(y["bzcheck"]["script"])' >"$scratch/gitlab.sh"
    (cd "$scratch/checkout" && BZCHECK_IMAGE=$1 bash -eo pipefail "$scratch/gitlab.sh") </dev/null >"$scratch/out" 2>"$scratch/err"
    status=$?
}
run_gitlab "$good"
expect_status 0
run_gitlab "$bad"
expect_status 1
run verify --json "$scratch/json" "$bad"
report=$scratch/checkout/$(yaml "$docs/gitlab-ci.yml" 'y["bzcheck"]["artifacts"]["reports"]["junit"]')
check "the job's test report is not as the JSON report says" "$validator" "$scratch/json" "junit:$report"

# ---- git bisect run ----

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.invalid
export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.invalid
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
repository=$scratch/repository

# history WORD...: a repository with one commit a word, which is what its Makefile-to-be builds: an image, or nothing.
history() {
    local number=0 word
    rm -rf "$repository"
    git init -q "$repository"
    for word in "$@"; do
        number=$((number + 1))
        # shellcheck disable=SC2016
        printf '#!/bin/sh\n# %d\ncase %s in\nbroken) exit 2 ;;\nempty) exit 0 ;;\nesac\ncp "$IMAGES/%s.bzImage" bzImage\n' \
            "$number" "$word" "$word" >"$repository/build"
        chmod +x "$repository/build"
        git -C "$repository" add build
        git -C "$repository" commit -q -m "commit $number"
    done
}

# bisect ARG...: from the first commit, good, to the last, bad; leaves what git says in $scratch/out.
bisect() {
    command_line="git bisect run bisect-run $*"
    (
        cd "$repository" && git bisect start HEAD "$(git rev-list --max-parents=0 HEAD)" &&
            IMAGES=$BZC_IMAGES git bisect run "$docs/bisect-run" "$@"
    ) </dev/null >"$scratch/out" 2>"$scratch/err"
    status=$?
}

history good64 good64 good64 good64 bad-if bad-if bad-if bad-if
bisect bzImage ./build
expect_status 0
expect_out ' is the first bad commit$'
expect_out '^    commit 5$'

# A commit that does not build and one that builds nothing are skipped.
history good64 good64 broken good64 bad-if bad-if empty bad-if
bisect bzImage ./build
expect_status 0
expect_out '^    commit 5$'
history good64 broken bad-if
bisect bzImage ./build
expect_out "The first bad commit could be any of"

# With --rule nothing else counts: here the image is bad in another way from the second commit on.
history good64 bad-reloc-skip bad-reloc-skip bad-reloc-skip bad-if bad-if
bisect --rule entry-interrupts-off bzImage ./build
expect_status 0
expect_out '^    commit 5$'
bisect bzImage ./build
expect_status 0
expect_out '^    commit 2$'

# judge STATUS ARG...: what one commit is.
judge() {
    local wanted=$1
    shift
    command_line="bisect-run $*"
    (cd "$scratch/checkout" && "$docs/bisect-run" "$@") </dev/null >"$scratch/out" 2>"$scratch/err"
    status=$?
    expect_status "$wanted"
}
judge 0 image cp "$good" image
judge 1 image cp "$bad" image
judge 0 --lint image cp "$bad" image
judge 1 image cp "$warned" image
judge 0 image cp "$warned" image -- --warn REL-002
judge 1 --rule REL-002 image cp "$warned" image -- --warn REL-002
judge 0 --rule ENT-004 image cp "$warned" image
judge 125 --rule MEM-002 image cp "$warned" image # no initrd: it is not asked
judge 125 image cp "$BZC_IMAGES/good64.vmlinux" image
judge 125 --rule ENT-004 image cp "$BZC_IMAGES/good64.vmlinux" image
judge 125 image false
judge 125 image true
judge 128 image cp "$good" image -- --no-such-option
judge 128 --rule NIX-001 image cp "$good" image
judge 128 --rule NIX-001 image false # said before anything is built
judge 128 image
judge 128 image --
judge 128 --what image true
judge 0 --help
mkdir "$scratch/empty"
command_line="bisect-run without bzcheck"
(cd "$scratch/checkout" && PATH=/usr/bin:/bin "$docs/bisect-run" image true) >"$scratch/out" 2>"$scratch/err"
status=$?
expect_status 128

finish
