/* SPDX-License-Identifier: MIT
 *
 * IP fragments. A fragment starts and, unless it is the last, ends at a multiple of 8 octets, so a
 * bit for each 8 octets tells what of a datagram is there. Nobody can make the store grow past its
 * bounds: the oldest datagram makes room for the newest.
 */
#include "decode/fragments.h"

#include <string.h>

#include "base/alloc.h"
#include "decode/udp.h"

#define BLOCK         8u
#define OCTETS_MAX    65535u /* of a datagram: RFC 791 3.1 */
#define BITS_PER_WORD 64u
#define WORDS         ((OCTETS_MAX + 1) / BLOCK / BITS_PER_WORD)

struct datagram_key {
    uint8_t src[16], dst[16];
    uint32_t tags[FST_TAGS_MAX]; /* 0 past the last; no tag is 0 */
    uint32_t id;
    uint16_t ipv6; /* 0 or 1 */
    uint16_t protocol;
};

struct datagram {
    struct datagram_key key;
    int64_t born_ns;
    uint64_t number; /* in the order of first fragments, from 1 */
    uint8_t *octets;
    uint32_t capacity;    /* of `octets` */
    uint32_t len;         /* 0 until the last fragment tells */
    uint32_t end;         /* of the furthest fragment */
    uint32_t block_count; /* bits set in `have` */
    uint8_t protocol;     /* from the first fragment */
    bool spoilt;          /* fragments overlapped: what else comes is dropped */
    uint64_t have[WORDS]; /* a bit a block */
};

struct fst_fragments {
    const struct fst_allocator *allocator;
    uint32_t octets_max;
    uint32_t octets; /* held by the datagrams below */
    size_t count;
    uint64_t born;                                 /* datagrams ever */
    struct datagram *datagrams[FST_DATAGRAMS_MAX]; /* oldest first */
    struct datagram *whole; /* the last one that became whole: its octets are in use */
    /* Not NULL: this one keeps nothing, that one would; and whether it would have been asked. */
    const struct fst_fragments *beside;
    bool asked;
};

struct fst_fragments *fst_fragments_new(const struct fst_allocator *allocator, uint32_t max_octets)
{
    struct fst_fragments *fragments;

    allocator = fst_allocator_or_default(allocator);
    fragments = fst_alloc(allocator, sizeof(*fragments));
    if (!fragments)
        return NULL;
    fragments->allocator = allocator;
    fragments->octets_max = max_octets;
    return fragments;
}

struct fst_fragments *fst_fragments_new_beside(const struct fst_fragments *store,
                                               const struct fst_allocator *allocator)
{
    struct fst_fragments *fragments = fst_fragments_new(allocator, 0);

    if (fragments)
        fragments->beside = store;
    return fragments;
}

bool fst_fragments_asked(const struct fst_fragments *fragments)
{
    return fragments->asked;
}

/* ---------------------------------------------------------------------- datagrams in the store --
 */

static uint32_t cost(const struct datagram *datagram)
{
    return (uint32_t)sizeof(*datagram) + datagram->capacity;
}

static void datagram_free(struct fst_fragments *fragments, struct datagram *datagram)
{
    if (!datagram)
        return;
    fst_release(fragments->allocator, datagram->octets, datagram->capacity);
    fst_release(fragments->allocator, datagram, sizeof(*datagram));
}

static struct datagram *take_out(struct fst_fragments *fragments, size_t index)
{
    struct datagram *datagram = fragments->datagrams[index];

    fragments->count--;
    memmove(&fragments->datagrams[index], &fragments->datagrams[index + 1],
            (fragments->count - index) * sizeof(fragments->datagrams[0]));
    fragments->octets -= cost(datagram);
    return datagram;
}

void fst_fragments_free(struct fst_fragments *fragments)
{
    if (!fragments)
        return;
    while (fragments->count > 0)
        datagram_free(fragments, take_out(fragments, fragments->count - 1));
    datagram_free(fragments, fragments->whole);
    fst_release(fragments->allocator, fragments, sizeof(*fragments));
}

/* Makes room for `octets` more by giving up the oldest, but not the datagram `keep`. */
static bool make_room(struct fst_fragments *fragments, uint32_t octets, const struct datagram *keep)
{
    size_t oldest;

    if (octets > fragments->octets_max)
        return false;
    while (fragments->octets > fragments->octets_max - octets) {
        oldest = fragments->datagrams[0] == keep ? 1 : 0;
        if (oldest >= fragments->count)
            return false;
        datagram_free(fragments, take_out(fragments, oldest));
    }
    return true;
}

static void fill_key(struct datagram_key *key, const struct fst_segment *segment,
                     const struct fst_fragment *piece)
{
    memset(key, 0, sizeof(*key)); /* unused tags too: keys are compared as octets */
    memcpy(key->src, segment->src, sizeof(key->src));
    memcpy(key->dst, segment->dst, sizeof(key->dst));
    memcpy(key->tags, segment->tags, segment->tag_count * sizeof(key->tags[0]));
    key->id = piece->id;
    key->ipv6 = segment->ipv6;
    key->protocol = piece->key_protocol;
}

