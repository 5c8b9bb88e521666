/* Arithmetic. What does not fit is missing and counted. */
#include <math.h>

#include "lang/base/checked.h"
#include "runtime/vm/machine.h"

/* dst's presence: both operands there and the result fits; what does not fit is counted. */
static void conclude(struct wf_worker *worker, struct wf_vreg *dst, const uint64_t *a,
                     const uint64_t *b, const uint64_t *ok)
{
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        uint64_t both = a[i] & b[i];
        worker->undefined += wf_bit_count(both & ~ok[i]);
        dst->own_present[i] = both & ok[i];
    }
    dst->data = dst->own;
    dst->present = dst->own_present;
}

/* The same with a constant; `held` may be missing. */
static void conclude_k(struct wf_worker *worker, struct wf_vreg *dst, const uint64_t *a,
                       const struct wf_held *held, uint64_t *ok)
{
    static const uint64_t none[WF_OWN] = {0};
    conclude(worker, dst, a, held->present ? a : none, ok);
}

static enum wf_arith arith_of(uint16_t op)
{
    switch (op) {
    case WF_OP_ADD_I:
    case WF_OP_ADD_IK:
    case WF_OP_ADD_F:
    case WF_OP_ADD_FK: return WF_ADD;
    case WF_OP_SUB_I:
    case WF_OP_SUB_IK:
    case WF_OP_SUB_F:
    case WF_OP_SUB_FK:
    case WF_OP_TIME_DIFF: return WF_SUB;
    case WF_OP_DIV_F:
    case WF_OP_DIV_FK: return WF_DIV;
    default: return WF_MUL;
    }
}

void wf_k_arith_i(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    worker->bound->lanes->arith_i(arith_of(insn->op), a.data, b.data, false, worker->n, dst->own,
                                  ok);
    conclude(worker, dst, a.present, b.present, ok);
}

void wf_k_arith_ik(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    worker->bound->lanes->arith_i(arith_of(insn->op), a.data, &k->i, true, worker->n, dst->own, ok);
    conclude_k(worker, dst, a.present, k, ok);
}

void wf_k_arith_f(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    worker->bound->lanes->arith_f(arith_of(insn->op), a.data, b.data, false, worker->n, dst->own,
                                  ok);
    conclude(worker, dst, a.present, b.present, ok);
}

void wf_k_arith_fk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    worker->bound->lanes->arith_f(arith_of(insn->op), a.data, &k->f, true, worker->n, dst->own, ok);
    conclude_k(worker, dst, a.present, k, ok);
}

/* ---- money ---- */

/* Hundredths from a double: half away from zero. */
static bool to_hundredths(double x, int64_t *out)
{
    double whole = round(x);
    if (!(whole >= -0x1p63 && whole < 0x1p63))
        return false;
    *out = (int64_t)whole;
    return true;
}

static void money_number(struct wf_worker *worker, const int64_t *a, const double *b, size_t step,
                         bool divide, int64_t *out, uint64_t *ok)
{
    for (uint32_t i = 0; i < worker->n; i++) {
        double left = (double)a[i], right = b[i * step];
        if (i % 64 == 0)
            ok[i / 64] = 0;
        ok[i / 64] |= (uint64_t)to_hundredths(divide ? left / right : left * right, &out[i])
                      << (i % 64);
    }
}

static void money_with_number(struct wf_worker *worker, const struct wf_insn *insn, bool divide)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    money_number(worker, a.data, b.data, 1, divide, dst->own, ok);
    conclude(worker, dst, a.present, b.present, ok);
}

static void money_with_constant(struct wf_worker *worker, const struct wf_insn *insn, bool divide)
{
    const struct wf_vreg a = worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    money_number(worker, a.data, &k->f, 0, divide, dst->own, ok);
    conclude_k(worker, dst, a.present, k, ok);
}

void wf_k_mul_mf(struct wf_worker *worker, const struct wf_insn *insn)
{
    money_with_number(worker, insn, false);
}

void wf_k_div_mf(struct wf_worker *worker, const struct wf_insn *insn)
{
    money_with_number(worker, insn, true);
}

void wf_k_mul_mfk(struct wf_worker *worker, const struct wf_insn *insn)
{
    money_with_constant(worker, insn, false);
}

void wf_k_div_mfk(struct wf_worker *worker, const struct wf_insn *insn)
{
    money_with_constant(worker, insn, true);
}

static void ratio(struct wf_worker *worker, const int64_t *a, const int64_t *b, size_t step,
                  double *out, uint64_t *ok)
{
    for (uint32_t i = 0; i < worker->n; i++) {
        double r = (double)a[i] / (double)b[i * step];
        out[i] = r;
        if (i % 64 == 0)
            ok[i / 64] = 0;
        ok[i / 64] |= (uint64_t)(isfinite(r) != 0) << (i % 64);
    }
}

void wf_k_div_mm(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a], b = worker->v[insn->b];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    ratio(worker, a.data, b.data, 1, dst->own, ok);
    conclude(worker, dst, a.present, b.present, ok);
}

void wf_k_div_mmk(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    const struct wf_held *k = &worker->bound->held[insn->c];
    struct wf_vreg *dst = &worker->v[insn->dst];
    uint64_t ok[WF_OWN];
    ratio(worker, a.data, &k->i, 0, dst->own, ok);
    conclude_k(worker, dst, a.present, k, ok);
}

/* ---- one operand ---- */

void wf_k_neg_i(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *from = a.data;
    int64_t *to = dst->own;
    uint64_t ok[WF_OWN] = {0};
    for (uint32_t i = 0; i < worker->n; i++)
        ok[i / 64] |= (uint64_t)wf_sub_i64(0, from[i], &to[i]) << (i % 64);
    conclude(worker, dst, a.present, a.present, ok);
}

void wf_k_int_money(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *from = a.data;
    int64_t *to = dst->own;
    uint64_t ok[WF_OWN] = {0};
    /* by value: gcc 12 reads the operand of its overflow builtin again once `to` is written */
    for (uint32_t i = 0; i < worker->n; i++)
        ok[i / 64] |= (uint64_t)wf_mul_i64(from[i], 100, &to[i]) << (i % 64);
    conclude(worker, dst, a.present, a.present, ok);
}

void wf_k_neg_f(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const double *from = a.data;
    double *to = dst->own;
    for (uint32_t i = 0; i < worker->n; i++)
        to[i] = -from[i];
    conclude(worker, dst, a.present, a.present, worker->ones);
}

/* Whole numbers to numbers, `scale` to one. */
static void to_number(struct wf_worker *worker, const struct wf_insn *insn, double scale)
{
    const struct wf_vreg a = worker->v[insn->a];
    struct wf_vreg *dst = &worker->v[insn->dst];
    const int64_t *from = a.data;
    double *to = dst->own;
    for (uint32_t i = 0; i < worker->n; i++)
        to[i] = (double)from[i] / scale;
    conclude(worker, dst, a.present, a.present, worker->ones);
}

void wf_k_int_number(struct wf_worker *worker, const struct wf_insn *insn)
{
    to_number(worker, insn, 1.0);
}

void wf_k_money_number(struct wf_worker *worker, const struct wf_insn *insn)
{
    to_number(worker, insn, 100.0);
}
