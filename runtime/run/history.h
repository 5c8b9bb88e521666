/*
 * history.h - what the ledger holds: the nights by name, one member's actions, one action.
 */
#ifndef WF_RUN_HISTORY_H
#define WF_RUN_HISTORY_H

#include "lang/base/arena.h"
#include "lang/base/zone.h"
#include "runtime/run/fate.h"
#include "runtime/store/store.h"

struct wf_night_name {
    int64_t seq, t;
    const char *folder;
    const char *rules, *inputs; /* hash of the program, digest of the exports: hex */
    bool taken;                 /* by `wayfare claim --done` */
};

struct wf_history {
    struct wf_store *store;
    const struct wf_state *state; /* knows the rules' names */
    const struct wf_zone *zone;
    struct wf_arena texts;
    struct wf_night_name *nights; /* by seq */
    size_t n_nights, room_nights;
    struct wf_ledger_row *rows; /* by place in the list of members asked for, then time */
    uint32_t *first;            /* by that place: its rows */
    size_t n_rows;
};

/* Knows the nights. Release it in any case. */
enum wf_status wf_history_init(struct wf_history *history, struct wf_store *store,
                               const struct wf_state *state, const struct wf_zone *zone);
void wf_history_release(struct wf_history *history);

/* Reads what the ledger holds of the members, in one pass where there are several. */
enum wf_status wf_history_read(struct wf_history *history, const char *const *members, size_t n);

/* The row of one action, its texts the history's own; *found_out is false where there is none. */
enum wf_status wf_history_find(struct wf_history *history, const unsigned char id[16],
                               struct wf_ledger_row *out, bool *found_out);

/* The night of a run; NULL: there is none. */
const struct wf_night_name *wf_history_night(const struct wf_history *history, int64_t seq);

/* Appends a line for each of the newest actions of member number `asked`, the oldest of them first:
 * when, what, by which rule, and whether it left or what stopped it. */
void wf_history_say(const struct wf_history *history, size_t asked, struct wf_buf *out);

/* The identity of a rule of the ledger, "" where the state does not know it. */
const char *wf_history_rule(const struct wf_history *history, uint32_t rule);

/* Appends what an action of the ledger did: `coupon FIRST20 via wecom`. */
void wf_history_what(const struct wf_ledger_row *row, struct wf_buf *out);

/* ---- one occurrence ---- */

struct wf_recalled_action {
    unsigned char id[16];
    uint32_t position;
    char gate[16];      /* "": it left */
    struct wf_buf what; /* in words, the gate's figures too */
};

/* What the ledger has of the actions of an occurrence that an earlier night decided. */
struct wf_recalled {
    char night[32];
    int64_t at;
    struct wf_recalled_action *actions;
    size_t n, room;
    const struct wf_alloc *alloc;
};

/* Nothing where why->history is NULL or the occurrence was not decided. Release it in any case. */
enum wf_status wf_recall(const struct wf_why *why, uint32_t trigger, uint32_t row,
                         const struct wf_fate *fate, struct wf_recalled *out);
/* The same of one action. */
enum wf_status wf_recall_action(const struct wf_why *why, const unsigned char id[16],
                                struct wf_recalled *out);
void wf_recalled_release(struct wf_recalled *recalled);

#endif