/* An identification comes back after a while: what is left from its last use is given up. */
static bool is_stale(const struct datagram *datagram, int64_t now_ns)
{
    return now_ns > datagram->born_ns &&
           (uint64_t)now_ns - (uint64_t)datagram->born_ns > (uint64_t)FST_DATAGRAM_LIFE_NS;
}

/* Where the datagram of that key is, or `count`. At most FST_DATAGRAMS_MAX are compared. */
static size_t find(struct fst_fragments *fragments, const struct datagram_key *key, int64_t now_ns)
{
    for (size_t i = 0; i < fragments->count; i++) {
        const struct datagram *datagram = fragments->datagrams[i];

        if (datagram->key.id != key->id || memcmp(&datagram->key, key, sizeof(*key)) != 0)
            continue;
        if (!is_stale(datagram, now_ns))
            return i;
        datagram_free(fragments, take_out(fragments, i));
        break;
    }
    return fragments->count;
}

static enum fst_decoded add_datagram(struct fst_fragments *fragments,
                                     const struct datagram_key *key, int64_t now_ns)
{
    struct datagram *datagram;

    if (fragments->count == FST_DATAGRAMS_MAX)
        datagram_free(fragments, take_out(fragments, 0));
    if (!make_room(fragments, sizeof(*datagram), NULL))
        return FST_DECODED_CUT;
    datagram = fst_alloc(fragments->allocator, sizeof(*datagram));
    if (!datagram)
        return FST_DECODED_NO_MEMORY;
    memcpy(&datagram->key, key, sizeof(*key));
    datagram->born_ns = now_ns;
    datagram->number = ++fragments->born;
    fragments->datagrams[fragments->count++] = datagram;
    fragments->octets += cost(datagram);
    return FST_DECODED_FRAGMENT;
}

static enum fst_decoded grow(struct fst_fragments *fragments, struct datagram *datagram,
                             uint32_t end)
{
    uint32_t capacity = datagram->capacity ? datagram->capacity : 2048;
    uint8_t *octets;

    if (end <= datagram->capacity)
        return FST_DECODED_FRAGMENT;
    while (capacity < end)
        capacity *= 2;
    if (!make_room(fragments, capacity - datagram->capacity, datagram))
        return FST_DECODED_CUT;
    octets = fst_resize(fragments->allocator, datagram->octets, datagram->capacity, capacity);
    if (!octets)
        return FST_DECODED_NO_MEMORY;
    fragments->octets += capacity - datagram->capacity;
    datagram->octets = octets;
    datagram->capacity = capacity;
    return FST_DECODED_FRAGMENT;
}

/* ---------------------------------------------------------------------- fragments of a datagram --
 */

static bool has_block(const struct datagram *datagram, uint32_t block)
{
    return datagram->have[block / BITS_PER_WORD] >> (block % BITS_PER_WORD) & 1;
}

static uint32_t blocks(uint32_t octets)
{
    return (octets + BLOCK - 1) / BLOCK;
}

/* How many of the fragment's blocks are there already. */
static uint32_t overlap(const struct datagram *datagram, uint32_t offset, uint32_t len)
{
    uint32_t count = 0;

    for (uint32_t block = offset / BLOCK; block < blocks(offset + len); block++)
        count += has_block(datagram, block);
    return count;
}

static bool is_copy(const struct datagram *datagram, uint32_t offset, const uint8_t *octets,
                    uint32_t len)
{
    return overlap(datagram, offset, len) == blocks(len) &&
           memcmp(datagram->octets + offset, octets, len) == 0;
}

/* Another end than before, or octets past the end. */
static bool contradicts_length(const struct datagram *datagram, uint32_t end, bool more)
{
    if (datagram->len != 0)
        return end > datagram->len || (!more && end != datagram->len);
    return !more && end < datagram->end;
}

/* Copies the blocks that are not there yet; what came first stays. */
static void copy_blocks(struct datagram *datagram, uint32_t offset, const uint8_t *octets,
                        uint32_t len)
{
    for (uint32_t done = 0; done < len; done += BLOCK) {
        uint32_t block = (offset + done) / BLOCK;

        if (has_block(datagram, block))
            continue;
        memcpy(datagram->octets + offset + done, octets + done,
               len - done < BLOCK ? len - done : BLOCK);
        datagram->have[block / BITS_PER_WORD] |= UINT64_C(1) << (block % BITS_PER_WORD);
        datagram->block_count++;
    }
}

static void spoil(struct fst_fragments *fragments, struct datagram *datagram)
{
    fragments->octets -= datagram->capacity;
    fst_release(fragments->allocator, datagram->octets, datagram->capacity);
    datagram->octets = NULL;
    datagram->capacity = 0;
    datagram->spoilt = true;
}

