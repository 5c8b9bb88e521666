/*
 * abs_solve.c - can some formulas hold together? A search over their alternatives: literals narrow
 * the states of variables, the first contradiction turns back; where all have been taken, what one
 * variable says of another is applied, and the lone literals are held against the rest.
 */
#include <string.h>

#include "lang/sema/abs.h"

enum { MOST_STEPS = 4000, MOST_ALTERNATIVES = 64 };
static const uint64_t most_work = 3000000;

struct wf_saved { /* what a variable was before it was narrowed */
    uint32_t var;
    uint32_t stamp;
    struct wf_states states;
    struct wf_ranges said;
    bool spoken;
};

/* Formulas still to take, and lone literals taken. */
struct goals {
    const struct wf_formula *formula;
    const struct goals *next;
};

/* ---- states, and how they come back ---- */

static bool touch(struct wf_abs *a, uint32_t var)
{
    struct wf_sema *s = a->s;
    if (wf_grow(s->alloc, &a->trail, &a->room_trail, a->n_trail + 1, sizeof(*a->trail)) ||
        wf_grow(s->alloc, &a->touched, &a->room_touched, a->n_touched + 1, sizeof(*a->touched))) {
        s->nomem = true;
        return false;
    }
    struct wf_var *v = &a->vars[var];
    if (v->stamp != a->stamp)
        a->touched[a->n_touched++] = var;
    a->trail[a->n_trail++] = (struct wf_saved){var, v->stamp, v->now, v->said, v->spoken};
    if (v->stamp != a->stamp) {
        v->now = v->whole;
        v->said = v->whole.values;
        v->spoken = false;
    }
    v->stamp = a->stamp;
    return true;
}

static void bring_back(struct wf_var *v, const struct wf_saved *saved)
{
    v->stamp = saved->stamp;
    v->now = saved->states;
    v->said = saved->said;
    v->spoken = saved->spoken;
}

static void undo(struct wf_abs *a, size_t to)
{
    while (a->n_trail > to) {
        const struct wf_saved *saved = &a->trail[--a->n_trail];
        struct wf_var *v = &a->vars[saved->var];
        if (saved->stamp != a->stamp)
            a->n_touched--; /* they come off in the order they came */
        bring_back(v, saved);
    }
}

bool wf_abs_meet(struct wf_abs *a, uint32_t var, struct wf_states states, bool literal)
{
    if (!touch(a, var))
        return true;
    struct wf_var *v = &a->vars[var];
    struct wf_room room = {&a->scratch, &a->s->nomem};
    v->now.values = wf_ranges_meet(room, v->now.values, states.values);
    v->now.without &= states.without;
    if (literal) {
        v->said = wf_ranges_meet(room, v->said, states.values);
        v->spoken = true;
    }
    bool left = v->now.values.n || v->now.without;
    uint32_t hub = v->role == WF_ROLE_ORDER || v->role == WF_ROLE_TEXT ? UINT32_MAX : v->b;
    if (left && hub != UINT32_MAX && a->vars[hub].stamp != a->stamp)
        touch(a, hub); /* so that axes of one point hear of each other */
    return left;
}

/* ---- the search ---- */

static enum wf_abs_answer search(struct wf_abs *a, const struct goals *goals,
                                 const struct goals *either, const struct goals *lone);

/* How few and how many a count can be, where counts of sets round it and within it are known. Few
 * is what was surely seen; that there are no more is known only of counts that literals speak of.
 */
static void bounds(struct wf_abs *a, uint32_t count, int64_t *least, int64_t *most)
{
    uint32_t set = a->vars[count].set;
    for (size_t i = 0; i < a->n_touched; i++) {
        const struct wf_var *v = &a->vars[a->touched[i]];
        if (v->role != WF_ROLE_COUNT || v->now.without)
            continue;
        int64_t few = wf_ranges_least(v->now.values), many = wf_ranges_most(v->said);
        bool spoken = v->spoken;
        uint32_t other = v->set;
        if (few > *least && wf_abs_within(a, other, set, NULL))
            *least = few;
        if (spoken && many < *most && wf_abs_within(a, set, other, NULL))
            *most = many;
    }
}

/* A literal of which some possible value must not be as the others say. */
static bool lone_fits(struct wf_abs *a, const struct wf_formula *f)
{
    const struct wf_var v = a->vars[f->var];
    bool spoken = v.stamp == a->stamp && v.spoken;
    if (!spoken && v.role != WF_ROLE_COUNT)
        return true; /* nothing is known of it: it may be unknown */
    int64_t least = INT64_MIN, most = INT64_MAX;
    struct wf_room room = {&a->scratch, &a->s->nomem};
    struct wf_ranges left =
        wf_ranges_meet(room, spoken ? v.said : v.whole.values, f->states.values);
    if (v.role == WF_ROLE_COUNT)
        bounds(a, f->var, &least, &most);
    return wf_ranges_meet(room, left, wf_ranges_span(room, least, most)).n > 0;
}

