/* SPDX-License-Identifier: MIT
 *
 * The rules by number. What a rule says stands in rules.def; what trips it, in src/tcp/check_*.c.
 */
#ifndef FST_RULES_CATALOGUE_H
#define FST_RULES_CATALOGUE_H

#include "flowstate/flowstate.h"

enum fst_rule_id {
#define RULE(name, slug, class_, lossless, source, meaning, excuse, example, aliases, message)     \
    FST_RULE_##name,
#include "rules/rules.def"
#undef RULE
    FST_RULE_COUNT
};

#endif
