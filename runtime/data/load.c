#include "runtime/data/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/data/catalogue.h"
#include "runtime/data/holidays.h"
#include "runtime/data/load_state.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past.h"

/* Inputs that nothing reads, and views without rows, are there all the same. */
static enum wf_status blank_rest(struct wf_loading *l)
{
    struct wf_dataset *data = l->data;
    enum wf_status status = WF_OK;
    for (uint32_t v = 0; v < data->n_views; v++) {
        if (data->views[v].first)
            continue;
        struct wf_column at;
        status = wf_column_blank(&l->ctx, WF_T_TIME, WF_LAY_I64, 0, &at);
        data->views[v].first =
            wf_keep_calloc(l->ctx.keep, (size_t)data->n_members + 1, sizeof(uint32_t));
        if (status || !data->views[v].first)
            return WF_ERR_NOMEM;
        data->views[v].at = at.i64;
    }
    for (uint32_t i = 0; !status && i < data->n_inputs; i++) {
        enum wf_type type = l->ctx.ir->inputs[i].type;
        enum wf_layout layout = type == WF_T_BOOL ? WF_LAY_BITS
                                : type == WF_T_DATE || type == WF_T_ENUM || type == WF_T_REF
                                    ? WF_LAY_I32
                                : type == WF_T_NUMBER                   ? WF_LAY_F64
                                : type == WF_T_TEXT || type == WF_T_SET ? WF_LAY_CODE
                                                                        : WF_LAY_I64;
        if (!data->inputs[i].data)
            status = wf_column_blank(&l->ctx, type, layout, 0, &data->inputs[i]);
    }
    return status;
}

static enum wf_status new_dataset(struct wf_loading *l)
{
    const struct wf_ir *ir = l->ctx.ir;
    struct wf_keep *keep = wf_keep_new(l->ctx.alloc);
    l->ctx.keep = keep;
    struct wf_dataset *data = keep ? wf_keep_calloc(keep, 1, sizeof(*data)) : NULL;
    if (!data)
        return WF_ERR_NOMEM;
    l->data = data;
    data->owner = keep;
    data->n_inputs = ir->n_inputs;
    data->n_views = ir->n_views;
    data->inputs = wf_keep_calloc(keep, ir->n_inputs, sizeof(*data->inputs));
    data->views = wf_keep_calloc(keep, ir->n_views, sizeof(*data->views));
    data->since_known = wf_keep_calloc(keep, ir->n_views, sizeof(bool));
    data->since = wf_keep_calloc(keep, ir->n_views, sizeof(int64_t));
    data->n_holidays = ir->n_holidays;
    data->holidays = wf_keep_calloc(keep, ir->n_holidays, sizeof(*data->holidays));
    data->n_catalogues = ir->n_catalogues;
    data->catalogues = wf_keep_calloc(keep, ir->n_catalogues, sizeof(*data->catalogues));
    data->totals = wf_keep_calloc(keep, ir->n_overs, sizeof(*data->totals));
    l->loaded = wf_calloc(l->ctx.alloc, l->feeds.n_feeds, sizeof(*l->loaded));
    l->report->feeds = wf_calloc(l->ctx.alloc, l->feeds.n_feeds, sizeof(*l->report->feeds));
    bool ok = data->inputs && data->views && data->since_known && data->since && data->holidays &&
              data->catalogues && data->totals && l->loaded && l->report->feeds;
    return ok ? WF_OK : WF_ERR_NOMEM;
}

/* A history that is complete from then on; else it is all there is. */
struct since {
    bool known;
    int64_t at;
};

static struct since later(struct since a, struct since b)
{
    if (!a.known || !b.known)
        return a.known ? a : b;
    return a.at > b.at ? a : b;
}

