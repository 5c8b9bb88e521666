#include "runtime/data/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the pages that lie in the block as a whole. */
static void advise(void *bytes, size_t size, int advice)
{
    uintptr_t unit = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)bytes;
    uintptr_t first = (from + unit - 1) / unit * unit, end = (from + size) / unit * unit;
    if (first < end)
        (void)madvise((char *)bytes + (first - from), end - first, advice);
}

void wf_pages_dense(void *bytes, size_t size)
{
#ifdef MADV_HUGEPAGE
    enum { LEAST = 4 << 20 }; /* of less, little is whole large pages */
    if (bytes && size >= LEAST)
        advise(bytes, size, MADV_HUGEPAGE);
#else
    (void)bytes;
    (void)size;
#endif
}

void wf_pages_drop(void *bytes, size_t size)
{
    advise(bytes, size, MADV_DONTNEED);
}
