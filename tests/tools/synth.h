/*
 * synth.h - a random dataset for any verified program: every input has a column of its type, every
 * view has rows. Cells are missing, rows rejected, times unknown and numbers extreme often enough
 * to matter. The same seed gives the same data.
 */
#ifndef WF_TESTS_SYNTH_H
#define WF_TESTS_SYNTH_H

#include "lang/ir/ir.h"
#include "runtime/data/dataset.h"

/* Members of a view's event have 0 .. 2 * rows_each rows. NULL when out of memory. */
struct wf_dataset *synth_dataset(const struct wf_ir *ir, uint32_t n_members, uint32_t rows_each,
                                 int64_t now, uint64_t seed);
void synth_free(struct wf_dataset *data);

#endif
