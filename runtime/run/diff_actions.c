/*
 * diff_actions.c - what leaves by the old rules and by the new ones.
 *
 * Actions are brought together by who receives them, whose occurrence it is, the rule and the
 * occurrence's key (in journeys: the journey, whose entries are one a member). Within such a group
 * an action is found again by what it does; what leaves on one side only is lost or added.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"
#include "runtime/run/stand.h"
#include "runtime/vm/text.h"
#include "runtime/vm/trace.h"

/* A decision of either side. */
struct item {
    uint32_t target, member; /* of both sides */
    uint32_t rule;           /* of both sides */
    unsigned char key[16];
    uint32_t what, channel; /* into the words */
    uint8_t side;
    bool paired;
    const struct wf_decision *decision;
};

struct acting {
    struct wf_diffing *d;
    struct item *items;
    size_t n;
    const char **words; /* what actions do, and channels: equal texts once */
    size_t n_words, room_words;
    uint32_t *rank; /* by member of both: its place by id */
};

static uint32_t word(struct acting *a, const char *text)
{
    struct wf_diffing *d = a->d;
    for (uint32_t i = 0; i < a->n_words; i++)
        if (strcmp(a->words[i], text) == 0)
            return i;
    if (wf_grow(d->alloc, &a->words, &a->room_words, a->n_words + 1, sizeof(*a->words)) != 0) {
        d->nomem = true;
        return 0;
    }
    a->words[a->n_words++] = wf_diff_keep(d, text, strlen(text));
    return (uint32_t)a->n_words - 1;
}

/* What each action of a side's program does; the caller frees it. NULL: no memory. */
static uint32_t *words_of(struct acting *a, int side)
{
    const struct wf_ir *ir = a->d->side[side].ir;
    uint32_t *what = wf_calloc(a->d->alloc, ir->n_actions, sizeof(*what));
    struct wf_buf text;
    wf_buf_init(&text, a->d->alloc, 0);
    for (uint32_t i = 0; what && i < ir->n_actions; i++) {
        wf_buf_reset(&text);
        wf_action_words(ir, &ir->actions[i], &text);
        what[i] = word(a, wf_buf_str(&text));
    }
    a->d->nomem |= !what || text.failed;
    wf_buf_release(&text);
    return what;
}

static uint32_t *rules_of(struct wf_diffing *d, int side)
{
    const struct wf_ir *ir = d->side[side].ir;
    uint32_t n = ir->n_triggers + ir->n_journeys;
    uint32_t *rules = wf_calloc(d->alloc, n, sizeof(*rules));
    for (uint32_t i = 0; rules && i < n; i++)
        rules[i] = wf_diff_rule_of(d, side, i);
    d->nomem |= !rules;
    return rules;
}

static void take_side(struct acting *a, int side)
{
    struct wf_diff_side *s = &a->d->side[side];
    uint32_t *what = words_of(a, side), *rules = rules_of(a->d, side);
    for (size_t i = 0; !a->d->nomem && i < s->outcome->n_decisions; i++) {
        const struct wf_decision *decision = &s->outcome->decisions[i];
        struct item *item = &a->items[a->n++];
        *item = (struct item){
            .target = s->who[decision->target],
            .member = s->who[decision->member],
            .rule = rules[decision->rule],
            .what = what[decision->action],
            .channel = word(a, wf_ir_text(s->ir, decision->channel)),
            .side = (uint8_t)side,
            .decision = decision,
        };
        if (decision->rule < s->ir->n_triggers)
            memcpy(item->key, decision->key, sizeof(item->key));
    }
    wf_free(a->d->alloc, what);
    wf_free(a->d->alloc, rules);
}

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Whether two belong to one group, and which group comes first. */
static int compare_groups(const struct acting *a, const struct item *x, const struct item *y)
{
    int order = by_number(a->rank[x->target], a->rank[y->target]);
    if (!order)
        order = by_number(x->rule, y->rule);
    if (!order)
        order = by_number(a->rank[x->member], a->rank[y->member]);
    return order ? order : memcmp(x->key, y->key, sizeof(x->key));
}

