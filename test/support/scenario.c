/* SPDX-License-Identifier: MIT
 *
 * The parser of scenarios: one line, one segment, directive or assertion. It stops at the first
 * mistake and names its line. What a scenario means for the wire is not decided here.
 */
#include "scenario.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S       1000000000
#define DEFAULT_STEP   1000000 /* ns between segments when a line gives no time */
#define DEFAULT_WINDOW 65535   /* wide enough that no window rule has anything to say */

/* One line being read; `at` never passes its NUL. */
struct parser {
    struct scenario *scenario;
    struct fst_diag *diag;
    unsigned line;
    const char *at;
    int vlan;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
fail(struct parser *p, const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    p->diag->error = FST_EFORMAT;
    (void)snprintf(p->diag->message, sizeof(p->diag->message), "%s:%u: %s", p->scenario->name,
                   p->line, text);
    return false;
}

static bool fail_memory(struct parser *p)
{
    p->diag->error = FST_ENOMEM;
    (void)snprintf(p->diag->message, sizeof(p->diag->message), "%s: out of memory",
                   p->scenario->name);
    return false;
}

/* ------------------------------------------------------------------------------------- words -- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_space(struct parser *p)
{
    while (is_space(*p->at))
        p->at++;
}

static size_t word_len(const char *at)
{
    return strcspn(at, " \t\r");
}

/* Takes `word` if it stands next, whole. */
static bool take_word(struct parser *p, const char *word)
{
    size_t len = strlen(word);

    skip_space(p);
    if (word_len(p->at) != len || memcmp(p->at, word, len) != 0)
        return false;
    p->at += len;
    return true;
}

static bool at_end(struct parser *p)
{
    skip_space(p);
    return *p->at == '\0';
}

static bool expect_char(struct parser *p, char c, const char *what)
{
    if (*p->at != c)
        return fail(p, "'%c' expected in %s, not '%.20s'", c, what, p->at);
    p->at++;
    return true;
}

static bool take_u32(struct parser *p, uint32_t max, const char *what, uint32_t *out)
{
    uint64_t value = 0;
    const char *at;

    skip_space(p);
    at = p->at;
    if (!isdigit((unsigned char)*at))
        return fail(p, "%s: a number expected, not '%.20s'", what, at);
    for (; isdigit((unsigned char)*at); at++) {
        value = value * 10 + (uint64_t)(*at - '0');
        if (value > max)
            return fail(p, "%s: above %lu", what, (unsigned long)max);
    }
    p->at = at;
    *out = (uint32_t)value;
    return true;
}

static bool take_u16(struct parser *p, const char *what, uint16_t *out)
{
    uint32_t value;

    if (!take_u32(p, UINT16_MAX, what, &value))
        return false;
    *out = (uint16_t)value;
    return true;
}

static bool take_int(struct parser *p, uint32_t max, const char *what, int *out)
{
    uint32_t value;

    if (!take_u32(p, max, what, &value))
        return false;
    *out = (int)value;
    return true;
}

/* "17" is relative to an ISS, "=17" is the number itself. */
static bool take_number(struct parser *p, const char *what, struct scn_number *out)
{
    skip_space(p);
    out->absolute = *p->at == '=';
    if (out->absolute)
        p->at++;
    return take_u32(p, UINT32_MAX, what, &out->value);
}

static bool take_side(struct parser *p, enum scn_side *side)
{
    if (take_word(p, "A"))
        *side = SCN_A;
    else if (take_word(p, "B"))
        *side = SCN_B;
    else
        return false;
    return true;
}

/* ------------------------------------------------------------------------------------ options --
 */

static bool put_octet(struct parser *p, struct scn_segment *segment, unsigned octet)
{
    if (segment->option_len == SCN_OPTIONS_MAX)
        return fail(p, "more than %d octets of options", SCN_OPTIONS_MAX);
    segment->options[segment->option_len++] = (uint8_t)octet;
    return true;
}

static bool put_be32(struct parser *p, struct scn_segment *segment, uint32_t value)
{
    return put_octet(p, segment, value >> 24) && put_octet(p, segment, value >> 16 & 0xff) &&
           put_octet(p, segment, value >> 8 & 0xff) && put_octet(p, segment, value & 0xff);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool put_hex(struct parser *p, struct scn_segment *segment)
{
    skip_space(p);
    if (hex_digit(*p->at) < 0)
        return fail(p, "pairs of lower-case hex digits expected, not '%.20s'", p->at);
    for (; hex_digit(*p->at) >= 0; p->at += 2) {
        if (hex_digit(p->at[1]) < 0)
            return fail(p, "an odd number of hex digits");
        if (!put_octet(p, segment, (unsigned)(hex_digit(p->at[0]) << 4 | hex_digit(p->at[1]))))
            return false;
    }
    return true;
}

static bool option_mss(struct parser *p, struct scn_segment *segment)
{
    uint16_t mss;

    return take_u16(p, "mss", &mss) && put_octet(p, segment, 2) && put_octet(p, segment, 4) &&
           put_octet(p, segment, mss >> 8) && put_octet(p, segment, mss & 0xff);
}

static bool option_wscale(struct parser *p, struct scn_segment *segment)
{
    uint32_t shift;

    return take_u32(p, UINT8_MAX, "wscale", &shift) && put_octet(p, segment, 3) &&
           put_octet(p, segment, 3) && put_octet(p, segment, shift);
}

static bool option_sack_permitted(struct parser *p, struct scn_segment *segment)
{
    return put_octet(p, segment, 4) && put_octet(p, segment, 2);
}

static bool sack_edge(struct parser *p, struct scn_segment *segment)
{
    uint32_t edge;

    if (!take_u32(p, UINT32_MAX, "sack", &edge))
        return false;
    if (segment->sack_edge_count == SCN_SACK_EDGES_MAX)
        return fail(p, "more than %d edges of SACK blocks", SCN_SACK_EDGES_MAX);
    segment->sack_edges[segment->sack_edge_count++] = (uint8_t)segment->option_len;
    return put_be32(p, segment, edge);
}

/* "sack 5:9 20:30": all blocks in one option. */
static bool option_sack(struct parser *p, struct scn_segment *segment)
{
    size_t start = segment->option_len;

    if (!put_octet(p, segment, 5) || !put_octet(p, segment, 0))
        return false;
    do {
        if (!sack_edge(p, segment) || !expect_char(p, ':', "a SACK block") ||
            !sack_edge(p, segment))
            return false;
        skip_space(p);
    } while (isdigit((unsigned char)*p->at));
    segment->options[start + 1] = (uint8_t)(segment->option_len - start);
    return true;
}

static bool option_timestamps(struct parser *p, struct scn_segment *segment)
{
    uint32_t value, echo;

    if (!take_word(p, "val"))
        return fail(p, "TS val N ecr N expected");
    if (!take_u32(p, UINT32_MAX, "TS val", &value))
        return false;
    skip_space(p);
    if (strncmp(p->at, "ecr ", 4) != 0)
        return fail(p, "TS val N ecr N expected");
    p->at += 4;
    return take_u32(p, UINT32_MAX, "TS ecr", &echo) && put_octet(p, segment, 8) &&
           put_octet(p, segment, 10) && put_be32(p, segment, value) && put_be32(p, segment, echo);
}

static bool is_option_end(char c)
{
    return c == ',' || c == '>' || c == '\0';
}

/* "FO" asks for a cookie, "FO c" has one of eight octets, "FO 0102..." has that one. */
static bool option_fast_open(struct parser *p, struct scn_segment *segment)
{
    size_t start = segment->option_len;

    if (!put_octet(p, segment, 34) || !put_octet(p, segment, 0))
        return false;
    skip_space(p);
    if (*p->at == 'c' && is_option_end(p->at[1])) {
        p->at++;
        if (!put_be32(p, segment, 0x0badcafe) || !put_be32(p, segment, 0x0badcafe))
            return false;
    } else if (!is_option_end(*p->at) && !put_hex(p, segment)) {
        return false;
    }
    segment->options[start + 1] = (uint8_t)(segment->option_len - start);
    return true;
}

static bool option_nop(struct parser *p, struct scn_segment *segment)
{
    return put_octet(p, segment, 1);
}

/* Connection count of T/TCP, RFC 1644. */
static bool option_cc(struct parser *p, struct scn_segment *segment)
{
    return put_octet(p, segment, 11) && put_octet(p, segment, 6) && put_be32(p, segment, 1);
}

/* "raw 0309": octets as they are, for options that are wrong. */
static bool option_raw(struct parser *p, struct scn_segment *segment)
{
    return put_hex(p, segment);
}

static const struct {
    const char *name;
    bool (*parse)(struct parser *p, struct scn_segment *segment);
} options[] = {
    {"mss", option_mss},   {"wscale", option_wscale}, {"sackOK", option_sack_permitted},
    {"sack", option_sack}, {"TS", option_timestamps}, {"FO", option_fast_open},
    {"nop", option_nop},   {"cc", option_cc},         {"raw", option_raw},
};

static bool take_option(struct parser *p, struct scn_segment *segment)
{
    size_t len;
    size_t i;

    skip_space(p);
    len = strcspn(p->at, " \t,>");
    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strlen(options[i].name) == len && memcmp(p->at, options[i].name, len) == 0) {
            p->at += len;
            return options[i].parse(p, segment);
        }
    }
    return fail(p, "unknown option '%.*s'", (int)len, p->at);
}

