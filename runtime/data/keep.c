#include "runtime/data/keep.h"

#include <stdint.h>

struct wf_keep *wf_keep_new(const struct wf_alloc *alloc)
{
    struct wf_keep *keep = wf_calloc(alloc, 1, sizeof(*keep));
    if (!keep)
        return NULL;
    keep->alloc = alloc;
    pthread_mutex_init(&keep->lock, NULL);
    return keep;
}

void wf_keep_free(struct wf_keep *keep)
{
    if (!keep)
        return;
    for (size_t i = 0; i < keep->n; i++)
        wf_free(keep->alloc, keep->blocks[i]);
    wf_free(keep->alloc, keep->blocks);
    pthread_mutex_destroy(&keep->lock);
    wf_free(keep->alloc, keep);
}

int wf_keep_add(struct wf_keep *keep, void *block)
{
    if (!block)
        return 0;
    pthread_mutex_lock(&keep->lock);
    int failed = wf_grow(keep->alloc, &keep->blocks, &keep->room, keep->n + 1, sizeof(void *));
    if (!failed)
        keep->blocks[keep->n++] = block;
    pthread_mutex_unlock(&keep->lock);
    if (failed)
        wf_free(keep->alloc, block);
    return failed;
}

void *wf_keep_calloc(struct wf_keep *keep, size_t count, size_t size)
{
    void *block = wf_calloc(keep->alloc, count, size);
    if (!block || wf_keep_add(keep, block))
        return NULL;
    return block;
}

void *wf_keep_alloc(struct wf_keep *keep, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count && size ? count * size : 1;
    void *block = wf_realloc(keep->alloc, NULL, bytes);
    if (!block || wf_keep_add(keep, block))
        return NULL;
    return block;
}
