/* Values into registers and out of them: columns, constants, slots, aggregates, figures, outputs.
 */
#include <string.h>

#include "runtime/vm/machine.h"

const uint64_t *wf_piece_bits(const struct wf_worker *worker, const uint64_t *src, uint64_t *own)
{
    if (!src)
        return worker->ones;
    if (worker->row % 64 == 0 && worker->n % 64 == 0)
        return src + worker->row / 64;
    wf_bits_load(own, src, worker->row, worker->n);
    return own;
}

static size_t bit_bytes(const struct wf_worker *worker)
{
    return wf_bit_words(worker->n) * sizeof(uint64_t);
}

/* ---- columns ---- */

static const struct wf_column *column_of(const struct wf_worker *worker, const struct wf_insn *insn)
{
    return &worker->bound->data->inputs[insn->c];
}

/* The cells of the piece; narrow ones in full, which is done once however often they are loaded. */
static const void *lanes_at(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_column *column = column_of(worker, insn);
    const struct wf_lanes *lanes = worker->bound->lanes;
    const char *cells = (const char *)column->data + worker->row * wf_column_cell(column);
    struct wf_wide *wide = &worker->wide[insn->c];
    if (!column->width)
        return cells;
    if (wide->n == worker->n && wide->row == worker->row)
        return wide->lanes;
    if (column->layout == WF_LAY_I64)
        lanes->widen_v(cells, column->width, 1, column->base, worker->n, wide->lanes);
    else
        lanes->widen_w(cells, column->width, (int32_t)column->base, worker->n, wide->lanes);
    wide->row = worker->row;
    wide->n = worker->n;
    return wide->lanes;
}

void wf_k_load_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_column *column = column_of(worker, insn);
    struct wf_breg *dst = &worker->b[insn->dst];
    dst->t = wf_piece_bits(worker, column->bits, dst->own_t);
    dst->k = wf_piece_bits(worker, column->present, dst->own_k);
}

void wf_k_load_lanes(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_column *column = column_of(worker, insn);
    struct wf_vreg *dst = &worker->v[insn->dst];
    dst->data = lanes_at(worker, insn);
    dst->present = wf_piece_bits(worker, column->present, dst->own_present);
}

void wf_k_load_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_column *column = column_of(worker, insn);
    struct wf_vreg *dst = &worker->w[insn->dst];
    dst->data = lanes_at(worker, insn);
    dst->present = wf_piece_bits(worker, column->present, dst->own_present);
}

static void load_present(struct wf_worker *worker, const struct wf_insn *insn, struct wf_vreg *dst)
{
    dst->data = dst->own;
    dst->present = wf_piece_bits(worker, column_of(worker, insn)->present, dst->own_present);
}

void wf_k_load_present_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    load_present(worker, insn, &worker->v[insn->dst]);
}

void wf_k_load_present_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    load_present(worker, insn, &worker->w[insn->dst]);
}

static void keep_present(struct wf_worker *worker, const struct wf_vreg *a, struct wf_vreg *dst)
{
    dst->data = dst->own;
    dst->present = a->present;
    if (a->present != a->own_present)
        return;
    memmove(dst->own_present, a->present, wf_bit_words(worker->n) * sizeof(uint64_t));
    dst->present = dst->own_present;
}

void wf_k_kept_present_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    keep_present(worker, &worker->v[insn->a], &worker->v[insn->dst]);
}

void wf_k_kept_present_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    keep_present(worker, &worker->w[insn->a], &worker->w[insn->dst]);
}

static void all_present(struct wf_worker *worker, struct wf_vreg *dst)
{
    dst->data = dst->own;
    dst->present = worker->ones;
}

void wf_k_all_present_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    all_present(worker, &worker->v[insn->dst]);
}

void wf_k_all_present_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    all_present(worker, &worker->w[insn->dst]);
}

void wf_k_load_text(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_column *column = column_of(worker, insn);
    const uint32_t *ids = worker->bound->text_ids[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    int64_t *out = dst->own;
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = ids[wf_column_int(column, worker->row + i)];
    dst->data = out;
    dst->present = wf_piece_bits(worker, column->present, dst->own_present);
}

/* ---- constants ---- */

static const uint64_t *all_or_none(const struct wf_worker *worker, bool present, uint64_t *own)
{
    if (present)
        return worker->ones;
    memset(own, 0, bit_bytes(worker));
    return own;
}

void wf_k_splat_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_held *held = &worker->bound->held[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    dst->t = all_or_none(worker, held->present && held->i, dst->own_t);
    dst->k = all_or_none(worker, held->present, dst->own_k);
}

void wf_k_splat_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_held *held = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    int64_t *out = dst->own, bits;
    bool number =
        worker->bound->program->ir.nodes[worker->bound->program->run_nodes[insn->c]].type ==
        WF_T_NUMBER;
    if (number)
        memcpy(&bits, &held->f, sizeof(bits));
    else
        bits = held->i;
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = bits;
    dst->data = out;
    dst->present = all_or_none(worker, held->present, dst->own_present);
}

