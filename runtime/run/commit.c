#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/cap.h"
#include "runtime/engine/order.h"
#include "runtime/run/action.h"
#include "runtime/run/kept.h"
#include "runtime/run/relay.h"
#include "runtime/run/release.h"
#include "runtime/run/running.h"

static struct wf_ledger_text ledger_text(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? (struct wf_ledger_text){"", 0}
                           : (struct wf_ledger_text){ir->texts[text]->text, ir->texts[text]->len};
}

static int compare_ids(const void *a, const void *b, void *ctx)
{
    const struct wf_order_key *x = a, *y = b;
    (void)ctx;
    return memcmp(x->decision->id, y->decision->id, sizeof(x->decision->id));
}

/* What rows of the same action that left, or were stopped, by the same way have in common. */
struct shape {
    uint32_t action, channel, step;
    uint8_t gate;
    bool known;
    struct wf_ledger_row row;
};

enum { SHAPES = 256 };

/* Rows of the ledger on their way, and the words of their notes. */
struct ledger_batch {
    struct wf_running *r;
    const struct wf_night *night;
    int64_t seq;
    struct wf_caps_parties asked;
    struct wf_ledger_row *rows; /* WF_LEDGER_TOGETHER */
    uint64_t (*party)[WF_PARTIES];
    size_t n;
    struct wf_buf notes;
    struct shape *shapes; /* SHAPES, the last one of each kind that came */
};

static struct wf_ledger_row common_row(const struct wf_running *r, const struct wf_decision *d)
{
    const struct wf_ir *ir = &r->program->ir;
    const struct wf_ir_action *action = wf_decision_action(ir, d);
    const struct wf_rule_view rule = wf_rule_view(ir, d->rule);
    const char *kind = wf_action_kind(action);
    return (struct wf_ledger_row){
        .rule = r->result->outcome.rules[d->rule].id,
        .position = d->position,
        .kind = {kind, strlen(kind)},
        .name = ledger_text(ir, action->name),
        .channel = ledger_text(ir, d->channel),
        .coupon = ledger_text(ir, action->coupon),
        .journey = ledger_text(ir, rule.journey ? rule.name : WF_NONE),
        .step = ledger_text(ir, wf_decision_step(d)),
        .gate = wf_gate_text((enum wf_gate)d->gate),
    };
}

/* An action is of one rule, in one place. */
static const struct wf_ledger_row *like_row(struct ledger_batch *batch, const struct wf_decision *d)
{
    uint32_t step = wf_decision_step(d);
    uint32_t mixed = d->action * 31 + (d->channel + 1) * 7 + step + 1 + d->gate * 61u;
    struct shape *shape = &batch->shapes[mixed % SHAPES];
    if (!shape->known || shape->action != d->action || shape->channel != d->channel ||
        shape->step != step || shape->gate != d->gate)
        *shape =
            (struct shape){d->action, d->channel, step, d->gate, true, common_row(batch->r, d)};
    return &shape->row;
}

static enum wf_status put_batch(struct ledger_batch *batch)
{
    struct wf_store *store = batch->r->store;
    size_t at = 0;
    if (batch->notes.failed)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < batch->n; i++) {
        struct wf_ledger_text *note = &batch->rows[i].note;
        if (note->text)
            continue; /* a lapsed row brings its own */
        note->text = wf_buf_str(&batch->notes) + at;
        at += note->len;
    }
    enum wf_status st = store->ops->add_ledger(store, batch->seq, batch->rows, batch->n);
    batch->n = 0;
    wf_buf_reset(&batch->notes);
    return st;
}

static enum wf_status row_added(struct ledger_batch *batch)
{
    return ++batch->n < WF_LEDGER_TOGETHER ? WF_OK : put_batch(batch);
}

static enum wf_status add_row(struct ledger_batch *batch, const struct wf_ledger_row *row)
{
    batch->rows[batch->n] = *row;
    return row_added(batch);
}

