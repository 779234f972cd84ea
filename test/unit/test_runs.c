/* SPDX-License-Identifier: MIT
 *
 * Tables become one: ids are places in the order of first packets, whatever table a connection was
 * in, asked for in any order; and what connections name by number goes with them.
 */
#include "flow/runs.h"

#include <stdlib.h>
#include <string.h>

#include "flow/table.h"
#include "flow/telling.h"
#include "support/memory.h"
#include "support/unit.h"

#define LIMIT      100000u
#define COUNT_MOST 20000u
#define DISTANCE   3u /* packets from one connection to the next */

static const struct fst_siphash_key seed = {1, 2};

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* The connections, in the order of their first packets. */
struct world {
    const char *what;
    struct memory memory;
    struct fst_table tables[FST_PARTS_MOST];
    unsigned parts;
    uint32_t count;
    uint32_t hash[COUNT_MOST], number[COUNT_MOST]; /* once the tables are one */
    uint8_t part[COUNT_MOST];
};

static struct fst_key key_of(uint32_t n)
{
    struct fst_key key = {.port = {1, 2}};

    memcpy(key.address[0], &n, sizeof(n));
    return key;
}

static uint32_t open_record(struct fst_table *table, uint32_t n, uint32_t hash, uint64_t packet)
{
    struct fst_key key = key_of(n);
    uint32_t number;

    assert_true(fst_table_reserve(table, hash, FST_NO_INDEX));
    number = fst_table_open(table, &key, hash, FST_NO_INDEX);
    fst_table_story(table, number)->first_packet = (uint32_t)packet;
    return number;
}

/* How connections fall to parts: one of many, all to the last, in long stretches, none to the
 * first or the second; or as hashes are. */
static unsigned part_like(unsigned kind, uint32_t n, unsigned parts, uint32_t *state)
{
    switch (kind) {
    case 0:
        return next_random(state) % parts;
    case 1:
        return parts - 1;
    case 2:
        return n / 3000 % parts;
    case 3:
        return parts - 1 - n % 2 % parts;
    default:
        return n % 50 == 0 ? next_random(state) % parts : 0;
    }
}

static void world_open(struct world *world, unsigned parts, uint32_t count, unsigned kind,
                       uint64_t packet)
{
    uint32_t state = 99;

    memory_init(&world->memory);
    world->parts = parts;
    world->count = count;
    for (unsigned i = 0; i < parts; i++)
        assert_true(fst_table_init(&world->tables[i], &world->memory.allocator, LIMIT, &seed));
    for (uint32_t n = 0; n < count; n++) {
        world->part[n] = (uint8_t)part_like(kind, n, parts, &state);
        world->hash[n] = (n * 0x9e3779b9u & ~(parts - 1)) | world->part[n];
        world->number[n] = open_record(&world->tables[world->part[n]], n, world->hash[n],
                                       packet + (uint64_t)n * DISTANCE);
    }
}

static bool join(struct world *world)
{
    struct fst_table *others[FST_PARTS_MOST];

    for (unsigned i = 1; i < world->parts; i++)
        others[i - 1] = &world->tables[i];
    return fst_table_absorb(&world->tables[0], others, world->parts - 1);
}

static void find_all(struct world *world)
{
    for (uint32_t n = 0; n < world->count; n++) {
        struct fst_key key = key_of(n);

        world->number[n] = fst_table_find(&world->tables[0], &key, world->hash[n]);
        assert_int_not_equal(world->number[n], FST_NO_INDEX);
    }
}

static void world_close(struct world *world)
{
    for (unsigned i = 0; i < world->parts; i++)
        fst_table_fini(&world->tables[i]);
    CHECK("leaks", world->memory.blocks, 0);
}

static void check_place(struct world *world, uint32_t n)
{
    struct fst_table *table = &world->tables[0];

    CHECK("number", fst_table_record_at(table, n), world->number[n]);
    CHECK("is there", fst_table_at(table, n), world->number[n]);
    CHECK("id of its place", fst_table_id_at(table, n), n + 1);
    CHECK("of that id", fst_table_number(table, n + 1), world->number[n]);
    CHECK("not before", fst_table_at_least(table, n + 1), world->number[n]);
}

static void check_id(struct world *world, uint32_t n)
{
    CHECK("id", fst_table_id(&world->tables[0], world->number[n]), n + 1);
}

