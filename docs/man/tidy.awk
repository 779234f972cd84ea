# SPDX-License-Identifier: MIT
#
# What scdoc writes, without what mandoc -Tlint objects to: paragraphs that are empty or follow a
# heading, a title in small letters, lines of 80 octets and more. A paragraph's gap that scdoc puts
# before a change of indentation goes behind it, so that every formatter shows it.

function flush_paragraph() {
    if (pending && last !~ /^\.S[HS]/)
        print ".P"
    pending = 0
}

# One line of text as several, broken at blanks; a word that looks like a request is guarded.
function put_text(text,    line, words, count, i) {
    count = split(text, words, " ")
    line = words[1]
    for (i = 2; i <= count; i++) {
        if (length(line) + 1 + length(words[i]) < 79) {
            line = line " " words[i]
            continue
        }
        print line
        line = (words[i] ~ /^[.']/ ? "\\&" : "") words[i]
    }
    print line
}

/^\.TH / { sub(/"[^"]*"/, toupper($2)) }
/^\.nf/ { literal = 1 }
/^\.fi/ { literal = 0 }
/^\.P$/ { pending = 1; next }
/^\.\\"/ { print; next }
/^\.R[SE]/ || /^\.S[HS]/ || /^\.TH/ {
    if ($1 ~ /^\.[ST]/)
        pending = 0
    print
    last = $0
    next
}
{
    flush_paragraph()
    if (literal || /^[.']/)
        print
    else
        put_text($0)
    last = $0
}