/* What the exporter's manifest says of tonight's files of a feed. */
static struct since said_tonight(const struct wf_loading *l, uint32_t f)
{
    struct since since = {0};
    for (size_t i = 0; i < l->report->n_files; i++) {
        const struct wf_load_file *file = &l->report->files[i];
        const struct wf_exporter_file *said = wf_exporter_find(&l->exporter, file->name);
        if (file->feed == f && said && said->has_since) /* they are reported in order */
            since = later(since, (struct since){true, said->since});
    }
    return since;
}

/*
 * With what nights before kept: tonight's files go on where those ended, unless the exporter says
 * that they begin later. A feed that was not kept begins with the last night.
 */
static struct since with_past(const struct wf_loading *l, const struct wf_feed *feed,
                              struct since tonight)
{
    const struct wf_snap *past = l->ctx.n_past ? &l->ctx.past[l->ctx.n_past - 1] : NULL;
    uint32_t index = past ? wf_snap_find(past, feed->noun) : WF_SNAP_NONE;
    struct since last = {past || l->options->before_known, past ? past->t : l->options->before};
    if (index == WF_SNAP_NONE)
        return tonight.known ? tonight : last;
    struct since kept = {past->feeds[index].since_known, past->feeds[index].since};
    if (!tonight.known || !kept.known)
        return tonight.known && tonight.at > past->t ? tonight : kept;
    return tonight.at > past->t || tonight.at < kept.at ? tonight : kept;
}

/* The later of what the rules and the exporters say: before it, history may lack something. */
static void vouch_since(struct wf_loading *l)
{
    for (uint32_t f = 0; f < l->feeds.n_feeds; f++) {
        const struct wf_feed *feed = &l->feeds.feeds[f];
        if (feed->kind != WF_FEED_EVENT)
            continue;
        struct since since = with_past(l, feed, said_tonight(l, f)), declared = {0};
        for (size_t k = 0; l->ctx.keeps && k < l->ctx.keeps->n_feeds; k++) {
            struct wf_snap_feed *kept = &l->ctx.keeps->feeds[k];
            if (strcmp(kept->name, feed->noun) != 0)
                continue;
            kept->since_known = since.known;
            kept->since = since.at;
        }
        if (feed->record->complete_since != INT32_MIN)
            declared =
                (struct since){true, wf_zone_midnight(l->ctx.zone, feed->record->complete_since)};
        since = later(since, declared);
        for (uint32_t v = 0; v < l->data->n_views; v++) {
            const struct wf_ir_view *view = &l->ctx.ir->views[v];
            if (view->sent || view->event != feed->index || !l->feeds.view_used[v])
                continue;
            l->data->since_known[v] = since.known;
            l->data->since[v] = since.at;
        }
    }
}

/* Merges, tables, members, then what refers to them. */
static enum wf_status read_feeds(struct wf_loading *l)
{
    enum wf_status status = WF_OK;
    if (l->options->n_merges && l->ctx.ir->merges == WF_NONE)
        status = wf_build_merges(l, WF_NONE);
    for (uint32_t f = 0; !status && f < l->feeds.n_feeds; f++) {
        unsigned phase = wf_profile_begin(l->options->profile, WF_PHASE_FEED, f);
        switch (l->feeds.feeds[f].kind) {
        case WF_FEED_MERGES: status = wf_build_merges(l, f); break;
        case WF_FEED_TABLE:
            status = wf_build_entity(l, f);
            if (!status)
                wf_build_totals(l, f);
            break;
        case WF_FEED_MEMBER:
            status = wf_build_entity(l, f);
            if (!status)
                status = wf_build_member_refs(l);
            if (!status)
                status = wf_build_members(l);
            break;
        case WF_FEED_EVENT: status = wf_build_events(l, f); break;
        case WF_FEED_HOLIDAYS: status = wf_build_holidays(l, f); break;
        case WF_FEED_CATALOGUE: status = wf_build_catalogue(l, f); break;
        }
        wf_profile_end(l->options->profile, phase);
        l->report->of_feed = status != WF_OK;
        l->report->failed_kind = l->feeds.feeds[f].kind;
        l->report->failed_index = l->feeds.feeds[f].index;
    }
    if (!status)
        status = wf_exporter_all_there(&l->exporter, l->ctx.dir, &l->fault);
    if (!status)
        status = wf_build_sent(l);
    if (!status)
        vouch_since(l);
    return status ? status : blank_rest(l);
}

