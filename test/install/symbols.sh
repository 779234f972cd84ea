#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh LIBRARY HEADER: the library shows what the header declares FST_API, no less, no more.
set -eu

header=$(tr '\n' ' ' <"$2" | grep -o 'FST_API [^;(]*(' | grep -o 'fst_[a-z0-9_]*(' | tr -d '(' | sort)
library=$(nm --dynamic --defined-only "$1" | awk '$2 ~ /^[TDBRVW]$/ { sub(/@.*/, "", $3); print $3 }' |
    grep -v -e '^_init$' -e '^_fini$' | sort)
[ -n "$header" ]
if [ "$header" != "$library" ]; then
    echo "only in the header, or only in the library:"
    { echo "$header"; echo "$library"; } | sort | uniq -u
    exit 1
fi
