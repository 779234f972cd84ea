/* SPDX-License-Identifier: MIT
 *
 * Each letter of a history, each code, and how the numbers repeat a letter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flow/zeek.h"
#include "support/conversation.h"
#include "support/unit.h"

#define OPEN "> S 0 - 0; < S. 0 1 0; > . 1 1 0; "
#define TALK OPEN "> P. 1 1 10; < . 1 11 0; < P. 1 11 20; "

static const struct {
    const char *what, *segments, *code, *history;
    uint16_t client_port, server_port; /* 0: 40000 and 80 */
} cases[] = {
    /* Codes. */
    {"SYN without answer", "> S 0 - 0; > S 0 - 0", "S0", "S", 0, 0},
    {"an ACK ahead of the SYN-ACK is no answer", "> S 0 - 0; < . 7 0 0", "S0", "Sa", 0, 0},
    {"refused", "> S 0 - 0; < R. 0 1 0", "REJ", "Sr", 0, 0},
    {"open", TALK, "S1", "ShADad", 0, 0},
    {"open when answered", "> S 0 - 0; < S. 0 1 0", "S1", "Sh", 0, 0},
    {"both SYNs cross", "> S 0 - 0; < S 0 - 0; > S. 0 1 0; < S. 0 1 0; > . 1 1 0", "S1", "SsA", 0,
     0},
    {"only the client closed", TALK "> F. 11 21 0", "S2", "ShADadF", 0, 0},
    {"only the server closed", TALK "< F. 21 11 0", "S3", "ShADadf", 0, 0},
    {"both closed", TALK "> F. 11 21 0; < F. 21 12 0; > . 12 22 0", "SF", "ShADadFf", 0, 0},
    {"client aborts", TALK "> R. 11 21 0", "RSTO", "ShADadR", 0, 0},
    {"server aborts", TALK "< R. 21 11 0", "RSTR", "ShADadr", 0, 0},
    {"client aborts, server answers", TALK "> R. 11 1 0; < R 21 - 0", "RSTO", "ShADadRr", 0, 0},
    {"client closed, then reset", TALK "> F. 11 21 0; < R. 21 12 0", "RSTR", "ShADadFr", 0, 0},
    {"closed and reset before the peer closed", TALK "> F. 11 21 0; > R 12 - 0; < F. 21 12 0", "SF",
     "ShADadFRf", 0, 0},
    {"reset when both had closed", TALK "> F. 11 21 0; < F. 21 12 0; > R 12 - 0", "SF", "ShADadFfR",
     0, 0},
    {"SYN, then RST", "> S 0 - 0; > R 1 - 0", "RSTOS0", "SR", 0, 0},
    {"SYN, challenge ACK, RST", "> S 0 - 0; < . 7 99 0; > R 99 - 0", "RSTOS0", "SaR", 0, 0},
    {"... and the SYN sent again is taken",
     "> S 0 - 0; < . 7 99 0; > R 99 - 0; > S 0 - 0; < S. 8 1 0; > . 1 9 0", "S1", "SaRhA", 0, 0},
    {"SYN and text, then RST", "> S 0 - 0; > . 1 1 0; > R 1 - 0", "OTH", "SAR", 0, 0},
    {"SYN-ACK, then RST, no SYN", "< S. 0 1 0; < R 1 - 0", "RSTRH", "^hr", 0, 0},
    {"SYN, then FIN, no SYN-ACK", "> S 0 - 0; > . 1 1 0; > F. 1 1 0", "SH", "SAF", 0, 0},
    {"SYN-ACK, then FIN, no SYN", "< S. 0 1 0; < . 1 1 0; < F. 1 1 0", "SHR", "^haf", 0, 0},
    {"SYN-ACK alone", "< S. 0 1 0", "OTH", "^h", 0, 0},
    {"the SYN was missed", "< S. 0 1 0; > . 1 1 0; > P. 1 1 5", "S1", "^hAD", 0, 0},
    {"midstream", "> P. 1 1 10; < . 1 11 0", "OTH", "Da", 0, 0},
    {"midstream, both close", "> F. 1 1 0; < F. 1 2 0", "SF", "Ff", 0, 0},
    {"midstream, client resets", "> P. 1 1 10; > R 11 - 0", "OTH", "DR", 0, 0},
    {"SYN after text of a connection that was missed", "> P. 1 1 10; > S 9000 - 0", "S0", "S", 0,
     0},

    /* Who is the originator. */
    {"first seen from the well-known port", "< P. 1 1 10; > . 1 11 0", "OTH", "^dA", 0, 0},
    {"first seen from a port above", "< P. 1 1 10; > . 1 11 0", "OTH", "Da", 40000, 6669},

    /* Letters of one segment. */
    {"FIN with text is one letter", OPEN "> F. 1 1 10", "S2", "ShAF", 0, 0},
    {"SYN with text is one letter", "> S 0 - 10; < S. 0 11 0", "S1", "Sh", 0, 0},
    {"SYN and FIN", "> SF 0 - 0", "SH", "Q", 0, 0},
    {"SYN and RST", "> SR 0 - 0", "OTH", "Q", 0, 0},
    {"FIN and RST", OPEN "< FR. 1 1 0", "RSTR", "ShAi", 0, 0},
    {"i and q are written once", OPEN "5x < FR. 1 1 0; 5x > SF 7 - 0", "RSTR", "ShAiQ", 0, 0},
    {"no flags, no text", OPEN "> - 1 - 0", "S1", "ShA", 0, 0},
    {"a and d are written once",
     OPEN "> P. 1 1 10; < . 1 11 0; > . 11 1 0; > P. 11 1 10; < . 1 21 0", "S1", "ShADa", 0, 0},

    /* Letters that follow the number. */
    {"the same SYN, FIN, RST again",
     "2x > S 0 - 0; 2x < S. 0 1 0; > . 1 1 0; 3x > F. 1 1 0; 3x < R. 1 2 0", "RSTR", "ShAFr", 0, 0},
    {"another SYN-ACK", "> S 0 - 0; < S. 0 1 0; < S. 77 1 0; < S. 77 1 0", "S1", "Shh", 0, 0},
    {"another FIN", TALK "> F. 11 21 0; > F. 15 21 0; > F. 15 21 0", "S2", "ShADadFF", 0, 0},
    {"another RST", TALK "> R. 11 21 0; > R 31 - 0; > R 31 - 0; > R 41 - 0", "RSTO", "ShADadRRR", 0,
     0},

    /* Retransmissions. */
    {"the second time is a retransmission", OPEN "2x > P. 1 1 10", "S1", "ShADT", 0, 0},
    {"ten times", OPEN "> P. 1 1 10; 9x > P. 1 1 10", "S1", "ShADT", 0, 0},
    {"ten retransmissions", OPEN "> P. 1 1 10; 10x > P. 1 1 10", "S1", "ShADTT", 0, 0},
    {"99 retransmissions", OPEN "> P. 1 1 10; 99x > P. 1 1 10", "S1", "ShADTT", 0, 0},
    {"100 retransmissions", OPEN "> P. 1 1 10; 100x > P. 1 1 10", "S1", "ShADTTT", 0, 0},
    {"both sides are counted apart",
     OPEN "> P. 1 1 10; < P. 1 11 10; 10x > P. 1 1 10; 9x < P. 1 11 10", "S1", "ShADdTTt", 0, 0},
    {"a longer one brings news", OPEN "> P. 1 1 10; > P. 1 1 11", "S1", "ShAD", 0, 0},
    {"a hole is filled", OPEN "> P. 11 1 10; > P. 1 1 10", "S1", "ShADT", 0, 0},
    {"captured after its ACK", OPEN "> P. 1 1 10; < . 1 21 0; > P. 11 1 10", "S1", "ShADaG", 0, 0},
    {"a keep-alive with an octet", TALK "> . 10 21 1", "S1", "ShADadT", 0, 0},
    {"a keep-alive without", TALK "> . 10 21 0", "S1", "ShADad", 0, 0},
    {"text of a RST is none", TALK "> R. 11 21 5", "RSTO", "ShADadR", 0, 0},
    {"none after the own RST", TALK "> R. 11 21 0; > P. 1 21 10", "RSTO", "ShADadR", 0, 0},

    /* Gaps. */
    {"text that was never captured is acknowledged", OPEN "> P. 11 1 10; < . 1 21 0", "S1",
     "ShADaG", 0, 0},
    {"nothing of it was captured", OPEN "< . 1 21 0", "S1", "ShAaG", 0, 0},
    {"the other direction", OPEN "> . 1 21 0", "S1", "ShAg", 0, 0},
    {"an ACK that repeats it", OPEN "2x > . 1 21 0", "S1", "ShAg", 0, 0},
    {"a FIN beyond it", OPEN "< F. 30 1 0; > . 1 31 0", "S3", "ShAfg", 0, 0},
    {"a FIN that is acknowledged", OPEN "< F. 1 1 0; > . 1 2 0", "S3", "ShAf", 0, 0},
    {"shown by a FIN", OPEN "> F. 1 21 0", "S2", "ShAFg", 0, 0},
    {"a RST shows none", OPEN "> R. 1 21 0", "RSTO", "ShAR", 0, 0},
    {"an unopened connection has none", "> . 1 1 0; < P. 11 1 10; > . 1 21 0", "OTH", "Ad", 0, 0},
    {"nine gaps in one ACK",
     OPEN "> . 2 1 1; > . 4 1 1; > . 6 1 1; > . 8 1 1; > . 10 1 1; > . 12 1 1; < . 1 13 0; "
          "> . 14 1 1; > . 16 1 1; > . 18 1 1; < . 1 19 0",
     "S1", "ShADaG", 0, 0},
    {"the tenth gap",
     OPEN "> . 2 1 1; > . 4 1 1; > . 6 1 1; > . 8 1 1; > . 10 1 1; > . 12 1 1; < . 1 13 0; "
          "> . 14 1 1; > . 16 1 1; > . 18 1 1; > . 20 1 1; < . 1 21 0",
     "S1", "ShADaGG", 0, 0},

    /* Zero windows. */
    {"zero window", TALK "< . 21 11 0 wnd=0", "S1", "ShADadw", 0, 0},
    {"ten of them", TALK "10x < . 21 11 0 wnd=0", "S1", "ShADadww", 0, 0},
    {"with a RST it says nothing", TALK "< R. 21 11 0 wnd=0", "RSTR", "ShADadr", 0, 0},
    {"after the own RST", TALK "< R. 21 11 0; < . 21 11 0 wnd=0", "RSTR", "ShADadr", 0, 0},
    {"after the peer's FIN", TALK "> F. 11 21 0; < . 21 12 0 wnd=0", "S2", "ShADadF", 0, 0},
    {"after the own FIN", TALK "< F. 21 11 0; < . 22 11 0 wnd=0", "S3", "ShADadfw", 0, 0},

    /* Bad checksums. */
    {"damaged: nobody takes it", OPEN "< . 1 1 0; < F. 1 1 0 bad", "S1", "ShAac", 0, 0},
    {"ten damaged ones", TALK "10x > P. 11 21 10 bad", "S1", "ShADadCC", 0, 0},
    {"never a good one: its network card makes them",
     "> S 0 - 0 bad; < S. 0 1 0; > . 1 1 0 bad; 2x > P. 1 1 10 bad", "S1", "ShADT", 0, 0},
};

