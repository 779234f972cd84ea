/* SPDX-License-Identifier: MIT
 *
 * Runs scenarios through the public API and holds what it says against what they assert, in default
 * and in lossless mode:
 *
 *     run_scenario [-v] FILE.scn...      -v prints what was seen
 *     run_scenario --catalogue DIR       every rule has DIR/RULE.scn and DIR/RULE-near-miss.scn,
 * and the catalogue's own example trips it
 *
 * Each run is repeated with the addresses of A and B swapped, with sequence numbers that wrap, and
 * with all packets fed at once: nothing may change.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowstate/flowstate.h"
#include "support/frame.h"
#include "support/scenario.h"

#define FINDINGS_MAX 256

struct seen_segment {
    bool seen;
    uint32_t connection;
    enum fst_state likely[2]; /* by enum scn_side */
    fst_state_set possible[2];
};

struct seen_finding {
    const struct fst_rule *rule;
    enum fst_class class_;
    enum scn_side side;
    uint64_t packet;
    bool at_end;  /* raised when the capture had ended */
    bool matched; /* by an assertion */
    char message[300];
};

/* One pass of a scenario through an analyzer, and what it said. */
struct run {
    const struct scenario *scenario;
    const char *what; /* "default" ... for messages */
    struct scn_world world;
    enum scn_mode mode;
    bool at_once;
    struct fst_analyzer *analyzer;
    bool at_end;
    struct seen_segment *segments; /* one a packet */
    size_t finding_count;
    struct seen_finding findings[FINDINGS_MAX];
    unsigned faults;
};

static const char *const side_names[] = {"A", "B", "-"};

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void
fault(struct run *run, unsigned line, const char *format, ...)
{
    va_list args;

    run->faults++;
    printf("%s:%u: %s: ", run->scenario->name, line, run->what);
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)putchar('\n');
}

static unsigned line_of_packet(const struct run *run, uint64_t packet)
{
    if (packet == 0 || packet > run->scenario->segment_count)
        return 0;
    return run->scenario->segments[packet - 1].line;
}

static const char *states_text(fst_state_set set, char text[160])
{
    int state;

    text[0] = '\0';
    for (state = 0; state < FST_STATE_COUNT; state++) {
        if (!(set & 1u << state))
            continue;
        if (text[0])
            strcat(text, "|");
        strcat(text, fst_state_name((enum fst_state)state));
    }
    return text;
}

/* ---------------------------------------------------------------------------------- listening --
 */

static enum scn_side peer_of(enum scn_side side)
{
    return side == SCN_A ? SCN_B : SCN_A;
}

/* What was seen of the newest segment before this one that gave states, or NULL. */
static const struct seen_segment *seen_before(const struct run *run, uint64_t packet)
{
    for (; packet > 1; packet--)
        if (run->segments[packet - 2].seen)
            return &run->segments[packet - 2];
    return NULL;
}

/* Whether a change may follow on `state`: a life nobody has heard before begins without a
 * connection (RFC 9293 3.3.2), all others go on where they were. */
static bool goes_on(const struct fst_change *change, enum fst_state state, bool begins)
{
    bool without = change->from == FST_CLOSED || change->from == FST_LISTEN;

    return change->from == state || (begins && without);
}

/* What is told of a side's way leads from the state before to the one after, and LISTEN is reached
 * only where figure 5 of RFC 9293 has a way. */
static void check_changes(struct run *run, const struct fst_segment_event *event,
                          enum fst_side side, enum scn_side who)
{
    const struct seen_segment *before = seen_before(run, event->packet);
    enum fst_state state = before ? before->likely[who] : FST_CLOSED;
    bool begins = true;
    size_t i;

