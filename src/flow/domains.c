/* SPDX-License-Identifier: MIT */
#include "flow/domains.h"

#include <string.h>

#include "base/alloc.h"
#include "base/siphash.h"
#include "flow/record.h"

#define BLOCK 512u

static_assert(BLOCK * FST_DOMAIN_BLOCKS <= FST_KIND_DOMAIN + 1, "numbers fit a record");

void fst_domains_init(struct fst_domains *domains, const struct fst_allocator *allocator,
                      uint64_t secret)
{
    memset(domains, 0, sizeof(*domains));
    domains->allocator = allocator;
    domains->secret = secret;
    domains->count = 1;
}

void fst_domains_fini(struct fst_domains *domains)
{
    uint32_t i;

    for (i = 0; i < domains->block_count; i++)
        fst_release(domains->allocator, domains->blocks[i], BLOCK * sizeof(struct fst_domain));
    if (domains->slots)
        fst_release(domains->allocator, domains->slots,
                    ((size_t)domains->mask + 1) * sizeof(domains->slots[0]));
    memset(domains, 0, sizeof(*domains));
}

static struct fst_domain *domain_at(const struct fst_domains *domains, uint32_t number)
{
    return &domains->blocks[number / BLOCK][number % BLOCK];
}

static uint32_t home(const struct fst_domains *domains, const uint32_t *tags, uint32_t count)
{
    const struct fst_siphash_key key = {domains->secret, ~domains->secret};
    uint64_t words[FST_TAGS_MAX];
    uint32_t i;

    for (i = 0; i < count; i++)
        words[i] = tags[i];
    return (uint32_t)fst_siphash(&key, words, count) & domains->mask;
}

static bool add_block(struct fst_domains *domains)
{
    struct fst_domain *block;

    if (domains->block_count == FST_DOMAIN_BLOCKS)
        return false;
    block = fst_resize(domains->allocator, NULL, 0, BLOCK * sizeof(*block));
    if (!block)
        return false;
    domains->blocks[domains->block_count++] = block;
    domains->room += BLOCK;
    return true;
}

static bool grow_slots(struct fst_domains *domains)
{
    uint32_t count = domains->slots ? (domains->mask + 1) * 2 : BLOCK * 2, i;
    uint32_t *slots = fst_alloc(domains->allocator, count * sizeof(slots[0]));

    if (!slots)
        return false;
    if (domains->slots)
        fst_release(domains->allocator, domains->slots,
                    ((size_t)domains->mask + 1) * sizeof(slots[0]));
    domains->slots = slots;
    domains->mask = count - 1;
    for (i = 1; i < domains->count; i++) {
        const struct fst_domain *domain = domain_at(domains, i);
        uint32_t at = home(domains, domain->tags, domain->tag_count);

        while (slots[at] != 0)
            at = (at + 1) & domains->mask;
        slots[at] = i;
    }
    return true;
}

/* Room for one more: at most half of the slots are used. */
static bool grow(struct fst_domains *domains)
{
    if (domains->closed) {
        domains->asked = true;
        return false;
    }
    if ((!domains->slots || domains->count * 2 > domains->mask) && !grow_slots(domains))
        return false;
    return domains->count < domains->room || add_block(domains);
}

/* 0 if there is no room for another. */
static uint32_t find_or_add(struct fst_domains *domains, const uint32_t *tags, uint32_t count)
{
    struct fst_domain *added;
    uint32_t at;

    if (!domains->slots && !grow(domains))
        return 0;
    at = home(domains, tags, count);
    for (; domains->slots[at] != 0; at = (at + 1) & domains->mask) {
        const struct fst_domain *known = domain_at(domains, domains->slots[at]);

        if (known->tag_count == count &&
            memcmp(known->tags, tags, count * sizeof(known->tags[0])) == 0)
            return domains->slots[at];
    }
    if (!grow(domains))
        return 0;
    for (at = home(domains, tags, count); domains->slots[at] != 0;)
        at = (at + 1) & domains->mask;
    added = domain_at(domains, domains->count);
    added->tag_count = count;
    memcpy(added->tags, tags, count * sizeof(added->tags[0]));
    domains->slots[at] = domains->count;
    return domains->count++;
}

uint32_t fst_domain_look_up(struct fst_domains *domains, const struct fst_segment *segment)
{
    uint32_t number = find_or_add(domains, segment->tags, segment->tag_count);
    uint32_t at = segment->tags[0] % FST_DOMAIN_RECENT;

    if (number == 0)
        return FST_KIND_DOMAIN;
    if (segment->tag_count == 1) {
        domains->recent[at].tag = segment->tags[0];
        domains->recent[at].number = number;
    }
    return number;
}

const struct fst_domain *fst_domain_tags(const struct fst_domains *domains, uint32_t number)
{
    return number == 0 || number == FST_KIND_DOMAIN ? NULL : domain_at(domains, number);
}
