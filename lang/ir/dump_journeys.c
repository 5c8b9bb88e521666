#include "lang/ir/dump_journeys.h"

#include <inttypes.h>

#include "lang/ir/dump_rules.h"

static void add_share(struct wf_buf *out, const char *label, int32_t share)
{
    if (share)
        wf_buf_addf(out, " %s %" PRId32, label, share);
}

static void add_step(struct wf_buf *out, const char *label, uint32_t step)
{
    if (step == WF_NONE)
        wf_buf_addf(out, " %s end", label);
    else
        wf_buf_addf(out, " %s %" PRIu32, label, step);
}

static void add_clock(struct wf_buf *out, const char *label, int64_t seconds)
{
    wf_buf_addf(out, " %s ", label);
    wf_value_print(out, NULL, wf_int_value(WF_T_CLOCK, seconds));
}

static void add_money(struct wf_buf *out, int64_t amount)
{
    wf_buf_addc(out, ' ');
    wf_value_print(out, NULL, wf_int_value(WF_T_MONEY, amount));
}

/* ---- journeys ---- */

static void dump_atoms(struct wf_buf *out, const struct wf_ir *ir, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        wf_ir_dump_atom(out, ir, &ir->atoms[first + i]);
}

/* Where a step leads: what each way is called depends on its kind. */
static void dump_ways(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_step *s)
{
    switch (s->kind) {
    case WF_STEP_IF:
        add_step(out, "yes", s->next);
        add_step(out, "no", s->other);
        add_step(out, "unknown", s->after);
        break;
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND:
        add_step(out, "came", s->next);
        add_step(out, "else", s->other);
        break;
    case WF_STEP_SPLIT:
        for (uint32_t i = 0; i < s->arms_count; i++) {
            const struct wf_ir_arm *arm = &ir->arms[s->arms_first + i];
            add_share(out, wf_ir_dump_text_of(ir, arm->label), arm->share);
            add_step(out, "to", arm->next);
        }
        break;
    case WF_STEP_LEAVE: break;
    default: add_step(out, "next", s->next); break;
    }
}

static void dump_step(struct wf_buf *out, const struct wf_ir *ir, uint32_t number,
                      const struct wf_ir_step *s)
{
    static const char *const kinds[WF_STEP_COUNT_] = {
        "act",       "wait",     "until clock", "until weekday", "until point", "until business",
        "for event", "for cond", "if",          "split",         "milestone",   "label",
        "leave"};
    wf_buf_addf(out, "    step %" PRIu32 ": %s", number, kinds[s->kind]);
    wf_ir_dump_label(out, ir, "in", s->label);
    if (s->view != WF_NONE)
        wf_buf_addf(out, " v%" PRIu32, s->view);
    wf_ir_dump_node_of(out, "where", s->filter);
    wf_ir_dump_node_of(out, "on", s->node);
    wf_ir_dump_duration(out, "for", &s->wait);
    if (s->kind == WF_STEP_UNTIL_CLOCK || s->kind == WF_STEP_UNTIL_WEEKDAY)
        wf_buf_addf(out, " %" PRId64, s->n);
    if (s->holidays != WF_NONE)
        wf_buf_addf(out, " h%" PRIu32, s->holidays);
    if (s->action != WF_NONE)
        wf_buf_addf(out, " action %" PRIu32, s->position);
    dump_ways(out, ir, s);
    wf_buf_addf(out, "  # %s\n", wf_ir_dump_text_of(ir, s->text));
    dump_atoms(out, ir, s->atoms_first, s->atoms_count);
    if (s->action != WF_NONE)
        wf_ir_dump_action(out, ir, &ir->actions[s->action]);
}

static void dump_goal(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    static const char *const kinds[WF_GOAL_COUNT_] = {"", "event", "condition", "value"};
    if (j->goal_kind == WF_GOAL_NONE)
        return;
    wf_buf_addf(out, "    goal %s", kinds[j->goal_kind]);
    if (j->goal_view != WF_NONE)
        wf_buf_addf(out, " v%" PRIu32, j->goal_view);
    wf_ir_dump_node_of(out, "where", j->goal_filter);
    wf_ir_dump_node_of(out, "is", j->goal_node);
    wf_ir_dump_duration(out, "within", &j->goal_within);
    wf_buf_addf(out, "%s  # %s\n", j->goal_clamped ? " clamped" : "",
                wf_ir_dump_text_of(ir, j->goal_text));
}

