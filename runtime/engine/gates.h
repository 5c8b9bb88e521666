/*
 * gates.h - what may stop an action that a rule asks for, one function a gate.
 *
 * Where no policy is declared: quiet hours are 21:00 to 09:00 and defer; nothing caps.
 */
#ifndef WF_ENGINE_GATES_H
#define WF_ENGINE_GATES_H

#include "runtime/engine/engine.h"

/* Whether a member is held out: xxh3(salt, "holdout", id) under `parts` of 1,000,000. */
bool wf_held_out(const char *salt, const void *id, size_t len, int32_t parts);

/* The input that holds a plain field of the member, WF_NONE when the program does not read it. */
uint32_t wf_member_input(const struct wf_ir *ir, const char *field);

/* What the gates look at beside the decision itself. */
struct wf_gates {
    const struct wf_night *night;
    uint32_t owner, store, inviter; /* inputs or WF_NONE */
};
struct wf_gates wf_gates_make(const struct wf_night *night);

/*
 * The owner of a task for a member: the one who answers for them, else (or for a task of the store)
 * their store. Missing: nobody.
 */
struct wf_value wf_task_owner(const struct wf_gates *gates, const struct wf_ir_action *action,
                              uint32_t row);

/* Fills target, channel, not_before, not_after, gate and note of a decision whose other parts
 * stand. `born`: the identity its rule had first. */
void wf_gates_pass(const struct wf_gates *gates, const char *born, struct wf_decision *decision);

/* Two rules set one field of one member: the larger priority wins, then the rule's name. The
 * decisions of one member, in their order. */
void wf_gates_conflicts(const struct wf_ir *ir, struct wf_decision *decisions, size_t n);

#endif
