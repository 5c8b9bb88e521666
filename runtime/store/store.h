/*
 * store.h - where the state lives between nights.
 *
 * A store is a table of functions over one of two keepers: an SQLite file (store_sqlite.c, the real
 * one) or memory (store_mem.c: tests, forecasts). It knows rows and blobs; what they mean is in
 * state.h, and wf_store_load / wf_store_save (store.c) go between the two, so both keepers hold the
 * same things.
 *
 * One transaction holds a whole night: begin, save, ledger, run row, commit. Nothing is durable
 * before commit answered WF_OK; after any failure call rollback.
 */
#ifndef WF_STORE_STORE_H
#define WF_STORE_STORE_H

#include "lang/base/buf.h"
#include "runtime/store/state.h"

/* What a blob holds; `owner` is a rule's or column's id, `part` counts chunks. */
enum wf_blob_kind {
    WF_BLOB_IDS,     /* members: owner says how, part is the first ordinal (of hashes: / 65,536) */
    WF_BLOB_DECIDED, /* bits of rule `owner`, WF_STORE_BITS a part, zstd */
    WF_BLOB_MARKS,   /* marks of rule `owner`, one segment a night (part = the run), zstd */
    WF_BLOB_ACTED,   /* the same of its acts */
    WF_BLOB_YES,     /* bits of column `owner` */
    WF_BLOB_NO,      /* of states before format 5, which say KNOWN instead */
    WF_BLOB_MERGED,  /* marks of members that became another, like MARKS; owner 0 */
    WF_BLOB_UNITED,  /* ids of merged members, old, new, ..., each with its NUL, zstd; owner 0 */
    WF_BLOB_FEEDS,   /* rows (8 bytes) and name (with its NUL) of each feed, zstd; owner 0 */
    WF_BLOB_CONTROL, /* pauses, watermark, plan (control.h), zstd; owner 0 */
    WF_BLOB_PLANNED, /* the actions of the plan, zstd; owner 0 */
    WF_BLOB_JOURNEY, /* of the journey with rule row `owner`: totals (entries.h), zstd */
    WF_BLOB_VERSION, /* a structure that members walk: part is its number, zstd */
    WF_BLOB_ENTRIES, /* where they stand, WF_ENTRIES_PART ordinals a part, zstd */
    WF_BLOB_RATIONS, /* what was given out and spent (rations.h), zstd; owner 0 */
    WF_BLOB_HELD,    /* actions held to contend again, WF_HELD_PART a part, zstd; owner 0 */
    WF_BLOB_SEAL,    /* digest over everything else (seal.h); owner 0 */
    WF_BLOB_KNOWN,   /* bits of column `owner`: yes or no */
};
enum { WF_IDS_AS_HASHES, WF_IDS_AS_WRITTEN }; /* before format 6; since then (members.h), zstd */
enum { WF_STORE_IDS = 1 << 16, WF_STORE_BITS = 1 << 20, WF_STORE_SEGMENTS = 64 };

enum { WF_LEDGER_TOGETHER = 2048 };

/* A text that somebody else owns. */
struct wf_ledger_text {
    const char *text;
    size_t len;
};

/* A row of the ledger: an action that left, or one that a gate stopped. */
struct wf_ledger_row {
    unsigned char action_id[16];
    struct wf_ledger_text member; /* the id of who receives it */
    uint32_t rule;                /* store id of the rule */
    uint32_t position;            /* of the action in its rule */
    struct wf_ledger_text kind, name, channel, coupon, journey, step; /* "" where there is none */
    const char *gate;                                                 /* NULL: it left */
    int64_t due;                                                      /* of the occurrence */
    int64_t at;                  /* its not_before, else the run's T */
    struct wf_ledger_text note;  /* what the gate found, in words */
    struct wf_ledger_text party; /* bytes: of what left, whom it counts for (cap.h) */
    int64_t run;                 /* the run's seq: read back, not written from here */
    bool again; /* it was stopped for now on an earlier night: this row takes that one's place */
};

/* What the ledger does not remember. */
struct wf_forgotten {
    int64_t before; /* runs before this one are forgotten; 0: none */
    int64_t latest; /* `at` of what they sent, INT64_MIN: nothing */
};

typedef enum wf_status wf_rule_fn(void *ctx, const struct wf_rule_state *rule);
typedef enum wf_status wf_run_fn(void *ctx, const struct wf_run_row *run);
/* How many actions of a run left, how many a gate stopped. */
typedef enum wf_status wf_count_fn(void *ctx, int64_t seq, uint64_t left, uint64_t stopped);
typedef enum wf_status wf_column_fn(void *ctx, const struct wf_column_state *column);
typedef enum wf_status wf_ledger_fn(void *ctx, const struct wf_ledger_row *row);
typedef enum wf_status wf_blob_fn(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                                  int64_t latest, const void *bytes, size_t len);

struct wf_store;
struct wf_store_ops {
    void (*close)(struct wf_store *store); /* frees the store */
    enum wf_status (*begin)(struct wf_store *store);
    enum wf_status (*commit)(struct wf_store *store);
    void (*rollback)(struct wf_store *store);
    /* Does early what the commit would do; a rollback undoes it all the same. `prepare`, right
     * behind begin: the journal has what every night changes, and lies on the disk. `flush`: what
     * is in so far is on its way to the disk. `ready`: all is in but that the newest run may be put
     * once more, and lies on the disk. */
    enum wf_status (*prepare)(struct wf_store *store);
    enum wf_status (*flush)(struct wf_store *store);
    enum wf_status (*ready)(struct wf_store *store);

