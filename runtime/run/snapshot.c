#include "runtime/run/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/running.h"

/* The name of a snapshot in a buffer to be released; NULL: no memory. */
static const char *path_of(const struct wf_running *r, int64_t seq, struct wf_buf *buf)
{
    wf_buf_init(buf, r->alloc, 0);
    wf_buf_addf(buf, "%s.snap-%" PRId64, r->options->beside, seq);
    return buf->failed ? NULL : wf_buf_str(buf);
}

/* ---- what nights before kept ---- */

static enum wf_status refuse(struct wf_running *r, enum wf_status st, const char *format,
                             const char *path)
{
    if (r->why && r->why->len == 0)
        wf_say(r->why, format, path);
    return st;
}

static enum wf_status prove(struct wf_running *r, const struct wf_snapshot_mark *mark,
                            const char *path)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_snap *snap = &s->past[s->n_past];
    enum wf_status st =
        wf_snap_open(r->alloc, s->bytes[s->n_past], s->len[s->n_past], snap);
    bool same = st == WF_OK && memcmp(snap->digest, mark->digest, sizeof(mark->digest)) == 0;
    if (same)
        s->n_past++;
    else
        wf_snap_release(snap);
    if (st == WF_ERR_STATE || (st == WF_OK && !same))
        return refuse(r, WF_ERR_STATE,
                      N_("%s is damaged, or not the snapshot that the state was left with: run "
                         "once with --full, from exports that hold everything"),
                      path);
    return st;
}

static enum wf_status open_link(struct wf_running *r, const struct wf_snapshot_mark *mark)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_buf buf;
    const char *path = path_of(r, mark->seq, &buf);
    enum wf_status st =
        path ? r->fs->map(r->fs->ctx, path, &s->bytes[s->n_mapped], &s->len[s->n_mapped])
             : WF_ERR_NOMEM;
    if (st == WF_OK) {
        s->n_mapped++;
        st = prove(r, mark, path);
    } else if (st == WF_ERR_MISSING) {
        st = refuse(r, st,
                    N_("%s is gone, without which new rows say nothing of the old ones: run once "
                       "with --full, from exports that hold everything"),
                    path);
    } else if (st != WF_ERR_NOMEM) {
        st = refuse(r, st, N_("cannot read %s"), path);
    }
    wf_buf_release(&buf);
    return st;
}

static bool is_nothing(const struct wf_snapshot_mark *mark)
{
    static const unsigned char zeros[sizeof(mark->digest)];
    return memcmp(mark->digest, zeros, sizeof(zeros)) == 0;
}

enum wf_status wf_snapshot_open(struct wf_running *r)
{
    const struct wf_run_options *o = r->options;
    const struct wf_control *control = &r->state.control;
    bool nothing = control->n_snapshots && is_nothing(&control->snapshots[0]);
    enum wf_status st = WF_OK;
    if (!o->beside || o->full)
        return WF_OK;
    if ((nothing || control->n_snapshots == 0) && r->state.last.status != WF_RUN_NONE &&
        r->program->ir.member.delta)
        return refuse(r, WF_ERR_STATE,
                      N_("the members' feed holds changes only, and beside %s there is no snapshot "
                         "of the others: run once with --full, from exports that hold everything"),
                      o->beside);
    r->snapshot.had_nothing = nothing;
    for (uint32_t i = 0; st == WF_OK && !nothing && i < control->n_snapshots; i++)
        st = open_link(r, &control->snapshots[i]);
    return st;
}

/* ---- what tonight keeps ---- */

enum wf_status wf_snapshot_told(struct wf_running *r, enum wf_status st)
{
    return st == WF_OK || st == WF_ERR_NOMEM
               ? st
               : refuse(r, st, N_("cannot write the snapshot beside %s"), r->options->beside);
}

static enum wf_status make_file(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_buf buf;
    const char *path = path_of(r, r->state.last.seq + 1, &buf);
    enum wf_status st = path ? wf_stream_open(&s->file, r->fs, path, NULL, r->options->threads > 1,
                                              r->alloc)
                             : WF_ERR_NOMEM;
    wf_buf_release(&buf);
    s->staged = st == WF_OK;
    return st;
}

/* The disk writes while rows are still read and rules evaluated. */
static enum wf_status append(void *ctx, const void *bytes, size_t len)
{
    struct wf_running *r = ctx;
    struct wf_snapshot *s = &r->snapshot;
    enum wf_status st = s->staged ? WF_OK : make_file(r);
    if (st == WF_OK)
        st = wf_stream_write(&s->file, bytes, len);
    return wf_snapshot_told(r, st);
}

enum wf_status wf_snapshot_begin(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    const struct wf_run_options *o = r->options;
    if (!o->beside || o->dry_run || o->source.fn || r->result->already)
        return WF_OK;
    enum wf_status st = wf_snap_writer_init(&s->next, r->alloc, append, r);
    s->keeps = st == WF_OK;
    return st;
}

