#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/naive/memory.h"

/* ---- conditions ---- */

bool nv_known(const struct nv_model *m, const struct nv_event *e)
{
    return e->seen <= m->night && e->at < m->now;
}

/* The member's events of a kind in [from, now), the hidden one left out; the latest of them. */
static int count_events(const struct nv_model *m, const struct nv_cond *cond,
                        const struct nv_asked *asked, int64_t from, int amount, int64_t *last_out)
{
    int n = 0;
    *last_out = NV_NONE;
    for (int i = 0; i < m->c->n_events; i++) {
        const struct nv_event *e = &m->c->events[i];
        if (e->kind != cond->kind || e->member != asked->member || !nv_known(m, e) ||
            e->at < from || e->amount <= amount || i == asked->hidden)
            continue;
        if (cond->op == NV_SINCE_ENTRY && i == asked->entered_by)
            continue;
        if (e->at > *last_out)
            *last_out = e->at;
        n++;
    }
    return n;
}

static int truth_of_events(const struct nv_model *m, const struct nv_cond *cond,
                           const struct nv_asked *asked)
{
    int64_t last, window = m->now - cond->days * NV_DAY;
    switch (cond->op) {
    case NV_EVER: return count_events(m, cond, asked, NV_NONE, 0, &last) > 0;
    case NV_IN_LAST: return count_events(m, cond, asked, window, 0, &last) > 0;
    case NV_NO_IN_LAST: return count_events(m, cond, asked, window, 0, &last) == 0;
    case NV_COUNT: return count_events(m, cond, asked, window, 0, &last) >= cond->n;
    case NV_BIG: return count_events(m, cond, asked, window, cond->n, &last) > 0;
    case NV_SINCE_ENTRY: return count_events(m, cond, asked, asked->entry, 0, &last) > 0;
    default:
        count_events(m, cond, asked, NV_NONE, 0, &last);
        return last == NV_NONE ? -1 : last < window;
    }
}

int nv_truth(const struct nv_model *m, int at, const struct nv_asked *asked)
{
    const struct nv_cond *cond = &m->c->conds[at];
    const struct nv_member *member = &m->c->members[asked->member];
    int a, b;
    switch (cond->op) {
    case NV_CITY: return member->city[m->night] == 0 ? -1 : member->city[m->night] == cond->n;
    case NV_CITY_KNOWN: return member->city[m->night] != 0;
    case NV_POINTS: return member->points[m->night] >= cond->n;
    case NV_WECOM: return member->wecom[m->night];
    case NV_NOT: a = nv_truth(m, cond->a, asked); return a < 0 ? -1 : !a;
    case NV_AND:
        a = nv_truth(m, cond->a, asked);
        b = nv_truth(m, cond->b, asked);
        return a == 0 || b == 0 ? 0 : a < 0 || b < 0 ? -1 : 1;
    case NV_OR:
        a = nv_truth(m, cond->a, asked);
        b = nv_truth(m, cond->b, asked);
        return a == 1 || b == 1 ? 1 : a < 0 || b < 0 ? -1 : 0;
    default: return truth_of_events(m, cond, asked);
    }
}

/* ---- what comes of an occurrence ---- */

bool nv_late(const struct nv_model *m, const struct nv_rule *rule, int64_t known_by)
{
    return m->now > known_by + (rule->grace < 0 ? 1 : rule->grace) * NV_DAY;
}

/* An occurrence falls to be decided tonight, for the first time. */
static void decide(struct nv_model *m, int r, int member, int64_t due, int64_t known_by, int event)
{
    const struct nv_rule *rule = &m->c->rules[r];
    struct nv_asked asked = {member, NV_NONE, -1, -1};
    if (rule->guard >= 0 && nv_truth(m, rule->guard, &asked) != 1)
        return;
    bool crossing = known_by == NV_NONE;
    bool late = !crossing && !m->rules[r].waived && nv_late(m, rule, known_by);
    if (crossing && !rule->journey) {
        int64_t *acted = &m->rules[r].acted[member];
        if (*acted != NV_NONE && (rule->again < 0 || m->now < *acted + rule->again * NV_DAY))
            return;
        *acted = m->now;
    }
    if (rule->journey) {
        if (!late)
            nv_enter(m, r, member, due, event);
        return;
    }
    for (int k = 0; k < rule->n_actions; k++)
        nv_contend(m, (struct nv_contender){.rule = r,
                                            .member = member,
                                            .event = event,
                                            .action = &rule->actions[k],
                                            .position = k,
                                            .occurred = due,
                                            .entry = NV_NONE,
                                            .entered_by = -1,
                                            .gate = late ? "missed" : NULL});
}