static bool take_options(struct parser *p, struct scn_segment *segment)
{
    for (;;) {
        if (!take_option(p, segment))
            return false;
        skip_space(p);
        if (*p->at == '>')
            break;
        if (!expect_char(p, ',', "the options"))
            return false;
    }
    p->at++;
    return true;
}

/* ----------------------------------------------------------------------------------- segments --
 */

static bool take_time(struct parser *p, int64_t *delta_ns)
{
    int64_t sign = *p->at == '-' ? -1 : 1;
    int64_t unit = NS_PER_S / 10;
    int64_t fraction = 0;
    uint32_t seconds;

    p->at++;
    if (!take_u32(p, 1000000, "time", &seconds))
        return false;
    if (*p->at == '.') {
        for (p->at++; isdigit((unsigned char)*p->at); p->at++, unit /= 10)
            fraction += unit * (*p->at - '0');
    }
    if (!is_space(*p->at))
        return fail(p, "a time in seconds expected, as +0.020");
    *delta_ns = sign * ((int64_t)seconds * NS_PER_S + fraction);
    return true;
}

static bool take_flags(struct parser *p, uint16_t *flags)
{
    static const char letters[] = "FSRP.UEW"; /* from bit 0 up */
    size_t len;
    size_t i;

    skip_space(p);
    len = word_len(p->at);
    *flags = 0;
    if (take_word(p, "-"))
        return true;
    for (i = 0; i < len; i++) {
        const char *letter = strchr(letters, p->at[i]);

        if (!letter || !*letter)
            return fail(p, "flags are of SFRPUEW and '.', or '-' for none, not '%.*s'", (int)len,
                        p->at);
        *flags |= (uint16_t)(1u << (letter - letters));
    }
    p->at += len;
    return len > 0 || fail(p, "flags expected");
}

