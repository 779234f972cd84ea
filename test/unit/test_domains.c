/* SPDX-License-Identifier: MIT
 *
 * Encapsulations by number.
 */
#include "flow/domains.h"

#include <string.h>

#include "flow/record.h"
#include "support/memory.h"
#include "support/unit.h"

static struct fst_segment tagged(uint32_t count, uint32_t first, uint32_t step)
{
    struct fst_segment segment = {.tag_count = (uint8_t)count};
    uint32_t i;

    memset(segment.tags, 0x5a, sizeof(segment.tags)); /* what lies past the count does not matter */
    for (i = 0; i < count; i++)
        segment.tags[i] = first + i * step;
    return segment;
}

static void each_stack_of_tags_has_its_number(void **state)
{
    struct memory memory;
    struct fst_domains domains;
    uint32_t numbers[FST_TAGS_MAX + 1][3], count, i, j, k;

    (void)state;
    memory_init(&memory);
    fst_domains_init(&domains, &memory.allocator, 99);
    for (count = 0; count <= FST_TAGS_MAX; count++)
        for (i = 0; i < 3; i++) {
            struct fst_segment segment = tagged(count, FST_TAG_VLAN + i, i);

            numbers[count][i] = fst_domain_of(&domains, &segment);
            CHECK("again", fst_domain_of(&domains, &segment), numbers[count][i]);
        }
    for (i = 0; i < 3; i++)
        CHECK("none", numbers[0][i], 0);
    assert_null(fst_domain_tags(&domains, 0));
    for (count = 1; count <= FST_TAGS_MAX; count++)
        for (i = 0; i < 3; i++) {
            const struct fst_domain *domain = fst_domain_tags(&domains, numbers[count][i]);
            struct fst_segment segment = tagged(count, FST_TAG_VLAN + i, i);

            assert_non_null(domain);
            CHECK("count", domain->tag_count, count);
            assert_memory_equal(domain->tags, segment.tags, count * sizeof(segment.tags[0]));
            for (j = 1; j <= FST_TAGS_MAX; j++)
                for (k = 0; k < 3; k++)
                    if (j != count || k != i)
                        assert_int_not_equal(numbers[j][k], numbers[count][i]);
        }
    fst_domains_fini(&domains);
    CHECK("leaks", memory.blocks, 0);
}

static void many_are_found_again(void **state)
{
    struct memory memory;
    struct fst_domains domains;
    uint32_t i;

    (void)state;
    memory_init(&memory);
    fst_domains_init(&domains, &memory.allocator, 1);
    for (i = 0; i < 5000; i++) {
        struct fst_segment segment = tagged(2, i, 7);

        CHECK("in the order they come", fst_domain_of(&domains, &segment), i + 1);
    }
    for (i = 0; i < 5000; i++) {
        struct fst_segment segment = tagged(2, i, 7);

        CHECK("again", fst_domain_of(&domains, &segment), i + 1);
        CHECK("tag", fst_domain_tags(&domains, i + 1)->tags[1], i + 7);
    }
    for (i = 0; i < 200; i++) { /* of one tag, more than are at hand, 0 among them */
        struct fst_segment segment = tagged(1, i, 0), other = tagged(1, i ^ 64, 0);

        (void)fst_domain_of(&domains, &other);
        CHECK("one tag", fst_domain_tags(&domains, fst_domain_of(&domains, &segment))->tags[0], i);
        CHECK("again", fst_domain_tags(&domains, fst_domain_of(&domains, &segment))->tags[0], i);
    }
    fst_domains_fini(&domains);
    CHECK("leaks", memory.blocks, 0);
}

/* Each of its two allocations may fail at the start, and that of more room later. */
static void short_of_memory_they_share_a_number(void **state)
{
    struct memory memory;
    struct fst_domains domains;
    struct fst_segment one = tagged(1, 1, 0);
    uint32_t i, nth;

    (void)state;
    for (nth = 1; nth <= 2; nth++) {
        memory_init(&memory);
        fst_domains_init(&domains, &memory.allocator, 1);
        memory_fail(&memory, nth);
        CHECK("shared", fst_domain_of(&domains, &one), FST_KIND_DOMAIN);
        assert_null(fst_domain_tags(&domains, FST_KIND_DOMAIN));
        CHECK("then not", fst_domain_of(&domains, &one), 1);
        for (i = 2; domains.count < domains.room; i++) {
            struct fst_segment segment = tagged(1, i, 0);

            CHECK("number", fst_domain_of(&domains, &segment), i);
        }
        one = tagged(1, i, 0);
        memory_fail(&memory, 1);
        CHECK("shared", fst_domain_of(&domains, &one), FST_KIND_DOMAIN);
        one = tagged(1, 1, 0);
        memory_fail(&memory, nth);
        CHECK("a known one is found", fst_domain_of(&domains, &one), 1);
        memory_replenish(&memory);
        one = tagged(1, i, 0);
        CHECK("then not", fst_domain_of(&domains, &one), i);
        one = tagged(1, 1, 0);
        fst_domains_fini(&domains);
        CHECK("leaks", memory.blocks, 0);
    }
}

/* Numbers have 15 bits. */
static void numbers_run_out(void **state)
{
    struct memory memory;
    struct fst_domains domains;
    uint32_t i, number = 0, shared = 0;

    (void)state;
    memory_init(&memory);
    fst_domains_init(&domains, &memory.allocator, 1);
    for (i = 0; i < (1u << 15) + 100; i++) {
        struct fst_segment segment = tagged(1, i, 0);

        number = fst_domain_of(&domains, &segment);
        assert_true(number <= FST_KIND_DOMAIN);
        shared += number == FST_KIND_DOMAIN;
    }
    CHECK("the last ones share", number, FST_KIND_DOMAIN);
    assert_null(fst_domain_tags(&domains, number));
    assert_true(shared < 700); /* the last block would hold the shared number */
    fst_domains_fini(&domains);
    CHECK("leaks", memory.blocks, 0);
}

/* A copy that is closed finds what is known, and notes that it was asked for anything else. */
static void closed(void **state)
{
    struct memory memory;
    struct fst_domains domains, copy;
    uint32_t i;

    (void)state;
    memory_init(&memory);
    fst_domains_init(&domains, &memory.allocator, 1);
    for (i = 0; i < 200; i++) {
        struct fst_segment none = tagged(0, 0, 0), segment = tagged(1 + i % 2, i, 7);
        uint64_t calls;

        copy = domains;
        copy.closed = true;
        calls = memory.calls;
        CHECK("none", fst_domain_of(&copy, &none), 0);
        CHECK("was not asked", copy.asked, false);
        CHECK("not there", fst_domain_of(&copy, &segment), FST_KIND_DOMAIN);
        CHECK("was asked", copy.asked, true);
        CHECK("takes nothing", memory.calls, calls);
        (void)fst_domain_of(&domains, &segment);
    }
    copy = domains;
    copy.closed = true;
    for (i = 0; i < 200; i++) {
        struct fst_segment segment = tagged(1 + i % 2, i, 7);

        CHECK("known", fst_domain_of(&copy, &segment), i + 1);
    }
    CHECK("was not asked", copy.asked, false);
    fst_domains_fini(&domains);
    CHECK("leaks", memory.blocks, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stack_of_tags_has_its_number),
        cmocka_unit_test(many_are_found_again),
        cmocka_unit_test(short_of_memory_they_share_a_number),
        cmocka_unit_test(numbers_run_out),
        cmocka_unit_test(closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