static void show(struct fst_analyzer *analyzer, uint32_t id, struct fst_connection_view *view)
{
    assert_int_equal(fst_analyzer_connection(analyzer, id, view), 0);
}

static uint16_t or_else(uint16_t port, uint16_t usual)
{
    return port ? port : usual;
}

static void test_cases(void **state)
{
    size_t i, wrong = 0;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;

        assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
        converse(analyzer, or_else(cases[i].client_port, 40000), or_else(cases[i].server_port, 80),
                 cases[i].segments);
        show(analyzer, (uint32_t)fst_analyzer_stats(analyzer)->connections, &view);
        if (strcmp(view.history, cases[i].history) != 0 ||
            strcmp(view.conn_state, cases[i].code) != 0)
            wrong++, print_error("%s: %s %s, not %s %s\n", cases[i].what, view.conn_state,
                                 view.history, cases[i].code, cases[i].history);
        fst_analyzer_free(analyzer);
    }
    assert_int_equal(wrong, 0);
}

/* The text has an end, and what decides the code is still noted there. */
static void test_long_history(void **state)
{
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;
    char segment[64];
    unsigned i;

    (void)state;
    assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
    converse(analyzer, 40000, 80, OPEN);
    for (i = 0; i < 31; i++) { /* in contact: one life's */
        snprintf(segment, sizeof(segment), "> F. %u 1 0", i == 0 ? 1 : 2 + i % 2);
        converse(analyzer, 40000, 80, segment);
    }
    converse(analyzer, 40000, 80, "< P. 1 1 5; < F. 6 2 0");
    show(analyzer, 1, &view);
    assert_true(strlen(view.history) < FST_HISTORY_MAX);
    assert_string_equal(view.history, "ShAFFFFFFFFFFFFFFFFFFFFFFFFFFFFFdf");
    assert_string_equal(view.conn_state, "SF");
    fst_analyzer_free(analyzer);
}

