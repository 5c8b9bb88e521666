/*
 * stream.h - a file that is written once, from its beginning to its end.
 *
 *   bytes ─▶ piece being filled │ full pieces ─▶ digest, disk
 *            the caller's thread  one of the stream's own, where there may be one
 *
 * A long file goes past the system's page cache, if its file system can do that: nobody reads it
 * tonight, a page that is touched for the first time costs more than the bytes that are put in it,
 * and the exports would have to leave the cache for it. A file shorter than a piece is one write.
 */
#ifndef WF_RUN_STREAM_H
#define WF_RUN_STREAM_H

#include "runtime/data/digest.h"
#include "runtime/run/fs.h"

enum { WF_STREAM_PIECE = 1 << 22 /* bytes */ };

struct wf_stream_pieces;

/* It stays where it is until it is ended. */
struct wf_stream {
    const struct wf_fs *fs;
    const struct wf_alloc *alloc;
    struct wf_digest *digest;        /* gets all bytes; NULL: nobody asks */
    struct wf_stream_pieces *pieces; /* NULL: nothing was written, or it was ended */
    bool aside;                      /* a thread of its own may write */
    int fd;                          /* -1: closed */
    enum wf_status status;           /* the first failure */
};

/* Makes the file. `fs` and `digest` are borrowed: the digest until the end. In any case it is to be
 * closed. */
enum wf_status wf_stream_open(struct wf_stream *stream, const struct wf_fs *fs, const char *path,
                              struct wf_digest *digest, bool aside, const struct wf_alloc *alloc);

/* One thread at a time. A failure may show later, at the latest at the end; it stays. */
enum wf_status wf_stream_write(struct wf_stream *stream, const void *bytes, size_t len);

/* Hands over the rest; no thread is left. */
enum wf_status wf_stream_end(struct wf_stream *stream);

/* Ends it, and waits until all of it lasts. */
enum wf_status wf_stream_sync(struct wf_stream *stream);

/* Lets go of the file, ended or not; of one that was, again, does nothing. */
enum wf_status wf_stream_close(struct wf_stream *stream);

#endif
