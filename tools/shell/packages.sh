# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced after common.sh: installs Debian packages on this machine, as root or by sudo.

# missing_packages NAME...: those that are not installed, one a line.
missing_packages() {
    local name
    for name in "$@"; do
        dpkg-query --show --showformat '${db:Status-Status}' "$name" 2>/dev/null | grep -q '^installed' ||
            printf '%s\n' "$name"
    done
}

package_lists_updated=false
# Refreshes the machine's package lists, once. Failing here is no error: old lists may do.
update_package_lists() {
    $package_lists_updated && return
    package_lists_updated=true
    say "refreshing the package lists"
    as_root apt-get -qq update </dev/null || warn "the package lists could not be refreshed"
}

# install_packages NAME...: installs them without what they only recommend, after refreshing the lists; ends the script
# when that fails.
install_packages() {
    update_package_lists
    say "installing $*"
    # shellcheck disable=SC2154 # common.sh sets it
    mkdir -p "$deps"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
        install --yes --no-install-recommends "$@" </dev/null >"$deps/apt.log" 2>&1 || {
        tail -n 15 "$deps/apt.log" >&2
        die "the packages could not be installed"
    }
}
