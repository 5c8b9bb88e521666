/*
 * shown.h - the values behind a condition, as an operator reads them.
 */
#ifndef WF_RUN_SHOWN_H
#define WF_RUN_SHOWN_H

#include "runtime/data/load.h"
#include "runtime/run/why.h"

/* Whether a value may be shown: no private field is behind it. */
bool wf_shown(const struct wf_ir *ir, const struct wf_ir_show *show);

enum wf_known { WF_KNOWN_VALUE, WF_KNOWN_MISSING, WF_KNOWN_UNKNOWN };

/* Whether the node has a value for the evaluator's member, lacks one, or is in doubt. */
enum wf_known wf_shown_known(const struct wf_why *why, uint32_t node);

/* The aggregate whose value or bound a node is; WF_NONE: it is something else. */
uint32_t wf_shown_agg(const struct wf_ir *ir, uint32_t node);

/* Appends why it is in doubt, where the exports tell; nothing where they do not. */
void wf_shown_doubt(const struct wf_why *why, uint32_t node, struct wf_buf *out);

/* The row of the feed ("member", "purchase") that names the id and was rejected; NULL: none. */
const struct wf_load_reject *wf_shown_rejected(const struct wf_load_report *report,
                                               const char *feed, const char *id, size_t len);

/* Appends "line 12 of orders.csv was rejected: amount: not a number". */
void wf_shown_reject(const struct wf_load_report *report, const struct wf_load_reject *reject,
                     struct wf_buf *out);

/* Appends the value: money with two decimals, dates, "missing", "unknown: line 12 of ...". */
void wf_shown_value(const struct wf_why *why, uint32_t node, struct wf_buf *out);

#endif
