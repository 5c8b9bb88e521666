#include "runtime/run/stream.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { PIECES = 3, BLOCK = WF_FS_BLOCK };

struct piece {
    char *room, *bytes; /* bytes: of the room, from a whole block on */
    size_t len;
};

/*
 * Piece `filled` is being filled, those from `written` on before it are full; each in its place
 * modulo PIECES.
 */
struct wf_stream_pieces {
    struct piece pieces[PIECES];
    size_t filled, written;
    bool begun;  /* a piece was written */
    bool direct; /* past the page cache */
    bool threaded, stopped;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum wf_status status; /* the thread's first failure */
};

static struct piece *piece_at(struct wf_stream_pieces *p, size_t number)
{
    return &p->pieces[number % PIECES];
}

/* ---- to the disk ---- */

static enum wf_status put(const struct wf_stream *s, const char *bytes, size_t len, bool direct)
{
    const struct wf_fs *fs = s->fs;
    if (!len)
        return WF_OK;
    if (s->digest)
        wf_digest_add(s->digest, bytes, len);
    enum wf_status status = fs->write(fs->ctx, s->fd, bytes, len);
    if (!status && !direct && fs->start_sync)
        fs->start_sync(fs->ctx, s->fd);
    return status;
}

static enum wf_status put_full(const struct wf_stream *s, const struct piece *piece)
{
    struct wf_stream_pieces *p = s->pieces;
    const struct wf_fs *fs = s->fs;
    if (!p->begun)
        p->direct = fs->bypass && fs->bypass(fs->ctx, s->fd, true);
    p->begun = true;
    return put(s, piece->bytes, piece->len, p->direct);
}

/* What is no whole block cannot go past the cache. */
static enum wf_status put_rest(const struct wf_stream *s, const struct piece *piece)
{
    const struct wf_stream_pieces *p = s->pieces;
    size_t whole = p->direct ? piece->len / BLOCK * BLOCK : 0;
    enum wf_status status = put(s, piece->bytes, whole, true);
    if (!status && p->direct)
        s->fs->bypass(s->fs->ctx, s->fd, false);
    return status ? status : put(s, piece->bytes + whole, piece->len - whole, false);
}

static void *write_pieces(void *ctx)
{
    const struct wf_stream *s = ctx;
    struct wf_stream_pieces *p = s->pieces;
    pthread_mutex_lock(&p->lock);
    while (!p->stopped || p->written < p->filled) {
        if (p->written == p->filled) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        enum wf_status status = p->status;
        pthread_mutex_unlock(&p->lock);
        if (!status)
            status = put_full(s, piece_at(p, p->written));
        pthread_mutex_lock(&p->lock);
        p->status = status;
        p->written++;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- pieces ---- */

static enum wf_status make_pieces(struct wf_stream *s)
{
    struct wf_stream_pieces *p = wf_calloc(s->alloc, 1, sizeof(*p));
    if (!p)
        return WF_ERR_NOMEM;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    s->pieces = p;
    return WF_OK;
}

static enum wf_status make_room(const struct wf_stream *s, struct piece *piece)
{
    if (piece->room)
        return WF_OK;
    piece->room = wf_realloc(s->alloc, NULL, WF_STREAM_PIECE + BLOCK);
    if (!piece->room)
        return WF_ERR_NOMEM;
    piece->bytes = piece->room + (BLOCK - (uintptr_t)piece->room % BLOCK) % BLOCK;
    return WF_OK;
}

/* To the thread, which may have to write one before there is room for the next. */
static enum wf_status hand_over(struct wf_stream_pieces *p)
{
    pthread_mutex_lock(&p->lock);
    p->filled++;
    pthread_cond_broadcast(&p->changed);
    while (p->filled - p->written == PIECES)
        pthread_cond_wait(&p->changed, &p->lock);
    enum wf_status status = p->status;
    pthread_mutex_unlock(&p->lock);
    return status;
}

/* The piece is full: an empty one is there when this returns. */
static enum wf_status turn(struct wf_stream *s)
{
    struct wf_stream_pieces *p = s->pieces;
    if (s->aside && !p->threaded)
        p->threaded = pthread_create(&p->thread, NULL, write_pieces, s) == 0;
    enum wf_status status = p->threaded ? hand_over(p) : put_full(s, piece_at(p, p->filled));
    struct piece *next = piece_at(p, p->filled);
    next->len = 0;
    return status ? status : make_room(s, next);
}

static void join(struct wf_stream_pieces *p)
{
    if (!p->threaded)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopped = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    p->threaded = false;
}

static void release(struct wf_stream *s)
{
    struct wf_stream_pieces *p = s->pieces;
    if (!p)
        return;
    join(p);
    for (int i = 0; i < PIECES; i++)
        wf_free(s->alloc, p->pieces[i].room);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    wf_free(s->alloc, p);
    s->pieces = NULL;
}

/* ---- the file ---- */

enum wf_status wf_stream_open(struct wf_stream *stream, const struct wf_fs *fs, const char *path,
                              struct wf_digest *digest, bool aside, const struct wf_alloc *alloc)
{
    *stream = (struct wf_stream){
        .fs = fs, .alloc = alloc, .digest = digest, .aside = aside, .fd = -1};
    return stream->status = fs->create(fs->ctx, path, &stream->fd);
}

static enum wf_status fill(struct wf_stream *s, const char *bytes, size_t len)
{
    struct wf_stream_pieces *p = s->pieces;
    enum wf_status status = WF_OK;
    while (!status && len) {
        struct piece *piece = piece_at(p, p->filled);
        size_t left = WF_STREAM_PIECE - piece->len, n = len < left ? len : left;
        memcpy(piece->bytes + piece->len, bytes, n);
        piece->len += n;
        bytes += n;
        len -= n;
        if (piece->len == WF_STREAM_PIECE)
            status = turn(s);
    }
    return status;
}

enum wf_status wf_stream_write(struct wf_stream *stream, const void *bytes, size_t len)
{
    if (!stream->status && !stream->pieces)
        stream->status = make_pieces(stream);
    if (!stream->status)
        stream->status = make_room(stream, piece_at(stream->pieces, stream->pieces->filled));
    if (!stream->status)
        stream->status = fill(stream, bytes, len);
    return stream->status;
}

enum wf_status wf_stream_end(struct wf_stream *stream)
{
    struct wf_stream_pieces *p = stream->pieces;
    if (!p)
        return stream->status;
    join(p);
    if (!stream->status)
        stream->status = p->status;
    if (!stream->status)
        stream->status = put_rest(stream, piece_at(p, p->filled));
    release(stream);
    return stream->status;
}

enum wf_status wf_stream_sync(struct wf_stream *stream)
{
    if (wf_stream_end(stream) == WF_OK)
        stream->status = stream->fs->sync(stream->fs->ctx, stream->fd);
    return stream->status;
}

enum wf_status wf_stream_close(struct wf_stream *stream)
{
    if (stream->pieces)
        release(stream);
    enum wf_status closed =
        stream->fd < 0 ? WF_OK : stream->fs->close(stream->fs->ctx, stream->fd);
    stream->fd = -1;
    return closed;
}
