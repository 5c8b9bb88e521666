#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/release.h"
#include "runtime/run/running.h"
#include "runtime/run/united.h"
#include "runtime/run/volume.h"

static enum wf_status say_night(struct wf_running *r, enum wf_status st, const char *text)
{
    struct wf_buf last;
    wf_buf_init(&last, r->alloc, 0);
    wf_local_time(&last, r->options->zone, r->state.last.t);
    if (r->why)
        wf_say(r->why, text, wf_buf_str(&last));
    wf_buf_release(&last);
    return st;
}

enum wf_status wf_guard_night(struct wf_running *r)
{
    const struct wf_run_row *last = &r->state.last;
    if (!r->options->out && (last->status == WF_RUN_NONE || last->t < r->options->now))
        return WF_OK; /* it leaves no folder, and looks for none */
    if (last->status == WF_RUN_NONE || last->t < r->options->now)
        return wf_check_outputs(r->fs, r->options->zone, r->options->out, last, r->why);
    if (last->t > r->options->now)
        return say_night(r, WF_ERR_DATA, N_("an earlier night than the last one, which was %s"));
    if (strcmp(last->rules, r->rules) != 0)
        return say_night(r, WF_ERR_RULES, N_("this night was run already, under other rules: %s"));
    r->result->already = true;
    return WF_OK;
}

enum wf_status wf_guard_same_inputs(struct wf_running *r)
{
    const struct wf_run_row *last = &r->state.last;
    /* a feed that only a journey's older structure read is not read when nobody walks that now */
    if (wf_inputs_within(wf_buf_str(&r->inputs), last->inputs))
        return r->options->out ? wf_check_published(r->fs, r->options->out, last, r->why) : WF_OK;
    r->result->already = false;
    return say_night(r, WF_ERR_DATA, N_("this night was run already, from other exports: %s"));
}

/* ---- the exports ---- */

/* `seen`: how far the last night's reached; WF_NO_TIME: that is not what is wrong. */
static void say_stale(const struct wf_running *r, int64_t until, int64_t seen)
{
    struct wf_buf now, then;
    wf_buf_init(&now, r->alloc, 0);
    wf_buf_init(&then, r->alloc, 0);
    wf_local_time(&now, r->options->zone, until);
    wf_local_time(&then, r->options->zone, seen);
    if (seen != WF_NO_TIME)
        wf_say(r->why,
               "%s: the exports are complete until %s, and the last night's were until %s: are "
               "they yesterday's?",
               WF_EXPORTER_FILE, wf_buf_str(&now), wf_buf_str(&then));
    else
        wf_say(r->why,
               "%s: the exports are complete until %s, a day or more before this night: are they "
               "yesterday's?",
               WF_EXPORTER_FILE, wf_buf_str(&now));
    wf_buf_release(&now);
    wf_buf_release(&then);
}

/* The exporter says how far they reach: no farther than the last ones, or not to this night. */
static enum wf_status check_watermark(struct wf_running *r)
{
    int64_t until = r->result->report.until, seen = r->state.control.watermark, reach;
    if (until == WF_NO_UNTIL)
        return WF_OK;
    bool stale = seen != WF_NO_WATERMARK && until <= seen;
    bool early = wf_zone_add_days(r->options->zone, until, 1, &reach) && reach <= r->options->now;
    if ((stale || early) && r->why)
        say_stale(r, until, stale ? seen : WF_NO_TIME);
    r->state.control.dirty = true;
    r->state.control.watermark = until;
    return stale || early ? WF_ERR_DATA : WF_OK;
}

/* Whoever wrote them says they reach farther than the last ones: then nothing new is no wonder. */
static bool vouched_anew(const struct wf_running *r)
{
    const struct wf_load_report *report = &r->result->report;
    return report->vouched && report->until != WF_NO_UNTIL &&
           r->state.control.watermark != WF_NO_WATERMARK &&
           report->until > r->state.control.watermark;
}

