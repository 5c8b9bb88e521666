#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/data/load_state.h"

static char *copy(const struct wf_alloc *alloc, const char *text)
{
    size_t len = strlen(text) + 1;
    char *made = wf_realloc(alloc, NULL, len);
    if (made)
        memcpy(made, text, len);
    return made;
}

static enum wf_status note(struct wf_loading *l, const char *format, const char *file,
                           const char *what)
{
    struct wf_load_report *report = l->report;
    struct wf_buf buf;
    wf_buf_init(&buf, l->ctx.alloc, 0);
    wf_say(&buf, format, file, what);
    char *text = wf_buf_detach(&buf, NULL);
    wf_buf_release(&buf);
    size_t room = report->n_notes; /* notes are few: one more each time */
    char **notes =
        text ? wf_realloc(l->ctx.alloc, report->notes, (room + 1) * sizeof(*notes)) : NULL;
    if (!notes) {
        wf_free(l->ctx.alloc, text);
        return WF_ERR_NOMEM;
    }
    report->notes = notes;
    report->notes[report->n_notes++] = text;
    return WF_OK;
}

enum wf_status wf_report_lacking(struct wf_loading *l, const struct wf_feed *feed, uint32_t slot)
{
    return note(l,
                N_("%s: the rules read \"%s\" anew or otherwise; what was kept of nights before "
                   "counts as doubt until it is exported again, or a run with --full"),
                feed->noun, feed->slots[slot].column);
}

/* ---- files ---- */

static enum wf_status add_file(struct wf_loading *l, const struct wf_feed_file *file)
{
    struct wf_load_report *report = l->report;
    struct wf_load_file *made = &report->files[report->n_files];
    *made = (struct wf_load_file){.feed = (uint32_t)report->n_feeds,
                                  .bytes = file->bytes,
                                  .rows = file->rows,
                                  .fingerprint = file->fingerprint};
    made->name = copy(l->ctx.alloc, file->name);
    if (!made->name)
        return WF_ERR_NOMEM;
    report->n_files++;
    enum wf_status status = WF_OK;
    if (file->ignored)
        status = note(l, N_("%s: columns that the rules' schema does not know are ignored: %s"),
                      file->name, file->ignored);
    if (!status && file->unended)
        status = note(l, N_("%s: the last row has no line end; was the file cut short?"),
                      file->name, "");
    return status;
}

enum wf_status wf_report_files(struct wf_loading *l, const struct wf_feed_data *data)
{
    struct wf_load_report *report = l->report;
    size_t n = report->n_files + data->reader.n_files;
    if (data->reader.n_files == 0)
        return WF_OK;
    struct wf_load_file *files = wf_realloc(l->ctx.alloc, report->files, n * sizeof(*files));
    if (!files)
        return WF_ERR_NOMEM;
    report->files = files;
    enum wf_status status = WF_OK;
    for (uint32_t f = 0; !status && f < data->reader.n_files; f++)
        status = add_file(l, &data->reader.files[f]);
    return status;
}

/* ---- rejects ---- */

