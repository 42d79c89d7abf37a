# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion in bash, zsh and fish: each shell's own script is asked what may follow a line. A shell that is not there is
# left out. What must come is said here; that options and commands are those of the program, by its help.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir "$scratch/bin"
ln -s "$(realpath "$BZCHECK")" "$scratch/bin/bzcheck"
export PATH=$scratch/bin:$PATH
: >"$scratch/err"
: >"$scratch/image.bin"
cd "$(dirname "$0")/../.." || exit 1
scripts=$PWD/tools/completion

# The functions ask_SHELL WORD...: the candidates for the last word, one a line, sorted.
# shellcheck disable=SC2317 # called by name
ask_bash() {
    bash --norc -c '
        cd "$2"
        . "$1/bzcheck.bash"
        shift 2
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _bzcheck
        [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' - "$scripts" "$scratch" "$@" | sort
}

# zsh completes only in a line editor: what its script hands to it is caught.
# shellcheck disable=SC2317
ask_zsh() {
    # shellcheck disable=SC2016
    (cd "$scratch" && zsh -f -c '
        _describe() { shift $(( $# - 1 )); print -l -- ${${(P)1}%%:*}; }
        compadd() { if [[ $argv[-2] == -a ]]; then print -l -- ${(P)argv[-1]}; else print -l -- $argv; fi }
        _files() { print -l -- *(N); }
        compset() { return 1; }
        script=$1
        shift
        words=("$@")
        CURRENT=$#
        . $script/bzcheck.zsh' - "$scripts" "$@") | grep -e "^${*: -1}" | sort
}

# shellcheck disable=SC2317
ask_fish() {
    # shellcheck disable=SC2016
    (cd "$scratch" && HOME=$scratch fish --no-config -c '
        source $argv[1]/bzcheck.fish
        complete -C(string join " " -- $argv[2..])' "$scripts" "$@") | cut -f1 | sort
}

# expect_completion WORD...: the candidates of $shell for the last word are the lines of standard input.
expect_completion() {
    command_line="$shell: $*"
    "ask_$shell" "$@" >"$scratch/out" 2>"$scratch/err"
    sort >"$scratch/expected"
    check "other candidates than expected: $(diff "$scratch/expected" "$scratch/out")" \
        cmp -s "$scratch/expected" "$scratch/out"
    check "the script complains" test ! -s "$scratch/err"
}

words() {
    printf '%s\n' "$@"
}

# long_options COMMAND: from its help.
long_options() {
    bzcheck "$1" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+' | sort -u
}

for shell in bash zsh fish; do
    if ! command -v $shell >/dev/null; then
        echo "left out: there is no $shell"
        # No test may be left out there.
        if [ "${CI:-}" = true ]; then
            failures=$((failures + 1))
        fi
        continue
    fi
    command_line="$shell -n"
    check "the script has a fault" $shell -n "$scripts/bzcheck.$shell"

    bzcheck --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' >"$scratch/commands"
    if [ $shell = bash ]; then
        words --help --version >>"$scratch/commands"
    elif [ $shell = zsh ]; then
        words --help --version >>"$scratch/commands"
    fi
    expect_completion bzcheck "" <"$scratch/commands"
    expect_completion bzcheck ver < <(words verify)
    # Every option of every command.
    while read -r command _; do
        case $command in -*) continue ;; esac
        expect_completion bzcheck "$command" -- < <(long_options "$command")
    done <"$scratch/commands"
    expect_completion bzcheck verify --scenario "" < <(bzcheck verify --list-scenarios | grep '^[a-z]')
    expect_completion bzcheck verify --scenario en < <(words entry32 entry64)
    expect_completion bzcheck trace --level "" < <(words stages edges branches insns)
    expect_completion bzcheck trace --stage "" < <(words loader setup decompressor relocated kernel virtual bios unknown)
    expect_completion bzcheck trace --events pag < <(words page-fault page-write)
    expect_completion bzcheck verify --cpu "" < <(words i686 x86-64)
    expect_completion bzcheck verify --as kexec-f < <(words kexec-file)
    expect_completion bzcheck lint --fail-on "" < <(words error note warning)
    expect_completion bzcheck diff --least "" < <(words breaking expected notable)
    expect_completion bzcheck lint --off HDR-00 < <(words HDR-00{1..9})
    expect_completion bzcheck explain REL-001 < <(words REL-001)
    expect_completion bzcheck rules --family PA < <(words PAY)
    # Nothing can be said about a number, and no file is meant.
    expect_completion bzcheck verify --jobs "" < <(:)
    case $shell in
    bash)
        # Readline takes = for a word of its own, and completes files itself.
        expect_completion bzcheck verify --scenario = pv < <(words pvh)
        expect_completion bzcheck verify --scenario = < <(bzcheck verify --list-scenarios | grep '^[a-z]')
        expect_completion bzcheck verify --output ja < <(:)
        expect_completion bzcheck verify --output js < <(words json:)
        expect_completion bzcheck verify -o json : ima < <(:)
        expect_completion bzcheck verify ima < <(:)
        expect_completion bzcheck extract image.bin vm < <(words vmlinux)
        ;;
    zsh)
        expect_completion bzcheck verify --output js < <(words json)
        expect_completion bzcheck verify --json ima < <(words image.bin)
        expect_completion bzcheck verify ima < <(words image.bin)
        expect_completion bzcheck extract image.bin vm < <(words vmlinux)
        ;;
    fish)
        expect_completion bzcheck verify --output js < <(words json:)
        expect_completion bzcheck verify --json ima < <(words image.bin)
        expect_completion bzcheck verify ima < <(words image.bin)
        expect_completion bzcheck extract image.bin vm < <(words vmlinux)
        ;;
    esac
done

finish
