#include "lang/base/arena.h"

#include <stdint.h>
#include <string.h>

#include "lang/base/limits.h"

enum { BLOCK = 64 * 1024, ALIGN = 16 };

struct wf_arena_block {
    struct wf_arena_block *prev;
    size_t size, used; /* of the bytes behind this head */
};

static char *bytes_of(struct wf_arena_block *block)
{
    size_t head = (sizeof(*block) + ALIGN - 1) / ALIGN * ALIGN;
    return (char *)block + head;
}

void wf_arena_init(struct wf_arena *arena, const struct wf_alloc *alloc)
{
    *arena = (struct wf_arena){.alloc = alloc};
}

void wf_arena_release(struct wf_arena *arena)
{
    struct wf_arena_block *block = arena->last;
    while (block) {
        struct wf_arena_block *prev = block->prev;
        wf_free(arena->alloc, block);
        block = prev;
    }
    arena->last = NULL;
    arena->used = 0;
}

static struct wf_arena_block *add_block(struct wf_arena *arena, size_t size)
{
    size_t want = size > BLOCK ? size : BLOCK;
    if (want > WF_MAX_ARENA || arena->used > WF_MAX_ARENA - want)
        return NULL;
    struct wf_arena_block *block = wf_realloc(arena->alloc, NULL, want + sizeof(*block) + ALIGN);
    if (!block)
        return NULL;
    *block = (struct wf_arena_block){.prev = arena->last, .size = want};
    arena->last = block;
    arena->used += want;
    return block;
}

void *wf_arena_alloc(struct wf_arena *arena, size_t size)
{
    if (size > WF_MAX_ARENA)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct wf_arena_block *block = arena->last;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size);
    if (!block)
        return NULL;
    char *p = bytes_of(block) + block->used;
    block->used += size;
    memset(p, 0, size);
    return p;
}

void *wf_arena_array(struct wf_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return wf_arena_alloc(arena, count * size);
}

char *wf_arena_copy(struct wf_arena *arena, const void *bytes, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = wf_arena_alloc(arena, len + 1);
    if (copy && len)
        memcpy(copy, bytes, len);
    return copy;
}
