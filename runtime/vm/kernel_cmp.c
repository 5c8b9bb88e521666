/* Comparisons: one kernel serves six opcodes, which stand in the order of enum wf_cmp. */
#include <string.h>

#include "runtime/vm/machine.h"

static enum wf_cmp cmp_of(const struct wf_insn *insn, unsigned first)
{
    return (enum wf_cmp)(insn->op - first);
}

/* dst->own_t holds where the comparison holds; it counts where both sides are present. */
static void conclude(struct wf_worker *worker, struct wf_breg *dst, const uint64_t *a,
                     const uint64_t *b)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        uint64_t k = a[i] & b[i];
        dst->own_k[i] = k;
        dst->own_t[i] &= k;
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

void wf_k_cmp_i(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a], *b = &worker->v[insn->b];
    struct wf_breg *dst = &worker->b[insn->dst];
    /* EQ_T and NE_T compare ids: equal texts have equal ids */
    enum wf_cmp cmp = insn->op >= WF_OP_EQ_T ? cmp_of(insn, WF_OP_EQ_T) : cmp_of(insn, WF_OP_EQ_I);
    worker->bound->lanes->cmp_i(cmp, a->data, b->data, false, worker->n, dst->own_t);
    conclude(worker, dst, a->present, b->present);
}

void wf_k_cmp_f(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a], *b = &worker->v[insn->b];
    struct wf_breg *dst = &worker->b[insn->dst];
    worker->bound->lanes->cmp_f(cmp_of(insn, WF_OP_EQ_F), a->data, b->data, false, worker->n,
                                dst->own_t);
    conclude(worker, dst, a->present, b->present);
}

void wf_k_cmp_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->w[insn->a], *b = &worker->w[insn->b];
    struct wf_breg *dst = &worker->b[insn->dst];
    worker->bound->lanes->cmp_w(cmp_of(insn, WF_OP_EQ_W), a->data, b->data, false, worker->n,
                                dst->own_t);
    conclude(worker, dst, a->present, b->present);
}

/* ---- with a constant of the run ---- */

void wf_k_cmp_ik(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    if (!k->present) {
        wf_unknown(worker, dst);
        return;
    }
    worker->bound->lanes->cmp_i(cmp_of(insn, WF_OP_EQ_IK), a->data, &k->i, true, worker->n,
                                dst->own_t);
    conclude(worker, dst, a->present, a->present);
}

void wf_k_cmp_fk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    if (!k->present) {
        wf_unknown(worker, dst);
        return;
    }
    worker->bound->lanes->cmp_f(cmp_of(insn, WF_OP_EQ_FK), a->data, &k->f, true, worker->n,
                                dst->own_t);
    conclude(worker, dst, a->present, a->present);
}

static void cmp_day(struct wf_worker *worker, const struct wf_insn *insn, enum wf_cmp cmp,
                    int32_t day)
{
    const struct wf_vreg *a = &worker->w[insn->a];
    struct wf_breg *dst = &worker->b[insn->dst];
    worker->bound->lanes->cmp_w(cmp, a->data, &day, true, worker->n, dst->own_t);
    conclude(worker, dst, a->present, a->present);
}

void wf_k_cmp_wk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_held *k = &worker->bound->held[insn->c];
    if (k->present)
        cmp_day(worker, insn, cmp_of(insn, WF_OP_EQ_WK), (int32_t)k->i);
    else
        wf_unknown(worker, &worker->b[insn->dst]);
}

void wf_k_cmp_mk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_aux *aux = &worker->bound->aux[insn - worker->bound->program->insns];
    if (aux->known)
        cmp_day(worker, insn, (enum wf_cmp)(insn->op - WF_OP_LT_MK + WF_CMP_LT), aux->day);
    else
        wf_unknown(worker, &worker->b[insn->dst]);
}

/* ---- the same, asked of a column's cells ---- */

static void probe(struct wf_worker *worker, const struct wf_insn *insn, const struct wf_vreg *a)
{
    const struct wf_probe *ask = &worker->bound->aux[insn - worker->bound->program->insns].probe;
    const struct wf_column *column = &worker->bound->data->inputs[ask->input];
    const char *cells = (const char *)column->data + worker->row * column->width;
    struct wf_breg *dst = &worker->b[insn->dst];
    worker->bound->lanes->within(cells, column->width, &ask->range, worker->n, a->present,
                                 dst->own_t);
    wf_known_where(worker, dst, a);
}

