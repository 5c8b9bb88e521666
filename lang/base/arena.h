/*
 * arena.h - memory that lives as long as a phase.
 *
 *   arena ─▶ block ─▶ block ─▶ block        a block is one allocation; pieces are cut from the
 *            [head|cut cut cut ··· free]    last; nothing is freed before the arena is
 *
 * Pointers into an arena stay valid until wf_arena_release. Everything may answer NULL when
 * memory or the arena's cap (limits.h, WF_MAX_ARENA) is used up: callers must look.
 */
#ifndef WF_BASE_ARENA_H
#define WF_BASE_ARENA_H

#include <stddef.h>

#include "lang/base/alloc.h"

struct wf_arena_block;

struct wf_arena {
    const struct wf_alloc *alloc;
    struct wf_arena_block *last;
    size_t used; /* bytes of all blocks */
};

void wf_arena_init(struct wf_arena *arena, const struct wf_alloc *alloc);
void wf_arena_release(struct wf_arena *arena);

/* `size` bytes aligned for any type, all zero. */
void *wf_arena_alloc(struct wf_arena *arena, size_t size);

/* An array of `count` elements of `size` bytes, all zero. */
void *wf_arena_array(struct wf_arena *arena, size_t count, size_t size);

/* A copy of `len` bytes with a NUL behind it. */
char *wf_arena_copy(struct wf_arena *arena, const void *bytes, size_t len);

#endif
