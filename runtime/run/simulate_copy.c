#include "runtime/run/simulate_copy.h"

static enum wf_status copy_rule(void *ctx, const struct wf_rule_state *rule)
{
    struct wf_store *to = ctx;
    return to->ops->put_rule(to, rule);
}

static enum wf_status copy_column(void *ctx, const struct wf_column_state *column)
{
    struct wf_store *to = ctx;
    return to->ops->put_column(to, column);
}

static enum wf_status copy_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                                int64_t latest, const void *bytes, size_t len)
{
    struct wf_store *to = ctx;
    return to->ops->put_blob(to, kind, owner, part, latest, bytes, len);
}

static enum wf_status copy_row(void *ctx, const struct wf_ledger_row *row)
{
    struct wf_store *to = ctx;
    return to->ops->add_ledger(to, row->run, row, 1);
}

/* The first and the last run say what a night asks: since when, and until when. */
static enum wf_status copy_runs(struct wf_store *from, struct wf_store *to)
{
    struct wf_run_row last = {0};
    enum wf_status st = from->ops->last_run(from, &last);
    if (st == WF_OK && last.status != WF_RUN_NONE) {
        struct wf_run_row first = last;
        st = from->ops->first_run(from, &first.t);
        if (st == WF_OK)
            st = to->ops->put_run(to, &first);
        if (st == WF_OK)
            st = to->ops->put_run(to, &last);
    }
    wf_run_row_release(&last, from->alloc);
    return st;
}

/* Of what was stopped only those that are held matter: they contend again, or lapse. */
static enum wf_status copy_held(struct wf_store *from, const struct wf_rations *rations,
                                struct wf_store *to)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < rations->n_held; i++)
        st = from->ops->of_action(from, rations->held[i].id, copy_row, to);
    return st;
}

enum wf_status wf_simulate_copy(struct wf_store *from, const struct wf_state *state,
                                const struct wf_alloc *alloc, struct wf_store **to_out)
{
    struct wf_store *to = NULL;
    enum wf_status st = wf_store_open_mem(alloc, &to);
    if (st != WF_OK)
        return st;
    *to_out = to;
    st = to->ops->begin(to);
    if (st == WF_OK)
        st = from->ops->each_rule(from, copy_rule, to);
    if (st == WF_OK)
        st = from->ops->each_column(from, copy_column, to);
    if (st == WF_OK)
        st = from->ops->each_blob(from, copy_blob, to);
    if (st == WF_OK)
        st = from->ops->each_sent(from, INT64_MIN, copy_row, to);
    if (st == WF_OK)
        st = copy_held(from, &state->rations, to);
    if (st == WF_OK)
        st = copy_runs(from, to);
    return st == WF_OK ? to->ops->commit(to) : st;
}