struct ends {
    struct fst_analyzer *analyzer;
    unsigned count;
};

static void at_end(void *context, uint32_t id)
{
    struct ends *ends = context;
    struct fst_connection_view view;

    show(ends->analyzer, id, &view);
    assert_string_equal(view.history, id % 2 ? "ShADT" : "ShADTT");
    ends->count++;
}

static void *counting_resize(void *context, void *old, size_t old_size, size_t new_size)
{
    size_t *in_use = context;
    void *memory;

    if (new_size == 0) {
        free(old);
        *in_use -= old_size;
        return NULL;
    }
    memory = realloc(old, new_size);
    if (memory)
        *in_use += new_size - old_size;
    return memory;
}

static void repeat_in_many(struct fst_analyzer *analyzer, unsigned first, unsigned last)
{
    for (; first <= last; first++)
        converse(analyzer, (uint16_t)(40000 + first), 80,
                 first % 2 ? OPEN "9x > P. 1 1 10" : OPEN "11x > P. 1 1 10");
}

/* Connections that are shed take their counts with them, and leave the memory to others. */
static void test_counts_are_their_own(void **state)
{
    size_t in_use = 0, before;
    struct fst_allocator allocator = {counting_resize, &in_use};
    struct ends ends = {NULL, 0};
    struct fst_options options = {
        .max_flows = 3, .allocator = &allocator, .events = {.context = &ends, .ended = at_end}};

    (void)state;
    assert_int_equal(fst_analyzer_new(&ends.analyzer, &options), 0);
    repeat_in_many(ends.analyzer, 1, 8);
    before = in_use;
    repeat_in_many(ends.analyzer, 9, 40);
    assert_int_equal(in_use, before);
    assert_int_equal(fst_analyzer_finish(ends.analyzer), 0);
    assert_int_equal(ends.count, 40);
    fst_analyzer_free(ends.analyzer);
}

