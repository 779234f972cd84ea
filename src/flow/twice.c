/* SPDX-License-Identifier: MIT
 *
 * A copy has the headers of its packet, the IP identification included, and comes soon. On the same
 * interface only the identification tells it from a retransmission, so it must be there: IPv6 has
 * none, and 0 is what many senders put where nothing may be fragmented (RFC 6864 section 4.1). On
 * another interface equal headers are enough: nobody sends the same segment again over another path
 * within that time.
 */
#include "flow/twice.h"

#include "base/alloc.h"

#define SEEN_MAX 32 /* packets back */
#define SAME_NS  INT64_C(1000000)
/* Packets wait in the queues between two points, and the interfaces of one host are read in turns;
 * no retransmission timer in use is as short. */
#define OTHER_NS INT64_C(100000000)

/* A note: the interface of each direction's newest segment, and the ring. */
#define INTERFACE    0xffu /* those from 256 on may be taken for one another: no copy is seen then */
#define RING_SHIFT   16
#define RINGS_MAX    0xffffu
#define FLOWS_A_RING 16 /* what all have in memory, at most, is as much as one in so many needs */
#define RINGS_MIN    64u

struct sighting {
    int64_t time_ns;
    uint32_t hash;
    uint32_t interface;
};

/* The newest packets of a connection that were no copies. */
struct fst_sightings {
    uint64_t begun; /* packet: who is longest in use is told by it once rings were taken over */
    uint32_t owner; /* record */
    uint32_t next_free;
    uint32_t at, count;
    struct sighting seen[SEEN_MAX];
};

void fst_twice_init(struct fst_twice *twice, const struct fst_allocator *allocator, uint32_t flows)
{
    uint32_t limit = flows / FLOWS_A_RING;

    *twice = (struct fst_twice){.allocator = allocator};
    twice->ring_limit = limit < RINGS_MIN ? RINGS_MIN : limit < RINGS_MAX ? limit : RINGS_MAX;
}

void fst_twice_fini(struct fst_twice *twice)
{
    for (uint32_t i = 0; i < twice->ring_count; i++)
        fst_release(twice->allocator, twice->rings[i], sizeof(*twice->rings[i]));
    fst_release(twice->allocator, twice->rings, twice->ring_room * sizeof(twice->rings[0]));
    fst_release(twice->allocator, twice->notes, twice->note_room * sizeof(twice->notes[0]));
}

/* --------------------------------------------------------------------------------- the notes -- */

/* NULL when memory is short: then nothing is known of that connection. */
static uint32_t *note_of(struct fst_twice *twice, uint32_t number)
{
    uint32_t room = twice->note_room ? twice->note_room : 64;
    uint32_t *notes;

    if (number < twice->note_room)
        return &twice->notes[number];
    while (room <= number)
        room *= 2;
    notes = fst_resize(twice->allocator, twice->notes, twice->note_room * sizeof(notes[0]),
                       room * sizeof(notes[0]));
    if (!notes)
        return NULL;
    for (uint32_t i = twice->note_room; i < room; i++)
        notes[i] = 0;
    twice->notes = notes;
    twice->note_room = room;
    return &notes[number];
}

static uint32_t interface_in(uint32_t note, unsigned side)
{
    return note >> 8 * side & INTERFACE;
}

static void set_interface(uint32_t *note, unsigned side, uint32_t interface)
{
    *note = (*note & ~(INTERFACE << 8 * side)) | (interface & INTERFACE) << 8 * side;
}

/* --------------------------------------------------------------------------------- the rings -- */

static struct fst_sightings *ring_in(const struct fst_twice *twice, uint32_t note)
{
    return note >> RING_SHIFT ? twice->rings[(note >> RING_SHIFT) - 1] : NULL;
}

static void take_from_owner(struct fst_twice *twice, uint32_t ring)
{
    uint32_t *note = &twice->notes[twice->rings[ring]->owner];

    *note &= (UINT32_C(1) << RING_SHIFT) - 1;
}

static bool grow(struct fst_twice *twice, uint32_t wanted)
{
    uint32_t room = twice->ring_room ? twice->ring_room : 16;
    struct fst_sightings **rings;

    while (room < wanted)
        room *= 2;
    if (room == twice->ring_room)
        return true;
    rings = fst_resize(twice->allocator, twice->rings, twice->ring_room * sizeof(rings[0]),
                       room * sizeof(rings[0]));
    if (!rings)
        return false;
    twice->rings = rings;
    twice->ring_room = room;
    return true;
}

/* Number of a ring and 1 more; 0 when memory is short. */
static uint32_t find_ring(struct fst_twice *twice)
{
    uint32_t number = twice->free;
    struct fst_sightings *ring;

    if (number != 0) {
        twice->free = twice->rings[number - 1]->next_free;
        return number;
    }
    if (twice->ring_count == twice->ring_limit) { /* the one that is longest in use */
        number = twice->next;
        twice->next = (twice->next + 1) % twice->ring_limit;
        take_from_owner(twice, number);
        return number + 1;
    }
    if (!grow(twice, twice->ring_count + 1))
        return 0;
    ring = fst_alloc(twice->allocator, sizeof(*ring));
    if (!ring)
        return 0;
    twice->rings[twice->ring_count] = ring;
    return ++twice->ring_count;
}

static struct fst_sightings *begin_ring(struct fst_twice *twice, uint32_t number, uint32_t *note,
                                        const struct fst_segment *segment)
{
    uint32_t found = find_ring(twice);
    struct fst_sightings *ring;

    if (found == 0)
        return NULL;
    ring = twice->rings[found - 1];
    ring->begun = segment->packet;
    ring->owner = number;
    ring->at = ring->count = 0;
    *note |= found << RING_SHIFT;
    return ring;
}

