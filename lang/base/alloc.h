/*
 * alloc.h - the one settable allocator.
 *
 * A NULL `const struct wf_alloc *` anywhere means the C library. The function behaves like
 * realloc: (ctx, NULL, n) allocates, (ctx, p, n) resizes, (ctx, p, 0) frees and returns NULL;
 * failure returns NULL and leaves p as it was.
 */
#ifndef WF_BASE_ALLOC_H
#define WF_BASE_ALLOC_H

#include <stddef.h>

struct wf_alloc {
    void *(*resize)(void *ctx, void *ptr, size_t size);
    void *ctx;
};

void *wf_realloc(const struct wf_alloc *alloc, void *ptr, size_t size);
void wf_free(const struct wf_alloc *alloc, void *ptr);

/* count * size bytes, all zero; NULL when out of memory or when the product overflows. */
void *wf_calloc(const struct wf_alloc *alloc, size_t count, size_t size);

/*
 * Makes room for at least `need` elements of `size` bytes in *array, doubling *cap. Answers 0, or
 * -1 (out of memory or overflow; *array and *cap are unchanged).
 */
int wf_grow(const struct wf_alloc *alloc, void *array, size_t *cap, size_t need, size_t size);

/* A copy of a C string, to be freed with wf_free; NULL: no memory. */
char *wf_strdup(const struct wf_alloc *alloc, const char *text);

#endif
