#include "lang/base/intern.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void wf_intern_init(struct wf_intern *intern, const struct wf_alloc *alloc, uint64_t seed)
{
    *intern = (struct wf_intern){.seed = seed};
    wf_arena_init(&intern->arena, alloc);
}

void wf_intern_release(struct wf_intern *intern)
{
    wf_free(intern->arena.alloc, intern->slots);
    wf_arena_release(&intern->arena);
    wf_intern_init(intern, intern->arena.alloc, intern->seed);
}

/* The slot that holds these bytes, or the empty one where they belong. */
static size_t find_slot(const struct wf_str **slots, size_t room, uint64_t seed, const void *bytes,
                        size_t len)
{
    size_t at = (size_t)XXH3_64bits_withSeed(bytes, len, seed) & (room - 1);
    while (slots[at] && (slots[at]->len != len || memcmp(slots[at]->text, bytes, len) != 0))
        at = (at + 1) & (room - 1);
    return at;
}

static int widen(struct wf_intern *intern)
{
    size_t room = intern->room ? intern->room * 2 : 256;
    const struct wf_str **slots = wf_calloc(intern->arena.alloc, room, sizeof(*slots));
    if (!slots)
        return -1;
    for (size_t i = 0; i < intern->room; i++) {
        const struct wf_str *s = intern->slots[i];
        if (s)
            slots[find_slot(slots, room, intern->seed, s->text, s->len)] = s;
    }
    wf_free(intern->arena.alloc, intern->slots);
    intern->slots = slots;
    intern->room = room;
    return 0;
}

const struct wf_str *wf_intern(struct wf_intern *intern, const void *bytes, size_t len)
{
    size_t at = 0;
    if (intern->room) {
        at = find_slot(intern->slots, intern->room, intern->seed, bytes, len);
        if (intern->slots[at])
            return intern->slots[at];
    }
    if (2 * (intern->n + 1) > intern->room) {
        if (widen(intern))
            return NULL;
        at = find_slot(intern->slots, intern->room, intern->seed, bytes, len);
    }
    struct wf_str *s = wf_arena_alloc(&intern->arena, sizeof(*s) + len + 1);
    if (!s)
        return NULL;
    s->len = len;
    if (len)
        memcpy(s->text, bytes, len);
    intern->slots[at] = s;
    intern->n++;
    return s;
}

const struct wf_str *wf_intern_cstr(struct wf_intern *intern, const char *text)
{
    return wf_intern(intern, text, strlen(text));
}
