/* SPDX-License-Identifier: MIT
 *
 * Reading a capture while the n-th allocation fails, for every n: one clear error, nothing leaked.
 * The linker sends the capture folder's allocations here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/capture_file.h"
#include "support/builder.h"

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);

static size_t calls_left = SIZE_MAX; /* before one fails */

static bool fails(void)
{
    return calls_left-- == 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return fails() ? NULL : __real_strndup(text, len);
}

/* Named interfaces beyond the first room for them, a packet larger than the buffer, two link types
 * for the filter. */
static void build_greedy(struct builder *builder)
{
    build_section(builder, false);
    for (uint16_t i = 0; i < 20; i++) {
        build_block_begin(builder, 1);
        build_u16(builder, i == 0 ? 1 : 101);
        build_u16(builder, 0);
        build_u32(builder, 0);
        build_option(builder, 2, "eth", 3);
        build_block_end(builder);
    }
    build_enhanced(builder, 0, 0, 300000, 0);
    build_enhanced(builder, 1, 0, 20, 0);
}

static void every_allocation_may_fail(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;
    const char *path;
    size_t failures = 0;

    (void)state;
    build_greedy(&builder);
    path = temporary_file(builder.data, builder.len);
    for (size_t n = 0;; n++) {
        calls_left = n;
        read_capture(&outcome, path, "greater 1", 64);
        if (calls_left <= n) {
            calls_left = SIZE_MAX;
            break;
        }
        assert_int_equal(outcome.error, FST_ENOMEM);
        assert_non_null(strstr(outcome.diag.message, "out of memory"));
        failures++;
    }
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 2);
    assert_true(failures > 30);
    build_free(&builder);
}

/* A magic number is enough to have its unpacker made; then the file ends, or this build has none.
 */
static void unpackers_may_not_fit(void **state)
{
    static const char *const magics[] = {"\x1f\x8b\x08\x08", "\x28\xb5\x2f\xfd",
                                         "\x04\x22\x4d\x18"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *path = temporary_file(magics[i], 4);
        struct outcome outcome;
        size_t n = 0;

        do {
            calls_left = n++;
            read_capture(&outcome, path, NULL, 64);
        } while (outcome.error == FST_ENOMEM);
        assert_int_equal(outcome.error, FST_EFORMAT);
        calls_left = SIZE_MAX;
    }
}

static void discard(void *context, const uint8_t *octets, size_t len)
{
    size_t *total = context;

    (void)octets;
    *total += len;
}

/** Copy the capture with comments; returns the first error. */
static int copy_capture(const char *path, size_t *total)
{
    struct fst_capture *capture;
    struct fst_packet packet;
    struct fst_copy *copy;
    size_t count;
    int error = fst_capture_open(&capture, path, NULL);

    if (error)
        return error;
    error = fst_copy_new(&copy, capture, "summary", discard, total);
    while (!error && (error = fst_capture_read(capture, &packet, 1, &count, NULL)) == 0 && count)
        error = fst_copy_packet(copy, &packet, "comment");
    fst_copy_free(copy);
    fst_capture_close(capture);
    return error;
}

static void copies_may_not_fit(void **state)
{
    struct builder builder = {0};
    const char *path;
    size_t failures = 0, total = 0;

    (void)state;
    build_greedy(&builder);
    path = temporary_file(builder.data, builder.len);
    for (size_t n = 0;; n++) {
        int error;

        calls_left = n;
        total = 0;
        error = copy_capture(path, &total);
        if (calls_left <= n) {
            calls_left = SIZE_MAX;
            assert_int_equal(error, 0);
            break;
        }
        assert_int_equal(error, FST_ENOMEM);
        failures++;
    }
    assert_true(failures > 30);
    assert_true(total > builder.len);
    build_free(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(unpackers_may_not_fit),
        cmocka_unit_test(copies_may_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
