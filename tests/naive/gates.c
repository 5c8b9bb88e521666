/*
 * gates.c - one contender after the other, one gate after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/naive/memory.h"

void nv_contend(struct nv_model *m, struct nv_contender contender)
{
    if (m->n_contenders == NV_CONTENDERS)
        abort(); /* a case is never that large */
    contender.until = contender.earliest = contender.from = NV_NONE;
    contender.channel = contender.action->channel;
    m->contenders[m->n_contenders++] = contender;
}

static bool is_sent(const struct nv_contender *x)
{
    return x->action->what == NV_COUPON;
}

/* ---- held actions ---- */

/* What asked for it still does? -1: nobody knows. */
static int still_holds(const struct nv_model *m, const struct nv_contender *x)
{
    const struct nv_rule *rule = &m->c->rules[x->rule];
    struct nv_asked asked = {x->member, x->entry, x->entered_by, -1};
    int out;
    if (rule->journey) {
        out = rule->exit < 0 ? 0 : nv_truth(m, rule->exit, &asked);
        return out < 0 ? -1 : !out;
    }
    if (rule->moment == NV_LAST && nv_last_purchase(m, x->member) != x->event)
        return 0;
    if ((rule->moment == NV_BECOMES || rule->moment == NV_BARE) &&
        nv_truth(m, rule->watch, &asked) != 1)
        return 0;
    if (rule->moment == NV_LEAVES && nv_truth(m, rule->watch, &asked) != 0)
        return 0;
    return rule->guard < 0 || nv_truth(m, rule->guard, &asked) == 1;
}

/* Answers whether it stays held for another night. */
static bool stays(struct nv_model *m, struct nv_contender *x)
{
    const struct nv_rule *rule = &m->c->rules[x->rule];
    if (x->until > m->now)
        return true;
    int64_t expected = x->earliest == NV_NONE ? x->until : nv_midnight(nv_day(x->earliest));
    bool late = nv_late(m, rule, expected);
    if (!m->c->members[x->member].here[m->night])
        return !late;
    int holds = late ? 1 : still_holds(m, x);
    if (holds < 0)
        return true;
    x->gate = late ? "missed" : holds ? NULL : "valid";
    x->from = NV_NONE;
    x->channel = x->action->channel;
    m->contenders[m->n_contenders++] = *x;
    return false;
}

void nv_held_enter(struct nv_model *m)
{
    int kept = 0;
    for (int i = 0; i < m->n_held; i++) {
        struct nv_contender x = m->held[i];
        int64_t expected = x.earliest == NV_NONE ? x.until : nv_midnight(nv_day(x.earliest));
        bool gone = x.until <= m->now && !m->c->members[x.member].here[m->night] &&
                    nv_late(m, &m->c->rules[x.rule], expected);
        if (!gone && stays(m, &x))
            m->held[kept++] = x;
    }
    m->n_held = kept;
}

static void hold(struct nv_model *m, const struct nv_contender *x)
{
    if (m->n_held == NV_CONTENDERS)
        abort();
    m->held[m->n_held++] = *x;
}

/* ---- holdout ---- */

static bool is_out(const char *salt, const char *id, int percent)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "%s%choldout%c%s", salt, 0, 0, id);
    return XXH3_64bits(text, (size_t)len) % 1000000 < (uint64_t)percent * 10000;
}

static bool held_out(const struct nv_model *m, const struct nv_contender *x)
{
    const char *id = m->c->members[x->member].id;
    char salt[32];
    if (x->action->what == NV_TAG)
        return false;
    snprintf(salt, sizeof(salt), "salt %d", x->rule);
    return is_out(salt, id, m->c->rules[x->rule].holdout) ||
           is_out("house", id, m->c->policy.holdout);
}

/* ---- hours ---- */

static bool in_span(const struct nv_quiet *quiet, int clock)
{
    if (quiet->from < quiet->to)
        return clock >= quiet->from && clock < quiet->to;
    return clock >= quiet->from || clock < quiet->to;
}

