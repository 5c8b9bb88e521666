#include "runtime/run/night.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/data/digest.h"
#include "runtime/run/action.h"
#include "runtime/run/release.h"
#include "runtime/run/united.h"
#include "runtime/run/volume.h"

/* One run while it lasts. */
struct running {
    const struct wf_program *program;
    struct wf_store *store;
    const struct wf_run_options *options;
    const struct wf_fs *fs;
    const struct wf_alloc *alloc;
    struct wf_run_result *result;
    struct wf_state state;
    struct wf_dataset *data;
    struct wf_sent_row *sent;
    size_t n_sent, room_sent;
    struct wf_arena texts; /* of the sent rows */
    char rules[33], inputs[WF_HEX_SHA256];
    struct wf_buf *why;
};

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum wf_status say(struct running *r, enum wf_status st, const char *text)
{
    if (r->why && r->why->len == 0)
        wf_buf_adds(r->why, text);
    return st;
}

static enum wf_status store_said(struct running *r, enum wf_status st)
{
    return st == WF_OK ? st : say(r, st, wf_buf_str(&r->store->why));
}

void wf_run_result_release(struct wf_run_result *result)
{
    wf_load_report_release(&result->report);
    wf_outcome_release(&result->outcome);
    *result = (struct wf_run_result){0};
}

/* ---- reading ---- */

static bool copy_text(struct running *r, struct wf_ledger_text from, struct wf_text *to)
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
    struct running *r = ctx;
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

/* A digest over what was read: names and digests of all files, in the report's order. */
static enum wf_status digest_inputs(struct running *r)
{
    const struct wf_load_report *report = &r->result->report;
    struct wf_digest digest = {0};
    unsigned char raw[WF_SHA256];
    enum wf_status st = wf_digest_init(&digest);
    for (size_t i = 0; st == WF_OK && i < report->n_files; i++) {
        const struct wf_load_file *file = &report->files[i];
        st = wf_digest_add(&digest, file->name, strlen(file->name) + 1);
        if (st == WF_OK)
            st = wf_digest_add(&digest, file->sha256, sizeof(file->sha256));
    }
    if (st == WF_OK)
        st = wf_digest_finish(&digest, raw);
    wf_digest_release(&digest);
    if (st == WF_OK)
        wf_hex(r->inputs, raw, sizeof(raw));
    return st;
}

static enum wf_status read_exports(struct running *r)
{
    const struct wf_run_options *o = r->options;
    double start = seconds_now();
    enum wf_status st = WF_OK;
    if (reads_sent(&r->program->ir))
        st = store_said(r, r->store->ops->each_sent(r->store, take_sent, r));
    struct wf_load_options load = {
        .dir = o->data,
        .now = o->now,
        .zone = o->zone,
        .threads = o->threads,
        .max_rejects = o->max_rejects,
        .accept_unreadable = o->accept_unreadable,
        .sent = r->sent,
        .n_sent = r->n_sent,
        .sent_since_known = true, /* what left before the first night, nobody here knows */
        .sent_since = r->state.began < o->now ? r->state.began : o->now,
        .alloc = r->alloc,
    };
    struct wf_load_merge *united = NULL;
    if (st == WF_OK)
        st = wf_united_known(&r->state, &united, &load.n_merges);
    if (st == WF_OK) {
        load.merges = united;
        st = wf_load(r->program, &load, &r->data, &r->result->report);
        if (st != WF_OK)
            st = say(r, st, r->result->report.error ? r->result->report.error : wf_status_text(st));
    }
    wf_free(r->alloc, united);
    if (st == WF_OK)
        st = digest_inputs(r);
    if (st == WF_OK)
        r->result->members = r->data->n_members;
    r->result->seconds.read = seconds_now() - start;
    return st;
}

/* ---- guards ---- */

static enum wf_status say_night(struct running *r, enum wf_status st, const char *text)
{
    if (r->why) {
        wf_buf_adds(r->why, text);
        wf_local_time(r->why, r->options->zone, r->state.last.t);
    }
    return st;
}