static int compare_items(const void *x, const void *y, void *ctx)
{
    const struct item *p = x, *q = y;
    int order = compare_groups(ctx, p, q);
    if (!order)
        order = by_number(p->side, q->side);
    return order ? order : by_number(p->decision->position, q->decision->position);
}

/* ---- rows of the result ---- */

static struct wf_diff_action *action_row(struct acting *a, const struct item *item)
{
    struct wf_diff *diff = a->d->out;
    const char *rule = a->d->rules[item->rule].name;
    const char *what = a->words[item->what], *channel = a->words[item->channel];
    for (size_t i = 0; i < diff->n_actions; i++) {
        struct wf_diff_action *row = &diff->actions[i];
        if (row->what == what && row->channel == channel && strcmp(row->rule, rule) == 0)
            return row;
    }
    struct wf_diff_action *row =
        wf_diff_more(a->d, &diff->actions, &diff->n_actions, &diff->room_actions, sizeof(*row));
    if (row)
        *row = (struct wf_diff_action){wf_diff_keep(a->d, rule, strlen(rule)), what, channel,
                                       .n = {0}};
    return row;
}

static void count_gate(struct acting *a, const struct item *item, const char *from, const char *to)
{
    struct wf_diff *diff = a->d->out;
    const char *rule = a->d->rules[item->rule].name, *what = a->words[item->what];
    struct wf_diff_gate *row = NULL;
    for (size_t i = 0; i < diff->n_gates && !row; i++) {
        struct wf_diff_gate *g = &diff->gates[i];
        if (g->what == what && strcmp(g->from, from) == 0 && strcmp(g->to, to) == 0 &&
            strcmp(g->rule, rule) == 0)
            row = g;
    }
    if (!row)
        row = wf_diff_more(a->d, &diff->gates, &diff->n_gates, &diff->room_gates, sizeof(*row));
    if (!row)
        return;
    row->rule = wf_diff_keep(a->d, rule, strlen(rule));
    row->what = what;
    row->from = from;
    row->to = to;
    struct wf_diff_sample *sample = wf_diff_count(a->d, &row->who, item->target);
    if (!sample)
        return;
    struct wf_buf why;
    wf_buf_init(&why, a->d->alloc, 0);
    wf_note_text(a->d->side[item->side].night, item->decision, &why);
    sample->why = wf_diff_keep_buf(a->d, &why);
}

/* ---- why ---- */

/* The event of a decision as the other side sees it; makes it current. */
static bool enter_event(struct wf_diff_side *s, uint32_t trigger, uint32_t row,
                        const unsigned char key[16])
{
    const struct wf_events *view = &s->night->data->views[s->ir->triggers[trigger].view];
    struct wf_event_span span = wf_events_of(view, row);
    for (uint64_t r = span.row; view->key && r < span.end; r++)
        if (memcmp(view->key[r], key, 16) == 0) {
            wf_scalar_event(s->scalar, s->ir->triggers[trigger].view, r);
            return true;
        }
    return false;
}

/* The first line of what explain says of a rule: what became of it for the member. */
static void add_became(struct wf_diffing *d, struct wf_diff_side *s, uint32_t trigger, uint32_t row,
                       struct wf_buf *out)
{
    struct wf_buf lines;
    wf_buf_init(&lines, d->alloc, 0);
    wf_why_trigger(&s->why, trigger, row, &lines);
    const char *text = wf_buf_str(&lines), *from = strstr(text, ": "), *end = strchr(text, '\n');
    const char *name = wf_why_rule_name(s->ir, trigger);
    size_t begins = strlen(name) < lines.len ? strlen(name) : 0; /* a name may hold a colon */
    from = strstr(text + begins, ": ");
    if (from && end && from < end)
        wf_buf_add(out, from + 2, (size_t)(end - from) - 2);
    d->nomem |= lines.failed;
    wf_buf_release(&lines);
}

static void add_standing(struct wf_diff_side *s, uint32_t journey, uint32_t row, struct wf_buf *out)
{
    const struct wf_entry *entry = wf_stand_entry(&s->why, journey, row);
    const char *label = entry ? wf_stand_label(&s->why, journey, entry) : NULL;
    if (!entry)
        wf_buf_adds(out, wf_word("not in the journey, or at its end"));
    else
        wf_buf_addf(out, wf_word("stands at step %s"), label ? label : "?");
}

