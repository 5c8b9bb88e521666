/*
 * report_int.h - what the parts of a report share: each part writes its sections of the page.
 */
#ifndef WF_RUN_REPORT_INT_H
#define WF_RUN_REPORT_INT_H

#include "runtime/run/html.h"
#include "runtime/run/report.h"

/* What one action of a rule did by one channel. */
struct wf_report_row {
    uint32_t rule;                     /* WF_NONE: it lapsed, only its name is known */
    uint32_t action;                   /* likewise */
    uint32_t place;                    /* of the action */
    const char *name;                  /* of the rule */
    const char *kind, *what, *channel; /* "send", "hello", "wecom" */
    uint64_t n[WF_GATE_COUNT_];        /* by gate; NONE: it left */
    size_t next;                       /* another channel of the same action; SIZE_MAX */
};

struct wf_report_tally {
    const struct wf_alloc *alloc;
    struct wf_report_row *rows;
    size_t n, room;
};

struct wf_report {
    const struct wf_publish *publish;
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    struct wf_html html;
    struct wf_report_tally tally;
};

/* ---- report_tally.c: sums over the night's decisions ---- */

enum wf_status wf_report_count(const struct wf_publish *publish, struct wf_report_tally *tally);
void wf_report_tally_release(struct wf_report_tally *tally);

/* How many a gate stopped, over all rows; NONE: how many left. */
uint64_t wf_report_total(const struct wf_report_tally *tally, enum wf_gate gate);
uint64_t wf_report_stopped(const struct wf_report_row *row);

/* Words for people of what stands in files as one word. */
struct wf_html_words wf_report_gate_words(enum wf_gate gate);
struct wf_html_words wf_report_kind_words(const char *kind);

/* ---- the sections ---- */

void wf_report_left(struct wf_report *report);               /* report_left.c */
void wf_report_segments(struct wf_report *report);           /* report_members.c */
void wf_report_curves(struct wf_report *report);             /* report_curves.c */
enum wf_status wf_report_journeys(struct wf_report *report); /* report_journeys.c */
enum wf_status wf_report_lift(struct wf_report *report);     /* report_lift.c */
enum wf_status wf_report_metrics(struct wf_report *report);  /* report_metrics.c */
enum wf_status wf_report_exports(struct wf_report *report);  /* report_exports.c */

#endif
