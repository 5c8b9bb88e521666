/*
 * past_view.h - members' rows that stand as they were kept, from the blocks into the view.
 */
#ifndef WF_DATA_PAST_VIEW_H
#define WF_DATA_PAST_VIEW_H

#include "runtime/data/past_owners.h"
#include "runtime/data/view.h"

/* What the texts of a block are tonight, by slot. */
struct wf_past_words {
    unsigned worker;  /* whose dictionaries know them */
    uint32_t **codes; /* of a list, by text; CODE: the worker's code, then the joined one; REF: a
                         row, WF_NONE for none */
    uint64_t **at;    /* where each text begins, and the last one ends: STR, and the key's */
};

struct wf_past_view {
    struct wf_past_owners *owners;
    const bool *learnt;               /* by slot: its texts are needed */
    const struct wf_ids *const *refs; /* by slot */
    struct wf_names *dicts;           /* worker * n_slots + slot */
    struct wf_past_words *words;      /* by block */
    struct wf_standing standing;
    struct wf_view *view;
};

/* WF_ERR_NOMEM. Release it in any case. */
enum wf_status wf_past_view_init(struct wf_past_view *v, struct wf_past_owners *owners);
void wf_past_view_release(struct wf_past_view *v);

/* When all rows that do not stand were picked, before dictionaries are joined: finds out what the
 * texts are, and what the columns must hold. */
enum wf_status wf_past_view_learn(struct wf_past_view *v);

/* When dictionaries are joined: maps (worker * n_slots + slot) are the joined codes. */
enum wf_status wf_past_view_join(struct wf_past_view *v, uint32_t *const *maps);

/* Copies n rows of one block, from row `row` of all blocks on, to row `base` of the view. */
void wf_past_view_copy(const struct wf_past_view *v, uint64_t row, uint32_t n, uint32_t base);

/* Puts a part's rows into the view, and where they belong among them those that stand. */
enum wf_status wf_past_view_take(struct wf_past_view *v, const struct wf_group_part *part);

#endif
