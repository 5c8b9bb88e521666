#include "lang/code/emit.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/code/block.h"
#include "lang/code/opcode.h"
#include "lang/code/plan.h"
#include "lang/ir/rule.h"

/* What a stage needs of the program, found from its outputs and figures backwards. */
struct demand {
    bool *node, *lifted; /* by node: it is needed; it is needed by event rows */
    bool *agg, *follow;  /* by index */
    uint32_t *out_level; /* by view: the level of the block that writes its outputs */
    uint32_t levels;     /* event blocks have levels 0 .. levels - 1 */
    bool entry;          /* a journey's entry is asked for: no batch has one */
};

struct emit {
    struct wf_emitter e;
    struct wf_program *program;
    struct wf_arena tmp;
    struct wf_plan plan;
    struct demand demand;
    struct wf_output *outs;
    size_t n_outs, room_outs;
};

/* ---- outputs ---- */

/* `asker`: the domain in which a constant is wanted. */
static enum wf_status add_out(struct emit *m, uint32_t node, uint16_t asker)
{
    if (node == WF_NONE)
        return WF_OK;
    if (wf_grow(m->e.alloc, &m->outs, &m->room_outs, m->n_outs + 1, sizeof *m->outs))
        return WF_ERR_NOMEM;
    uint16_t domain = m->program->ir.nodes[node].domain;
    m->outs[m->n_outs++] = (struct wf_output){
        .node = node,
        .domain = domain == WF_DOM_RUN ? asker : domain,
        .stage = (uint16_t)(m->plan.n_stages - 1),
    };
    return WF_OK;
}

static enum wf_status add_trigger_outs(struct emit *m, const struct wf_ir_trigger *t)
{
    bool event = t->moment == WF_MOMENT_EVENT;
    uint16_t asker = event ? (uint16_t)(WF_DOM_EVENT + t->view) : WF_DOM_MEMBER;
    const uint32_t nodes[] = {t->due_le_now, t->due_ge_floor, t->guard,
                              event ? t->filter : WF_NONE};
    enum wf_status status = WF_OK;
    for (unsigned k = 0; k < 4 && !status; k++)
        status = add_out(m, nodes[k], asker);
    return status;
}

static enum wf_status add_side_out(struct emit *m, const struct wf_ir_side *side)
{
    return add_out(m, side->filter, (uint16_t)(WF_DOM_EVENT + side->view));
}

static int compare_outs(const void *left, const void *right)
{
    const struct wf_output *a = left, *b = right;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    return a->domain < b->domain ? -1 : a->domain > b->domain;
}

static void sort_outs(struct emit *m)
{
    size_t kept = 0;
    if (m->n_outs)
        qsort(m->outs, m->n_outs, sizeof *m->outs, compare_outs);
    for (size_t i = 0; i < m->n_outs; i++)
        if (!kept || compare_outs(&m->outs[kept - 1], &m->outs[i]))
            m->outs[kept++] = m->outs[i];
    m->n_outs = kept;
}

static enum wf_status collect_outs(struct emit *m)
{
    const struct wf_ir *ir = &m->program->ir;
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; i < ir->n_segments && !status; i++)
        status = add_out(m, ir->segments[i].cond, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_classes && !status; i++)
        status = add_out(m, ir->classes[i].match, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_watches && !status; i++)
        status = add_out(m, ir->watches[i].cond, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_triggers && !status; i++)
        status = add_trigger_outs(m, &ir->triggers[i]);
    for (uint32_t i = 0; i < ir->n_breakers && !status; i++) {
        status = add_side_out(m, &ir->breakers[i].left);
        if (!status)
            status = add_side_out(m, &ir->breakers[i].right);
    }
    for (uint32_t i = 0; i < ir->n_overs && !status; i++) {
        status = add_out(m, ir->overs[i].of, WF_DOM_MEMBER);
        if (!status)
            status = add_out(m, ir->overs[i].where, WF_DOM_MEMBER);
    }
    for (uint32_t i = 0; i < ir->n_metrics && !status; i++) {
        status = add_out(m, ir->metrics[i].among, WF_DOM_MEMBER);
        if (!status)
            status = add_out(m, ir->metrics[i].by, WF_DOM_MEMBER);
    }
    sort_outs(m);
    return status;
}

