/*
 * explain_json.h - explanations as JSON: one object a member. Every name and what it means stands
 * in explain.schema.json.
 */
#ifndef WF_RUN_EXPLAIN_JSON_H
#define WF_RUN_EXPLAIN_JSON_H

#include <jansson.h>

#include "runtime/run/history.h"
#include "runtime/run/why.h"

/* All answer a new value; where memory lacked *bad is set. The evaluator stands at the member of
 * why->row. */
json_t *wf_json_segments(const struct wf_why *why, bool *bad);
json_t *wf_json_classes(const struct wf_why *why, bool *bad);
json_t *wf_json_rule(const struct wf_why *why, uint32_t trigger, bool *bad);
json_t *wf_json_stand(const struct wf_why *why, uint32_t journey, bool at_length, bool *bad);
json_t *wf_json_tonight(const struct wf_why *why, bool *bad);
json_t *wf_json_ledger(const struct wf_history *history, size_t asked, bool *bad);

/* A row of the ledger; and the members "file" and "line" of what stands at a place. */
json_t *wf_json_row(const struct wf_history *history, const struct wf_ledger_row *row, bool *bad);
void wf_json_place(json_t *out, const struct wf_ir *ir, uint32_t place, bool *bad);

#endif
