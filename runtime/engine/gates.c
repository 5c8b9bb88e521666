#include "runtime/engine/gates.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/engine/listed.h"
#include "runtime/engine/rules.h"

static const char *const GATES[WF_GATE_COUNT_] = {
    [WF_GATE_VALID] = "valid", [WF_GATE_HOLDOUT] = "holdout", [WF_GATE_PAUSED] = "paused",
    [WF_GATE_HOURS] = "hours", [WF_GATE_REACH] = "reach",     [WF_GATE_CAP] = "cap",
    [WF_GATE_STOCK] = "stock", [WF_GATE_BUDGET] = "budget",   [WF_GATE_MISSED] = "missed",
};

const char *wf_gate_text(enum wf_gate gate)
{
    return gate > WF_GATE_NONE && gate < WF_GATE_COUNT_ ? GATES[gate] : NULL;
}

bool wf_held_out(const char *salt, const void *id, size_t len, int32_t parts)
{
    static const char WORD[] = "holdout";
    XXH3_state_t state;
    if (parts <= 0)
        return false;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, salt, strlen(salt) + 1); /* the NULs keep the three apart */
    XXH3_64bits_update(&state, WORD, sizeof(WORD));
    XXH3_64bits_update(&state, id, len);
    return XXH3_64bits_digest(&state) % 1000000 < (uint64_t)parts;
}

/* ---- making ---- */

/* What stands still, by rule: everything, or the rule by its name. */
static enum wf_status find_pauses(struct wf_gates *gates)
{
    const struct wf_ir *ir = &gates->night->program->ir;
    const struct wf_control *control = &gates->night->state->control;
    struct wf_buf what;
    wf_buf_init(&what, gates->night->alloc, 0);
    for (uint32_t i = 0; i < wf_n_rules(ir); i++) {
        struct wf_rule_view rule = wf_rule_view(ir, i);
        wf_buf_reset(&what);
        wf_buf_addf(&what, "%s %s", rule.journey ? "journey" : "trigger",
                    ir->texts[rule.name]->text);
        const struct wf_pause *pause = wf_control_paused(control, "all");
        if (!pause && !what.failed)
            pause = wf_control_paused(control, wf_buf_str(&what));
        gates->paused[i] = pause ? (uint32_t)(pause - control->pauses) : WF_NONE;
    }
    enum wf_status st = what.failed ? WF_ERR_NOMEM : WF_OK;
    wf_buf_release(&what);
    return st;
}

