# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by the scripts in tools/: messages, the repository's root, temporary folders. Sets `repo_root` and `deps`.

repo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything that is fetched goes here; git ignores it.
# shellcheck disable=SC2034 # read by the scripts that source this file
deps=$repo_root/.deps
program=$(basename "$0")

say() {
    printf '%s: %s\n' "$program" "$*"
}

warn() {
    printf '%s: notice: %s\n' "$program" "$*" >&2
}

die() {
    printf '%s: error: %s\n' "$program" "$*" >&2
    exit 1
}

usage_error() {
    printf '%s: %s (try --help)\n' "$program" "$*" >&2
    exit 2
}

# Runs a command as root: as it is when we are root, by sudo otherwise.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this step needs root (or sudo): $*"
    fi
}

# scratch_make: a fresh folder in $scratch on the file system of .deps/ (so that a finished file can be renamed into
# place), removed when the script ends, however it ends.
scratch_make() {
    mkdir -p "$deps" || die "cannot write to $deps"
    scratch=$(mktemp -d "$deps/tmp.XXXXXXXX") || die "cannot write to $deps"
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
