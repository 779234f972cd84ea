/* SPDX-License-Identifier: MIT
 *
 * Captures changed in ways that must not change what is said of them, whatever that is:
 *
 *     - both directions renamed, sequence numbers shifted so that they wrap, times shifted: the
 *       same states after every packet, the same findings;
 *     - the first packets alone: what was said of them in the whole;
 *     - every packet twice, neighbours of one direction within 1 ms swapped, times turned back: the
 *       same last states, nothing new illegal;
 *     - neighbours of both directions swapped, one direction missing: nothing new illegal by
 *       default.
 *
 * What may differ all the same, and why, stands with each: what is presumed of packets missed,
 * copies known by their times, an abort before the text that it denies, a doubt that becomes
 * certain.
 *
 *     metamorphic [-v] [--known FILE] FILE|DIRECTORY...
 *
 * --known: lines "FILE-NAME CHANGE", what is known to differ and why, after a #.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "packets.h"
#include "verdicts.h"

#define PREFIXES_MAX 48
#define SWAPS_MAX    200
#define PARTS        6
#define NEAR_NS      1000000
#define SHIFT_NS     INT64_C(86400000000123)

static struct {
    bool verbose;
    unsigned captures, skipped;
    unsigned long runs;
    unsigned faults, known;
    char *exceptions;
} all;

/* One capture under test. */
struct test {
    const struct subject *subject;
    bool lossless;
    struct verdicts base;
    struct fst_packet *packets; /* room for twice as many as there are */
    uint64_t *origin;
    size_t count;
    bool failed; /* one fault of a kind is enough */
};

/* ---------------------------------------------------------------------------------- faults -- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool is_known(const char *path, const char *change)
{
    char line[512];

    (void)snprintf(line, sizeof line, "\n%s %s ", base_name(path), change);
    return all.exceptions && strstr(all.exceptions, line) != NULL;
}

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void
fault(struct test *test, const char *change, const char *format, ...)
{
    va_list args;

    if (test->failed)
        return;
    test->failed = true;
    if (is_known(test->subject->path, change)) {
        all.known++;
        return;
    }
    all.faults++;
    printf("%s: %s, %s: ", test->subject->path, change, test->lossless ? "lossless" : "default");
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    printf("\n");
}

/* ----------------------------------------------------------------------------- comparisons -- */