static enum wf_status add_decision(struct ledger_batch *batch, const struct wf_decision *d)
{
    const struct wf_running *r = batch->r;
    const struct wf_id *id = &r->data->ids[d->target];
    struct wf_ledger_row *row = &batch->rows[batch->n];
    uint64_t *party = batch->party[batch->n];
    size_t before = batch->notes.len;
    *row = *like_row(batch, d);
    row->member = (struct wf_ledger_text){r->data->id_heap + id->at, id->len};
    row->due = d->occurred;
    row->at = d->not_before == WF_NO_TIME ? r->options->now : d->not_before;
    row->again = d->rare && d->rare->again;
    memcpy(row->action_id, d->id, sizeof(d->id));
    if (d->gate == WF_GATE_NONE) {
        const struct wf_ir_action *action = wf_decision_action(&r->program->ir, d);
        size_t n = wf_caps_party(&batch->asked, action, d->target, party);
        row->party = (struct wf_ledger_text){(const char *)party, n * sizeof(*party)};
    } else {
        wf_note_text(batch->night, d, &batch->notes);
        row->note.len = batch->notes.len - before;
    }
    return row_added(batch);
}

/* The rows to come lie anywhere: a decision first, then what it says about its receiver. (Inlined,
 * for gcc leaves out calls of what only fetches.) */
static inline __attribute__((always_inline)) void
fetch_ahead(const struct wf_night *night, const struct wf_order_key *key, size_t left)
{
    const struct wf_decision *next =
        left > 2 * WF_IDS_AHEAD ? key[2 * WF_IDS_AHEAD].decision : NULL;
    if (!next)
        return;
    for (size_t at = 0; at < sizeof(*next); at += 64)
        __builtin_prefetch((const char *)next + at);
    __builtin_prefetch((const char *)(next + 1) - 1); /* it may begin in the middle of a line */
    wf_ids_fetch(night->data, key[WF_IDS_AHEAD].decision->target,
                 key[WF_IDS_AHEAD / 2].decision->target);
}

static int compare_lapsed(const void *a, const void *b)
{
    const struct wf_lapsed_row *x, *y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return memcmp(x->row.action_id, y->row.action_id, sizeof(x->row.action_id));
}

/* What lapsed, by action id; NULL: no memory. */
static const struct wf_lapsed_row **sort_lapsed(const struct wf_running *r)
{
    size_t n = r->result->outcome.n_lapsed;
    const struct wf_lapsed_row **sorted = wf_calloc(r->alloc, n, sizeof(*sorted));
    for (size_t i = 0; sorted && i < n; i++)
        sorted[i] = &r->lapsed[i];
    if (sorted)
        qsort(sorted, n, sizeof(*sorted), compare_lapsed);
    return sorted;
}

/* The decisions and what lapsed, as one row after the other. */
static enum wf_status add_rows(struct ledger_batch *batch, const struct wf_order_key *sorted,
                               const struct wf_lapsed_row *const *lapsed)
{
    const struct wf_outcome *out = &batch->r->result->outcome;
    enum wf_status st = WF_OK;
    size_t at = 0;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        const unsigned char *id = sorted[i].decision->id;
        fetch_ahead(batch->night, &sorted[i], out->n_decisions - i);
        for (; st == WF_OK && at < out->n_lapsed &&
               memcmp(lapsed[at]->row.action_id, id, sizeof(sorted[i].decision->id)) < 0;
             at++)
            st = add_row(batch, &lapsed[at]->row);
        if (st == WF_OK)
            st = add_decision(batch, sorted[i].decision);
    }
    for (; st == WF_OK && at < out->n_lapsed; at++)
        st = add_row(batch, &lapsed[at]->row);
    return st == WF_OK ? put_batch(batch) : st;
}

enum { TELLING = 4 }; /* bytes of an id, which is a hash, that tell nearly all apart */