static enum wf_status add_reject(struct wf_loading *l, struct wf_load_reject reject,
                                 const char *column, const char *what, const char *row,
                                 size_t row_len)
{
    const struct wf_alloc *alloc = l->ctx.alloc;
    reject.column = copy(alloc, column);
    reject.what = copy(alloc, what);
    reject.row = wf_calloc(alloc, row_len + 1, 1);
    reject.row_len = row_len;
    if (!reject.column || !reject.what || !reject.row) {
        wf_free(alloc, reject.column);
        wf_free(alloc, reject.what);
        wf_free(alloc, reject.row);
        return WF_ERR_NOMEM;
    }
    if (row_len)
        memcpy(reject.row, row, row_len);
    l->report->rejects[l->report->n_rejects++] = reject;
    return WF_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct wf_load_reject *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static enum wf_status add_rejects(struct wf_loading *l, const struct wf_feed_data *data,
                                  const struct wf_feed_end *end, uint32_t first_file)
{
    struct wf_load_report *report = l->report;
    size_t before = report->n_rejects, n = end->n_late;
    for (uint32_t c = 0; c < data->n_chunks; c++)
        n += data->chunks[c]->n_bad;
    if (!n)
        return WF_OK;
    struct wf_load_reject *rejects =
        wf_realloc(l->ctx.alloc, report->rejects, (before + n) * sizeof(*rejects));
    if (!rejects)
        return WF_ERR_NOMEM;
    report->rejects = rejects;
    enum wf_status status = WF_OK;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        const struct wf_chunk *chunk = data->chunks[c];
        for (size_t i = 0; !status && i < chunk->n_bad; i++) {
            const struct wf_bad_row *bad = &chunk->bad[i];
            struct wf_load_reject reject = {.file = first_file + chunk->file, .line = bad->line};
            status = add_reject(l, reject, bad->column, bad->what, bad->row, bad->row_len);
        }
    }
    for (size_t i = 0; !status && i < end->n_late; i++) {
        const struct wf_late_reject *late = &end->late[i];
        struct wf_load_reject reject = {.file = first_file + late->file, .line = late->line};
        status = add_reject(l, reject, "", late->what, "", 0);
    }
    qsort(report->rejects + before, report->n_rejects - before, sizeof(*rejects), by_place);
    while (report->n_rejects - before > WF_MAX_REJECTS_KEPT) {
        struct wf_load_reject *last = &report->rejects[--report->n_rejects];
        wf_free(l->ctx.alloc, last->column);
        wf_free(l->ctx.alloc, last->what);
        wf_free(l->ctx.alloc, last->row);
    }
    return status;
}

/* ---- judging ---- */

static enum wf_status check_files(struct wf_loading *l, const struct wf_feed_data *data,
                                  size_t first)
{
    const struct wf_load_report *report = l->report;
    enum wf_status status = WF_OK;
    for (size_t i = first; !status && !data->feed->memory && i < report->n_files; i++)
        status = wf_exporter_check(&l->exporter, report->files[i].name, report->files[i].rows,
                                   &report->files[i].fingerprint, &l->fault);
    return status;
}

/* The exporter counts no rows in any file of the feed: then none are missing. */
static bool said_empty(const struct wf_loading *l, size_t first)
{
    for (size_t i = first; i < l->report->n_files; i++) {
        const struct wf_exporter_file *said =
            wf_exporter_find(&l->exporter, l->report->files[i].name);
        if (!said || !said->has_rows || said->rows)
            return false;
    }
    return true;
}

static const char *first_reject(const struct wf_loading *l, size_t from, struct wf_buf *buf)
{
    const struct wf_load_report *report = l->report;
    if (from >= report->n_rejects)
        return "";
    const struct wf_load_reject *reject = &report->rejects[from];
    wf_say(buf, "; the first is %s:%llu: %s%s%s", report->files[reject->file].name,
           (unsigned long long)reject->line, reject->column, *reject->column ? " " : "",
           wf_word(reject->what));
    return wf_buf_str(buf);
}

static enum wf_status judge(struct wf_loading *l, const struct wf_feed_data *data,
                            const struct wf_load_feed *feed, size_t first, size_t first_file)
{
    struct wf_buf buf;
    enum wf_status status = WF_OK;
    wf_buf_init(&buf, l->ctx.alloc, 0);
    bool many = feed->rejects > UINT64_MAX / 1000000 ||
                feed->rejects * 1000000 > (uint64_t)l->options->max_rejects * feed->rows;
    l->unreadable += feed->unreadable;
    if (feed->rows == 0 && !data->feed->may_be_empty && !said_empty(l, first_file))
        status = wf_fault_set(
            &l->fault, WF_ERR_DATA, data->reader.files[0].name, 0,
            "holds no rows, and neither is %s declared as `may be empty` nor does %s count 0",
            data->feed->noun, WF_EXPORTER_FILE);
    else if (l->unreadable > l->options->accept_unreadable)
        status = wf_fault_set(&l->fault, WF_ERR_DATA, NULL, 0,
                              "%llu rows of %s cannot be read well enough to tell whose they are, "
                              "%llu are accepted%s",
                              (unsigned long long)feed->unreadable, data->feed->noun,
                              (unsigned long long)l->options->accept_unreadable,
                              first_reject(l, first, &buf));
    else if (many)
        status = wf_fault_set(&l->fault, WF_ERR_DATA, NULL, 0,
                              "%llu of %llu rows of %s were rejected, more than the %g%% allowed%s",
                              (unsigned long long)feed->rejects, (unsigned long long)feed->rows,
                              data->feed->noun, (double)l->options->max_rejects / 10000,
                              first_reject(l, first, &buf));
    wf_buf_release(&buf);
    return status;
}

