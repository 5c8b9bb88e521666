#include "tests/fault/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
extern void *REAL(malloc)(size_t size);
extern void *REAL(calloc)(size_t count, size_t size);
extern void *REAL(realloc)(void *block, size_t size);
extern void REAL(free)(void *block);

enum { SLOTS = 1 << 18 };

/* malloc has no context: what it counts must stand somewhere. */
static struct {
    pthread_mutex_t mutex;
    bool on, for_ever;
    long calls, fail_at, held;
    void *blocks[SLOTS]; /* hash table of those allocated since; GONE: was one */
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static char gone;
#define GONE ((void *)&gone)

static size_t slot_of(const void *block)
{
    return (size_t)((uintptr_t)block / 16 * 0x9e3779b97f4a7c15u >> 40) & (SLOTS - 1);
}

static void keep(void *block)
{
    size_t at = slot_of(block);
    while (watch.blocks[at] && watch.blocks[at] != GONE)
        at = (at + 1) & (SLOTS - 1);
    watch.blocks[at] = block;
    if (++watch.held >= SLOTS / 2)
        abort(); /* a bigger table is needed */
}

static void drop(const void *block)
{
    size_t at = slot_of(block);
    while (watch.blocks[at] && watch.blocks[at] != block)
        at = (at + 1) & (SLOTS - 1);
    if (!watch.blocks[at])
        return;
    watch.blocks[at] = GONE;
    watch.held--;
}

void memory_watch(long fail_at, bool for_ever)
{
    memset(watch.blocks, 0, sizeof(watch.blocks));
    watch.calls = watch.held = 0;
    watch.fail_at = fail_at;
    watch.for_ever = for_ever;
    watch.on = true;
}

long memory_unwatch(void)
{
    watch.on = false;
    return watch.calls;
}

long memory_held(void)
{
    return watch.held;
}

/* Whether the next allocation fails. */
static bool fails(void)
{
    long call = ++watch.calls;
    return watch.fail_at && (watch.for_ever ? call >= watch.fail_at : call == watch.fail_at);
}

enum how { MALLOC, CALLOC, REALLOC };

static void *get(enum how how, void *old, size_t count, size_t size)
{
    if (!watch.on)
        return how == MALLOC   ? REAL(malloc)(size)
               : how == CALLOC ? REAL(calloc)(count, size)
                               : REAL(realloc)(old, size);
    pthread_mutex_lock(&watch.mutex);
    void *block = NULL;
    bool fail = fails();
    if (!fail) {
        if (old)
            drop(old);
        block = how == MALLOC   ? REAL(malloc)(size)
                : how == CALLOC ? REAL(calloc)(count, size)
                                : REAL(realloc)(old, size);
        if (block)
            keep(block);
    }
    pthread_mutex_unlock(&watch.mutex);
    if (fail)
        errno = ENOMEM;
    return block;
}

void *malloc(size_t size)
{
    return get(MALLOC, NULL, 1, size);
}

void *calloc(size_t count, size_t size)
{
    return get(CALLOC, NULL, count, size);
}

void *realloc(void *block, size_t size)
{
    return get(REALLOC, block, 1, size);
}

void free(void *block)
{
    if (watch.on && block) {
        pthread_mutex_lock(&watch.mutex);
        drop(block);
        pthread_mutex_unlock(&watch.mutex);
    }
    REAL(free)(block);
}