/* SEQ:END(LEN): what END adds is that the three must fit. */
static bool take_range(struct parser *p, struct scn_segment *segment)
{
    struct scn_number end;

    if (!take_number(p, "sequence number", &segment->seq) || !expect_char(p, ':', "SEQ:END(LEN)") ||
        !take_number(p, "end of the range", &end) || !expect_char(p, '(', "SEQ:END(LEN)") ||
        !take_u32(p, 65000, "length", &segment->payload_len) ||
        !expect_char(p, ')', "SEQ:END(LEN)"))
        return false;
    if (end.absolute != segment->seq.absolute ||
        end.value != segment->seq.value + segment->payload_len)
        return fail(p, "END is not SEQ + LEN");
    return true;
}

/* Whether the frame before may be copied for this segment. */
static bool repeats_frame_before(const struct scenario *scenario, const struct scn_segment *now)
{
    const struct scn_segment *before;

    if (scenario->segment_count == 0)
        return false;
    before = &scenario->segments[scenario->segment_count - 1];
    return before->sender == now->sender && before->flags == now->flags &&
           before->seq.value == now->seq.value && before->seq.absolute == now->seq.absolute &&
           before->ack.value == now->ack.value && before->ack.absolute == now->ack.absolute &&
           before->payload_len == now->payload_len && before->wnd_raw == now->wnd_raw &&
           before->option_len == now->option_len &&
           memcmp(before->options, now->options, now->option_len) == 0;
}

