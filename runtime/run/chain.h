/*
 * chain.h - how one action came about, from the ledger: its rule, its night, every gate it passed
 * or was stopped by, what it used up, where it was published.
 */
#ifndef WF_RUN_CHAIN_H
#define WF_RUN_CHAIN_H

#include "runtime/run/night.h"

struct wf_chain_query {
    const char *id; /* as actions.csv has it: 32 hex digits */
    bool json;      /* else lines */
};

/*
 * Appends the chain. `options`: the zone; `data`, if it is not NULL, the folder of that night's
 * exports, from which the values are evaluated once more; `out`, if it is not NULL, the folder of
 * the nights' folders, where its line and its reason are found.
 *
 *   WF_ERR_USAGE    that is no action id
 *   WF_ERR_MISSING  the ledger has no such action; the exports lack its member
 *   else            as reading the state, the exports and the night's files
 */
enum wf_status wf_chain(const struct wf_program *program, struct wf_store *store,
                        const struct wf_run_options *options, const struct wf_chain_query *query,
                        struct wf_buf *out, struct wf_buf *why);

#endif
