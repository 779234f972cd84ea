/* SPDX-License-Identifier: MIT
 *
 * Encapsulations (VLAN ids, labels, tunnel keys) by number, so that a record names one in 17 bits.
 * A domain never moves: what was numbered may be read while others are added.
 */
#ifndef FST_FLOW_DOMAINS_H
#define FST_FLOW_DOMAINS_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"

#define FST_DOMAIN_BLOCKS 63 /* at most so many of 512 */

struct fst_domain {
    uint32_t tag_count;
    uint32_t tags[FST_TAGS_MAX];
};

#define FST_DOMAIN_RECENT 64u /* a power of two */

struct fst_domains {
    const struct fst_allocator *allocator;
    struct fst_domain *blocks[FST_DOMAIN_BLOCKS]; /* by number; 0 is "none" */
    uint32_t *slots;                              /* open addressing: number, 0 is free */
    uint32_t count, room, mask, block_count;
    uint64_t secret;
    bool closed; /* nothing may be added: */
    bool asked;  /* it was noted that something would have been */
    /* Of one tag, by its last bits, the number that was last asked for; tag 0 is none. */
    struct {
        uint32_t tag, number;
    } recent[FST_DOMAIN_RECENT];
};

void fst_domains_init(struct fst_domains *domains, const struct fst_allocator *allocator,
                      uint64_t secret);
void fst_domains_fini(struct fst_domains *domains);

/** The number of a segment's encapsulation, found or given out. When there are too many, or memory
 * is short, the later ones share the last number: FST_KIND_DOMAIN. */
uint32_t fst_domain_look_up(struct fst_domains *domains, const struct fst_segment *segment);

/** The same, at once for no tag and for most of one. */
static inline uint32_t fst_domain_of(struct fst_domains *domains, const struct fst_segment *segment)
{
    uint32_t tag = segment->tags[0], at = tag % FST_DOMAIN_RECENT;

    if (segment->tag_count == 0)
        return 0;
    if (segment->tag_count == 1 && domains->recent[at].tag == tag && tag != 0)
        return domains->recent[at].number;
    return fst_domain_look_up(domains, segment);
}

/** The tags of a number that was given out; NULL for none and for the shared one. */
const struct fst_domain *fst_domain_tags(const struct fst_domains *domains, uint32_t number);

#endif