/* Whether it is quiet at a time; `drop`: whether something that drops says so. */
static bool is_quiet(const struct nv_model *m, int64_t time, bool drop)
{
    static const struct nv_quiet usual = {21 * 3600, 9 * 3600, false};
    const struct nv_policy *policy = &m->c->policy;
    int clock = (int)(time - nv_midnight(nv_day(time)));
    if (!policy->quiet_none && policy->n_quiets == 0)
        return !drop && in_span(&usual, clock);
    for (int i = 0; i < policy->n_quiets; i++) {
        if ((!drop || policy->quiets[i].drop) && in_span(&policy->quiets[i], clock))
            return true;
    }
    return false;
}

/* The member's hour in which most of the events happened, the earlier of two. */
static int usual_hour(const struct nv_model *m, int member, int kind, int fallback)
{
    int seen[24] = {0}, best = -1;
    for (int i = 0; i < m->c->n_events; i++) {
        const struct nv_event *e = &m->c->events[i];
        if ((int)e->kind == kind && e->member == member && nv_known(m, e))
            seen[(e->at - nv_midnight(nv_day(e->at))) / 3600]++;
    }
    for (int hour = 0; hour < 24; hour++)
        if (seen[hour] > (best < 0 ? 0 : seen[best]))
            best = hour;
    return best < 0 ? fallback : best * 3600;
}

static int asked_clock(const struct nv_model *m, const struct nv_contender *x)
{
    const struct nv_action *action = x->action;
    if (x->earliest != NV_NONE)
        return -1;
    return action->usual < 0 ? action->at : usual_hour(m, x->member, action->usual, action->at);
}

static void pass_hours(struct nv_model *m, struct nv_contender *x)
{
    int at = asked_clock(m, x);
    int64_t from = m->now + (at > 0 ? at : 0);
    if (at >= 0 && is_quiet(m, from, true)) {
        x->gate = "hours";
        return;
    }
    if (x->earliest > from)
        from = x->earliest;
    int64_t far = from + 3 * NV_DAY;
    while (from < far && is_quiet(m, from, false))
        from += 1800; /* every clock of a case is a half hour's */
    x->from = from;
    if (from < m->now + NV_DAY)
        return;
    x->gate = "hours";
    if (from >= far)
        return;
    x->earliest = from;
    x->until = from - NV_DAY + 1; /* it is before the next day's run then */
    hold(m, x);
}

/* ---- reach ---- */

/* Judged for the time at which it would leave, as far as tonight's data tell. */
static bool reaches(struct nv_model *m, const struct nv_contender *x, int channel)
{
    int cond = m->c->policy.reach[channel - 1];
    struct nv_asked asked = {x->member, NV_NONE, -1, -1};
    int64_t now = m->now;
    if (!m->c->policy.declared || cond < 0)
        return true;
    m->now = x->from;
    bool yes = nv_truth(m, cond, &asked) == 1;
    m->now = now;
    return yes;
}

static int who_is(const struct nv_model *m, int member, enum nv_who who)
{
    return m->c->members[member].who[who][m->night];
}

static void pass_reach(struct nv_model *m, struct nv_contender *x)
{
    const struct nv_policy *policy = &m->c->policy;
    if (x->action->what == NV_TASK) {
        if (!who_is(m, x->member, NV_OWNER) && !who_is(m, x->member, NV_STORE))
            x->gate = "reach"; /* nobody to do it */
        return;
    }
    if (!is_sent(x))
        return;
    if (x->channel) {
        if (!reaches(m, x, x->channel))
            x->gate = "reach";
        return;
    }
    if (!policy->declared || (policy->reach[0] < 0 && policy->reach[1] < 0))
        return; /* the sender chooses */
    for (int channel = 1; channel <= 2 && !x->channel; channel++) {
        if (policy->reach[channel - 1] >= 0 && reaches(m, x, channel))
            x->channel = channel;
    }
    if (!x->channel)
        x->gate = "reach";
}

/* ---- caps ---- */