/* By action id, as the ledger wants them. */
static enum wf_status add_ledger(struct wf_running *r, const struct wf_night *night, int64_t seq)
{
    const struct wf_outcome *out = &r->result->outcome;
    size_t n = out->n_decisions;
    struct wf_order_key *keys = wf_realloc(r->alloc, NULL, (n + !n) * sizeof(*keys));
    struct wf_order_key *spare = wf_realloc(r->alloc, NULL, (n + !n) * sizeof(*spare));
    const struct wf_lapsed_row **lapsed = sort_lapsed(r);
    struct wf_parties parties = wf_parties_make(night);
    struct ledger_batch batch = {
        .r = r,
        .night = night,
        .seq = seq,
        .asked = wf_caps_parties_make(&r->program->ir, &parties),
        .rows = wf_calloc(r->alloc, WF_LEDGER_TOGETHER, sizeof(*batch.rows)),
        .party = wf_calloc(r->alloc, WF_LEDGER_TOGETHER, sizeof(*batch.party)),
        .shapes = wf_calloc(r->alloc, SHAPES, sizeof(*batch.shapes)),
    };
    bool made = keys && spare && lapsed && batch.rows && batch.party && batch.shapes;
    enum wf_status st = made ? WF_OK : WF_ERR_NOMEM;
    wf_buf_init(&batch.notes, r->alloc, 0);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        keys[i] = (struct wf_order_key){.head = wf_order_head(out->decisions[i].id),
                                        .decision = &out->decisions[i]};
    if (st == WF_OK)
        st = add_rows(&batch, wf_order(1, keys, spare, n, TELLING, compare_ids, NULL), lapsed);
    wf_buf_release(&batch.notes);
    wf_free(r->alloc, batch.rows);
    wf_free(r->alloc, batch.party);
    wf_free(r->alloc, batch.shapes);
    wf_free(r->alloc, lapsed);
    wf_free(r->alloc, keys);
    wf_free(r->alloc, spare);
    return st;
}

/* What no night to come asks for. */
static enum wf_status forget_ledger(struct wf_running *r)
{
    int64_t from;
    enum wf_status st = wf_kept_from(&r->program->ir, r->options->zone, r->options->now,
                                     &r->state.rations, r->alloc, &from);
    return st == WF_OK ? r->store->ops->forget_ledger(r->store, from) : st;
}

/* The one transaction of a night, all but its last row and the commit. */
struct saving {
    struct wf_running *r;
    const struct wf_night *night;
    const struct wf_run_row *run;
    double seconds;
    enum wf_status status;
    bool unkept; /* it is the snapshot that failed */
};

static void save_night(struct saving *saving)
{
    struct wf_running *r = saving->r;
    double start = wf_profile_clock();
    enum wf_status st = wf_store_save(r->store, &r->state, saving->run, r->result->outcome.forget);
    if (st == WF_OK)
        st = add_ledger(r, saving->night, saving->run->seq);
    if (st == WF_OK)
        st = forget_ledger(r);
    saving->status = st;
    saving->seconds = wf_profile_clock() - start;
}

/* The snapshot that the state will name lasts before anything of the state is written. */
static void begin_saving(struct saving *saving)
{
    struct wf_store *store = saving->r->store;
    saving->status = wf_snapshot_sync(saving->r);
    saving->unkept = saving->status != WF_OK;
    if (saving->status == WF_OK)
        saving->status = store->ops->begin(store);
    if (saving->status == WF_OK)
        saving->status = store->ops->prepare(store);
}

/* While the files are written there is time for nearly all that the commit will do. */
static void save_aside(struct saving *saving, struct wf_relay *relay)
{
    struct wf_store *store = saving->r->store;
    wf_relay_lend(relay, true); /* there is nothing to do here but to wait for the disk */
    begin_saving(saving);
    wf_relay_lend(relay, false);
    if (saving->status == WF_OK)
        save_night(saving);
    wf_relay_lend(relay, true);
    if (saving->status == WF_OK)
        saving->status = store->ops->put_run(store, saving->run);
    if (saving->status == WF_OK)
        saving->status = store->ops->ready(store);
}

static enum wf_status status_of(const struct saving *saving)
{
    return saving->unkept ? wf_snapshot_told(saving->r, saving->status) : saving->status;
}

/* Nobody else is there to do it: the disk has something to write while the files are made. */
static void save_before(struct saving *saving)
{
    struct wf_store *store = saving->r->store;
    begin_saving(saving);
    if (saving->status == WF_OK)
        save_night(saving);
    if (saving->status == WF_OK)
        saving->status = store->ops->flush(store);
}

/* The row names the manifest's digest: it comes last, when the staged files are safe. */
static enum wf_status commit_night(struct wf_running *r, const struct wf_run_row *run,
                                   enum wf_status st)
{
    struct wf_store *store = r->store;
    unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_COMMIT, 0);
    if (st == WF_OK)
        st = store->ops->put_run(store, run);
    if (st == WF_OK)
        st = store->ops->commit(store);
    wf_profile_end(r->options->profile, phase);
    if (st != WF_OK) {
        wf_run_store_said(r, st);
        store->ops->rollback(store);
    }
    return st;
}

