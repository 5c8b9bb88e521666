/*
 * party.h - who is concerned by an action: the rule that asks, the member, the staff, the receiver.
 */
#ifndef WF_ENGINE_PARTY_H
#define WF_ENGINE_PARTY_H

#include "runtime/engine/engine.h"

/* A trigger or a journey, as far as the gates and the files of a night see no difference. */
struct wf_rule_view {
    uint32_t name;  /* texts: as it is shown */
    uint32_t salt;  /* texts; WF_NONE: the identity it had first */
    uint32_t place; /* or WF_NONE */
    int64_t priority;
    int32_t holdout; /* parts of 1,000,000 */
    bool journey;
    struct wf_ir_duration grace; /* unit NONE: a day */
};
struct wf_rule_view wf_rule_view(const struct wf_ir *ir, uint32_t rule);

/* What a rule's holdout and order are salted with: its `salt`, else the identity it had first, a
 * journey's without the word. */
const char *wf_rule_salt(const struct wf_ir *ir, uint32_t rule, const char *born);

/* How many rules a program has: the triggers, then the journeys. */
static inline uint32_t wf_n_rules(const struct wf_ir *ir)
{
    return ir->n_triggers + ir->n_journeys;
}

/* The member's fields that say who else is concerned; of one that refers to a row of a table (a
 * `store shops`), the row's key. */
struct wf_parties {
    const struct wf_dataset *data;
    uint32_t owner, store, inviter, contact; /* inputs; WF_NONE: the program does not read it */
};
struct wf_parties wf_parties_make(const struct wf_night *night);

/*
 * The owner of a task for a member: the one who answers for them, else (or for a task of the store)
 * their store. Missing: nobody.
 */
struct wf_value wf_task_owner(const struct wf_parties *parties, const struct wf_ir_action *action,
                              uint32_t row);

/* The row of who invited a member; false: nobody among tonight's members. */
bool wf_inviter_of(const struct wf_parties *parties, uint32_t row, uint32_t *row_out);

/*
 * Whom a limit counts, as a number: equal for equal parties. A member's contact, owner (else store)
 * or store, which has the top bit set and is the same on every night; where there is none, the
 * member alone.
 */
uint64_t wf_party(const struct wf_parties *parties, enum wf_party_kind kind, uint32_t row);

#define WF_PARTY_SHARED (UINT64_C(1) << 63)
static inline bool wf_party_is_shared(uint64_t party)
{
    return (party & WF_PARTY_SHARED) != 0;
}

#endif
