/*
 * rows.h - the rows of actions.csv and suppressed.csv: decisions, in words.
 *
 * Whoever writes rows has an evaluator of their own, so several threads may. What is the same row
 * after row (a rule's names, times) is kept as it came out the first time.
 */
#ifndef WF_RUN_ROWS_H
#define WF_RUN_ROWS_H

#include "runtime/run/publish.h"
#include "runtime/run/sheet.h"

extern const char
    *const WF_SUPPRESSED_COLUMNS[]; /* those of actions, and the gate; NULL ends them */
extern const char *const WF_ACTION_COLUMNS[];

struct wf_rows;

/* Borrows the night. NULL: no memory. */
struct wf_rows *wf_rows_new(const struct wf_publish *publish);
void wf_rows_free(struct wf_rows *rows);

/*
 * Writes the decisions from .. to - 1 that left, or those that were stopped with what lapsed before
 * or between them (behind the last decision of the night: the rest of it). Failures are the
 * sheet's.
 */
void wf_rows_put(struct wf_rows *rows, struct wf_sheet *sheet, size_t from, size_t to,
                 bool stopped);

#endif