/* ---- what a stage needs ---- */

static void demand_operands(struct emit *m, uint32_t i)
{
    const struct wf_ir *ir = &m->program->ir;
    const struct wf_ir_node *node = &ir->nodes[i];
    struct demand *d = &m->demand;
    if (node->op == WF_IR_AGG) {
        const struct wf_ir_agg *agg = &ir->aggs[node->a];
        d->agg[node->a] = true;
        d->node[agg->filter] = true;
        if (agg->value != WF_NONE)
            d->node[agg->value] = true;
        return;
    }
    if (node->op == WF_IR_FOLLOWED) {
        d->follow[node->b] = true;
        d->node[ir->follows[node->b].filter] = true;
    }
    d->entry |= node->op == WF_IR_ENTRY || node->op == WF_IR_ENTERED;
    if (node->op == WF_IR_LIFT)
        d->lifted[node->a] = true;
    const char *args = wf_ir_op_args(node->op);
    const uint32_t operand[3] = {node->a, node->b, node->c};
    for (int k = 0; k < 3; k++)
        if (args[k] == 'n')
            d->node[operand[k]] = true;
}

static void demand_roots(struct emit *m, uint32_t stage)
{
    const struct wf_ir *ir = &m->program->ir;
    struct demand *d = &m->demand;
    if (stage == m->plan.n_stages - 1)
        for (size_t i = 0; i < m->n_outs; i++)
            d->node[m->outs[i].node] = true;
    for (uint32_t p = 0; p < ir->n_pops; p++) {
        const struct wf_ir_pop *pop = &ir->pops[p];
        if (m->plan.pop_stage[p] != stage)
            continue;
        d->node[pop->x] = true;
        if (pop->among != WF_NONE)
            d->node[pop->among] = true;
        if (pop->per != WF_NONE)
            d->node[pop->per] = true;
    }
}

static void raise_levels(struct demand *d, uint32_t level)
{
    if (d->levels < level + 1)
        d->levels = level + 1;
}

static void find_demand(struct emit *m, uint32_t stage)
{
    const struct wf_ir *ir = &m->program->ir;
    struct demand *d = &m->demand;
    memset(d->node, 0, ir->n_nodes);
    memset(d->lifted, 0, ir->n_nodes);
    memset(d->agg, 0, ir->n_aggs);
    memset(d->follow, 0, ir->n_follows);
    memset(d->out_level, 0, ir->n_views * sizeof *d->out_level);
    d->levels = 0;
    demand_roots(m, stage);
    for (uint32_t i = ir->n_nodes; i-- > 0;)
        if (d->node[i])
            demand_operands(m, i);
    for (uint32_t a = 0; a < ir->n_aggs; a++)
        if (d->agg[a])
            raise_levels(d, wf_plan_agg_level(&m->plan, &ir->aggs[a]));
    for (uint32_t f = 0; f < ir->n_follows; f++)
        if (d->follow[f])
            raise_levels(d, m->plan.level[ir->follows[f].filter]);
    for (size_t i = 0; i < m->n_outs && stage == m->plan.n_stages - 1; i++) {
        if (m->outs[i].domain < WF_DOM_EVENT)
            continue;
        uint32_t level = m->plan.level[m->outs[i].node];
        uint32_t *at = &d->out_level[m->outs[i].domain - WF_DOM_EVENT];
        if (*at < level)
            *at = level;
        raise_levels(d, level);
    }
}

/* ---- blocks ---- */

static enum wf_status keep_lifted(struct emit *m, uint32_t level)
{
    const struct wf_ir *ir = &m->program->ir;
    struct wf_emitter *e = &m->e;
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; i < ir->n_nodes && !status; i++) {
        if (!m->demand.lifted[i] || m->plan.level[i] != level)
            continue;
        unsigned class_ = wf_class_of_type(ir->nodes[i].type);
        if (e->n_slots[class_] >= WF_MAX_REGS)
            return WF_ERR_LIMIT;
        e->kept_at[i] = level;
        e->slot[i] = ++e->n_slots[class_];
        if (e->max_slots[class_] < e->n_slots[class_])
            e->max_slots[class_] = e->n_slots[class_];
        status = wf_block_root(e, (uint16_t)(WF_OP_KEEP_B + class_), i, WF_NONE, e->slot[i] - 1, 0);
    }
    return status;
}