/* Of the event that is current: is it one that the rule waits for, and which conditions fail. */
static void add_event_fails(struct wf_diff_side *s, const struct wf_ir_trigger *t,
                            struct wf_buf *out)
{
    const char *between = "";
    for (uint32_t i = t->atoms_first; i < t->atoms_first + t->atoms_count; i++) {
        uint32_t node = s->ir->atoms[i].node;
        if (s->ir->nodes[node].type != WF_T_BOOL)
            node = t->filter; /* the moment itself */
        int truth = node == WF_NONE ? 1 : wf_scalar_truth(s->scalar, node);
        if (truth > 0)
            continue;
        wf_buf_adds(out, between);
        wf_trace_atom(s->scalar, i, out);
        wf_buf_addf(out, ": %s", truth < 0 ? wf_word("unknown") : wf_word("false"));
        between = "; ";
    }
}

/* Why the other side does not ask for what this decision does. */
static void add_absence(struct acting *a, const struct item *item, struct wf_buf *out)
{
    int other = !item->side;
    struct wf_diff_side *s = &a->d->side[other];
    const struct wf_diff_rule *r = &a->d->rules[item->rule];
    uint32_t rule = r->rule[other], row = s->row[item->member];
    if (rule == WF_NONE) {
        wf_buf_adds(out, other == WF_DIFF_OLD ? wf_word("there is no such rule yet")
                                              : wf_word("the rule is gone"));
        return;
    }
    if (row == WF_NO_MEMBER) {
        wf_buf_adds(out, wf_word("the member is not read"));
        return;
    }
    wf_scalar_member(s->scalar, row);
    if (r->journey) {
        add_standing(s, rule - s->ir->n_triggers, row, out);
        return;
    }
    const struct wf_ir_trigger *t = &s->ir->triggers[rule];
    bool event = t->moment == WF_MOMENT_EVENT;
    size_t before = out->len;
    if (event && !enter_event(s, rule, row, item->key)) {
        wf_buf_adds(out, wf_word("there is no such event"));
        return;
    }
    if (!event) {
        wf_diff_fails(a->d, other, t->atoms_first, t->atoms_count, item->member, out);
        if (out->len == before)
            add_became(a->d, s, rule, row, out);
        return;
    }
    add_event_fails(s, t, out);
    if (out->len == before)
        wf_buf_adds(out, wf_word("not due tonight, or decided on an earlier night"));
}

static void tell_one_sided(struct acting *a, const struct item *item, const struct item *stopped,
                           struct wf_diff_sample *sample)
{
    struct wf_buf why;
    if (!sample)
        return;
    wf_buf_init(&why, a->d->alloc, 0);
    if (stopped) {
        wf_buf_addf(&why, "%s: ", wf_gate_text((enum wf_gate)stopped->decision->gate));
        wf_note_text(a->d->side[stopped->side].night, stopped->decision, &why);
    } else {
        add_absence(a, item, &why);
    }
    sample->why = wf_diff_keep_buf(a->d, &why);
}

/* ---- what it says ---- */

static void add_content(struct acting *a, const struct item *item, struct wf_buf *out)
{
    struct wf_diff_side *s = &a->d->side[item->side];
    const struct wf_decision *decision = item->decision;
    wf_decision_enter(s->scalar, s->ir, decision);
    wf_decision_text(s->scalar, s->night, decision, out);
    const struct wf_ir_action *action = wf_decision_action(s->ir, decision);
    if (action->due.unit != WF_T_NONE)
        wf_buf_addf(out, " due %" PRId64, action->due.count);
    if (decision->not_before != WF_NO_TIME) {
        wf_buf_addc(out, ' ');
        wf_local_time(out, s->night->zone, decision->not_before);
        wf_buf_adds(out, " - ");
        wf_local_time(out, s->night->zone, decision->not_after);
    }
}

