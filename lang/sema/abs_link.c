/*
 * abs_link.c - what one variable says of another.
 *
 *   count E in last 30d <= count E in last 90d       a set within another has no more events
 *   last E older than 90d, any E in last 30d         cannot both be
 *   no E: sum E.f is 0, last E is missing            and the other way round
 *   joined older than 60d, days since joined < 30    two ways to measure one point
 *   a < b, a >= 5, b <= 3
 *   city = "上海", city starts with "北"
 */
#include "lang/sema/abs.h"

struct linking {
    struct wf_abs *a;
    bool changed, failed;
};

static const struct wf_var *var_of(const struct linking *l, uint32_t var)
{
    return &l->a->vars[var];
}

/* Known to be there. */
static bool there(const struct linking *l, uint32_t var)
{
    return !var_of(l, var)->now.without;
}

static void narrow(struct linking *l, uint32_t var, struct wf_ranges values, uint8_t without)
{
    if (l->failed)
        return;
    struct wf_states before = var_of(l, var)->now;
    struct wf_room room = {&l->a->scratch, &l->a->s->nomem};
    struct wf_ranges met = wf_ranges_meet(room, before.values, values);
    if (wf_ranges_same(met, before.values) && (before.without & without) == before.without)
        return;
    l->changed = true;
    if (!wf_abs_meet(l->a, var, (struct wf_states){met, without}, false))
        l->failed = true;
}

/* Where it has a value, that is at least, or at most, so much. */
static void at_least(struct linking *l, uint32_t var, int64_t least)
{
    struct wf_room room = {&l->a->scratch, &l->a->s->nomem};
    narrow(l, var, wf_ranges_span(room, least, INT64_MAX), 3);
}

static void at_most(struct linking *l, uint32_t var, int64_t most)
{
    struct wf_room room = {&l->a->scratch, &l->a->s->nomem};
    narrow(l, var, wf_ranges_span(room, INT64_MIN, most), 3);
}

static int64_t least_of(const struct linking *l, uint32_t var)
{
    return wf_ranges_least(var_of(l, var)->now.values);
}

static int64_t most_of(const struct linking *l, uint32_t var)
{
    return wf_ranges_most(var_of(l, var)->now.values);
}

static void no_value(struct linking *l, uint32_t var)
{
    narrow(l, var, WF_RANGES_NONE, 3);
}

/* x <= y, where both are there. */
static void ordered(struct linking *l, uint32_t x, uint32_t y)
{
    if (!there(l, x) || !there(l, y) || l->failed)
        return;
    at_most(l, x, most_of(l, y));
    at_least(l, y, least_of(l, x));
}

static bool within(const struct linking *l, uint32_t x, uint32_t y)
{
    return wf_abs_within(l->a, var_of(l, x)->set, var_of(l, y)->set, NULL);
}

/* ---- sets of events ---- */

static void two_counts(struct linking *l, uint32_t x, uint32_t y)
{
    if (within(l, x, y))
        ordered(l, x, y);
}

static void count_and_sum(struct linking *l, uint32_t count, uint32_t sum)
{
    if (!there(l, count) || !there(l, sum) || !within(l, sum, count))
        return;
    struct wf_room room = {&l->a->scratch, &l->a->s->nomem};
    if (most_of(l, count) <= 0)
        narrow(l, sum, wf_ranges_span(room, 0, 0), 0);
    else if (!wf_ranges_hold(var_of(l, sum)->now.values, 0))
        at_least(l, count, 1);
}

/* What is picked from the events of a set is there only where there are events. */
static void count_and_picked(struct linking *l, uint32_t count, uint32_t picked)
{
    const struct wf_var *p = var_of(l, picked);
    bool time = p->role == WF_ROLE_FIRST || p->role == WF_ROLE_LAST;
    if (!there(l, count))
        return;
    if (within(l, picked, count)) {
        if (there(l, picked))
            at_least(l, count, 1);
        else if (most_of(l, count) <= 0)
            no_value(l, picked);
    }
    if (!time || l->failed || !within(l, count, picked))
        return;
    if (least_of(l, count) >= 1)
        narrow(l, picked, WF_RANGES_ALL, WF_ABS_UNSURE);
    else if (!var_of(l, picked)->now.values.n && var_of(l, picked)->now.without == WF_ABS_MISSING)
        at_most(l, count, 0);
}