static enum wf_status feed_pop(struct emit *m, uint32_t p)
{
    const struct wf_ir *ir = &m->program->ir;
    const uint32_t role[3] = {ir->pops[p].x, ir->pops[p].among, ir->pops[p].per};
    enum wf_status status = WF_OK;
    for (uint32_t r = 0; r < 3 && !status; r++)
        if (role[r] != WF_NONE)
            status = wf_block_root(
                &m->e, (uint16_t)(WF_OP_KEEP_POP_B + wf_class_of_type(ir->nodes[role[r]].type)),
                role[r], WF_NONE, p, r);
    return status;
}

static enum wf_status write_outs(struct emit *m, uint16_t domain)
{
    enum wf_status status = WF_OK;
    for (size_t i = 0; i < m->n_outs && !status; i++)
        if (m->outs[i].domain == domain)
            status = wf_block_root(
                &m->e,
                (uint16_t)(WF_OP_OUT_B +
                           wf_class_of_type(m->program->ir.nodes[m->outs[i].node].type)),
                m->outs[i].node, WF_NONE, (uint32_t)i, 0);
    return status;
}

static enum wf_status emit_member_block(struct emit *m, uint32_t stage, uint32_t level)
{
    const struct wf_ir *ir = &m->program->ir;
    m->e.level = level;
    enum wf_status status = keep_lifted(m, level);
    if (level == m->demand.levels) {
        for (uint32_t p = 0; p < ir->n_pops && !status; p++)
            if (m->plan.pop_stage[p] == stage)
                status = feed_pop(m, p);
        if (!status && stage == m->plan.n_stages - 1)
            status = write_outs(m, WF_DOM_MEMBER);
    }
    return status ? status : wf_block_close(&m->e, WF_DOM_MEMBER, (uint16_t)stage);
}

static enum wf_status reduce(struct emit *m, uint32_t a)
{
    const struct wf_ir_agg *agg = &m->program->ir.aggs[a];
    unsigned op = WF_OP_REDUCE;
    if (agg->value != WF_NONE)
        op = WF_OP_REDUCE_B + wf_class_of_type(m->program->ir.nodes[agg->value].type);
    return wf_block_root(&m->e, (uint16_t)op, agg->filter, agg->value, a, 0);
}

static enum wf_status emit_event_block(struct emit *m, uint32_t stage, uint32_t level,
                                       uint32_t view)
{
    const struct wf_ir *ir = &m->program->ir;
    enum wf_status status = WF_OK;
    uint16_t domain = (uint16_t)(WF_DOM_EVENT + view);
    m->e.level = level;
    for (uint32_t a = 0; a < ir->n_aggs && !status; a++)
        if (m->demand.agg[a] && ir->aggs[a].view == view &&
            wf_plan_agg_level(&m->plan, &ir->aggs[a]) == level)
            status = reduce(m, a);
    for (uint32_t f = 0; f < ir->n_follows && !status; f++)
        if (m->demand.follow[f] && ir->follows[f].view == view &&
            m->plan.level[ir->follows[f].filter] == level)
            status = wf_block_root(&m->e, WF_OP_FILTER, ir->follows[f].filter, WF_NONE, f, 0);
    if (!status && stage == m->plan.n_stages - 1 && m->demand.out_level[view] == level)
        status = write_outs(m, domain);
    return status ? status : wf_block_close(&m->e, domain, (uint16_t)stage);
}

static enum wf_status emit_stage(struct emit *m, uint32_t stage)
{
    const struct wf_ir *ir = &m->program->ir;
    struct wf_emitter *e = &m->e;
    find_demand(m, stage);
    memset(e->slot, 0, ir->n_nodes * sizeof *e->slot);
    memset(e->n_slots, 0, sizeof e->n_slots);
    enum wf_status status = m->demand.entry ? WF_ERR_INTERNAL : WF_OK;
    for (uint32_t level = 0; level <= m->demand.levels && !status; level++) {
        status = emit_member_block(m, stage, level);
        for (uint32_t v = 0; v < ir->n_views && level < m->demand.levels && !status; v++)
            status = emit_event_block(m, stage, level, v);
    }
    return status;
}