/* ---- the moments ---- */

/* The first midnight at or after a time; the midnight after its day. */
static int64_t midnight_after(int64_t time)
{
    return nv_midnight(nv_day(time) + 1);
}

static void decide_once(struct nv_model *m, int r, int member, int64_t due, int event)
{
    bool *decided = &m->rules[r].decided[member];
    if (due > m->now || *decided)
        return;
    *decided = true;
    if (due >= m->rules[r].floor)
        decide(m, r, member, due, midnight_after(due), event);
}

/* Events and years that come to light 35 days after their grace are not even recorded. */
static bool too_old(const struct nv_model *m, int r, int64_t due)
{
    const struct nv_rule *rule = &m->c->rules[r];
    int64_t kept = (35 + (rule->grace < 0 ? 1 : rule->grace)) * NV_DAY;
    return due < m->rules[r].floor || (m->rules[r].known && due < m->last - kept);
}

static void decide_event(struct nv_model *m, int r, int event)
{
    const struct nv_event *e = &m->c->events[event];
    int64_t due = e->at + m->c->rules[r].offset * NV_DAY;
    bool *decided = &m->rules[r].decided_event[event];
    if (due > m->now || too_old(m, r, due) || *decided)
        return;
    *decided = true;
    decide(m, r, e->member, due, midnight_after(due), event);
}

/* The member's first known purchase after a time; -1: none. */
static int purchase_after(const struct nv_model *m, int member, int64_t after)
{
    int found = -1;
    for (int i = 0; i < m->c->n_events; i++) {
        const struct nv_event *e = &m->c->events[i];
        if (e->kind == NV_PURCHASE && e->member == member && nv_known(m, e) && e->at > after &&
            (found < 0 || e->at < m->c->events[found].at))
            found = i;
    }
    return found;
}

int nv_last_purchase(const struct nv_model *m, int member)
{
    int last = purchase_after(m, member, NV_NONE), next = last;
    while (next >= 0) {
        last = next;
        next = purchase_after(m, member, m->c->events[last].at);
    }
    return last;
}

/* Days since 1970 of the birthday in a year; Feb 29 falls on Feb 28 in common years. */
static int64_t birthday_in(int64_t birthday, int year)
{
    time_t t = (time_t)(birthday * NV_DAY);
    struct tm tm;
    gmtime_r(&t, &tm);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    struct tm then = {.tm_year = year - 1900, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday};
    if (!leap && tm.tm_mon == 1 && tm.tm_mday == 29)
        then.tm_mday = 28;
    return timegm(&then) / NV_DAY;
}

static void decide_years(struct nv_model *m, int r, int member)
{
    const struct nv_rule *rule = &m->c->rules[r];
    if (m->c->members[member].birthday == NV_NONE)
        return;
    for (int k = 0; k < NV_YEARS; k++) {
        int64_t day = birthday_in(m->c->members[member].birthday, 2025 + k) + rule->offset;
        int64_t due = nv_midnight(day);
        bool *decided = &m->rules[r].decided_year[member][k];
        if (due > m->now || too_old(m, r, due) || *decided)
            continue;
        *decided = true;
        decide(m, r, member, due, rule->offset >= 0 ? midnight_after(due) : due, -1);
    }
}

static void decide_crossing(struct nv_model *m, int r, int member)
{
    const struct nv_rule *rule = &m->c->rules[r];
    struct nv_memory *memory = &m->rules[r];
    struct nv_asked asked = {member, NV_NONE, -1, -1};
    int now = nv_truth(m, rule->watch, &asked), was = memory->was[member];
    int64_t apart = (1 + (rule->grace < 0 ? 1 : rule->grace)) * NV_DAY;
    bool near = memory->known && m->last != NV_NONE && memory->first_t <= m->last &&
                m->now <= m->last + apart;
    bool newborn =
        !m->seen[member] && m->last != NV_NONE && m->c->members[member].joined >= nv_day(m->last);
    if (rule->moment == NV_LEAVES ? now == 0 && was == 1 && near
                                  : now == 1 && (was == 0 || newborn) && near)
        decide(m, r, member, m->now, NV_NONE, -1);
    memory->was[member] = now;
}

