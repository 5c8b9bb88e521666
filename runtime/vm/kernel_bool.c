/* Kleene logic on bitmap pairs, and the choices between values. t is a subset of k throughout. */
#include <string.h>

#include "runtime/vm/machine.h"

static void pair_of(struct wf_breg *dst)
{
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

static void combine(struct wf_worker *worker, const struct wf_insn *insn, enum wf_logic op)
{
    const struct wf_breg *a = &worker->b[insn->a];
    const struct wf_breg *b = op == WF_LOGIC_NOT ? a : &worker->b[insn->b];
    struct wf_breg *dst = &worker->b[insn->dst];
    worker->bound->lanes->logic(op, (struct wf_pair){a->t, a->k}, (struct wf_pair){b->t, b->k},
                                wf_bit_words(worker->n), dst->own_t, dst->own_k);
    pair_of(dst);
}

void wf_k_not(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_NOT);
}

void wf_k_and(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_AND);
}

void wf_k_or(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_OR);
}

void wf_k_known_if(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_KNOWN_IF);
}

void wf_k_within(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_WITHIN);
}

void wf_k_or_else_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_OR_ELSE);
}

void wf_k_exact_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    combine(worker, insn, WF_LOGIC_EXACT);
}

void wf_k_doubted(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_breg *a = &worker->b[insn->a];
    struct wf_breg *dst = &worker->b[insn->dst];
    const uint64_t *doubt = worker->bound->data->views[worker->domain - WF_DOM_EVENT].doubt;
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        size_t left = worker->n - i * 64;
        uint64_t doubted =
            doubt ? wf_bit_range(doubt, worker->row + i * 64, left < 64 ? left : 64) : 0;
        uint64_t t = a->t[i], k = a->k[i];
        dst->own_t[i] = t & ~doubted;
        dst->own_k[i] = k & ~doubted;
    }
    pair_of(dst);
}

/* dst is known everywhere, true where the bit is set (or, `lacks`, where it is not). */
static void presence(struct wf_worker *worker, const uint64_t *present, struct wf_breg *dst,
                     bool lacks)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        dst->own_t[i] = lacks ? worker->ones[i] & ~present[i] : present[i];
    dst->t = dst->own_t;
    dst->k = worker->ones;
}

void wf_k_present_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->b[insn->a].k, &worker->b[insn->dst], false);
}

void wf_k_present_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->v[insn->a].present, &worker->b[insn->dst], false);
}

void wf_k_present_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->w[insn->a].present, &worker->b[insn->dst], false);
}

void wf_k_missing_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->b[insn->a].k, &worker->b[insn->dst], true);
}

void wf_k_missing_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->v[insn->a].present, &worker->b[insn->dst], true);
}

void wf_k_missing_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    presence(worker, worker->w[insn->a].present, &worker->b[insn->dst], true);
}

/* ---- choices between lanes ---- */

/* dst's presence: that of x where the mask is set, else that of y. */
static void choose_presence(struct wf_worker *worker, const uint64_t *mask, const uint64_t *x,
                            const uint64_t *y, struct wf_vreg *dst)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        dst->own_present[i] = (mask[i] & x[i]) | (~mask[i] & y[i]);
    dst->data = dst->own;
    dst->present = dst->own_present;
}

void wf_k_or_else_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    worker->bound->lanes->blend_v(a.present, a.data, b.data, worker->n, dst->own);
    choose_presence(worker, a.present, a.present, b.present, dst);
}

void wf_k_or_else_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->w[insn->a], b = worker->w[insn->b];
    struct wf_vreg *dst = &worker->w[insn->dst];
    worker->bound->lanes->blend_w(a.present, a.data, b.data, worker->n, dst->own);
    choose_presence(worker, a.present, a.present, b.present, dst);
}

void wf_k_select_b(struct wf_worker *worker, const struct wf_insn *insn)
{
    const uint64_t *mask = worker->b[insn->a].t;
    const struct wf_breg *x = &worker->b[insn->b], *y = &worker->b[insn->c];
    struct wf_breg *dst = &worker->b[insn->dst];
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        uint64_t m = mask[i];
        uint64_t t = (m & x->t[i]) | (~m & y->t[i]), k = (m & x->k[i]) | (~m & y->k[i]);
        dst->own_t[i] = t;
        dst->own_k[i] = k;
    }
    pair_of(dst);
}

void wf_k_select_v(struct wf_worker *worker, const struct wf_insn *insn)
{
    const uint64_t *mask = worker->b[insn->a].t;
    const struct wf_vreg x = worker->v[insn->b], y = worker->v[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    worker->bound->lanes->blend_v(mask, x.data, y.data, worker->n, dst->own);
    choose_presence(worker, mask, x.present, y.present, dst);
}

void wf_k_select_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const uint64_t *mask = worker->b[insn->a].t;
    const struct wf_vreg x = worker->w[insn->b], y = worker->w[insn->c];
    struct wf_vreg *dst = &worker->w[insn->dst];
    worker->bound->lanes->blend_w(mask, x.data, y.data, worker->n, dst->own);
    choose_presence(worker, mask, x.present, y.present, dst);
}

/* dst is a where a and b are present and `same`. */
static void exact(struct wf_worker *worker, const struct wf_vreg *a, const struct wf_vreg *b,
                  const uint64_t *same, struct wf_vreg *dst, size_t lane)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++)
        dst->own_present[i] = a->present[i] & b->present[i] & same[i];
    if (dst != a && a->data == a->own) {
        memcpy(dst->own, a->data, worker->n * lane);
        dst->data = dst->own;
    } else {
        dst->data = a->data;
    }
    dst->present = dst->own_present;
}

void wf_k_exact_i(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a], *b = &worker->v[insn->b];
    uint64_t same[WF_OWN];
    worker->bound->lanes->cmp_i(WF_CMP_EQ, a->data, b->data, false, worker->n, same);
    exact(worker, a, b, same, &worker->v[insn->dst], sizeof(int64_t));
}

void wf_k_exact_f(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a], *b = &worker->v[insn->b];
    uint64_t same[WF_OWN];
    worker->bound->lanes->cmp_f(WF_CMP_EQ, a->data, b->data, false, worker->n, same);
    exact(worker, a, b, same, &worker->v[insn->dst], sizeof(double));
}

void wf_k_exact_w(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->w[insn->a], *b = &worker->w[insn->b];
    uint64_t same[WF_OWN];
    worker->bound->lanes->cmp_w(WF_CMP_EQ, a->data, b->data, false, worker->n, same);
    exact(worker, a, b, same, &worker->w[insn->dst], sizeof(int32_t));
}