/* One after the other, there and back, and at random; places, ids, and both in turn. */
static void check_places(struct world *world)
{
    struct fst_table *table = &world->tables[0];
    uint32_t state = 7, count = world->count;

    CHECK("places", fst_table_places(table), count);
    CHECK("alive", fst_table_alive(table), count);
    for (uint32_t n = 0; n < count; n++)
        check_place(world, n);
    for (uint32_t n = 0; n < count; n++)
        check_id(world, n);
    for (uint32_t n = count; n > 0 && n > count - count / 8; n--) {
        check_place(world, n - 1);
        check_id(world, n - 1);
    }
    for (uint32_t i = 0; i < 500 && count > 0; i++) {
        uint32_t n = next_random(&state) % count;

        check_place(world, n);
        check_id(world, (n + i) % count);
        check_place(world, (n + 1) % count);
    }
    CHECK("none behind", fst_table_number(table, count + 1), FST_NO_INDEX);
    CHECK("none behind", fst_table_at_least(table, count + 1), FST_NO_INDEX);
    CHECK("no id", fst_table_number(table, 0), FST_NO_INDEX);
    if (count > 0)
        CHECK("the first", fst_table_at_least(table, 0), world->number[0]);
}

/* They come behind all others, in whatever part their hash is. */
static void open_more(struct world *world, uint32_t more)
{
    for (; more > 0; more--) {
        uint32_t n = world->count++, hash = n * 0x9e3779b9u;

        world->hash[n] = hash;
        world->number[n] = open_record(&world->tables[0], n, hash, 5);
        CHECK("ever", world->tables[0].opened, n + 1);
    }
}

static void check_tenants(struct world *world)
{
    struct fst_table *table = &world->tables[0];
    uint32_t gone = 0;

    assert_true(fst_table_keep_ids(table));
    CHECK("none has gone", fst_table_alive(table), world->count);
    check_places(world);
    for (uint32_t n = 0; n < world->count; n += 7, gone++) {
        struct fst_key key = key_of(n);

        fst_table_give_back(table, world->number[n]);
        CHECK("gone from the index", fst_table_find(table, &key, world->hash[n]), FST_NO_INDEX);
        CHECK("has no number", fst_table_number(table, n + 1), FST_NO_INDEX);
    }
    CHECK("alive", fst_table_alive(table), world->count - gone);
    for (uint32_t n = 0; n < world->count; n++)
        if (n % 7 != 0)
            CHECK("stays", fst_table_number(table, n + 1), world->number[n]);
    for (; gone > 0; gone--) {
        uint32_t number = open_record(table, COUNT_MOST + gone, gone, 5);

        CHECK("takes a place", fst_table_id(table, number), table->opened);
        assert_true(number < table->count);
    }
}

static void check_world(unsigned parts, uint32_t count, unsigned kind, uint64_t packet)
{
    static struct world world;

    world_open(&world, parts, count, kind, packet);
    assert_true(join(&world));
    find_all(&world);
    check_places(&world);
    open_more(&world, 3);
    check_places(&world);
    CHECK("as many runs", world.tables[0].runs.count, parts);
    check_tenants(&world);
    world_close(&world);
}

static void ids_are_places(void **state)
{
    static const uint32_t counts[] = {0, 1, 2, 5, 300, 4096, 4097, 15000};

    (void)state;
    for (unsigned parts = 1; parts <= FST_PARTS_MOST; parts *= 2)
        for (unsigned kind = 0; kind < 5; kind++)
            for (size_t i = 0; i < COUNT(counts); i++)
                if (counts[i] < 1000 || kind % 2 == 0)
                    check_world(parts, counts[i], kind, 1);
}

static void first_packets_may_be_the_last_that_count(void **state)
{
    (void)state;
    check_world(4, 300, 0, UINT32_MAX - 299 * DISTANCE);
    check_world(2, 300, 2, (UINT64_C(1) << 31) - 450);
}

/* What one thread touches ahead is what nobody has used, before and after. */
static void promises_are_made_anew(void **state)
{
    static struct world world;
    struct fst_table *table = &world.tables[0];
    struct fst_span spans[2];

    (void)state;
    world_open(&world, 4, 5000, 0, 1);
    for (unsigned i = 0; i < world.parts; i++)
        for (unsigned n = 0; n < 5; n++)
            fst_table_promise(&world.tables[i], spans);
    assert_true(join(&world));
    find_all(&world);
    check_places(&world);
    CHECK("blocks", table->blocks >= 4 * 5, 1);
    for (uint32_t next = table->count; next < table->blocks << FST_BLOCK_SHIFT;) {
        uint32_t records;

        fst_table_promise(table, spans);
        records = (uint32_t)(spans[0].size / sizeof(struct fst_record));
        if (records == 0)
            break;
        assert_ptr_equal(spans[0].memory, fst_table_record(table, next));
        assert_ptr_equal(spans[1].memory, fst_table_story(table, next));
        next += records;
    }
    open_more(&world, 14000);
    check_places(&world);
    world_close(&world);
}