/* Both leave: is it the same that they say? */
static void compare_contents(struct acting *a, const struct item *old, const struct item *now)
{
    struct wf_diffing *d = a->d;
    struct wf_buf was, is, why;
    wf_buf_init(&was, d->alloc, 0);
    wf_buf_init(&is, d->alloc, 0);
    wf_buf_init(&why, d->alloc, 0);
    add_content(a, old, &was);
    add_content(a, now, &is);
    if (strcmp(wf_buf_str(&was), wf_buf_str(&is)) != 0) {
        struct wf_diff_action *row = action_row(a, now);
        struct wf_diff_sample *sample = row ? wf_diff_count(d, &row->changed, now->target) : NULL;
        const struct wf_diff_side *s = d->side;
        bool hidden =
            wf_why_private(s[old->side].ir, wf_decision_action(s[old->side].ir, old->decision)) ||
            wf_why_private(s[now->side].ir, wf_decision_action(s[now->side].ir, now->decision));
        if (sample && hidden)
            sample->why = "***";
        else if (sample) {
            wf_buf_addf(&why, "\"%s\" -> \"%s\"", wf_buf_str(&was), wf_buf_str(&is));
            sample->why = wf_diff_keep(d, wf_buf_str(&why), why.len);
        }
    }
    d->nomem |= was.failed || is.failed || why.failed;
    wf_buf_release(&was);
    wf_buf_release(&is);
    wf_buf_release(&why);
}

/* ---- pairing ---- */

static bool leaves(const struct item *item)
{
    return item->decision->gate == WF_GATE_NONE;
}

static void lost_or_added(struct acting *a, const struct item *item, const struct item *stopped)
{
    struct wf_diff_action *row = action_row(a, item);
    if (row)
        tell_one_sided(a, item, stopped,
                       wf_diff_count(a->d, item->side == WF_DIFF_NEW ? &row->added : &row->lost,
                                     item->target));
}

static const char *gate_of(const struct item *item)
{
    return leaves(item) ? "leaves" : wf_gate_text((enum wf_gate)item->decision->gate);
}

static void judge_pair(struct acting *a, const struct item *old, const struct item *now)
{
    if (leaves(old) && leaves(now) && old->channel == now->channel) {
        compare_contents(a, old, now);
        return;
    }
    if (leaves(old))
        lost_or_added(a, old, leaves(now) ? NULL : now);
    if (leaves(now))
        lost_or_added(a, now, leaves(old) ? NULL : old);
    if (old->decision->gate != now->decision->gate)
        count_gate(a, leaves(now) ? old : now, gate_of(old), gate_of(now));
}

static void judge_alone(struct acting *a, const struct item *item)
{
    if (leaves(item))
        lost_or_added(a, item, NULL);
    else if (item->side == WF_DIFF_OLD)
        count_gate(a, item, gate_of(item), N_("not asked for"));
    else
        count_gate(a, item, N_("not asked for"), gate_of(item));
}

/* The items of one group: the old side's first. */
static void judge_group(struct acting *a, struct item *group, size_t n)
{
    size_t n_old = 0;
    while (n_old < n && group[n_old].side == WF_DIFF_OLD)
        n_old++;
    for (size_t i = 0; i < n_old; i++)
        for (size_t k = n_old; k < n && !group[i].paired; k++)
            if (!group[k].paired && group[k].what == group[i].what) {
                group[i].paired = group[k].paired = true;
                judge_pair(a, &group[i], &group[k]);
            }
    for (size_t i = 0; i < n; i++)
        if (!group[i].paired)
            judge_alone(a, &group[i]);
}

/* How many leave by each row that differs. */
static void count_volumes(struct acting *a)
{
    struct wf_diff *diff = a->d->out;
    for (size_t i = 0; i < a->n; i++) {
        const struct item *item = &a->items[i];
        const char *rule = a->d->rules[item->rule].name;
        for (size_t k = 0; leaves(item) && k < diff->n_actions; k++)
            if (diff->actions[k].what == a->words[item->what] &&
                diff->actions[k].channel == a->words[item->channel] &&
                strcmp(diff->actions[k].rule, rule) == 0)
                diff->actions[k].n[item->side]++;
    }
}

static void judge(struct acting *a)
{
    for (size_t i = 0, end; i < a->n; i = end) {
        for (end = i + 1; end < a->n && !compare_groups(a, &a->items[i], &a->items[end]);)
            end++;
        judge_group(a, a->items + i, end - i);
    }
    count_volumes(a);
}

