/*
 * noted.h - the aggregates that reasons show, of the members who may act, as the machine found
 * them: nobody has to walk their events again to say why.
 *
 *   while members are evaluated           afterwards
 *   sink ── who may act ──▶ items ──────▶ the row evaluator that words the reasons
 *
 * What is not here (another program's stage, texts, occurrences of events) the row evaluator finds
 * by itself; the answers are the same.
 */
#ifndef WF_VM_NOTED_H
#define WF_VM_NOTED_H

#include "lang/base/limits.h"
#include "lang/code/program.h"

struct wf_worker;

/* A part of an aggregate of one member. */
struct wf_noted_item {
    uint32_t member;
    uint32_t what : 31; /* aggregate * WF_PART_COUNT_ + part */
    uint32_t present : 1;
    int64_t value; /* its bits, where present */
};

/* What one thread of the machine keeps: by member, a batch at a time. */
struct wf_noted_list {
    const struct wf_worker *machine; /* while it runs */
    struct wf_noted_item *items;
    size_t n, room, sorted;
};

/* Where the items of WF_BATCH members from a multiple of WF_BATCH on are. */
struct wf_noted_place {
    uint32_t list, n;
    size_t first;
};

/* All zero is an empty one, which keeps nothing. */
struct wf_noted {
    const struct wf_alloc *alloc;
    uint32_t n_triggers, n_lists;
    uint32_t *first; /* by trigger, n + 1: into `wanted` */
    uint32_t *wanted;
    size_t n_wanted, room_wanted;
    struct wf_noted_list *lists;
    struct wf_noted_place *places;
};

/* Finds what the triggers' reasons show. Release it in any case. */
enum wf_status wf_noted_init(struct wf_noted *noted, const struct wf_program *program,
                             uint32_t n_members, unsigned threads, const struct wf_alloc *alloc);
void wf_noted_release(struct wf_noted *noted);

/* From within the machine's sink: a member of the batch may act by a trigger. noted may be NULL. */
enum wf_status wf_noted_keep(struct wf_noted *noted, unsigned worker, uint32_t trigger,
                             uint32_t member);

/* The machine: by aggregate, bit p says that part p is read; the kept ones are, too. */
void wf_noted_parts(const struct wf_noted *noted, uint8_t *agg_parts);

/* The machine: the batch is done. */
void wf_noted_close(struct wf_noted *noted, unsigned worker);

/* After the machine ran: whether the part of an aggregate was kept; then *out is it. */
bool wf_noted_value(const struct wf_noted *noted, const struct wf_ir *ir, uint32_t agg,
                    uint32_t part, uint32_t member, struct wf_value *out);

#endif