static bool take_detail(struct parser *p, struct scn_segment *segment)
{
    if (take_word(p, "ack"))
        return take_number(p, "ack", &segment->ack);
    if (take_word(p, "win"))
        return take_u16(p, "win", &segment->wnd_raw);
    if (take_word(p, "urg"))
        return take_u16(p, "urg", &segment->urgent);
    if (take_word(p, "snap"))
        return take_u16(p, "snap", &segment->snap);
    if (take_word(p, "offset"))
        return take_int(p, 15, "offset", &segment->data_offset);
    if (take_word(p, "ipid"))
        return take_int(p, UINT16_MAX, "ipid", &segment->ip_id);
    if (take_word(p, "bad-checksum"))
        return segment->bad_checksum = true;
    if (take_word(p, "offload-checksum"))
        return segment->offload_checksum = true;
    if (take_word(p, "zero-payload"))
        return segment->zero_payload = true;
    if (take_word(p, "dup-frame"))
        return segment->dup_frame = true;
    if (*p->at == '<') {
        p->at++;
        return take_options(p, segment);
    }
    return fail(p, "unknown word '%.*s'", (int)word_len(p->at), p->at);
}

static bool add_segment(struct parser *p, const struct scn_segment *segment)
{
    struct scenario *scenario = p->scenario;
    size_t size = (scenario->segment_count + 1) * sizeof(*scenario->segments);
    struct scn_segment *grown = realloc(scenario->segments, size);

    if (!grown)
        return fail_memory(p);
    scenario->segments = grown;
    grown[scenario->segment_count++] = *segment;
    return true;
}

static bool parse_segment(struct parser *p)
{
    struct scn_segment segment = {
        .line = p->line,
        .delta_ns = DEFAULT_STEP,
        .wnd_raw = DEFAULT_WINDOW,
        .ack = {0, true},
        .data_offset = -1,
        .ip_id = -1,
        .vlan = p->vlan,
    };

    if ((*p->at == '+' || *p->at == '-') && !take_time(p, &segment.delta_ns))
        return false;
    if (!take_side(p, &segment.sender) || !take_word(p, ">"))
        return fail(p, "A > or B > expected");
    if (!take_flags(p, &segment.flags) || !take_range(p, &segment))
        return false;
    while (!at_end(p)) {
        if (!take_detail(p, &segment))
            return false;
    }
    if ((segment.flags & FST_TCP_ACK) && segment.ack.absolute && segment.ack.value == 0)
        return fail(p, "flag '.' without ack");
    if (segment.dup_frame && !repeats_frame_before(p->scenario, &segment))
        return fail(p, "dup-frame differs from the segment before");
    return add_segment(p, &segment);
}

/* --------------------------------------------------------------------------------- assertions --
 */

int scenario_state(const char *name, size_t len)
{
    static const char *const names[] = {
#define FST_X(name, text) text,
        FST_STATE_MAP(FST_X)
#undef FST_X
    };
    int i;

    for (i = 0; i < FST_STATE_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return i;
    }
    return -1;
}

static int class_of(const char *name, size_t len)
{
    static const char *const names[] = {
#define FST_X(name, text) text,
        FST_CLASS_MAP(FST_X)
#undef FST_X
    };
    int i;

    for (i = 0; i < FST_CLASS_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return i;
    }
    return -1;
}

static bool add_assertion(struct parser *p, const struct scn_assertion *assertion)
{
    struct scenario *scenario = p->scenario;
    size_t size = (scenario->assertion_count + 1) * sizeof(*scenario->assertions);
    struct scn_assertion *grown = realloc(scenario->assertions, size);

    if (!grown)
        return fail_memory(p);
    scenario->assertions = grown;
    grown[scenario->assertion_count++] = *assertion;
    return true;
}

/* STATE or STATE|STATE... */
static bool take_states(struct parser *p, fst_state_set *set, enum fst_state *first)
{
    bool begun = false;

    skip_space(p);
    do {
        size_t len = strcspn(p->at, "| \t\r");
        int state = scenario_state(p->at, len);

        if (state < 0)
            return fail(p, "'%.*s' is no state", (int)len, p->at);
        if (!begun)
            *first = (enum fst_state)state;
        begun = true;
        *set |= (fst_state_set)(1u << state);
        p->at += len;
    } while (*p->at == '|' && *++p->at);
    return true;
}

