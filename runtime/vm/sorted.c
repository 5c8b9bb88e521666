/* Columns sorted into kinds, once a piece for all tests of them. */
#include "runtime/vm/machine.h"

uint32_t wf_sorting_of(struct wf_bound *bound, uint32_t input, const struct wf_kinds *kinds,
                       int32_t first)
{
    if (input == WF_NONE)
        return WF_NONE;
    for (uint32_t i = 0; i < bound->n_sortings; i++)
        if (bound->sortings[i].input == input && bound->sortings[i].kinds == kinds)
            return i;
    bound->sortings[bound->n_sortings] = (struct wf_sorting){
        .input = input, .kinds = kinds, .low = (uint32_t)(first - bound->data->inputs[input].base)};
    return bound->n_sortings++;
}

enum { CELLS = UINT16_MAX + 1 };

enum wf_status wf_sortings_done(struct wf_bound *bound)
{
    for (uint32_t i = 0; i < bound->n_sortings; i++) {
        struct wf_sorting *by = &bound->sortings[i];
        if (!by->kinds || wf_column_cell(&bound->data->inputs[by->input]) != sizeof(uint16_t))
            continue;
        uint8_t *of = wf_arena_array(&bound->arena, CELLS, 1); /* all of them OUTSIDE */
        if (!of)
            return WF_ERR_NOMEM;
        int64_t low = (int32_t)by->low, from = low < 0 ? 0 : low, to = low + by->kinds->n;
        to = to < CELLS ? to : CELLS;
        if (from < to)
            memcpy(of + from, by->kinds->of + (from - low), (size_t)(to - from));
        by->by_cell = of;
    }
    return WF_OK;
}

static void sort_cells(const struct wf_sorting *by, const void *cells, unsigned width, size_t n,
                       uint8_t *out)
{
    const uint16_t *in = cells;
    size_t i = 0;
    if (!by->by_cell) {
        wf_kinds_sort(by->kinds->of, by->kinds->n, cells, width, by->low, n, out);
        return;
    }
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            out[i + j] = by->by_cell[in[i + j]];
    for (; i < n; i++)
        out[i] = by->by_cell[in[i]];
}

/* Whether some row is OUTSIDE. */
static bool finds_outside(const struct wf_worker *worker, const uint8_t *kinds)
{
    static const uint64_t outside[4] = {UINT64_C(1) << WF_KIND_OUTSIDE};
    uint64_t rows[WF_OWN], any = 0;
    worker->bound->lanes->pick(kinds, outside, WF_KINDS, worker->n, worker->ones, rows);
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        any |= rows[i];
    return any != 0;
}

const uint8_t *wf_sorted_kinds(struct wf_worker *worker, uint32_t sorting, bool *outside)
{
    const struct wf_sorting *by = &worker->bound->sortings[sorting];
    const struct wf_column *column = &worker->bound->data->inputs[by->input];
    const char *cells = (const char *)column->data + worker->row * wf_column_cell(column);
    struct wf_sorted *sorted = &worker->sorted[sorting];
    if (!by->kinds)
        return (const uint8_t *)cells;
    if (sorted->n != worker->n || sorted->row != worker->row) {
        sort_cells(by, cells, (unsigned)wf_column_cell(column), worker->n, sorted->kinds);
        sorted->outside = finds_outside(worker, sorted->kinds);
        sorted->row = worker->row;
        sorted->n = worker->n;
    }
    *outside = sorted->outside;
    return sorted->kinds;
}
