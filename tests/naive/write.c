#include <inttypes.h>
#include <time.h>

#include "tests/naive/naive.h"

static const char *const EVENTS[NV_KINDS] = {"purchase", "optout", "reply"};
static const char *const WORDS[NV_KINDS] = {"purchased", "opted_out", "replied"};
static const char *const CHANNELS[] = {"", "wecom", "sms"};
static const char *const WEEKDAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};

static struct tm local(int64_t time)
{
    time_t t = (time_t)(time + NV_ZONE);
    struct tm tm;
    gmtime_r(&t, &tm);
    return tm;
}

static void add_date(struct wf_buf *out, int64_t day)
{
    struct tm tm = local(nv_midnight(day));
    wf_buf_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void add_time(struct wf_buf *out, int64_t time)
{
    struct tm tm = local(time);
    add_date(out, nv_day(time));
    wf_buf_addf(out, "T%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- conditions ---- */

static void add_cond(const struct nv_case *c, int at, struct wf_buf *out)
{
    const struct nv_cond *cond = &c->conds[at];
    const char *event = EVENTS[cond->kind], *word = WORDS[cond->kind];
    wf_buf_addc(out, '(');
    switch (cond->op) {
    case NV_CITY: wf_buf_addf(out, "city = \"%c\"", 'A' + cond->n - 1); break;
    case NV_CITY_KNOWN: wf_buf_adds(out, "city is present"); break;
    case NV_POINTS: wf_buf_addf(out, "points >= %d", cond->n); break;
    case NV_WECOM: wf_buf_adds(out, "wecom"); break;
    case NV_EVER: wf_buf_adds(out, word); break;
    case NV_IN_LAST: wf_buf_addf(out, "%s in last %dd", word, cond->days); break;
    case NV_NO_IN_LAST: wf_buf_addf(out, "no %s in last %dd", event, cond->days); break;
    case NV_COUNT:
        wf_buf_addf(out, "count %s in last %dd >= %d", event, cond->days, cond->n);
        break;
    case NV_BIG:
        wf_buf_addf(out, "any %s[amount > %d.00] in last %dd", event, cond->n, cond->days);
        break;
    case NV_OLDER: wf_buf_addf(out, "last %s older than %dd", event, cond->days); break;
    case NV_SINCE_ENTRY: wf_buf_addf(out, "%s since entry", word); break;
    case NV_NOT:
        wf_buf_adds(out, "not ");
        add_cond(c, cond->a, out);
        break;
    case NV_AND:
    case NV_OR:
        add_cond(c, cond->a, out);
        wf_buf_adds(out, cond->op == NV_AND ? " and " : " or ");
        add_cond(c, cond->b, out);
        break;
    }
    wf_buf_addc(out, ')');
}

/* ---- rules ---- */

static void add_moment(const struct nv_case *c, int number, struct wf_buf *out)
{
    const struct nv_rule *rule = &c->rules[number];
    switch (rule->moment) {
    case NV_JOINED: wf_buf_addf(out, "joined + %dd", rule->offset); break;
    case NV_ANNIVERSARY:
        wf_buf_addf(out, "anniversary of birthday %c %dd", rule->offset < 0 ? '-' : '+',
                    rule->offset < 0 ? -rule->offset : rule->offset);
        break;
    case NV_EACH: wf_buf_addf(out, "purchase + %dd", rule->offset); break;
    case NV_FIRST: wf_buf_addf(out, "first purchase + %dd", rule->offset); break;
    case NV_LAST: wf_buf_addf(out, "last purchase + %dd", rule->offset); break;
    case NV_BECOMES: wf_buf_addf(out, "member becomes s%d", number); break;
    case NV_LEAVES: wf_buf_addf(out, "member leaves s%d", number); break;
    case NV_BARE: add_cond(c, rule->watch, out); break;
    case NV_WEEKDAY: wf_buf_addf(out, "every %s", WEEKDAYS[rule->weekday]); break;
    case NV_MONTH_DAY: wf_buf_addf(out, "every month on %d", rule->month_day); break;
    default: break;
    }
    if (rule->guard >= 0) {
        wf_buf_adds(out, " and ");
        add_cond(c, rule->guard, out);
    }
}

static void add_action(const struct nv_action *action, struct wf_buf *out)
{
    switch (action->what) {
    case NV_COUPON:
        wf_buf_addf(out, "send coupon c%d", action->number);
        if (action->channel)
            wf_buf_addf(out, " via %s", CHANNELS[action->channel]);
        if (action->at >= 0)
            wf_buf_adds(out, " at ");
        if (action->usual >= 0)
            wf_buf_addf(out, "usual hour of %s or else ", EVENTS[action->usual]);
        if (action->at >= 0)
            wf_buf_addf(out, "%02d:%02d", action->at / 3600, action->at / 60 % 60);
        break;
    case NV_POINTS_UP: wf_buf_addf(out, "points +%d", action->number); break;
    case NV_TAG: wf_buf_addf(out, "tag \"t%d\"", action->number); break;
    case NV_TASK: wf_buf_addf(out, "task owner \"k%d\"", action->number); break;
    default: break;
    }
}

static void add_steps(const struct nv_case *c, int at, struct wf_buf *out);

static void add_block(const struct nv_case *c, int at, struct wf_buf *out)
{
    wf_buf_adds(out, " {\n");
    add_steps(c, at, out);
    wf_buf_adds(out, "}");
}

static void add_branches(const struct nv_case *c, const struct nv_step *step, struct wf_buf *out)
{
    add_block(c, step->then, out);
    if (step->other >= 0) {
        wf_buf_adds(out, " else");
        add_block(c, step->other, out);
    }
}

static void add_step(const struct nv_case *c, const struct nv_step *step, struct wf_buf *out)
{
    switch (step->kind) {
    case NV_ACT: add_action(&step->action, out); break;
    case NV_WAIT: wf_buf_addf(out, "wait %dd", step->days); break;
    case NV_UNTIL_DAY: wf_buf_addf(out, "wait until %s", WEEKDAYS[step->n]); break;
    case NV_UNTIL_CLOCK: wf_buf_addf(out, "wait until %02d:00", step->n / 3600); break;
    case NV_FOR_EVENT:
        wf_buf_addf(out, "wait for %s up to %dd", EVENTS[step->event], step->days);
        add_branches(c, step, out);
        break;
    case NV_FOR_COND:
        wf_buf_adds(out, "wait for ");
        add_cond(c, step->cond, out);
        wf_buf_addf(out, " up to %dd", step->days);
        add_branches(c, step, out);
        break;
    case NV_IF:
        wf_buf_adds(out, "if ");
        add_cond(c, step->cond, out);
        add_branches(c, step, out);
        break;
    case NV_SPLIT:
        wf_buf_addf(out, "split {\n%d%% \"one\"", step->n);
        add_block(c, step->then, out);
        wf_buf_addf(out, "\n%d%% \"two\"", 100 - step->n);
        add_block(c, step->other, out);
        wf_buf_adds(out, "\n}");
        break;
    case NV_LEAVE: wf_buf_adds(out, "leave"); break;
    }
}

static void add_steps(const struct nv_case *c, int at, struct wf_buf *out)
{
    for (; at >= 0; at = c->steps[at].next) {
        add_step(c, &c->steps[at], out);
        wf_buf_adds(out, "\n");
    }
}

static void add_options(const struct nv_rule *rule, int number, struct wf_buf *out)
{
    wf_buf_addf(out, "  priority %d\n", rule->priority);
    if (rule->grace >= 0)
        wf_buf_addf(out, "  grace %dd\n", rule->grace);
    if (rule->backfill >= 0)
        wf_buf_addf(out, "  backfill %dd\n", rule->backfill);
    if (rule->again > 0)
        wf_buf_addf(out, "  again after %dd\n", rule->again);
    if (rule->again == 0)
        wf_buf_adds(out, "  again always\n");
    if (rule->holdout > 0)
        wf_buf_addf(out, "  holdout %d%%\n", rule->holdout);
    wf_buf_addf(out, "  salt \"salt %d\"\n", number);
}

static void add_journey(const struct nv_case *c, int number, struct wf_buf *out)
{
    const struct nv_rule *rule = &c->rules[number];
    wf_buf_addf(out, "journey r%d {\n  enter when ", number);
    add_moment(c, number, out);
    wf_buf_adds(out, "\n");
    add_options(rule, number, out);
    if (rule->exit >= 0) {
        wf_buf_adds(out, "  exit when ");
        add_cond(c, rule->exit, out);
        wf_buf_adds(out, "\n");
    }
    add_steps(c, rule->first, out);
    wf_buf_adds(out, "}\n");
}

static void add_trigger(const struct nv_case *c, int number, struct wf_buf *out)
{
    const struct nv_rule *rule = &c->rules[number];
    wf_buf_addf(out, "trigger r%d\n", number);
    add_options(rule, number, out);
    wf_buf_adds(out, "  when ");
    add_moment(c, number, out);
    wf_buf_adds(out, "\n  then ");
    for (int k = 0; k < rule->n_actions; k++) {
        wf_buf_adds(out, k ? ", " : "");
        add_action(&rule->actions[k], out);
    }
    wf_buf_adds(out, "\n");
}

/* ---- the policy ---- */

static void add_cap(const struct nv_cap *cap, struct wf_buf *out)
{
    static const char *const what[] = {"send", "coupon", "task"};
    static const char *const per[] = {"", "calendar day", "calendar week", "calendar month"};
    static const char *const who[NV_WHO] = {"", " per owner", " per store"};
    wf_buf_addf(out, "  cap %d %s per ", cap->n, what[cap->what]);
    if (cap->period == NV_SPAN)
        wf_buf_addf(out, "%dd", cap->days);
    else
        wf_buf_adds(out, per[cap->period]);
    if (cap->channel)
        wf_buf_addf(out, " via %s", CHANNELS[cap->channel]);
    wf_buf_adds(out, who[cap->per]);
    if (cap->defer)
        wf_buf_addf(out, " else defer %dd", cap->defer);
    wf_buf_adds(out, "\n");
}

static void add_clock(struct wf_buf *out, int seconds)
{
    wf_buf_addf(out, "%02d:%02d", seconds / 3600, seconds / 60 % 60);
}

static void add_policy(const struct nv_case *c, struct wf_buf *out)
{
    const struct nv_policy *policy = &c->policy;
    int scoped = policy->scope >= 0 ? policy->n_caps - 1 : -1;
    if (scoped >= 0) {
        wf_buf_adds(out, "policy some for members where ");
        add_cond(c, policy->scope, out);
        wf_buf_adds(out, " {\n");
        add_cap(&policy->caps[scoped], out);
        wf_buf_adds(out, "}\n");
    }
    wf_buf_adds(out, "policy all {\n");
    for (int i = 0; i < 2; i++) {
        if (policy->reach[i] < 0)
            continue;
        wf_buf_addf(out, "  reach %s when ", CHANNELS[i + 1]);
        add_cond(c, policy->reach[i], out);
        wf_buf_adds(out, "\n");
    }
    if (policy->quiet_none)
        wf_buf_adds(out, "  quiet none\n");
    for (int i = 0; i < policy->n_caps; i++)
        if (i != scoped)
            add_cap(&policy->caps[i], out);
    if (policy->holdout)
        wf_buf_addf(out, "  holdout %d%%\n", policy->holdout);
    if (policy->budget)
        wf_buf_addf(out, "  budget coupon %d.00 per calendar month\n", policy->budget);
    wf_buf_adds(out, "}\n");
    for (int i = 0; i < policy->n_quiets; i++) { /* a block says it once */
        wf_buf_adds(out, "policy { quiet ");
        add_clock(out, policy->quiets[i].from);
        wf_buf_adds(out, " to ");
        add_clock(out, policy->quiets[i].to);
        wf_buf_adds(out, policy->quiets[i].drop ? " drop }\n" : " defer }\n");
    }
}

void nv_write_rules(const struct nv_case *c, int night, struct wf_buf *out)
{
    wf_buf_adds(out, "import std.retail\n");
    for (int i = 1; i <= c->n_numbers; i++) {
        wf_buf_addf(out, "coupon c%d \"c\" { value 1.00", i);
        if (c->stock[i])
            wf_buf_addf(out, " stock %d", c->stock[i]);
        wf_buf_adds(out, " }\n");
    }
    if (c->policy.declared)
        add_policy(c, out);
    for (int i = 0; i < c->n_rules; i++) {
        if (c->rules[i].from > night)
            continue;
        if (c->rules[i].moment == NV_BECOMES || c->rules[i].moment == NV_LEAVES) {
            wf_buf_addf(out, "segment s%d is ", i);
            add_cond(c, c->rules[i].watch, out);
            wf_buf_adds(out, "\n");
        }
        if (c->rules[i].journey)
            add_journey(c, i, out);
        else
            add_trigger(c, i, out);
    }
}

/* ---- exports ---- */

void nv_write_members(const struct nv_case *c, int night, struct wf_buf *out)
{
    wf_buf_adds(out, "member_id,joined,birthday,city,points,wecom,contact,owner,store\n");
    for (int i = 0; i < c->n_members; i++) {
        const struct nv_member *m = &c->members[i];
        if (!m->here[night])
            continue;
        wf_buf_addf(out, "%s,", m->id);
        add_date(out, m->joined);
        wf_buf_addc(out, ',');
        if (m->birthday != NV_NONE)
            add_date(out, m->birthday);
        wf_buf_addf(out, ",%s,%d,%s",
                    m->city[night] == 0   ? ""
                    : m->city[night] == 1 ? "A"
                                          : "B",
                    m->points[night], m->wecom[night] ? "true" : "false");
        for (int k = 0; k < NV_WHO; k++) {
            wf_buf_addc(out, ',');
            if (m->who[k][night])
                wf_buf_addf(out, "%c%d", "cos"[k], m->who[k][night]);
        }
        wf_buf_addc(out, '\n');
    }
}

void nv_write_events(const struct nv_case *c, int night, enum nv_kind kind, struct wf_buf *out)
{
    wf_buf_adds(out, kind == NV_PURCHASE ? "member_id,at,order,amount\n" : "member_id,at\n");
    for (int i = 0; i < c->n_events; i++) {
        const struct nv_event *e = &c->events[i];
        if (e->kind != kind || e->seen > night)
            continue;
        wf_buf_addf(out, "%s,", c->members[e->member].id);
        add_time(out, e->at);
        if (kind == NV_PURCHASE)
            wf_buf_addf(out, ",o%d,%d.00", e->number, e->amount);
        wf_buf_adds(out, "\n");
    }
}
