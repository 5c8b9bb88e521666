/*
 * reader.h - a feed's files as a queue of segments: whole rows, about WF_SEGMENT bytes each.
 *
 *   file 0 [header][seg 0][seg 1] ... file 1 [header][seg k] ...
 *
 * Any number of threads take segments; the reader reads and finds row ends under its lock, so
 * compressed and decoded files and standard input split as well as plain ones. Where segments
 * begin depends on the bytes alone. A plain file's digest is taken behind the lock, one segment
 * after the other, while the next one is read.
 */
#ifndef WF_DATA_READER_H
#define WF_DATA_READER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/data/delimiter.h"
#include "runtime/data/feeds.h"
#include "runtime/data/input.h"
#include "runtime/data/progress.h"
#include "runtime/data/scan.h"

#define WF_SEGMENT ((size_t)256 << 10)

/* What the header of a file says. */
struct wf_header {
    bool json; /* JSON Lines: no header; columns are found by their names in each row */
    char delimiter;
    uint32_t n_columns;
    char **names;    /* by column */
    uint32_t *slot;  /* by slot of the feed: its column, or WF_NONE */
    uint32_t id;     /* the column of the id */
    bool *seen;      /* JSON Lines: by column, some row had it (under the reader's lock) */
    bool *hidden;    /* by column: a private field, never shown */
    bool any_hidden; /* the schema has private fields */
};

struct wf_feed_file {
    char *name;
    struct wf_header header;
    uint64_t bytes, rows;
    struct wf_fingerprint fingerprint;
    bool unended;  /* the last row lacks its line end */
    char *ignored; /* unknown columns, for the note; NULL: none */
};

struct wf_segment {
    char *text; /* `len` bytes: whole rows, the last ended by a line feed; then zeros */
    size_t len, room;
    uint32_t file;
    uint64_t seq;   /* 0, 1, 2 ... over the feed */
    uint64_t line;  /* of its first byte, from 1 */
    uint64_t lines; /* line feeds in it: at least as many as rows */
    uint64_t place; /* the lines of all segments before it, over all files */
    uint64_t guess; /* how many lines there may be in all; 0: nobody knows */
};

struct wf_reader {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    const struct wf_feed *feed;
    const struct wf_scanner *scanner;
    int dir;
    struct wf_feed_file *files; /* in name order */
    uint32_t n_files;
    const struct wf_exporter *exporter; /* whose sha256 are compared; NULL: nobody's */
    bool sha256;                        /* of all files */
    struct wf_progress *progress;       /* told of each segment; NULL: nobody watches */
    struct wf_fault fault;              /* of reading; `fault_seq` says before which segment */

    pthread_mutex_t lock;
    struct wf_input *input; /* of file `file`, NULL: not open */
    uint32_t file;
    uint64_t seq, line; /* line: of the first byte of `tail` */
    uint64_t place, guess;
    char *tail; /* the beginning of a row whose end was not read yet */
    size_t tail_len, tail_room;
    bool stopped;
};

/* Finds the files of the feed. WF_ERR_MISSING if there is none. */
enum wf_status wf_reader_open(struct wf_reader *reader, const struct wf_alloc *alloc,
                              const struct wf_ir *ir, const struct wf_feed *feed, int dir,
                              bool from_stdin, const struct wf_scanner *scanner);

/* The next segment; *more_out is false behind the last. After a failure there is none any more. */
enum wf_status wf_reader_next(struct wf_reader *reader, struct wf_segment *segment, bool *more_out);

/* Hands out no more segments. */
void wf_reader_stop(struct wf_reader *reader);

void wf_segment_release(const struct wf_alloc *alloc, struct wf_segment *segment);
void wf_reader_close(struct wf_reader *reader); /* the files' facts too */

/* Reads a header line (its line end included) into file->header. In header.c. */
enum wf_status wf_header_read(const struct wf_alloc *alloc, const struct wf_ir *ir,
                              const struct wf_feed *feed, const char *line, size_t len,
                              struct wf_feed_file *file, struct wf_fault *fault);
enum wf_status wf_header_json(const struct wf_alloc *alloc, const struct wf_ir *ir,
                              const struct wf_feed *feed, struct wf_feed_file *file);
void wf_header_release(const struct wf_alloc *alloc, struct wf_header *header);

#endif
