/*
 * The population figures of the row evaluator: every member is compared with every other, so that
 * nothing is shared with the sorting of population.c. For tests and small runs.
 */
#include "runtime/vm/scalar_impl.h"

struct sheet { /* what one figure needs of every member */
    struct wf_value *x, *per;
    int8_t *among; /* 1 true, 0 false, -1 unknown */
    uint64_t *tie;
};

static bool sheet_fill(struct wf_scalar *scalar, const struct wf_ir_pop *pop, struct sheet *sheet)
{
    size_t n = (size_t)scalar->data->n_members + 1;
    *sheet = (struct sheet){wf_calloc(scalar->alloc, n, sizeof(struct wf_value)),
                            wf_calloc(scalar->alloc, n, sizeof(struct wf_value)),
                            wf_calloc(scalar->alloc, n, sizeof(int8_t)),
                            wf_calloc(scalar->alloc, n, sizeof(uint64_t))};
    if (!sheet->x || !sheet->per || !sheet->among || !sheet->tie)
        return false;
    for (uint32_t m = 0; m + 1 < n; m++) {
        wf_scalar_member(scalar, m);
        sheet->x[m] = wf_scalar_value(scalar, pop->x);
        sheet->per[m] =
            pop->per == WF_NONE ? wf_bool_value(true) : wf_scalar_value(scalar, pop->per);
        sheet->among[m] = pop->among == WF_NONE ? 1 : (int8_t)wf_scalar_truth(scalar, pop->among);
        sheet->tie[m] = wf_pop_tie(scalar->data, m);
    }
    return true;
}

static void sheet_release(struct wf_scalar *scalar, struct sheet *sheet)
{
    wf_free(scalar->alloc, sheet->x);
    wf_free(scalar->alloc, sheet->per);
    wf_free(scalar->alloc, sheet->among);
    wf_free(scalar->alloc, sheet->tie);
}

static bool is_counted(const struct sheet *sheet, uint32_t m)
{
    return sheet->among[m] == 1 && sheet->x[m].present && sheet->per[m].present;
}

static bool is_zero(struct wf_value x)
{
    switch (x.type) {
    case WF_T_NUMBER: return x.f == 0;
    case WF_T_INT:
    case WF_T_MONEY:
    case WF_T_CLOCK:
    case WF_T_DAYS:
    case WF_T_MONTHS:
    case WF_T_SECONDS: return x.i == 0;
    default: return false;
    }
}

/* What one member sees when it looks at all of its group. */
struct view_of {
    uint64_t n, less, greater, before;
};

static struct view_of look(const struct wf_scalar *scalar, const struct wf_ir_pop *pop,
                           const struct sheet *sheet, uint32_t me)
{
    struct view_of seen = {0};
    for (uint32_t m = 0; m < scalar->data->n_members; m++) {
        if (!is_counted(sheet, m) || wf_value_compare(sheet->per[m], sheet->per[me]) != 0)
            continue;
        int order = wf_value_compare(sheet->x[m], sheet->x[me]);
        seen.n++;
        seen.less += order < 0;
        seen.greater += order > 0;
        if (m == me || is_zero(sheet->x[m]))
            continue;
        if (order == 0)
            seen.before += sheet->tie[m] != sheet->tie[me]
                               ? sheet->tie[m] < sheet->tie[me]
                               : wf_pop_compare_ids(scalar->data, m, me) < 0;
        else
            seen.before += (order > 0) == (pop->kind == WF_POP_TOP);
    }
    return seen;
}

static void answer(const struct wf_scalar *scalar, const struct wf_ir_pop *pop,
                   const struct sheet *sheet, uint32_t m, struct wf_figure *figure)
{
    uint64_t bit = UINT64_C(1) << (m % 64);
    if (!is_counted(sheet, m)) {
        if (pop->no_match && sheet->among[m] >= 0 && !figure->value)
            figure->k[m / 64] |= bit;
        return;
    }
    struct view_of seen = look(scalar, pop, sheet, m);
    figure->k[m / 64] |= bit;
    if (pop->kind == WF_POP_QUANTILE)
        figure->value[m] = 1 + pop->n * (int64_t)seen.less / (int64_t)seen.n;
    else if (pop->kind == WF_POP_RANK)
        figure->value[m] = 1 + (int64_t)seen.greater;
    else if (!is_zero(sheet->x[m]) && seen.before < wf_pop_quota(pop, seen.n))
        figure->t[m / 64] |= bit;
}

enum wf_status wf_scalar_populations(struct wf_scalar *scalar, struct wf_pops *pops)
{
    const struct wf_ir *ir = scalar->ir;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        if (ir->nodes[i].op != WF_IR_POP || pops->figures[ir->nodes[i].a].ready)
            continue;
        const struct wf_ir_pop *pop = &ir->pops[ir->nodes[i].a];
        struct wf_figure *figure = &pops->figures[ir->nodes[i].a];
        struct sheet sheet;
        enum wf_status status = wf_pops_make_values(pops, ir, ir->nodes[i].a);
        if (status)
            return status;
        bool filled = sheet_fill(scalar, pop, &sheet);
        for (uint32_t m = 0; filled && m < scalar->data->n_members; m++)
            answer(scalar, pop, &sheet, m, figure);
        sheet_release(scalar, &sheet);
        if (!filled)
            return WF_ERR_NOMEM;
        if (scalar->status)
            return scalar->status;
        figure->ready = true;
    }
    return WF_OK;
}