static void dump_migrations(struct wf_buf *out, const struct wf_ir *ir,
                            const struct wf_ir_journey *j)
{
    for (uint32_t i = 0; i < j->migrations_count; i++) {
        const struct wf_ir_migration *m = &ir->migrations[j->migrations_first + i];
        wf_buf_addf(out, "    migrate from %s@%s:", wf_ir_dump_text_of(ir, m->name),
                    wf_ir_dump_text_of(ir, m->hash));
        for (uint32_t k = 0; k < m->maps_count; k++) {
            const struct wf_ir_migration_map *map = &ir->migration_maps[m->maps_first + k];
            wf_buf_addf(out, " %s", wf_ir_dump_text_of(ir, map->from));
            add_step(out, "->", map->to);
        }
        wf_buf_addc(out, '\n');
    }
}

static void dump_journey(struct wf_buf *out, const struct wf_ir *ir, uint32_t i)
{
    static const char *const agains[WF_AGAIN_COUNT_] = {"once", "again", "again always"};
    const struct wf_ir_journey *j = &ir->journeys[i];
    wf_buf_addf(out, "  j%" PRIu32 " %s", i, wf_ir_dump_text_of(ir, j->name));
    wf_ir_dump_label(out, ir, "identity", j->identity);
    wf_ir_dump_label(out, ir, "was", j->was);
    wf_ir_dump_label(out, ir, "salt", j->salt);
    if (j->trigger != WF_NONE)
        wf_buf_addf(out, " entry t%" PRIu32, j->trigger);
    wf_buf_addf(out, " %s", agains[j->again_kind]);
    wf_ir_dump_duration(out, "after", &j->again);
    wf_ir_dump_duration(out, "grace", &j->grace);
    add_share(out, "holdout", j->holdout);
    if (j->priority)
        wf_buf_addf(out, " priority %" PRId64, j->priority);
    wf_buf_addf(out, "%s hash %016" PRIx64 "\n", j->pinned ? " pinned" : "", j->hash);
    if (j->exit != WF_NONE)
        wf_buf_addf(out, "    exit %%%" PRIu32 "\n", j->exit);
    dump_atoms(out, ir, j->exit_first, j->exit_count);
    dump_goal(out, ir, j);
    dump_migrations(out, ir, j);
    for (uint32_t s = 0; s < j->steps_count; s++)
        dump_step(out, ir, s, &ir->steps[j->steps_first + s]);
}

void wf_ir_dump_journeys(struct wf_buf *out, const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_holidays; i++)
        wf_buf_addf(out, "%s  h%" PRIu32 " %s from %s\n", i ? "" : "calendars\n", i,
                    wf_ir_dump_text_of(ir, ir->holidays[i].name),
                    wf_ir_dump_text_of(ir, ir->holidays[i].pattern));
    if (ir->n_journeys)
        wf_buf_adds(out, "journeys\n");
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        dump_journey(out, ir, i);
}

/* ---- policies ---- */

static const char *const periods[WF_PER_COUNT_] = {"", "day", "week", "month"};

static void end_line(struct wf_buf *out, const struct wf_ir *ir, uint32_t text)
{
    wf_buf_addf(out, "  # %s\n", wf_ir_dump_text_of(ir, text));
}

static void dump_quiet(struct wf_buf *out, const struct wf_ir_quiet *q)
{
    static const char *const kinds[WF_QUIET_COUNT_] = {"defer", "drop", "none"};
    wf_buf_addf(out, "  p%" PRIu32 " quiet %s", q->policy, kinds[q->kind]);
    if (q->kind == WF_QUIET_NONE)
        return;
    add_clock(out, "from", q->from);
    add_clock(out, "to", q->to);
}

static void dump_cap(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_cap *c)
{
    static const char *const kinds[WF_CAPPED_COUNT_] = {"send", "coupon", "task", "invite"};
    wf_buf_addf(out, "  p%" PRIu32 " cap %" PRId64 " %s", c->policy, c->n, kinds[c->kind]);
    wf_ir_dump_duration(out, "per", &c->span);
    if (c->period != WF_PER_SPAN)
        wf_buf_addf(out, " per calendar %s", periods[c->period]);
    wf_ir_dump_label(out, ir, "via", c->channel);
    wf_buf_addf(out, "%s%s%s", c->per_owner ? " per owner" : "", c->per_store ? " per store" : "",
                c->on_full == WF_FULL_DEFER ? " else defer" : "");
    wf_ir_dump_duration(out, "by", &c->defer);
}

