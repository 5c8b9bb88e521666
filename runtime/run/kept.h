/*
 * kept.h - how long the ledger remembers what left and what was stopped.
 *
 * Nothing is decided once only because the ledger knows of it: that is the state's decided sets and
 * marks. The ledger is asked by caps, by rules that say `sent`, by actions that are held and by
 * people, and is kept as long as any of them looks back.
 */
#ifndef WF_RUN_KEPT_H
#define WF_RUN_KEPT_H

#include "lang/base/calendar.h"
#include "lang/code/program.h"
#include "runtime/store/rations.h"

/* For people, and for rules that may look back further tomorrow than today's do. */
enum { WF_KEPT_DAYS = 100, WF_KEPT_SPARE = 35 };

/*
 * What nights before this instant did is needed no more: 100 days back, or 35 days before the
 * earliest that the rules look at, or before what the oldest held action came from, whichever is
 * earlier. INT64_MIN: all is needed, for a rule asks for `sent` without saying since when.
 * WF_ERR_NOMEM.
 */
enum wf_status wf_kept_from(const struct wf_ir *ir, const struct wf_zone *zone, int64_t now,
                            const struct wf_rations *rations, const struct wf_alloc *alloc,
                            int64_t *out);

#endif