void wf_k_probe_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    probe(worker, insn, &worker->v[insn->a]);
}

void wf_k_probe_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    probe(worker, insn, &worker->w[insn->a]);
}

void wf_k_probe_filled(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_probe *ask = &worker->bound->aux[insn - worker->bound->program->insns].probe;
    const struct wf_column *column = &worker->bound->data->inputs[ask->input];
    const char *cells = (const char *)column->data + worker->row * column->width;
    struct wf_breg *dst = &worker->b[insn->dst];
    const uint64_t *present = wf_piece_bits(worker, column->present, dst->own_k);
    worker->bound->lanes->within(cells, column->width, &ask->range, worker->n, present, dst->own_t);
    for (size_t i = 0; ask->otherwise && i < wf_bit_words(worker->n); i++)
        dst->own_t[i] |= worker->ones[i] & ~present[i];
    dst->t = dst->own_t;
    dst->k = worker->ones;
}

/* n cells from row `at` of the piece on, along their line. */
static void walk_line(const struct wf_worker *worker, const struct wf_line *line, size_t at,
                      size_t n, int64_t *out)
{
    const struct wf_column *column = &worker->bound->data->inputs[line->input];
    const char *cells = (const char *)column->data + (worker->row + at) * column->width;
    worker->bound->lanes->widen_v(cells, column->width, line->times, line->zero, n, out);
}

void wf_k_probe_lines(struct wf_worker *worker, const struct wf_insn *insn)
{
    enum { FEW = 256 }; /* lanes that stay where they are near */
    const struct wf_line *line = worker->bound->aux[insn - worker->bound->program->insns].line;
    struct wf_breg *dst = &worker->b[insn->dst];
    int64_t a[FEW], b[FEW];
    for (size_t at = 0; at < worker->n; at += FEW) {
        size_t n = worker->n - at < FEW ? worker->n - at : FEW;
        walk_line(worker, &line[0], at, n, a);
        walk_line(worker, &line[1], at, n, b);
        worker->bound->lanes->cmp_i(cmp_of(insn, WF_OP_EQ_I), a, b, false, n, dst->own_t + at / 64);
    }
    conclude(worker, dst, worker->v[insn->a].present, worker->v[insn->b].present);
}

/* ---- one of a list: the equalities or-ed ---- */

static void any_of(struct wf_worker *worker, const struct wf_insn *insn, uint64_t *scratch,
                   uint32_t item)
{
    const struct wf_choices *choices =
        worker->bound->aux[insn - worker->bound->program->insns].choices;
    const struct wf_lanes *lanes = worker->bound->lanes;
    if (insn->op == WF_OP_IN_I)
        lanes->cmp_i(WF_CMP_EQ, worker->v[insn->a].data, &choices->i[item], true, worker->n,
                     scratch);
    else if (insn->op == WF_OP_IN_F)
        lanes->cmp_f(WF_CMP_EQ, worker->v[insn->a].data, &choices->f[item], true, worker->n,
                     scratch);
    else
        lanes->cmp_w(WF_CMP_EQ, worker->w[insn->a].data, &choices->w[item], true, worker->n,
                     scratch);
}

static void in_list(struct wf_worker *worker, const struct wf_insn *insn, const uint64_t *present)
{
    const struct wf_choices *choices =
        worker->bound->aux[insn - worker->bound->program->insns].choices;
    struct wf_breg *dst = &worker->b[insn->dst];
    uint64_t scratch[WF_OWN];
    memset(dst->own_t, 0, wf_bit_words(worker->n) * sizeof(uint64_t));
    for (uint32_t item = 0; item < choices->n; item++) {
        any_of(worker, insn, scratch, item);
        for (size_t i = 0; i < wf_bit_words(worker->n); i++)
            dst->own_t[i] |= scratch[i];
    }
    conclude(worker, dst, present, present);
}

void wf_k_in_i(struct wf_worker *worker, const struct wf_insn *insn)
{
    in_list(worker, insn, worker->v[insn->a].present);
}

void wf_k_in_f(struct wf_worker *worker, const struct wf_insn *insn)
{
    in_list(worker, insn, worker->v[insn->a].present);
}

void wf_k_in_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    in_list(worker, insn, worker->w[insn->a].present);
}
