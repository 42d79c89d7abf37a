# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# cmake --install: into a prefix that is then moved elsewhere, and below DESTDIR. The tree works from where it lies.
# shellcheck source=tests/install/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$scratch/moved
expect "cmake --install works" cmake --install "$BZC_BUILD" --prefix "$scratch/prefix"
mv "$scratch/prefix" "$tree"
expect "the program works" verify_works "$tree/bin/bzcheck"
expect "a program can be built by pkg-config and runs" example_works "$tree"

pc=$(find "$tree" -name bzcheck.pc)
version=$("$tree/bin/bzcheck" --version)
expect "pkg-config knows the program's version, $version" \
    test "bzcheck $(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --modversion bzcheck)" = "$version"
for file in share/bash-completion/completions/bzcheck share/zsh/site-functions/_bzcheck \
    share/fish/vendor_completions.d/bzcheck.fish share/doc/bzcheck/README.md share/doc/bzcheck/LICENSE \
    share/doc/bzcheck/docs/report-format.md share/doc/bzcheck/docs/rules/HDR-001.md include/bzcheck.h; do
    expect "$file is installed" test -s "$tree/$file"
done
# What is to be run can be run.
while read -r script; do
    expect "$script is executable" test -x "$tree/share/doc/bzcheck/$script"
done < <(find docs -type f -perm -u+x)
while read -r command _; do
    expect "the manual page of $command is installed" test -s "$tree/share/man/man1/bzcheck-$command.1"
    if command -v man >/dev/null; then
        expect "man finds it" man -M "$tree/share/man" -w "bzcheck-$command"
    fi
done < <("$tree/bin/bzcheck" --help | sed -n '/^Commands:/,/^$/s/^  //p')

# Nothing leads back to the build: libraries are found in the tree or the system.
for file in "$tree/bin/bzcheck" "$(find "$tree" -name libbzcheck.so)"; do
    expect "$file has no path of the build" no grep -E 'R(UN)?PATH.*(build|\.deps|/tmp)' <(readelf -d "$file")
    expect "$file finds its libraries" no grep 'not found' <(ldd "$file")
done
expect "the library has its soname" grep -q 'soname: \[libbzcheck\.so\.0\]' <(readelf -d "$(find "$tree" -name libbzcheck.so)")
expect "nothing names the build folder" no grep -rlF "$BZC_BUILD" "$tree/share" "$tree/include" "$pc"
if [ -z "${BZC_CFLAGS:-}" ]; then
    strip -o "$scratch/stripped" "$tree/bin/bzcheck"
    expect "the program names no folder of this machine" no grep -qF -e "$PWD/" -e "$BZC_BUILD" "$scratch/stripped"
fi

# The same files below DESTDIR.
expect "DESTDIR works" env DESTDIR="$scratch/dest" cmake --install "$BZC_BUILD" --prefix /opt/bzcheck
expect "DESTDIR holds the same files" diff <(cd "$tree" && find . | sort) <(cd "$scratch/dest/opt/bzcheck" && find . | sort)
expect "the program works below DESTDIR" verify_works "$scratch/dest/opt/bzcheck/bin/bzcheck"
finish
