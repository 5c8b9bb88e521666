/* A worker's memory: registers, slots, reductions, marks. */
#include "runtime/vm/machine.h"

static uint64_t *words(struct wf_worker *worker)
{
    return wf_arena_array(&worker->arena, WF_OWN, sizeof(uint64_t));
}

static struct wf_breg *bit_registers(struct wf_worker *worker, uint32_t n)
{
    struct wf_breg *regs = wf_arena_array(&worker->arena, (size_t)n + 1, sizeof(*regs));
    for (uint32_t i = 0; regs && i < n; i++) {
        regs[i].own_t = words(worker);
        regs[i].own_k = words(worker);
        if (!regs[i].own_t || !regs[i].own_k)
            return NULL;
        regs[i].t = regs[i].own_t;
        regs[i].k = regs[i].own_k;
    }
    return regs;
}

static struct wf_vreg *lane_registers(struct wf_worker *worker, uint32_t n, size_t lane)
{
    struct wf_vreg *regs = wf_arena_array(&worker->arena, (size_t)n + 1, sizeof(*regs));
    for (uint32_t i = 0; regs && i < n; i++) {
        regs[i].own = wf_arena_array(&worker->arena, WF_BATCH, lane);
        regs[i].own_present = words(worker);
        if (!regs[i].own || !regs[i].own_present)
            return NULL;
        regs[i].data = regs[i].own;
        regs[i].present = regs[i].own_present;
    }
    return regs;
}

/* Room for the results that something reads. */
static bool make_reduction(struct wf_worker *worker, uint32_t agg)
{
    const struct wf_bound *bound = worker->bound;
    struct wf_reduction *r = &worker->reductions[agg];
    uint8_t parts = bound->agg_parts[agg];
    char kind = wf_kind_of_type(bound->program->ir.aggs[agg].type);
    for (int part = 0; part < 3; part++) {
        if (!(parts >> part & 1))
            continue;
        r->part_k[part] = words(worker);
        if (!r->part_k[part])
            return false;
        if (kind == 'B')
            r->value_t = words(worker);
        else
            r->part[part] = wf_arena_array(&worker->arena, WF_BATCH, kind == 'D' ? 4 : 8);
        if (kind == 'B' ? !r->value_t : !r->part[part])
            return false;
    }
    if (parts >> WF_PART_SURE & 1)
        r->sure = words(worker);
    return !(parts >> WF_PART_SURE & 1) || r->sure;
}

static enum wf_status make_out_lanes(struct wf_worker *worker)
{
    const struct wf_program *program = worker->bound->program;
    worker->out_lanes = wf_arena_array(&worker->arena, (size_t)program->n_outs + 1, sizeof(void *));
    for (uint32_t i = 0; worker->out_lanes && i < program->n_outs; i++) {
        if (program->ir.nodes[program->outs[i].node].type == WF_T_BOOL)
            continue;
        worker->out_lanes[i] = wf_arena_array(&worker->arena, WF_BATCH, sizeof(int64_t));
        if (!worker->out_lanes[i])
            return WF_ERR_NOMEM;
    }
    return worker->out_lanes ? WF_OK : WF_ERR_NOMEM;
}

static bool make_wide(struct wf_worker *worker)
{
    const struct wf_dataset *data = worker->bound->data;
    size_t n = data->n_inputs;
    worker->wide = wf_arena_array(&worker->arena, n + 1, sizeof(*worker->wide));
    bool ok = worker->wide != NULL;
    for (uint32_t i = 0; ok && i < n; i++) {
        if (!data->inputs[i].width)
            continue;
        size_t lane = wf_layout_width((enum wf_layout)data->inputs[i].layout);
        worker->wide[i].lanes = wf_arena_array(&worker->arena, WF_BATCH, lane);
        ok = worker->wide[i].lanes != NULL;
    }
    return ok;
}

static bool make_sorted(struct wf_worker *worker)
{
    const struct wf_bound *bound = worker->bound;
    worker->sorted =
        wf_arena_array(&worker->arena, bound->n_sortings + (size_t)1, sizeof(*worker->sorted));
    bool ok = worker->sorted != NULL;
    for (uint32_t i = 0; ok && i < bound->n_sortings; i++) {
        if (!bound->sortings[i].kinds)
            continue;
        worker->sorted[i].kinds = wf_arena_array(&worker->arena, WF_BATCH, 1);
        ok = worker->sorted[i].kinds != NULL;
    }
    return ok;
}

enum wf_status wf_worker_init(struct wf_worker *worker, const struct wf_bound *bound,
                              unsigned number)
{
    const struct wf_program *program = bound->program;
    const struct wf_ir *ir = &program->ir;
    *worker = (struct wf_worker){.bound = bound, .number = number};
    struct wf_arena *arena = &worker->arena;
    wf_arena_init(arena, bound->alloc);
    worker->ones = words(worker);
    worker->b = bit_registers(worker, program->n_b);
    worker->v = lane_registers(worker, program->n_v, 8);
    worker->w = lane_registers(worker, program->n_w, 4);
    worker->slot_b = bit_registers(worker, program->slots_b);
    worker->slot_v = lane_registers(worker, program->slots_v, 8);
    worker->slot_w = lane_registers(worker, program->slots_w, 4);
    worker->reductions = wf_arena_array(arena, (size_t)ir->n_aggs + 1, sizeof(struct wf_reduction));
    worker->marks = wf_arena_array(arena, (size_t)ir->n_follows + 1, sizeof(struct wf_mark));
    worker->segments = wf_arena_array(arena, WF_BATCH + 1, sizeof(struct wf_segment));
    worker->idle = wf_arena_array(arena, WF_OWN, sizeof(uint64_t));
    worker->member_of = wf_arena_array(arena, WF_BATCH, sizeof(uint16_t));
    worker->outs = wf_arena_array(arena, (size_t)program->n_outs + 1, sizeof(struct wf_bits));
    worker->event_outs = wf_arena_array(arena, (size_t)program->n_outs + 1, sizeof(struct wf_bits));
    worker->out_own = bit_registers(worker, program->n_outs);
    if (!worker->ones || !worker->b || !worker->v || !worker->w || !worker->slot_b ||
        !worker->slot_v || !worker->slot_w || !worker->reductions || !worker->marks ||
        !worker->segments || !worker->idle || !worker->member_of || !worker->outs ||
        !worker->event_outs || !worker->out_own || !make_wide(worker) || !make_sorted(worker))
        return WF_ERR_NOMEM;
    if (bound->profiled)
        worker->profile = wf_arena_array(arena, program->n_insns + (size_t)1, sizeof(uint64_t));
    if (bound->profiled && !worker->profile)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        if (!make_reduction(worker, i))
            return WF_ERR_NOMEM;
    return make_out_lanes(worker);
}

void wf_worker_release(struct wf_worker *worker)
{
    const struct wf_alloc *alloc = worker->bound->alloc;
    const struct wf_ir *ir = &worker->bound->program->ir;
    for (uint32_t i = 0; worker->reductions && i < ir->n_aggs; i++)
        wf_free(alloc, worker->reductions[i].list);
    for (uint32_t i = 0; worker->marks && i < ir->n_follows; i++) {
        wf_free(alloc, worker->marks[i].t);
        wf_free(alloc, worker->marks[i].k);
    }
    wf_free(alloc, worker->later.sure);
    wf_free(alloc, worker->later.open);
    wf_arena_release(&worker->arena);
}