enum wf_status wf_report_feed(struct wf_loading *l, const struct wf_feed_data *data,
                              const struct wf_feed_end *end)
{
    struct wf_load_report *report = l->report;
    uint32_t first_file = (uint32_t)report->n_files;
    size_t first_reject_at = report->n_rejects;
    struct wf_load_feed feed = {.full = data->feed->kind != WF_FEED_MERGES && !data->feed->delta,
                                .grows = data->feed->kept,
                                .rows = data->counts.rows,
                                .kept = end->kept,
                                .rejects = data->counts.rejects + end->n_late,
                                .unreadable = data->counts.unreadable,
                                .nobodys = data->counts.nobodys,
                                .orphans = data->counts.orphans,
                                .duplicates = end->duplicates,
                                .voids = end->voids,
                                .future = end->future};
    enum wf_status status = wf_report_files(l, data);
    if (!status)
        status = add_rejects(l, data, end, first_file);
    if (status)
        return status;
    feed.name = copy(l->ctx.alloc, data->feed->noun);
    if (!feed.name)
        return WF_ERR_NOMEM;
    report->feeds[report->n_feeds++] = feed;
    status = check_files(l, data, first_file);
    return status ? status : judge(l, data, &feed, first_reject_at, first_file);
}

enum wf_status wf_refuse_rejects(struct wf_loading *l)
{
    const struct wf_load_report *report = l->report;
    for (size_t i = 0; i < report->n_rejects; i++) { /* this feed is the last of the report */
        const struct wf_load_reject *bad = &report->rejects[i];
        const struct wf_load_file *file = &report->files[bad->file];
        if (file->feed + 1 < report->n_feeds)
            continue;
        return *bad->column ? wf_fault_set(&l->fault, WF_ERR_DATA, file->name, bad->line, "`%s` %s",
                                           bad->column, wf_word(bad->what))
                            : wf_fault_set(&l->fault, WF_ERR_DATA, file->name, bad->line, "%s",
                                           wf_word(bad->what));
    }
    return WF_OK;
}

void wf_load_report_release(struct wf_load_report *report)
{
    const struct wf_alloc *alloc = report->alloc;
    for (size_t i = 0; i < report->n_files; i++)
        wf_free(alloc, report->files[i].name);
    for (size_t i = 0; i < report->n_feeds; i++)
        wf_free(alloc, report->feeds[i].name);
    for (size_t i = 0; i < report->n_rejects; i++) {
        wf_free(alloc, report->rejects[i].column);
        wf_free(alloc, report->rejects[i].what);
        wf_free(alloc, report->rejects[i].row);
    }
    for (size_t i = 0; i < report->n_merges; i++) {
        wf_free(alloc, report->merges[i].old_id);
        wf_free(alloc, report->merges[i].new_id);
    }
    for (size_t i = 0; i < report->n_notes; i++)
        wf_free(alloc, report->notes[i]);
    wf_free(alloc, report->files);
    wf_free(alloc, report->feeds);
    wf_free(alloc, report->rejects);
    wf_free(alloc, report->merges);
    wf_free(alloc, report->notes);
    wf_free(alloc, report->error);
    *report = (struct wf_load_report){.alloc = alloc};
}
