/* SPDX-License-Identifier: MIT
 *
 * The catalogue as users see it: looking rules up, and putting a finding into words.
 */
#include "rules/catalogue.h"

#include <stdio.h>
#include <string.h>

static const struct fst_rule rules[] = {
#define RULE(name, slug, class_, lossless, source, meaning, excuse, example, aliases, message)     \
    {slug, FST_##class_, FST_##lossless, source, meaning, excuse, example, aliases},
#include "rules/rules.def"
#undef RULE
};

static const char *const messages[] = {
#define RULE(name, slug, class_, lossless, source, meaning, excuse, example, aliases, message)     \
    message,
#include "rules/rules.def"
#undef RULE
};

size_t fst_rule_count(void)
{
    return FST_RULE_COUNT;
}

const struct fst_rule *fst_rule_at(size_t index)
{
    return index < FST_RULE_COUNT ? &rules[index] : NULL;
}

const struct fst_rule *fst_rule_find(const char *slug)
{
    size_t i;

    for (i = 0; i < FST_RULE_COUNT; i++)
        if (strcmp(rules[i].slug, slug) == 0)
            return &rules[i];
    return NULL;
}

/* A text that is cut at its buffer's end but knows the length it would have had. */
struct cut_text {
    char *text;
    size_t size;
    int length;
};

static void put(struct cut_text *out, const char *piece, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++, out->length++)
        if ((size_t)out->length + 1 < out->size)
            out->text[out->length] = piece[i];
}

static void put_number(struct cut_text *out, uint32_t number)
{
    char digits[16];
    int len = snprintf(digits, sizeof(digits), "%lu", (unsigned long)number);

    put(out, digits, (size_t)len);
}

static void put_states(struct cut_text *out, fst_state_set states)
{
    unsigned state;
    bool first = true;

    for (state = 0; state < FST_STATE_COUNT; state++) {
        const char *name = fst_state_name((enum fst_state)state);

        if (!(states >> state & 1))
            continue;
        if (!first)
            put(out, " or ", 4);
        put(out, name, strlen(name));
        first = false;
    }
    if (first)
        put(out, "no state", 8);
}

int fst_finding_message(const struct fst_finding *finding, char *text, size_t size)
{
    struct cut_text out = {text, size, 0};
    const char *p = messages[finding->rule - rules];

    while (*p) {
        if (strncmp(p, "{1}", 3) == 0 || strncmp(p, "{2}", 3) == 0) {
            put_number(&out, finding->number[p[1] - '1']);
            p += 3;
        } else if (strncmp(p, "{states}", 8) == 0) {
            put_states(&out, finding->states);
            p += 8;
        } else if (strncmp(p, "{state}", 7) == 0) {
            put_states(&out, (fst_state_set)(1u << finding->number[0]));
            p += 7;
        } else {
            put(&out, p++, 1);
        }
    }
    if (size > 0)
        text[(size_t)out.length < size ? (size_t)out.length : size - 1] = '\0';
    return out.length;
}
