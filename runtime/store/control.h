/*
 * control.h - what operators and guards leave in the state between nights: what is paused, how far
 * the exports reached, and the plan of a night that is held.
 *
 * It is a part of the state (state.h): changed in memory, saved with the night that changed it
 * (wf_store_save) or, by a command, on its own (wf_store_save_control).
 */
#ifndef WF_STORE_CONTROL_H
#define WF_STORE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/limits.h"
#include "lang/base/status.h"

#define WF_NO_WATERMARK INT64_MIN

/* Something that stands still until it is resumed. */
struct wf_pause {
    char *what;    /* "all", "journey NAME", "trigger NAME": as the commands say it */
    char *why;     /* in words, with the figures that tripped it; may be "" */
    int64_t since; /* T of the night that paused it, or of the last one before the command */
    bool by_hand;  /* wayfare pause, not a rule of a policy */
};

/* When what a policy had paused was resumed: its circuit breakers count from then on. */
struct wf_resumed {
    char *what;
    int64_t since; /* T of the last night before the command */
};

/* A night that waits for `wayfare approve`; the one that was approved last, until the next run. */
enum wf_plan_status { WF_PLAN_NONE, WF_PLAN_HELD, WF_PLAN_APPROVED };

/* An action that would have left. */
struct wf_planned {
    unsigned char id[16]; /* of the action */
    uint64_t optouts;     /* a hash over the receiver's opt-outs as the plan saw them; 0: none */
};

struct wf_plan {
    enum wf_plan_status status;
    int64_t t;
    char *id;                   /* of T, rules and exports: what an operator names to approve it */
    char *folder;               /* name of the night */
    char *rules;                /* hash of the program, hex */
    char *feeds;                /* "FEED SHA256" lines over each feed's files */
    char *text;                 /* why it is held and what it would do, in lines to be read */
    struct wf_planned *planned; /* by id (bytes) */
    size_t n_planned, room_planned;
};

/* A file beside the state that holds what nights to come need of exports (run/snapshot.h). */
struct wf_snapshot_mark {
    int64_t seq;              /* of the run that kept it, and in its name */
    unsigned char digest[16]; /* zeros: the run had nothing to keep, and there is no file */
};

struct wf_control {
    const struct wf_alloc *alloc;
    struct wf_pause *pauses; /* by what */
    size_t n_pauses, room_pauses;
    struct wf_resumed *resumed; /* in no order, one for each `what` */
    size_t n_resumed, room_resumed;
    int64_t watermark; /* everything before it was in the last night's exports; or NO_WATERMARK */
    int64_t claimed;   /* seq of the last run that was taken (wayfare claim --done); 0: none */
    struct wf_plan plan;
    struct wf_snapshot_mark snapshots[WF_MAX_SNAPSHOTS]; /* a chain: the first is whole, each one
                                                            behind it what changed since */
    uint32_t n_snapshots; /* 0: no run said what it kept */
    bool dirty;      /* anything but the planned actions changed */
    bool plan_dirty; /* these did */
};

void wf_control_init(struct wf_control *control, const struct wf_alloc *alloc);
void wf_control_release(struct wf_control *control);

/* NULL: it runs. `what` as above. */
const struct wf_pause *wf_control_paused(const struct wf_control *control, const char *what);
/* Pauses; what is paused already stays as it is. */
enum wf_status wf_control_pause(struct wf_control *control, const char *what, const char *why,
                                int64_t since, bool by_hand);
/* Lets it go on, which must be paused; where a policy had paused it, remembers since when. */
enum wf_status wf_control_resume(struct wf_control *control, const char *what, int64_t since);
/* Since when; INT64_MIN: no policy's pause of it was ever resumed. */
int64_t wf_control_resumed(const struct wf_control *control, const char *what);

/* A held plan becomes APPROVED; its actions go. */
void wf_control_approve_plan(struct wf_control *control);
/* Forgets the plan. */
void wf_control_drop_plan(struct wf_control *control);

/* The planned action of that id, NULL: it is no part of the plan. */
const struct wf_planned *wf_plan_find(const struct wf_plan *plan, const unsigned char id[16]);
int wf_planned_compare(const void *a, const void *b); /* for qsort */

/* As bytes: all but the planned actions, and these. Reading answers WF_ERR_STATE for bytes that
 * are not what writing makes. */
void wf_control_write(const struct wf_control *control, struct wf_buf *out);
enum wf_status wf_control_read(struct wf_control *control, const void *bytes, size_t len);
void wf_planned_write(const struct wf_plan *plan, struct wf_buf *out);
enum wf_status wf_planned_read(struct wf_control *control, const void *bytes, size_t len);

#endif
