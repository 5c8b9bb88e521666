/*
 * collect.h - the machine's sink: from bitmaps of a batch to the few rows worth deciding.
 *
 * What is decided for whole words of members at once (due or not, decided before, guard) is decided
 * here; what needs a member's own due time, key or act becomes a candidate, in any order.
 */
#ifndef WF_ENGINE_COLLECT_H
#define WF_ENGINE_COLLECT_H

#include "runtime/engine/breaker.h"
#include "runtime/engine/decided.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/metric.h"
#include "runtime/engine/rules.h"
#include "runtime/vm/lanes.h"

struct wf_candidate {
    uint32_t trigger : 31;
    uint32_t guard : 1; /* known true */
    uint32_t row;
    uint64_t event; /* row of the trigger's view, or WF_NO_EVENT */
};

struct wf_trigger_bits {
    struct wf_source due, reach, guard, filter; /* due <= NOW, due >= FLOOR */
    uint64_t *decided;                          /* by row, before tonight: TIME; NULL: none */
    uint64_t *fresh;                            /* by row, decided tonight: TIME */
    const struct wf_marks *marks; /* EVENT; ANNIVERSARY when only one year is possible tonight */
    unsigned char year[16];       /* that year as a key */
    uint32_t column, from;        /* CROSSING: into columns; WF_NONE */
};

/* A condition that the state keeps: a watch, a segment, a value of a classify. */
struct wf_column_bits {
    char *name;
    uint32_t id; /* the state's number of it, once it is kept */
    struct wf_source cond;
    bool compared;              /* the last run had it */
    uint64_t *was_yes, *was_no; /* by row, at the last run; NULL: not compared, or a segment's */
    uint64_t *yes, *no;         /* by row, tonight */
};

/* What a trigger's moments of TIME were counted as, in parts; see struct wf_sift. */
struct wf_tallies {
    uint64_t early[WF_SUM_PARTS], barred[WF_SUM_PARTS];
    bool hit; /* some came through */
};

/* Of how many rows a column is known true, and known. */
struct wf_column_tally {
    uint64_t yes, known;
};

struct wf_collect_worker {
    struct wf_candidate *items;
    size_t n, room;
    struct wf_column_tally *columns; /* by column */
    struct wf_tallies *tallies;      /* by trigger */
    struct wf_rule_counts *counts;   /* by trigger */
    struct wf_mark_cursor *cursors;  /* by trigger */
};

struct wf_collect {
    const struct wf_night *night;
    const struct wf_rule_night *rules;
    const struct wf_roster *roster;
    const struct wf_lanes *lanes;
    struct wf_trigger_bits *triggers;
    struct wf_column_bits *columns; /* watches, then segments, then classes */
    uint32_t n_columns;
    uint64_t *newcomers;    /* by row: first seen tonight, and was not a member at the last run */
    struct wf_noted *noted; /* NULL, or what the machine keeps of candidates */
    struct wf_collect_worker *workers;
    unsigned n_workers;
    struct wf_breakers breakers;
    struct wf_metrics metrics;
};

/* Release it in any case. */
enum wf_status wf_collect_init(struct wf_collect *collect, const struct wf_night *night,
                               const struct wf_rule_night *rules, const struct wf_roster *roster,
                               struct wf_buf *why);
void wf_collect_release(struct wf_collect *collect);

/* The input that is the member's date called `joined`; WF_NONE: the program does not read it. */
uint32_t wf_joined_input(const struct wf_ir *ir);

/* The member, from `low` on, to whom a row of a view belongs. */
uint32_t wf_event_member(const struct wf_events *view, uint32_t low, uint32_t n_members,
                         uint64_t row);

/* The sink, to be handed to wf_vm_run; its ctx is the collect. */
struct wf_vm_sink wf_collect_sink(struct wf_collect *collect);

/* After the run, before tonight's bits go into the state: who moved between classes (moves.c). */
enum wf_status wf_collect_moves(const struct wf_collect *collect, struct wf_outcome *out);

/* After the run: what tonight decided and saw goes into the state, the figures into `out`. */
enum wf_status wf_collect_keep(struct wf_collect *collect, struct wf_outcome *out);

#endif
