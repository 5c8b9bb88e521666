/*
 * diff_metrics.c - figures that would be others: a metric of both sides group by group, as
 * metrics.csv writes them.
 */
#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"
#include "runtime/run/figure.h"

/* The rows of one metric of one side, by group. */
struct rows {
    const struct wf_diff_side *side;
    const struct wf_metric_row *at, *end;
};

static struct rows rows_of(const struct wf_diff_side *side, const char *name)
{
    const struct wf_outcome *out = side->outcome;
    struct rows rows = {.side = side};
    for (size_t i = 0; i < out->n_metrics; i++) {
        const struct wf_metric_row *row = &out->metrics[i];
        if (strcmp(wf_ir_text(side->ir, side->ir->metrics[row->metric].name), name) != 0)
            continue;
        rows.at = rows.at ? rows.at : row;
        rows.end = row + 1;
    }
    return rows;
}

static const char *value_of(struct wf_diffing *d, const struct rows *rows)
{
    struct wf_buf text;
    wf_buf_init(&text, d->alloc, 0);
    wf_figure_value(&text, rows->side->ir, rows->at);
    return wf_diff_keep_buf(d, &text);
}

/* A group of one side, or of both. */
static void compare_group(struct wf_diffing *d, const char *name, const struct rows *const of[])
{
    struct wf_diff_metric m = {.group = NULL};
    for (int side = 0; side < WF_DIFF_SIDES; side++) {
        if (!of[side])
            continue;
        const struct wf_metric_row *row = of[side]->at;
        const struct wf_ir_metric *metric = &of[side]->side->ir->metrics[row->metric];
        m.group = row->group;
        m.split |= metric->by != WF_NONE;
        m.unit = wf_figure_unit(of[side]->side->ir, metric);
        m.value[side] = value_of(d, of[side]);
        m.members[side] = row->members;
    }
    const char *old = m.value[WF_DIFF_OLD], *now = m.value[WF_DIFF_NEW];
    if (old && now && strcmp(old, now) == 0)
        return;
    struct wf_diff_metric *to = wf_diff_more(d, &d->out->metrics, &d->out->n_metrics,
                                             &d->out->room_metrics, sizeof(*d->out->metrics));
    if (!to)
        return;
    m.name = wf_diff_keep(d, name, strlen(name));
    m.group = wf_diff_keep(d, m.group, strlen(m.group));
    *to = m;
}

static void compare_metric(struct wf_diffing *d, const char *name)
{
    struct rows old = rows_of(&d->side[WF_DIFF_OLD], name);
    struct rows now = rows_of(&d->side[WF_DIFF_NEW], name);
    while (old.at < old.end || now.at < now.end) {
        int order = old.at == old.end   ? 1
                    : now.at == now.end ? -1
                                        : strcmp(old.at->group, now.at->group);
        compare_group(
            d, name,
            (const struct rows *const[]){order <= 0 ? &old : NULL, order >= 0 ? &now : NULL});
        old.at += order <= 0;
        now.at += order >= 0;
    }
}

static bool is_old(const struct wf_diffing *d, const char *name)
{
    const struct wf_ir *ir = d->side[WF_DIFF_OLD].ir;
    for (uint32_t i = 0; i < ir->n_metrics; i++)
        if (strcmp(wf_ir_text(ir, ir->metrics[i].name), name) == 0)
            return true;
    return false;
}

void wf_diff_metrics(struct wf_diffing *d)
{
    for (int side = 0; side < WF_DIFF_SIDES; side++) {
        const struct wf_ir *ir = d->side[side].ir;
        for (uint32_t i = 0; i < ir->n_metrics; i++) {
            const char *name = wf_ir_text(ir, ir->metrics[i].name);
            if (side == WF_DIFF_OLD || !is_old(d, name))
                compare_metric(d, name);
        }
    }
}
