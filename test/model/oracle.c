/* SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <assert.h>
#include <stddef.h>

/* splitmix64: any seed will do, also 0. */
uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

unsigned random_below(uint64_t *state, unsigned below)
{
    return (unsigned)((random_next(state) >> 32) * below >> 32);
}

void oracle_begin(struct oracle *oracle, const struct tape *tape)
{
    oracle->given = 0;
    oracle->tape.count = 0;
    if (tape) {
        oracle->given = tape->count;
        oracle->tape = *tape;
        oracle->tape.count = 0;
    }
}

unsigned choose(struct oracle *oracle, enum choice which, unsigned answers)
{
    unsigned at = oracle->tape.count;
    unsigned answer = 0;

    if (answers < 2 || !(oracle->open >> which & 1))
        return 0;
    assert(at < TAPE_MAX);
    if (at < oracle->given)
        answer = oracle->tape.digit[at] % answers;
    else if (oracle->random)
        answer = random_below(oracle->random, answers);
    oracle->tape.digit[at] = (uint8_t)answer;
    oracle->limit[at] = (uint8_t)answers;
    oracle->tape.count = (uint8_t)(at + 1);
    return answer;
}

bool oracle_next(struct oracle *oracle)
{
    unsigned at = oracle->tape.count;

    while (at > 0 && oracle->tape.digit[at - 1] + 1 >= oracle->limit[at - 1])
        at--;
    if (at == 0)
        return false;
    oracle->tape.digit[at - 1]++;
    oracle->given = (uint8_t)at;
    oracle->tape.count = 0;
    return true;
}