static const char *folder_of(const struct wf_running *r, struct wf_buf *buf)
{
    const char *path = r->options->beside, *slash = strrchr(path, '/');
    wf_buf_init(buf, r->alloc, 0);
    wf_buf_add(buf, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    return buf->failed ? NULL : wf_buf_str(buf);
}

enum wf_status wf_snapshot_seal(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_control *control = &r->state.control;
    struct wf_snapshot_mark mark = {.seq = r->state.last.seq + 1};
    if (!s->keeps)
        return WF_OK;
    enum wf_status st =
        s->next.n_feeds ? wf_snap_finish(&s->next, r->options->now, mark.digest) : WF_OK;
    if (st == WF_OK) {
        control->n_snapshots = s->next.base ? 0 : control->n_snapshots;
        control->snapshots[control->n_snapshots++] = mark;
        control->dirty = true;
    }
    return wf_snapshot_told(r, st);
}

/* Of nothing there is no file. */
enum wf_status wf_snapshot_sync(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_buf buf;
    if (!s->staged)
        return WF_OK;
    enum wf_status st = wf_stream_sync(&s->file), closed = wf_stream_close(&s->file);
    const char *folder = folder_of(r, &buf);
    if (st == WF_OK)
        st = closed;
    if (st == WF_OK)
        st = folder ? r->fs->sync_folder(r->fs->ctx, folder) : WF_ERR_NOMEM;
    wf_buf_release(&buf);
    s->sealed = st == WF_OK;
    return st;
}

/* ---- after ---- */

static enum wf_status say_unremoved(struct wf_running *r, enum wf_status st)
{
    return st == WF_OK || st == WF_ERR_NOMEM
               ? st
               : refuse(r, st, N_("cannot remove a snapshot beside %s that counts no more"),
                        r->options->beside);
}

struct sweeping {
    const struct wf_running *r;
    const char *folder, *base; /* base: the state's own name in the folder */
};

/* Copies that somebody made beside them are nobody's business. */
static bool is_snapshot(const char *name, const char *base)
{
    size_t len = strlen(base);
    if (strncmp(name, base, len) != 0 || strncmp(name + len, ".snap-", 6) != 0)
        return false;
    const char *seq = name + len + 6;
    return *seq && strspn(seq, "0123456789") == strlen(seq);
}

static bool is_named(const struct wf_control *control, const char *ending)
{
    char named[32];
    for (uint32_t i = 0; i < control->n_snapshots; i++) {
        snprintf(named, sizeof(named), ".snap-%" PRId64, control->snapshots[i].seq);
        if (strcmp(ending, named) == 0)
            return true;
    }
    return false;
}

static enum wf_status sweep_one(void *ctx, const char *name)
{
    const struct sweeping *s = ctx;
    struct wf_buf path;
    if (!is_snapshot(name, s->base) || is_named(&s->r->state.control, name + strlen(s->base)))
        return WF_OK;
    wf_buf_init(&path, s->r->alloc, 0);
    wf_buf_adds(&path, s->folder);
    wf_buf_addc(&path, '/');
    wf_buf_adds(&path, name);
    enum wf_status st =
        path.failed ? WF_ERR_NOMEM : s->r->fs->remove(s->r->fs->ctx, wf_buf_str(&path));
    wf_buf_release(&path);
    return st;
}

enum wf_status wf_snapshot_sweep(struct wf_running *r)
{
    const struct wf_run_options *o = r->options;
    struct wf_buf buf;
    if (!o->beside || o->dry_run || o->source.fn)
        return WF_OK;
    const char *slash = strrchr(o->beside, '/');
    struct sweeping s = {.r = r, .base = slash ? slash + 1 : o->beside};
    s.folder = folder_of(r, &buf);
    enum wf_status st = s.folder ? r->fs->list(r->fs->ctx, s.folder, sweep_one, &s) : WF_ERR_NOMEM;
    wf_buf_release(&buf);
    return say_unremoved(r, st);
}

enum wf_status wf_snapshot_drop(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    struct wf_buf buf;
    if (!s->staged || s->sealed)
        return WF_OK;
    wf_stream_close(&s->file);
    s->staged = false;
    const char *path = path_of(r, r->state.last.seq + 1, &buf);
    enum wf_status st = path ? r->fs->remove(r->fs->ctx, path) : WF_ERR_NOMEM;
    wf_buf_release(&buf);
    return say_unremoved(r, st);
}

void wf_snapshot_end(struct wf_running *r)
{
    struct wf_snapshot *s = &r->snapshot;
    wf_snapshot_drop(r);
    for (uint32_t i = 0; i < s->n_past; i++)
        wf_snap_release(&s->past[i]);
    for (uint32_t i = 0; i < s->n_mapped; i++)
        r->fs->unmap(r->fs->ctx, s->bytes[i], s->len[i]);
    if (s->keeps)
        wf_snap_writer_release(&s->next);
    *s = (struct wf_snapshot){0};
}
