/*
 * decided.h - asking for many marks in nearly ascending order, while nobody adds any.
 *
 * The machine hands over rows in ascending order, so the next question's answer most likely lies a
 * little behind the last one's: a cursor searches from there in growing steps.
 */
#ifndef WF_ENGINE_DECIDED_H
#define WF_ENGINE_DECIDED_H

#include "lang/base/zone.h"
#include "lang/code/program.h"
#include "runtime/store/state.h"

struct wf_mark_cursor {
    size_t at; /* into the sorted marks */
};

/* Whether the mark is there; the marks must be sorted. */
bool wf_marks_seek(const struct wf_marks *marks, struct wf_mark_cursor *cursor,
                   const struct wf_mark *mark);

/*
 * The year of every anniversary whose due (its date moved by `offset`) lies between `from` and
 * `to`; false where more than one year is possible.
 */
bool wf_anniv_one_year(const struct wf_zone *zone, const struct wf_ir_anniv *offset, int64_t from,
                       int64_t to, int64_t *year_out);

#endif
