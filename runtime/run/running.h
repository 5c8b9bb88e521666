/*
 * running.h - one run while it lasts: what the parts of a night share (night.c, read.c, guard.c,
 * commit.c).
 */
#ifndef WF_RUN_RUNNING_H
#define WF_RUN_RUNNING_H

#include "runtime/run/night.h"

struct wf_running {
    const struct wf_program *program;
    struct wf_store *store;
    const struct wf_run_options *options;
    const struct wf_fs *fs;
    const struct wf_alloc *alloc;
    struct wf_run_result *result;
    struct wf_state state;
    struct wf_dataset *data;
    struct wf_sent_row *sent;
    size_t n_sent, room_sent;
    struct wf_arena texts; /* of the sent rows */
    char rules[33], inputs[WF_HEX_SHA256];
    struct wf_buf *why;
};

/* Passes a status on; the first who says why is heard. */
enum wf_status wf_run_say(struct wf_running *r, enum wf_status st, const char *text);

/* The same, in the words of the store; WF_OK says nothing. */
enum wf_status wf_run_store_said(struct wf_running *r, enum wf_status st);

/* Seconds of a clock that only goes forward, for the profile. */
double wf_run_seconds_now(void);

/* ---- read.c ---- */

/* Reads every feed the rules use into r->data and the report; the digest of it all into r->inputs.
 */
enum wf_status wf_run_read(struct wf_running *r);

/* ---- guard.c ---- */

/* The night of T may run, or was run already (result->already). */
enum wf_status wf_guard_night(struct wf_running *r);

/* A night that was run already was run from these exports. */
enum wf_status wf_guard_same_inputs(struct wf_running *r);

/* The exports are what a night may be decided from; keeps what the next night is held against. */
enum wf_status wf_guard_exports(struct wf_running *r);

/* ---- commit.c ---- */

/* Stages, commits and releases the night; a dry run only writes its files. */
enum wf_status wf_run_publish(struct wf_running *r, const struct wf_night *night);

#endif
