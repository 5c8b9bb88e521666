/*
 * explain.h - why one member does, or does not, get something tonight: a night that is decided and
 * dropped, told for that member rule by rule.
 *
 * The state is not touched. A night that is still to come is decided as it would be; the last
 * night, if it was run already, is looked at once more over the state it left, and what it did is
 * read from the ledger.
 */
#ifndef WF_RUN_EXPLAIN_H
#define WF_RUN_EXPLAIN_H

#include "runtime/run/night.h"

struct wf_explain_result {
    struct wf_buf text;
    struct wf_load_report report; /* of the exports, for its notes */
};

/*
 * `options` says which exports and which night; what it says of output is not looked at. On success
 * the result's text holds the explanation. WF_ERR_MISSING: the exports have no such member (or a
 * feed is not there); else as wf_run_night. Release the result in any case.
 */
enum wf_status wf_explain_member(const struct wf_program *program, struct wf_store *store,
                                 const struct wf_run_options *options, const char *member,
                                 struct wf_explain_result *result, struct wf_buf *why);
void wf_explain_result_release(struct wf_explain_result *result);

#endif