/* The night may run, or was run already. */
static enum wf_status check_night(struct running *r)
{
    const struct wf_run_row *last = &r->state.last;
    if (last->status == WF_RUN_NONE || last->t < r->options->now)
        return wf_check_outputs(r->fs, r->options->zone, r->options->out, last, r->why);
    if (last->t > r->options->now)
        return say_night(r, WF_ERR_DATA, "an earlier night than the last one, which was ");
    if (strcmp(last->rules, r->rules) != 0)
        return say_night(r, WF_ERR_RULES, "this night was run already, under other rules: ");
    r->result->already = true;
    return WF_OK;
}

static enum wf_status check_same_inputs(struct running *r)
{
    if (strcmp(r->state.last.inputs, r->inputs) == 0)
        return WF_OK;
    r->result->already = false;
    return say_night(r, WF_ERR_DATA, "this night was run already, from other exports: ");
}

static enum wf_status check_volume(struct running *r)
{
    enum wf_status st = WF_OK;
    if (!r->options->accept_volume)
        st = wf_check_volume(&r->state, &r->result->report, r->why);
    if (st == WF_OK)
        st = wf_keep_volume(&r->state, &r->result->report);
    return st == WF_OK ? wf_united_keep(&r->state, &r->result->report) : st;
}

/* ---- committing ---- */

static struct wf_ledger_text ledger_text(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? (struct wf_ledger_text){"", 0}
                           : (struct wf_ledger_text){ir->texts[text]->text, ir->texts[text]->len};
}

static struct wf_ledger_row ledger_row(const struct running *r, const struct wf_decision *d)
{
    const struct wf_ir *ir = &r->program->ir;
    const struct wf_ir_action *action = wf_decision_action(ir, d);
    const struct wf_piece *id = &r->data->ids[d->target];
    const char *kind = wf_action_kind(action);
    struct wf_ledger_row row = {
        .member = {r->data->id_heap + id->at, id->len},
        .rule = r->result->outcome.rules[d->rule].id,
        .position = d->position,
        .kind = {kind, strlen(kind)},
        .name = ledger_text(ir, action->name),
        .channel = ledger_text(ir, d->channel),
        .coupon = ledger_text(ir, action->coupon),
        .step = ledger_text(ir, d->step),
        .gate = wf_gate_text((enum wf_gate)d->gate),
        .due = d->occurred,
        .at = d->not_before == WF_NO_TIME ? r->options->now : d->not_before,
    };
    memcpy(row.action_id, d->id, sizeof(d->id));
    return row;
}

static int compare_ids(const void *a, const void *b)
{
    const struct wf_decision *const *x = a, *const *y = b;
    return memcmp((*x)->id, (*y)->id, sizeof((*x)->id));
}

/* By action id, which is the ledger's key: a tree takes sorted rows at its best. */
static enum wf_status add_ledger(struct running *r, int64_t seq)
{
    const struct wf_outcome *out = &r->result->outcome;
    const struct wf_decision **sorted = wf_calloc(r->alloc, out->n_decisions, sizeof(*sorted));
    struct wf_ledger_row rows[64];
    enum wf_status st = sorted ? WF_OK : WF_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; sorted && i < out->n_decisions; i++)
        sorted[i] = &out->decisions[i];
    if (st == WF_OK)
        qsort(sorted, out->n_decisions, sizeof(*sorted), compare_ids);
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        rows[n++] = ledger_row(r, sorted[i]);
        if (n == sizeof(rows) / sizeof(*rows) || i + 1 == out->n_decisions) {
            st = r->store->ops->add_ledger(r->store, seq, rows, n);
            n = 0;
        }
    }
    wf_free(r->alloc, sorted);
    return st;
}

/* The one transaction of a night, all but its last row and the commit. */
struct saving {
    struct running *r;
    const struct wf_run_row *run;
    enum wf_status status;
};