static enum wf_abs_answer leaf(struct wf_abs *a, const struct goals *lone)
{
    if (!wf_abs_settle(a))
        return WF_ABS_IMPOSSIBLE;
    for (; lone; lone = lone->next)
        if (!lone_fits(a, lone->formula))
            return WF_ABS_IMPOSSIBLE;
    return WF_ABS_POSSIBLE;
}

static enum wf_abs_answer branch(struct wf_abs *a, const struct goals *either,
                                 const struct goals *lone)
{
    const struct wf_formula *sides[] = {either->formula->a, either->formula->b};
    enum wf_abs_answer answer = WF_ABS_IMPOSSIBLE;
    if (!wf_abs_settle(a))
        return answer;
    for (int i = 0; i < 2 && answer == WF_ABS_IMPOSSIBLE; i++) {
        size_t mark = a->n_trail;
        struct goals side = {sides[i], NULL};
        answer = search(a, &side, either->next, lone);
        if (answer != WF_ABS_POSSIBLE)
            undo(a, mark);
    }
    return answer;
}

static enum wf_abs_answer search(struct wf_abs *a, const struct goals *goals,
                                 const struct goals *either, const struct goals *lone)
{
    if (a->s->nomem || ++a->steps > MOST_STEPS || a->work + a->steps > most_work)
        return WF_ABS_UNDECIDED;
    if (!goals)
        return either ? branch(a, either, lone) : leaf(a, lone);
    const struct wf_formula *f = goals->formula;
    struct goals more = {f, NULL}, both[2];
    switch (f->op) {
    case WF_F_HOLDS: return search(a, goals->next, either, lone);
    case WF_F_FAILS: return WF_ABS_IMPOSSIBLE;
    case WF_F_BOTH:
        both[1] = (struct goals){f->b, goals->next};
        both[0] = (struct goals){f->a, &both[1]};
        return search(a, both, either, lone);
    case WF_F_EITHER: more.next = either; return search(a, goals->next, &more, lone);
    default:
        if (f->lone) {
            more.next = lone;
            return search(a, goals->next, either, &more);
        }
        return wf_abs_meet(a, f->var, f->states, true) ? search(a, goals->next, either, lone)
                                                       : WF_ABS_IMPOSSIBLE;
    }
}

/* ---- questions, also while another one is being answered ---- */

struct asking { /* the outer question, put aside */
    size_t n_touched, n_trail;
    uint32_t steps;
    struct wf_saved *states;
    uint32_t *touched;
};

static bool put_aside(struct wf_abs *a, struct asking *outer)
{
    *outer = (struct asking){.n_touched = a->n_touched, .n_trail = a->n_trail, .steps = a->steps};
    if (!a->asking)
        return true;
    outer->states = wf_arena_array(&a->scratch, a->n_touched + 1, sizeof(*outer->states));
    outer->touched = wf_arena_array(&a->scratch, a->n_touched + 1, sizeof(*outer->touched));
    if (!outer->states || !outer->touched)
        return false;
    for (size_t i = 0; i < a->n_touched; i++) {
        uint32_t var = a->touched[i];
        outer->touched[i] = var;
        const struct wf_var *v = &a->vars[var];
        outer->states[i] = (struct wf_saved){var, v->stamp, v->now, v->said, v->spoken};
    }
    return true;
}

static void take_up(struct wf_abs *a, const struct asking *outer)
{
    a->steps += outer->steps;
    for (size_t i = 0; i < outer->n_touched; i++) {
        a->touched[i] = outer->touched[i];
        bring_back(&a->vars[outer->touched[i]], &outer->states[i]);
    }
    a->n_touched = outer->n_touched;
    a->n_trail = outer->n_trail;
}

enum wf_abs_answer wf_abs_solve(struct wf_abs *a, const struct wf_formula *const *all, uint32_t n)
{
    enum { ROOM = (size_t)4 << 20 };
    struct goals goals[MOST_ALTERNATIVES];
    struct asking outer;
    if (a->s->nomem || n > MOST_ALTERNATIVES || a->work > most_work)
        return WF_ABS_UNDECIDED;
    if (!a->asking && a->scratch.used > ROOM)
        wf_arena_release(&a->scratch);
    if (!put_aside(a, &outer)) {
        a->s->nomem = true;
        return WF_ABS_UNDECIDED;
    }
    uint32_t stamp = a->stamp;
    a->stamp = ++a->stamps;
    a->steps = 0;
    a->n_touched = 0;
    if (!a->asking)
        a->n_trail = 0;
    a->asking++;
    for (uint32_t i = 0; i < n; i++)
        goals[i] = (struct goals){all[i], i + 1 < n ? &goals[i + 1] : NULL};
    enum wf_abs_answer answer = search(a, n ? goals : NULL, NULL, NULL);
    a->asking--;
    if (a->asking) {
        take_up(a, &outer);
        a->stamp = stamp;
    } else {
        a->work += a->steps;
    }
    return a->s->nomem ? WF_ABS_UNDECIDED : answer;
}
