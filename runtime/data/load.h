/*
 * load.h - from a folder of exports to a dataset.
 *
 *   files ─ input ─ scan ─ cells ─ chunks ─┬─ members (ids, references) ─┐
 *           gz zst   rows   typed          └─ events ─ group ────────────┴─▶ wf_dataset
 *           iconv
 *
 * Only the columns that the program reads are decoded, and only the feeds it uses are opened. What
 * comes out does not depend on the order of rows, on the number of threads or on the machine. Bad
 * rows are listed in the report; a file that cannot be trusted as a whole is refused.
 */
#ifndef WF_DATA_LOAD_H
#define WF_DATA_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/limits.h"
#include "lang/base/status.h"
#include "runtime/data/dataset.h"
#include "runtime/data/exporter.h"
#include "runtime/data/memory.h"
#include "runtime/data/profile.h"
#include "runtime/data/progress.h"
#include "runtime/data/snap.h"

struct wf_program;
struct wf_zone;

struct wf_text {
    const char *text; /* not NUL-terminated; NULL: missing */
    size_t len;
};

/* One row of the ledger, for the built-in event `sent`. */
struct wf_sent_row {
    struct wf_text member;
    int64_t at; /* when it left */
    struct wf_text name, kind, channel, journey, step;
};

struct wf_load_merge {
    char *old_id, *new_id; /* new_id: the last of the chain */
};

/* Whose rows of an event the night can do without (recall.h). */
#define WF_ALL_ROWS INT64_MIN
struct wf_recall_ask {
    bool may;                      /* nothing looks at the rows of all members */
    uint32_t n_columns, n_limits;  /* of an entry; limits that rows are held against */
    bool usable[WF_MAX_SNAPSHOTS]; /* by snapshot of the chain: what it kept */
    uint64_t *moved;               /* snapshot * n_limits + limit: how far it has moved since */
    int64_t *floor; /* by limit: rows before that time count for nothing that it is asked of, and
                       are below it; WF_ALL_ROWS: any may count */
};

struct wf_load_options {
    const char *dir; /* the data folder; "-": the one feed used comes from standard input; NULL:
                        there is none, every feed is in memory */
    const struct wf_feed_memory *memory; /* feeds that no file is looked for; may be empty */
    size_t n_memory;
    int64_t now;                /* T: events at or after it are not visible yet */
    const struct wf_zone *zone; /* times without an offset are read in it */
    unsigned threads;           /* 1 .. 64 */
    uint32_t max_rejects;       /* of a feed's rows, in millionths: 0.1% is 1000 */
    bool sha256;                /* of every input, not only where the exporter names one */
    uint64_t accept_unreadable; /* event rows too broken to tell whose they are */
    const struct wf_sent_row *sent;
    uint64_t n_sent;
    bool sent_since_known; /* the ledger is complete from sent_since on, else from ever */
    int64_t sent_since;
    const struct wf_load_merge *merges; /* what merged on earlier nights, and holds for ever */
    size_t n_merges;
    const struct wf_snap *past;   /* what nights before kept, oldest first */
    uint32_t n_past;              /* 0: tonight's exports hold all */
    bool before_known;            /* nights before had nothing to keep: what happened before */
    int64_t before;               /* this instant, the last of them, is not known */
    unsigned chain_percent;       /* how long that chain may become; 0: as snap.h says */
    struct wf_snap_writer *keeps; /* takes what nights to come need, and is told whether it is all
                                     or goes on where `past` ends; NULL: nobody */
    const struct wf_recall_ask *recall; /* by event of the program, as long as the dataset is;
                                           NULL: nobody sleeps */
    uint64_t event_memory; /* bytes that event rows may take on their way to their members, before
                              they go to a private file; 0: as many as there are */
    const char *scratch;   /* a file, beside which that one is made; NULL: it is not */
    struct wf_progress *progress; /* NULL: nobody watches */
    struct wf_profile *profile;   /* NULL: nobody asks */
    const struct wf_alloc *alloc; /* called from several threads */
};