static void to_the_limit_but_no_further(void **state)
{
    static struct world world;
    uint32_t victim;

    (void)state;
    world_open(&world, 4, 500, 0, 1);
    assert_true(join(&world));
    world.tables[0].limit = 510; /* holes are nobody's */
    find_all(&world);
    for (unsigned i = 0; i < 10; i++) {
        assert_true(fst_table_victim(&world.tables[0], FST_NO_INDEX, &victim));
        CHECK("there is room", victim, FST_NO_INDEX);
        open_more(&world, 1);
    }
    assert_true(fst_table_victim(&world.tables[0], FST_NO_INDEX, &victim));
    CHECK("the oldest", victim, world.number[0]);
    world_close(&world);
}

/* ------------------------------------------------------------------------- what is named -- */

/* A connection that has everything, which tells whose it is. */
static void give_all(struct fst_table *table, uint32_t number, uint32_t detail, uint8_t whose)
{
    struct fst_record *record = fst_table_record(table, number);
    struct fst_story *story = fst_table_story(table, number);
    struct fst_telling telling = fst_telling_of(table, story);
    struct fst_step_finding finding = {.rule = whose, .packet = whose};
    struct fst_extra *extra = fst_extra_add(&table->extras, record);
    uint32_t repeats;

    extra->dwell = fst_pool_take(&table->dwells);
    ((struct fst_dwell *)fst_pool_at(&table->dwells, extra->dwell))->answers = whose;
    assert_true(fst_findings_add(&table->findings, &extra->findings, &finding, &repeats));
    if (detail != FST_NO_INDEX)
        assert_true(fst_table_set_detail(table, record, detail));
    for (uint8_t i = 0; i < 3; i++) {
        telling.tale.path[0] = fst_trie_append(&table->paths, telling.tale.path[0], i);
        telling.tale.path[1] = fst_trie_append(&table->paths, telling.tale.path[1], whose % 2);
        telling.tale.history = fst_trie_append(&table->histories, telling.tale.history, whose);
    }
    if (whose % 3 == 0)
        fst_telling_tally(table, &telling)->count[1][2] = whose;
    fst_telling_keep(table, story, &telling);
}

static void check_text(const struct fst_trie *trie, uint32_t node, const uint8_t want[3])
{
    uint8_t text[3];

    CHECK("length", fst_trie_read(trie, node, text, 3), 3);
    assert_memory_equal(text, want, 3);
}

static void check_all_of(const struct fst_table *table, uint32_t number, uint8_t whose)
{
    const struct fst_extra *extra = fst_table_extra(table, fst_table_record(table, number));
    struct fst_telling telling = fst_telling_of(table, fst_table_story(table, number));
    const uint8_t up[3] = {0, 1, 2}, side[3] = {whose % 2, whose % 2, whose % 2};
    const uint8_t history[3] = {whose, whose, whose};

    CHECK("dwell", ((struct fst_dwell *)fst_pool_at(&table->dwells, extra->dwell))->answers, whose);
    assert_true(fst_findings_have(&table->findings, extra->findings, (enum fst_rule_id)whose));
    check_text(&table->paths, telling.tale.path[0], up);
    check_text(&table->paths, telling.tale.path[1], side);
    check_text(&table->histories, telling.tale.history, history);
    CHECK("tallied", telling.tally != FST_NO_INDEX, whose % 3 == 0);
    if (telling.tally != FST_NO_INDEX)
        CHECK("tally",
              ((struct fst_tally *)fst_pool_at(&table->tallies, telling.tally))->count[1][2],
              whose);
}

/* Two records share one, and one was given back. */
static uint32_t share_detail(struct fst_table *table, uint32_t one, uint32_t other)
{
    uint32_t free = fst_table_add_detail(table), detail = fst_table_add_detail(table);

    memset(table->details[detail]->incarnation, 0, sizeof(table->details[detail]->incarnation));
    table->details[detail]->incarnation[0] = 2;
    table->details[detail]->record[0] = one;
    table->details[detail]->incarnation[1] = 1;
    table->details[detail]->record[1] = other;
    fst_table_free_detail(table, free);
    return detail;
}

