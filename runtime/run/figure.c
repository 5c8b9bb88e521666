#include "runtime/run/figure.h"

#include <math.h>
#include <string.h>

static const struct wf_ir_figure *result_of(const struct wf_ir *ir, const struct wf_ir_metric *m)
{
    return &ir->figures[m->figures_first + m->figures_count - 1];
}

void wf_figure_number(struct wf_buf *out, double value)
{
    size_t from = out->len;
    wf_buf_addf(out, "%.6f", value);
    if (out->failed)
        return;
    while (out->data[out->len - 1] == '0')
        out->len--;
    if (out->data[out->len - 1] == '.')
        out->len--;
    if (out->len - from == 2 && memcmp(out->data + from, "-0", 2) == 0) {
        out->data[from] = '0';
        out->len--;
    }
    out->data[out->len] = '\0';
}

void wf_figure_value(struct wf_buf *out, const struct wf_ir *ir, const struct wf_metric_row *row)
{
    if (!row->known)
        return;
    switch (result_of(ir, &ir->metrics[row->metric])->type) {
    case WF_T_INT: wf_buf_addf(out, "%.0f", row->value); break;
    case WF_T_MONEY: /* no long double: an amount is below 2^53 hundredths, or not exact anyway */
        wf_buf_addf(out, "%.2f", round(row->value) / 100);
        break;
    default: wf_figure_number(out, row->value); break;
    }
}

const char *wf_figure_unit(const struct wf_ir *ir, const struct wf_ir_metric *metric)
{
    const struct wf_ir_figure *result = result_of(ir, metric);
    if (result->op == WF_FIGURE_OVER && ir->overs[result->over].kind == WF_OVER_SHARE)
        return "share";
    switch (result->type) {
    case WF_T_INT: return "count";
    case WF_T_MONEY: return "money";
    default: return "number";
    }
}
