#include "lang/code/plan.h"

#include "lang/ir/rule.h"

static void raise_to(uint32_t *x, uint32_t least)
{
    if (*x < least)
        *x = least;
}

/* What node i takes over from an operand of its own rows. */
static void follow_operand(struct wf_plan *plan, uint32_t i, uint32_t operand, uint32_t more)
{
    raise_to(&plan->level[i], plan->level[operand] + more);
    raise_to(&plan->stage[i], plan->stage[operand]);
}

static void plan_pop(const struct wf_ir *ir, struct wf_plan *plan, uint32_t p)
{
    const struct wf_ir_pop *pop = &ir->pops[p];
    plan->pop_stage[p] = plan->stage[pop->x];
    if (pop->among != WF_NONE)
        raise_to(&plan->pop_stage[p], plan->stage[pop->among]);
    if (pop->per != WF_NONE)
        raise_to(&plan->pop_stage[p], plan->stage[pop->per]);
}

static void plan_node(const struct wf_ir *ir, struct wf_plan *plan, uint32_t i)
{
    const struct wf_ir_node *node = &ir->nodes[i];
    const char *args = wf_ir_op_args(node->op);
    const uint32_t operand[3] = {node->a, node->b, node->c};
    for (int k = 0; k < 3; k++)
        if (args[k] == 'n')
            follow_operand(plan, i, operand[k], 0);
    if (node->op == WF_IR_AGG) {
        const struct wf_ir_agg *agg = &ir->aggs[node->a];
        follow_operand(plan, i, agg->filter, 1);
        if (agg->value != WF_NONE)
            follow_operand(plan, i, agg->value, 1);
    } else if (node->op == WF_IR_FOLLOWED) {
        follow_operand(plan, i, ir->follows[node->b].filter, 1);
    } else if (node->op == WF_IR_POP) {
        plan_pop(ir, plan, node->a);
        plan->stage[i] = plan->pop_stage[node->a] + 1;
    }
}

enum wf_status wf_plan_make(const struct wf_ir *ir, struct wf_arena *arena, struct wf_plan *plan)
{
    *plan = (struct wf_plan){0};
    plan->level = wf_arena_array(arena, (size_t)ir->n_nodes + 1, sizeof *plan->level);
    plan->stage = wf_arena_array(arena, (size_t)ir->n_nodes + 1, sizeof *plan->stage);
    plan->pop_stage = wf_arena_array(arena, (size_t)ir->n_pops + 1, sizeof *plan->pop_stage);
    if (!plan->level || !plan->stage || !plan->pop_stage)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        plan_node(ir, plan, i);
        raise_to(&plan->n_stages, plan->stage[i] + 1);
    }
    for (uint32_t p = 0; p < ir->n_pops; p++) {
        plan_pop(ir, plan, p);
        raise_to(&plan->n_stages, plan->pop_stage[p] + 2);
    }
    raise_to(&plan->n_stages, 1);
    return WF_OK;
}
