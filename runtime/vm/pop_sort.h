/*
 * pop_sort.h - members in the order of what they are ranked by: a radix sort that skips the bytes
 * that are alike in all, so small numbers cost few passes, each of them on several threads.
 */
#ifndef WF_VM_POP_SORT_H
#define WF_VM_POP_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

struct wf_pop_entry {
    uint64_t order; /* X, such that the first to be taken comes first */
    uint32_t member;
    uint32_t group;
};

/*
 * Stable, ascending by (group, order), the same on any number of threads. `spare` is as large as
 * the list; *sorted_out is the one of the two that holds the result. WF_ERR_NOMEM.
 */
enum wf_status wf_pop_sort(struct wf_pop_entry *list, struct wf_pop_entry *spare, size_t n,
                           unsigned threads, const struct wf_alloc *alloc,
                           struct wf_pop_entry **sorted_out);

#endif
