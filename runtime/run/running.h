/*
 * running.h - one run while it lasts: what the parts of a night share (night.c, read.c, past.c,
 * guard.c, commit.c).
 */
#ifndef WF_RUN_RUNNING_H
#define WF_RUN_RUNNING_H

#include <pthread.h>

#include "runtime/run/inputs.h"
#include "runtime/run/lapsed.h"
#include "runtime/run/night.h"
#include "runtime/run/snapshot.h"
#include "runtime/vm/rest.h"

struct wf_running {
    const struct wf_program *program;
    struct wf_program *linked; /* `program`, where older journeys are linked into it; or NULL */
    uint32_t *pinned;          /* whose they are (wf_night.pinned) */
    struct wf_store *store;
    const struct wf_run_options *options;
    const struct wf_fs *fs;
    const struct wf_alloc *alloc;
    struct wf_run_result *result;
    struct wf_state state;
    struct wf_dataset *data;
    struct wf_dataset *leaving; /* what `data` was, while the sweeper frees it */
    pthread_t sweeper;
    struct wf_sent_row *sent;
    size_t n_sent, room_sent;
    struct wf_arena texts; /* of the sent rows, and of what lapsed */
    struct wf_lapsed_row *lapsed;
    struct wf_past *past;
    size_t n_past, room_past;
    char rules[33];
    struct wf_buf inputs;       /* inputs.h */
    struct wf_buf held;         /* why the night is held, in lines */
    struct wf_buf remembers;    /* the state's control as it was found (wf_control_write) */
    uint64_t *optouts;          /* approval: by member row, what the exports say now (optout.h) */
    struct wf_buf optout_feeds; /* approval: the feeds they were read with (inputs.h) */
    struct wf_snapshot snapshot;
    struct wf_rests rests; /* what the snapshots know of aggregates, and shall know */
    struct wf_buf *why;
};

/* Passes a status on; the first who says why is heard. */
enum wf_status wf_run_say(struct wf_running *r, enum wf_status st, const char *text);

/* The same, in the words of the store; WF_OK says nothing. */
enum wf_status wf_run_store_said(struct wf_running *r, enum wf_status st);

/* Whoever watches sees the night at this part. */
void wf_run_part(const struct wf_running *r, enum wf_night_part part);

/* ---- pins.c ---- */

/* Links what members still walk into r->program. WF_ERR_HELD: a journey is gone from the rules with
 * members in it; WF_ERR_RULES: what one reads is gone from the schema. */
enum wf_status wf_run_pin(struct wf_running *r);

/* ---- read.c ---- */

/* Reads every feed as of an instant; release the report in any case. */
enum wf_status wf_run_load(struct wf_running *r, int64_t now, struct wf_dataset **data_out,
                           struct wf_load_report *report_out);

/* Reads every feed the rules use into r->data and the report; their digests into r->inputs. */
enum wf_status wf_run_read(struct wf_running *r);

/* Nobody reads the dataset any more: frees it beside what follows, most of which is waiting for the
 * disk, where there is a second thread for that. In any case, wf_run_unread at the end. */
void wf_run_let_go(struct wf_running *r);
void wf_run_unread(struct wf_running *r);

/* ---- past.c ---- */

/* What left before, as the program's caps count it, into r->past. */
enum wf_status wf_run_past(struct wf_running *r);

/* ---- guard.c ---- */

/* The night of T may run, or was run already (result->already). */
enum wf_status wf_guard_night(struct wf_running *r);

/* A night that was run already was run from these exports. */
enum wf_status wf_guard_same_inputs(struct wf_running *r);

/* The exports are what a night may be decided from, or r->held says why it must wait; keeps what
 * the next night is held against. */
enum wf_status wf_guard_exports(struct wf_running *r);

/* As many actions as may leave, or r->held says how many more there are. */
enum wf_status wf_guard_actions(struct wf_running *r, const struct wf_night *night);

/* The same of any decided night: a line to `held` for each limit; most 0: none of --max-actions. */
enum wf_status wf_guard_volume(const struct wf_night *night, const struct wf_outcome *outcome,
                               uint64_t most, struct wf_buf *held);

/* ---- hold.c ---- */

/* Writes the night beside the nights, commits its plan and nothing else: WF_ERR_HELD. */
enum wf_status wf_run_hold(struct wf_running *r, const struct wf_night *night);

/* A plan gives way to what is published now: its folder goes. */
enum wf_status wf_run_end_plan(struct wf_running *r);

/* ---- approve.c ---- */

/* The plan that is approved is the one that is held; result->already: it was approved before. */
enum wf_status wf_approval_open(struct wf_running *r);

/* Reads who opted out until now. */
enum wf_status wf_approval_read(struct wf_running *r);

/* The exports are those of the plan, but for the opt-outs. */
enum wf_status wf_approval_same(struct wf_running *r);

/* Stops what the plan did not hold, what is for members who opted out since, and what is over;
 * nothing unless the night is approved. */
struct wf_veto wf_approval_veto(struct wf_running *r);

/* ---- commit.c ---- */

/* Writes the night's files to out/DATE and what stands behind, a name that is no night's. */
enum wf_status wf_run_set_aside(struct wf_running *r, const struct wf_night *night,
                                const char *behind);

/* Stages, commits and releases the night; a dry run only writes its files. */
enum wf_status wf_run_publish(struct wf_running *r, const struct wf_night *night);

#endif
