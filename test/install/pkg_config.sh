#!/bin/sh
# SPDX-License-Identifier: MIT
# pkg_config.sh LIBDIR CC SOURCE CAPTURE [FLAG...]: build SOURCE with what flowstate.pc says, run it.
set -eu

libdir=$1 cc=$2 source=$3 capture=$4
shift 4
program=$(mktemp)
trap 'rm -f "$program"' EXIT

PKG_CONFIG_PATH=$libdir/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # the flags are words
"$cc" "$@" -o "$program" "$source" $(pkg-config --cflags --libs flowstate) "-Wl,-rpath,$libdir"
"$program" "$capture"
