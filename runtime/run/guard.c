#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/release.h"
#include "runtime/run/running.h"
#include "runtime/run/united.h"
#include "runtime/run/volume.h"

static enum wf_status say_night(struct wf_running *r, enum wf_status st, const char *text)
{
    if (r->why) {
        wf_buf_adds(r->why, text);
        wf_local_time(r->why, r->options->zone, r->state.last.t);
    }
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
        return say_night(r, WF_ERR_DATA, "an earlier night than the last one, which was ");
    if (strcmp(last->rules, r->rules) != 0)
        return say_night(r, WF_ERR_RULES, "this night was run already, under other rules: ");
    r->result->already = true;
    return WF_OK;
}

enum wf_status wf_guard_same_inputs(struct wf_running *r)
{
    if (strcmp(r->state.last.inputs, r->inputs) == 0)
        return WF_OK;
    r->result->already = false;
    return say_night(r, WF_ERR_DATA, "this night was run already, from other exports: ");
}

enum wf_status wf_guard_exports(struct wf_running *r)
{
    enum wf_status st = WF_OK;
    if (!r->options->accept_volume)
        st = wf_check_volume(&r->state, &r->result->report, r->why);
    if (st == WF_OK)
        st = wf_keep_volume(&r->state, &r->result->report);
    return st == WF_OK ? wf_united_keep(&r->state, &r->result->report) : st;
}