static bool take_side_states(struct parser *p, struct scn_states *states)
{
    enum fst_state ignored;

    if (states->asserted)
        return fail(p, "the states of a side are asserted twice");
    states->asserted = true;
    if (!take_states(p, &states->possible, &states->likely))
        return false;
    if (states->possible != (fst_state_set)(1u << states->likely))
        return fail(p, "one likely state expected; others follow `maybe`");
    if (take_word(p, "maybe") && !take_states(p, &states->possible, &ignored))
        return false;
    if (take_word(p, "not") && !take_states(p, &states->impossible, &ignored))
        return false;
    if (states->possible & states->impossible)
        return fail(p, "a state cannot be both possible and not");
    return true;
}

static bool parse_states(struct parser *p, struct scn_assertion *assertion)
{
    enum scn_side side;

    assertion->kind = SCN_STATES;
    if (assertion->at_end)
        return fail(p, "end: goes with findings; states are asserted after a segment");
    while (!at_end(p)) {
        if (!take_side(p, &side))
            return fail(p, "A STATE or B STATE expected, not '%.20s'", p->at);
        if (!take_side_states(p, &assertion->states[side]))
            return false;
    }
    if (!assertion->states[SCN_A].asserted && !assertion->states[SCN_B].asserted)
        return fail(p, "A STATE or B STATE expected");
    return add_assertion(p, assertion);
}

static bool take_class(struct parser *p, const char *end, enum fst_class *class_)
{
    size_t len = strcspn(p->at, end);
    int found = class_of(p->at, len);

    if (found < 0)
        return fail(p, "'%.*s' is no class of finding", (int)len, p->at);
    *class_ = (enum fst_class)found;
    p->at += len;
    return true;
}

/* "capture", or "capture/illegal": by default and in lossless mode. */
static bool take_classes(struct parser *p, enum fst_class class_[SCN_MODES])
{
    skip_space(p);
    if (!take_class(p, "/ \t\r", &class_[SCN_DEFAULT]))
        return false;
    class_[SCN_LOSSLESS] = class_[SCN_DEFAULT];
    if (*p->at != '/')
        return true;
    p->at++;
    return take_class(p, " \t\r", &class_[SCN_LOSSLESS]);
}

static bool parse_finding(struct parser *p, struct scn_assertion *assertion)
{
    size_t len;

    assertion->kind = SCN_FINDING;
    assertion->side = SCN_NOBODY;
    if (!take_word(p, "-") && !take_side(p, &assertion->side))
        return fail(p, "A, B or - expected after '!'");
    if (!take_classes(p, assertion->class_))
        return false;
    skip_space(p);
    len = word_len(p->at);
    if (len == 0 || len >= sizeof(assertion->rule))
        return fail(p, "the name of a rule expected");
    memcpy(assertion->rule, p->at, len);
    p->at += len;
    if (!at_end(p))
        return fail(p, "nothing expected after the rule, not '%.20s'", p->at);
    return add_assertion(p, assertion);
}

/* Takes what may stand before '?' and '!'. */
static bool take_prefix(struct parser *p, struct scn_assertion *assertion)
{
    if (take_word(p, "default:"))
        assertion->modes = SCN_IN_DEFAULT;
    else if (take_word(p, "lossless:"))
        assertion->modes = SCN_IN_LOSSLESS;
    else if (take_word(p, "end:"))
        assertion->at_end = true;
    else
        return false;
    return true;
}

