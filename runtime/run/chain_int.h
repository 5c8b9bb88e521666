/*
 * chain_int.h - one action while its chain is told (chain.c, chain_gates.c).
 */
#ifndef WF_RUN_CHAIN_INT_H
#define WF_RUN_CHAIN_INT_H

#include "runtime/run/history.h"
#include "runtime/run/night.h"
#include "runtime/run/why.h"

/* A gate on the way, or the one where the way ended. */
struct wf_chain_gate {
    const char *gate;
    bool stopped;
    struct wf_buf found; /* in words; may be empty */
};

/* One action while its chain is told. */
struct wf_chain {
    const struct wf_program *program;
    const struct wf_ir *ir;
    const struct wf_run_options *options;
    const struct wf_alloc *alloc;
    struct wf_history history;
    struct wf_ledger_row row;
    const struct wf_night_name *night;
    uint32_t trigger, journey; /* of tonight's rules; WF_NONE */
    struct wf_chain_gate *passed;
    size_t n_passed, room;
    struct wf_buf file, reason; /* where it was published; "" where it is not known */
    size_t line;
    bool same_rules;
    struct wf_buf conditions; /* in lines, from --data */
    bool same_data;
    struct wf_buf *why;
};

/* The rule's number among triggers and journeys; WF_NONE: it is gone. */
uint32_t wf_chain_rule(const struct wf_chain *chain);

/* Appends " (FILE:LINE)". */
void wf_chain_place(const struct wf_chain *chain, uint32_t place, struct wf_buf *out);

/* The code of the coupon that an action gives; none: its length is 0. */
struct wf_ledger_text wf_chain_coupon(const struct wf_ledger_row *row);

/* Finds the gates it passed, in their order, to the one that stopped it. */
enum wf_status wf_chain_gates(struct wf_chain *chain);

/* Appends to the conditions what led the member to an action of a journey, as far as the exports
 * can say it. `why` has the member at hand, and stands in the entry afterwards. */
enum wf_status wf_chain_journey(struct wf_chain *chain, struct wf_why *why, struct wf_state *state);

#endif
