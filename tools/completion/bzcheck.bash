# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for bzcheck. Commands, options and values come from the program itself (its help texts and lists), so
# that they are those of the program that is called. Where a file belongs, readline completes it.

# The commands: the table in `bzcheck --help`.
_bzcheck_commands() {
    "$1" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# _bzcheck_options PROGRAM COMMAND: the options in its help.
_bzcheck_options() {
    "$1" "$2" --help 2>/dev/null | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -e '--?[a-z][a-z-]*' |
        awk '!seen[$0]++'
}

# _bzcheck_argument PROGRAM COMMAND OPTION: how its help names the argument of an option (FILE), once for each time that it
# names it; nothing without one.
_bzcheck_argument() {
    "$1" "$2" --help 2>/dev/null | sed -nE -e "s/^ +(-[a-z], )?$3 ([^ ]+).*/\2/p" -e "s/^ +$3, --[a-z-]+ ([^ ]+).*/\1/p"
}

# _bzcheck_listed PROGRAM COMMAND OPTION: the words that its help lists below an option.
_bzcheck_listed() {
    "$1" "$2" --help 2>/dev/null | awk -v option="$3" '
        /^ +-/ { at = index($0 " ", " " option " ") || index($0, " " option ",") }
        at && /^                        [a-z][a-z0-9_-]*  / { print $1 }
        /^$/ { at = 0 }'
}

# _bzcheck_values PROGRAM COMMAND OPTION: what may stand behind an option, if that can be told.
_bzcheck_values() {
    case $3 in
    --scenario) "$1" verify --list-scenarios 2>/dev/null | grep '^[a-z]' ;;
    --as) "$1" verify --as '' . 2>&1 | sed -n 's/.*there is: *//p' ;;
    --error | --warn | --note | --off) "$1" rules 2>/dev/null | awk '/^[A-Z]/ { print $1; print $3 }' ;;
    --family) "$1" rules 2>/dev/null | sed -n 's/^\([A-Z]*\)-.*/\1/p' | sort -u ;;
    --fail-on) echo error warning note ;;
    --stage | --events) "$1" "$2" "$3" '' . 2>&1 | sed -n '1s/.*\(there is\|list of\): *//p' | tr -d ',' ;;
    --least) echo breaking notable expected ;;
    -o | --output) _bzcheck_listed "$@" | sed 's/$/:/' ;;
    *)
        # A word in small letters is a value, not the name of one.
        _bzcheck_argument "$@" | grep '^[a-z]'
        _bzcheck_listed "$@"
        ;;
    esac
}

_bzcheck() {
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} values argument

    COMPREPLY=()
    # Readline takes = and : for words of their own.
    if [ "$current" = '=' ] || [ "$current" = ':' ]; then
        previous=$current
        current=
    fi
    if [ "$previous" = ':' ]; then
        return
    fi
    if [ "$previous" = '=' ]; then
        previous=${COMP_WORDS[COMP_CWORD - 1]}
        [ "$previous" != '=' ] || previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    if [ "$COMP_CWORD" -eq 1 ]; then
        compopt +o default +o bashdefault 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -W "$(_bzcheck_commands "$program") --help --version" -- "$current")
        return
    fi
    case $previous in
    -*)
        argument=$(_bzcheck_argument "$program" "$command" "$previous")
        if [ -n "$argument" ]; then
            values=$(_bzcheck_values "$program" "$command" "$previous")
            mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
            case $argument in
            FORMAT:*) compopt -o nospace 2>/dev/null ;;
            *FILE* | *DIR*) ;;
            *) compopt +o default +o bashdefault 2>/dev/null ;;
            esac
            return
        fi
        ;;
    esac
    case $current in
    -*)
        compopt +o default +o bashdefault 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -W "$(_bzcheck_options "$program" "$command")" -- "$current")
        return
        ;;
    esac
    case $command in
    explain)
        compopt +o default +o bashdefault 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -W "$(_bzcheck_values "$program" explain --note)" -- "$current")
        ;;
    rules) compopt +o default +o bashdefault 2>/dev/null ;;
    extract)
        # Behind the image, its parts.
        if [ "$COMP_CWORD" -gt 2 ] && [ -f "${COMP_WORDS[2]}" ]; then
            mapfile -t COMPREPLY < <(compgen -W "setup pm payload unpacked vmlinux relocations config" -- "$current")
        fi
        ;;
    esac
}

complete -o default -o bashdefault -F _bzcheck bzcheck
