/*
 * explain.h - why members do, or do not, get something tonight: a night that is decided and
 * dropped, told for each of them rule by rule, as text or JSON.
 *
 * The state is not touched. A night that is still to come is decided as it would be; the last
 * night, if it was run already, is looked at once more over the state it left, and what it did is
 * read from the ledger.
 */
#ifndef WF_RUN_EXPLAIN_H
#define WF_RUN_EXPLAIN_H

#include "runtime/run/night.h"

struct wf_explain_query {
    const char *const *members; /* by id */
    size_t n_members;
    const char *journey; /* only this one, at length; NULL: everything */
    const char *rule;    /* only this one, and what stands in its way; NULL: everything */
    bool json;           /* an object a line, for each member (explain.schema.json) */
    void *ctx;
    enum wf_status (*tell)(void *ctx, const char *text, size_t len); /* once a member, in order */
};

/*
 * `options` says which exports and which night; what it says of output is not looked at.
 *
 *   WF_ERR_MISSING  the exports do not have the one member asked for (of several, what is told of
 *                   such a one says so), or a feed is not there
 *   WF_ERR_USAGE    no rule or journey has that name
 *   else            as wf_run_night, or of `tell`
 *
 * The report is that of the exports, for its notes; release it in any case.
 */
enum wf_status wf_explain(const struct wf_program *program, struct wf_store *store,
                          const struct wf_run_options *options,
                          const struct wf_explain_query *query, struct wf_load_report *report_out,
                          struct wf_buf *why);

#endif