static void remember(struct fst_sightings *ring, struct sighting sighting)
{
    ring->seen[ring->at] = sighting;
    ring->at = (ring->at + 1) % SEEN_MAX;
    if (ring->count < SEEN_MAX)
        ring->count++;
}

/* ---------------------------------------------------------------------------------- copies -- */

static bool is_near(int64_t one, int64_t other, int64_t most)
{
    uint64_t apart =
        one > other ? (uint64_t)one - (uint64_t)other : (uint64_t)other - (uint64_t)one;

    return apart <= (uint64_t)most;
}

static bool is_copy_of(const struct sighting *seen, const struct sighting *now, bool identified)
{
    bool same = seen->interface == now->interface;

    return seen->hash == now->hash && (!same || identified) &&
           is_near(seen->time_ns, now->time_ns, same ? SAME_NS : OTHER_NS);
}

static bool is_copy_of_any(const struct fst_sightings *ring, const struct sighting *now,
                           bool identified)
{
    for (uint32_t i = 0; i < ring->count; i++)
        if (is_copy_of(&ring->seen[i], now, identified))
            return true;
    return false;
}

bool fst_twice_look(struct fst_twice *twice, uint32_t number, const struct fst_record *record,
                    const struct fst_segment *segment, unsigned side)
{
    uint32_t *note = note_of(twice, number);
    struct sighting now = {segment->time_ns, segment->header_hash, segment->interface & INTERFACE};
    struct sighting before;
    struct fst_sightings *ring;
    bool copy;

    if (!note)
        return false;
    ring = ring_in(twice, *note);
    before = (struct sighting){record ? record->ts_last : 0, record ? record->last_hash : 0,
                               interface_in(*note, side)};
    set_interface(note, side, segment->interface);
    if (ring) {
        copy = is_copy_of_any(ring, &now, segment->ip_id != 0);
        if (!copy)
            remember(ring, now);
        return copy;
    }
    if (!record || record->end[side].packets == 0 || before.interface == now.interface)
        return false;
    ring = begin_ring(twice, number, note, segment);
    copy = is_copy_of(&before, &now, segment->ip_id != 0);
    if (ring)
        remember(ring, copy ? before : now);
    return copy;
}

void fst_twice_expect(struct fst_twice *twice, uint32_t number, const struct fst_segment *segment)
{
    uint32_t *note = note_of(twice, number);
    struct fst_sightings *ring;

    if (!note || ring_in(twice, *note))
        return;
    ring = begin_ring(twice, number, note, segment);
    if (ring)
        remember(ring, (struct sighting){segment->time_ns, segment->header_hash,
                                         segment->interface & INTERFACE});
}

void fst_twice_move(struct fst_twice *twice, uint32_t from, uint32_t to)
{
    uint32_t *note;

    if (from >= twice->note_room)
        return;
    note = note_of(twice, to);
    if (!note)
        return;
    *note = twice->notes[from];
    twice->notes[from] = 0;
    if (ring_in(twice, *note))
        ring_in(twice, *note)->owner = to;
}

void fst_twice_forget(struct fst_twice *twice, uint32_t number)
{
    struct fst_sightings *ring;

    if (number >= twice->note_room)
        return;
    ring = ring_in(twice, twice->notes[number]);
    if (ring) {
        ring->next_free = twice->free;
        twice->free = twice->notes[number] >> RING_SHIFT;
    }
    twice->notes[number] = 0;
}

/* --------------------------------------------------------------------------- taking over -- */

bool fst_twice_make_room(struct fst_twice *twice, const struct fst_twice *other, uint32_t base)
{
    if (other->note_room == 0)
        return true;
    return note_of(twice, base + other->note_room - 1) != NULL &&
           grow(twice, twice->ring_count + other->ring_count);
}

/* Their own rings are told by their notes, those in no use by having no owner. */
static void disown_free(struct fst_twice *twice)
{
    for (; twice->free != 0; twice->free = twice->rings[twice->free - 1]->next_free)
        twice->rings[twice->free - 1]->owner = FST_NO_INDEX;
}

/* In the order in which they were begun, as that of each is: from the end, where there is room. */
static void merge_rings(struct fst_twice *twice, const struct fst_twice *other)
{
    uint32_t ours = twice->ring_count, theirs = other->ring_count;

    twice->ring_count = ours + theirs;
    while (theirs > 0) {
        bool later = ours > 0 && twice->rings[ours - 1]->begun > other->rings[theirs - 1]->begun;

        twice->rings[ours + theirs - 1] = later ? twice->rings[ours - 1] : other->rings[theirs - 1];
        ours -= later;
        theirs -= !later;
    }
}

static void renumber_rings(struct fst_twice *twice)
{
    for (uint32_t i = 0; i < twice->ring_count; i++) {
        struct fst_sightings *ring = twice->rings[i];
        uint32_t *note;

        if (ring->owner == FST_NO_INDEX) {
            ring->next_free = twice->free;
            twice->free = i + 1;
            continue;
        }
        note = &twice->notes[ring->owner];
        *note = (*note & ((UINT32_C(1) << RING_SHIFT) - 1)) | (i + 1) << RING_SHIFT;
    }
}

void fst_twice_absorb(struct fst_twice *twice, struct fst_twice *other, uint32_t base)
{
    disown_free(twice);
    disown_free(other);
    for (uint32_t i = 0; i < other->note_room; i++) {
        *note_of(twice, base + i) = other->notes[i];
        if (ring_in(other, other->notes[i]))
            ring_in(other, other->notes[i])->owner = base + i;
    }
    merge_rings(twice, other);
    renumber_rings(twice);
    other->ring_count = 0;
}