    for (i = 0; i < event->change_count; i++) {
        const struct fst_change *change = &event->changes[i];

        if (change->side != side)
            continue;
        if (!goes_on(change, state, begins) ||
            (change->to == FST_LISTEN && change->from != FST_CLOSED &&
             change->from != FST_SYN_RECEIVED))
            fault(run, line_of_packet(run, event->packet), "%s is told to go from %s, in %s, to %s",
                  side_names[who], fst_state_name(change->from), fst_state_name(state),
                  fst_state_name(change->to));
        state = change->to;
        begins = false;
    }
    if (begins && (!before || before->connection != event->connection))
        return;
    if (state != event->after[side].state)
        fault(run, line_of_packet(run, event->packet), "%s is told to be in %s but is in %s",
              side_names[who], fst_state_name(state), fst_state_name(event->after[side].state));
}

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct run *run = context;
    struct seen_segment *seen = &run->segments[event->packet - 1];
    enum scn_side sender = run->scenario->segments[event->packet - 1].sender;
    int side;

    seen->seen = true;
    seen->connection = event->connection;
    for (side = FST_CLIENT; side <= FST_SERVER; side++) {
        enum scn_side who = (int)event->from == side ? sender : peer_of(sender);

        check_changes(run, event, side, who);
        seen->likely[who] = event->after[side].state;
        seen->possible[who] = event->after[side].possible;
        if (!(seen->possible[who] & 1u << seen->likely[who]))
            fault(run, line_of_packet(run, event->packet), "%s's likely state is not possible",
                  side_names[who]);
    }
}

/* Who is blamed, by address: a connection may have been turned round since its first packet. */
static enum scn_side blamed(const struct run *run, const struct fst_finding *finding)
{
    struct fst_connection_view view;
    struct fst_address a;
    uint16_t port;

    if (finding->by == FST_BY_NOBODY ||
        fst_analyzer_connection(run->analyzer, finding->connection, &view) != 0)
        return SCN_NOBODY;
    a = scn_address(run->scenario, &run->world, SCN_A, &port);
    if (view.side[finding->by].port == port &&
        memcmp(view.side[finding->by].address.octets, a.octets, sizeof(a.octets)) == 0)
        return SCN_A;
    return SCN_B;
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct run *run = context;
    struct seen_finding *seen = &run->findings[run->finding_count];

    if (run->finding_count == FINDINGS_MAX) {
        fault(run, line_of_packet(run, finding->packet), "more than %d findings", FINDINGS_MAX);
        return;
    }
    run->finding_count++;
    seen->rule = finding->rule;
    seen->class_ = finding->class_;
    seen->side = blamed(run, finding);
    seen->packet = finding->packet;
    seen->at_end = run->at_end;
    if (fst_finding_message(finding, seen->message, sizeof(seen->message)) <= 0)
        fault(run, line_of_packet(run, finding->packet), "%s: no message", finding->rule->slug);
}

/* ------------------------------------------------------------------------------------ running --
 */

static int feed(struct run *run, const struct scn_packets *packets)
{
    size_t i;
    int error = 0;

    if (run->at_once)
        return fst_analyzer_feed(run->analyzer, packets->packets, packets->count);
    for (i = 0; i < packets->count && !error; i++)
        error = fst_analyzer_feed(run->analyzer, &packets->packets[i], 1);
    return error;
}

/* Fills the run's record; 0 or an enum fst_error. */
static int run_once(struct run *run)
{
    struct fst_options options = {
        .lossless = run->mode == SCN_LOSSLESS,
        .events = {.context = run, .segment = on_segment, .finding = on_finding},
    };
    struct scn_packets packets = {0};
    int error = FST_ENOMEM;

    run->segments = calloc(run->scenario->segment_count, sizeof(*run->segments));
    if (!run->segments)
        return error;
    error = scn_packets_build(&packets, run->scenario, &run->world);
    if (!error)
        error = fst_analyzer_new(&run->analyzer, &options);
    if (!error)
        error = feed(run, &packets);
    run->at_end = true;
    if (!error)
        error = fst_analyzer_finish(run->analyzer);
    fst_analyzer_free(run->analyzer);
    run->analyzer = NULL;
    scn_packets_free(&packets);
    return error;
}

static struct run *run_new(const struct scenario *scenario, enum scn_mode mode, const char *what)
{
    struct run *run = calloc(1, sizeof(*run));

    if (!run)
        abort();
    run->scenario = scenario;
    run->world = scn_usual_world(scenario);
    run->mode = mode;
    run->what = what;
    return run;
}

