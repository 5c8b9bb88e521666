/*
 * lapsed.h - actions that a gate held on an earlier night, and that nobody asks for any more: told
 * from what the ledger knows of them, because tonight's rules do not.
 */
#ifndef WF_RUN_LAPSED_H
#define WF_RUN_LAPSED_H

#include "lang/base/arena.h"
#include "runtime/engine/engine.h"
#include "runtime/store/store.h"

struct wf_lapsed_row {
    struct wf_ledger_row row;         /* as it takes the place of the one that is there */
    struct wf_ledger_text rule, held; /* the rule's name; why it was held */
};

/*
 * The rows of what lapsed in a night (wf_outcome.lapsed), by member (bytes), rule and action id; in
 * the arena, their texts too; NULL: nothing did. WF_ERR_STATE: the ledger does not know one of
 * them.
 */
enum wf_status wf_lapsed_rows(struct wf_store *store, const struct wf_night *night,
                              const struct wf_outcome *outcome, struct wf_arena *arena,
                              struct wf_lapsed_row **rows_out);

#endif
