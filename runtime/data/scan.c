#include "runtime/data/scan.h"

#include "runtime/data/scan_loop.h"

static void scalar_index(const char *text, size_t len, char delimiter, struct wf_index *index)
{
    index_text(text, len, delimiter, index);
}

static void scalar_edge(const char *text, size_t len, struct wf_edge *edge)
{
    edge_text(text, len, edge);
}

const struct wf_scanner wf_scanner_scalar = {scalar_index, scalar_edge};

const struct wf_scanner *wf_scanner_pick(bool scalar)
{
#ifdef __x86_64__
    if (!scalar && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt"))
        return &wf_scanner_avx512;
    if (!scalar && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt"))
        return &wf_scanner_avx2;
#endif
    (void)scalar;
    return &wf_scanner_scalar;
}

enum wf_status wf_index_reserve(struct wf_index *index, size_t len)
{
    size_t want = len + 64; /* one more than cells; the scanners write up to 31 beyond the last */
    if (len > UINT32_MAX - 128)
        return WF_ERR_LIMIT;
    if (want <= index->room)
        return WF_OK;
    wf_index_release(index);
    index->starts = wf_realloc(index->alloc, NULL, want * sizeof(uint32_t));
    index->rows = wf_realloc(index->alloc, NULL, want * sizeof(uint32_t));
    index->bare = wf_realloc(index->alloc, NULL, want * sizeof(uint32_t));
    if (!index->starts || !index->rows || !index->bare) {
        wf_index_release(index);
        return WF_ERR_NOMEM;
    }
    index->room = want;
    return WF_OK;
}

size_t wf_index_row(const struct wf_index *index, uint32_t at)
{
    size_t start = 0;
    for (uint32_t r = 0; r < index->n_rows; r++) {
        size_t end = index->starts[index->rows[r]];
        if (end > at)
            break;
        start = end;
    }
    return start;
}

void wf_index_release(struct wf_index *index)
{
    wf_free(index->alloc, index->starts);
    wf_free(index->alloc, index->rows);
    wf_free(index->alloc, index->bare);
    index->starts = index->rows = index->bare = NULL;
    index->room = 0;
}
