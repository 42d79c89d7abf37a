# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a command writes is never what it reads, nor another thing that it writes, however the names are spelled: such a
# command line is refused before anything is done.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

good=$BZC_IMAGES/good64.bzImage
image=$scratch/folder/image
mkdir "$scratch/folder"
cp "$good" "$image"
cp "$good" "$scratch/other"
ln -s folder/image "$scratch/link"
ln "$image" "$scratch/hard"
ln -s ../new "$scratch/folder/dangling"
printf 'fail-on error\n' >"$scratch/profile"
printf '0x0 0x20000000 usable\n' >"$scratch/map"
head -c 4096 /dev/urandom >"$scratch/initrd"
(cd "$scratch" && find . -type f ! -name out ! -name err -exec sha256sum {} + | sort) >"$scratch.sums"
trap 'rm -rf "$scratch" "$scratch.sums"' EXIT

# untouched: every file is as it was, and there is no new one.
untouched() {
    diff <(cd "$scratch" && find . -type f ! -name out ! -name err -exec sha256sum {} + | sort) "$scratch.sums"
}

# refused SENTENCE ARG...
refused() {
    local sentence=$1
    shift
    run "$@"
    expect_status 2
    expect_lines out 0
    expect_lines err 2
    expect_err "^bzcheck $1: $sentence\$"
    check "a file has changed" untouched
}

for spelling in "$image" "$scratch/folder/../folder/./image" "$scratch/link" "$scratch/hard"; do
    refused "--json $spelling would overwrite the image $image" info --json "$spelling" "$image"
    refused "--json $spelling would overwrite the image $image" loaders --json "$spelling" "$image"
    refused "--json $spelling would overwrite the image $image" trace --json "$spelling" "$image"
    refused "--output $spelling would overwrite the image $image" trace -o "$spelling" "$image"
    refused "--json $spelling would overwrite the image $image" diff --no-run --json "$spelling" "$scratch/other" "$image"
    refused "--json $spelling would overwrite the image $image" diff --no-run --json "$spelling" "$image" "$scratch/other"
    for command in verify lint; do
        refused "the report $spelling would overwrite the image $image" $command --json "$spelling" "$image"
        refused "the report $spelling would overwrite the image $image" $command -o "junit:$spelling" "$scratch/other" "$image"
        refused "--baseline $spelling would overwrite the image $image" $command --baseline "$spelling" --update-baseline "$image"
    done
    refused "vmlinux $spelling would overwrite the image $image" extract --force "$image" "vmlinux=$spelling"
    refused "the new image $spelling would overwrite the image $image" wrap --elf --force "$image" "$spelling"
done

# Other files that are read.
refused "the report $scratch/other would overwrite --vmlinux $scratch/other" lint --vmlinux "$scratch/other" --json "$scratch/other" "$image"
refused "the report $scratch/other would overwrite --vmlinux $scratch/other" verify --vmlinux "$scratch/other" --json "$scratch/other" "$image"
for command in verify trace; do
    report=--json
    [ $command = trace ] || report='the report'
    refused "$report $scratch/initrd would overwrite --initrd $scratch/initrd" $command --initrd "$scratch/initrd" --json "$scratch/initrd" "$image"
    refused "$report $scratch/map would overwrite --memory-map $scratch/map" $command --memory-map "$scratch/map" --json "$scratch/map" "$image"
    refused "$report $scratch/profile would overwrite --profile $scratch/profile" $command --profile "$scratch/profile" --json "$scratch/profile" "$image"
    refused "$report $scratch/initrd would overwrite --setup-data $scratch/initrd" $command --setup-data "9=$scratch/initrd" --json "$scratch/initrd" "$image"
done
refused "--json $scratch/other would overwrite --symbols $scratch/other" trace --symbols "kernel=$scratch/other" --json "$scratch/other" "$image"
refused "--json $scratch/initrd would overwrite --initrd $scratch/initrd" loaders --initrd "$scratch/initrd" --json "$scratch/initrd" "$image"

# Two that are written, of which neither is there yet.
for spelling in "$scratch/folder/../new" "$scratch/folder/dangling"; do
    for command in verify lint; do
        refused "the report $scratch/new and the report $spelling would be the same file" \
            $command --json "$scratch/new" -o "junit:$spelling" "$image"
        refused "--baseline $scratch/new and the report $spelling would be the same file" \
            $command --baseline "$scratch/new" --update-baseline --json "$spelling" "$image"
    done
    refused "--json $scratch/new and --output $spelling would be the same file" trace --json "$scratch/new" -o "$spelling" "$image"
    refused "setup $scratch/new and pm $spelling would be the same file" extract "$image" "setup=$scratch/new" "pm=$spelling"
done

# What is another file, or loses nothing, is written.
run lint --json "$scratch/new" -o "junit:$scratch/folder/new" "$image"
expect_status 0
check "the reports are there" test -s "$scratch/new" -a -s "$scratch/folder/new"
run lint --json "$scratch/new" "$image"
expect_status 0
run lint --json /dev/null -o junit:- "$image"
expect_status 0
check "the image is as it was" cmp "$image" "$good"
finish
