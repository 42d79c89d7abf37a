# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced after common.sh: Debian packages of any suite and architecture by a private apt state. The machine's own
# apt state, sources and architectures are read, never written; the archive's address comes from them.

# archive_of_targets OPTION...: the address of the first full archive that `apt-get indextargets` lists and that is
# Debian's, or, where apt does not know whose it is, that has this machine's release.
archive_of_targets() {
    local codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    # Suites with a dash (-security, -updates, -backports) live at other addresses or are no full archive.
    # shellcheck disable=SC2016 # the dollars are apt's
    apt-get indextargets "$@" --format '$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
        awk -F'|' -v codename="$codename" '
            $2 ~ /-/ || $3 != "main" || $4 ~ /^cdrom:/ { next }
            found == "" && ($1 == "Debian" || ($1 !~ /^[A-Za-z]/ && $2 == codename)) { found = $4 }
            END { if (found == "") exit 1; print found }'
}

# The address of the Debian archive that this machine uses, on stdout; false when it has none.
# BZC_DEBIAN_ARCHIVE names another one.
debian_archive() {
    if [ -n "${BZC_DEBIAN_ARCHIVE:-}" ]; then
        printf '%s\n' "$BZC_DEBIAN_ARCHIVE"
        return
    fi
    # Whose an archive is stands in its downloaded index, which a machine that never ran `apt-get update` has not.
    archive_of_targets || archive_of_targets --no-release-info
}

# private_apt_open SUITE ARCH FOLDER: prepares a private state for SUITE's packages of ARCH below FOLDER (an absolute
# path) and downloads the index. False when the archive cannot be reached or does not have the suite.
private_apt_open() {
    local suite=$1 arch=$2 folder=$3 archive keyring options=
    if ! archive=$(debian_archive); then
        warn "no Debian archive in this machine's apt sources (BZC_DEBIAN_ARCHIVE=URI names one)"
        return 1
    fi
    private_apt_state=$folder/apt-$suite-$arch
    mkdir -p "$private_apt_state"/{lists/partial,cache/archives/partial,etc/preferences.d,etc/sources.list.d}
    : >"$private_apt_state/status"
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        if [ -r "$keyring" ]; then
            options="[signed-by=$keyring] "
            break
        fi
    done
    printf 'deb %s%s %s main\n' "$options" "$archive" "$suite" >"$private_apt_state/etc/sources.list"
    private_apt_options=(
        -qq
        -o "Dir::State=$private_apt_state"
        -o "Dir::State::status=$private_apt_state/status"
        -o "Dir::Cache=$private_apt_state/cache"
        -o "Dir::Etc=$private_apt_state/etc"
        -o "Dir::Etc::netrc=/etc/apt/auth.conf"
        -o "Dir::Etc::netrcparts=/etc/apt/auth.conf.d"
        -o "Dir::Etc::trusted=/etc/apt/trusted.gpg"
        -o "Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d"
        -o "APT::Architecture=$arch"
        -o "APT::Architectures=$arch"
        -o "APT::Update::Error-Mode=any"
        -o "Acquire::Languages=none"
        -o "Acquire::Retries=1"
        -o "Acquire::http::Timeout=20"
        -o "Acquire::https::Timeout=20"
    )
    # The download user `_apt` may not be able to enter our folders.
    if [ "$(id -u)" -eq 0 ]; then
        private_apt_options+=(-o "APT::Sandbox::User=root")
    fi
    say "reading the package index of Debian $suite ($arch)"
    if ! apt-get "${private_apt_options[@]}" update >"$private_apt_state/update.log" 2>&1; then
        sed -n 's/^[EW]: /    /p' "$private_apt_state/update.log" | head -n 3 >&2
        return 1
    fi
}

# private_apt_version PACKAGE: the version that the opened suite has, on stdout; false when it has none.
private_apt_version() {
    apt-cache "${private_apt_options[@]}" show --no-all-versions "$1" 2>/dev/null |
        awk '$1 == "Version:" { version = $2 } END { if (version == "") exit 1; print version }'
}

# private_apt_depends PACKAGE: the names that PACKAGE's Depends field lists, one a line, versions left out.
private_apt_depends() {
    apt-cache "${private_apt_options[@]}" show --no-all-versions "$1" |
        sed -n 's/^Depends: //p' | tr ',|' '\n' | sed 's/([^)]*)//g; s/[[:space:]]//g'
}

# private_apt_download FOLDER PACKAGE...: fetches the packages' .deb files (signature-checked by apt) into FOLDER.
private_apt_download() {
    local folder=$1
    shift
    mkdir -p "$folder"
    (cd "$folder" && apt-get "${private_apt_options[@]}" download "$@")
}