/* The folder that the night's files are written into, empty. */
static enum wf_status make_staging(struct wf_running *r, const char *staging)
{
    enum wf_status st = wf_fs_make_lasting(r->fs, r->options->out);
    if (st == WF_OK) /* a dry run may come between a night's commit and its publication */
        st = r->options->dry_run
                 ? wf_fs_remove_tree(r->fs, staging)
                 : wf_clear_nights(r->fs, r->options->zone, r->options->out, ".", ".staging");
    if (st == WF_OK)
        st = r->fs->make_folder(r->fs->ctx, staging);
    if (st != WF_OK && r->why)
        wf_say(r->why, "cannot make %s: %s", staging, wf_status_text(st));
    return st;
}

static enum wf_status write_staging(struct wf_running *r, const struct wf_publish *publish,
                                    struct wf_relay *relay, const char *staging,
                                    char manifest[WF_HEX_SHA256])
{
    enum wf_status st = make_staging(r, staging);
    if (st == WF_OK)
        st = wf_publish_stage(publish, relay, staging, manifest, r->why);
    if (st != WF_OK)
        return st;
    st = r->fs->sync_folder(r->fs->ctx, r->options->out);
    if (st != WF_OK && r->why)
        wf_say(r->why, "cannot sync %s: %s", r->options->out, wf_status_text(st));
    return st;
}

/* Threads beside the one that writes the files: one saves, one helps with the rows meanwhile. */
struct aside {
    struct saving *saving; /* NULL: nothing is saved */
    struct wf_relay *relay;
    pthread_t saver, helper;
    bool saves, helps;
};

static void *save_there(void *ctx)
{
    const struct aside *aside = ctx;
    save_aside(aside->saving, aside->relay);
    return NULL;
}

static void *help_there(void *ctx)
{
    const struct aside *aside = ctx;
    wf_relay_help(aside->relay);
    return NULL;
}

static void start_aside(struct aside *aside)
{
    if (aside->saving)
        aside->saves = pthread_create(&aside->saver, NULL, save_there, aside) == 0;
    else
        wf_relay_lend(aside->relay, true);
    aside->helps = pthread_create(&aside->helper, NULL, help_there, aside) == 0;
}

static void join_aside(struct aside *aside)
{
    wf_relay_stop(aside->relay);
    if (aside->saves)
        pthread_join(aside->saver, NULL);
    if (aside->helps)
        pthread_join(aside->helper, NULL);
}

/*
 * Writes the staging folder and, unless `saving` is NULL, prepares the transaction: side by side
 * where there are threads for it, for neither sees the other.
 */
static enum wf_status stage(struct wf_running *r, const struct wf_night *night, const char *staging,
                            char manifest[WF_HEX_SHA256], struct saving *saving)
{
    struct wf_publish publish = {
        .fs = r->fs,
        .night = night,
        .outcome = &r->result->outcome,
        .lapsed = r->lapsed,
        .report = &r->result->report,
        .rules = r->options->rules,
        .n_rules = r->options->n_rules,
        .format = r->options->format,
        .dry_run = r->options->dry_run,
        .aside = r->options->threads > 1,
        .previous_t = r->result->previous_t,
        .plan = r->result->plan_id,
        .held = wf_buf_str(&r->held),
        .approved_at = r->options->approval ? r->options->approval->at : WF_NO_TIME,
    };
    struct aside aside = {.saving = saving, .relay = wf_relay_new(&publish)};
    if (!aside.relay)
        return WF_ERR_NOMEM;
    enum wf_status st = WF_OK;
    if (r->options->threads > 1)
        start_aside(&aside);
    if (saving && !aside.saves) {
        save_before(saving);
        st = saving->status;
    }
    unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_FILES, 0);
    if (st == WF_OK)
        st = write_staging(r, &publish, aside.relay, staging, manifest);
    wf_profile_end(r->options->profile, phase);
    join_aside(&aside);
    wf_relay_free(aside.relay);
    enum wf_status saved = saving ? status_of(saving) : WF_OK;
    return saved == WF_OK ? st : saved;
}

