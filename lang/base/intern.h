/*
 * intern.h - one copy of every string.
 *
 * Two equal strings intern to the same pointer, so names are compared with ==. The strings live
 * in the table's arena until wf_intern_release. The table is seeded (hash flooding); order of
 * anything printed must never come from it.
 */
#ifndef WF_BASE_INTERN_H
#define WF_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "lang/base/arena.h"

struct wf_str {
    size_t len;
    char text[]; /* NUL behind it; may hold NULs inside */
};

struct wf_intern {
    struct wf_arena arena;
    const struct wf_str **slots;
    size_t n, room; /* room is 0 or a power of two */
    uint64_t seed;
};

void wf_intern_init(struct wf_intern *intern, const struct wf_alloc *alloc, uint64_t seed);
void wf_intern_release(struct wf_intern *intern);

/* The one copy of these bytes; NULL when out of memory. */
const struct wf_str *wf_intern(struct wf_intern *intern, const void *bytes, size_t len);
const struct wf_str *wf_intern_cstr(struct wf_intern *intern, const char *text);

#endif
