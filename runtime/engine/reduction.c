#include "runtime/engine/reduction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum wf_status keep_value(struct wf_reduced *r, double value, const struct wf_alloc *alloc)
{
    if (wf_grow(alloc, &r->values, &r->room, (size_t)r->n + 1, sizeof(*r->values)))
        return WF_ERR_NOMEM;
    r->values[r->n++] = value;
    return WF_OK;
}

enum wf_status wf_reduced_add_whole(struct wf_reduced *r, const struct wf_ir_over *over,
                                    int64_t value, const struct wf_alloc *alloc)
{
    if (over->kind == WF_OVER_MEDIAN)
        return keep_value(r, (double)value, alloc);
    r->n++;
    r->whole += value;
    return WF_OK;
}

static struct wf_exact *sum_of(struct wf_reduced *r, const struct wf_alloc *alloc)
{
    if (!r->sum)
        r->sum = wf_calloc(alloc, 1, sizeof(*r->sum));
    return r->sum;
}

enum wf_status wf_reduced_add_number(struct wf_reduced *r, const struct wf_ir_over *over,
                                     double value, const struct wf_alloc *alloc)
{
    if (over->kind == WF_OVER_MEDIAN)
        return keep_value(r, value, alloc);
    struct wf_exact *sum = sum_of(r, alloc);
    if (!sum)
        return WF_ERR_NOMEM;
    r->n++;
    wf_exact_add(sum, value);
    return WF_OK;
}

enum wf_status wf_reduced_merge(struct wf_reduced *into, struct wf_reduced *from,
                                const struct wf_alloc *alloc)
{
    if (from->values) {
        if (wf_grow(alloc, &into->values, &into->room, (size_t)(into->n + from->n),
                    sizeof(*into->values)))
            return WF_ERR_NOMEM;
        memcpy(into->values + into->n, from->values, (size_t)from->n * sizeof(*from->values));
    }
    if (from->sum && !into->sum) {
        into->sum = from->sum;
        from->sum = NULL;
    } else if (from->sum) {
        wf_exact_merge(into->sum, from->sum);
    }
    into->n += from->n;
    into->whole += from->whole;
    return WF_OK;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double middle_of(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), by_size);
    double upper = values[n / 2];
    return n % 2 ? upper : values[n / 2 - 1] / 2 + upper / 2;
}

bool wf_reduced_value(struct wf_reduced *r, const struct wf_ir_over *over, uint64_t members,
                      double *out)
{
    double n = (double)r->n, sum = r->sum ? wf_exact_round(r->sum) : (double)r->whole;
    switch ((enum wf_over_kind)over->kind) {
    case WF_OVER_COUNT: *out = n; break;
    case WF_OVER_SUM: *out = sum; break;
    case WF_OVER_TOTAL:
        if (!r->n)
            return false;
        *out = sum;
        break;
    case WF_OVER_SHARE:
        if (!members)
            return false;
        *out = n / (double)members;
        break;
    case WF_OVER_AVERAGE:
    case WF_OVER_MEDIAN:
        if (!r->n)
            return false;
        *out = over->kind == WF_OVER_AVERAGE ? sum / n : middle_of(r->values, (size_t)r->n);
        break;
    case WF_OVER_COUNT_: return false;
    }
    return isfinite(*out);
}

void wf_reduced_release(struct wf_reduced *r, const struct wf_alloc *alloc)
{
    wf_free(alloc, r->sum);
    wf_free(alloc, r->values);
    *r = (struct wf_reduced){0};
}
