/*
 * scalar.h - the row evaluator: the value of any IR node for one row, computed the obvious way.
 *
 * It reads the IR, not the code, and calls lang/base/value.h for every operation: it is the
 * reference that the vector machine is judged by, and what texts, reasons, due times and `explain`
 * use for the few rows that matter. One evaluator serves one thread; values it answers point into
 * the dataset and the program.
 *
 *   evaluator ── current member ── current row of each event view (rows of that member)
 *                 memo of MEMBER nodes    memo of that view's nodes
 *
 * Aggregates (struct wf_ir_agg): a row with filter true counts, one with filter unknown is
 * undecided. An event (rows alike in the first unique field) counts if any of its rows does, and is
 * undecided if none does and some row is undecided.
 *
 *   COUNT           LO = events that count, HI = LO + undecided ones
 *   SUM             rows; LO adds the negative, HI the positive values of undecided rows; a row
 *                   (counting or undecided) without a value: no bounds (LO, HI missing)
 *   DISTINCT        LO = distinct values of the counting rows, HI = LO + undecided rows
 *   AVERAGE MIN MAX rows; a counting row without a value: not sure
 *   FIRST LAST GAP HOUR   events; an event's row is its first (LAST: last) counting one
 *   FIRST_OF LAST_OF      the value of the first (last) counting row; undecided by rows
 *
 * SURE = nothing undecided (and, where said, no value lacking). VALUE is missing where not sure,
 * and where there is nothing to take (COUNT, SUM, DISTINCT: 0).
 */
#ifndef WF_VM_SCALAR_H
#define WF_VM_SCALAR_H

#include "lang/code/program.h"
#include "runtime/data/dataset.h"
#include "runtime/vm/noted.h"
#include "runtime/vm/population.h"
#include "runtime/vm/vm.h"

struct wf_scalar;

/*
 * All arguments are borrowed and must outlive it. data may be NULL (only RUN nodes can be asked
 * for then); pops may be NULL or incomplete (its figures are then missing). NULL: no memory.
 */
struct wf_scalar *wf_scalar_new(const struct wf_ir *ir, const struct wf_dataset *data,
                                const struct wf_vm_params *params, const struct wf_pops *pops,
                                const struct wf_alloc *alloc);
void wf_scalar_free(struct wf_scalar *scalar);

/* Aggregates that the machine kept are answered from there, with the same data and parameters. */
void wf_scalar_recall(struct wf_scalar *scalar, const struct wf_noted *noted);

/* Makes `row` the current member: it must be < n_members. */
void wf_scalar_member(struct wf_scalar *scalar, uint32_t row);

/* The parameters it was made with have changed: nothing computed so far holds any more. */
void wf_scalar_renew(struct wf_scalar *scalar);

/* Makes `row` the current row of `view`; it must be a row of the current member. */
void wf_scalar_event(struct wf_scalar *scalar, uint32_t view, uint64_t row);

/*
 * What ENTRY and ENTERED say of the current member, until the next member: when their journey's
 * entry was, and the event that entered, by the key of its record's views (view WF_NONE: no event
 * did). Without it ENTRY is missing and ENTERED false.
 */
void wf_scalar_entry(struct wf_scalar *scalar, int64_t at, uint32_t view,
                     const unsigned char key[16]);

/* From here on the event of that row counts for nothing, in any view of its record, until unhidden
 * or the next member. One at a time; views without keys hide nothing. */
void wf_scalar_hide(struct wf_scalar *scalar, uint32_t view, uint64_t row);
void wf_scalar_unhide(struct wf_scalar *scalar);

/* The value of a node: RUN, MEMBER (current member) or of an event view (its current row). */
struct wf_value wf_scalar_value(struct wf_scalar *scalar, uint32_t node);

/* A bool node, three-valued: 1 true, 0 false, -1 unknown. */
int wf_scalar_truth(struct wf_scalar *scalar, uint32_t node);

/* The row that a FIRST or LAST aggregate answers of, for the current member; false: missing. */
bool wf_scalar_agg_row(struct wf_scalar *scalar, uint32_t agg, uint64_t *row_out);

/* Whether no undecided event bears on the aggregate for the current member. */
bool wf_scalar_agg_sure(struct wf_scalar *scalar, uint32_t agg);

/* WF_OK, or why some value since it was made could not be computed (it was given as missing). */
enum wf_status wf_scalar_status(const struct wf_scalar *scalar);

/* Computes every population figure of the program with this evaluator, one member at a time.
 * pops must have been initialised and is the one the evaluator was made with. */
enum wf_status wf_scalar_populations(struct wf_scalar *scalar, struct wf_pops *pops);

#endif
