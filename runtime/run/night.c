#include <inttypes.h>

#include "runtime/run/action.h"
#include "runtime/run/release.h"
#include "runtime/run/running.h"

enum wf_status wf_run_say(struct wf_running *r, enum wf_status st, const char *text)
{
    if (r->why && r->why->len == 0)
        wf_buf_adds(r->why, text);
    return st;
}

enum wf_status wf_run_store_said(struct wf_running *r, enum wf_status st)
{
    return st == WF_OK ? st : wf_run_say(r, st, wf_buf_str(&r->store->why));
}

void wf_run_part(const struct wf_running *r, enum wf_night_part part)
{
    if (r->options->progress)
        r->options->progress->part = part;
}

void wf_run_result_release(struct wf_run_result *result)
{
    wf_load_report_release(&result->report);
    wf_outcome_release(&result->outcome);
    wf_buf_release(&result->plan);
    *result = (struct wf_run_result){0};
}

static enum wf_status open_night(struct wf_running *r)
{
    double start = wf_profile_clock();
    unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_STATE, 0);
    enum wf_status st = wf_run_store_said(r, wf_store_load(r->store, &r->state));
    struct wf_run_row *last = &r->state.last;
    r->result->previous_t = last->status == WF_RUN_NONE ? WF_NO_TIME : last->t;
    wf_hex(r->rules, r->program->hash, sizeof(r->program->hash));
    wf_night_folder(r->options->zone, r->options->now, r->result->folder);
    if (st == WF_OK && last->status != WF_RUN_NONE && r->options->out && !r->options->dry_run) {
        r->result->resumed = last->status == WF_RUN_PUBLISHING;
        st = wf_release_night(r->fs, r->store, r->options->out, last, r->why);
    }
    if (st == WF_OK)
        st = wf_snapshot_sweep(r);
    if (st == WF_OK) {
        wf_control_write(&r->state.control, &r->remembers);
        st = r->remembers.failed ? WF_ERR_NOMEM : WF_OK;
    }
    if (st == WF_OK && r->options->approval)
        st = wf_approval_open(r);
    if (st == WF_OK && !r->result->already)
        st = wf_guard_night(r);
    if (st == WF_OK)
        st = wf_run_pin(r);
    wf_profile_end(r->options->profile, phase);
    r->result->seconds.state = wf_profile_clock() - start;
    return st;
}

static enum wf_status decide(struct wf_running *r, struct wf_night *night)
{
    double start = wf_profile_clock();
    unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_EVALUATE, 0);
    const struct wf_load_report *report = &r->result->report;
    struct wf_merge *merges = wf_calloc(r->alloc, report->n_merges, sizeof(*merges));
    if (!merges)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < report->n_merges; i++)
        merges[i] = (struct wf_merge){report->merges[i].old_id, report->merges[i].new_id};
    *night = (struct wf_night){
        .program = r->program,
        .data = r->data,
        .zone = r->options->zone,
        .now = r->options->now,
        .state = &r->state,
        .merges = merges,
        .n_merges = report->n_merges,
        .veto = wf_approval_veto(r),
        .approved = r->options->approval ? r->options->approval->at : 0,
        .pinned = r->pinned,
        .profile = r->options->profile,
        .vm = {.threads = r->options->threads,
               .batch = r->options->batch,
               .profile = r->options->profile && !r->linked ? r->options->profile->insns : NULL,
               .vectors = r->options->scalar ? WF_VECTORS_NONE : WF_VECTORS_ANY,
               .rests = r->rests.keeps ? &r->rests : NULL,
               .alloc = r->alloc},
        .alloc = r->alloc,
    };
    enum wf_status st = wf_run_past(r);
    night->past = r->past;
    night->n_past = r->n_past;
    if (st == WF_OK)
        st = wf_engine_night(night, &r->result->outcome, r->why);
    night->merges = NULL;
    night->n_merges = 0;
    wf_free(r->alloc, merges);
    if (st == WF_OK)
        st = wf_run_store_said(
            r, wf_lapsed_rows(r->store, night, &r->result->outcome, &r->texts, &r->lapsed));
    if (st == WF_OK && r->options->look.fn)
        st = r->options->look.fn(r->options->look.ctx, night, &r->result->outcome);
    wf_profile_end(r->options->profile, phase);
    r->result->seconds.evaluate = wf_profile_clock() - start;
    return st;
}