    /* Rules and columns come without their sets and marks; blobs by kind, owner, part. */
    enum wf_status (*each_rule)(struct wf_store *store, wf_rule_fn *fn, void *ctx);
    enum wf_status (*each_column)(struct wf_store *store, wf_column_fn *fn, void *ctx);
    enum wf_status (*each_blob)(struct wf_store *store, wf_blob_fn *fn, void *ctx);
    /* The newest run; its texts come from the store's allocator. Status NONE: there is none. */
    enum wf_status (*last_run)(struct wf_store *store, struct wf_run_row *out);
    /* T of the first run; left alone when there is none. */
    enum wf_status (*first_run)(struct wf_store *store, int64_t *t_out);

    enum wf_status (*put_rule)(struct wf_store *store, const struct wf_rule_state *rule);
    enum wf_status (*put_column)(struct wf_store *store, const struct wf_column_state *column);
    enum wf_status (*drop_column)(struct wf_store *store, uint32_t id);
    /* `latest`: the latest due among a segment's marks, INT64_MAX otherwise. */
    enum wf_status (*put_blob)(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                               int64_t part, int64_t latest, const void *bytes, size_t len);
    /* Drops the owner's blobs of that kind: all of them, or those whose `latest` is earlier. */
    enum wf_status (*drop_blobs)(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                                 bool all, int64_t before);
    /* The run of that seq is added, or takes the place of the one there. */
    enum wf_status (*put_run)(struct wf_store *store, const struct wf_run_row *run);
    /* WF_ERR_INTERNAL if an action of that id is there already: nothing may ever leave twice. Only
     * one that a gate stopped gives way, to a row that says `again`. A run's rows come by action
     * id, each call's behind the last one's (in a call they may come in any order); best with
     * WF_LEDGER_TOGETHER of them. */
    enum wf_status (*add_ledger)(struct wf_store *store, int64_t seq,
                                 const struct wf_ledger_row *rows, size_t n);
    /* Forgets the rows of runs whose T is before `t` (memory keeps them), and what those runs read;
     * count_ledger goes on counting them. */
    enum wf_status (*forget_ledger)(struct wf_store *store, int64_t t);
    enum wf_status (*forgotten)(struct wf_store *store, struct wf_forgotten *out);
    /* What left, its `at` after `since` (INT64_MIN: all of it), in any order. The texts live until
     * the function returns, which may not ask the ledger for more. */
    enum wf_status (*each_sent)(struct wf_store *store, int64_t since, wf_ledger_fn *fn, void *ctx);
    /* Every row of a member (NULL: of everyone), left or stopped, by run, then action id. */
    enum wf_status (*each_of)(struct wf_store *store, const char *member, size_t len,
                              wf_ledger_fn *fn, void *ctx);
    /* The row of an action, if the ledger has one. */
    enum wf_status (*of_action)(struct wf_store *store, const unsigned char action_id[16],
                                wf_ledger_fn *fn, void *ctx);
    /* Every run, by seq (memory keeps the last one); and the rows of the ledger by run, for those
     * that have any. */
    enum wf_status (*each_run)(struct wf_store *store, wf_run_fn *fn, void *ctx);
    enum wf_status (*each_count)(struct wf_store *store, wf_count_fn *fn, void *ctx);
    /* How many actions left, how many a gate stopped, ever. */
    enum wf_status (*count_ledger)(struct wf_store *store, uint64_t counts_out[2]);
};

struct wf_store {
    const struct wf_store_ops *ops;
    const struct wf_alloc *alloc;
    struct wf_buf why; /* what the keeper had to say about its last failure */
};

/*
 * Creates a state file that must not be there yet (an empty file may). WF_ERR_STATE: there is
 * one; WF_ERR_IO, WF_ERR_PERM. `why` (may be NULL) receives a line about a failure.
 */
enum wf_status wf_store_create(const char *path, struct wf_buf *why);

/*
 * Opens one; `path` must live as long as the store does. WF_ERR_MISSING if there is no file,
 * WF_ERR_STATE if it is empty, foreign or of another version, WF_ERR_BUSY if another process has
 * it, WF_ERR_IO if it is damaged.
 */
enum wf_status wf_store_open(const char *path, const struct wf_alloc *alloc, struct wf_store **out,
                             struct wf_buf *why);

enum wf_status wf_store_open_mem(const struct wf_alloc *alloc, struct wf_store **out);
void wf_store_close(struct wf_store *store);

/* Everything into a fresh state of the same allocator. WF_ERR_STATE if a blob is not what it should
 * be. */
enum wf_status wf_store_load(struct wf_store *store, struct wf_state *state);

/*
 * Writes what changed since it was loaded: new members, dirty rows, dirty bits, new marks; the
 * run's own row is the caller's to put. Columns whose T is not the run's are dropped, marks whose
 * due is before `forget` may be. Inside a transaction; a state may be saved once.
 */
enum wf_status wf_store_save(struct wf_store *store, struct wf_state *state,
                             const struct wf_run_row *run, int64_t forget);

/* Commits what commands change, in a transaction of its own: pauses, plans, journeys. */
enum wf_status wf_store_save_control(struct wf_store *store, struct wf_state *state);

#endif