static void *save_night(void *ctx)
{
    struct saving *saving = ctx;
    struct running *r = saving->r;
    enum wf_status st = r->store->ops->begin(r->store);
    if (st == WF_OK)
        st = wf_store_save(r->store, &r->state, saving->run, r->result->outcome.forget);
    if (st == WF_OK)
        st = add_ledger(r, saving->run->seq);
    saving->status = st;
    return NULL;
}

/* The row names the manifest's digest: it comes last, when the staged files are safe. */
static enum wf_status commit_night(struct running *r, const struct wf_run_row *run,
                                   enum wf_status st)
{
    struct wf_store *store = r->store;
    if (st == WF_OK)
        st = store->ops->put_run(store, run);
    if (st == WF_OK)
        st = store->ops->commit(store);
    if (st != WF_OK) {
        store_said(r, st);
        store->ops->rollback(store);
    }
    return st;
}

static enum wf_status stage(struct running *r, const struct wf_night *night, const char *staging,
                            char manifest[WF_HEX_SHA256])
{
    struct wf_publish publish = {
        .fs = r->fs,
        .night = night,
        .outcome = &r->result->outcome,
        .report = &r->result->report,
        .format = r->options->format,
        .dry_run = r->options->dry_run,
        .previous_t = r->result->previous_t,
    };
    enum wf_status st = r->fs->make_folder(r->fs->ctx, r->options->out);
    if (st == WF_OK)
        st = wf_fs_remove_tree(r->fs, staging);
    if (st == WF_OK)
        st = r->fs->make_folder(r->fs->ctx, staging);
    if (st != WF_OK && r->why)
        wf_buf_addf(r->why, "cannot make %s: %s", staging, wf_status_text(st));
    if (st == WF_OK)
        st = wf_publish_stage(&publish, staging, manifest, r->why);
    if (st == WF_OK)
        st = r->fs->sync_folder(r->fs->ctx, r->options->out);
    return st;
}

/* A dry run leaves its files beside the nights, under a name that is no night's. */
static enum wf_status keep_dry(struct running *r, const char *staging)
{
    struct wf_buf path;
    wf_buf_init(&path, r->alloc, 0);
    const char *dry = wf_out_path(&path, r->options->out, "", r->result->folder, ".dry-run");
    enum wf_status st = dry ? wf_fs_remove_tree(r->fs, dry) : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = r->fs->rename(r->fs->ctx, staging, dry);
    wf_buf_release(&path);
    return st;
}

/*
 * Writes the staging folder and prepares the transaction, side by side where there are threads for
 * it: neither sees the other, and nothing is committed before both are done.
 */
static enum wf_status stage_and_save(struct running *r, const struct wf_night *night,
                                     const char *staging, char manifest[WF_HEX_SHA256],
                                     const struct wf_run_row *run)
{
    struct saving saving = {.r = r, .run = run, .status = WF_OK};
    pthread_t thread;
    bool aside = r->options->threads > 1 && pthread_create(&thread, NULL, save_night, &saving) == 0;
    enum wf_status st = stage(r, night, staging, manifest);
    if (aside)
        pthread_join(thread, NULL);
    else if (st == WF_OK)
        save_night(&saving);
    return commit_night(r, run, st != WF_OK ? st : saving.status);
}

static enum wf_status publish(struct running *r, const struct wf_night *night)
{
    double start = seconds_now();
    struct wf_buf path;
    char manifest[WF_HEX_SHA256] = "";
    wf_buf_init(&path, r->alloc, 0);
    const char *staging = wf_out_path(&path, r->options->out, ".", r->result->folder, ".staging");
    enum wf_status st = staging ? WF_OK : WF_ERR_NOMEM;
    struct wf_run_row run = {.seq = r->state.last.seq + 1,
                             .t = r->options->now,
                             .status = WF_RUN_PUBLISHING,
                             .rules = r->rules,
                             .inputs = r->inputs,
                             .folder = r->result->folder,
                             .manifest = manifest};
    if (st == WF_OK && r->options->dry_run) {
        st = stage(r, night, staging, manifest);
        if (st == WF_OK)
            st = keep_dry(r, staging);
    } else if (st == WF_OK) {
        st = stage_and_save(r, night, staging, manifest, &run);
        if (st == WF_OK)
            st = wf_release_night(r->fs, r->store, r->options->out, &run, r->why);
        r->result->committed = st == WF_OK;
    }
    wf_buf_release(&path);
    r->result->seconds.write = seconds_now() - start;
    return st;
}

