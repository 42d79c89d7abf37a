# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016,SC2317 # functions are called by expect
# cpack: what is in the Debian package, and that it works from where it is unpacked. Installing it with apt in a fresh
# Debian is `tools/package --test`.
# shellcheck source=tests/install/lib.sh
. "$(dirname "$0")/lib.sh"

for tool in dpkg-deb dpkg-shlibdeps file; do
    if ! command -v "$tool" >/dev/null; then
        echo "left out: there is no $tool"
        exit 77
    fi
done

# pack FOLDER
pack() {
    # cpack finds what to install by the build folder, from where it is called.
    (cd "$BZC_BUILD" && umask 077 && SOURCE_DATE_EPOCH=1700000000 cpack -G DEB -B "$1" \
        -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip && rm -rf "$1/_CPack_Packages")
}

# has_line FILE PATTERN
has_line() {
    grep -Eq -e "$2" "$1" || {
        cat "$1"
        return 1
    }
}

expect "cpack works" pack "$scratch/one"
package=$(echo "$scratch"/one/bzcheck_*.deb)
expect "there is a package" test -e "$package"
dpkg-deb --info "$package" control >"$scratch/control"
dpkg-deb --contents "$package" >"$scratch/contents"
expect "it can be unpacked" dpkg-deb --extract "$package" "$scratch/root"
root=$scratch/root/usr

expect "its name" has_line "$scratch/control" '^Package: bzcheck$'
expect "its version" has_line "$scratch/control" "^Version: $("$root/bin/bzcheck" --version | cut -d' ' -f2)-1"
expect "its architecture" has_line "$scratch/control" "^Architecture: $(dpkg --print-architecture)\$"
expect "its maintainer" has_line "$scratch/control" '^Maintainer: .* <.*@.*>$'
for library in libc6 zlib1g libzstd1 libjansson4 'libcapstone[0-9]+'; do
    expect "it depends on $library" has_line "$scratch/control" "^Depends:.* $library( |,|\$)"
done

# Unicorn comes from Debian, or along with the package.
private=$(find "$root/lib" -name 'libunicorn.so*')
if [ -n "$private" ]; then
    expect "it depends on no package of Unicorn" no has_line "$scratch/control" '^Depends:.*libunicorn'
    expect "Unicorn lies in a folder of bzcheck's own" has_line <(echo "$private") '/bzcheck/libunicorn\.so\.[0-9]+$'
    expect "its copyright is there" test -s "$root/share/doc/bzcheck/copyright.unicorn"
    for user in bin/bzcheck lib/libbzcheck.so lib/*/libbzcheck.so; do
        for file in "$root"/$user; do
            [ ! -e "$file" ] || expect "$user takes that one" \
                has_line <(ldd "$file" | sed 's|\.\./||') "libunicorn.* => $scratch/root/usr/.*bzcheck/libunicorn"
        done
    done
else
    expect "it depends on Debian's Unicorn" has_line "$scratch/control" '^Depends:.* libunicorn2'
fi

expect "all files are root's" no grep -v ' root/root ' "$scratch/contents"
expect "nothing lies outside /usr" no grep -Ev ' \./(usr/.*)?( -> .*)?$' "$scratch/contents"
expect "no file's mode is odd" no grep -Ev '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) ' "$scratch/contents"
expect "only the program and the script for git bisect are executable" \
    diff <(printf '%s\n' ./usr/bin/bzcheck ./usr/share/doc/bzcheck/docs/ci/bisect-run) \
    <(awk '$1 == "-rwxr-xr-x" { print $6 }' "$scratch/contents" | sort)
expect "the program is stripped" no has_line <(file "$root/bin/bzcheck") 'not stripped'
expect "there is a copyright file" has_line "$root/share/doc/bzcheck/copyright" 'common-licenses/GPL-2'
expect "there is a change log" gzip -t "$root/share/doc/bzcheck/changelog.gz"
expect "the manual pages are compressed" gzip -t "$root/share/man/man1/bzcheck.1.gz" "$root/share/man/man1/bzcheck-verify.1.gz"
expect "its checksums are right" bash -c \
    'dpkg-deb --control "$1" "$2/DEBIAN" && cd "$2" && md5sum --quiet -c DEBIAN/md5sums && rm -r DEBIAN' - "$package" "$scratch/root"

expect "the program works" verify_works "$root/bin/bzcheck"
expect "a program can be built by pkg-config and runs" example_works "$root"

expect "cpack works again" pack "$scratch/two"
expect "the same tree gives the same package" cmp "$package" "$scratch"/two/bzcheck_*.deb
finish
