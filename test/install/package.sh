#!/bin/sh
# SPDX-License-Identifier: MIT
# package.sh BUILD CAPTURE: the .deb that cpack makes of a build holds what a user needs, says what
# it depends on, and its program runs from where it is unpacked. Skipped (77) without Debian's tools.
set -eu

for tool in cpack dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cpack -G DEB --config "$1/CPackConfig.cmake" -B "$place" >"$place/log" || { cat "$place/log"; exit 1; }
set -- "$place"/flowstate_*.deb "$2"
dpkg-deb --contents "$1" >"$place/contents"
for file in bin/flowstate 'lib/.*libflowstate\.so\.[0-9.]*' include/flowstate/flowstate.h \
    lib/.*pkgconfig/flowstate.pc share/flowstate/schema/flowstate-1.json \
    share/doc/flowstate/copyright share/bash-completion/completions/flowstate; do
    grep -q " \./usr/$file" "$place/contents" || { echo "not in the package: $file"; exit 1; }
done
for package in libpcap0.8 libc6; do
    dpkg-deb --field "$1" Depends | grep -q "$package" || { echo "no dependency: $package"; exit 1; }
done
dpkg-deb -x "$1" "$place/root"
"$place/root/usr/bin/flowstate" "$2" | grep -q TIME-WAIT