static bool same_address(const struct fst_address *a, const struct fst_address *b)
{
    return a->ipv6 == b->ipv6 && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

/* Which side of `b` plays the part of side 0 of `a`. */
static unsigned part_of(const struct verdict_states *a, const struct verdict_states *b,
                        bool renamed)
{
    bool first = a->port == b->port && same_address(&a->address, &b->address);

    return first == renamed;
}

static bool same_states(const struct verdict_states *a, const struct verdict_states *b,
                        bool renamed, bool likely_only)
{
    unsigned part = part_of(a, b, renamed);

    for (unsigned side = 0; side < 2; side++) {
        if (a->state[side] != b->state[side ^ part])
            return false;
        if (!likely_only && a->possible[side] != b->possible[side ^ part])
            return false;
    }
    return true;
}

/* Something of the connection was missed, and is presumed from what was not: from another packet
 * once the order is another. */
static bool has_presumptions(const struct test *test, uint32_t connection)
{
    for (size_t i = 0; i < test->base.finding_count; i++) {
        const struct verdict_finding *found = &test->base.findings[i];

        if (found->class_ == FST_CAPTURE && found->packet &&
            test->base.after[found->packet - 1].connection == connection)
            return true;
    }
    return false;
}

static void compare_ends(struct test *test, const struct verdicts *verdicts, bool reordered,
                         const char *change)
{
    if (verdicts->end_count != test->base.end_count) {
        fault(test, change, "%zu connections, not %zu", verdicts->end_count, test->base.end_count);
        return;
    }
    for (size_t i = 0; i < verdicts->end_count; i++)
        if (!same_states(&test->base.ends[i], &verdicts->ends[i], false, true) &&
            !(reordered && has_presumptions(test, test->base.ends[i].connection)))
            fault(test, change, "connection %u ends in %s and %s, not %s and %s",
                  (unsigned)test->base.ends[i].connection,
                  fst_state_name(verdicts->ends[i].state[0]),
                  fst_state_name(verdicts->ends[i].state[1]),
                  fst_state_name(test->base.ends[i].state[0]),
                  fst_state_name(test->base.ends[i].state[1]));
}

static void expect_no_new(struct test *test, const struct verdicts *verdicts, bool doubts_too,
                          const char *change)
{
    const struct verdict_finding *found = new_illegal(verdicts, &test->base, doubts_too);

    if (found)
        fault(test, change, "%s of packet %llu", found->rule->slug,
              (unsigned long long)found->packet);
}

/* The same after every packet, but for a renaming. */
static void compare_all(struct test *test, const struct verdicts *verdicts, size_t packets,
                        bool renamed, bool likely_only, const char *change)
{
    size_t k = 0;

    for (size_t i = 0; i < packets; i++) {
        const struct verdict_states *was = &test->base.after[i], *is = &verdicts->after[i];

        if (was->connection != is->connection || !same_states(was, is, renamed, likely_only))
            fault(test, change, "after packet %zu %s and %s, not %s and %s", i + 1,
                  fst_state_name(is->state[0]), fst_state_name(is->state[1]),
                  fst_state_name(was->state[0]), fst_state_name(was->state[1]));
    }
    for (size_t i = 0; i < test->base.finding_count; i++) {
        const struct verdict_finding *was = &test->base.findings[i];
        const struct verdict_finding *is = &verdicts->findings[k];

        if (was->at_end || was->order > packets)
            continue;
        if (k == verdicts->finding_count || is->at_end || was->rule != is->rule ||
            was->class_ != is->class_ || was->packet != is->packet ||
            (!renamed && !same_address(&was->by, &is->by))) {
            fault(test, change, "%s of packet %llu not found in its place", was->rule->slug,
                  (unsigned long long)was->packet);
            return;
        }
        k++;
    }
    if (k < verdicts->finding_count && !verdicts->findings[k].at_end)
        fault(test, change, "%s of packet %llu", verdicts->findings[k].rule->slug,
              (unsigned long long)verdicts->findings[k].packet);
}

/* ---------------------------------------------------------------------------------- changes -- */

static void put(struct test *test, const struct subject *from, size_t index, int64_t time_ns)
{
    struct fst_packet *packet = &test->packets[test->count];

    *packet = from->packets[index].packet;
    packet->number = test->count + 1;
    packet->time_ns = time_ns;
    test->origin[test->count++] = index + 1;
}

static void begin(struct test *test)
{
    test->count = 0;
    test->failed = false;
}

static void put_all(struct test *test, const struct subject *from)
{
    test->count = 0;
    for (size_t i = 0; i < from->count; i++)
        put(test, from, i, from->packets[i].packet.time_ns);
}

static void analyse(struct test *test, struct verdicts *verdicts, bool at_once)
{
    all.runs++;
    verdicts_of(verdicts, test->packets, test->origin, test->count, test->lossless, at_once);
}

static void check_prefixes(struct test *test)
{
    size_t total = test->subject->count;
    size_t cuts = total < PREFIXES_MAX ? total : PREFIXES_MAX;

    begin(test);
    for (size_t i = 1; i <= cuts && !test->failed; i++) {
        size_t cut = total * i / cuts;
        struct verdicts verdicts;

        put_all(test, test->subject);
        test->count = cut;
        analyse(test, &verdicts, true);
        compare_all(test, &verdicts, cut, false, false, "prefix");
        verdicts_free(&verdicts);
    }
}

static void check_twice(struct test *test)
{
    struct verdicts verdicts;

    begin(test);
    for (size_t i = 0; i < test->subject->count; i++)
        for (unsigned copy = 0; copy < 2; copy++)
            put(test, test->subject, i, test->subject->packets[i].packet.time_ns);
    analyse(test, &verdicts, false);
    expect_no_new(test, &verdicts, false, "twice");
    compare_ends(test, &verdicts, false, "twice");
    verdicts_free(&verdicts);
}

static int64_t distance_ns(const struct subject *subject, size_t i)
{
    int64_t ns = subject->packets[i + 1].packet.time_ns - subject->packets[i].packet.time_ns;

    return ns < 0 ? -ns : ns;
}

static bool are_neighbours(const struct subject *subject, size_t i, bool one_direction)
{
    const struct subject_packet *a = &subject->packets[i], *b = &subject->packets[i + 1];

    return a->is_tcp && b->is_tcp && a->connection == b->connection &&
           (a->side == b->side) == one_direction && distance_ns(subject, i) <= NEAR_NS;
}

/* Which packet is captured at place `i` when packets `at` and the next have changed places. */
static size_t with_swap(size_t i, size_t at)
{
    return i == at ? at + 1 : i == at + 1 ? at : i;
}

/* An abort has the next number to be sent (3.10.5), so text above it was not sent before it. In the
 * order captured nothing need say so, since it may be an answer. */
static bool denies(const struct subject_packet *reset, const struct subject_packet *text)
{
    return (reset->segment.flags & FST_TCP_RST) != 0 && text->segment.payload_len > 0 &&
           (int32_t)(text->segment.seq + text->segment.payload_len - reset->segment.seq) > 0;
}

/* A SYN before the end of what it follows, and a RST before text below it (RFC 5961 3.2), are
 * another story. */
static bool opens_or_resets(const struct subject_packet *packet)
{
    return (packet->segment.flags & (FST_TCP_SYN | FST_TCP_RST)) != 0;
}

static void check_swap(struct test *test, size_t at, bool one_direction)
{
    const struct subject_packet *first = &test->subject->packets[at], *second = first + 1;
    const char *change = one_direction ? "swapped" : "swapped-across";
    struct verdicts verdicts;

    test->count = 0;
    for (size_t i = 0; i < test->subject->count; i++)
        put(test, test->subject, with_swap(i, at), test->subject->packets[i].packet.time_ns);
    analyse(test, &verdicts, true);
    if (!one_direction || !denies(second, first))
        expect_no_new(test, &verdicts, false, change);
    if (one_direction && !opens_or_resets(first) && !opens_or_resets(second))
        compare_ends(test, &verdicts, true, change);
    verdicts_free(&verdicts);
}

static void check_swaps(struct test *test, bool one_direction)
{
    size_t pairs = 0, every, seen = 0;

    begin(test);
    for (size_t i = 0; i + 1 < test->subject->count; i++)
        pairs += are_neighbours(test->subject, i, one_direction);
    every = 1 + pairs / SWAPS_MAX;
    for (size_t i = 0; i + 1 < test->subject->count && !test->failed; i++)
        if (are_neighbours(test->subject, i, one_direction) && seen++ % every == 0)
            check_swap(test, i, one_direction);
}

static void check_times(struct test *test)
{
    struct verdicts verdicts;
    int64_t sum;

    begin(test);
    put_all(test, test->subject);
    if (test->count == 0)
        return;
    for (size_t i = 0; i < test->count; i++)
        test->packets[i].time_ns += SHIFT_NS;
    analyse(test, &verdicts, true);
    compare_all(test, &verdicts, test->count, false, false, "times-shifted");
    verdicts_free(&verdicts);

    begin(test);
    put_all(test, test->subject);
    sum = test->packets[0].time_ns + test->packets[test->count - 1].time_ns;
    for (size_t i = 0; i < test->count; i++)
        test->packets[i].time_ns = sum - test->packets[i].time_ns;
    analyse(test, &verdicts, true);
    expect_no_new(test, &verdicts, false, "times-reversed");
    if (!verdicts_have(&test->base, "duplicate-frame")) /* known by their times */
        compare_ends(test, &verdicts, false, "times-reversed");
    verdicts_free(&verdicts);
}

static void check_one_direction(struct test *test)
{
    begin(test);
    for (unsigned side = 0; side < 2; side++) {
        struct verdicts verdicts;

        test->count = 0;
        for (size_t i = 0; i < test->subject->count; i++)
            if (!test->subject->packets[i].is_tcp || test->subject->packets[i].side == side)
                put(test, test->subject, i, test->subject->packets[i].packet.time_ns);
        analyse(test, &verdicts, true);
        /* What was in doubt may be certain where the packets that raised the doubt are gone. */
        expect_no_new(test, &verdicts, true, "one-direction");
        verdicts_free(&verdicts);
    }
}

static void check_renamed(struct test *test)
{
    struct subject changed;
    struct verdicts verdicts;

    begin(test);
    subject_copy(&changed, test->subject);
    subject_rename(&changed);
    put_all(test, &changed);
    analyse(test, &verdicts, true);
    compare_all(test, &verdicts, test->count, true, false, "renamed");
    verdicts_free(&verdicts);
    subject_free(&changed);
}

static void check_shifted(struct test *test)
{
    begin(test);
    for (unsigned part = 0; part < PARTS && !test->failed; part++) {
        struct subject changed;
        struct verdicts verdicts;

        subject_copy(&changed, test->subject);
        subject_shift(&changed, part, PARTS);
        put_all(test, &changed);
        analyse(test, &verdicts, true);
        compare_all(test, &verdicts, test->count, false, true, "shifted");
        verdicts_free(&verdicts);
        subject_free(&changed);
    }
}

/* -------------------------------------------------------------------------------- captures -- */

/* Of what breaks a rule another packet may be the culprit once the order is another. Nobody vouches
 * for a capture that is at fault itself. */
static bool is_conforming(const struct verdicts *verdicts, bool lossless)
{
    for (size_t i = 0; i < verdicts->finding_count; i++)
        if (verdicts->findings[i].class_ == FST_ILLEGAL ||
            (lossless && verdicts->findings[i].class_ == FST_CAPTURE))
            return false;
    return true;
}

static void check_mode(const struct subject *subject, bool lossless)
{
    struct test test = {.subject = subject, .lossless = lossless};

    test.packets = malloc((2 * subject->count + 1) * sizeof *test.packets);
    test.origin = malloc((2 * subject->count + 1) * sizeof *test.origin);
    if (!test.packets || !test.origin)
        abort();
    put_all(&test, subject);
    analyse(&test, &test.base, false);
    check_prefixes(&test);
    check_times(&test);
    if (is_conforming(&test.base, lossless)) {
        check_twice(&test);
        check_swaps(&test, true);
    }
    if (is_conforming(&test.base, lossless) && !lossless) {
        check_swaps(&test, false);
        check_one_direction(&test);
    }
    if (subject->changeable) {
        check_renamed(&test);
        check_shifted(&test);
    }
    verdicts_free(&test.base);
    free(test.packets);
    free(test.origin);
}

static void check_file(const char *path)
{
    struct subject subject;

    if (!subject_read(&subject, path)) {
        all.skipped++;
        if (all.verbose)
            printf("%s: not read\n", path);
        return;
    }
    all.captures++;
    if (all.verbose)
        printf("%s: %zu packets%s\n", path, subject.count,
               subject.changeable ? "" : ", not renamed, not shifted");
    check_mode(&subject, false);
    check_mode(&subject, true);
    subject_free(&subject);
}

static void check_path(const char *path)
{
    struct dirent **names;
    struct stat status;
    int count;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        check_file(path);
        return;
    }
    count = scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inside[4096];

        if (names[i]->d_name[0] != '.' &&
            snprintf(inside, sizeof inside, "%s/%s", path, names[i]->d_name) < (int)sizeof inside)
            check_path(inside);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

/* Each line begins with a line end, so that a name is found from its first letter on. */
static bool read_exceptions(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len;

    if (!file)
        return false;
    all.exceptions = calloc(1, 1u << 20);
    if (!all.exceptions)
        abort();
    all.exceptions[0] = '\n';
    len = fread(all.exceptions + 1, 1, (1u << 20) - 2, file);
    (void)fclose(file);
    return len > 0;
}

int main(int argc, char **argv)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-v") == 0)
            all.verbose = true;
        else if (strcmp(argv[i], "--known") != 0 || i + 1 == argc || !read_exceptions(argv[++i]))
            break;
    }
    if (i >= argc || argv[i][0] == '-') {
        (void)fprintf(stderr, "usage: metamorphic [-v] [--known FILE] FILE|DIRECTORY...\n");
        return 2;
    }
    for (; i < argc; i++)
        check_path(argv[i]);
    printf("%u captures, %u not read, %lu runs, %u known to differ, %u faults\n", all.captures,
           all.skipped, all.runs, all.known, all.faults);
    free(all.exceptions);
    return all.faults != 0;
}
