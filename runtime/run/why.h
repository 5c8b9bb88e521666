/*
 * why.h - why a rule did, or did not do, something for one member on one night.
 *
 *   wake  rules.way:7: not yet known
 *     true     wecom                                  rules.way:7
 *     false    points > 100 (points 40)               rules.way:8
 */
#ifndef WF_RUN_WHY_H
#define WF_RUN_WHY_H

#include "runtime/engine/engine.h"

struct wf_entry;
struct wf_history;
struct wf_load_report;

/* A night that was decided, as it is looked at afterwards. All is borrowed. */
struct wf_why {
    const struct wf_night *night;
    const struct wf_outcome *outcome;
    struct wf_state *prior; /* as it was before the night; its index of members may be made */
    struct wf_scalar *scalar;
    struct wf_vm_params *params;         /* the evaluator's; NULL: nobody asks of later nights */
    const struct wf_load_report *report; /* of the exports; NULL: nobody asks for rejected rows */
    const struct wf_history *history;    /* NULL: nobody asks the ledger */
    const uint32_t *mine; /* the decisions about the member at hand; NULL: all are looked through */
    size_t n_mine;
    uint32_t row;                 /* of the member at hand; WF_NO_MEMBER: nobody is */
    const struct wf_entry *entry; /* of the journey that is asked about; NULL: none is */
    uint32_t entered;             /* the view whose event entered it, WF_NONE */
    const char *indent;           /* before each line */
    bool again;                   /* the night was run already: `prior` is what it left */
    bool needs;                   /* say also what would make a condition true that is not */
};

/* The evaluator for a look at a night; NULL: no memory. `params` must outlive it. */
struct wf_scalar *wf_why_scalar(const struct wf_night *night, const struct wf_outcome *outcome,
                                struct wf_vm_params *params);

/* Lets the evaluator stand at the member at hand, in its entry if there is one. */
void wf_why_at(const struct wf_why *why);

/* The row of the member of that id, WF_NO_MEMBER: tonight's exports have none. */
uint32_t wf_why_row(const struct wf_dataset *data, const char *id, size_t len);

/* A trigger's name, or an unnamed one's text. */
const char *wf_why_rule_name(const struct wf_ir *ir, uint32_t trigger);

/* Appends "FILE:LINE"; nothing where the place is not known. */
void wf_why_place(const struct wf_ir *ir, uint32_t place, struct wf_buf *out);

/* Appends lines: what became of the trigger for the member tonight, and each part of its condition
 * with its values. */
void wf_why_trigger(const struct wf_why *why, uint32_t trigger, uint32_t row, struct wf_buf *out);

/* Appends the indent and a word, padded so that what follows stands in a column. */
void wf_why_line(const struct wf_why *why, const char *word, struct wf_buf *out);

/* Appends a line for each of the atoms: its truth, its words with their values, its place. */
void wf_why_atoms(const struct wf_why *why, uint32_t first, uint32_t count, struct wf_buf *out);

/* Whether what an action says or sets is made of a private field: explanations do not show it. */
bool wf_why_private(const struct wf_ir *ir, const struct wf_ir_action *action);

/* Appends what a decision does: `send hello via wecom`, `task owner "Call"`. */
void wf_why_action(const struct wf_why *why, const struct wf_decision *decision,
                   struct wf_buf *out);

#endif