static void run_free(struct run *run)
{
    free(run->segments);
    free(run);
}

static void print_run(const struct run *run)
{
    size_t i;

    for (i = 0; i < run->scenario->segment_count; i++) {
        const struct seen_segment *seen = &run->segments[i];
        char a[160], b[160];

        printf("  %s line %u: A %s {%s}  B %s {%s}\n", run->what, line_of_packet(run, i + 1),
               seen->seen ? fst_state_name(seen->likely[SCN_A]) : "?",
               states_text(seen->possible[SCN_A], a),
               seen->seen ? fst_state_name(seen->likely[SCN_B]) : "?",
               states_text(seen->possible[SCN_B], b));
    }
    for (i = 0; i < run->finding_count; i++) {
        const struct seen_finding *seen = &run->findings[i];

        printf("  %s line %u:%s ! %s %s %s  \"%s\"\n", run->what, line_of_packet(run, seen->packet),
               seen->at_end ? " end:" : "", side_names[seen->side], fst_class_name(seen->class_),
               seen->rule->slug, seen->message);
    }
}

/* --------------------------------------------------------------------------------- assertions --
 */

/* The states after the segment, or, if it gave none, after the last one before that did. */
static const struct seen_segment *seen_after(const struct run *run, size_t segment)
{
    while (segment > 0 && !run->segments[segment].seen)
        segment--;
    return &run->segments[segment];
}

static void check_states(struct run *run, const struct scn_assertion *assertion, enum scn_side side)
{
    const struct scn_states *want = &assertion->states[side];
    const struct seen_segment *seen = seen_after(run, assertion->segment);
    char text[160];

    if (!want->asserted)
        return;
    if (seen->likely[side] != want->likely)
        fault(run, assertion->line, "%s is %s, not %s", side_names[side],
              fst_state_name(seen->likely[side]), fst_state_name(want->likely));
    if (want->possible & ~seen->possible[side])
        fault(run, assertion->line, "%s cannot be %s any more", side_names[side],
              states_text(want->possible & (fst_state_set)~seen->possible[side], text));
    if (want->impossible & seen->possible[side])
        fault(run, assertion->line, "%s can still be %s", side_names[side],
              states_text(want->impossible & seen->possible[side], text));
}

static bool finding_matches(const struct run *run, const struct seen_finding *seen,
                            const struct scn_assertion *assertion)
{
    return !seen->matched && seen->side == assertion->side &&
           seen->class_ == assertion->class_[run->mode] &&
           strcmp(seen->rule->slug, assertion->rule) == 0 &&
           (assertion->at_end ? seen->at_end : seen->packet == assertion->segment + 1);
}

static void check_finding(struct run *run, const struct scn_assertion *assertion)
{
    size_t i;

    if (!fst_rule_find(assertion->rule)) {
        fault(run, assertion->line, "there is no rule %s", assertion->rule);
        return;
    }
    for (i = 0; i < run->finding_count; i++) {
        if (finding_matches(run, &run->findings[i], assertion)) {
            run->findings[i].matched = true;
            return;
        }
    }
    fault(run, assertion->line, "not found: ! %s %s %s", side_names[assertion->side],
          fst_class_name(assertion->class_[run->mode]), assertion->rule);
}

static void check_assertions(struct run *run)
{
    const struct scenario *scenario = run->scenario;
    size_t i;

    for (i = 0; i < scenario->assertion_count; i++) {
        const struct scn_assertion *assertion = &scenario->assertions[i];

        if (!(assertion->modes & 1u << run->mode))
            continue;
        if (assertion->kind == SCN_FINDING) {
            check_finding(run, assertion);
            continue;
        }
        check_states(run, assertion, SCN_A);
        check_states(run, assertion, SCN_B);
    }
    for (i = 0; i < run->finding_count; i++) {
        const struct seen_finding *seen = &run->findings[i];

        if (!seen->matched)
            fault(run, line_of_packet(run, seen->packet), "not asserted:%s ! %s %s %s  (%s)",
                  seen->at_end ? " end:" : "", side_names[seen->side], fst_class_name(seen->class_),
                  seen->rule->slug, seen->message);
    }
}

