/*
 * vm.h - evaluates a verified program over a dataset, a batch of rows at a time.
 *
 * A bool is a pair of bitmaps: bit r of `t` says row r is true, bit r of `k` that it is known;
 * t is a subset of k. The machine calls the sink with the outputs of each batch; nothing else
 * leaves it. Batches are independent: with several threads, sinks are called from several threads,
 * each with its own worker number. A worker's member rows ascend from call to call, and of WF_BATCH
 * rows from a multiple of WF_BATCH on all are of one worker; what a sink builds must not depend on
 * anything else.
 */
#ifndef WF_VM_VM_H
#define WF_VM_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

struct wf_program;
struct wf_dataset;
struct wf_zone;
struct wf_pops;
struct wf_noted;

struct wf_bits {
    const uint64_t *t, *k;
    /* An output that is no bool: its values where k is set (t is nothing then). int32_t: DATE,
     * ENUM, REF. double: NUMBER. TEXT: a number that equal texts share. Else int64_t. */
    const void *lanes;
};

/* What the run knows before any row. The arrays are by IR index. */
struct wf_vm_params {
    int64_t now; /* T, seconds */
    const struct wf_zone *zone;
    const int64_t *floor; /* by trigger: FLOOR */
};

struct wf_vm_sink {
    void *ctx;
    struct wf_pops *pops;   /* NULL, or where to leave the population figures (the caller releases
                               them): complete before the first call below */
    struct wf_noted *noted; /* NULL, or where to keep what reasons will show (noted.h): it may be
                               asked to keep from within `members` */
    /* Member rows first .. first + n - 1; outs is by output index of the program (only those of the
     * member domain are filled). Bit r belongs to row first + r. */
    enum wf_status (*members)(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                              const struct wf_bits *outs);
    /* Event rows of `view`; outs as above for outputs of that view. May be NULL. */
    enum wf_status (*events)(void *ctx, unsigned worker, uint32_t view, uint64_t first, uint32_t n,
                             const struct wf_bits *outs);
};

/* The vector instructions that may be used, where the processor has them. Results are the same. */
enum wf_vectors { WF_VECTORS_ANY, WF_VECTORS_NONE, WF_VECTORS_AVX2 };

struct wf_rests;
struct wf_vm_options {
    unsigned threads; /* 1 .. 64 */
    unsigned batch;   /* rows: 1 .. WF_BATCH */
    enum wf_vectors vectors;
    uint64_t *profile; /* NULL, or nanoseconds by instruction of the program, to be added to: of all
                          threads, guessed from every WF_PROFILE_EACH-th batch */
    struct wf_rests *rests; /* NULL, or which aggregates are known, or are to be kept (rest.h) */
    const struct wf_alloc *alloc;
};
enum { WF_PROFILE_EACH = 16 };

/* How often arithmetic became unknown (overflow, division by zero), over the run. */
struct wf_vm_stats {
    uint64_t undefined;
};

enum wf_status wf_vm_run(const struct wf_program *program, const struct wf_dataset *data,
                         const struct wf_vm_params *params, const struct wf_vm_options *options,
                         const struct wf_vm_sink *sink, struct wf_vm_stats *stats_out);

#endif
