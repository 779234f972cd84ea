/* SPDX-License-Identifier: MIT */
#include "flow/domains.h"

#include <string.h>

#include "base/alloc.h"
#include "base/siphash.h"
#include "flow/record.h"

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
    fst_release(domains->allocator, domains->domains, domains->room * sizeof(domains->domains[0]));
    if (domains->slots)
        fst_release(domains->allocator, domains->slots,
                    ((size_t)domains->mask + 1) * sizeof(domains->slots[0]));
    memset(domains, 0, sizeof(*domains));
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

static bool grow(struct fst_domains *domains)
{
    uint32_t room = domains->room ? domains->room * 2 : 64, i;
    uint32_t *slots;
    struct fst_domain *bigger;

    if (room > FST_KIND_DOMAIN)
        return false;
    slots = fst_alloc(domains->allocator, (size_t)room * 2 * sizeof(slots[0]));
    if (!slots)
        return false;
    bigger = fst_resize(domains->allocator, domains->domains, domains->room * sizeof(bigger[0]),
                        room * sizeof(bigger[0]));
    if (!bigger) {
        fst_release(domains->allocator, slots, (size_t)room * 2 * sizeof(slots[0]));
        return false;
    }
    domains->domains = bigger;
    domains->room = room;
    if (domains->slots)
        fst_release(domains->allocator, domains->slots,
                    ((size_t)domains->mask + 1) * sizeof(slots[0]));
    domains->slots = slots;
    domains->mask = room * 2 - 1;
    for (i = 1; i < domains->count; i++) {
        uint32_t at = home(domains, bigger[i].tags, bigger[i].tag_count);

        while (slots[at] != 0)
            at = (at + 1) & domains->mask;
        slots[at] = i;
    }
    return true;
}

uint32_t fst_domain_of(struct fst_domains *domains, const struct fst_segment *segment)
{
    uint32_t count = segment->tag_count, at;
    struct fst_domain *added;

    if (count == 0)
        return 0;
    if (domains->count >= domains->room && !grow(domains) && !domains->slots)
        return FST_KIND_DOMAIN;
    at = home(domains, segment->tags, count);
    for (; domains->slots[at] != 0; at = (at + 1) & domains->mask) {
        const struct fst_domain *known = &domains->domains[domains->slots[at]];

        if (known->tag_count == count &&
            memcmp(known->tags, segment->tags, count * sizeof(known->tags[0])) == 0)
            return domains->slots[at];
    }
    if (domains->count >= domains->room)
        return FST_KIND_DOMAIN;
    added = &domains->domains[domains->count];
    memset(added, 0, sizeof(*added));
    added->tag_count = count;
    memcpy(added->tags, segment->tags, count * sizeof(added->tags[0]));
    domains->slots[at] = domains->count;
    return domains->count++;
}

const struct fst_domain *fst_domain_tags(const struct fst_domains *domains, uint32_t number)
{
    return number == 0 || number >= domains->count ? NULL : &domains->domains[number];
}