enum wf_status wf_diff_actions(struct wf_diffing *d)
{
    struct acting a = {.d = d};
    size_t most =
        d->side[WF_DIFF_OLD].outcome->n_decisions + d->side[WF_DIFF_NEW].outcome->n_decisions;
    a.items = wf_calloc(d->alloc, most, sizeof(*a.items));
    a.rank = wf_calloc(d->alloc, d->n_members, sizeof(*a.rank));
    enum wf_status st = a.items && a.rank ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t i = 0; st == WF_OK && i < d->n_members; i++)
        a.rank[d->by_id[i]] = i;
    for (int side = 0; st == WF_OK && side < WF_DIFF_SIDES; side++)
        take_side(&a, side);
    if (st == WF_OK && !d->nomem) {
        qsort_r(a.items, a.n, sizeof(*a.items), compare_items, &a);
        judge(&a);
    }
    wf_free(d->alloc, a.items);
    wf_free(d->alloc, a.rank);
    wf_free(d->alloc, a.words);
    return st == WF_OK && d->nomem ? WF_ERR_NOMEM : st;
}

/* ---- cost ---- */

static struct wf_diff_cost *cost_row(struct wf_diffing *d, bool coupon, const char *name)
{
    struct wf_diff *diff = d->out;
    for (size_t i = 0; i < diff->n_costs; i++)
        if (diff->costs[i].coupon == coupon && strcmp(diff->costs[i].name, name) == 0)
            return &diff->costs[i];
    struct wf_diff_cost *row =
        wf_diff_more(d, &diff->costs, &diff->n_costs, &diff->room_costs, sizeof(*row));
    if (row)
        *row = (struct wf_diff_cost){.coupon = coupon, .name = wf_diff_keep(d, name, strlen(name))};
    return row;
}

static void add_prices(struct wf_diffing *d, int side)
{
    const struct wf_ir *ir = d->side[side].ir;
    struct wf_diff_cost *row;
    for (uint32_t i = 0; i < ir->n_contents; i++)
        if (ir->contents[i].coupon &&
            (row = cost_row(d, true, wf_ir_text(ir, ir->contents[i].name))))
            row->each[side] = ir->contents[i].value;
    for (uint32_t i = 0; i < ir->n_costs; i++)
        if ((row = cost_row(d, false, wf_ir_text(ir, ir->costs[i].channel))))
            row->each[side] = ir->costs[i].amount;
}

static bool gives(const struct wf_ir *ir, const struct wf_ir_action *a, const char *coupon)
{
    uint32_t given = a->kind == WF_ACT_SEND                                ? a->coupon
                     : a->kind == WF_ACT_COUPON || a->kind == WF_ACT_GRANT ? a->name
                                                                           : WF_NONE;
    return given != WF_NONE && strcmp(wf_ir_text(ir, given), coupon) == 0;
}

static void count_spent(struct wf_diffing *d, int side, struct wf_diff_cost *row)
{
    const struct wf_diff_side *s = &d->side[side];
    for (size_t i = 0; i < s->outcome->n_decisions; i++) {
        const struct wf_decision *decision = &s->outcome->decisions[i];
        const struct wf_ir_action *action = wf_decision_action(s->ir, decision);
        if (decision->gate != WF_GATE_NONE)
            continue;
        bool send = action->kind == WF_ACT_SEND || action->kind == WF_ACT_COUPON;
        row->n[side] += row->coupon
                            ? gives(s->ir, action, row->name)
                            : send && strcmp(wf_ir_text(s->ir, decision->channel), row->name) == 0;
    }
    if (__builtin_mul_overflow((int64_t)row->n[side], row->each[side], &row->total[side]))
        row->total[side] = INT64_MAX;
}

void wf_diff_costs(struct wf_diffing *d)
{
    struct wf_diff *diff = d->out;
    size_t kept = 0;
    for (int side = 0; side < WF_DIFF_SIDES; side++)
        add_prices(d, side);
    for (size_t i = 0; i < diff->n_costs; i++) {
        struct wf_diff_cost row = diff->costs[i];
        for (int side = 0; side < WF_DIFF_SIDES; side++)
            count_spent(d, side, &row);
        if (row.total[0] != row.total[1])
            diff->costs[kept++] = row;
    }
    diff->n_costs = kept;
}
