/*
 * optout.h - who opted out, as the exports tell at one moment. A held night is approved hours after
 * its exports were read: whoever opted out in between must be left alone.
 *
 * The opt-outs are the events called `optout` or `unfriend`, or whose `as` word is `opted_out` or
 * `unfriended`, in the files that the rules read.
 */
#ifndef WF_RUN_OPTOUT_H
#define WF_RUN_OPTOUT_H

#include "lang/code/program.h"
#include "runtime/data/load.h"

/* Whether a feed of the report holds opt-outs. */
bool wf_optout_feed(const struct wf_ir *ir, const char *feed, size_t len);

/* Whether the program reads any. */
bool wf_optout_read(const struct wf_ir *ir);

/*
 * By member row: a hash over all of the member's opt-outs, 0 where there is none. A row that could
 * not be read counts as one. To be freed with wf_free; NULL: no memory.
 */
uint64_t *wf_optouts(const struct wf_ir *ir, const struct wf_dataset *data,
                     const struct wf_alloc *alloc);

#endif
