/*
 * An operator releases a held night. The plan froze T, the rules and the exports: the same night is
 * run again over them, without the guards, and gives the same actions, minus
 *
 *   what is for a member whose opt-outs are not those the plan saw (they are read as of now)
 *   what had to leave before now
 *   what the plan did not hold (a changed opt-out may let another action pass a gate)
 *
 * Each of them is recorded as suppressed. From there on it is published as any night is.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/contender.h"
#include "runtime/run/optout.h"
#include "runtime/run/running.h"

static enum wf_status refuse(struct wf_running *r, enum wf_status st, const char *format,
                             const char *what)
{
    if (r->why)
        wf_say(r->why, format, what);
    return st;
}

enum wf_status wf_approval_open(struct wf_running *r)
{
    const struct wf_plan *plan = &r->state.control.plan;
    const char *id = r->options->approval->plan;
    bool same = plan->status != WF_PLAN_NONE && strcmp(plan->id, id) == 0;
    memcpy(r->result->plan_id, id, strlen(id) < WF_PLAN_ID ? strlen(id) + 1 : 0);
    if (same && plan->status == WF_PLAN_APPROVED) {
        r->result->already = true;
        return WF_OK;
    }
    if (plan->status != WF_PLAN_HELD)
        return refuse(
            r, WF_ERR_STATE,
            N_("no night is held as plan %s; a later run voids the plan of an earlier one"), id);
    if (!same)
        return refuse(r, WF_ERR_STATE, N_("the plan that is held is %s; look at it first"),
                      plan->id);
    if (strcmp(plan->rules, r->rules) != 0)
        return refuse(r, WF_ERR_RULES,
                      N_("the rules are not those that %s was planned under; run the night again"),
                      plan->folder);
    return WF_OK;
}

enum wf_status wf_approval_read(struct wf_running *r)
{
    struct wf_dataset *data = NULL;
    struct wf_load_report report = {.alloc = r->alloc};
    int64_t at = r->options->approval->at;
    enum wf_status st = wf_run_load(r, at > r->options->now ? at : r->options->now, &data, &report);
    if (st == WF_OK)
        st = wf_inputs(&report, &r->optout_feeds);
    if (st == WF_OK) {
        r->optouts = wf_optouts(&r->program->ir, data, r->alloc);
        st = r->optouts ? WF_OK : WF_ERR_NOMEM;
    }
    if (data)
        wf_dataset_free(data);
    wf_load_report_release(&report);
    return st;
}

/* The first feed that is not as the plan saw it, opt-outs apart; "" if there is none. */
static enum wf_status compare_feeds(struct wf_running *r, const char *now)
{
    const char *then = r->state.control.plan.feeds;
    while (*now && *then) {
        size_t n = strcspn(now, "\n") + 1, t = strcspn(then, "\n") + 1;
        size_t name = wf_inputs_name(now);
        if (!wf_inputs_same(now, then) && !wf_optout_feed(&r->program->ir, now, name)) {
            if (r->why)
                wf_say(r->why,
                       "the export of %.*s is not the one that was planned from; run the "
                       "night again",
                       (int)name, now);
            return WF_ERR_DATA;
        }
        now += n;
        then += t;
    }
    return *now || *then ? WF_ERR_INTERNAL : WF_OK;
}

enum wf_status wf_approval_same(struct wf_running *r)
{
    if (strcmp(wf_buf_str(&r->inputs), wf_buf_str(&r->optout_feeds)) != 0)
        return refuse(r, WF_ERR_DATA, N_("the exports changed while they were read"), "");
    return compare_feeds(r, wf_buf_str(&r->inputs));
}

/* Why an action that passed the gates may not leave; NONE: it may. */
static enum wf_note stopped_by(const struct wf_running *r, const struct wf_contender *d,
                               enum wf_gate *gate)
{
    const struct wf_planned *planned = wf_plan_find(&r->state.control.plan, d->id);
    *gate = WF_GATE_REACH;
    if (planned && planned->optouts != r->optouts[d->target])
        return WF_NOTE_OPTED_OUT;
    *gate = WF_GATE_MISSED;
    if (d->not_after != WF_NO_TIME && d->not_after <= r->options->approval->at)
        return WF_NOTE_OVER;
    *gate = WF_GATE_NONE;
    return WF_NOTE_NONE;
}

static void stop(const struct wf_running *r, struct wf_contender *d, enum wf_gate gate,
                 enum wf_note what)
{
    d->gate = (uint8_t)gate;
    d->note = (struct wf_gate_note){
        .what = (uint8_t)what, .item = WF_NONE, .since = r->options->approval->at};
}

static void veto(void *ctx, struct wf_contender *d)
{
    const struct wf_running *r = ctx;
    enum wf_gate gate;
    enum wf_note what = stopped_by(r, d, &gate);
    if (gate != WF_GATE_NONE)
        stop(r, d, gate, what);
}

/* What the plan did not hold has no claim to what is scarce; what a cap, a stock or a budget stops
 * is stopped by them, so that a deferred action comes again. */
static void veto_unplanned(void *ctx, struct wf_contender *d)
{
    const struct wf_running *r = ctx;
    if (!wf_plan_find(&r->state.control.plan, d->id))
        stop(r, d, WF_GATE_VALID, WF_NOTE_UNPLANNED);
}

struct wf_veto wf_approval_veto(struct wf_running *r)
{
    return r->options->approval ? (struct wf_veto){r, veto, veto_unplanned} : (struct wf_veto){0};
}
