/*
 * cut.h - where a `top n% by X` or `bottom n by X` ends tonight.
 */
#ifndef WF_RUN_CUT_H
#define WF_RUN_CUT_H

#include "runtime/run/why.h"

/* The X of the last member who is in it, of the group of the member at hand where there is `per`;
 * false: it is no such figure, or nobody is. Looks at every member; the evaluator stands at the
 * member at hand again afterwards. */
bool wf_cut(const struct wf_why *why, uint32_t pop, struct wf_value *out);

#endif
