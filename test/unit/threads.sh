#!/bin/sh
# SPDX-License-Identifier: MIT
# threads.sh SOURCE FOLDER COMPILER GENERATOR: builds unit.reading, unit.abreast and unit.divided with
# ThreadSanitizer in FOLDER and runs them. Skipped where the compiler or the system does not have it.
set -eu

source=$1 folder=$2 compiler=$3 generator=$4
log=$folder/log
mkdir -p "$folder"
if ! echo 'int main(void) { return 0; }' |
    "$compiler" -fsanitize=thread -x c - -o "$folder/probe" 2>"$log"; then
    echo "skipped: $compiler cannot build with ThreadSanitizer"
    exit 77
fi
# It wants to know where memory lies, which chance decides otherwise.
fixed=
setarch -R true 2>/dev/null && fixed="setarch -R"
if ! $fixed "$folder/probe" 2>"$log"; then
    echo "skipped: ThreadSanitizer does not run here: $(head -n 1 "$log")"
    exit 77
fi
cmake -S "$source" -B "$folder/build" -G "$generator" -DCMAKE_C_COMPILER="$compiler" \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS='-O1 -fsanitize=thread' >"$log" 2>&1 &&
    cmake --build "$folder/build" --target test_reading test_abreast test_divided >>"$log" 2>&1 ||
    { tail -n 40 "$log"; exit 1; }
for run in reading "abreast few" divided; do
    # shellcheck disable=SC2086 # a name and perhaps an argument
    TSAN_OPTIONS=halt_on_error=1 $fixed "$folder/build/test/unit/test_"$run
done
