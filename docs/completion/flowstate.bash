# SPDX-License-Identifier: MIT
# Completion of flowstate's command lines for bash.

_flowstate_formats() {
    case $1 in
    trace) echo "text ndjson" ;;
    explain) echo "text svg svg-path dot mermaid mermaid-path" ;;
    report) echo "html" ;;
    check | record) echo "text ndjson junit tap sarif github markdown" ;;
    diff) echo "text ndjson" ;;
    live) echo "ndjson text csv zeek zeek-json ecs prom" ;;
    states) echo "text svg" ;;
    *) echo "text json ndjson csv zeek zeek-json ecs html" ;;
    esac
}

_flowstate_options() {
    case $1 in
    flows) echo "-r --read -o --output -f --filter --where -c --count -j --threads -a --all -q --quiet -v
        --verbose -n --numeric --fail-on --lossless --no-sandbox --max-flows --community-id-seed --color --ascii --utf8" ;;
    trace) echo "--connection -r --read -o --output -f --filter -c --count -S --absolute -q --quiet -v --verbose
        -n --numeric --fail-on --lossless --no-sandbox --max-flows --color --ascii --utf8" ;;
    explain) echo "-r --read -o --output -f --filter -c --count --packets -S --absolute -q --quiet
        -v --verbose -n --numeric --lossless --no-sandbox --max-flows --community-id-seed --color --ascii
        --utf8" ;;
    report) echo "-r --read -o --output -f --filter -c --count -n --numeric --fail-on --lossless --no-sandbox
        --max-flows" ;;
    annotate) echo "-r --read -w --write -f --filter -c --count -n --numeric --lossless --no-sandbox
        --max-flows" ;;
    split) echo "-r --read -w --write --shards -f --filter --no-sandbox" ;;
    check) echo "-r --read -o --output -f --filter --record --update --merge -q --quiet -v --verbose
        --fail-on --lossless --no-sandbox --max-flows --color --ascii" ;;
    diff) echo "-o --output -f --filter --level -q --quiet --lossless --no-sandbox --max-flows --color --ascii" ;;
    record) echo "-i --interface -w --write --expect -s --snapshot-length -B --buffer-size --max-drop
        -p --no-promiscuous-mode -o --output -f --filter -q --quiet -v --verbose --fail-on --lossless --no-sandbox
        --max-flows --color --ascii" ;;
    live) echo "-i --interface -r --read -o --output -w --write -C --file-size -G --rotate-seconds -W
        --file-count --write-flagged --flag-on -f --filter -c --count -q --quiet -n --numeric
        -s --snapshot-length -B --buffer-size -p --no-promiscuous-mode --linger --idle --interval
        --max-drop --speed --where --local -D --list-interfaces --fail-on --lossless --no-sandbox
        --max-flows --community-id-seed --color --ascii --utf8" ;;
    devices) echo "-q --quiet -D --list-interfaces --color --ascii" ;;
    states) echo "-o --output -q --quiet --color --ascii" ;;
    rules) echo "-q --quiet --color --ascii" ;;
    esac
}

_flowstate() {
    local commands="flows trace explain report annotate split check diff record live devices states rules help"
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=flows words=

    case " $commands " in
    *" ${COMP_WORDS[1]} "*) [ "$COMP_CWORD" -gt 1 ] && command=${COMP_WORDS[1]} ;;
    esac
    case $before in
    -r | --read | -w | --write | --expect | --write-flagged) ;;
    -o | --output) words=$(_flowstate_formats "$command") ;;
    --fail-on | --flag-on) words="illegal suspect anomaly capture" ;;
    --level) words="states segments exact" ;;
    --color) words="auto always never" ;;
    -f | --filter | -c | --count | --max-flows | --community-id-seed) return ;;
    -i | --interface) words=$(flowstate devices -q 2>/dev/null) ;;
    -s | --snapshot-length | -B | --buffer-size | -C | --file-size | -G | --rotate-seconds) return ;;
    -W | --file-count | --linger | --idle | --interval | --max-drop | --speed | --where | --local) return ;;
    *)
        case $word in
        -*) words="$(_flowstate_options "$command") -h --help -V --version" ;;
        *)
            [ "$COMP_CWORD" -eq 1 ] && words=$commands
            [ "$command" = rules ] && words=$(flowstate rules -q 2>/dev/null)
            [ "$command" = states ] && words=$(flowstate states -q 2>/dev/null)
            [ "$command" = help ] && words=$commands
            ;;
        esac
        ;;
    esac
    [ -n "$words" ] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _flowstate flowstate
