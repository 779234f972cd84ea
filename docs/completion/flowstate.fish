# SPDX-License-Identifier: MIT
# Completion of flowstate's command lines for fish.

set -l commands flows trace explain report annotate states rules help

# No command yet: the first word is a command or a file.
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a flows -d 'one line per connection'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a trace -d 'one line per segment'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a explain -d 'one connection as a ladder'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a report -d 'one HTML file for a browser'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a annotate -d 'the packets as pcapng, with comments'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a states -d 'the eleven states of RFC 9293'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a rules -d 'what each finding means'
complete -c flowstate -n "not __fish_seen_subcommand_from $commands" -a help -d 'how to use flowstate'

complete -c flowstate -n '__fish_seen_subcommand_from rules' -f -a '(flowstate rules -q 2>/dev/null)'
complete -c flowstate -n '__fish_seen_subcommand_from states' -f -a '(flowstate states -q 2>/dev/null)'
complete -c flowstate -n '__fish_seen_subcommand_from help' -f -a "$commands"

# Options; those that print something of a capture are for flows, trace and explain.
set -l prints 'not __fish_seen_subcommand_from report annotate states rules help'
set -l reads 'not __fish_seen_subcommand_from states rules help'

complete -c flowstate -n "$reads" -s r -l read -r -F -d 'capture to read'
complete -c flowstate -n '__fish_seen_subcommand_from annotate' -s w -l write -r -F -d 'capture to write'
complete -c flowstate -n "$reads" -s f -l filter -x -d 'packets to keep'
complete -c flowstate -n "$reads" -s c -l count -x -d 'stop after so many packets'
complete -c flowstate -n "$reads" -s n -l numeric -d 'addresses are never looked up'
complete -c flowstate -n "$reads" -l lossless -d 'the capture missed nothing'
complete -c flowstate -n "$reads" -l max-flows -x -d 'connections kept at a time'
complete -c flowstate -n '__fish_seen_subcommand_from explain' -s o -l output -x -a 'text svg svg-path dot mermaid mermaid-path' -d 'what to print'
complete -c flowstate -n '__fish_seen_subcommand_from trace' -s o -l output -x -a 'text ndjson' -d 'what to print'
complete -c flowstate -n '__fish_seen_subcommand_from report' -s o -l output -x -a 'html' -d 'what to print'
complete -c flowstate -n '__fish_seen_subcommand_from states' -s o -l output -x -a 'text svg' -d 'what to print'
complete -c flowstate -n 'not __fish_seen_subcommand_from trace explain report annotate states rules help' -s o -l output -x -a 'text json ndjson csv zeek zeek-json ecs html' -d 'what to print'
complete -c flowstate -n 'not __fish_seen_subcommand_from trace explain report annotate states rules help' -s a -l all -d 'every row, also on a terminal'
complete -c flowstate -n '__fish_seen_subcommand_from explain' -l packets -d 'a row for each segment'
complete -c flowstate -n '__fish_seen_subcommand_from trace explain' -s S -l absolute -d 'sequence numbers as on the wire'
complete -c flowstate -n "$prints" -s v -l verbose -d 'more of each row'
complete -c flowstate -n "$prints" -l utf8 -d 'line-drawing characters'
complete -c flowstate -n 'not __fish_seen_subcommand_from trace report annotate states rules help' -l community-id-seed -x -d 'seed of the Community ID'
complete -c flowstate -n 'not __fish_seen_subcommand_from explain annotate states rules help' -l fail-on -x -a 'illegal suspect anomaly capture' -d 'exit 1 for such findings'
complete -c flowstate -n 'not __fish_seen_subcommand_from report annotate help' -s q -l quiet -d 'only the rows'
complete -c flowstate -n 'not __fish_seen_subcommand_from report annotate help' -l color -x -a 'auto always never' -d 'colours'
complete -c flowstate -n 'not __fish_seen_subcommand_from report annotate help' -l ascii -d 'no characters beyond ASCII'
complete -c flowstate -s h -l help -d 'how to use this'
complete -c flowstate -s V -l version -d 'the version'