/* last E older than W, any E in last W: on the axis of days. */
static void count_and_last(struct linking *l, uint32_t count, uint32_t last)
{
    struct wf_abs *a = l->a;
    if (var_of(l, last)->axis != WF_AXIS_DAYS || !there(l, count) ||
        a->sets[var_of(l, last)->set].future)
        return;
    uint32_t counted = var_of(l, count)->set, of = var_of(l, last)->set;
    int64_t reach = wf_abs_reach(a, counted), least;
    if (reach != INT64_MAX && wf_abs_within(a, counted, of, NULL)) {
        if (least_of(l, count) >= 1)
            at_least(l, last, -2 * reach);
        else if (there(l, last) && most_of(l, last) < -2 * reach)
            at_most(l, count, 0);
    }
    bool but_for_window = wf_abs_within(a, of, counted, &least);
    if (!l->failed && but_for_window && least != INT64_MAX && there(l, last) &&
        least_of(l, last) >= -2 * least)
        at_least(l, count, 1);
}

/* first E and last E, of one set or of one within another. */
static void two_times(struct linking *l, uint32_t x, uint32_t y)
{
    const enum wf_role rx = (enum wf_role)var_of(l, x)->role, ry = (enum wf_role)var_of(l, y)->role;
    if (var_of(l, x)->axis != var_of(l, y)->axis)
        return;
    bool in = within(l, x, y);
    if (rx == WF_ROLE_LAST && ry == WF_ROLE_LAST && in)
        ordered(l, x, y);
    if (rx == WF_ROLE_FIRST && ry == WF_ROLE_FIRST && in)
        ordered(l, y, x);
    if (rx == WF_ROLE_FIRST && ry == WF_ROLE_LAST && (in || within(l, y, x)))
        ordered(l, x, y);
}

/* ---- one point on two axes ---- */

static int64_t floor_div(int64_t x, int64_t by)
{
    return x / by - (x % by < 0);
}

/* now + k months (seconds) is at least, at most, so many days from now. */
static int64_t days_at_least(enum wf_axis axis, int64_t k)
{
    if (k == 0)
        return 0;
    if (axis == WF_AXIS_SECONDS)
        return floor_div(k, 86400) - 2;
    return k >= 0 ? (k * 3043 / 100 > 3 ? k * 3043 / 100 - 3 : 0) : -(-k * 3045 / 100 + 4);
}

static int64_t days_at_most(enum wf_axis axis, int64_t k)
{
    if (k == 0)
        return 0;
    if (axis == WF_AXIS_SECONDS)
        return floor_div(k, 86400) + 3;
    return k >= 0 ? k * 3045 / 100 + 4 : -(-k * 3043 / 100 > 3 ? -k * 3043 / 100 - 3 : 0);
}

/* What is before, not before, d days from now is before, not before, so many months (seconds). */
static int64_t marks_at_most(enum wf_axis axis, int64_t d)
{
    int64_t k = axis == WF_AXIS_SECONDS ? (d + 2) * 86400 : floor_div(d * 100, 3043) - 1;
    while (days_at_least(axis, k) < d)
        k += axis == WF_AXIS_SECONDS ? 3600 : 1;
    return k;
}

static int64_t marks_at_least(enum wf_axis axis, int64_t d)
{
    int64_t k = axis == WF_AXIS_SECONDS ? (d - 2) * 86400 : floor_div(d * 100, 3043) + 1;
    while (days_at_most(axis, k) > d)
        k -= axis == WF_AXIS_SECONDS ? 3600 : 1;
    return k;
}

