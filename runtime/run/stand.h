/*
 * stand.h - where a member stands in a journey, how they came there, and what comes next.
 */
#ifndef WF_RUN_STAND_H
#define WF_RUN_STAND_H

#include "runtime/run/why.h"
#include "runtime/store/entries.h"

/* One journey and one member after the night. */
struct wf_stand {
    const struct wf_ir_journey *journey; /* tonight's */
    const struct wf_ir_journey *walked;  /* what the entry walks; NULL: no program at hand has it */
    const struct wf_rule_state *rule;    /* NULL: the journey never ran */
    const struct wf_entry *entry;        /* live; NULL: the member is not in it */
    const struct wf_ir_step *step;       /* where it waits, of `walked` */
    const char *label;                   /* of that step, "start" before the first */
    const char *salt;
    int64_t until; /* when the wait is over at the latest; WF_NO_TIME: it never is by itself */
    int64_t left;  /* for the last time; WF_NO_TIME: never */
    int64_t again; /* may be entered again from then on; WF_NO_TIME: never, or any time */
};

void wf_stand_find(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_stand *out);

/* The live entry of the member of `row` in journey `journey` after the night; NULL: none. */
const struct wf_entry *wf_stand_entry(const struct wf_why *why, uint32_t journey, uint32_t row);

/* The text of the label at or before the step where an entry waits, "start" before the first;
 * NULL: the program does not hold the structure it walks. */
const char *wf_stand_label(const struct wf_why *why, uint32_t journey,
                           const struct wf_entry *entry);

/* Lets the evaluator stand at the member in this entry; *inside_out is `why` for questions there.
 */
void wf_stand_enter(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                    struct wf_why *inside_out);

/*
 * The steps that the member has come through for certain, by step of `walked`: those on every way
 * to where it waits (a split leads each member one way only). Needs `room` bytes, one a step.
 */
void wf_stand_passed(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                     unsigned char *passed_out);

/* The arm of a split that the member takes. */
const struct wf_ir_arm *wf_stand_arm(const struct wf_why *why, const struct wf_stand *stand,
                                     uint32_t row, const struct wf_ir_step *split);

/* The id of the action of an ACT step for the live entry. */
void wf_stand_action(const struct wf_why *why, const struct wf_stand *stand, uint32_t row,
                     const struct wf_ir_step *step, unsigned char id_out[16]);

/* Where `step` leads as things are tonight; WF_NONE: out of the journey. The evaluator stands
 * inside. *truth_out is that of an `if`, else 1. */
uint32_t wf_stand_next(const struct wf_why *inside, const struct wf_stand *stand, uint32_t row,
                       const struct wf_ir_step *step, int *truth_out);
bool wf_stand_waits(const struct wf_ir_step *step);

/* Appends lines: in flight or not, since when, at which step, until when, the exit; for who is not
 * in flight, what became of the entry. */
void wf_stand_say(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out);

/* The same at length: also how the member came there and what each way on would do. */
void wf_stand_tell(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out);

#endif
