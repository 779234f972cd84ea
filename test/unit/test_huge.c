/* SPDX-License-Identifier: MIT
 *
 * Large memory: where it begins, that all of it may be used, and that as much is given back.
 */
#define _DEFAULT_SOURCE /* madvise, mincore */ // NOLINT(bugprone-reserved-identifier)
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "support/memory.h"
#include "support/unit.h"

static void lines_begin_with_a_line(void **state)
{
    static const size_t sizes[] = {1,        64,       128 * 4096, (2u << 20) - 1,
                                   2u << 20, 3u << 20, 16u << 20};
    struct memory memory;

    (void)state;
    memory_init(&memory);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint8_t *lines[3];

        for (size_t k = 0; k < 3; k++) {
            lines[k] = fst_alloc_lines(&memory.allocator, sizes[i]);
            assert_non_null(lines[k]);
            assert_int_equal((uintptr_t)lines[k] % (sizes[i] < 2u << 20 ? FST_LINE : 2u << 20), 0);
            lines[k][0] = lines[k][sizes[i] - 1] = (uint8_t)k;
        }
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(lines[k][0], k);
            fst_release_lines(&memory.allocator, lines[k], sizes[i]);
        }
    }
    fst_release_lines(&memory.allocator, NULL, 64);
    assert_int_equal(memory.blocks, 0);
    memory_exhaust(&memory);
    assert_null(fst_alloc_lines(&memory.allocator, 64));
}

static void what_is_resized_keeps_what_it_held(void **state)
{
    static const size_t sizes[] = {100, 1u << 20, 5u << 20, 9u << 20, 4096};
    struct memory memory;
    uint8_t *octets = NULL;
    size_t before = 0;

    (void)state;
    memory_init(&memory);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        size_t kept = before < sizes[i] ? before : sizes[i];

        octets = fst_resize_huge(&memory.allocator, octets, before, sizes[i]);
        assert_non_null(octets);
        for (size_t at = 0; at < kept; at += 99)
            assert_int_equal(octets[at], at % 251);
        for (size_t at = 0; at < sizes[i]; at += 99)
            octets[at] = (uint8_t)(at % 251);
        before = sizes[i];
    }
    memory_exhaust(&memory);
    assert_null(fst_resize_huge(&memory.allocator, octets, before, 8192));
    assert_int_equal(octets[99], 99);
    fst_release(&memory.allocator, octets, before);
    assert_int_equal(memory.blocks, 0);
}

/* Only whole pages are, and what was written before stays. */
static void what_is_touched_keeps_what_it_held(void **state)
{
    static uint8_t octets[3u << 20];

    (void)state;
    for (size_t at = 0; at < sizeof(octets); at += 4099)
        octets[at] = (uint8_t)(at % 251);
    fst_touch(octets + 1, sizeof(octets) - 2);
    fst_touch(octets, 1);
    fst_touch(NULL, 0);
    for (size_t at = 0; at < sizeof(octets); at += 4099)
        assert_int_equal(octets[at], at % 251);
}

/* Linux 5.14 does it; others refuse, and nothing has changed. */
static void what_is_touched_has_its_pages(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 64 * page;
    unsigned char present[64];
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_ptr_not_equal(memory, MAP_FAILED);
    if (madvise(memory, page, 23 /* MADV_POPULATE_WRITE */) != 0) {
        assert_int_equal(munmap(memory, size), 0);
        skip();
    }
    fst_touch(memory, size);
    assert_int_equal(mincore(memory, size, present), 0);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(present[i] & 1, 1);
    assert_int_equal(munmap(memory, size), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_begin_with_a_line),
        cmocka_unit_test(what_is_resized_keeps_what_it_held),
        cmocka_unit_test(what_is_touched_keeps_what_it_held),
        cmocka_unit_test(what_is_touched_has_its_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