/* ----------------------------------------------------------------------------------- variants --
 */

static void compare_segments(const struct run *base, struct run *run)
{
    size_t i;
    int side;

    for (i = 0; i < run->scenario->segment_count; i++) {
        for (side = SCN_A; side <= SCN_B; side++) {
            const struct seen_segment *want = &base->segments[i];
            const struct seen_segment *seen = &run->segments[i];
            char a[160], b[160];

            if (seen->seen == want->seen && seen->likely[side] == want->likely[side] &&
                seen->possible[side] == want->possible[side])
                continue;
            fault(run, line_of_packet(run, i + 1), "%s is %s {%s}, but %s {%s} in the %s run",
                  side_names[side], fst_state_name(seen->likely[side]),
                  states_text(seen->possible[side], a), fst_state_name(want->likely[side]),
                  states_text(want->possible[side], b), base->what);
        }
    }
}

static bool same_finding(const struct seen_finding *a, const struct seen_finding *b)
{
    return a->rule == b->rule && a->class_ == b->class_ && a->side == b->side &&
           a->packet == b->packet && a->at_end == b->at_end;
}

static void compare_findings(const struct run *base, struct run *run)
{
    size_t i;

    if (run->finding_count != base->finding_count)
        fault(run, line_of_packet(run, 1), "%zu findings, but %zu in the %s run",
              run->finding_count, base->finding_count, base->what);
    for (i = 0; i < run->finding_count && i < base->finding_count; i++) {
        const struct seen_finding *seen = &run->findings[i];

        if (!same_finding(seen, &base->findings[i]))
            fault(run, line_of_packet(run, seen->packet), "! %s %s differs from the %s run",
                  side_names[seen->side], seen->rule->slug, base->what);
    }
}

static unsigned check_variant(const struct run *base, struct run *run)
{
    unsigned faults;
    int error = run_once(run);

    if (error)
        fault(run, 0, "%s", fst_error_text(error));
    else {
        compare_segments(base, run);
        compare_findings(base, run);
    }
    faults = run->faults;
    run_free(run);
    return faults;
}

static unsigned check_variants(const struct run *base)
{
    struct run *mirrored = run_new(base->scenario, base->mode, "mirrored");
    struct run *wrapped = run_new(base->scenario, base->mode, "wrapped");
    struct run *at_once = run_new(base->scenario, base->mode, "at once");

    mirrored->world.swapped = true;
    /* Both wrap in their first octets of text. No scenario resets at 7, which is 0 on the wire: a
     * RST with SEQ 0 is another thing (3.10.7.1). */
    wrapped->world.iss[SCN_A] = UINT32_MAX - 6;
    wrapped->world.iss[SCN_B] = UINT32_MAX - 6;
    at_once->at_once = true;
    return check_variant(base, mirrored) + check_variant(base, wrapped) +
           check_variant(base, at_once);
}

/* -------------------------------------------------------------------------------------- files --
 */

static unsigned check_mode(const struct scenario *scenario, enum scn_mode mode, bool verbose)
{
    struct run *run = run_new(scenario, mode, mode == SCN_LOSSLESS ? "lossless" : "default");
    unsigned faults;
    int error = run_once(run);

    if (error)
        fault(run, 0, "%s", fst_error_text(error));
    else {
        check_assertions(run);
        run->faults += check_variants(run);
    }
    if (verbose)
        print_run(run);
    faults = run->faults;
    run_free(run);
    return faults;
}

static bool asserts_rule(const struct scenario *scenario, const char *rule, size_t len)
{
    size_t i;

    for (i = 0; i < scenario->assertion_count; i++) {
        const struct scn_assertion *assertion = &scenario->assertions[i];

        if (assertion->kind == SCN_FINDING && strlen(assertion->rule) == len &&
            memcmp(assertion->rule, rule, len) == 0)
            return true;
    }
    return false;
}

