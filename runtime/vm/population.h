/*
 * population.h - figures that need every member: top, bottom, quantile, rank.
 *
 * A figure is computed once per run from three things known of every member: X, `among`, `per`.
 *
 *   counted      among known true (or none), X present, per present (or none)
 *   group        the counted members alike in `per`; N is how many a group has
 *   TOP, BOTTOM  the k largest (smallest) X of the group that are not zero; k = ceil(N * n / 10000)
 *                for a percentage, else n; ties at the cut: the smaller salted hash of the id
 *   QUANTILE     1 + floor(q * less / N), less = how many of the group are strictly less
 *   RANK         1 + how many of the group are strictly greater
 *
 * A member that is not counted gets unknown; under `no_match` false, unless `among` is unknown.
 * Nothing depends on the order of the rows or on threads.
 */
#ifndef WF_VM_POPULATION_H
#define WF_VM_POPULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/code/program.h"
#include "runtime/data/dataset.h"

enum { WF_POP_CURVE = 101 };

/* One computed figure. */
struct wf_figure {
    bool ready;
    uint64_t *t, *k; /* TOP, BOTTOM: the answers; QUANTILE, RANK: k says there is a value */
    int64_t *value;  /* QUANTILE, RANK: 0 where there is none */
    /* Of all that X adds up to, in hundredths of a percent, what the first i% of the counted
     * members have, the largest X first. Only where X is an amount or a whole number and there is
     * no `per`. */
    bool curved;
    uint16_t curve[WF_POP_CURVE];
};

/* By IR population index. All zero is a valid empty one. */
struct wf_pops {
    const struct wf_alloc *alloc;
    struct wf_figure *figures;
    uint32_t n, n_members;
};

enum wf_status wf_pops_init(struct wf_pops *pops, const struct wf_ir *ir, uint32_t n_members,
                            const struct wf_alloc *alloc);
void wf_pops_release(struct wf_pops *pops);

static inline bool wf_pop_is_scored(const struct wf_ir_pop *pop)
{
    return pop->kind == WF_POP_QUANTILE || pop->kind == WF_POP_RANK;
}

/* The values of a figure that is scored, unless it has some. WF_ERR_NOMEM. */
enum wf_status wf_pops_make_values(struct wf_pops *pops, const struct wf_ir *ir, uint32_t pop);

/* The figure for one member; missing when it was not computed. */
struct wf_value wf_pops_value(const struct wf_pops *pops, const struct wf_ir *ir, uint32_t pop,
                              uint32_t member);

/*
 * What a figure is computed from, one entry a member. `key` orders as X does (wf_pop_key_*);
 * bits past the last member are zero.
 */
struct wf_pop_input {
    uint64_t *key, *present;     /* X */
    uint64_t *zero;              /* X is zero (a number of something, not a date) */
    uint64_t *among_t, *among_k; /* NULL: no among */
    uint64_t *per, *per_present; /* equal numbers are one group; NULL: no per */
    bool whole;                  /* X is an amount or a whole number: it adds up to something */
};

void wf_pop_input_release(struct wf_pop_input *input, const struct wf_alloc *alloc);

/* Who is counted, of the members of a word of bits. */
static inline uint64_t wf_pop_counted(const struct wf_pop_input *input, size_t word)
{
    uint64_t among = input->among_t ? input->among_t[word] : UINT64_MAX;
    uint64_t per = input->per ? input->per_present[word] : UINT64_MAX;
    return input->present[word] & among & per;
}

/* A number that orders (unsigned) as the values do; -0.0 is 0.0. */
uint64_t wf_pop_key_int(int64_t x);
uint64_t wf_pop_key_number(double x);

/* What breaks ties: the smaller goes first; two different ids of one hash go by their bytes. */
uint64_t wf_pop_tie(const struct wf_dataset *data, uint32_t member);
int wf_pop_compare_ids(const struct wf_dataset *data, uint32_t a, uint32_t b);

/* How many of a group of `members` TOP or BOTTOM may take. */
uint64_t wf_pop_quota(const struct wf_ir_pop *pop, uint64_t members);

/* Fills pops->figures[index] from `input`. A figure that is scored has its values, which may be
 * where the keys are: they are written over then. */
enum wf_status wf_pop_compute(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                              const struct wf_dataset *data, struct wf_pops *pops, uint32_t index,
                              unsigned threads);

#endif