void wf_k_splat_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_held *held = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->w[insn->dst];
    int32_t *out = dst->own;
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = (int32_t)held->i;
    dst->data = out;
    dst->present = all_or_none(worker, held->present, dst->own_present);
}

/* ---- slots: lanes by member of the batch ---- */

void wf_k_keep_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_breg *a = &worker->b[insn->a];
    struct wf_breg *slot = &worker->slot_b[insn->c];
    memcpy(slot->own_t, a->t, bit_bytes(worker));
    memcpy(slot->own_k, a->k, bit_bytes(worker));
    slot->t = slot->own_t;
    slot->k = slot->own_k;
}

static void keep(struct wf_worker *worker, const struct wf_vreg *a, struct wf_vreg *slot,
                 size_t lane)
{
    slot->data = a->data;
    if (a->data == a->own) {
        memcpy(slot->own, a->data, worker->n * lane);
        slot->data = slot->own;
    }
    memcpy(slot->own_present, a->present, bit_bytes(worker));
    slot->present = slot->own_present;
}

void wf_k_keep_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    keep(worker, &worker->v[insn->a], &worker->slot_v[insn->c], sizeof(int64_t));
}

void wf_k_keep_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    keep(worker, &worker->w[insn->a], &worker->slot_w[insn->c], sizeof(int32_t));
}

static void gather_bits(const struct wf_worker *worker, const uint64_t *of_member, uint64_t *out)
{
    memset(out, 0, bit_bytes(worker));
    for (uint32_t i = 0; i < worker->n; i++)
        if (wf_bit(of_member, worker->member_of[i]))
            wf_bit_set(out, i);
}

void wf_k_kept_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_breg *slot = &worker->slot_b[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    dst->t = slot->t;
    dst->k = slot->k;
    if (worker->domain == WF_DOM_MEMBER)
        return;
    gather_bits(worker, slot->t, dst->own_t);
    gather_bits(worker, slot->k, dst->own_k);
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

void wf_k_kept_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *slot = &worker->slot_v[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *of_member = slot->data;
    int64_t *out = dst->own;
    dst->data = slot->data;
    dst->present = slot->present;
    if (worker->domain == WF_DOM_MEMBER)
        return;
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = of_member[worker->member_of[i]];
    gather_bits(worker, slot->present, dst->own_present);
    dst->data = out;
    dst->present = dst->own_present;
}

void wf_k_kept_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *slot = &worker->slot_w[insn->c];
    struct wf_vreg *dst = &worker->w[insn->dst];
    const int32_t *of_member = slot->data;
    int32_t *out = dst->own;
    dst->data = slot->data;
    dst->present = slot->present;
    if (worker->domain == WF_DOM_MEMBER)
        return;
    for (uint32_t i = 0; i < worker->n; i++)
        out[i] = of_member[worker->member_of[i]];
    gather_bits(worker, slot->present, dst->own_present);
    dst->data = out;
    dst->present = dst->own_present;
}

/* ---- aggregates and population figures ---- */

void wf_k_agg_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_reduction *reduction = &worker->reductions[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    bool sure = insn->d == WF_PART_SURE;
    dst->t = sure ? reduction->sure : reduction->value_t;
    dst->k = sure ? worker->ones : reduction->part_k[WF_PART_VALUE];
}

static void aggregate(const struct wf_reduction *reduction, uint32_t part, struct wf_vreg *dst)
{
    dst->data = reduction->part[part];
    dst->present = reduction->part_k[part];
}

void wf_k_agg_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    aggregate(&worker->reductions[insn->c], insn->d, &worker->v[insn->dst]);
}

void wf_k_agg_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    aggregate(&worker->reductions[insn->c], insn->d, &worker->w[insn->dst]);
}

void wf_k_pop_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_figure *figure = &worker->bound->pops->figures[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    dst->t = wf_piece_bits(worker, figure->t, dst->own_t);
    dst->k = wf_piece_bits(worker, figure->k, dst->own_k);
}

void wf_k_pop_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_figure *figure = &worker->bound->pops->figures[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    dst->data = figure->value + worker->row;
    dst->present = wf_piece_bits(worker, figure->k, dst->own_present);
}

enum { OF_X, OF_AMONG, OF_PER };

