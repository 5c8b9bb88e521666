/*
 * kinds.h - values told apart only as far as a program's tests tell them apart.
 *
 * Rules ask many things of one column of texts or dates. Its distinct values (`places`) fall into
 * at most 256 kinds, each test answering alike for all of a kind: a cell is sorted once, and then
 * every test is a look into a table of 256 bits.
 *
 *   cell ──▶ place = cell - low ──▶ kind = of[place] ──▶ bit `kind` of a test's table
 */
#ifndef WF_VM_KINDS_H
#define WF_VM_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/arena.h"
#include "lang/base/status.h"

enum { WF_KINDS = 256, WF_KIND_OUTSIDE = 0 };

struct wf_kinds {
    uint32_t n;                 /* places */
    uint8_t *of;                /* by place; [n]: WF_KIND_OUTSIDE, of whatever has no place */
    uint32_t count;             /* kinds, OUTSIDE included */
    uint32_t example[WF_KINDS]; /* a place of each, but for OUTSIDE */
};

/* All places are of one kind. The arena keeps what it needs. */
enum wf_status wf_kinds_init(struct wf_kinds *kinds, uint32_t n, struct wf_arena *arena);

/*
 * Tells apart the places of which a test answers differently: bit p of k says that it knows of
 * place p (NULL: it knows of all), bit p of t that it holds. False: there would be too many kinds;
 * nothing has changed.
 */
bool wf_kinds_tell(struct wf_kinds *kinds, const uint32_t *t, const uint32_t *k);

/* What `bits` (by place, as above) says of each kind; of OUTSIDE: no. */
void wf_kinds_table(const struct wf_kinds *kinds, const uint32_t *bits, uint64_t table_out[4]);

/* The kinds of n cells of 1, 2 or 4 bytes, where the first place is that of the cell `low`. */
void wf_kinds_sort(const uint8_t *of, uint32_t n_places, const void *cells, unsigned width,
                   uint32_t low, size_t n, uint8_t *out);

#endif
