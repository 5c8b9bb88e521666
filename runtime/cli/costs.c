#include "runtime/cli/costs.h"

#include <stdlib.h>

#include "lang/base/alloc.h"
#include "lang/code/opcode.h"
#include "runtime/run/action.h"

static const struct wf_ir_place *place_at(const struct wf_ir *ir, uint32_t place)
{
    return place == WF_NONE ? NULL : &ir->places[place];
}

static struct wf_cost cost_of(const struct wf_ir *ir, uint32_t name, uint32_t place)
{
    return (struct wf_cost){
        .name = wf_ir_text(ir, name), .place = place_at(ir, place), .insn = WF_NONE};
}

/* Segments, classes, triggers; then what is nobody's. */
static void name_rules(const struct wf_ir *ir, struct wf_cost *rules)
{
    size_t at = 0;
    for (uint32_t i = 0; i < ir->n_segments; i++)
        rules[at++] = cost_of(ir, ir->segments[i].name, ir->segments[i].place);
    for (uint32_t i = 0; i < ir->n_classes; i++)
        rules[at++] = cost_of(ir, ir->classes[i].name, ir->classes[i].place);
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[i];
        uint32_t name = trigger->name == WF_NONE ? trigger->identity : trigger->name;
        rules[at++] = cost_of(ir, name, trigger->place);
    }
    rules[at] = (struct wf_cost){.insn = WF_NONE};
}

/* The row of the first rule that asks for a node. */
static size_t owner_of(const struct wf_ir *ir, uint32_t node)
{
    for (uint32_t i = 0; i < ir->n_segments; i++)
        if (ir->segments[i].cond == node)
            return i;
    for (uint32_t i = 0; i < ir->n_classes; i++)
        if (ir->classes[i].match == node)
            return ir->n_segments + i;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        if (t->due_le_now == node || t->due_ge_floor == node || t->guard == node ||
            (t->moment == WF_MOMENT_EVENT && t->filter == node))
            return ir->n_segments + ir->n_classes + i;
    }
    return ir->n_segments + ir->n_classes + ir->n_triggers;
}

static bool is_output(uint16_t op)
{
    return op == WF_OP_OUT_B || op == WF_OP_OUT_V || op == WF_OP_OUT_W;
}

/* A block's instructions go to whom the next output is for. */
static void charge_block(const struct wf_program *p, const struct wf_block *block,
                         const uint64_t *nanoseconds, struct wf_costs *costs)
{
    uint32_t from = block->first, end = block->first + block->count;
    for (uint32_t i = from; i < end; i++) {
        const struct wf_insn *insn = &p->insns[i];
        size_t owner = costs->n_rules - 1;
        if (is_output(insn->op))
            owner = owner_of(&p->ir, p->outs[insn->c].node);
        else if (i + 1 < end)
            continue;
        for (; from <= i; from++) {
            costs->rules[owner].nanoseconds += nanoseconds[from];
            costs->insns[from] = costs->rules[owner];
            costs->insns[from].insn = from;
            costs->insns[from].nanoseconds = nanoseconds[from];
        }
    }
}

static int compare(const void *left, const void *right)
{
    const struct wf_cost *a = left, *b = right;
    if (a->nanoseconds != b->nanoseconds)
        return a->nanoseconds < b->nanoseconds ? 1 : -1;
    return a->insn < b->insn ? -1 : a->insn > b->insn;
}

enum wf_status wf_costs_make(const struct wf_program *program, const uint64_t *nanoseconds,
                             struct wf_costs *costs_out)
{
    const struct wf_ir *ir = &program->ir;
    struct wf_costs costs = {
        .n_rules = (size_t)ir->n_segments + ir->n_classes + ir->n_triggers + 1,
        .n_insns = program->n_insns,
    };
    costs.rules = wf_calloc(NULL, costs.n_rules, sizeof(*costs.rules));
    costs.insns = wf_calloc(NULL, costs.n_insns, sizeof(*costs.insns));
    if (!costs.rules || !costs.insns) {
        wf_costs_release(&costs);
        return WF_ERR_NOMEM;
    }
    name_rules(ir, costs.rules);
    for (uint32_t i = 0; i < program->n_blocks; i++)
        charge_block(program, &program->blocks[i], nanoseconds, &costs);
    qsort(costs.rules, costs.n_rules, sizeof(*costs.rules), compare);
    qsort(costs.insns, costs.n_insns, sizeof(*costs.insns), compare);
    *costs_out = costs;
    return WF_OK;
}

void wf_costs_release(struct wf_costs *costs)
{
    wf_free(NULL, costs->rules);
    wf_free(NULL, costs->insns);
    *costs = (struct wf_costs){0};
}
