#!/bin/sh
# SPDX-License-Identifier: MIT
# clang.sh: builds the fuzz targets with clang (build/clang, which tools/check.sh fills too) and
# replays the corpus with them: sanitizers of the two compilers do not see the same. 77 if there is
# no clang.
set -eu

cd "$(dirname "$0")/../.."
command -v clang >/dev/null || exit 77
cmake --preset clang >/dev/null
targets=$(cd test/fuzz/corpus && for name in *; do echo "fuzz_$name"; done)
# shellcheck disable=SC2086 # words, each an argument
cmake --build --preset clang --target $targets >/dev/null
ctest --preset clang -R '^fuzz\.replay\.'
