/*
 * source.h - a bool node as the machine's sink sees it: an output, or the same for every row.
 */
#ifndef WF_ENGINE_SOURCE_H
#define WF_ENGINE_SOURCE_H

#include "lang/code/program.h"
#include "runtime/vm/scalar.h"
#include "runtime/vm/vm.h"

struct wf_source {
    enum { WF_SRC_NONE, WF_SRC_OUT, WF_SRC_TRUE, WF_SRC_FALSE, WF_SRC_UNKNOWN } kind;
    uint32_t out; /* OUT: index into the program's outputs */
};

/* Of a node, WF_NONE (always true) included. WF_ERR_INTERNAL: the program does not output it. */
enum wf_status wf_source_make(const struct wf_program *program, struct wf_scalar *scalar,
                              uint32_t node, struct wf_source *out);

/* The 64 rows of word `w` of a batch: known true; known. */
static inline uint64_t wf_source_true(const struct wf_source *source, const struct wf_bits *outs,
                                      uint32_t w)
{
    if (source->kind == WF_SRC_OUT)
        return outs[source->out].t[w];
    return source->kind == WF_SRC_TRUE || source->kind == WF_SRC_NONE ? ~(uint64_t)0 : 0;
}

static inline uint64_t wf_source_known(const struct wf_source *source, const struct wf_bits *outs,
                                       uint32_t w)
{
    if (source->kind == WF_SRC_OUT)
        return outs[source->out].k[w];
    return source->kind == WF_SRC_UNKNOWN ? 0 : ~(uint64_t)0;
}

/* The rows of word `w` that a batch of `n` has. */
static inline uint64_t wf_word_mask(uint32_t n, uint32_t w)
{
    uint32_t left = n - w * 64;
    return left >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << left) - 1;
}

#endif