/* rules/RULE.scn must assert its rule, rules/RULE-near-miss.scn must not. */
static unsigned check_name(const struct scenario *scenario)
{
    static const char near_miss[] = "-near-miss.scn";
    const char *name = strstr(scenario->name, "rules/");
    size_t len;

    if (!name)
        return 0;
    name += strlen("rules/");
    len = strlen(name);
    if (len > strlen(near_miss) && strcmp(name + len - strlen(near_miss), near_miss) == 0) {
        if (!asserts_rule(scenario, name, len - strlen(near_miss)))
            return 0;
        printf("%s: a near miss asserts its rule\n", scenario->name);
        return 1;
    }
    if (len > 4 && asserts_rule(scenario, name, len - 4))
        return 0;
    printf("%s: does not assert its rule\n", scenario->name);
    return 1;
}

static unsigned check_file(const char *path, bool verbose)
{
    struct scenario *scenario;
    struct fst_diag diag;
    unsigned faults;

    if (scenario_load(&scenario, path, &diag) != 0) {
        printf("%s\n", diag.message);
        return 1;
    }
    faults = check_name(scenario);
    if (!scenario->lossless_only)
        faults += check_mode(scenario, SCN_DEFAULT, verbose);
    faults += check_mode(scenario, SCN_LOSSLESS, verbose);
    scenario_free(scenario);
    return faults;
}

static unsigned check_exists(const char *dir, const char *rule, const char *end)
{
    char path[1024];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s%s", dir, rule, end);
    file = fopen(path, "r");
    if (file) {
        (void)fclose(file);
        return 0;
    }
    printf("%s: missing\n", path);
    return 1;
}

/* The catalogue writes a trace on one line, parts apart by " ; ", and 3WHS for a handshake. */
static void example_text(const char *example, char text[1000])
{
    static const char handshake[] = "A > S 0:0(0)\nB > S. 0:0(0) ack 1\nA > . 1:1(0) ack 1";
    size_t len = 0;

    while (*example && len < 1000 - sizeof(handshake)) {
        if (strncmp(example, "3WHS", 4) == 0) {
            memcpy(text + len, handshake, sizeof(handshake) - 1);
            len += sizeof(handshake) - 1;
            example += 4;
            continue;
        }
        text[len++] = *example == ';' ? '\n' : *example;
        example++;
    }
    text[len] = '\0';
}

static bool trips(const struct scenario *scenario, enum scn_mode mode, const struct fst_rule *rule)
{
    struct run *run = run_new(scenario, mode, rule->slug);
    bool found = false;
    size_t i;

    if (run_once(run) != 0)
        abort();
    for (i = 0; i < run->finding_count; i++)
        found = found || run->findings[i].rule == rule;
    run_free(run);
    return found;
}

static unsigned check_example(const struct fst_rule *rule)
{
    struct scenario *scenario;
    struct fst_diag diag;
    char text[1000];
    bool found;

    example_text(rule->example, text);
    if (scenario_parse(&scenario, rule->slug, text, &diag) != 0) {
        printf("%s\n", diag.message);
        return 1;
    }
    found = trips(scenario, SCN_DEFAULT, rule) || trips(scenario, SCN_LOSSLESS, rule);
    scenario_free(scenario);
    if (!found)
        printf("%s: its example does not trip it: %s\n", rule->slug, rule->example);
    return found ? 0 : 1;
}

static unsigned check_catalogue(const char *dir)
{
    const struct fst_rule *rule;
    unsigned faults = 0;
    size_t i;

    for (i = 0; (rule = fst_rule_at(i)) != NULL; i++) {
        faults += check_exists(dir, rule->slug, ".scn");
        faults += check_exists(dir, rule->slug, "-near-miss.scn");
        faults += check_example(rule);
    }
    return faults;
}

int main(int argc, char **argv)
{
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    unsigned faults = 0;
    int i = verbose ? 2 : 1;

    if (argc == 3 && strcmp(argv[1], "--catalogue") == 0)
        return check_catalogue(argv[2]) ? 1 : 0;
    if (i >= argc) {
        (void)fprintf(stderr, "usage: run_scenario [-v] FILE.scn...\n"
                              "       run_scenario --catalogue DIR\n");
        return 2;
    }
    for (; i < argc; i++)
        faults += check_file(argv[i], verbose);
    return faults ? 1 : 0;
}
