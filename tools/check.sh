#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the sources: format, blanks, licence lines, which folder includes what, warnings of gcc and
# clang, clang-tidy and cppcheck. Prints the longest functions and files, which fail nothing.
#
#   check.sh           everything; what CI runs
#   check.sh --quick   only what needs no build, in a second or two: a good commit hook
set -u

cd "$(dirname "$0")/.." || exit 1
failed=0
jobs=$(nproc 2>/dev/null || echo 2)

# step NAME COMMAND...: runs the command; prints its output only if it fails.
step() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok    $name"
        return 0
    fi
    echo "FAIL  $name"
    printf '%s\n' "$output" | sed 's/^/      /'
    failed=1
    return 1
}

# Files of the project, those not yet added included, that match the patterns.
files() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ -f "$file" ] && echo "$file"
    done
}

formatted() {
    files '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

# The licence in the first three lines (a script's first is #!) of all that is program text.
licensed() {
    files '*.c' '*.h' '*.sh' '*.py' 'scripts/*' 'tools/*' '.ci/*' | grep -v '\.txt$' |
        while read -r file; do
            head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
                echo "$file: no 'SPDX-License-Identifier: MIT' in its first three lines"
        done | none
}

# No blanks at line ends, no tabs in C, a line end at the end of every text file.
clean_blanks() {
    {
        files | xargs grep -nIE '[[:blank:]]+$' /dev/null | grep -vE '^test/.*\.(txt|golden|out):'
        files '*.c' '*.h' '*.def' | xargs grep -nP '\t' /dev/null
        files '*.c' '*.h' '*.def' '*.md' '*.txt' 'scripts/*' 'tools/*' | while read -r file; do
            [ -z "$(tail -c 1 "$file")" ] || echo "$file: no line end at its end"
        done
    } | none
}

# Succeeds if standard input is empty, else prints it.
none() {
    ! grep .
}

# Which folders' headers each folder of src/ may include, its own and base/ besides: those to its left
# in docs/ARCHITECTURE.md. The program (report/, cli/) knows the library by its public header alone.
may_include() {
    case $1 in
    base | decode | capture | rules | expect) echo "" ;;
    tcp) echo "decode rules" ;;
    flow) echo "decode rules tcp" ;;
    reading) echo "capture flow" ;;
    report) echo "expect" ;;
    where) echo "expect report" ;;
    live) echo "report" ;;
    tui) echo "report where" ;;
    cli) echo "expect report where live tui" ;;
    *) echo "nothing: src/$1/ is not in the list of tools/check.sh" ;;
    esac
}

# Prints "FILE HEADER" for each #include "..." below src/.
project_includes() {
    files 'src/*.c' 'src/*.h' 'src/*.def' | xargs grep -nE '^[[:blank:]]*#[[:blank:]]*include "' /dev/null |
        sed -E 's/^([^:]*):([0-9]+):.*include "([^"]*)".*/\1:\2 \3/'
}

# A system header only where it belongs: only_in HEADER-PATTERN FOLDER.
only_in() {
    files 'src/*' | grep -v "^src/$2/" |
        xargs grep -nE "#[[:blank:]]*include <($1)>" /dev/null |
        sed "s|\$|   (only src/$2/ may include it)|"
}

include_directions() {
    {
        project_includes | while read -r where header; do
            folder=${where#src/}
            folder=${folder%%/*}
            from=${header%%/*}
            case " $folder base flowstate $(may_include "$folder") " in
            *" $from "*) ;;
            *) echo "$where: src/$folder/ may not include \"$header\"" ;;
            esac
        done
        only_in 'pcap(/.*)?\.h|pcap\.h' capture
        only_in '.*curses.*|term\.h' tui
    } | none
}

# The public header must stand alone, in C11 without extensions.
header_alone() {
    for compiler in gcc clang; do
        echo '#include "flowstate/flowstate.h"' |
            $compiler -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c - ||
            return 1
    done
}

build() {
    cmake --preset "$1" && cmake --build --preset "$1"
}

tidy() {
    files 'src/*.c' | xargs -n 1 -P "$jobs" clang-tidy --quiet -p build/clang
}

cppcheck_sources() {
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
        --error-exitcode=1 --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
        --suppress=unmatchedSuppression -j "$jobs" -D__GNUC__=12 -Iinclude -Isrc src
}

longest_files() {
    echo "longest files (lines)"
    files 'src/*.c' 'src/*.h' | xargs wc -l | grep -v ' total$' | sort -rn | head -n 10
}

# A function's body begins with { and ends with } in the first column.
longest_functions() {
    echo "longest functions (lines)"
    files 'src/*.c' | while read -r file; do
        awk '/^{/ { start = NR; name = line } /^}/ && start { print NR - start + 1, FILENAME ":" start, name; start = 0 }
             /^[a-z].*\(/ { line = $0 }' "$file"
    done | sort -rn | head -n 10 | sed -E 's/^([0-9]+) ([^ ]+) .*[ *]([a-z0-9_]+)\(.*/\1 \2 \3/' |
        awk '{ printf "%7d %s %s\n", $1, $2, $3 }'
}

step "clang-format" formatted
step "no stray blanks" clean_blanks
step "licence lines" licensed
step "include directions" include_directions
step "public header alone" header_alone
if [ "${1:-}" != --quick ]; then
    step "gcc build, warnings are errors" build dev
    # clang-tidy needs to know how clang compiles each file.
    step "clang build, warnings are errors" build clang && step "clang-tidy" tidy
    step "cppcheck" cppcheck_sources
fi
longest_functions
longest_files
exit $failed
