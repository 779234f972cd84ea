/* SPDX-License-Identifier: MIT
 *
 * The first stage of the pipeline: from captured packets to segments with their keys. It touches
 * nothing of the connections, so another thread may do it.
 */
#ifndef FST_FLOW_BATCH_H
#define FST_FLOW_BATCH_H

#include "decode/packet.h"
#include "flow/domains.h"
#include "flow/key.h"

/* Large enough to hide a cache miss behind its neighbours' work, small enough for the first cache.
 */
#define FST_BATCH 32

/* So many packets agree on what time it is, but for one. */
#define FST_NEWEST 3

/* Before all stamps, and the difference to any fits the type. */
#define FST_NO_TIME (-(INT64_C(1) << 62))

/** One more stamp after the last ones. */
static inline void fst_note_time(int64_t newest_ns[FST_NEWEST], int64_t time_ns)
{
    newest_ns[0] = newest_ns[1];
    newest_ns[1] = newest_ns[2];
    newest_ns[2] = time_ns;
}

/** The middle one of the last stamps. */
static inline int64_t fst_middle_time(const int64_t t[FST_NEWEST])
{
    int64_t low = t[0] < t[1] ? t[0] : t[1], high = t[0] < t[1] ? t[1] : t[0];

    return t[2] < low ? low : t[2] > high ? high : t[2];
}

struct fst_item {
    struct fst_segment segment;
    struct fst_key key;
    uint64_t shape; /* see fst_shape_of() */
    uint32_t hash;
    unsigned side;
};

/* Into so many parts connections can be divided, by the low bits of their hashes. */
#define FST_PARTS_MOST 4

struct fst_batch {
    struct fst_item items[FST_BATCH]; /* TCP segments between two endpoints */
    size_t count;
    uint32_t of_part[FST_PARTS_MOST]; /* which items are of each part, as bits */
    struct fst_stats stats;           /* what its packets add; times are theirs */
    int64_t newest_ns[FST_NEWEST];    /* of its last packets, in order */
    size_t newest_count;
    int error; /* 0, or FST_ENOMEM: the packets behind are missing */
};

struct fst_decoder {
    struct fst_fragments *fragments;
    struct fst_domains domains;
    struct fst_key_secret secret;
    int64_t last_time_ns;
    bool begun; /* it has seen a packet */
};

/** Returns false when memory is short; nothing is left to free then. */
bool fst_decoder_init(struct fst_decoder *decoder, const struct fst_allocator *allocator,
                      const struct fst_siphash_key *seed);
void fst_decoder_fini(struct fst_decoder *decoder);

/**
 * A decoder for packets that are decoded beside others, whatever the order: it knows what `decoder`
 * knows, which must not change meanwhile, and adds nothing to it. Where what to say of a packet
 * depends on those before, it notes that it was asked, and what it has decoded is of no use.
 *
 * @return False when memory is short; nothing is left to free then.
 */
bool fst_decoder_init_beside(struct fst_decoder *beside, const struct fst_decoder *decoder,
                             const struct fst_allocator *allocator);
void fst_decoder_fini_beside(struct fst_decoder *beside);
bool fst_decoder_asked(const struct fst_decoder *beside);

/** Decode at most FST_BATCH packets into the batch, which is overwritten. */
void fst_decoder_take(struct fst_decoder *decoder, const struct fst_packet *packets, size_t count,
                      struct fst_batch *batch);

/** Add what a batch counted. */
void fst_stats_add(struct fst_stats *stats, const struct fst_stats *more);

#endif