static bool moderate(int64_t point)
{
    enum { MOST = 1 << 30 };
    return point > -(int64_t)MOST * 86400 && point < (int64_t)MOST * 86400;
}

/* An odd point lies before the next mark; an even one is a mark, and stays one. */
static int64_t up(int64_t point, int64_t (*to)(enum wf_axis, int64_t), enum wf_axis axis)
{
    bool odd = point & 1;
    return 2 * to(axis, floor_div(point + odd, 2)) - odd;
}

static int64_t down(int64_t point, int64_t (*to)(enum wf_axis, int64_t), enum wf_axis axis)
{
    bool odd = point & 1;
    return 2 * to(axis, floor_div(point - odd, 2)) + odd;
}

static void days_and_marks(struct linking *l, uint32_t days, uint32_t marks)
{
    enum wf_axis axis = (enum wf_axis)var_of(l, marks)->axis;
    int64_t lo = least_of(l, marks), hi = most_of(l, marks);
    if (moderate(hi))
        at_most(l, days, up(hi, days_at_most, axis));
    if (moderate(lo))
        at_least(l, days, down(lo, days_at_least, axis));
    lo = least_of(l, days), hi = most_of(l, days);
    if (moderate(hi))
        at_most(l, marks, up(hi, marks_at_most, axis));
    if (moderate(lo))
        at_least(l, marks, down(lo, marks_at_least, axis));
}

static void days_and_today(struct linking *l, uint32_t days, uint32_t today)
{
    bool date = var_of(l, days)->type == WF_T_DATE;
    int64_t lo = least_of(l, days), hi = most_of(l, days);
    if (moderate(hi))
        at_most(l, today, floor_div(hi + 1, 2));
    if (moderate(lo))
        at_least(l, today, floor_div(lo, 2));
    lo = least_of(l, today), hi = most_of(l, today);
    if (moderate(hi))
        at_most(l, days, 2 * hi + !date);
    if (moderate(lo))
        at_least(l, days, 2 * lo - 1);
}

static void two_axes(struct linking *l, uint32_t days, uint32_t other)
{
    uint8_t without = var_of(l, days)->now.without & var_of(l, other)->now.without;
    if (!var_of(l, days)->now.values.n)
        no_value(l, other);
    if (!var_of(l, other)->now.values.n)
        no_value(l, days);
    narrow(l, days, WF_RANGES_ALL, without);
    narrow(l, other, WF_RANGES_ALL, without);
    if (l->failed || !var_of(l, days)->now.values.n)
        return;
    switch (var_of(l, other)->axis) {
    case WF_AXIS_MONTHS:
    case WF_AXIS_SECONDS: days_and_marks(l, days, other); break;
    case WF_AXIS_TODAY: days_and_today(l, days, other); break;
    default: break;
    }
}

/* ---- comparisons, tests of a text ---- */

static void order(struct linking *l, uint32_t var)
{
    const struct wf_var v = *var_of(l, var);
    const struct wf_var *x = var_of(l, v.a), *y = var_of(l, v.b);
    if (!there(l, var) || x->type != y->type || x->type == WF_T_TEXT || x->stamp != l->a->stamp ||
        y->stamp != l->a->stamp || !there(l, v.a) || !there(l, v.b))
        return;
    if (most_of(l, v.a) < least_of(l, v.b))
        at_most(l, var, -1);
    if (least_of(l, v.a) > most_of(l, v.b))
        at_least(l, var, 1);
    if (l->failed)
        return;
    if (most_of(l, var) <= 0)
        ordered(l, v.a, v.b);
    if (!l->failed && least_of(l, var) >= 0)
        ordered(l, v.b, v.a);
}