static int kinds_of(const struct nv_contender *x)
{
    switch (x->action->what) {
    case NV_COUPON: return 1 << NV_SENDS | 1 << NV_COUPONS;
    case NV_TASK: return 1 << NV_TASKS;
    default: return 0;
    }
}

static int64_t leaves_at(const struct nv_model *m, const struct nv_contender *x)
{
    return x->from == NV_NONE ? m->now : x->from;
}

static struct tm civil(int64_t time)
{
    time_t t = (time_t)(time + NV_ZONE);
    struct tm tm;
    gmtime_r(&t, &tm);
    return tm;
}

static bool same_period(enum nv_period period, int64_t a, int64_t b)
{
    struct tm x = civil(a), y = civil(b);
    if (period == NV_PER_DAY)
        return nv_day(a) == nv_day(b);
    if (period == NV_PER_WEEK) /* 1970-01-05 was a Monday */
        return (nv_day(a) + 3) / 7 == (nv_day(b) + 3) / 7;
    return x.tm_year == y.tm_year && x.tm_mon == y.tm_mon;
}

static bool counts(const struct nv_cap *cap, int kinds, int channel)
{
    return (kinds >> cap->what & 1) && (!cap->channel || !channel || cap->channel == channel);
}

/* Whether what left counts for whom a contender of tonight counts for. */
static bool same_party(const struct nv_model *m, enum nv_who per, const struct nv_left *left,
                       int member)
{
    int now = who_is(m, member, per), store = who_is(m, member, NV_STORE);
    bool here = m->c->members[left->member].here[m->night];
    if (per == NV_CONTACT) /* the same person: by name, by the contact of then, by that of now */
        return left->member == member ||
               (now && (left->who[per] == now || (here && who_is(m, left->member, per) == now)));
    if (now || left->who[per])
        return left->who[per] == now;
    if (per == NV_OWNER && (store || left->who[NV_STORE]))
        return left->who[NV_STORE] == store;
    return left->member == member; /* neither has any */
}

static bool is_counted(const struct nv_model *m, const struct nv_cap *cap,
                       const struct nv_left *left, const struct nv_contender *x)
{
    return counts(cap, left->kinds, left->channel) && same_party(m, cap->per, left, x->member);
}

/* How many left in (end - W, end]. */
static int in_window(const struct nv_model *m, const struct nv_cap *cap,
                     const struct nv_contender *x, int64_t end)
{
    int n = 0;
    for (int i = 0; i < m->n_left; i++)
        n += is_counted(m, cap, &m->left[i], x) && m->left[i].at <= end &&
             m->left[i].at > end - cap->days * NV_DAY;
    return n;
}

static bool is_full(const struct nv_model *m, const struct nv_cap *cap,
                    const struct nv_contender *x)
{
    int64_t t = leaves_at(m, x);
    int n = 0;
    if (cap->period != NV_SPAN) {
        for (int i = 0; i < m->n_left; i++)
            n += is_counted(m, cap, &m->left[i], x) && same_period(cap->period, m->left[i].at, t);
        return n + 1 > cap->n;
    }
    if (in_window(m, cap, x, t) + 1 > cap->n)
        return true;
    for (int i = 0; i < m->n_left; i++) { /* windows that end later and still hold t */
        int64_t end = m->left[i].at;
        if (end > t && end < t + cap->days * NV_DAY && in_window(m, cap, x, end) + 1 > cap->n)
            return true;
    }
    return false;
}

/* A scope that is unknown applies. */
static bool applies(const struct nv_model *m, int cap, int member)
{
    const struct nv_policy *policy = &m->c->policy;
    struct nv_asked asked = {member, NV_NONE, -1, -1};
    return cap < policy->n_caps - 1 || policy->scope < 0 || nv_truth(m, policy->scope, &asked) != 0;
}

/* The cap that is full and counts: one that drops before those that defer. Those of the scoped
 * block come first in the text. */
