#include "runtime/data/keep.h"

struct wf_keep *wf_keep_new(const struct wf_alloc *alloc)
{
    struct wf_keep *keep = wf_calloc(alloc, 1, sizeof(*keep));
    if (keep)
        keep->alloc = alloc;
    return keep;
}

void wf_keep_free(struct wf_keep *keep)
{
    if (!keep)
        return;
    for (size_t i = 0; i < keep->n; i++)
        wf_free(keep->alloc, keep->blocks[i]);
    wf_free(keep->alloc, keep->blocks);
    wf_free(keep->alloc, keep);
}

int wf_keep_add(struct wf_keep *keep, void *block)
{
    if (!block)
        return 0;
    if (wf_grow(keep->alloc, &keep->blocks, &keep->room, keep->n + 1, sizeof(void *))) {
        wf_free(keep->alloc, block);
        return -1;
    }
    keep->blocks[keep->n++] = block;
    return 0;
}

void *wf_keep_calloc(struct wf_keep *keep, size_t count, size_t size)
{
    void *block = wf_calloc(keep->alloc, count, size);
    if (!block || wf_keep_add(keep, block))
        return NULL;
    return block;
}
