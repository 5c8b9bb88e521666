#include "tests/tools/scarce.h"

#include <stdlib.h>

static void *scarce_resize(void *ctx, void *ptr, size_t size)
{
    struct scarce *s = ctx;
    if (size == 0) {
        s->live -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    long call = ++s->calls;
    if (s->fail_at && (s->for_ever ? call >= s->fail_at : call == s->fail_at))
        return NULL;
    void *got = realloc(ptr, size);
    s->live += got && !ptr;
    return got;
}

struct wf_alloc scarce_alloc(struct scarce *scarce)
{
    return (struct wf_alloc){scarce_resize, scarce};
}