static bool has_zero(uint8_t type)
{
    return type == WF_T_INT || type == WF_T_NUMBER || type == WF_T_MONEY || type == WF_T_CLOCK ||
           type == WF_T_DAYS || type == WF_T_MONTHS || type == WF_T_SECONDS;
}

/* Feeds keys (of X or of per) with their presence. */
static void feed(struct wf_worker *worker, const struct wf_insn *insn, const uint64_t *keys,
                 const uint64_t *present, uint64_t zero_key)
{
    struct wf_pop_input *input = &worker->bound->feeds[insn->c];
    uint64_t *to = (insn->d == OF_X ? input->key : input->per) + worker->row;
    memcpy(to, keys, worker->n * sizeof(*keys));
    wf_bits_store(insn->d == OF_X ? input->present : input->per_present, worker->row, present,
                  worker->n);
    uint8_t type =
        worker->bound->program->ir.nodes[worker->bound->program->ir.pops[insn->c].x].type;
    if (insn->d != OF_X || !has_zero(type))
        return;
    for (uint32_t i = 0; i < worker->n; i++)
        if (keys[i] == zero_key && wf_bit(present, i))
            wf_bit_set(input->zero, worker->row + i);
}

void wf_k_keep_pop_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_breg *a = &worker->b[insn->a];
    struct wf_pop_input *input = &worker->bound->feeds[insn->c];
    uint64_t keys[WF_BATCH];
    if (insn->d == OF_AMONG) {
        wf_bits_store(input->among_t, worker->row, a->t, worker->n);
        wf_bits_store(input->among_k, worker->row, a->k, worker->n);
        return;
    }
    for (uint32_t i = 0; i < worker->n; i++)
        keys[i] = wf_bit(a->t, i);
    feed(worker, insn, keys, a->k, 0);
}

void wf_k_keep_pop_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a];
    const struct wf_ir *ir = &worker->bound->program->ir;
    const struct wf_ir_pop *pop = &ir->pops[insn->c];
    bool number = ir->nodes[insn->d == OF_X ? pop->x : pop->per].type == WF_T_NUMBER;
    uint64_t keys[WF_BATCH];
    const int64_t *whole = a->data;
    const double *real = a->data;
    for (uint32_t i = 0; i < worker->n; i++)
        keys[i] = number ? wf_pop_key_number(real[i]) : wf_pop_key_int(whole[i]);
    feed(worker, insn, keys, a->present, number ? wf_pop_key_number(0) : wf_pop_key_int(0));
}

void wf_k_keep_pop_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->w[insn->a];
    const int32_t *lanes = a->data;
    uint64_t keys[WF_BATCH];
    for (uint32_t i = 0; i < worker->n; i++)
        keys[i] = wf_pop_key_int(lanes[i]);
    feed(worker, insn, keys, a->present, wf_pop_key_int(0));
}

/* ---- outputs ---- */

/*
 * The output's words are the register's own, which takes the output's in exchange, or what the
 * register points at, where that stays until the batch is done.
 */
static const uint64_t *hand_over(const struct wf_worker *worker, const uint64_t *words,
                                 uint64_t **of_register, uint64_t **of_output)
{
    if (words == worker->ones) {
        memcpy(*of_output, words, bit_bytes(worker));
        return *of_output;
    }
    if (words == *of_register) {
        *of_register = *of_output;
        *of_output = (uint64_t *)(uintptr_t)words;
    }
    return words;
}

void wf_k_out_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    struct wf_breg *a = &worker->b[insn->a], *own = &worker->out_own[insn->c];
    struct wf_bits *out =
        worker->domain == WF_DOM_MEMBER ? &worker->outs[insn->c] : &worker->event_outs[insn->c];
    *out = (struct wf_bits){.t = hand_over(worker, a->t, &a->own_t, &own->own_t),
                            .k = hand_over(worker, a->k, &a->own_k, &own->own_k)};
}

static void put_lanes(struct wf_worker *worker, const struct wf_insn *insn, const struct wf_vreg *a,
                      size_t lane)
{
    uint64_t *k = worker->out_own[insn->c].own_k;
    memcpy(k, a->present, bit_bytes(worker));
    memcpy(worker->out_lanes[insn->c], a->data, worker->n * lane);
    worker->outs[insn->c] = (struct wf_bits){.k = k, .lanes = worker->out_lanes[insn->c]};
}

void wf_k_out_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    put_lanes(worker, insn, &worker->v[insn->a], sizeof(int64_t));
}

void wf_k_out_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    put_lanes(worker, insn, &worker->w[insn->a], sizeof(int32_t));
}
