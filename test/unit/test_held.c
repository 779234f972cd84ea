/* SPDX-License-Identifier: MIT
 *
 * Packets held by connection: handed out in order, the oldest of all makes room, nothing of one is
 * mixed with another's. Against a plain list of what must still be there.
 */
#include "live/held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"

#define SIZE        65536
#define CONNECTIONS 7
#define PACKETS     20000
#define LEN_MOST    1500
#define COMMENT_MAX 32

struct seen {
    uint64_t numbers[PACKETS];
    size_t count;
};

static uint8_t octet_of(uint64_t number, uint32_t at)
{
    return (uint8_t)(number * 31 + at);
}

static uint32_t len_of(uint64_t number)
{
    return (uint32_t)(number * 2654435761u % LEN_MOST);
}

static uint32_t connection_of(uint64_t number)
{
    return (uint32_t)(number * 40503u % CONNECTIONS) + 1;
}

/** Every third packet has one. */
static const char *comment_of(uint64_t number, char text[COMMENT_MAX])
{
    snprintf(text, COMMENT_MAX, "packet %llu", (unsigned long long)number);
    return number % 3 == 0 ? text : NULL;
}

static void add(struct fst_held *held, uint32_t connection, uint64_t number)
{
    uint8_t data[LEN_MOST];
    char comment[COMMENT_MAX];
    struct fst_packet packet = {.number = number, .data = data, .captured_len = len_of(number)};
    uint32_t i;

    for (i = 0; i < packet.captured_len; i++)
        data[i] = octet_of(number, i);
    (void)fst_held_add(held, connection, &packet, comment_of(number, comment));
}

static void see(void *context, uint32_t connection, const struct fst_packet *packet,
                const char *comment)
{
    struct seen *seen = context;
    char expected[COMMENT_MAX];
    uint32_t i;

    CHECK("connection", connection, connection_of(packet->number));
    if (comment_of(packet->number, expected))
        assert_string_equal(comment, expected);
    else
        assert_null(comment);

    CHECK("length", packet->captured_len, len_of(packet->number));
    for (i = 0; i < packet->captured_len; i++)
        assert_int_equal(packet->data[i], octet_of(packet->number, i));
    seen->numbers[seen->count++] = packet->number;
}

/* The newest packets that fit: more than half the memory's worth, less than all. */
static void the_newest_are_held(void **state)
{
    struct fst_held *held = fst_held_new(SIZE, NULL, NULL);
    static struct seen seen;
    uint64_t number;
    uint32_t connection;

    (void)state;
    assert_non_null(held);
    for (number = 1; number <= PACKETS; number++) {
        add(held, connection_of(number), number);
        if (number % 500 != 0)
            continue;
        for (connection = 1; connection <= CONNECTIONS; connection++) {
            uint64_t last = number;
            size_t i;

            seen.count = 0;
            fst_held_walk(held, connection, see, &seen);
            assert_true(seen.count > 0);
            for (i = seen.count; i-- > 0; last--) { /* without a gap, up to the newest */
                while (connection_of(last) != connection)
                    last--;
                CHECK("in order", seen.numbers[i], last);
            }
        }
    }
    fst_held_free(held);
}

static void what_is_forgotten_is_gone(void **state)
{
    struct fst_held *held = fst_held_new(SIZE, NULL, NULL);
    static struct seen seen;
    uint64_t number;

    (void)state;
    for (number = 1; number <= PACKETS; number++) {
        add(held, connection_of(number), number);
        if (number % 3 == 0)
            fst_held_forget(held, connection_of(number));
        if (number % 3 != 0)
            continue;
        seen.count = 0;
        fst_held_walk(held, connection_of(number), see, &seen);
        CHECK("none", seen.count, 0);
    }
    seen.count = 0;
    fst_held_walk(held, 99, see, &seen);
    fst_held_forget(held, 99);
    CHECK("never there", seen.count, 0);
    fst_held_free(held);
    fst_held_free(NULL);
}

static void one_that_is_too_large_is_not_held(void **state)
{
    struct fst_held *held = fst_held_new(1024, NULL, NULL);
    const struct fst_packet large = {
        .number = 1000, .data = (uint8_t[600]){0}, .captured_len = 600};
    static struct seen seen;
    uint64_t number;

    (void)state;
    for (number = 1; number <= 100; number++)
        add(held, connection_of(number), number);
    fst_held_walk(held, connection_of(100), see, &seen);
    assert_true(seen.count > 0);
    assert_false(fst_held_add(held, connection_of(100), &large, NULL));
    seen.count = 0;
    fst_held_walk(held, connection_of(100), see, &seen);
    CHECK("nothing of its connection either", seen.count, 0);
    assert_false(fst_held_newest(held, connection_of(100), see, &seen));
    fst_held_free(held);
}

/* Of each connection the newest packet is handed out in the end: when it is squeezed out, or now.
 */
static void the_newest_is_never_lost(void **state)
{
    static struct seen seen;
    struct fst_held *held = fst_held_new(8192, see, &seen);
    uint64_t last[CONNECTIONS + 1] = {0}, number;

    (void)state;
    for (number = 1; number <= 200; number++) {
        uint32_t connection = connection_of(number);

        if (connection % 2 == 0 && number > 20)
            continue; /* silent from here on: others squeeze its packets out */
        add(held, connection, number);
        last[connection] = number;
    }
    for (uint32_t connection = 1; connection <= CONNECTIONS; connection++) {
        bool squeezed = false;

        for (size_t i = 0; i < seen.count; i++)
            squeezed |= seen.numbers[i] == last[connection];
        CHECK("squeezed out", squeezed, connection % 2 == 0);
        CHECK("or still there", fst_held_newest(held, connection, see, &seen), connection % 2 != 0);
        if (!squeezed)
            CHECK("the newest", seen.numbers[seen.count - 1], last[connection]);
    }
    fst_held_free(held);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_are_held),
        cmocka_unit_test(what_is_forgotten_is_gone),
        cmocka_unit_test(one_that_is_too_large_is_not_held),
        cmocka_unit_test(the_newest_is_never_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
