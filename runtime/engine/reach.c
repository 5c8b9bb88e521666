#include "runtime/engine/reach.h"

/* Whether a node's value may change with the run's time alone. */
static bool node_moves(const struct wf_ir *ir, const bool *moves, uint32_t at)
{
    const struct wf_ir_node *node = &ir->nodes[at];
    if (node->op == WF_IR_PARAM)
        return node->a == WF_PARAM_NOW || node->a == WF_PARAM_TODAY;
    if (node->op == WF_IR_AGG) {
        const struct wf_ir_agg *agg = &ir->aggs[node->a];
        return moves[agg->filter] || (agg->value != WF_NONE && moves[agg->value]);
    }
    if (node->op == WF_IR_ANNIVERSARY || node->op == WF_IR_ANNIV_YEAR)
        return true;
    if (node->op == WF_IR_FOLLOWED && moves[ir->follows[node->b].filter])
        return true;
    const uint32_t operands[] = {node->a, node->b, node->c};
    const char *args = wf_ir_op_args(node->op);
    for (int i = 0; i < 3; i++)
        if (args[i] == 'n' && moves[operands[i]])
            return true;
    return false;
}

enum wf_status wf_reach_init(struct wf_reach *reach, const struct wf_night *night,
                             struct wf_policies *policies, const struct wf_vm_params *params,
                             const struct wf_pops *pops)
{
    const struct wf_ir *ir = &night->program->ir;
    *reach =
        (struct wf_reach){.ir = ir, .policies = policies, .params = *params, .alloc = night->alloc};
    reach->scalar = wf_scalar_new(ir, night->data, &reach->params, pops, night->alloc);
    reach->moves = wf_calloc(night->alloc, ir->n_nodes, sizeof(*reach->moves));
    if (!reach->scalar || !reach->moves)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        reach->moves[i] = node_moves(ir, reach->moves, i);
    return WF_OK;
}

void wf_reach_release(struct wf_reach *reach)
{
    if (reach->scalar)
        wf_scalar_free(reach->scalar);
    wf_free(reach->alloc, reach->moves);
}

static void look_from(struct wf_reach *reach, uint32_t row, int64_t time)
{
    if (reach->params.now != time) {
        reach->params.now = time;
        wf_scalar_renew(reach->scalar);
    }
    wf_scalar_member(reach->scalar, row);
}

/* The first of the channel's conditions that is not known true, WF_NONE if all are; `any` is set if
 * one concerns the member. `still`: those that do not change are known to be true. */
static uint32_t fails(const struct wf_reach *reach, const uint8_t *applies, uint32_t channel,
                      bool still, bool *any)
{
    const struct wf_ir *ir = reach->ir;
    for (uint32_t i = 0; i < ir->n_reaches; i++) {
        const struct wf_ir_reach *item = &ir->reaches[i];
        if (item->channel != channel || applies[item->policy] == WF_APPLIES_NOT)
            continue;
        *any = true;
        if ((!still || reach->moves[item->cond]) && wf_scalar_truth(reach->scalar, item->cond) <= 0)
            return i;
    }
    return WF_NONE;
}

static bool changes(const struct wf_reach *reach, uint32_t channel)
{
    for (uint32_t i = 0; i < reach->ir->n_reaches; i++)
        if (reach->ir->reaches[i].channel == channel && reach->moves[reach->ir->reaches[i].cond])
            return true;
    return false;
}

/* Open at `from`: until when, at latest `to`. Looked for by halves, so to the second. */
static int64_t open_until(struct wf_reach *reach, const uint8_t *applies, uint32_t row,
                          uint32_t channel, int64_t from, int64_t to)
{
    bool any;
    if (!changes(reach, channel) || to <= from)
        return to;
    look_from(reach, row, to - 1);
    if (fails(reach, applies, channel, true, &any) == WF_NONE)
        return to;
    for (to--; to - from > 1;) {
        int64_t mid = from + (to - from) / 2;
        look_from(reach, row, mid);
        if (fails(reach, applies, channel, true, &any) == WF_NONE)
            from = mid;
        else
            to = mid;
    }
    return to;
}

struct wf_reached wf_reach(struct wf_reach *reach, uint32_t row, uint32_t via, int64_t not_before,
                           int64_t not_after)
{
    const struct wf_ir *ir = reach->ir;
    struct wf_reached out = {.yes = ir->n_channels == 0, .channel = via, .item = WF_NONE};
    out.until = not_after;
    if (out.yes)
        return out;
    const uint8_t *applies = wf_policies_of(reach->policies, row);
    look_from(reach, row, not_before);
    for (uint32_t i = 0; i < ir->n_channels; i++) {
        uint32_t name = ir->channels[i].name;
        if (via != WF_NONE && ir->texts[name] != ir->texts[via])
            continue;
        bool any = false;
        uint32_t failed = fails(reach, applies, i, false, &any);
        if (any && failed == WF_NONE) {
            out.yes = true;
            out.channel = name;
            out.until = open_until(reach, applies, row, i, not_before, not_after);
            return out;
        }
        out.item = out.item == WF_NONE ? failed : out.item;
    }
    return out;
}