static void check_shared(struct fst_table *table, uint32_t one, uint32_t other)
{
    const struct fst_extra *first = fst_table_extra(table, fst_table_record(table, one));
    const struct fst_extra *second = fst_table_extra(table, fst_table_record(table, other));

    CHECK("shared", first->detail, second->detail);
    CHECK("of the first", table->details[first->detail]->record[0], one);
    CHECK("of the second", table->details[first->detail]->record[1], other);
}

#define NAMED 20 /* fewer than there are rules and symbols */

/* Numbers of each kind begin with 0 in each table: none is that of another table afterwards. */
static void what_connections_name_goes_with_them(void **state)
{
    static struct world world;
    struct fst_table *table = &world.tables[0];
    uint32_t shared[FST_PARTS_MOST][2], freed;

    (void)state;
    world_open(&world, 4, NAMED, 0, 1);
    for (unsigned i = 0; i < world.parts; i++)
        for (unsigned n = 0; n < 2; n++) {
            shared[i][n] = COUNT_MOST + 2 * i + n;
            (void)open_record(&world.tables[i], shared[i][n], i, 1000 + 2 * i + n);
        }
    for (uint32_t n = 0; n < NAMED; n++)
        give_all(&world.tables[world.part[n]], world.number[n], FST_NO_INDEX, (uint8_t)n);
    for (unsigned i = 0; i < world.parts; i++) {
        struct fst_key one = key_of(shared[i][0]), other = key_of(shared[i][1]);
        uint32_t first = fst_table_find(&world.tables[i], &one, i);
        uint32_t second = fst_table_find(&world.tables[i], &other, i);
        uint32_t detail = share_detail(&world.tables[i], first, second);

        give_all(&world.tables[i], first, detail, NAMED);
        give_all(&world.tables[i], second, detail, NAMED + 1);
        (void)fst_pool_take(&world.tables[i].dwells);
        fst_pool_give_back(&world.tables[i].dwells, 1);
    }
    assert_true(join(&world));
    find_all(&world);
    for (uint32_t n = 0; n < NAMED; n++)
        check_all_of(table, world.number[n], (uint8_t)n);
    for (unsigned i = 0; i < world.parts; i++) {
        struct fst_key one = key_of(shared[i][0]), other = key_of(shared[i][1]);

        check_shared(table, fst_table_find(table, &one, i), fst_table_find(table, &other, i));
        CHECK("place", fst_table_id(table, fst_table_find(table, &one, i)), NAMED + 2 * i + 1);
    }
    memory_exhaust(&world.memory);
    for (freed = 0; fst_table_add_detail(table) != FST_NO_INDEX; freed++)
        assert_true(table->detail_count == 2 * world.parts);
    CHECK("details given back", freed, world.parts);
    memory_replenish(&world.memory);
    for (uint32_t n = 0; n < NAMED; n++)
        check_all_of(table, world.number[n], (uint8_t)n);
    world_close(&world);
}

static void short_of_memory_nothing_changes(void **state)
{
    static struct world world;
    uint64_t nth;
    bool good = false;

    (void)state;
    for (nth = 1; !good; nth++) {
        world_open(&world, 4, 300, 0, 1);
        for (uint32_t n = 0; n < NAMED; n++)
            give_all(&world.tables[world.part[n]], world.number[n], FST_NO_INDEX, (uint8_t)n);
        memory_fail(&world.memory, nth);
        good = join(&world);
        memory_replenish(&world.memory);
        if (!good) {
            for (uint32_t n = 0; n < NAMED; n++)
                check_all_of(&world.tables[world.part[n]], world.number[n], (uint8_t)n);
            for (unsigned i = 0; i < world.parts; i++)
                CHECK("no runs", world.tables[i].runs.count + world.tables[i].holes, 0);
            assert_true(join(&world));
        }
        find_all(&world);
        check_places(&world);
        for (uint32_t n = 0; n < NAMED; n++)
            check_all_of(&world.tables[0], world.number[n], (uint8_t)n);
        world_close(&world);
    }
    assert_true(nth > 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_places),
        cmocka_unit_test(first_packets_may_be_the_last_that_count),
        cmocka_unit_test(promises_are_made_anew),
        cmocka_unit_test(to_the_limit_but_no_further),
        cmocka_unit_test(what_connections_name_goes_with_them),
        cmocka_unit_test(short_of_memory_nothing_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
