# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for bzcheck. Commands, options and values come from the program itself (its help texts and lists), so
# that they are those of the program that is called.

function __bzcheck_program
    set -l words (commandline -opc)
    echo $words[1]
end

# The command that was typed; nothing while it is still to come.
function __bzcheck_command
    set -l words (commandline -opc)
    set -q words[2]; and echo $words[2]
end

function __bzcheck_no_command
    set -l command (__bzcheck_command)
    test -z "$command"
end

function __bzcheck_commands
    set -l program (__bzcheck_program)
    $program --help 2>/dev/null | string match -r '^  [a-z]+  +.*' | string replace -r '^  ([a-z]+) +(.*)' '$1\t$2'
end

# Each option with what its line in the help says.
function __bzcheck_options
    set -l program (__bzcheck_program)
    for line in ($program (__bzcheck_command) --help 2>/dev/null | string match -r '^ +-.*')
        set -l text (string match -r ' (?:\* | )([a-z].*)$' -- $line)
        for name in (string match -ra '(?:^ +|, )--?[a-z][a-z-]*' -- $line | string replace -r '^[ ,]+' '')
            printf '%s\t%s\n' $name "$text[2]"
        end
    end
end

# How the help names the argument of the option that was just typed; nothing when that takes none, or is none.
function __bzcheck_argument
    set -l words (commandline -opc)
    set -l option $words[-1]
    string match -qr '^-' -- $option; or return
    $words[1] $words[2] --help 2>/dev/null |
        string replace -rf "^ +(?:-[a-z], )?(?:$option|$option, --[a-z-]+) ([^ ]+).*" '$1'
end

# The words that the help lists below an option.
function __bzcheck_listed
    set -l at 0
    for line in ($argv[1] $argv[2] --help 2>/dev/null)
        if string match -qr '^ +-' -- $line
            set at 0
            string match -qr "^ .* ?$argv[3](?:[ ,]|\$)" -- $line; and set at 1
        else if test -z "$line"
            set at 0
        else if test $at = 1
            string match -r '^ {24}[a-z][a-z0-9_-]*  ' -- $line | string trim
        end
    end
end

function __bzcheck_values
    set -l words (commandline -opc)
    set -l program $words[1]
    switch $words[-1]
        case --scenario
            $program verify --list-scenarios 2>/dev/null | string match -r '^[a-z].*'
        case --as
            $program verify --as '' . 2>&1 | string replace -rf '.*there is: *' '' | string split ' '
        case --error --warn --note --off
            __bzcheck_rules
        case --family
            $program rules 2>/dev/null | string replace -rf '^([A-Z]+)-.*' '$1' | sort -u
        case --fail-on
            printf '%s\n' error warning note
        case --least
            printf '%s\n' breaking notable expected
        case --stage --events
            $program $words[2] $words[-1] '' . 2>&1 | string replace -rf '.*(there is|list of): *' '' | string split ', '
        case -o --output
            __bzcheck_listed $program $words[2] $words[-1] | string replace -r '$' ':'
        case '*'
            # A word in small letters is a value, not the name of one.
            __bzcheck_argument | string match -r '^[a-z].*'
            __bzcheck_listed $program $words[2] $words[-1]
    end
end

function __bzcheck_rules
    set -l program (__bzcheck_program)
    $program rules 2>/dev/null | string replace -rf '^([A-Z]+-[0-9]+) +[a-z]+ +([a-z0-9-]+) .*' '$1\t$2'
end

function __bzcheck_wants_value
    set -l argument (__bzcheck_argument)
    test -n "$argument"
end

function __bzcheck_wants_option
    not __bzcheck_no_command; and not __bzcheck_wants_value; and string match -q -- '-*' (commandline -ct)
end

function __bzcheck_wants_word
    not __bzcheck_no_command; and not __bzcheck_wants_value; and not string match -q -- '-*' (commandline -ct)
end

function __bzcheck_wants_no_file
    __bzcheck_no_command; and return 0
    set -l argument (__bzcheck_argument)
    if test -n "$argument"
        not string match -qr 'FILE|DIR' -- $argument
    else
        contains -- (__bzcheck_command) explain rules
    end
end

complete -c bzcheck -n __bzcheck_wants_no_file -f
complete -c bzcheck -n __bzcheck_no_command -a '(__bzcheck_commands)'
complete -c bzcheck -n __bzcheck_no_command -l help -d 'print help'
complete -c bzcheck -n __bzcheck_no_command -l version -d 'print the version'
complete -c bzcheck -n __bzcheck_wants_value -a '(__bzcheck_values)'
complete -c bzcheck -n __bzcheck_wants_option -a '(__bzcheck_options)'
complete -c bzcheck -n '__bzcheck_wants_word; and test (__bzcheck_command) = explain' -a '(__bzcheck_rules)'
complete -c bzcheck -n '__bzcheck_wants_word; and test (__bzcheck_command) = extract' \
    -a 'setup pm payload unpacked vmlinux relocations config'