static void count_actions(struct wf_running *r)
{
    for (size_t i = 0; i < r->result->outcome.n_decisions; i++) {
        if (r->result->outcome.decisions[i].gate == WF_GATE_NONE)
            r->result->actions++;
        else
            r->result->suppressed++;
    }
    r->result->suppressed += r->result->outcome.n_lapsed;
}

static bool only_looks(const struct wf_run_options *options)
{
    return options->look.fn && options->dry_run && !options->out;
}

static enum wf_status run_night(struct wf_running *r)
{
    struct wf_night night;
    struct wf_run_result *result = r->result;
    bool approved = r->options->approval != NULL;
    enum wf_status st = wf_snapshot_open(r);
    if (st == WF_OK && approved)
        st = wf_approval_read(r);
    if (st == WF_OK)
        st = wf_run_read(r);
    if (st == WF_OK && approved)
        st = wf_approval_same(r);
    if (st == WF_OK)
        st = result->already ? wf_guard_same_inputs(r) : wf_guard_exports(r);
    if (st != WF_OK || (result->already && !only_looks(r->options)))
        return st;
    wf_run_part(r, WF_PART_DECIDE);
    st = decide(r, &night);
    wf_run_part(r, WF_PART_WRITE);
    if (st == WF_OK)
        count_actions(r);
    if (st != WF_OK || only_looks(r->options))
        return st; /* who only looks is not held either */
    if (approved)
        result->dropped = r->state.control.plan.n_planned - result->actions;
    if (st == WF_OK && !approved)
        st = wf_guard_actions(r, &night);
    if (st != WF_OK || result->already)
        return st;
    if (!r->held.len || approved)
        return wf_run_publish(r, &night);
    st = wf_snapshot_drop(r);
    return st == WF_OK ? wf_run_hold(r, &night) : st;
}

enum wf_status wf_run_night(const struct wf_program *program, struct wf_store *store,
                            const struct wf_run_options *options, struct wf_run_result *result,
                            struct wf_buf *why)
{
    struct wf_running r = {.program = program,
                           .store = store,
                           .options = options,
                           .fs = options->fs ? options->fs : &wf_fs_os,
                           .alloc = options->alloc,
                           .result = result,
                           .why = why};
    *result =
        (struct wf_run_result){.report.alloc = options->alloc, .outcome.alloc = options->alloc};
    wf_state_init(&r.state, options->alloc);
    wf_arena_init(&r.texts, options->alloc);
    wf_buf_init(&r.inputs, options->alloc, 0);
    wf_buf_init(&r.held, options->alloc, 0);
    wf_buf_init(&r.remembers, options->alloc, 0);
    wf_buf_init(&r.optout_feeds, options->alloc, 0);
    wf_buf_init(&result->plan, options->alloc, 0);
    enum wf_status st = open_night(&r);
    if (st == WF_OK && !(options->approval && result->already))
        st = run_night(&r);
    if (st != WF_OK && why && why->len == 0)
        wf_buf_adds(why, wf_status_text(st));
    wf_run_unread(&r);
    wf_rests_release(&r.rests);
    wf_snapshot_end(&r);
    wf_program_free(r.linked);
    wf_free(r.alloc, r.pinned);
    wf_free(r.alloc, r.sent);
    wf_free(r.alloc, r.optouts);
    wf_buf_release(&r.inputs);
    wf_buf_release(&r.held);
    wf_buf_release(&r.remembers);
    wf_buf_release(&r.optout_feeds);
    wf_free(r.alloc, r.past);
    wf_arena_release(&r.texts);
    wf_state_release(&r.state);
    return st;
}
