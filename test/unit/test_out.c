/* SPDX-License-Identifier: MIT
 *
 * What a reader of an output finds at any time: each write(2) is a datagram here, so that its ends
 * can be seen.
 */
#include "report/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/unit.h"

#define LINES 3000

static struct fst_out out;
static char got[2 * sizeof(out.buffer)];

/* Line `number`, of a length that differs from its neighbours'. */
static void put_line(unsigned number)
{
    fst_out_number(&out, number);
    fst_out_fill(&out, '.', number * 7 % 200);
    fst_out_char(&out, '\n');
}

static size_t received(int socket, size_t *at)
{
    ssize_t len = recv(socket, got, sizeof(got), MSG_DONTWAIT);

    if (len <= 0)
        return 0;
    *at += (size_t)len;
    return (size_t)len;
}

static void lines_are_handed_over_whole(void **state)
{
    int pair[2], size = 1 << 20;
    size_t total = 0, len, pieces = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
    fst_out_init(&out, pair[0], true);
    out.whole_lines = true;
    for (unsigned i = 0; i < LINES; i++) {
        put_line(i);
        while ((len = received(pair[1], &total)) > 0) {
            assert_int_equal(got[len - 1], '\n');
            pieces++;
        }
    }
    assert_int_equal(fst_out_close(&out), 0);
    while ((len = received(pair[1], &total)) > 0)
        assert_int_equal(got[len - 1], '\n');
    assert_true(pieces >= 3);
    assert_true(total > 3 * (size_t)FST_OUT_BUFFER);
    close(pair[1]);
}

/* A line that no buffer holds goes out in pieces; what follows is whole again. */
static void a_line_longer_than_the_buffer(void **state)
{
    int pair[2], size = 1 << 20;
    size_t total = 0, len;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
    fst_out_init(&out, pair[0], true);
    out.whole_lines = true;
    fst_out_text(&out, "first\n");
    fst_out_fill(&out, 'x', sizeof(out.buffer) + 5);
    fst_out_text(&out, "\nlast\n");
    assert_int_equal(fst_out_close(&out), 0);
    len = received(pair[1], &total);
    assert_int_equal(len, 6);
    assert_memory_equal(got, "first\n", 6);
    while (received(pair[1], &total) > 0)
        continue;
    assert_int_equal(total, 6 + sizeof(out.buffer) + 5 + 6);
    close(pair[1]);
}

/* What is longer than the room there always is, and what fills that room to the last octet when the
 * buffer is as full as it gets. */
static void any_length(void **state)
{
    static char octets[3 * FST_OUT_BUFFER];
    struct fst_strbuf text = {NULL, 0, 0, false};

    (void)state;
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (char)('a' + i % 23);
    fst_out_init_text(&out, &text);
    fst_out_bytes(&out, octets, sizeof(octets));
    fst_out_flush(&out);
    while (out.used < FST_OUT_BUFFER - 1)
        fst_out_char(&out, '-');
    fst_out_bytes(&out, octets, FST_OUT_AT_ONCE);
    assert_true(out.used > FST_OUT_BUFFER);
    fst_out_number(&out, UINT64_MAX);
    fst_out_flush(&out);
    assert_false(text.failed);
    assert_memory_equal(text.text, octets, sizeof(octets));
    assert_memory_equal(text.text + text.len - 20, "18446744073709551615", 20);
    assert_memory_equal(text.text + text.len - 20 - FST_OUT_AT_ONCE, octets, FST_OUT_AT_ONCE);
    fst_strbuf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_handed_over_whole),
        cmocka_unit_test(a_line_longer_than_the_buffer),
        cmocka_unit_test(any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
