/*
 * recall.h - members who sleep: of whose events nothing is new, and of whom all that rules count of
 * them is known from a night before.
 *
 *   chain ─ feeds "=EVENT": id, margin, results ─ the newest entry of each member
 *     │                                             │ no row came since, and the margin is wider
 *     │                                             ▼ than what rows are held against has moved
 *     └ rows of EVENT ── members who are awake ─▶ the view     sleepers: results as they were kept,
 *                                                              rows only for who asks for them
 *
 * An entry holds for the rows that the member had on its night, so it counts only where no newer
 * snapshot than its own has rows of the member. Its margin is how far the nearest row was then from
 * changing sides (vm/rest.h): what is held against the rows has to move so far before any result
 * can be another.
 */
#ifndef WF_DATA_RECALL_H
#define WF_DATA_RECALL_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"

/* The columns of a block before those of the results: a cell a member, at most WF_BATCH of them. */
enum { WF_RECALL_ID, WF_RECALL_MARGIN, WF_RECALL_COLUMNS };

/* "=EVENT" in a buffer, which is to be initialised; NULL: no memory. No feed has such a name. */
#define WF_RECALL_MARK '='
const char *wf_recall_name(const char *event, struct wf_buf *buf);

struct wf_recall; /* of one event, tonight; recall_int.h is its inside */

/* Bits by member. */
const uint64_t *wf_recall_asleep(const struct wf_recall *recall);

/* A sleeper's entry: cell `row` of the columns. */
struct wf_recall_at {
    const struct wf_snap_column *columns;
    uint32_t row;
};
struct wf_recall_at wf_recall_find(const struct wf_recall *recall, uint32_t member);

void wf_recall_free(struct wf_recall *recall); /* NULL is fine */

#endif
