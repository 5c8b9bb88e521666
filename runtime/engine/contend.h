/*
 * contend.h - the contenders of a night: every action that wants to leave, wherever it comes from.
 *
 *   decide (triggers) ──▶ wf_contend_claim ─┐
 *   journeys (steps) ─┬─▶ wf_contend_add ───┴─▶ wf_contend_settle ─▶ outcome
 *   held actions ─────┘
 *
 * Where something can run out, contenders pass in this order: larger priority, then the rule's
 * name, then the coupon's `prefer by`, the largest first, then a hash of the member's id.
 */
#ifndef WF_ENGINE_CONTEND_H
#define WF_ENGINE_CONTEND_H

#include "runtime/engine/contender.h"
#include "runtime/engine/rules.h"

/*
 * What a trigger's occurrence claims: one action, and all that is known of it before the gates. A
 * night makes many; the contender itself is made when its turn comes.
 */
struct wf_claim {
    unsigned char key[16];
    uint64_t event;
    int64_t occurred;
    uint32_t member;
    uint32_t position : 31; /* of the action within its trigger, from 0 */
    uint32_t missed : 1;    /* gate MISSED */
};

/* The claims of one trigger. */
struct wf_claims {
    struct wf_claim *items;
    size_t n, room;
};

struct wf_contend {
    const struct wf_night *night;
    struct wf_outcome *out;
    const char **born;           /* by rule: the identity it had first (borrowed from the state) */
    struct wf_claims *claims;    /* by trigger */
    struct wf_contender *others; /* of journeys, and held ones */
    size_t n_others, room_others;
};

/* Knows the identities of the triggers; whoever finds a journey in the state sets its own. Release
 * it in any case. */
enum wf_status wf_contend_init(struct wf_contend *contend, const struct wf_night *night,
                               const struct wf_rule_night *rules, struct wf_outcome *out);
void wf_contend_release(struct wf_contend *contend);

/* Room for n claims of a trigger, exactly; more find theirs. */
enum wf_status wf_contend_reserve(struct wf_contend *contend, uint32_t trigger, size_t n);

/* Adds a claim of a trigger. Each trigger's are added by one thread, triggers side by side. */
enum wf_status wf_contend_claim(struct wf_contend *contend, uint32_t trigger,
                                const struct wf_claim *claim);

/*
 * Adds a contender that no claim can tell of. The caller fills rule, action, position, step,
 * member, event, occurred, known_by, entry, key, and gate (MISSED or NONE) of a blank one; the rest
 * is made here and by the gates. One that was held before (`again`) brings its id along, and a gate
 * with its note if it may no longer leave.
 */
enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_contender *contender);

/* Lets the gates pass or stop each of them, sorts them into the outcome's decisions and counts them
 * by rule. The evaluators, one for each of the night's threads, stand at T, as `params` do. */
enum wf_status wf_contend_settle(struct wf_contend *contend, struct wf_scalar *const *scalars,
                                 const struct wf_vm_params *params);

/* The action's idempotency key: of the rule's first identity, the occurrence, the member, the
 * action's place in the rule. */
void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16]);

#endif