static void check_repeat(struct wf_running *r)
{
    const struct wf_run_row *last = &r->state.last;
    if (r->options->accept_repeat || last->status == WF_RUN_NONE || vouched_anew(r) ||
        !wf_inputs_repeat(wf_buf_str(&r->inputs), last->inputs))
        return;
    wf_say(&r->held,
           "the exports are the very bytes of the last night, %s, as if nobody had written "
           "them anew\n",
           last->folder);
}

enum wf_status wf_guard_exports(struct wf_running *r)
{
    bool may_hold = r->options->out && !r->options->approval;
    int64_t day = wf_zone_day(r->options->zone, r->options->now);
    if (may_hold)
        check_repeat(r);
    enum wf_status st = check_watermark(r);
    if (st == WF_OK && may_hold && !r->options->accept_volume)
        wf_odd_volumes(&r->state, &r->result->report, day, &r->held);
    if (st == WF_OK)
        st = wf_keep_volume(&r->state, &r->result->report, day);
    return st == WF_OK ? wf_united_keep(&r->state, &r->result->report) : st;
}

/* ---- what would leave ---- */

/* How many actions leave to members whom the policy concerns: all but those known not to be. */
static uint64_t count_within(const struct wf_outcome *out, struct wf_scalar *scalar, uint32_t scope)
{
    uint64_t n = 0;
    for (size_t i = 0; i < out->n_decisions; i++) {
        if (out->decisions[i].gate != WF_GATE_NONE)
            continue;
        if (scope != WF_NONE) {
            wf_scalar_member(scalar, out->decisions[i].target);
            if (wf_scalar_truth(scalar, scope) == 0)
                continue;
        }
        n++;
    }
    return n;
}

static void too_many(const struct wf_ir *ir, const struct wf_ir_policy *policy, uint64_t n,
                     struct wf_buf *held)
{
    if (n <= (uint64_t)policy->volume)
        return;
    if (policy->name != WF_NONE)
        wf_say(held,
               "%" PRIu64 " actions would leave, more than the %" PRId64
               " that `volume` of policy %s allows",
               n, policy->volume, wf_ir_text(ir, policy->name));
    else
        wf_say(held,
               "%" PRIu64 " actions would leave, more than the %" PRId64 " that `volume` allows", n,
               policy->volume);
    if (policy->place != WF_NONE)
        wf_buf_addf(held, " (%s:%" PRIu32 ")", wf_ir_text(ir, ir->places[policy->place].file),
                    ir->places[policy->place].line);
    wf_buf_addc(held, '\n');
}

enum wf_status wf_guard_volume(const struct wf_night *night, const struct wf_outcome *out,
                               uint64_t most, struct wf_buf *held)
{
    const struct wf_ir *ir = &night->program->ir;
    uint64_t actions = count_within(out, NULL, WF_NONE);
    if (most && actions > most)
        wf_say(held,
               "%" PRIu64 " actions would leave, more than the %" PRIu64
               " that --max-actions allows\n",
               actions, most);
    int64_t *floor = wf_calloc(night->alloc, ir->n_triggers, sizeof(*floor));
    struct wf_vm_params params = {.now = night->now, .zone = night->zone, .floor = floor};
    struct wf_scalar *scalar = wf_scalar_new(ir, night->data, &params, &out->pops, night->alloc);
    for (uint32_t i = 0; floor && scalar && i < ir->n_policies; i++)
        if (ir->policies[i].volume >= 0)
            too_many(ir, &ir->policies[i], count_within(out, scalar, ir->policies[i].scope), held);
    enum wf_status st = floor && scalar ? wf_scalar_status(scalar) : WF_ERR_NOMEM;
    if (scalar)
        wf_scalar_free(scalar);
    wf_free(night->alloc, floor);
    return st == WF_OK && held->failed ? WF_ERR_NOMEM : st;
}

enum wf_status wf_guard_actions(struct wf_running *r, const struct wf_night *night)
{
    return r->options->out
               ? wf_guard_volume(night, &r->result->outcome, r->options->max_actions, &r->held)
               : WF_OK;
}
