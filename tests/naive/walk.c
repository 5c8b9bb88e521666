/*
 * walk.c - journeys, a member at a time.
 */
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/naive/memory.h"

struct walker {
    struct nv_model *m;
    int rule, member;
    struct nv_entry *entry;
};

static const struct nv_step *step_at(const struct walker *w, int step)
{
    return &w->m->c->steps[step];
}

/* What comes after a step: the next of its block, or what comes after the block. */
static int after(const struct walker *w, int step)
{
    while (step >= 0 && step_at(w, step)->next < 0)
        step = step_at(w, step)->up;
    return step < 0 ? -1 : step_at(w, step)->next;
}

static void go(const struct walker *w, int block, int step)
{
    w->entry->step = block >= 0 ? block : after(w, step);
}

static void leave(const struct walker *w, int64_t at)
{
    w->entry->live = false;
    w->entry->left = at;
}

static int truth(const struct walker *w, int cond, int hidden)
{
    struct nv_asked asked = {w->member, w->entry->entry, w->entry->entered_by, hidden};
    return nv_truth(w->m, cond, &asked);
}

/* Whether the member stays in the journey and may go on: not where exit is true or unknown. */
static bool may_go_on(const struct walker *w)
{
    int exit = w->m->c->rules[w->rule].exit;
    int out = exit < 0 ? 0 : truth(w, exit, w->entry->hidden);
    if (out == 1)
        leave(w, w->m->now);
    return out == 0;
}

/* ---- waits ---- */

static bool is_wait(const struct nv_step *s)
{
    return s->kind == NV_WAIT || s->kind == NV_UNTIL_DAY || s->kind == NV_UNTIL_CLOCK ||
           s->kind == NV_FOR_EVENT || s->kind == NV_FOR_COND;
}

/* When a wait that was reached then ends of itself. */
static int64_t due_of(const struct nv_step *s, int64_t reached)
{
    int64_t day = nv_day(reached), due;
    switch (s->kind) {
    case NV_UNTIL_CLOCK: due = nv_midnight(day) + s->n; return due >= reached ? due : due + NV_DAY;
    case NV_UNTIL_DAY:
        if ((day + 3) % 7 == s->n)
            return reached;
        while ((day + 3) % 7 != s->n) /* 1970-01-01 was a Thursday */
            day++;
        return nv_midnight(day);
    default: return reached + s->days * NV_DAY;
    }
}

/* The earliest event that ends the wait; -1: none came in time. */
static int awaited(const struct walker *w, const struct nv_step *s)
{
    const struct nv_case *c = w->m->c;
    int found = -1;
    for (int i = 0; i < c->n_events; i++) {
        const struct nv_event *e = &c->events[i];
        if (e->kind == s->event && e->member == w->member && nv_known(w->m, e) &&
            e->at > w->entry->reached && e->at <= due_of(s, w->entry->reached) &&
            (found < 0 || e->at < c->events[found].at))
            found = i;
    }
    return found;
}

/* Answers whether the member moves on. */
static bool pass_wait(const struct walker *w, int step)
{
    const struct nv_step *s = step_at(w, step);
    struct nv_entry *entry = w->entry;
    int event = s->kind == NV_FOR_EVENT ? awaited(w, s) : -1;
    entry->rest.step = step;
    entry->rest.reached = entry->reached;
    int64_t due = due_of(s, entry->reached);
    if (event >= 0) {
        entry->hidden = event;
        entry->reached = w->m->c->events[event].at;
        go(w, s->then, step);
        return true;
    }
    entry->hidden = -1;
    if (!may_go_on(w))
        return false;
    if (s->kind == NV_FOR_COND && w->m->now <= due && truth(w, s->cond, -1) == 1) {
        entry->reached = w->m->now;
        go(w, s->then, step);
        return true;
    }
    if (due > w->m->now)
        return false;
    entry->reached = due;
    go(w, s->kind == NV_FOR_EVENT || s->kind == NV_FOR_COND ? s->other : -1, step);
    return true;
}

/* ---- the others ---- */

/* The lot of a split: its labels and the member's id, under the journey's salt. */
static bool first_arm(const struct walker *w, const struct nv_step *s)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "salt %d%cone%ctwo%c%s", w->rule, 0, 0, 0,
                       w->m->c->members[w->member].id);
    return XXH3_64bits(text, (size_t)len) % 1000000 < (uint64_t)s->n * 10000;
}

static bool pass_action(const struct walker *w, int step)
{
    const struct nv_step *s = step_at(w, step);
    const struct nv_rule *rule = &w->m->c->rules[w->rule];
    if (!may_go_on(w)) { /* back to the wait: tonight nothing moved */
        w->entry->step = w->entry->rest.step;
        w->entry->reached = w->entry->rest.reached;
        w->entry->hidden = -1;
        return false;
    }
    int64_t known_by = nv_midnight(nv_day(w->entry->reached) + 1);
    bool on_entering = w->m->rules[w->rule].waived && w->entry->reached == w->entry->entry;
    bool late = !on_entering && nv_late(w->m, rule, known_by);
    nv_contend(w->m, (struct nv_contender){.rule = w->rule,
                                           .member = w->member,
                                           .event = -1,
                                           .action = &s->action,
                                           .position = s->position,
                                           .occurred = w->entry->reached,
                                           .entry = w->entry->entry,
                                           .entered_by = w->entry->entered_by,
                                           .gate = late ? "missed" : NULL});
    w->entry->step = after(w, step);
    return true;
}

static bool pass(const struct walker *w, int step)
{
    const struct nv_step *s = step_at(w, step);
    int which;
    if (is_wait(s))
        return pass_wait(w, step);
    switch (s->kind) {
    case NV_ACT: return pass_action(w, step);
    case NV_IF:
        which = truth(w, s->cond, -1);
        go(w, which == 1 ? s->then : which == 0 ? s->other : -1, step);
        return true;
    case NV_SPLIT: go(w, first_arm(w, s) ? s->then : s->other, step); return true;
    default: leave(w, w->entry->reached); return false;
    }
}

void nv_walk(struct nv_model *m, int rule, int member)
{
    struct walker w = {m, rule, member, &m->rules[rule].entries[member]};
    if (!w.entry->live)
        return;
    while (w.entry->step >= 0 && pass(&w, w.entry->step))
        continue;
    if (w.entry->live && w.entry->step < 0)
        leave(&w, w.entry->reached);
}

void nv_enter(struct nv_model *m, int r, int member, int64_t due, int event)
{
    const struct nv_rule *rule = &m->c->rules[r];
    struct nv_entry *entry = &m->rules[r].entries[member];
    if (entry->live ||
        (entry->ever && (rule->again < 0 || due < entry->left + rule->again * NV_DAY)))
        return;
    *entry = (struct nv_entry){.live = true,
                               .ever = true,
                               .step = rule->first,
                               .entry = due,
                               .reached = due,
                               .entered_by = event,
                               .hidden = -1,
                               .rest = {rule->first, due}};
    nv_walk(m, r, member);
}
