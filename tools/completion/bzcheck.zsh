#compdef bzcheck
# SPDX-License-Identifier: GPL-2.0-or-later
# zsh completion for bzcheck. Commands, options and values come from the program itself (its help texts and lists), so
# that they are those of the program that is called.

# Each "name:text", as _describe wants them.
_bzcheck_commands() {
    "$1" --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *\(.*\)/\1:\2/p'
}

_bzcheck_options() {
    "$1" "$2" --help 2>/dev/null | awk '
        /^ +-/ {
            text = match($0, /(  |[*] )[a-z].*$/) ? ":" substr($0, RSTART + 2) : ""
            while (match($0, /^(.* )?--?[a-z][a-z-]*/) && match($0, /--?[a-z][a-z-]*/)) {
                name = substr($0, RSTART, RLENGTH)
                if (!seen[name]++)
                    print name text
                $0 = substr($0, RSTART + RLENGTH)
                if ($0 !~ /^, /)
                    break
            }
        }'
}

_bzcheck_argument() {
    "$1" "$2" --help 2>/dev/null |
        sed -nE -e "s/^ +(-[a-z], )?$3 ([^ ]+).*/\2/p" -e "s/^ +$3, --[a-z-]+ ([^ ]+).*/\1/p"
}

_bzcheck_listed() {
    "$1" "$2" --help 2>/dev/null | awk -v option="$3" '
        /^ +-/ { at = index($0 " ", " " option " ") || index($0, " " option ",") }
        at && /^                        [a-z][a-z0-9_-]*  / { print $1 }
        /^$/ { at = 0 }'
}

_bzcheck_values() {
    case $3 in
    --scenario) "$1" verify --list-scenarios 2>/dev/null | grep '^[a-z]' ;;
    --as) "$1" verify --as '' . 2>&1 | sed -n 's/.*there is: *//p' | tr ' ' '\n' ;;
    --error | --warn | --note | --off) "$1" rules 2>/dev/null | awk '/^[A-Z]/ { print $1; print $3 }' ;;
    --family) "$1" rules 2>/dev/null | sed -n 's/^\([A-Z]*\)-.*/\1/p' | sort -u ;;
    --fail-on) print -l error warning note ;;
    --stage | --events) "$1" "$2" "$3" '' . 2>&1 | sed -n '1s/.*\(there is\|list of\): *//p' | tr -d ',' | tr ' ' '\n' ;;
    --least) print -l breaking notable expected ;;
    *)
        # A word in small letters is a value, not the name of one.
        _bzcheck_argument "$@" | grep '^[a-z]'
        _bzcheck_listed "$@"
        ;;
    esac
}

_bzcheck() {
    local program=$words[1] command=$words[2] previous=$words[CURRENT-1] argument
    local -a found

    if (( CURRENT == 2 )); then
        found=(${(f)"$(_bzcheck_commands $program)"})
        _describe command found
        found=('--help:print help' '--version:print the version')
        _describe -o option found
        return
    fi
    if [[ $previous == -* ]]; then
        argument=$(_bzcheck_argument $program $command $previous)
        if [[ -n $argument ]]; then
            found=(${(f)"$(_bzcheck_values $program $command $previous)"})
            if [[ $argument == FORMAT:* ]]; then
                if compset -P '*:'; then
                    _files
                else
                    compadd -S : -a found
                fi
                return
            fi
            (( $#found )) && compadd -a found
            [[ $argument == *(FILE|DIR)* ]] && _files
            return
        fi
    fi
    if [[ $words[CURRENT] == -* ]]; then
        found=(${(f)"$(_bzcheck_options $program $command)"})
        _describe -o option found
        return
    fi
    case $command in
    explain)
        found=(${(f)"$(_bzcheck_values $program explain --note)"})
        compadd -a found
        ;;
    rules) ;;
    extract)
        # Behind the image, its parts.
        if (( CURRENT > 3 )) && [[ -f $words[3] ]]; then
            compadd setup pm payload unpacked vmlinux relocations config
        fi
        _files
        ;;
    *) _files ;;
    esac
}

_bzcheck "$@"