enum wf_status wf_gates_init(struct wf_gates *gates, const struct wf_night *night,
                             const char *const *born, struct wf_scalar *scalar,
                             const struct wf_vm_params *params, const struct wf_pops *pops)
{
    const struct wf_ir *ir = &night->program->ir;
    *gates = (struct wf_gates){.night = night, .born = born, .scalar = scalar};
    gates->parties = wf_parties_make(night);
    gates->quiet = wf_calloc(night->alloc, (size_t)ir->n_quiets + 1, sizeof(*gates->quiet));
    gates->paused = wf_calloc(night->alloc, wf_n_rules(ir), sizeof(*gates->paused));
    gates->listed = wf_listed_notes(night);
    enum wf_status made[] = {
        gates->quiet && gates->paused && gates->listed ? WF_OK : WF_ERR_NOMEM,
        wf_policies_init(&gates->policies, ir, scalar, night->alloc),
        wf_reach_init(&gates->reach, night, &gates->policies, params, pops),
        wf_caps_init(&gates->caps, night, &gates->policies, &gates->parties),
        wf_stocks_init(&gates->stocks, night, &gates->policies),
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
        if (made[i] != WF_OK)
            return made[i];
    return find_pauses(gates);
}

void wf_gates_release(struct wf_gates *gates)
{
    if (!gates->night)
        return;
    wf_policies_release(&gates->policies);
    wf_reach_release(&gates->reach);
    wf_caps_release(&gates->caps);
    wf_stocks_release(&gates->stocks);
    wf_free(gates->night->alloc, gates->quiet);
    wf_free(gates->night->alloc, gates->paused);
    wf_free(gates->night->alloc, gates->listed);
}

enum wf_status wf_gates_status(const struct wf_gates *gates)
{
    enum wf_status st = wf_scalar_status(gates->scalar);
    return st == WF_OK ? wf_scalar_status(gates->reach.scalar) : st;
}

static void stop(struct wf_contender *decision, enum wf_gate gate, struct wf_gate_note note)
{
    decision->gate = (uint8_t)gate;
    decision->note = note;
}

/* ---- 1 valid ---- */

static bool is_declared(const struct wf_ir *ir, bool coupon, uint32_t name)
{
    for (uint32_t i = 0; i < ir->n_contents; i++)
        if (ir->contents[i].coupon == coupon && ir->texts[ir->contents[i].name] == ir->texts[name])
            return true;
    return false;
}

/* Tonight's rules name only what stands; a structure of an earlier night may not. */
static bool is_withdrawn(const struct wf_ir *ir, const struct wf_contender *decision)
{
    const struct wf_ir_action *action = &ir->actions[decision->action];
    if (decision->rule < ir->n_triggers || !ir->journeys[decision->rule - ir->n_triggers].pinned)
        return false;
    bool coupon = action->kind == WF_ACT_COUPON || action->kind == WF_ACT_GRANT;
    if ((coupon || action->kind == WF_ACT_SEND) && !is_declared(ir, coupon, action->name))
        return true;
    return action->coupon != WF_NONE && !is_declared(ir, true, action->coupon);
}

/* ---- 2 holdout ---- */

static bool holdout_concerns(uint8_t kind)
{
    return kind != WF_ACT_SET && kind != WF_ACT_TAG && kind != WF_ACT_UNTAG;
}

static bool is_out(const struct wf_gates *gates, const char *salt, uint32_t row, int32_t parts)
{
    const struct wf_dataset *data = gates->night->data;
    const struct wf_id *id = &data->ids[row];
    return wf_held_out(salt, data->id_heap + id->at, id->len, parts);
}

static bool stop_held_out(struct wf_gates *gates, const struct wf_rule_view *rule,
                          struct wf_contender *decision)
{
    const struct wf_ir *ir = &gates->night->program->ir;
    const char *salt = wf_rule_salt(ir, decision->rule, gates->born[decision->rule]);
    if (decision->held_out || is_out(gates, salt, decision->member, rule->holdout)) {
        stop(decision, WF_GATE_HOLDOUT,
             (struct wf_gate_note){WF_NOTE_HELD_OUT, .item = WF_NONE, .limit = rule->holdout});
        return true;
    }
    for (uint32_t i = 0; i < ir->n_policies; i++) {
        int32_t share = ir->policies[i].holdout;
        if (share == 0 || wf_policies_of(&gates->policies, decision->target)[i] == WF_APPLIES_NOT)
            continue;
        /* nothing reaches who is held out, and nothing is done on their behalf */
        if (!is_out(gates, WF_HOUSE_SALT, decision->target, share) &&
            !is_out(gates, WF_HOUSE_SALT, decision->member, share))
            continue;
        stop(decision, WF_GATE_HOLDOUT,
             (struct wf_gate_note){WF_NOTE_HOUSE, .item = i, .limit = share});
        return true;
    }
    return false;
}

/* ---- 3 paused ---- */

static bool stop_paused(const struct wf_gates *gates, struct wf_contender *decision)
{
    const struct wf_ir *ir = &gates->night->program->ir;
    uint32_t pause = gates->paused[decision->rule];
    if (pause != WF_NONE) {
        stop(decision, WF_GATE_PAUSED, (struct wf_gate_note){WF_NOTE_PAUSED, .item = pause});
        return true;
    }
    for (uint32_t i = 0; i < ir->n_freezes && decision->rule >= ir->n_triggers; i++) {
        const struct wf_ir_journey *frozen = &ir->journeys[ir->freezes[i].journey];
        const struct wf_ir_journey *its = &ir->journeys[decision->rule - ir->n_triggers];
        if (ir->texts[frozen->identity] != ir->texts[its->identity])
            continue;
        stop(decision, WF_GATE_PAUSED, (struct wf_gate_note){WF_NOTE_FROZEN, .item = i});
        return true;
    }
    return false;
}

/* ---- 4 hours ---- */

static bool hours_concern(uint8_t kind)
{
    return kind == WF_ACT_SEND || kind == WF_ACT_COUPON || kind == WF_ACT_INVITE;
}

/* All that may concern the receiver; the house's own where none surely does. */
static void find_quiet(struct wf_gates *gates, uint32_t row)
{
    const struct wf_ir *ir = &gates->night->program->ir;
    const uint8_t *applies = wf_policies_of(&gates->policies, row);
    bool said = false;
    gates->n_quiet = 0;
    for (uint32_t i = 0; i < ir->n_quiets; i++) {
        const struct wf_ir_quiet *quiet = &ir->quiets[i];
        said |= applies[quiet->policy] == WF_APPLIES_SURELY;
        if (quiet->kind == WF_QUIET_NONE || applies[quiet->policy] == WF_APPLIES_NOT)
            continue;
        gates->quiet[gates->n_quiet++] =
            (struct wf_quiet){quiet->from, quiet->to, quiet->kind == WF_QUIET_DROP, i};
    }
    if (!said)
        gates->quiet[gates->n_quiet++] = WF_QUIET_DEFAULT;
}

/* The first run for which a time is before the next day's run. */
static int64_t run_for(const struct wf_night *night, int64_t time)
{
    struct wf_ir_duration day = {.count = 1, .unit = WF_T_DAYS};
    return wf_time_shift(night->zone, time, day, -1) + 1;
}

/* wf_hours for the receiver; most actions of a night ask the same question. */
static enum wf_hours_verdict ask_hours(struct wf_gates *gates, uint32_t row, int64_t at,
                                       int64_t earliest, struct wf_hours *out)
{
    const struct wf_night *night = gates->night;
    bool known = gates->asked && !gates->policies.scoped;
    if (!known)
        find_quiet(gates, row);
    if (!known || gates->asked_at != at || gates->asked_earliest != earliest)
        gates->verdict = wf_hours(night->zone, night->now, at, earliest, gates->quiet,
                                  gates->n_quiet, &gates->hours);
    gates->asked = true;
    gates->asked_at = at;
    gates->asked_earliest = earliest;
    *out = gates->hours;
    return gates->verdict;
}

/* The clock its `at` asks for, the receiver's; -1: none. False: it is not known. */
static bool find_clock(struct wf_gates *gates, const struct wf_contender *decision, int64_t *at_out)
{
    uint32_t node = gates->night->program->ir.actions[decision->action].at;
    *at_out = -1;
    if (node == WF_NONE || decision->earliest != WF_NO_TIME) /* held: its hour was found then */
        return true;
    wf_scalar_member(gates->scalar, decision->target);
    struct wf_value at = wf_scalar_value(gates->scalar, node);
    if (at.present)
        *at_out = at.i;
    return at.present;
}

static void set_hours(struct wf_gates *gates, struct wf_contender *decision)
{
    const struct wf_night *night = gates->night;
    struct wf_hours hours;
    int64_t at;
    if (!find_clock(gates, decision, &at)) {
        if (decision->gate == WF_GATE_NONE)
            stop(decision, WF_GATE_HOURS, (struct wf_gate_note){WF_NOTE_NO_CLOCK, .item = WF_NONE});
        return;
    }
    enum wf_hours_verdict verdict =
        ask_hours(gates, decision->target, at, decision->earliest, &hours);
    struct wf_gate_note note = {.what = WF_NOTE_QUIET, .item = hours.item};
    if (verdict == WF_HOURS_OPEN) {
        decision->not_before = hours.not_before;
        decision->not_after = hours.not_after;
    }
    if (verdict == WF_HOURS_OPEN || decision->gate != WF_GATE_NONE)
        return;
    if (verdict == WF_HOURS_DROPPED)
        note.what = WF_NOTE_QUIET_AT;
    if (verdict == WF_HOURS_NEVER)
        note.what = WF_NOTE_QUIET_EVER;
    stop(decision, WF_GATE_HOURS, note);
    if (verdict == WF_HOURS_HELD) {
        decision->earliest = hours.not_before;
        decision->held = run_for(night, hours.not_before);
    }
}

/* ---- 5 reach ---- */

static void set_channel(struct wf_gates *gates, struct wf_contender *decision)
{
    int64_t approved = gates->night->approved, end = decision->not_after;
    struct wf_reached reached =
        wf_reach(&gates->reach, decision->target, decision->channel, decision->not_before, end);
    if (reached.yes && approved > decision->not_before && approved < end) {
        struct wf_reached by_then =
            wf_reach(&gates->reach, decision->target, reached.channel, approved, end);
        reached = by_then.yes ? reached : by_then; /* it was looked at with this channel */
    }
    if (reached.yes) {
        decision->channel = reached.channel;
        decision->not_after = reached.until;
    } else if (decision->gate == WF_GATE_NONE) {
        stop(decision, WF_GATE_REACH,
             (struct wf_gate_note){WF_NOTE_UNREACHED, .item = reached.item});
    }
}

/* ---- the gates in their order ---- */

void wf_gates_pass(struct wf_gates *gates, struct wf_contender *decision)
{
    const struct wf_ir *ir = &gates->night->program->ir;
    const struct wf_ir_action *action = &ir->actions[decision->action];
    struct wf_rule_view rule = wf_rule_view(ir, decision->rule);
    bool invited = true;
    decision->target = decision->member;
    decision->channel = action->channel;
    decision->not_before = decision->not_after = decision->held = WF_NO_TIME;
    if (decision->gate == WF_GATE_NONE || decision->gate == WF_GATE_MISSED)
        decision->note = (struct wf_gate_note){
            .what = decision->gate == WF_GATE_NONE ? WF_NOTE_NONE : WF_NOTE_LATE, .item = WF_NONE};
    if (action->to_inviter)
        invited = wf_inviter_of(&gates->parties, decision->member, &decision->target);
    if (decision->gate == WF_GATE_NONE && is_withdrawn(ir, decision))
        stop(decision, WF_GATE_VALID, (struct wf_gate_note){WF_NOTE_WITHDRAWN, .item = WF_NONE});
    if (decision->gate == WF_GATE_NONE && gates->listed[decision->action].what != WF_NOTE_NONE)
        stop(decision, WF_GATE_VALID, gates->listed[decision->action]);
    if (decision->gate == WF_GATE_NONE && holdout_concerns(action->kind))
        stop_held_out(gates, &rule, decision);
    if (decision->gate == WF_GATE_NONE)
        stop_paused(gates, decision);
    if (hours_concern(action->kind))
        set_hours(gates, decision);
    if (decision->gate != WF_GATE_NONE)
        return;
    if (!invited)
        stop(decision, WF_GATE_REACH, (struct wf_gate_note){WF_NOTE_NO_INVITER, .item = WF_NONE});
    else if (action->kind == WF_ACT_TASK &&
             !wf_task_owner(&gates->parties, action, decision->member).present)
        stop(decision, WF_GATE_REACH, (struct wf_gate_note){WF_NOTE_NO_OWNER, .item = WF_NONE});
    else if (hours_concern(action->kind))
        set_channel(gates, decision);
}

enum wf_status wf_gates_take(struct wf_gates *gates, struct wf_contender *decision)
{
    if (!wf_caps_allow(&gates->caps, decision)) {
        decision->gate = WF_GATE_CAP;
        return WF_OK;
    }
    enum wf_gate gate = wf_stocks_allow(&gates->stocks, decision);
    decision->gate = (uint8_t)gate;
    if (gate == WF_GATE_NONE && gates->night->veto.last)
        gates->night->veto.last(gates->night->veto.ctx, decision);
    if (decision->gate != WF_GATE_NONE)
        return WF_OK;
    enum wf_status st = wf_caps_take(&gates->caps, decision);
    return st == WF_OK ? wf_stocks_take(&gates->stocks, decision, 1) : st;
}

/* ---- two sets of one field ---- */

static const struct wf_ir_action *set_of(const struct wf_ir *ir, const struct wf_contender *d)
{
    const struct wf_ir_action *action = &ir->actions[d->action];
    return action->kind == WF_ACT_SET && d->gate == WF_GATE_NONE ? action : NULL;
}

/* Whether `a` wins over `b`. */
static bool goes_before(const struct wf_ir *ir, const struct wf_contender *a,
                        const struct wf_contender *b)
{
    struct wf_rule_view x = wf_rule_view(ir, a->rule), y = wf_rule_view(ir, b->rule);
    if (x.priority != y.priority)
        return x.priority > y.priority;
    int order = strcmp(ir->texts[x.name]->text, ir->texts[y.name]->text);
    if (order != 0)
        return order < 0;
    if (a->rule != b->rule)
        return a->rule < b->rule;
    return a->position != b->position ? a->position < b->position : a->occurred < b->occurred;
}

void wf_gates_conflicts(const struct wf_ir *ir, struct wf_contender *decisions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct wf_ir_action *a = set_of(ir, &decisions[i]);
        for (size_t j = 0; a && j < n; j++) {
            const struct wf_ir_action *b = j == i ? NULL : set_of(ir, &decisions[j]);
            if (!b || ir->texts[a->name] != ir->texts[b->name])
                continue;
            struct wf_contender *loser =
                goes_before(ir, &decisions[i], &decisions[j]) ? &decisions[j] : &decisions[i];
            stop(loser, WF_GATE_VALID, (struct wf_gate_note){WF_NOTE_CONFLICT, .item = WF_NONE});
            if (loser == &decisions[i])
                break;
        }
    }
}