/* A later connection of the same ports has its own history. */
static void test_ports_used_again(void **state)
{
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;

    (void)state;
    assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
    converse(analyzer, 40000, 80, TALK "> F. 11 21 0; < F. 21 12 0; > . 12 22 0; ");
    converse(analyzer, 40000, 80,
             "> S 90000 - 0; < S. 70000 90001 0; > . 90001 70001 0; > P. 90001 70001 10");
    show(analyzer, 1, &view);
    assert_string_equal(view.history, "ShADadFf");
    assert_string_equal(view.conn_state, "SF");
    show(analyzer, 2, &view);
    assert_string_equal(view.history, "ShAD");
    assert_string_equal(view.conn_state, "S1");
    fst_analyzer_free(analyzer);
}

/* Which connection a SYN belongs to that is captured after its answer is not decided here. */
static void test_syn_after_its_answer(void **state)
{
    static const uint16_t flags[] = {FST_TCP_SYN | FST_TCP_ACK, FST_TCP_SYN, FST_TCP_ACK};
    const struct fst_siphash_key seed = {0, 0};
    const struct fst_zeek_glance nothing = {0};
    struct fst_telling telling = {.tally = FST_NO_INDEX};
    struct fst_zeek_shown shown[FST_ZEEK_SHOWN] = {{0}};
    struct fst_connection_view view = {0};
    struct fst_table table;
    size_t i;

    (void)state;
    assert_true(fst_table_init(&table, fst_allocator_or_default(NULL), 8, &seed));
    for (i = 0; i < COUNT(flags); i++) {
        const struct fst_segment segment = {.flags = flags[i], .wnd_raw = 1};

        fst_zeek_note(&table, &telling, &segment, i == 0, &nothing);
    }
    fst_zeek_show(&table, shown, telling.tale.history, 0, &view);
    assert_string_equal(view.history, "^hSA");
    assert_string_equal(view.conn_state, "S1");
    fst_table_fini(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_long_history),
        cmocka_unit_test(test_counts_are_their_own),
        cmocka_unit_test(test_ports_used_again),
        cmocka_unit_test(test_syn_after_its_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
