#include <string.h>

#include "runtime/data/digest.h"
#include "runtime/run/running.h"
#include "runtime/run/united.h"
#include "runtime/run/volume.h"

static bool copy_text(struct wf_running *r, struct wf_ledger_text from, struct wf_text *to)
{
    *to = (struct wf_text){NULL, 0};
    if (from.len == 0)
        return true;
    to->text = wf_arena_copy(&r->texts, from.text, from.len);
    to->len = from.len;
    return to->text != NULL;
}

static enum wf_status take_sent(void *ctx, const struct wf_ledger_row *row)
{
    struct wf_running *r = ctx;
    if (wf_grow(r->alloc, &r->sent, &r->room_sent, r->n_sent + 1, sizeof(*r->sent)) != 0)
        return WF_ERR_NOMEM;
    struct wf_sent_row *sent = &r->sent[r->n_sent];
    sent->at = row->at;
    if (!copy_text(r, row->member, &sent->member) || !copy_text(r, row->name, &sent->name) ||
        !copy_text(r, row->kind, &sent->kind) || !copy_text(r, row->channel, &sent->channel) ||
        !copy_text(r, row->journey, &sent->journey) || !copy_text(r, row->step, &sent->step))
        return WF_ERR_NOMEM;
    r->n_sent++;
    return WF_OK;
}

static bool reads_sent(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_views; i++)
        if (ir->views[i].sent)
            return true;
    return false;
}

/* What left before the first night, nobody here knows; nor what was forgotten. */
static int64_t remembered_since(const struct wf_running *r, int64_t forgotten)
{
    int64_t now = r->options->now, since = r->state.began < now ? r->state.began : now;
    return forgotten < since ? since : forgotten + 1;
}

enum wf_status wf_run_load(struct wf_running *r, int64_t now, struct wf_dataset **data_out,
                           struct wf_load_report *report_out)
{
    const struct wf_run_options *o = r->options;
    struct wf_forgotten forgotten;
    enum wf_status st = wf_run_store_said(r, r->store->ops->forgotten(r->store, &forgotten));
    if (st != WF_OK)
        return st;
    struct wf_load_options load = {
        .dir = o->data,
        .memory = o->memory,
        .n_memory = o->n_memory,
        .now = now,
        .zone = o->zone,
        .threads = o->threads,
        .max_rejects = o->max_rejects,
        .sha256 = o->sha256 || wf_inputs_ask_sha256(r->state.last.inputs) ||
                  wf_inputs_ask_sha256(r->state.control.plan.feeds),
        .accept_unreadable = o->accept_unreadable,
        .sent = r->sent,
        .n_sent = r->n_sent,
        .sent_since_known = true,
        .sent_since = remembered_since(r, forgotten.latest),
        .past = r->snapshot.past,
        .n_past = r->snapshot.n_past,
        .before_known = r->snapshot.had_nothing,
        .before = r->state.last.t,
        .chain_percent = o->chain_percent,
        .keeps = r->snapshot.keeps ? &r->snapshot.next : NULL,
        .recall = r->rests.asks,
        .scratch = o->scratch,
        .event_memory = o->event_memory,
        .progress = o->progress,
        .profile = o->profile,
        .alloc = r->alloc,
    };
    struct wf_load_merge *united = NULL;
    st = wf_united_known(&r->state, &united, &load.n_merges);
    if (st == WF_OK) {
        load.merges = united;
        st = o->source.fn ? o->source.fn(o->source.ctx, r->program, &load, data_out, report_out)
                          : wf_load(r->program, &load, data_out, report_out);
        if (st != WF_OK)
            wf_run_say(r, st, report_out->error ? report_out->error : wf_status_text(st));
    }
    wf_free(r->alloc, united);
    return st;
}

/* Aggregates are kept where rows are; who looks at a night may look at any row. */
static enum wf_status find_rests(struct wf_running *r)
{
    const struct wf_run_options *o = r->options;
    if (!r->snapshot.keeps || o->look.fn)
        return WF_OK;
    return wf_rests_init(&r->rests, r->program, o->zone, o->now, r->snapshot.past,
                         r->snapshot.n_past, r->alloc);
}

static void tell_progress(const struct wf_running *r)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < r->state.n_feeds; i++)
        if (wf_volume_is_last(&r->state.feeds[i]))
            rows += r->state.feeds[i].rows;
    if (r->options->progress)
        r->options->progress->expected = rows;
    wf_run_part(r, WF_PART_READ);
}

enum wf_status wf_run_read(struct wf_running *r)
{
    double start = wf_profile_clock();
    unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_READ, 0);
    tell_progress(r);
    enum wf_status st = WF_OK;
    if (reads_sent(&r->program->ir))
        st = wf_run_store_said(r, r->store->ops->each_sent(r->store, INT64_MIN, take_sent, r));
    if (st == WF_OK)
        st = wf_snapshot_begin(r);
    if (st == WF_OK)
        st = find_rests(r);
    if (st == WF_OK)
        st = wf_run_load(r, r->options->now, &r->data, &r->result->report);
    if (st == WF_OK && r->rests.n)
        st = wf_rests_keep(&r->rests, r->data->n_members, &r->snapshot.next);
    if (st == WF_OK)
        st = wf_inputs(&r->result->report, &r->inputs);
    if (st == WF_OK)
        r->result->members = r->data->n_members;
    wf_profile_end(r->options->profile, phase);
    r->result->seconds.read = wf_profile_clock() - start;
    return st;
}

static void *sweep(void *data)
{
    wf_dataset_free(data);
    return NULL;
}

static bool is_own(const struct wf_running *r)
{
    return r->data && !r->options->source.fn;
}

void wf_run_let_go(struct wf_running *r)
{
    if (!is_own(r) || r->options->threads < 2 ||
        pthread_create(&r->sweeper, NULL, sweep, r->data) != 0)
        return;
    r->leaving = r->data;
    r->data = NULL;
}

void wf_run_unread(struct wf_running *r)
{
    if (r->leaving)
        pthread_join(r->sweeper, NULL);
    if (is_own(r))
        wf_dataset_free(r->data);
    r->leaving = r->data = NULL;
}