enum wf_status wf_run_set_aside(struct wf_running *r, const struct wf_night *night,
                                const char *behind)
{
    struct wf_buf from, to;
    char manifest[WF_HEX_SHA256];
    wf_buf_init(&from, r->alloc, 0);
    wf_buf_init(&to, r->alloc, 0);
    const char *staging = wf_out_path(&from, r->options->out, ".", r->result->folder, ".staging");
    const char *aside = wf_out_path(&to, r->options->out, "", r->result->folder, behind);
    enum wf_status st = staging && aside ? stage(r, night, staging, manifest, NULL) : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_fs_remove_tree(r->fs, aside);
    if (st == WF_OK)
        st = r->fs->rename(r->fs->ctx, staging, aside);
    if (st == WF_OK)
        st = r->fs->sync_folder(r->fs->ctx, r->options->out);
    if (st != WF_OK && aside && r->why && r->why->len == 0)
        wf_say(r->why, "cannot write %s: %s", aside, wf_status_text(st));
    wf_buf_release(&from);
    wf_buf_release(&to);
    return st;
}

/* Nothing is committed before both are done. */
static enum wf_status stage_and_save(struct wf_running *r, const struct wf_night *night,
                                     const char *staging, char manifest[WF_HEX_SHA256],
                                     const struct wf_run_row *run)
{
    struct saving saving = {.r = r, .night = night, .run = run, .status = WF_OK};
    enum wf_status st = stage(r, night, staging, manifest, &saving);
    wf_profile_add(r->options->profile, WF_PHASE_LEDGER, saving.seconds);
    wf_run_let_go(r);
    return commit_night(r, run, st);
}

/* Into the output folder, with the state and for everybody to take. */
static enum wf_status publish_files(struct wf_running *r, const struct wf_night *night,
                                    struct wf_run_row *run, char manifest[WF_HEX_SHA256])
{
    struct wf_buf path;
    wf_buf_init(&path, r->alloc, 0);
    const char *staging = wf_out_path(&path, r->options->out, ".", r->result->folder, ".staging");
    enum wf_status st = staging ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_run_end_plan(r);
    if (st == WF_OK) {
        st = stage_and_save(r, night, staging, manifest, run);
        unsigned phase = wf_profile_begin(r->options->profile, WF_PHASE_RELEASE, 0);
        if (st == WF_OK)
            st = wf_release_night(r->fs, r->store, r->options->out, run, r->why);
        wf_profile_end(r->options->profile, phase);
        r->result->committed = st == WF_OK;
    }
    wf_buf_release(&path);
    return st;
}

/* Only the state: there is no folder for anything else. */
static enum wf_status save_only(struct wf_running *r, const struct wf_night *night,
                                struct wf_run_row *run)
{
    struct saving saving = {.r = r, .night = night, .run = run};
    run->status = WF_RUN_PUBLISHED;
    save_before(&saving);
    wf_profile_add(r->options->profile, WF_PHASE_LEDGER, saving.seconds);
    enum wf_status st = commit_night(r, run, status_of(&saving));
    r->result->committed = st == WF_OK;
    return st;
}

enum wf_status wf_run_publish(struct wf_running *r, const struct wf_night *night)
{
    double start = wf_profile_clock();
    struct wf_profile *profile = r->options->profile;
    unsigned phase = wf_profile_begin(profile, WF_PHASE_WRITE, 0);
    char manifest[WF_HEX_SHA256] = "";
    struct wf_run_row run = {.seq = r->state.last.seq + 1,
                             .t = r->options->now,
                             .status = WF_RUN_PUBLISHING,
                             .rules = r->rules,
                             .inputs = r->inputs.data,
                             .folder = r->result->folder,
                             .manifest = manifest};
    enum wf_status st = WF_OK;
    if (!r->options->dry_run) {
        unsigned part = wf_profile_begin(profile, WF_PHASE_SNAPSHOT, 0);
        st = wf_snapshot_seal(r);
        wf_profile_end(profile, part);
        if (st == WF_OK)
            st = r->options->out ? publish_files(r, night, &run, manifest)
                                 : save_only(r, night, &run);
    } else if (r->options->out) {
        st = wf_run_set_aside(r, night, ".dry-run");
    }
    if (st == WF_OK)
        st = wf_snapshot_sweep(r);
    wf_profile_end(profile, phase);
    r->result->seconds.write = wf_profile_clock() - start;
    return st;
}
