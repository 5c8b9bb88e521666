/*
 * diff_int.h - a comparison while it is made: both nights alive, side by side (diff*.c only).
 */
#ifndef WF_RUN_DIFF_INT_H
#define WF_RUN_DIFF_INT_H

#include "runtime/run/diff.h"
#include "runtime/run/why.h"

struct wf_diff_side {
    const struct wf_ir *ir;
    const struct wf_night *night;
    const struct wf_outcome *outcome;
    struct wf_scalar *scalar;
    struct wf_vm_params params;
    struct wf_why why;
    uint32_t *row; /* by member of both: tonight's row, WF_NO_MEMBER: not among this side's */
    uint32_t *who; /* by row: the member of both */
};

/* A rule of either side, or of both: a trigger, or a journey with its older structures. */
struct wf_diff_rule {
    const char *name, *identity, *was;
    bool journey;
    uint32_t rule[WF_DIFF_SIDES]; /* WF_NONE: this side has none */
};

struct wf_diffing {
    struct wf_diff *out;
    const struct wf_alloc *alloc;
    uint32_t samples;
    struct wf_state prior;
    struct wf_diff_side side[WF_DIFF_SIDES];
    uint32_t n_members; /* of both */
    uint32_t *by_id;    /* members in the order of their ids' bytes */
    struct wf_diff_rule *rules;
    size_t n_rules, room_rules;
    bool nomem;
};

/* ---- diff.c: what the parts share. What fails for memory sets nomem and answers "" or NULL. ----
 */

const char *wf_diff_keep(struct wf_diffing *d, const char *text, size_t len);
const char *wf_diff_keep_buf(struct wf_diffing *d, struct wf_buf *buf); /* and releases it */

/* One element more at the end of a growing array of the result, zeroed; NULL: no memory. */
void *wf_diff_more(struct wf_diffing *d, void *array, size_t *n, size_t *room, size_t size);

/* Counts a member; where there is room for a sample, answers it to be told why, else NULL. */
struct wf_diff_sample *wf_diff_count(struct wf_diffing *d, struct wf_diff_samples *samples,
                                     uint32_t member);

/* Appends those of the atoms that are not known true for the member on that side, with their
 * values; nothing where the member is not among its own. */
void wf_diff_fails(struct wf_diffing *d, int side, uint32_t first, uint32_t count, uint32_t member,
                   struct wf_buf *out);

/* The rule of both that a side's rule is. */
uint32_t wf_diff_rule_of(const struct wf_diffing *d, int side, uint32_t rule);

/* ---- the parts ---- */

enum wf_status wf_diff_decls(struct wf_diff *diff,
                             const struct wf_program *const programs[WF_DIFF_SIDES]);
void wf_diff_segments(struct wf_diffing *d);
void wf_diff_classes(struct wf_diffing *d);
void wf_diff_metrics(struct wf_diffing *d);
enum wf_status wf_diff_actions(struct wf_diffing *d);
void wf_diff_costs(struct wf_diffing *d);
enum wf_status wf_diff_journeys(struct wf_diffing *d);

/* What a program's texts, conditions and values mean, as a number: equal for equal meaning,
 * whatever they are called. */
struct wf_meaning;
struct wf_meaning *wf_meaning_new(const struct wf_ir *ir, const struct wf_alloc *alloc);
void wf_meaning_free(struct wf_meaning *meaning);
uint64_t wf_meaning_node(struct wf_meaning *meaning, uint32_t node); /* WF_NONE too */
uint64_t wf_meaning_view(struct wf_meaning *meaning, uint32_t view);

/* ---- diff_json.c ---- */
void wf_diff_json(const struct wf_diff *diff, const char *const names[WF_DIFF_SIDES],
                  struct wf_buf *out);

#endif