/* Feeds that are given as they stand need no file, and may be empty. */
static void take_memory(struct wf_loading *l)
{
    for (uint32_t f = 0; f < l->feeds.n_feeds; f++) {
        struct wf_feed *feed = &l->feeds.feeds[f];
        for (size_t i = 0; i < l->options->n_memory; i++) {
            const struct wf_feed_memory *memory = &l->options->memory[i];
            if (memory->kind != feed->kind || memory->index != feed->index)
                continue;
            feed->memory = memory;
            feed->encoding = NULL;
            feed->may_be_empty = true;
        }
    }
}

/* The first feed that must come from a folder; NULL: none does. */
static const struct wf_feed *first_of_files(const struct wf_loading *l)
{
    for (uint32_t f = 0; f < l->feeds.n_feeds; f++)
        if (!l->feeds.feeds[f].memory)
            return &l->feeds.feeds[f];
    return NULL;
}

static enum wf_status open_folder(struct wf_loading *l)
{
    const struct wf_load_options *options = l->options;
    const struct wf_feed *file = first_of_files(l);
    if (!options->dir && options->n_memory && file)
        return wf_fault_set(&l->fault, WF_ERR_USAGE, NULL, 0,
                            "the rules read \"%s\" (%s): --data names its folder",
                            file->pattern ? file->pattern : "", file->noun);
    if (options->threads < 1 || options->threads > WF_MAX_THREADS || (!options->dir && file))
        return wf_fault_set(&l->fault, WF_ERR_USAGE, NULL, 0,
                            "a data folder and 1 to %d threads are needed", WF_MAX_THREADS);
    if (!options->dir)
        return WF_OK;
    if (strcmp(options->dir, "-") == 0) {
        l->ctx.from_stdin = true;
        if (l->feeds.n_feeds != 1)
            return wf_fault_set(&l->fault, WF_ERR_USAGE, NULL, 0,
                                "standard input holds one feed, and the rules use %u",
                                l->feeds.n_feeds);
        return WF_OK;
    }
    l->ctx.dir = wf_open_again(AT_FDCWD, options->dir, O_RDONLY | O_DIRECTORY);
    if (l->ctx.dir >= 0)
        return WF_OK;
    enum wf_status status = errno == ENOENT    ? WF_ERR_MISSING
                            : errno == EACCES  ? WF_ERR_PERM
                            : errno == ENOTDIR ? WF_ERR_USAGE
                                               : WF_ERR_IO;
    return wf_fault_set(&l->fault, status, options->dir, 0, "%s", strerror(errno));
}

/* Does the chain of what is kept go on, or begin? */
static enum wf_status begin_chain(struct wf_loading *l, const unsigned char rules[16])
{
    enum wf_status status = wf_past_is_anew(&l->ctx, &l->feeds, rules, &l->ctx.anew);
    if (l->ctx.keeps) {
        l->ctx.keeps->base = l->ctx.anew;
        memcpy(l->ctx.keeps->rules, rules, sizeof(l->ctx.keeps->rules));
    }
    return status;
}

