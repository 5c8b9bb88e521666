#include "runtime/engine/lift.h"

#include <math.h>

#include "lang/base/buf.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/trial.h"

static const double Z = 1.959963984540054; /* 97.5% of the normal distribution lie below it */

/* ---- rates ---- */

static void wilson(double p, double n, double *low, double *high)
{
    double zz = Z * Z, middle = p + zz / (2 * n);
    double half = Z * sqrt((p * (1 - p) + zz / (4 * n)) / n), whole = 1 + zz / n;
    *low = (middle - half) / whole;
    *high = (middle + half) / whole;
}

static struct wf_interval compare_rates(const struct wf_lift *lift, const uint64_t n[2])
{
    struct wf_interval range = {.known = lift->rated[0] && lift->rated[1]};
    double low[2], high[2], below, above;
    if (!range.known)
        return range;
    for (int i = 0; i < 2; i++)
        wilson(lift->rate[i], (double)n[i], &low[i], &high[i]);
    const double *p = lift->rate;
    below = (p[0] - low[0]) * (p[0] - low[0]) + (high[1] - p[1]) * (high[1] - p[1]);
    above = (high[0] - p[0]) * (high[0] - p[0]) + (p[1] - low[1]) * (p[1] - low[1]);
    range.sure = true;
    range.value = p[0] - p[1];
    range.low = range.value - sqrt(below);
    range.high = range.value + sqrt(above);
    return range;
}

/* ---- means ---- */

/* 97.5% of Student's distribution with `df` degrees of freedom lie below it. */
static double student(double df)
{
    double x = Z, x3 = x * x * x, x5 = x3 * x * x, x7 = x5 * x * x, x9 = x7 * x * x;
    double g1 = (x3 + x) / 4, g2 = (5 * x5 + 16 * x3 + 3 * x) / 96;
    double g3 = (3 * x7 + 19 * x5 + 17 * x3 - 15 * x) / 384;
    double g4 = (79 * x9 + 776 * x7 + 1482 * x5 - 1920 * x3 - 945 * x) / 92160;
    return x + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df;
}

/* The variance of a mean: that of its members, which is made of whole numbers, by how many. */
static bool error_of(const struct wf_trial_cell *cell, double *out)
{
    unsigned __int128 scaled, square;
    unsigned __int128 sum = (unsigned __int128)(cell->sum < 0 ? -cell->sum : cell->sum);
    double n = (double)cell->members;
    if (cell->members < WF_LIFT_LEAST || cell->squares == WF_TRIAL_LOST ||
        __builtin_mul_overflow(cell->squares, (unsigned __int128)cell->members, &scaled) ||
        __builtin_mul_overflow(sum, sum, &square) || scaled < square)
        return false;
    *out = (double)(scaled - square) / (n * (n - 1)) / n;
    return true;
}

static struct wf_interval compare_means(const struct wf_lift *lift,
                                     const struct wf_trial_cell *const cells[2])
{
    struct wf_interval range = {.known = lift->measured[0] && lift->measured[1]};
    double error[2], below = 0;
    if (!range.known)
        return range;
    range.value = lift->mean[0] - lift->mean[1];
    range.low = range.high = range.value;
    range.sure = error_of(cells[0], &error[0]) && error_of(cells[1], &error[1]);
    double both = range.sure ? error[0] + error[1] : 0;
    if (both <= 0)
        return range; /* everybody brought the same */
    for (int i = 0; i < 2; i++)
        below += error[i] * error[i] / ((double)cells[i]->members - 1);
    double half = student(both * both / below) * sqrt(both);
    range.low -= half;
    range.high += half;
    return range;
}

