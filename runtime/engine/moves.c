#include "runtime/engine/collect.h"
#include "runtime/engine/source.h"

static uint64_t both(const uint64_t *a, const uint64_t *b, size_t n)
{
    uint64_t sum = 0;
    for (size_t w = 0; w < n; w++)
        sum += wf_bit_count(a[w] & b[w]);
    return sum;
}

/* Who is in neither feed of the two nights is not in their bitmaps, and has not moved. */
enum wf_status wf_collect_moves(const struct wf_collect *collect, struct wf_outcome *out)
{
    const struct wf_ir *ir = &collect->night->program->ir;
    const struct wf_column_bits *columns = collect->columns + ir->n_watches + ir->n_segments;
    if (ir->n_classes == 0)
        return WF_OK;
    out->moves = wf_calloc(out->alloc, (size_t)ir->n_classes * ir->n_classes, sizeof(*out->moves));
    if (!out->moves)
        return WF_ERR_NOMEM;
    for (uint32_t from = 0; from < ir->n_classes; from++)
        for (uint32_t to = 0; to < ir->n_classes; to++)
            if (ir->classes[from].classify == ir->classes[to].classify && columns[from].compared &&
                columns[to].compared)
                out->moves[(size_t)from * ir->n_classes + to] =
                    both(columns[from].was_yes, columns[to].yes, collect->roster->n_words);
    return WF_OK;
}
