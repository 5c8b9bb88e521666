/*
 * contender.h - one action of one occurrence, with all that is known of it, until the gates have
 * settled it. What the night keeps of it is a decision (engine.h), which can be opened again.
 */
#ifndef WF_ENGINE_CONTENDER_H
#define WF_ENGINE_CONTENDER_H

#include "runtime/engine/engine.h"

/* Members are as in struct wf_decision and struct wf_rare. */
struct wf_contender {
    unsigned char id[16], key[16];
    uint32_t rule, action, position, step, channel, member, target;
    uint64_t event;
    int64_t occurred;
    int64_t known_by; /* WF_NO_TIME: a trigger's, as `occurred` says */
    int64_t entry, not_before, not_after, earliest, held;
    bool again, deferred, held_out, by_event;
    unsigned char entered[16];
    uint8_t gate; /* enum wf_gate */
    struct wf_gate_note note;
};

/* One that fills in nothing: every number that may be absent is. */
struct wf_contender wf_contender_blank(void);

struct wf_contender wf_contender_of(const struct wf_decision *decision);

/* Makes a decision of it; what is rare goes where it was, if the decision had some (else its `rare`
 * is NULL), or into the arena. WF_ERR_NOMEM. */
enum wf_status wf_contender_keep(const struct wf_contender *contender, const struct wf_night *night,
                                 struct wf_arena *arena, struct wf_decision *decision);

#endif
