/*
 * dues.h - when a trigger's occurrences fell due, and of which year.
 *
 * Nearly always that hangs on one date of the member's, and a night's occurrences on a few dates:
 * what the row evaluator said of a date is kept, and answered again.
 */
#ifndef WF_ENGINE_DUES_H
#define WF_ENGINE_DUES_H

#include "lang/code/program.h"
#include "runtime/data/dataset.h"
#include "runtime/vm/scalar.h"

struct wf_due {
    struct wf_value due, year; /* missing where the trigger has none */
};

enum { WF_DUES_KEPT = 64 };

struct wf_dues {
    struct wf_scalar *scalar;
    uint32_t due, year;             /* nodes, or WF_NONE */
    const struct wf_column *column; /* all that both hang on; NULL: more, or nothing of members */
    struct wf_due_kept {
        bool set;
        int64_t cell;
        struct wf_due due;
    } kept[WF_DUES_KEPT]; /* by the lowest bits of the cell */
};

/* Those of a trigger. The evaluator and the dataset are borrowed. */
void wf_dues_init(struct wf_dues *dues, const struct wf_ir *ir, const struct wf_ir_trigger *trigger,
                  const struct wf_dataset *data, struct wf_scalar *scalar);

/* Of the evaluator's current row; `member` is its current member. */
struct wf_due wf_dues_of(struct wf_dues *dues, uint32_t member);

/* Fetches what that looks at, of a member who is asked about soon. */
static inline void wf_dues_fetch(const struct wf_dues *dues, uint32_t member)
{
    if (dues->column)
        wf_column_fetch(dues->column, member);
}

#endif