static bool passes(const struct wf_term *test, const struct wf_term *text)
{
    const struct wf_str *x = text->ref, *y = test->node->kid[WF_K_BINARY_RIGHT]->name;
    struct wf_value a = wf_text_value(WF_T_TEXT, x->text, x->len);
    struct wf_value b = wf_text_value(WF_T_TEXT, y->text, y->len);
    switch (test->op) {
    case WF_OP_CONTAINS: return wf_value_contains(a, b).i;
    case WF_OP_STARTS: return wf_value_starts(a, b).i;
    case WF_OP_ENDS: return wf_value_ends(a, b).i;
    default: return wf_value_matches(a, b).i;
    }
}

/* Of a text that can only be one of some, those that pass the test, or fail it, are left. */
static void text_test(struct linking *l, uint32_t var)
{
    enum { MOST = 64 };
    const struct wf_abs *a = l->a;
    const struct wf_var v = *var_of(l, var);
    const struct wf_var *text = var_of(l, v.a);
    struct wf_ranges now = text->now.values;
    int64_t kept[MOST];
    uint32_t n = 0;
    if (!there(l, var) || text->stamp != a->stamp || v.now.values.n != 1 ||
        v.now.values.at[0].lo != v.now.values.at[0].hi)
        return;
    for (uint32_t i = 0; i < now.n; i++) {
        for (int64_t p = now.at[i].lo;; p++) {
            if (n == MOST || p < 0 || p >= (int64_t)a->n_terms || a->terms[p].kind != WF_N_STRING)
                return;
            if (passes(&a->terms[v.term], &a->terms[p]) == (v.now.values.at[0].lo == 1))
                kept[n++] = p;
            if (p == now.at[i].hi)
                break;
        }
    }
    struct wf_room room = {&l->a->scratch, &l->a->s->nomem};
    narrow(l, v.a, n ? wf_ranges_points(room, kept, n) : WF_RANGES_NONE, 0);
}

/* ---- all of them ---- */

static bool is_count(const struct wf_var *v)
{
    return v->role == WF_ROLE_COUNT;
}

static bool is_time(const struct wf_var *v)
{
    return v->role == WF_ROLE_FIRST || v->role == WF_ROLE_LAST;
}

/* Whether one set lies within another may be a question of its own, which may bring new variables:
 * their table then lies elsewhere. */
static void link(struct linking *l, uint32_t x, uint32_t y)
{
    const struct wf_var vx = *var_of(l, x), vy = *var_of(l, y);
    if (vy.b == x && vy.role != WF_ROLE_ORDER && vy.role != WF_ROLE_TEXT)
        two_axes(l, x, y);
    if (vx.set == UINT32_MAX || vy.set == UINT32_MAX)
        return;
    if (is_count(&vx) && is_count(&vy))
        two_counts(l, x, y);
    else if (is_count(&vx) && vy.role == WF_ROLE_SUM)
        count_and_sum(l, x, y);
    else if (is_count(&vx) && (vy.role == WF_ROLE_PICKED || is_time(&vy)))
        count_and_picked(l, x, y);
    if (!l->failed && is_count(&vx) && vy.role == WF_ROLE_LAST)
        count_and_last(l, x, y);
    if (is_time(&vx) && is_time(&vy))
        two_times(l, x, y);
}

bool wf_abs_settle(struct wf_abs *a)
{
    enum { ROUNDS = 6 };
    struct linking l = {.a = a, .changed = true};
    for (int round = 0; round < ROUNDS && l.changed && !l.failed; round++) {
        l.changed = false;
        a->steps += (uint32_t)(a->n_touched * a->n_touched / 16);
        for (size_t i = 0; i < a->n_touched && !l.failed; i++) {
            uint32_t x = a->touched[i];
            if (a->vars[x].role == WF_ROLE_ORDER)
                order(&l, x);
            else if (a->vars[x].role == WF_ROLE_TEXT)
                text_test(&l, x);
            for (size_t k = 0; k < a->n_touched && !l.failed; k++)
                if (i != k)
                    link(&l, x, a->touched[k]);
        }
    }
    return !l.failed;
}
