/*
 * A night that a guard holds: its files are set aside to be judged, its plan is committed, and
 * nothing else of it is: no decision, no position, no ledger row.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/digest.h"
#include "runtime/run/action.h"
#include "runtime/run/optout.h"
#include "runtime/run/release.h"
#include "runtime/run/running.h"

/* ---- what the plan is of ---- */

/* The same night under the same rules from the same exports is the same plan. */
static void name_plan(struct wf_running *r)
{
    struct wf_digest digest;
    unsigned char raw[WF_SHA256];
    wf_digest_init(&digest);
    wf_digest_add(&digest, &r->options->now, sizeof(r->options->now));
    wf_digest_add(&digest, r->rules, sizeof(r->rules));
    for (const char *at = wf_buf_str(&r->inputs); *at; at += strcspn(at, "\n") + 1)
        wf_digest_add(&digest, at, wf_inputs_least(at)); /* whether it names a SHA-256 or not */
    wf_digest_finish(&digest, raw);
    wf_hex(r->result->plan_id, raw, (WF_PLAN_ID - 1) / 2);
}

static enum wf_status plan_actions(struct wf_running *r, struct wf_plan *plan)
{
    const struct wf_outcome *out = &r->result->outcome;
    uint64_t *optouts = wf_optouts(&r->program->ir, r->data, r->alloc);
    enum wf_status st = optouts ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK && wf_grow(r->alloc, &plan->planned, &plan->room_planned, r->result->actions,
                               sizeof(*plan->planned)) != 0)
        st = WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        const struct wf_decision *d = &out->decisions[i];
        if (d->gate != WF_GATE_NONE)
            continue;
        struct wf_planned *to = &plan->planned[plan->n_planned++];
        memcpy(to->id, d->id, sizeof(to->id));
        to->optouts = optouts[d->target];
    }
    if (plan->n_planned)
        qsort(plan->planned, plan->n_planned, sizeof(*plan->planned), wf_planned_compare);
    wf_free(r->alloc, optouts);
    return st;
}

/* ---- how it reads ---- */

static const char *rule_name(const struct wf_ir *ir, uint32_t rule)
{
    if (rule >= ir->n_triggers)
        return wf_ir_text(ir, ir->journeys[rule - ir->n_triggers].name);
    const struct wf_ir_trigger *trigger = &ir->triggers[rule];
    return wf_ir_text(ir, trigger->name != WF_NONE ? trigger->name : trigger->identity);
}

static void tell_rules(const struct wf_running *r, struct wf_buf *out)
{
    const struct wf_ir *ir = &r->program->ir;
    for (uint32_t rule = 0; rule < ir->n_triggers + ir->n_journeys; rule++) {
        uint64_t kinds[WF_ACT_COUNT_] = {0}, n = 0;
        for (size_t i = 0; i < r->result->outcome.n_decisions; i++) {
            const struct wf_decision *d = &r->result->outcome.decisions[i];
            if (d->rule != rule || d->gate != WF_GATE_NONE)
                continue;
            kinds[wf_decision_action(ir, d)->kind]++;
            n++;
        }
        if (!n)
            continue;
        wf_buf_addf(out, "  %s:", rule_name(ir, rule));
        for (unsigned kind = 0, first = 1; kind < WF_ACT_COUNT_; kind++) {
            const struct wf_ir_action as = {.kind = (uint8_t)kind};
            if (!kinds[kind])
                continue;
            wf_buf_addf(out, "%s %" PRIu64 " %s", first ? "" : ",", kinds[kind],
                        wf_action_kind(&as));
            first = 0;
        }
        wf_buf_addc(out, '\n');
    }
}

static void tell_gates(const struct wf_running *r, struct wf_buf *out)
{
    uint64_t gates[WF_GATE_COUNT_] = {0};
    for (size_t i = 0; i < r->result->outcome.n_decisions; i++)
        gates[r->result->outcome.decisions[i].gate]++;
    for (size_t i = 0; i < r->result->outcome.n_lapsed; i++)
        gates[r->result->outcome.lapsed[i].absent ? WF_GATE_MISSED : WF_GATE_VALID]++;
    for (unsigned gate = WF_GATE_NONE + 1; gate < WF_GATE_COUNT_; gate++)
        if (gates[gate])
            wf_say(out, "  stopped by %s: %" PRIu64 "\n", wf_gate_text((enum wf_gate)gate),
                   gates[gate]);
}

