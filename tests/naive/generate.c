#include <stdio.h>
#include <string.h>

#include "tests/naive/naive.h"

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next(struct nv_case *c)
{
    uint64_t z = c->random += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int below(struct nv_case *c, int n)
{
    return (int)(next(c) % (uint64_t)n);
}

static int between(struct nv_case *c, int low, int high)
{
    return low + below(c, high - low + 1);
}

static bool chance(struct nv_case *c, int percent)
{
    return below(c, 100) < percent;
}

/* ---- members and what happens to them ---- */

static void make_member(struct nv_case *c, int i)
{
    struct nv_member *m = &c->members[i];
    snprintf(m->id, sizeof(m->id), "m%d", i);
    m->joined = c->day0 + between(c, -40, NV_NIGHTS - 5);
    m->birthday = chance(c, 20) ? NV_NONE : c->day0 - 30 * 365 + between(c, -400, 400);
    int city = below(c, 3), points = below(c, 200);
    int who[NV_WHO] = {below(c, 3), below(c, 3), below(c, 3)};
    bool wecom = chance(c, 70), here = true;
    for (int night = 0; night < NV_NIGHTS; night++) {
        if (chance(c, 6))
            city = below(c, 3);
        if (chance(c, 12))
            points = below(c, 200);
        if (chance(c, 4))
            wecom = !wecom;
        if (chance(c, here ? 4 : 40))
            here = !here;
        if (chance(c, 8))
            who[below(c, NV_WHO)] = below(c, 3);
        for (int k = 0; k < NV_WHO; k++)
            m->who[k][night] = who[k];
        m->city[night] = city;
        m->points[night] = points;
        m->wecom[night] = wecom;
        m->here[night] = here && m->joined < c->day0 + night;
    }
}

/* Most come the night after they happened, some days later; some fall on a midnight. */
static void make_event(struct nv_case *c, int i)
{
    struct nv_event *e = &c->events[i];
    int day = between(c, -20, NV_NIGHTS - 1);
    e->kind = chance(c, 70) ? NV_PURCHASE : chance(c, 50) ? NV_OPTOUT : NV_REPLY;
    e->member = below(c, c->n_members);
    e->number = i;
    e->amount = between(c, 1, 100);
    e->at = nv_midnight(c->day0 + day) + (chance(c, 10) ? 0 : below(c, (int)NV_DAY));
    for (int k = 0; k < i; k++) { /* ties are another test's */
        if (c->events[k].member == e->member && c->events[k].at == e->at)
            e->at++, k = -1;
    }
    e->seen = day + 1 + (chance(c, 15) ? between(c, 1, 4) : 0);
}

/* ---- conditions ---- */

static int add_cond(struct nv_case *c, struct nv_cond cond)
{
    if (c->n_conds == NV_CONDS)
        return 0;
    c->conds[c->n_conds] = cond;
    return c->n_conds++;
}

static int make_atom(struct nv_case *c, bool entry)
{
    static const enum nv_op ops[] = {
        NV_CITY,       NV_CITY_KNOWN, NV_POINTS, NV_WECOM, NV_EVER,   NV_IN_LAST,
        NV_NO_IN_LAST, NV_COUNT,      NV_BIG,    NV_OLDER, NV_POINTS, NV_WECOM,
    };
    struct nv_cond cond = {.op = ops[below(c, (int)(sizeof(ops) / sizeof(*ops)))]};
    if (entry && chance(c, 30))
        cond.op = NV_SINCE_ENTRY;
    cond.kind = chance(c, 70) ? NV_PURCHASE : chance(c, 50) ? NV_OPTOUT : NV_REPLY;
    cond.days = between(c, 1, 20);
    switch (cond.op) {
    case NV_CITY: cond.n = between(c, 1, 2); break;
    case NV_POINTS: cond.n = between(c, 20, 180); break;
    case NV_COUNT: cond.n = between(c, 1, 3); break;
    case NV_BIG:
        cond.n = between(c, 10, 90);
        cond.kind = NV_PURCHASE;
        break;
    default: break;
    }
    return add_cond(c, cond);
}

static int make_cond(struct nv_case *c, int depth, bool entry)
{
    if (depth == 0 || chance(c, 40))
        return make_atom(c, entry);
    struct nv_cond cond = {.op = chance(c, 25) ? NV_NOT : chance(c, 50) ? NV_AND : NV_OR};
    cond.a = make_cond(c, depth - 1, entry);
    cond.b = cond.op == NV_NOT ? 0 : make_cond(c, depth - 1, entry);
    return add_cond(c, cond);
}

/* ---- rules ---- */

static struct nv_action make_action(struct nv_case *c)
{
    struct nv_action action = {
        .what = (enum nv_do)below(c, NV_DOS), .number = ++c->n_numbers, .at = -1, .usual = -1};
    if (action.what == NV_COUPON && chance(c, 30)) {
        action.at = between(c, 0, 23) * 3600 + 1800;
        action.usual = chance(c, 40) ? below(c, NV_KINDS) : -1;
    }
    if (action.what == NV_COUPON && chance(c, 60))
        action.channel = between(c, 1, 2);
    if (action.what == NV_COUPON && chance(c, 25))
        c->stock[action.number] = between(c, 1, 6);
    return action;
}

static void make_when(struct nv_case *c, struct nv_rule *rule)
{
    rule->moment = (enum nv_moment)below(c, NV_MOMENTS);
    rule->offset = chance(c, 30) ? 0 : between(c, 1, 9);
    if (rule->moment == NV_ANNIVERSARY)
        rule->offset = between(c, -7, 7);
    rule->weekday = below(c, 7);
    rule->month_day = between(c, 1, 31);
    rule->watch = make_cond(c, 2, false);
    rule->guard = rule->moment != NV_BARE && chance(c, 50) ? make_cond(c, 2, false) : -1;
}

static int add_step(struct nv_case *c, struct nv_step step)
{
    c->steps[c->n_steps] = step;
    return c->n_steps++;
}

static int make_steps(struct nv_case *c, int depth, int up, int *position);

static void make_blocks(struct nv_case *c, int step, int depth, int *position)
{
    int then = make_steps(c, depth - 1, step, position);
    int other = chance(c, 60) ? make_steps(c, depth - 1, step, position) : -1;
    c->steps[step].then = then;
    c->steps[step].other = other;
}

static int make_step(struct nv_case *c, int depth, int up, int *position)
{
    static const enum nv_step_kind kinds[] = {
        NV_ACT,         NV_ACT,       NV_WAIT,     NV_WAIT, NV_UNTIL_DAY,
        NV_UNTIL_CLOCK, NV_FOR_EVENT, NV_FOR_COND, NV_IF,   NV_SPLIT,
    };
    struct nv_step step = {.next = -1, .then = -1, .other = -1, .up = up, .cond = -1};
    step.kind = kinds[below(c, depth > 0 ? 10 : 6)];
    step.days = between(c, 1, 8);
    step.event = chance(c, 80) ? NV_PURCHASE : NV_REPLY;
    if (step.kind == NV_ACT) {
        step.action = make_action(c);
        step.position = (*position)++;
    } else if (step.kind == NV_UNTIL_DAY) {
        step.n = below(c, 7);
    } else if (step.kind == NV_UNTIL_CLOCK) {
        step.n = between(c, 0, 23) * 3600;
    } else if (step.kind == NV_FOR_COND || step.kind == NV_IF) {
        step.cond = make_cond(c, 1, true);
    } else if (step.kind == NV_SPLIT) {
        step.n = 10 * between(c, 1, 9);
    }
    int at = add_step(c, step);
    if (step.kind == NV_FOR_EVENT || step.kind == NV_FOR_COND || step.kind == NV_IF ||
        step.kind == NV_SPLIT)
        make_blocks(c, at, depth, position);
    return at;
}

/* A list of steps; -1 when it is empty. */
static int make_steps(struct nv_case *c, int depth, int up, int *position)
{
    int first = -1, last = -1, n = between(c, depth > 1 ? 2 : 1, depth > 1 ? 4 : 2);
    for (int i = 0; i < n && c->n_steps + 8 < NV_STEPS; i++) {
        int step = make_step(c, depth, up, position);
        if (last >= 0)
            c->steps[last].next = step;
        else
            first = step;
        last = step;
    }
    if (up >= 0 && last >= 0 && chance(c, 25) && c->n_steps + 8 < NV_STEPS) {
        struct nv_step leave = {
            .kind = NV_LEAVE, .next = -1, .then = -1, .other = -1, .up = up, .cond = -1};
        c->steps[last].next = add_step(c, leave);
    }
    return first;
}

/* A change is seen between two nights only: there is nothing to look back at. */
static bool is_crossing(const struct nv_rule *rule)
{
    return rule->moment == NV_BECOMES || rule->moment == NV_LEAVES || rule->moment == NV_BARE;
}

static void make_rule(struct nv_case *c, int i)
{
    struct nv_rule *rule = &c->rules[i];
    rule->journey = chance(c, 45);
    rule->from = chance(c, 70) ? 0 : between(c, 1, 25);
    make_when(c, rule);
    rule->grace = chance(c, 60) ? -1 : between(c, 1, 6);
    rule->backfill = chance(c, 75) ? -1 : between(c, 1, 15);
    if (is_crossing(rule))
        rule->backfill = -1;
    rule->again = chance(c, 50) ? -1 : chance(c, 40) ? 0 : between(c, 1, 15);
    rule->holdout = chance(c, 70) ? 0 : between(c, 5, 50);
    rule->priority = between(c, 0, 3);
    rule->exit = rule->first = -1;
    if (!rule->journey) {
        if (!is_crossing(rule))
            rule->again = -1;
        if (rule->again == 0)
            rule->again = 1;
        rule->n_actions = between(c, 1, NV_ACTIONS);
        for (int k = 0; k < rule->n_actions; k++)
            rule->actions[k] = make_action(c);
        return;
    }
    int position = 0, before = c->n_steps;
    if (chance(c, 60))
        rule->exit = make_cond(c, 1, true);
    rule->first = make_steps(c, 2, -1, &position);
    rule->n_steps = c->n_steps - before;
}

const struct nv_action *nv_action_at(const struct nv_case *c, int number, int position)
{
    const struct nv_rule *rule = &c->rules[number];
    if (!rule->journey)
        return &rule->actions[position];
    for (int i = rule->first; i < rule->first + rule->n_steps; i++) {
        if (c->steps[i].kind == NV_ACT && c->steps[i].position == position)
            return &c->steps[i].action;
    }
    return NULL;
}

/* ---- the policy ---- */

static struct nv_cap make_cap(struct nv_case *c)
{
    struct nv_cap cap = {.what = (enum nv_capped)below(c, 3),
                         .period = (enum nv_period)below(c, 4),
                         .n = between(c, 0, 4),
                         .days = between(c, 1, 10)};
    if (cap.what == NV_SENDS && chance(c, 30))
        cap.channel = between(c, 1, 2);
    if (chance(c, 40))
        cap.per = chance(c, 50) ? NV_OWNER : NV_STORE;
    if (chance(c, 40))
        cap.defer = between(c, 1, 3);
    return cap;
}

static void make_policy(struct nv_case *c)
{
    struct nv_policy *policy = &c->policy;
    policy->scope = policy->reach[0] = policy->reach[1] = -1;
    policy->declared = chance(c, 70);
    if (!policy->declared)
        return;
    policy->quiet_none = chance(c, 20);
    policy->n_quiets = policy->quiet_none ? 0 : below(c, 3);
    for (int i = 0; i < policy->n_quiets; i++) {
        int from = below(c, 24), hours = between(c, 1, 11);
        policy->quiets[i] =
            (struct nv_quiet){from * 3600, (from + hours) % 24 * 3600, chance(c, 30)};
    }
    policy->n_caps = below(c, 4);
    for (int i = 0; i < policy->n_caps; i++)
        policy->caps[i] = make_cap(c);
    if (policy->n_caps > 0 && chance(c, 30))
        policy->scope = make_cond(c, 1, false);
    if (chance(c, 50)) { /* who says when one channel is open must say it of both */
        policy->reach[0] = make_cond(c, 1, false);
        policy->reach[1] = make_cond(c, 1, false);
    }
    policy->holdout = chance(c, 25) ? between(c, 5, 40) : 0;
    policy->budget = chance(c, 25) ? between(c, 1, 12) : 0;
}

void nv_generate(struct nv_case *c, uint64_t seed)
{
    memset(c, 0, sizeof(*c));
    c->seed = c->random = seed;
    next(c);
    c->day0 = 20454 + below(c, 1500); /* from 2026-01-01 on */
    c->n_members = between(c, 3, NV_MEMBERS);
    c->n_events = between(c, 10, NV_EVENTS);
    c->n_rules = between(c, 1, NV_RULES);
    for (int i = 0; i < NV_NIGHTS; i++)
        c->lost[i] = chance(c, 8);
    for (int i = 0; i < c->n_members; i++)
        make_member(c, i);
    for (int i = 0; i < c->n_events; i++)
        make_event(c, i);
    for (int i = 0; i < c->n_rules; i++)
        make_rule(c, i);
    make_policy(c);
}