static void dump_budget(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_budget *b)
{
    wf_buf_addf(out, "  p%" PRIu32 " budget %s", b->policy,
                b->kind == WF_SPENT_COUPON ? "coupon" : "channel");
    wf_ir_dump_label(out, ir, "of", b->name);
    add_money(out, b->amount);
    wf_buf_addf(out, " per calendar %s", periods[b->period]);
}

static void add_side(struct wf_buf *out, const struct wf_ir_side *s)
{
    if (s->filter == WF_NONE) {
        wf_buf_addf(out, " %" PRId64, s->constant);
        return;
    }
    wf_buf_addf(out, " count v%" PRIu32 " where %%%" PRIu32, s->view, s->filter);
    if (s->times != WF_SHARE_ALL)
        wf_buf_addf(out, " times %" PRId64, s->times);
    wf_ir_dump_node_of(out, "seen", s->seen);
}

static void dump_breaker(struct wf_buf *out, const struct wf_ir_breaker *b)
{
    wf_buf_addf(out, "  p%" PRIu32 " pause", b->policy);
    if (b->journey != WF_NONE)
        wf_buf_addf(out, " j%" PRIu32, b->journey);
    add_side(out, &b->left);
    wf_buf_adds(out, b->or_equal ? " >=" : " >");
    add_side(out, &b->right);
    if (b->at_least)
        wf_buf_addf(out, ", %s at least %" PRId64, b->base_left ? "left" : "right", b->at_least);
}

static void dump_policy(struct wf_buf *out, const struct wf_ir *ir, uint32_t p)
{
    const struct wf_ir_policy *policy = &ir->policies[p];
    wf_buf_addf(out, "  p%" PRIu32 " %s%s", p, wf_ir_dump_text_of(ir, policy->name),
                policy->locked ? " locked" : "");
    wf_ir_dump_node_of(out, "for", policy->scope);
    add_share(out, "holdout", policy->holdout);
    if (policy->volume >= 0)
        wf_buf_addf(out, " volume %" PRId64, policy->volume);
    wf_buf_addc(out, '\n');
}

static void dump_channels(struct wf_buf *out, const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_channels; i++)
        wf_buf_addf(out, "  c%" PRIu32 " %s\n", i, wf_ir_dump_text_of(ir, ir->channels[i].name));
    for (uint32_t i = 0; i < ir->n_costs; i++) {
        wf_buf_addf(out, "  cost %s", wf_ir_dump_text_of(ir, ir->costs[i].channel));
        add_money(out, ir->costs[i].amount);
        wf_buf_addc(out, '\n');
    }
}

void wf_ir_dump_policies(struct wf_buf *out, const struct wf_ir *ir)
{
    if (ir->n_channels || ir->n_costs)
        wf_buf_adds(out, "channels\n");
    dump_channels(out, ir);
    if (ir->n_policies)
        wf_buf_adds(out, "policies\n");
    for (uint32_t i = 0; i < ir->n_policies; i++)
        dump_policy(out, ir, i);
    for (uint32_t i = 0; i < ir->n_reaches; i++) {
        const struct wf_ir_reach *r = &ir->reaches[i];
        wf_buf_addf(out, "  p%" PRIu32 " reach c%" PRIu32, r->policy, r->channel);
        wf_ir_dump_node_of(out, "when", r->cond);
        end_line(out, ir, r->text);
    }
    for (uint32_t i = 0; i < ir->n_quiets; i++) {
        dump_quiet(out, &ir->quiets[i]);
        end_line(out, ir, ir->quiets[i].text);
    }
    for (uint32_t i = 0; i < ir->n_caps; i++) {
        dump_cap(out, ir, &ir->caps[i]);
        end_line(out, ir, ir->caps[i].text);
    }
    for (uint32_t i = 0; i < ir->n_budgets; i++) {
        dump_budget(out, ir, &ir->budgets[i]);
        end_line(out, ir, ir->budgets[i].text);
    }
    for (uint32_t i = 0; i < ir->n_breakers; i++) {
        dump_breaker(out, &ir->breakers[i]);
        end_line(out, ir, ir->breakers[i].text);
    }
    for (uint32_t i = 0; i < ir->n_freezes; i++)
        wf_buf_addf(out, "  p%" PRIu32 " freeze j%" PRIu32 "\n", ir->freezes[i].policy,
                    ir->freezes[i].journey);
}
