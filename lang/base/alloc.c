#include "lang/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *wf_realloc(const struct wf_alloc *alloc, void *ptr, size_t size)
{
    if (size == 0) {
        wf_free(alloc, ptr);
        return NULL;
    }
    return alloc ? alloc->resize(alloc->ctx, ptr, size) : realloc(ptr, size);
}

void wf_free(const struct wf_alloc *alloc, void *ptr)
{
    if (!alloc)
        free(ptr);
    else if (ptr)
        alloc->resize(alloc->ctx, ptr, 0);
}

void *wf_calloc(const struct wf_alloc *alloc, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count && size ? count * size : 1;
    if (!alloc)
        return calloc(1, bytes); /* the C library knows which fresh pages are zero already */
    void *p = wf_realloc(alloc, NULL, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

int wf_grow(const struct wf_alloc *alloc, void *array, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return 0;
    size_t room = *cap ? *cap : 8;
    while (room < need) {
        if (room > SIZE_MAX / 2)
            return -1;
        room *= 2;
    }
    if (room > SIZE_MAX / size)
        return -1;
    void *old;
    memcpy(&old, array, sizeof(old)); /* the caller's pointer has its own type */
    void *grown = wf_realloc(alloc, old, room * size);
    if (!grown)
        return -1;
    memcpy(array, &grown, sizeof(grown));
    *cap = room;
    return 0;
}

char *wf_strdup(const struct wf_alloc *alloc, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = wf_realloc(alloc, NULL, size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}