/* Why, what it would do, rule by rule and gate by gate. */
static void tell_plan(struct wf_running *r)
{
    struct wf_buf *out = &r->result->plan;
    wf_say(out,
           r->options->dry_run ? N_("%s would be held\n") : N_("%s is held: nothing has left\n"),
           r->result->folder);
    for (const char *line = wf_buf_str(&r->held); *line;) {
        size_t len = strcspn(line, "\n") + 1;
        wf_say(out, "  because ");
        wf_buf_add(out, line, len);
        line += len;
    }
    wf_say(out, "actions it would do: %" PRIu64 "\n", r->result->actions);
    tell_rules(r, out);
    tell_gates(r, out);
}

/* One line for standard error. */
static void tell_why(struct wf_running *r)
{
    if (!r->why)
        return;
    if (r->options->dry_run)
        wf_say(r->why, "%s would be held: ", r->result->folder);
    else
        wf_say(r->why, "%s is held as plan %s: ", r->result->folder, r->result->plan_id);
    for (const char *c = wf_buf_str(&r->held); *c; c++)
        if (*c != '\n')
            wf_buf_addc(r->why, *c);
        else if (c[1])
            wf_buf_adds(r->why, "; ");
}

/* ---- committing ---- */

static enum wf_status make_plan(struct wf_running *r, struct wf_control *control)
{
    struct wf_plan *plan = &control->plan;
    enum wf_status st = wf_control_read(control, r->remembers.data, r->remembers.len);
    wf_control_drop_plan(control);
    if (st == WF_OK)
        st = plan_actions(r, plan);
    if (st == WF_OK) {
        plan->status = WF_PLAN_HELD;
        plan->t = r->options->now;
        plan->id = wf_strdup(r->alloc, r->result->plan_id);
        plan->folder = wf_strdup(r->alloc, r->result->folder);
        plan->rules = wf_strdup(r->alloc, r->rules);
        plan->feeds = wf_strdup(r->alloc, wf_buf_str(&r->inputs));
        plan->text = wf_strdup(r->alloc, wf_buf_str(&r->result->plan));
        control->dirty = control->plan_dirty = true;
        if (!plan->id || !plan->folder || !plan->rules || !plan->feeds || !plan->text)
            st = WF_ERR_NOMEM;
    }
    return st;
}

enum wf_status wf_run_end_plan(struct wf_running *r)
{
    struct wf_control *control = &r->state.control;
    bool held = control->plan.status == WF_PLAN_HELD;
    bool same = held && strcmp(control->plan.id, r->result->plan_id) == 0;
    /* also the files of a plan that was never committed */
    enum wf_status st =
        wf_clear_nights(r->fs, r->options->zone, r->options->out, "", WF_HELD_FOLDER);
    if (st != WF_OK && r->why)
        wf_say(r->why, "cannot remove what is held in %s: %s", r->options->out, wf_status_text(st));
    if (held && r->options->approval)
        wf_control_approve_plan(control);
    else
        wf_control_drop_plan(control);
    r->result->voided = held && !same && !r->options->approval; /* same: held once more */
    return st;
}

enum wf_status wf_run_hold(struct wf_running *r, const struct wf_night *night)
{
    struct wf_state only; /* nothing else of the state goes with the plan */
    wf_state_init(&only, r->alloc);
    name_plan(r);
    tell_plan(r);
    enum wf_status st = r->result->plan.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK && r->options->dry_run)
        st = wf_run_set_aside(r, night, ".dry-run");
    if (st == WF_OK && !r->options->dry_run) {
        st = make_plan(r, &only.control);
        if (st == WF_OK)
            st = wf_run_end_plan(r); /* of an earlier plan: its files */
        if (st == WF_OK)
            st = wf_run_set_aside(r, night, WF_HELD_FOLDER);
        if (st == WF_OK)
            st = wf_run_store_said(r, wf_store_save_control(r->store, &only));
    }
    wf_state_release(&only);
    if (st != WF_OK)
        return st;
    r->result->held = true;
    tell_why(r);
    return WF_ERR_HELD;
}