static enum wf_status start(struct wf_loading *l, const unsigned char rules[16])
{
    l->ctx.dir = -1;
    l->exporter = (struct wf_exporter){.alloc = l->ctx.alloc, .until = WF_NO_UNTIL};
    l->ctx.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (l->ctx.c_locale == (locale_t)0)
        return WF_ERR_NOMEM;
    /* The seed only guards against crafted ids; nothing that leaves depends on it. */
    if (getrandom(&l->ctx.seed, sizeof(l->ctx.seed), 0) != (ssize_t)sizeof(l->ctx.seed))
        return wf_fault_set(&l->fault, WF_ERR_IO, NULL, 0, "no random bytes: %s", strerror(errno));
    wf_names_init(&l->merged.old, l->ctx.alloc, l->ctx.seed);
    wf_names_init(&l->strangers.names, l->ctx.alloc, l->ctx.seed);
    bool kept = l->ctx.n_past || l->ctx.keeps;
    enum wf_status status = wf_feeds_make(l->ctx.alloc, l->ctx.ir, kept, &l->feeds);
    if (!status)
        status = begin_chain(l, rules);
    if (!status) {
        take_memory(l);
        status = open_folder(l);
    }
    if (!status && l->ctx.dir >= 0)
        status = wf_exporter_read(l->ctx.alloc, l->ctx.dir, l->ctx.zone, &l->exporter, &l->fault);
    return status ? status : new_dataset(l);
}

static void finish(struct wf_loading *l)
{
    for (uint32_t f = 0; l->loaded && f < l->feeds.n_feeds; f++) {
        wf_entity_release(l->ctx.alloc, &l->loaded[f].entity);
        wf_free(l->ctx.alloc, l->loaded[f].columns);
    }
    wf_free(l->ctx.alloc, l->loaded);
    wf_merged_release(l->ctx.alloc, &l->merged);
    wf_names_release(&l->strangers.names);
    l->report->vouched = l->exporter.lists;
    l->report->until = l->exporter.until;
    wf_exporter_release(&l->exporter);
    if (l->feeds.ir)
        wf_feeds_release(&l->feeds);
    if (l->ctx.dir >= 0)
        close(l->ctx.dir);
    if (l->ctx.c_locale != (locale_t)0)
        freelocale(l->ctx.c_locale);
}

static void explain(struct wf_loading *l, enum wf_status status)
{
    const char *text = l->fault.status ? l->fault.text : wf_status_text(status);
    l->report->error = wf_realloc(l->ctx.alloc, NULL, strlen(text) + 1);
    if (l->report->error)
        memcpy(l->report->error, text, strlen(text) + 1);
}

enum wf_status wf_load(const struct wf_program *program, const struct wf_load_options *options,
                       struct wf_dataset **dataset_out, struct wf_load_report *report_out)
{
    struct wf_loading l = {.options = options, .report = report_out};
    *report_out = (struct wf_load_report){.alloc = options->alloc, .until = WF_NO_UNTIL};
    *dataset_out = NULL;
    l.ctx = (struct wf_load_ctx){.alloc = options->alloc,
                                 .ir = &program->ir,
                                 .zone = options->zone,
                                 .now = options->now,
                                 .exporter = &l.exporter,
                                 .sha256 = options->sha256,
                                 .progress = options->progress,
                                 .threads = options->threads,
                                 .scratch = options->scratch,
                                 .event_memory = options->event_memory,
                                 .scanner = wf_scanner_pick(false),
                                 .plain = wf_plain_pick(false),
                                 .past = options->past,
                                 .n_past = options->n_past,
                                 .chain_percent = options->chain_percent ? options->chain_percent
                                                                         : WF_SNAP_CHAIN_PERCENT,
                                 .keeps = options->keeps};
    if (pthread_mutex_init(&l.strangers.lock, NULL) != 0)
        return WF_ERR_NOMEM;
    if (options->n_past || options->keeps)
        l.ctx.strangers = &l.strangers;
    enum wf_status status = start(&l, program->hash);
    if (!status)
        status = read_feeds(&l);
    if (status == WF_ERR_STATE)
        wf_fault_set(&l.fault, status, NULL, 0,
                     "the snapshot beside the state is damaged: run once with --full, from exports "
                     "that hold everything");
    finish(&l);
    if (status) {
        explain(&l, status);
        if (l.data)
            wf_dataset_free(l.data);
        else
            wf_keep_free(l.ctx.keep);
    } else {
        *dataset_out = l.data;
    }
    pthread_mutex_destroy(&l.strangers.lock);
    return status;
}
