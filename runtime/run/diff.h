/*
 * diff.h - what an edit of the rules changes: both rule files are decided over the same exports and
 * the same prior state, and what comes out is compared. Nothing is written, the state stays.
 *
 *   old ─ dry night ─┐                                  declarations   as they are written
 *   same exports     ├─▶ members of both, side by side ─ segments, classes, actions, gates, cost
 *   new ─ dry night ─┘                                  journeys       who is inside, and where
 *
 * Without exports only the declarations are compared. What is compared is what the night decides:
 * a rule that the state has not seen yet has its first night here, and records who is in.
 */
#ifndef WF_RUN_DIFF_H
#define WF_RUN_DIFF_H

#include "lang/base/arena.h"
#include "runtime/run/night.h"

enum { WF_DIFF_OLD, WF_DIFF_NEW, WF_DIFF_SIDES };

enum wf_diff_change {
    WF_DIFF_ADDED,
    WF_DIFF_REMOVED,
    WF_DIFF_RENAMED, /* by `was`; its lines may differ as well */
    WF_DIFF_CHANGED,
    WF_DIFF_CHANGES_
};

/* A line of a declaration that only one side has ('-' old, '+' new), or a remark on it ('~'). */
struct wf_diff_line {
    char sign;
    const char *text;
};

/* A declaration that differs. */
struct wf_diff_decl {
    const char *kind; /* "segment", "class", "trigger", "journey", "coupon", ... */
    const char *name;
    const char *was; /* RENAMED: the name it had; else NULL */
    enum wf_diff_change change;
    struct wf_diff_line *lines;
    size_t n, room;
};

/* A member, and what makes the difference for them; texts may be "". */
struct wf_diff_sample {
    const char *member;
    const char *why;
};

/* All that changed in one way: how many, and the first of them by the bytes of their ids. */
struct wf_diff_samples {
    uint64_t n; /* all of them, shown or not */
    struct wf_diff_sample *items;
    size_t n_items, room;
};

struct wf_diff_segment {
    const char *name;
    bool there[WF_DIFF_SIDES];
    uint64_t size[WF_DIFF_SIDES], unknown[WF_DIFF_SIDES];
    struct wf_diff_samples entered, left; /* known to be in it by one side only */
    struct wf_diff_samples doubt;         /* known not to be in it by one side only */
};

/* Members who are of one class by the old rules and of another by the new ones; "": of none. */
struct wf_diff_move {
    const char *classify, *from, *to;
    struct wf_diff_samples who;
};
struct wf_diff_class {
    const char *classify, *name;
    uint64_t size[WF_DIFF_SIDES];
};

/* A metric's figure over a group of members, as metrics.csv writes it. */
struct wf_diff_metric {
    const char *name, *group; /* "" without `by`, or of those who lack the field */
    bool split;               /* there is a `by` */
    const char *unit;
    const char
        *value[WF_DIFF_SIDES];       /* NULL: the side has no such metric, or nobody in the group */
    uint64_t members[WF_DIFF_SIDES]; /* who count */
};

/* What a rule does by a channel; "": the sender chooses. */
struct wf_diff_action {
    const char *rule, *what, *channel;
    uint64_t n[WF_DIFF_SIDES]; /* how many leave */
    struct wf_diff_samples added, lost, changed;
};

/* Actions that one side's gates stop and the other's do not, or stop for another reason. */
struct wf_diff_gate {
    const char *rule, *what;
    const char *from, *to; /* gates; "leaves"; "not asked for" */
    struct wf_diff_samples who;
};

/* Face value of the coupons, cost of the sends of a channel: hundredths each, of what leaves. */
struct wf_diff_cost {
    bool coupon; /* else a channel */
    const char *name;
    int64_t each[WF_DIFF_SIDES];
    uint64_t n[WF_DIFF_SIDES];
    int64_t total[WF_DIFF_SIDES];
};

/* Members in flight who stand elsewhere under the new rules; "": not in it. */
struct wf_diff_stand {
    const char *from, *to; /* labels of steps */
    struct wf_diff_samples who;
};
struct wf_diff_journey {
    const char *name;
    bool there[WF_DIFF_SIDES];
    bool restructured; /* steps, waits, conditions differ */
    uint64_t before;   /* in flight in the state */
    uint64_t in_flight[WF_DIFF_SIDES], entered[WF_DIFF_SIDES], left[WF_DIFF_SIDES];
    uint64_t kept;     /* new: go on by an older structure */
    uint64_t migrated; /* new: were moved by `migrate from` */
    struct wf_diff_stand *stands;
    size_t n_stands, room_stands;
};

/* A rule that only records tonight because the state does not know it, or not so. */
struct wf_diff_first {
    const char *rule, *why;
};

struct wf_diff {
    struct wf_arena texts;
    const struct wf_alloc *alloc;
    bool decided;        /* there were exports: all below `decls` was compared */
    bool fresh;          /* over no state */
    bool same_rules;     /* the rules mean the same to the byte */
    const char *refused; /* why the new rules cannot run on this state, in a sentence; or NULL */
    const char *night;   /* the night that was decided, in words */
    uint64_t members[WF_DIFF_SIDES], only[WF_DIFF_SIDES]; /* only: read by one side alone */
    uint64_t left[WF_DIFF_SIDES], stopped[WF_DIFF_SIDES]; /* actions */
    struct wf_diff_decl *decls;
    struct wf_diff_segment *segments; /* those that differ */
    struct wf_diff_class *classes;    /* of classifies that differ */
    struct wf_diff_move *moves;
    struct wf_diff_metric *metrics; /* those that differ */
    struct wf_diff_action *actions; /* those that differ */
    struct wf_diff_gate *gates;
    struct wf_diff_cost *costs; /* those that differ */
    struct wf_diff_journey *journeys;
    struct wf_diff_first *firsts;
    size_t n_decls, room_decls, n_segments, room_segments, n_classes, room_classes, n_moves,
        room_moves, n_metrics, room_metrics, n_actions, room_actions, n_gates, room_gates, n_costs,
        room_costs, n_journeys, room_journeys, n_firsts, room_firsts;
};

/*
 * Compares two verified programs. `options` says which exports and which night, as for a night that
 * is looked at (night.h); NULL: only the declarations. `samples`: how many members to name of each
 * kind of change. Where the state holds members who cannot go on under the new rules, that is a
 * difference (`refused`), no failure. Release the result in any case.
 *
 *   WF_ERR_DATA   the state has run that night or a later one; else as wf_run_night
 */
enum wf_status wf_diff(const struct wf_program *const programs[WF_DIFF_SIDES],
                       struct wf_store *store, const struct wf_run_options *options,
                       uint32_t samples, struct wf_diff *diff, struct wf_buf *why);
void wf_diff_release(struct wf_diff *diff);

/* Whether anything differs. */
bool wf_diff_any(const struct wf_diff *diff);

/* How it is written. The names of the two sides are as the caller was given them. */
enum wf_diff_format { WF_DIFF_TEXT, WF_DIFF_MARKDOWN, WF_DIFF_JSON };
void wf_diff_write(const struct wf_diff *diff, enum wf_diff_format format,
                   const char *const names[WF_DIFF_SIDES], struct wf_buf *out);

#endif