/* ---- the run ---- */

/* A declared policy, stock or journey that is passed over could send what must not be sent. */
static enum wf_status refuse_unserved(struct running *r)
{
    const struct wf_ir *ir = &r->program->ir;
    for (uint32_t i = 0; i < ir->n_unserved; i++) {
        const struct wf_ir_unserved *row = &ir->unserved[i];
        if (!row->refuse)
            continue;
        if (row->place != WF_NONE)
            wf_buf_addf(r->why, "%s:%" PRIu32 ": ", wf_ir_text(ir, ir->places[row->place].file),
                        ir->places[row->place].line);
        wf_buf_addf(r->why,
                    "%s is checked but not carried out by this version, and a night that "
                    "passed it over could send what must not be sent; nothing was done",
                    wf_ir_text(ir, row->what));
        return WF_ERR_RULES;
    }
    return WF_OK;
}

static enum wf_status open_night(struct running *r)
{
    double start = seconds_now();
    enum wf_status st = refuse_unserved(r);
    if (st != WF_OK)
        return st;
    st = store_said(r, wf_store_load(r->store, &r->state));
    struct wf_run_row *last = &r->state.last;
    r->result->previous_t = last->status == WF_RUN_NONE ? WF_NO_TIME : last->t;
    wf_hex(r->rules, r->program->hash, sizeof(r->program->hash));
    wf_night_folder(r->options->zone, r->options->now, r->result->folder);
    if (st == WF_OK && last->status != WF_RUN_NONE && !r->options->dry_run) {
        r->result->resumed = last->status == WF_RUN_PUBLISHING;
        st = wf_release_night(r->fs, r->store, r->options->out, last, r->why);
    }
    if (st == WF_OK)
        st = check_night(r);
    r->result->seconds.state = seconds_now() - start;
    return st;
}

static enum wf_status decide(struct running *r, struct wf_night *night)
{
    double start = seconds_now();
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
        .vm = {.threads = r->options->threads,
               .batch = r->options->batch,
               .scalar = r->options->scalar,
               .alloc = r->alloc},
        .alloc = r->alloc,
    };
    enum wf_status st = wf_engine_night(night, &r->result->outcome, r->why);
    for (size_t i = 0; st == WF_OK && i < r->result->outcome.n_decisions; i++) {
        if (r->result->outcome.decisions[i].gate == WF_GATE_NONE)
            r->result->actions++;
        else
            r->result->suppressed++;
    }
    night->merges = NULL;
    night->n_merges = 0;
    wf_free(r->alloc, merges);
    r->result->seconds.evaluate = seconds_now() - start;
    return st;
}

enum wf_status wf_run_night(const struct wf_program *program, struct wf_store *store,
                            const struct wf_run_options *options, struct wf_run_result *result,
                            struct wf_buf *why)
{
    struct wf_night night;
    struct running r = {.program = program,
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
    enum wf_status st = open_night(&r);
    if (st == WF_OK)
        st = read_exports(&r);
    if (st == WF_OK && result->already)
        st = check_same_inputs(&r);
    else if (st == WF_OK)
        st = check_volume(&r);
    if (st == WF_OK && !result->already)
        st = decide(&r, &night);
    if (st == WF_OK && !result->already)
        st = publish(&r, &night);
    if (st != WF_OK && why && why->len == 0)
        wf_buf_adds(why, wf_status_text(st));
    if (r.data)
        wf_dataset_free(r.data);
    wf_free(r.alloc, r.sent);
    wf_arena_release(&r.texts);
    wf_state_release(&r.state);
    return st;
}
