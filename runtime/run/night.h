/*
 * night.h - one run: read, evaluate, decide, publish exactly once.
 *
 *   load state ─ finish a night a crash cut short ─ guards ─ read ─ guards ─ decide ─ guards
 *     ─ (held? write out/DATE.held, commit the plan, done) ─ write staging, fsync
 *     ─ commit PUBLISHING (state, ledger, digest of the manifest: one transaction)
 *     ─ rename staging to its name, fsync the output folder ─ commit PUBLISHED ─ write the marker
 *
 * A crash before the first commit leaves the state as it was (the staging folder is thrown away); a
 * crash after it is finished by the next run from the staging folder, byte for byte. Whoever
 * consumes a night waits for its marker, the file PUBLISHED.
 */
#ifndef WF_RUN_NIGHT_H
#define WF_RUN_NIGHT_H

#include "runtime/engine/engine.h"
#include "runtime/run/publish.h"
#include "runtime/store/store.h"

/* Looks at a night when all is decided and nothing is written yet; a status but WF_OK ends it. */
struct wf_night_look {
    void *ctx;
    enum wf_status (*fn)(void *ctx, const struct wf_night *night, const struct wf_outcome *outcome);
};

/*
 * Exports that were read before: asked in place of wf_load, with the same promises, but that the
 * dataset stays the source's, and good until it is asked again. fn NULL: they are read.
 */
struct wf_night_source {
    void *ctx;
    enum wf_status (*fn)(void *ctx, const struct wf_program *program,
                         const struct wf_load_options *options, struct wf_dataset **dataset_out,
                         struct wf_load_report *report_out);
};

/* An operator's word for a held night. */
struct wf_approval {
    const char *plan; /* its id */
    int64_t at; /* when it is given: who opted out before, and what had to leave before, stays */
};

struct wf_run_options {
    const char *data; /* folder of the exports; NULL: all of them are in memory */
    const struct wf_feed_memory *memory; /* feeds that come from no file */
    size_t n_memory;
    const char *out;    /* folder of the nights' folders; made if it is not there. NULL: nothing but
                           the state is written, and the folder of no night is looked for */
    const char *beside; /* the state's file: snapshots stand beside it (snapshot.h). NULL: none is
                           read or kept, and exports hold everything */
    bool full;          /* exports hold everything, whatever nights before kept */
    struct wf_night_look look; /* fn NULL: nobody */
    struct wf_night_source source;
    int64_t now; /* T */
    const struct wf_zone *zone;
    unsigned threads, batch;
    uint64_t event_memory; /* bytes that event rows may take on their way (load.h); 0: any number */
    const char *scratch;   /* beside it is written what goes beyond; NULL: nothing does */
    bool scalar, dry_run;
    enum wf_format format;
    const struct wf_rule_text *rules; /* as they were written, where they are at hand */
    size_t n_rules;
    bool sha256;                        /* of every input: wf_load_options */
    uint32_t max_rejects;               /* millionths of a feed's rows */
    uint64_t accept_unreadable;         /* event rows */
    bool accept_volume;                 /* feeds may have shrunk or swelled */
    bool accept_repeat;                 /* the exports may be the last night's very bytes */
    unsigned chain_percent;             /* of snapshots (data/snap.h); 0: as ever */
    uint64_t max_actions;               /* more than this are held; 0: there may be any number */
    const struct wf_approval *approval; /* NULL: a run. The held night of `now` is released */
    struct wf_progress *progress;       /* NULL: nobody watches */
    struct wf_profile *profile;         /* NULL: nobody asks */
    const struct wf_fs *fs;             /* NULL: the operating system */
    const struct wf_alloc *alloc;
};

enum { WF_PLAN_ID = 13 };

struct wf_run_seconds {
    double state, read, evaluate, write;
};

struct wf_run_result {
    bool already; /* this very night was published before: nothing was done */
    bool resumed; /* an earlier night that a crash cut short was finished first */
    bool committed;
    bool voided; /* a held night that nobody approved is void: this run took its place */
    bool held;   /* nothing left: the night waits for approval */
    char plan_id[WF_PLAN_ID]; /* of the held night, or the one approved */
    struct wf_buf plan;       /* held: why, and what it would do, in lines */
    uint64_t dropped;         /* approved: actions of the plan that no longer left */
    char folder[32];          /* name of the night's folder in the output folder */
    int64_t previous_t;       /* of the run before, WF_NO_TIME: none */
    uint32_t members;
    uint64_t actions, suppressed;
    struct wf_run_seconds seconds;
    struct wf_load_report report;
    struct wf_outcome outcome;
};

/*
 * Runs one night against an open store. A night that is looked at with dry_run and without `out`
 * leaves no trace; it may also be one that was run already: it is decided once more, over the state
 * it left, so that nothing is new and everything can be explained. `why` receives a line about a
 * failure. The result is filled as far as things went; release it in any case.
 *
 *   WF_ERR_DATA     an export is bad, an earlier night than the last, the same night again with
 *                   other exports
 *   WF_ERR_MISSING  a feed is not there
 *   WF_ERR_RULES    the same night again under other rules
 *   WF_ERR_STATE    the state is older than what it published; no such plan to approve; its
 *                   snapshot is not its own
 *   WF_ERR_HELD     the night waits for approval: only its plan was committed
 */
enum wf_status wf_run_night(const struct wf_program *program, struct wf_store *store,
                            const struct wf_run_options *options, struct wf_run_result *result,
                            struct wf_buf *why);
void wf_run_result_release(struct wf_run_result *result);

#endif
