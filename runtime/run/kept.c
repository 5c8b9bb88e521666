#include "runtime/run/kept.h"

#include "runtime/engine/cap.h"
#include "runtime/vm/scalar.h"

struct looking {
    const struct wf_ir *ir;
    struct wf_scalar *scalar; /* for what a run knows before any row */
    int64_t from;
};

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool is_sent_at(const struct wf_ir *ir, uint32_t node, uint32_t view)
{
    if (ir->nodes[node].op != WF_IR_COL)
        return false;
    const struct wf_ir_input *input = &ir->inputs[ir->nodes[node].a];
    return input->domain == WF_DOM_EVENT + view && input->record == WF_NONE &&
           input->field == WF_SENT_AT;
}

/* Rows before this do not pass the filter; INT64_MIN: any may. A window is `at >= FROM`, joined to
 * the rest of its set by `and`. */
static int64_t window_start(const struct looking *l, uint32_t filter, uint32_t view)
{
    const struct wf_ir_node *node = &l->ir->nodes[filter];
    if (node->op == WF_IR_AND) {
        int64_t a = window_start(l, node->a, view), b = window_start(l, node->b, view);
        return a > b ? a : b;
    }
    if (node->op != WF_IR_GE || !is_sent_at(l->ir, node->a, view) ||
        l->ir->nodes[node->b].domain != WF_DOM_RUN)
        return INT64_MIN;
    struct wf_value from = wf_scalar_value(l->scalar, node->b);
    return from.present && from.type == WF_T_TIME ? from.i : INT64_MIN;
}

static void look_at_side(struct looking *l, const struct wf_ir_side *side)
{
    if (side->view != WF_NONE && l->ir->views[side->view].sent)
        l->from = earlier(l->from, window_start(l, side->filter, side->view));
}

static void look_at_all(struct looking *l, uint32_t view)
{
    if (view != WF_NONE && l->ir->views[view].sent)
        l->from = INT64_MIN;
}

/* What the rules ask of `sent`. */
static void look_at_sent(struct looking *l)
{
    const struct wf_ir *ir = l->ir;
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        if (ir->views[ir->aggs[i].view].sent)
            l->from = earlier(l->from, window_start(l, ir->aggs[i].filter, ir->aggs[i].view));
    for (uint32_t i = 0; i < ir->n_breakers; i++) {
        look_at_side(l, &ir->breakers[i].left);
        look_at_side(l, &ir->breakers[i].right);
    }
    /* moments, waits and goals look back as far as they like */
    for (uint32_t i = 0; i < ir->n_follows; i++)
        look_at_all(l, ir->follows[i].view);
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        look_at_all(l, ir->triggers[i].view);
    for (uint32_t i = 0; i < ir->n_steps; i++)
        look_at_all(l, ir->steps[i].view);
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        look_at_all(l, ir->journeys[i].entered);
        look_at_all(l, ir->journeys[i].goal_view);
    }
}

static int64_t days_before(int64_t time, int64_t days)
{
    return time < INT64_MIN + days * WF_DAY_SECONDS ? INT64_MIN : time - days * WF_DAY_SECONDS;
}

enum wf_status wf_kept_from(const struct wf_ir *ir, const struct wf_zone *zone, int64_t now,
                            const struct wf_rations *rations, const struct wf_alloc *alloc,
                            int64_t *out)
{
    struct wf_vm_params params = {.now = now, .zone = zone};
    struct looking l = {.ir = ir, .from = wf_caps_since(ir, zone, now)};
    l.scalar = wf_scalar_new(ir, NULL, &params, NULL, alloc);
    if (!l.scalar)
        return WF_ERR_NOMEM;
    look_at_sent(&l);
    enum wf_status st = wf_scalar_status(l.scalar);
    wf_scalar_free(l.scalar);
    for (size_t i = 0; i < rations->n_held; i++)
        l.from = earlier(l.from, rations->held[i].occurred);
    *out = earlier(days_before(now, WF_KEPT_DAYS), days_before(l.from, WF_KEPT_SPARE));
    return st;
}
