/* SPDX-License-Identifier: MIT */
#include "support/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"

/* Stands before each block: its size, to be compared with what the caller says. */
union head {
    size_t size;
    max_align_t align;
};

static void *resize_alone(void *context, void *old, size_t old_size, size_t new_size)
{
    struct memory *memory = context;
    union head *head = old ? (union head *)old - 1 : NULL, *made;

    assert_true(head ? head->size == old_size : old_size == 0);
    if (new_size == 0) {
        if (head) {
            memory->blocks--;
            memory->octets -= old_size;
        }
        free(head);
        return NULL;
    }
    memory->calls++;
    if (memory->calls >= memory->fail_from && memory->calls <= memory->fail_to)
        return NULL;
    made = malloc(sizeof(*made) + new_size); /* always another place: nobody may keep the old */
    assert_non_null(made);
    made->size = new_size;
    memset(made + 1, 0xa5, new_size);
    if (head) {
        memcpy(made + 1, old, old_size < new_size ? old_size : new_size);
        free(head);
    } else {
        memory->blocks++;
    }
    memory->octets += new_size - old_size;
    return made + 1;
}

/* Several threads may read a capture into an analyzer. */
static void *resize(void *context, void *old, size_t old_size, size_t new_size)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    void *made;

    pthread_mutex_lock(&lock);
    made = resize_alone(context, old, old_size, new_size);
    pthread_mutex_unlock(&lock);
    return made;
}

void memory_init(struct memory *memory)
{
    memset(memory, 0, sizeof(*memory));
    memory->allocator = (struct fst_allocator){resize, memory};
    memory_replenish(memory);
}

void memory_fail(struct memory *memory, uint64_t nth)
{
    memory->fail_from = memory->fail_to = memory->calls + nth;
}

void memory_exhaust(struct memory *memory)
{
    memory->fail_from = memory->calls + 1;
    memory->fail_to = MEMORY_NEVER;
}

void memory_replenish(struct memory *memory)
{
    memory->fail_from = memory->fail_to = MEMORY_NEVER;
}
