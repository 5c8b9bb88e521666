/*
 * recall.h - members who sleep: of whose events nothing is new, and of whom all that rules count of
 * them is known from a night before.
 *
 *   chain ─ feeds "=EVENT": id, margins, results ─ the newest entry of each member
 *     │                                              │ no row came since, and each margin is wider
 *     │                                              ▼ than what rows are held against has moved
 *     └ rows of EVENT ── members who are awake ─▶ the view     sleepers: results as they were kept,
 *                                                              rows only for who asks for them
 *
 * An entry holds for the rows that the member had on its night, so it counts only where no newer
 * snapshot than its own has rows of the member. A margin is how far the nearest row was then from
 * changing sides of a limit (vm/rest.h), which has to move so far before any result of it can be
 * another. A sleeper whom some limits have passed dozes: results of those are taken anew, over the
 * rows that may count.
 */
#ifndef WF_DATA_RECALL_H
#define WF_DATA_RECALL_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"

/* A block's columns are ids, a margin for each limit, then the results: a cell a member, at most
 * WF_BATCH of them. */
enum { WF_RECALL_ID, WF_RECALL_MARGINS };

/* "=EVENT" in a buffer, which is to be initialised; NULL: no memory. No feed has such a name. */
#define WF_RECALL_MARK '='
const char *wf_recall_name(const char *event, struct wf_buf *buf);

struct wf_recall; /* of one event, tonight; recall_int.h is its inside */

/* Bits by member, those who doze too. */
const uint64_t *wf_recall_asleep(const struct wf_recall *recall);

/* The limits that have passed rows of a sleeper, a bit each; 0: the member does not doze. */
uint32_t wf_recall_passed(const struct wf_recall *recall, uint32_t member);

/* What is left tonight of a sleeper's margin; UINT64_MAX: it has no end. */
uint64_t wf_recall_left(const struct wf_recall *recall, uint32_t member, uint32_t limit);

/* A sleeper's entry: cell `row` of the columns. */
struct wf_recall_at {
    const struct wf_snap_column *columns;
    uint32_t row;
};
struct wf_recall_at wf_recall_find(const struct wf_recall *recall, uint32_t member);

/* Whether the n members from `first`, a sleeper, on have entries that follow each other as they do.
 * If not, those of the sleepers among them may yet. */
bool wf_recall_follow(const struct wf_recall *recall, uint32_t first, uint32_t n);

void wf_recall_free(struct wf_recall *recall); /* NULL is fine */

#endif