/* ---- the whole ---- */

static enum wf_status prepare(struct emit *m)
{
    const struct wf_ir *ir = &m->program->ir;
    size_t n = (size_t)ir->n_nodes + 1;
    struct wf_arena *tmp = &m->tmp;
    m->e.reach = wf_arena_array(tmp, n, sizeof *m->e.reach);
    m->e.run_index = wf_arena_array(tmp, n, sizeof *m->e.run_index);
    m->e.slot = wf_arena_array(tmp, n, sizeof *m->e.slot);
    m->e.kept_at = wf_arena_array(tmp, n, sizeof *m->e.kept_at);
    m->demand.node = wf_arena_alloc(tmp, n);
    m->demand.lifted = wf_arena_alloc(tmp, n);
    m->demand.agg = wf_arena_alloc(tmp, (size_t)ir->n_aggs + 1);
    m->demand.follow = wf_arena_alloc(tmp, (size_t)ir->n_follows + 1);
    m->demand.out_level = wf_arena_array(tmp, (size_t)ir->n_views + 1, sizeof *m->demand.out_level);
    if (!m->e.reach || !m->e.run_index || !m->e.slot || !m->e.kept_at || !m->demand.node ||
        !m->demand.lifted || !m->demand.agg || !m->demand.follow || !m->demand.out_level)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_plan_make(ir, tmp, &m->plan);
    if (!status && m->plan.n_stages > UINT16_MAX)
        status = WF_ERR_LIMIT;
    return status ? status : collect_outs(m);
}

/* A copy of `n` things in the program's arena; 0 things are a valid pointer too. */
static void *keep_array(struct emit *m, const void *from, size_t n, size_t size)
{
    void *to = wf_arena_array(&m->program->arena, n + 1, size);
    if (to && n)
        memcpy(to, from, n * size);
    return to;
}

static enum wf_status finish(struct emit *m)
{
    struct wf_program *p = m->program;
    struct wf_emitter *e = &m->e;
    p->insns = keep_array(m, e->insns, e->n_insns, sizeof *p->insns);
    p->blocks = keep_array(m, e->blocks, e->n_blocks, sizeof *p->blocks);
    p->outs = keep_array(m, m->outs, m->n_outs, sizeof *p->outs);
    p->run_nodes = keep_array(m, e->run_nodes, e->n_run, sizeof *p->run_nodes);
    if (!p->insns || !p->blocks || !p->outs || !p->run_nodes)
        return WF_ERR_NOMEM;
    p->n_insns = (uint32_t)e->n_insns;
    p->n_blocks = (uint32_t)e->n_blocks;
    p->n_outs = (uint32_t)m->n_outs;
    p->n_run_nodes = (uint32_t)e->n_run;
    p->n_stages = (uint16_t)m->plan.n_stages;
    p->n_b = (uint16_t)e->max_regs[0];
    p->n_v = (uint16_t)e->max_regs[1];
    p->n_w = (uint16_t)e->max_regs[2];
    p->slots_b = (uint16_t)e->max_slots[0];
    p->slots_v = (uint16_t)e->max_slots[1];
    p->slots_w = (uint16_t)e->max_slots[2];
    return WF_OK;
}

static void release(struct emit *m)
{
    const struct wf_alloc *alloc = m->e.alloc;
    wf_free(alloc, m->e.insns);
    wf_free(alloc, m->e.blocks);
    wf_free(alloc, m->e.roots);
    for (unsigned k = 0; k < 3; k++) {
        wf_free(alloc, m->e.pools[k].readers);
        wf_free(alloc, m->e.pools[k].free);
    }
    wf_free(alloc, m->e.run_nodes);
    wf_free(alloc, m->outs);
    wf_arena_release(&m->tmp);
}

enum wf_status wf_emit(struct wf_program *program)
{
    struct emit m = {.program = program, .e = {.alloc = program->arena.alloc, .ir = &program->ir}};
    wf_arena_init(&m.tmp, program->arena.alloc);
    enum wf_status status = prepare(&m);
    for (uint32_t stage = 0; !status && stage < m.plan.n_stages; stage++)
        status = emit_stage(&m, stage);
    if (!status)
        status = finish(&m);
    release(&m);
    return status;
}