static enum fst_decoded put(struct fst_fragments *fragments, struct datagram *datagram,
                            const struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    uint32_t len = decoding->captured, end = piece->offset + len;
    enum fst_decoded result;

    if (datagram->spoilt)
        return FST_DECODED_FRAGMENT;
    if (contradicts_length(datagram, end, piece->more) ||
        (datagram->key.ipv6 && overlap(datagram, piece->offset, len) > 0 &&
         !is_copy(datagram, piece->offset, decoding->at, len))) {
        if (datagram->key.ipv6)
            spoil(fragments, datagram);
        return FST_DECODED_FRAGMENT;
    }
    result = grow(fragments, datagram, end);
    if (result != FST_DECODED_FRAGMENT)
        return result;

    copy_blocks(datagram, piece->offset, decoding->at, len);
    if (end > datagram->end)
        datagram->end = end;
    if (!piece->more)
        datagram->len = end;
    if (piece->offset == 0)
        datagram->protocol = piece->protocol;
    return FST_DECODED_FRAGMENT;
}

static bool is_whole(const struct datagram *datagram)
{
    return !datagram->spoilt && datagram->len != 0 &&
           datagram->block_count == blocks(datagram->len);
}

/* Hands the datagram's octets out. Those of the one before are given back only now: a fragment
 * inside a reassembled datagram was read from them. */
static fst_next decode_whole(struct fst_decoding *decoding, size_t index)
{
    struct fst_fragments *fragments = decoding->fragments;
    struct datagram *datagram = take_out(fragments, index);
    struct fst_segment *segment = decoding->segment;

    if (segment->completed_count < FST_COMPLETED_MAX)
        segment->completed[segment->completed_count++] = datagram->number;
    datagram_free(fragments, fragments->whole);
    fragments->whole = datagram;
    decoding->at = datagram->octets;
    decoding->captured = datagram->len;
    decoding->wire = datagram->len;
    decoding->reassembled = true;
    return FST_NEXT_IP(datagram->protocol);
}

static fst_next keep(struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    struct fst_fragments *fragments = decoding->fragments;
    int64_t now_ns = decoding->segment->time_ns;
    enum fst_decoded result = FST_DECODED_FRAGMENT;
    struct datagram_key key;
    struct datagram *datagram;
    size_t index;

    fill_key(&key, decoding->segment, piece);
    index = find(fragments, &key, now_ns);
    if (index == fragments->count) {
        result = add_datagram(fragments, &key, now_ns);
        if (result != FST_DECODED_FRAGMENT)
            return FST_NEXT_END(result);
        index = fragments->count - 1; /* others may have made room */
    }

    datagram = fragments->datagrams[index];
    decoding->segment->waits_for = datagram->number;
    result = put(fragments, datagram, decoding, piece);
    if (result != FST_DECODED_FRAGMENT || !is_whole(datagram))
        return FST_NEXT_END(result);
    while (fragments->datagrams[index] != datagram)
        index--; /* older ones may have made room */
    return decode_whole(decoding, index);
}

/* -------------------------------------------------------------------------------- the way in -- */

/* UDP is kept for the tunnels it carries, which only the first fragment tells by its ports. Those
 * that come before it are given up: else any stream of large datagrams could crowd TCP out. */
static bool may_be_udp_tunnel(const struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    struct datagram_key key;

    if (piece->offset == 0)
        return fst_udp_may_tunnel(decoding);
    if (!decoding->fragments)
        return false;
    if (decoding->fragments->beside && decoding->fragments->beside->count > 0)
        decoding->fragments->asked = true;
    fill_key(&key, decoding->segment, piece);
    return find(decoding->fragments, &key, decoding->segment->time_ns) < decoding->fragments->count;
}

/* Whether TCP may be inside: what else is fragmented is not worth its memory. */
static bool may_hold_tcp(const struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    switch (piece->protocol) {
    case FST_IP_TCP:
    case FST_IP_IP4:
    case FST_IP_IP6:
    case FST_IP_ROUTING:
    case FST_IP_GRE:
    case FST_IP_AUTHENTICATION:
    case FST_IP_DESTINATION:
        return true;
    case FST_IP_UDP:
        return may_be_udp_tunnel(decoding, piece);
    default:
        return false;
    }
}

/* A fragment that cannot be kept is lost, and with it the segment. */
static fst_next give_up(struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    struct fst_segment *segment = decoding->segment;

    if (piece->protocol != FST_IP_TCP)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    if (piece->offset == 0 && decoding->captured >= 4) {
        segment->src_port = fst_be16(decoding->at);
        segment->dst_port = fst_be16(decoding->at + 2);
    }
    return FST_NEXT_END(FST_DECODED_CUT);
}

fst_next fst_fragment_decode(struct fst_decoding *decoding, const struct fst_fragment *piece)
{
    uint32_t len = decoding->wire;
    fst_next next;

    if (!may_hold_tcp(decoding, piece))
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    if (len == 0 || (piece->more && len % BLOCK != 0) || len > OCTETS_MAX - piece->offset)
        return FST_NEXT_END(FST_DECODED_MALFORMED);
    if (!decoding->fragments || decoding->captured < len)
        return give_up(decoding, piece);
    if (decoding->fragments->beside) {
        decoding->fragments->asked = true;
        return give_up(decoding, piece);
    }
    next = keep(decoding, piece);
    return next == FST_NEXT_END(FST_DECODED_CUT) ? give_up(decoding, piece) : next;
}