#define WF_MAX_REJECTS_SHARE_DEFAULT 1000 /* millionths */

struct wf_load_file {
    char *name;     /* in the data folder */
    uint32_t feed;  /* index into feeds */
    uint64_t bytes; /* as they lie on the disk */
    uint64_t rows;  /* without the header */
    struct wf_fingerprint fingerprint;
};

/* How many rows of a feed ended where. Rejected events count among the kept, as doubt. */
struct wf_load_feed {
    char *name; /* "member", "purchase", "table stores", "merges" */
    bool full;  /* every row there is, each night: no delta feed, no merges */
    bool grows; /* what was read before stays read: it may hold only what is new */
    uint64_t rows;
    uint64_t kept;       /* stand in the dataset, doubt rows included */
    uint64_t rejects;    /* rows with a bad cell (events: kept as doubt; members: left out) */
    uint64_t unreadable; /* events: nobody can tell whose; above accept_unreadable: refused */
    uint64_t nobodys;    /* events: the member cell is empty */
    uint64_t orphans;    /* events: of unknown members */
    uint64_t duplicates; /* the same row again, or replaced by a newer export's */
    uint64_t voids;      /* events: void_when known true */
    uint64_t future;     /* events: at or after T */
};

struct wf_load_reject {
    uint32_t file; /* index into files */
    uint64_t line; /* 1-based physical line where the row starts */
    char *column;  /* header of the bad cell, "" when it is the whole row */
    char *what;    /* a clear English phrase, without the cell's content */
    char *row;     /* the row as it stands, cells of private fields replaced by *** */
    size_t row_len;
};

struct wf_load_report {
    const struct wf_alloc *alloc;
    struct wf_load_file *files; /* by feed, then by name */
    size_t n_files;
    struct wf_load_feed
        *feeds; /* member, then merges, tables and events in the order of the program */
    size_t n_feeds;
    struct wf_load_reject *rejects; /* by file, then line; at most WF_MAX_REJECTS_KEPT a feed */
    size_t n_rejects;
    struct wf_load_merge *merges; /* by old id */
    size_t n_merges;
    bool vouched;  /* the exporter's manifest lists the files, and they are as it says */
    int64_t until; /* everything before it is in the files, says that manifest; or
                      WF_NO_UNTIL */
    char **notes;  /* unknown columns and the like: sentences, in a fixed order */
    size_t n_notes;
    char *error;  /* why it failed: one sentence that names file and line; NULL on success */
    bool of_feed; /* reading a feed failed: this one */
    enum wf_feed_kind failed_kind;
    uint32_t failed_index; /* of the event, table, calendar or catalogue */
};

/*
 * Reads everything. On success *dataset_out is the caller's (wf_dataset_free). Whatever it answers,
 * the report is filled as far as things went and the caller releases it.
 *
 *   WF_ERR_MISSING  the folder, or every file of a feed that the program uses, is not there
 *   WF_ERR_DATA     an export is not what it should be    WF_ERR_LIMIT  a named limit was hit
 *   WF_ERR_PERM     a symlink, FIFO or device             WF_ERR_IO     reading failed
 *   WF_ERR_USAGE    options without meaning               WF_ERR_NOMEM
 */
enum wf_status wf_load(const struct wf_program *program, const struct wf_load_options *options,
                       struct wf_dataset **dataset_out, struct wf_load_report *report_out);

/*
 * Fills the built-in event `sent` of a dataset anew, from the rows and as of the instant that the
 * options say; all else stays. What it makes is `keep`'s (keep.h): the dataset must not be used
 * after that is gone.
 */
struct wf_keep;
enum wf_status wf_load_sent(const struct wf_program *program, const struct wf_load_options *options,
                            struct wf_dataset *data, struct wf_keep *keep);

void wf_load_report_release(struct wf_load_report *report);

#endif