static bool falls_on(const struct nv_rule *rule, int64_t day)
{
    time_t t = (time_t)(day * NV_DAY), tomorrow = (time_t)((day + 1) * NV_DAY);
    struct tm tm, after;
    gmtime_r(&t, &tm);
    gmtime_r(&tomorrow, &after);
    if (rule->moment == NV_WEEKDAY)
        return (tm.tm_wday + 6) % 7 == rule->weekday;
    return tm.tm_mday == rule->month_day || (tm.tm_mday < rule->month_day && after.tm_mday == 1);
}

static void decide_dates(struct nv_model *m, int r, int member)
{
    struct nv_memory *memory = &m->rules[r];
    for (int64_t day = nv_day(memory->floor); day <= nv_day(m->now); day++) {
        if (day > memory->calendar_done && falls_on(&m->c->rules[r], day))
            decide(m, r, member, nv_midnight(day), nv_midnight(day), -1);
    }
}

static void decide_member(struct nv_model *m, int r, int member)
{
    const struct nv_rule *rule = &m->c->rules[r];
    int event;
    switch (rule->moment) {
    case NV_JOINED:
        decide_once(m, r, member, nv_midnight(m->c->members[member].joined + rule->offset), -1);
        break;
    case NV_ANNIVERSARY: decide_years(m, r, member); break;
    case NV_EACH:
        for (event = purchase_after(m, member, NV_NONE); event >= 0;
             event = purchase_after(m, member, m->c->events[event].at))
            decide_event(m, r, event);
        break;
    case NV_FIRST:
        if ((event = purchase_after(m, member, NV_NONE)) >= 0)
            decide_once(m, r, member, m->c->events[event].at + rule->offset * NV_DAY, event);
        break;
    case NV_LAST:
        if ((event = nv_last_purchase(m, member)) >= 0)
            decide_event(m, r, event);
        break;
    case NV_WEEKDAY:
    case NV_MONTH_DAY: decide_dates(m, r, member); break;
    default: decide_crossing(m, r, member); break;
    }
}

/* ---- the night ---- */

static void begin_rule(struct nv_model *m, int r)
{
    struct nv_memory *memory = &m->rules[r];
    const struct nv_rule *rule = &m->c->rules[r];
    memory->waived = !memory->known && rule->backfill >= 0;
    if (memory->known)
        return;
    memory->first_t = m->now;
    memory->floor = m->now - (rule->backfill < 0 ? 0 : rule->backfill) * NV_DAY;
    memory->calendar_done = NV_NONE;
    for (int i = 0; i < NV_MEMBERS; i++) {
        memory->was[i] = -1;
        memory->acted[i] = NV_NONE;
    }
}

static void run_rule(struct nv_model *m, int r)
{
    struct nv_memory *memory = &m->rules[r];
    if (m->c->rules[r].from > m->night)
        return;
    begin_rule(m, r);
    for (int i = 0; i < m->c->n_members; i++) {
        if (!m->c->members[i].here[m->night]) {
            memory->was[i] = -1;
            continue;
        }
        if (m->c->rules[r].journey)
            nv_walk(m, r, i);
        decide_member(m, r, i);
    }
    memory->known = true;
    memory->calendar_done = nv_day(m->now);
}

static void add_lines(struct nv_model *m, struct wf_buf *out)
{
    for (int i = 0; i < m->n_contenders; i++) {
        const struct nv_contender *x = &m->contenders[i];
        nv_line(m->c, x->member, x->rule, x->action, x->from, x->channel, x->gate, m->lines[i]);
    }
    nv_sort_lines(m->lines, m->n_contenders, out);
}

void nv_model_night(struct nv_model *m, int night, struct wf_buf *out)
{
    m->night = night;
    m->now = nv_now(m->c, night);
    m->n_contenders = 0;
    for (int r = 0; r < m->c->n_rules; r++)
        run_rule(m, r);
    nv_held_enter(m);
    nv_gates(m);
    add_lines(m, out);
    for (int i = 0; i < m->c->n_members; i++)
        m->seen[i] = m->seen[i] || m->c->members[i].here[night];
    m->last = m->now;
}

struct nv_model *nv_model_new(const struct nv_case *c)
{
    struct nv_model *m = calloc(1, sizeof(*m));
    if (m) {
        m->c = c;
        m->last = NV_NONE;
    }
    return m;
}

void nv_model_free(struct nv_model *m)
{
    free(m);
}
