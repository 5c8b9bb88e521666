/*
 * trace.h - why a rule decided as it did for one member: its atoms with their values.
 */
#ifndef WF_VM_TRACE_H
#define WF_VM_TRACE_H

#include "lang/base/buf.h"
#include "runtime/vm/scalar.h"

/*
 * Appends the condition of trigger `trigger` in words with its values, for the current member (and,
 * for an event's moment, the current row of its view):
 *   joined + 7d (joined 2026-11-15); not purchased
 * A value that is missing is shown as `missing`; fields marked private are not shown.
 */
void wf_trace_reason(struct wf_scalar *scalar, uint32_t trigger, struct wf_buf *out);

/* Appends one atom: its text, and in parentheses the values it shows. */
void wf_trace_atom(struct wf_scalar *scalar, uint32_t atom, struct wf_buf *out);

/* Fetches what the reason of a rule shows of a member's own fields, for a member asked about soon.
 */
void wf_trace_fetch(struct wf_scalar *scalar, uint32_t trigger, uint32_t member);

#endif