static const struct nv_cap *full_cap(const struct nv_model *m, const struct nv_contender *x)
{
    const struct nv_policy *policy = &m->c->policy;
    const struct nv_cap *full = NULL;
    for (int k = 0; k < policy->n_caps; k++) {
        int i = policy->scope < 0 ? k : (k + policy->n_caps - 1) % policy->n_caps;
        const struct nv_cap *cap = &policy->caps[i];
        if (!counts(cap, kinds_of(x), x->channel) || !applies(m, i, x->member) ||
            !is_full(m, cap, x))
            continue;
        if (!full || (full->defer && !cap->defer))
            full = cap;
    }
    return full;
}

static void pass_caps(struct nv_model *m, struct nv_contender *x)
{
    const struct nv_cap *full = full_cap(m, x);
    if (!full)
        return;
    x->gate = "cap";
    if (!full->defer || x->deferred)
        return;
    x->deferred = true;
    x->until = m->now + full->defer * NV_DAY;
    x->earliest = NV_NONE;
    hold(m, x);
}

/* ---- stock and budget ---- */

static void pass_stock(struct nv_model *m, struct nv_contender *x)
{
    int stock = m->c->stock[x->action->number], spent = 0;
    for (int i = 0; i < m->n_left; i++)
        spent += (m->left[i].kinds >> NV_COUPONS & 1) &&
                 same_period(NV_PER_MONTH, m->left[i].at, leaves_at(m, x));
    if (stock && m->issued[x->action->number] >= stock)
        x->gate = "stock";
    else if (m->c->policy.budget && spent + 1 > m->c->policy.budget)
        x->gate = "budget";
}

/* ---- in order ---- */

static uint64_t order_hash(const struct nv_model *m, const struct nv_contender *x)
{
    char text[64];
    int len = snprintf(text, sizeof(text), "salt %d%corder%c%s", x->rule, 0, 0,
                       m->c->members[x->member].id);
    return XXH3_64bits(text, (size_t)len);
}

static bool goes_before(const struct nv_model *m, const struct nv_contender *x,
                        const struct nv_contender *y)
{
    const struct nv_rule *a = &m->c->rules[x->rule], *b = &m->c->rules[y->rule];
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (x->rule != y->rule)
        return x->rule < y->rule; /* r0 ... r9: their names' order */
    uint64_t p = order_hash(m, x), q = order_hash(m, y);
    if (p != q)
        return p < q;
    if (x->occurred != y->occurred)
        return x->occurred < y->occurred;
    return x->position < y->position;
}

static void leave(struct nv_model *m, const struct nv_contender *x)
{
    if (m->n_left == NV_LEFT)
        abort();
    struct nv_left *left = &m->left[m->n_left++];
    *left = (struct nv_left){x->member, kinds_of(x), x->channel, .at = leaves_at(m, x)};
    for (int k = 0; k < NV_WHO; k++)
        left->who[k] = who_is(m, x->member, (enum nv_who)k);
    if (is_sent(x))
        m->issued[x->action->number]++;
}

static void take(struct nv_model *m, struct nv_contender *x)
{
    pass_caps(m, x);
    if (!x->gate && is_sent(x))
        pass_stock(m, x);
    if (!x->gate)
        leave(m, x);
}

void nv_gates(struct nv_model *m)
{
    for (int i = 0; i < m->n_contenders; i++) {
        struct nv_contender *x = &m->contenders[i];
        if (!x->gate && held_out(m, x))
            x->gate = "holdout";
        if (!x->gate && is_sent(x))
            pass_hours(m, x);
        if (!x->gate)
            pass_reach(m, x);
    }
    for (int i = 1; i < m->n_contenders; i++) {
        struct nv_contender x = m->contenders[i];
        int k = i;
        for (; k > 0 && goes_before(m, &x, &m->contenders[k - 1]); k--)
            m->contenders[k] = m->contenders[k - 1];
        m->contenders[k] = x;
    }
    for (int i = 0; i < m->n_contenders; i++) {
        if (!m->contenders[i].gate)
            take(m, &m->contenders[i]);
    }
}