struct wf_lift wf_lift_of(const struct wf_trial_cell *group, const struct wf_trial_cell *base,
                          bool figure)
{
    const struct wf_trial_cell *const cells[2] = {group, base};
    struct wf_lift lift = {.rate = {0}};
    uint64_t n[2];
    for (int i = 0; i < 2; i++) {
        n[i] = cells[i]->members;
        lift.rated[i] = n[i] > 0;
        lift.measured[i] = figure && n[i] > 0 && cells[i]->squares != WF_TRIAL_LOST;
        if (n[i] == 0)
            continue;
        lift.rate[i] = (double)cells[i]->reached / (double)n[i];
        lift.mean[i] = (double)cells[i]->sum / (double)n[i];
    }
    lift.rates = compare_rates(&lift, n);
    lift.means = compare_means(&lift, cells);
    return lift;
}

/* ---- the comparisons of a night ---- */

struct comparing {
    const struct wf_ir *ir;
    const struct wf_trial *trial;
    struct wf_compared row;
    wf_compared_fn *fn;
    void *ctx;
};

static enum wf_status compare(struct comparing *c, uint32_t arm, uint32_t base)
{
    const struct wf_ir_journey *j = &c->ir->journeys[c->row.journey];
    struct wf_compared *row = &c->row;
    uint32_t cell = arm == WF_NONE ? 0 : wf_trial_cell(c->ir, j, arm);
    uint32_t against = base == WF_NONE ? 1 : wf_trial_cell(c->ir, j, base);
    row->arm = arm;
    row->base = base;
    row->cells[0] = &c->trial->cells[cell];
    row->cells[1] = &c->trial->cells[against];
    row->lift = wf_lift_of(row->cells[0], row->cells[1], j->goal_kind == WF_GOAL_VALUE);
    return c->fn(c->ctx, row);
}

static enum wf_status compare_split(struct comparing *c, const struct wf_ir_step *split)
{
    enum wf_status st = WF_OK;
    c->row.split++;
    for (uint32_t a = 0; st == WF_OK && a < split->arms_count; a++) {
        uint32_t arm = split->arms_first + a;
        if (c->trial->holdout)
            st = compare(c, arm, WF_NONE);
        if (st == WF_OK && a > 0)
            st = compare(c, arm, split->arms_first);
    }
    return st;
}

static enum wf_status compare_trial(struct comparing *c, const struct wf_trial *trial)
{
    const struct wf_ir_journey *j = &c->ir->journeys[c->row.journey];
    enum wf_status st = WF_OK;
    c->trial = trial;
    c->row.holdout = trial->holdout;
    c->row.split = 0;
    if (trial->n_cells != wf_trial_cell(c->ir, j, WF_NONE))
        return WF_ERR_STATE;
    if (trial->holdout)
        st = compare(c, WF_NONE, WF_NONE);
    for (uint32_t i = 0; st == WF_OK && i < j->steps_count; i++)
        if (c->ir->steps[j->steps_first + i].kind == WF_STEP_SPLIT)
            st = compare_split(c, &c->ir->steps[j->steps_first + i]);
    return st;
}

bool wf_lift_asked(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (wf_is_trial(ir, &ir->journeys[i], (uint32_t)ir->journeys[i].holdout))
            return true;
    return false;
}

enum wf_status wf_lift_each(const struct wf_ir *ir, struct wf_state *state, wf_compared_fn *fn,
                            void *ctx)
{
    struct comparing c = {.ir = ir, .fn = fn, .ctx = ctx};
    struct wf_buf name;
    enum wf_status st = WF_OK;
    wf_buf_init(&name, state->alloc, 0);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_journeys; i++) {
        c.row.journey = i;
        wf_buf_reset(&name);
        wf_buf_addf(&name, WF_JOURNEY_RULE "%s", ir->texts[ir->journeys[i].identity]->text);
        const struct wf_rule_state *rule =
            name.failed ? NULL : wf_state_rule(state, wf_buf_str(&name));
        const struct wf_journey_state *journey = rule ? wf_state_journey(state, rule->id) : NULL;
        st = name.failed ? WF_ERR_NOMEM : WF_OK;
        for (size_t t = 0; st == WF_OK && journey && t < journey->trials.n; t++)
            if (journey->trials.items[t].hash == ir->journeys[i].hash)
                st = compare_trial(&c, &journey->trials.items[t]);
    }
    wf_buf_release(&name);
    return st;
}
