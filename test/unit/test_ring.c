/* SPDX-License-Identifier: MIT
 *
 * The ring between two threads: order, waiting when it is full, a descriptor that tells.
 */
#include "live/ring.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "support/unit.h"

#define SLOTS   4
#define PACKETS 100000

static bool readable(const struct fst_ring *ring)
{
    struct pollfd fd = {.fd = fst_ring_fd(ring), .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static void a_slot_takes_what_fits(void **state)
{
    static uint8_t data[2000];
    struct fst_ring *ring = fst_ring_new(SLOTS, 1000);
    struct fst_packet packet = {.number = 1, .data = data, .captured_len = 600};
    struct fst_slot *slot = fst_ring_room(ring);
    size_t i;

    (void)state;
    memset(data, 7, sizeof(data));
    assert_true(fst_slot_add(slot, &packet));
    assert_false(fst_slot_add(slot, &packet)); /* no room for the octets */
    CHECK("one", slot->count, 1);
    assert_memory_equal(slot->packets[0].data, data, 600);
    assert_ptr_not_equal(slot->packets[0].data, data);
    fst_ring_put(ring);
    slot = fst_ring_room(ring);
    packet.captured_len = 2000;
    assert_true(fst_slot_add(slot, &packet)); /* cut */
    CHECK("cut", slot->packets[0].captured_len, 1000);
    packet.captured_len = 0;
    for (i = 1; i < FST_SLOT_PACKETS; i++)
        assert_true(fst_slot_add(slot, &packet));
    assert_false(fst_slot_add(slot, &packet)); /* no room for the packet */
    fst_ring_free(ring);
}

static void the_descriptor_tells(void **state)
{
    struct fst_ring *ring = fst_ring_new(SLOTS, 10);

    (void)state;
    assert_false(readable(ring));
    assert_null(fst_ring_take(ring));
    (void)fst_ring_room(ring);
    fst_ring_put(ring);
    assert_true(readable(ring));
    CHECK("filled", fst_ring_filled(ring), 1);
    assert_non_null(fst_ring_take(ring));
    fst_ring_give_back(ring);
    assert_null(fst_ring_take(ring));
    assert_false(readable(ring));
    fst_ring_free(ring);
    fst_ring_free(NULL);
}

static void *fill(void *context)
{
    struct fst_ring *ring = context;
    uint64_t number = 1;

    while (number <= PACKETS) {
        struct fst_slot *slot = fst_ring_room(ring);
        uint64_t most = number % 7 + 1, i;

        for (i = 0; i < most && number <= PACKETS; i++, number++) {
            const uint8_t octet = (uint8_t)number;
            struct fst_packet packet = {.number = number, .data = &octet, .captured_len = 1};

            if (!fst_slot_add(slot, &packet))
                break;
        }
        slot->last = number > PACKETS;
        fst_ring_put(ring);
    }
    return NULL;
}

/* Far more than fits: the one that fills waits, and nothing is lost or comes twice. */
static void nothing_is_lost(void **state)
{
    struct fst_ring *ring = fst_ring_new(SLOTS, 100);
    uint64_t want = 1;
    pthread_t thread;
    bool last = false;
    size_t i;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, fill, ring), 0);
    while (!last) {
        struct pollfd fd = {.fd = fst_ring_fd(ring), .events = POLLIN};
        const struct fst_slot *slot;

        assert_int_equal(poll(&fd, 1, 30000), 1);
        while ((slot = fst_ring_take(ring)) != NULL) {
            for (i = 0; i < slot->count; i++, want++) {
                CHECK("in order", slot->packets[i].number, want);
                CHECK("its octets", slot->packets[i].data[0], (uint8_t)want);
            }
            last = slot->last;
            fst_ring_give_back(ring);
        }
    }
    CHECK("all", want, PACKETS + 1);
    pthread_join(thread, NULL);
    fst_ring_free(ring);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_takes_what_fits),
        cmocka_unit_test(the_descriptor_tells),
        cmocka_unit_test(nothing_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
