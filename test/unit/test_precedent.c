/* SPDX-License-Identifier: MIT
 *
 * What the observer has to see although it has seen the same situation before: how ends stand and
 * numbers lie that no capture at hand has in this order. Everything else about precedents is held
 * against the observer by test_steady.c.
 */
#include "flow/precedent.h"

#include <string.h>

#include "flow/pack.h"
#include "support/unit.h"
#include "tcp/states.h"

#define CLIENT   0
#define SERVER   1
#define ISN      1000u
#define ACKED    201u /* octets of the server, its SYN one of them */
#define TEXT_LEN 10u

static struct fst_precedents precedents;

static void establish(struct fst_endpoint *end, enum fst_end_bit opened_by)
{
    end->packed = (uint64_t)1 << FST_END_HEARD | (uint64_t)1 << opened_by;
    fst_end_show(end, FST_ESTABLISHED, FST_SET(FST_ESTABLISHED), false);
    end->packets = 3;
    end->iss = ISN;
}

/* A client that has sent so many octets, and a server of whose text not all is acknowledged. */
static struct fst_record standing(uint32_t sent)
{
    struct fst_record record = {.kind = FST_KIND_USED, .last_hash = 1};

    establish(&record.end[CLIENT], FST_END_ACTIVE);
    establish(&record.end[SERVER], FST_END_SYNACK);
    record.end[CLIENT].occ = ISN + sent;
    record.end[SERVER].occ = ISN + ACKED + 300;
    return record;
}

/* The next text of the client. */
static struct fst_segment text_of(const struct fst_record *record)
{
    return (struct fst_segment){.time_ns = 1,
                                .seq = record->end[CLIENT].occ,
                                .ack = ISN + ACKED,
                                .payload_len = TEXT_LEN,
                                .flags = FST_TCP_ACK,
                                .wnd_raw = 100,
                                .header_hash = 2};
}

/* The observer did nothing but move numbers on. */
static void learn(const struct fst_record *before)
{
    struct fst_segment segment = text_of(before);
    struct fst_record after = *before;
    struct fst_step step = {.incarnation = 1};

    memset(&precedents, 0, sizeof(precedents));
    after.end[CLIENT].occ += TEXT_LEN;
    after.end[CLIENT].ack_top = segment.ack;
    fst_precedent_learn(&precedents, before, &after, &segment, fst_shape_of(&segment), CLIENT,
                        &step);
}

static bool follows(struct fst_record record)
{
    struct fst_segment segment = text_of(&record);

    return fst_precedent_follow(&precedents, &record, &segment, fst_shape_of(&segment), CLIENT) !=
           NULL;
}

static void numbers_of_a_cookie(void **state)
{
    (void)state;
    learn(&(struct fst_record){0});
    assert_false(follows(standing(ACKED + 100)));

    learn((struct fst_record[]){standing(ACKED + 100)});
    assert_true(follows(standing(ACKED + 100)));
    assert_true(follows(standing(ACKED + 50)));
    assert_false(follows(standing(ACKED)));

    learn((struct fst_record[]){standing(ACKED)});
    assert_false(follows(standing(ACKED)));
    assert_false(follows(standing(ACKED + 100)));
}

static void ends_that_stand_oddly(void **state)
{
    static const enum fst_end_bit bits[] = {FST_END_ABORTED, FST_END_ZERO_WINDOW};

    (void)state;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        struct fst_record record = standing(ACKED + 100);

        record.end[CLIENT].packed |= (uint64_t)1 << bits[i];
        learn(&record);
        assert_false(follows(record));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_a_cookie),
        cmocka_unit_test(ends_that_stand_oddly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