static bool starts_assertion(const char *at)
{
    static const char *const starts[] = {"?", "!", "default:", "lossless:", "end:"};
    size_t i;

    for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (word_len(at) == strlen(starts[i]) && strncmp(at, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

static bool parse_assertion(struct parser *p)
{
    struct scn_assertion assertion = {.line = p->line, .modes = SCN_IN_DEFAULT | SCN_IN_LOSSLESS};

    while (take_prefix(p, &assertion))
        continue;
    if (p->scenario->segment_count == 0)
        return fail(p, "an assertion before the first segment");
    assertion.segment = p->scenario->segment_count - 1;
    if (take_word(p, "?"))
        return parse_states(p, &assertion);
    if (take_word(p, "!"))
        return parse_finding(p, &assertion);
    return fail(p, "'?' or '!' expected");
}

/* --------------------------------------------------------------------------------- directives --
 */

static bool parse_iss(struct parser *p)
{
    enum scn_side side;

    if (!take_side(p, &side))
        return fail(p, "iss A N or iss B N expected");
    p->scenario->iss_given[side] = true;
    return take_u32(p, UINT32_MAX, "iss", &p->scenario->iss[side]);
}

/* Of the whole file, so before its first segment. */
static bool parse_file_directive(struct parser *p)
{
    if (take_word(p, "iss"))
        return parse_iss(p);
    if (take_word(p, "ipv6"))
        return p->scenario->ipv6 = true;
    if (take_word(p, "raw-ip"))
        return p->scenario->raw_ip = true;
    if (take_word(p, "lossless"))
        return p->scenario->lossless_only = true;
    return fail(p, "neither a segment, an assertion nor a directive: '%.*s'", (int)word_len(p->at),
                p->at);
}

/* "vlan 7" holds for the segments that follow, "vlan none" ends it. */
static bool parse_vlan(struct parser *p)
{
    if (take_word(p, "none")) {
        p->vlan = -1;
        return true;
    }
    return take_int(p, 4094, "vlan", &p->vlan);
}

static bool parse_directive(struct parser *p)
{
    bool ok;

    if (take_word(p, "vlan"))
        ok = parse_vlan(p);
    else
        ok = parse_file_directive(p) &&
             (p->scenario->segment_count == 0 ||
              fail(p, "a directive of the file must stand before its first segment"));
    if (ok && !at_end(p))
        return fail(p, "nothing expected after the directive, not '%.20s'", p->at);
    return ok;
}

/* -------------------------------------------------------------------------------------- files --
 */

static bool parse_line(struct parser *p)
{
    if (at_end(p))
        return true;
    if (starts_assertion(p->at))
        return parse_assertion(p);
    if (*p->at == '+' || *p->at == '-' || word_len(p->at) == 1)
        return parse_segment(p);
    return parse_directive(p);
}

/* A comment runs from a '#' at the start of a line or after a space. */
static void cut_comment(char *line)
{
    char *at;

    for (at = line; *at; at++) {
        if (*at == '#' && (at == line || is_space(at[-1]))) {
            *at = '\0';
            return;
        }
    }
}

static bool parse_text(struct parser *p, const char *text)
{
    char line[512];

    for (p->line = 1; *text; p->line++) {
        size_t len = strcspn(text, "\n");

        if (len >= sizeof(line))
            return fail(p, "line longer than %zu characters", sizeof(line) - 1);
        memcpy(line, text, len);
        line[len] = '\0';
        text += len + (text[len] == '\n');
        cut_comment(line);
        p->at = line;
        if (!parse_line(p))
            return false;
    }
    if (p->scenario->segment_count == 0)
        return fail(p, "no segment");
    return true;
}

int scenario_parse(struct scenario **out, const char *name, const char *text, struct fst_diag *diag)
{
    struct scenario *scenario = calloc(1, sizeof(*scenario));
    struct parser p = {.scenario = scenario, .diag = diag, .vlan = -1};

    *out = NULL;
    diag->error = FST_ENOMEM;
    (void)snprintf(diag->message, sizeof(diag->message), "%s: out of memory", name);
    if (!scenario)
        return FST_ENOMEM;
    scenario->name = malloc(strlen(name) + 1);
    if (!scenario->name)
        goto free_scenario;
    memcpy(scenario->name, name, strlen(name) + 1);
    if (!parse_text(&p, text))
        goto free_scenario;
    *diag = (struct fst_diag){0};
    *out = scenario;
    return 0;

free_scenario:
    scenario_free(scenario);
    return diag->error;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    size_t got = 0;

    if (!file)
        return NULL;
    do {
        char *grown = realloc(text, size + 4096 + 1);

        if (!grown)
            break;
        text = grown;
        got = fread(text + size, 1, 4096, file);
        size += got;
        text[size] = '\0';
    } while (got > 0);
    (void)fclose(file);
    return text;
}

int scenario_load(struct scenario **out, const char *path, struct fst_diag *diag)
{
    char *text = read_file(path);
    int error;

    *out = NULL;
    if (!text) {
        diag->error = FST_EOPEN;
        (void)snprintf(diag->message, sizeof(diag->message), "%s: cannot be read", path);
        return FST_EOPEN;
    }
    error = scenario_parse(out, path, text, diag);
    free(text);
    return error;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    free(scenario->name);
    free(scenario->segments);
    free(scenario->assertions);
    free(scenario);
}
