/*
 * policy.h - which policies concern a member. One that is scoped applies unless its scope is known
 * false; what would loosen another is believed only where the scope is known true.
 */
#ifndef WF_ENGINE_POLICY_H
#define WF_ENGINE_POLICY_H

#include "runtime/engine/engine.h"

enum wf_applies { WF_APPLIES_NOT, WF_APPLIES_PERHAPS, WF_APPLIES_SURELY };

struct wf_policies {
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    struct wf_scalar *scalar; /* at T; borrowed */
    uint8_t *applies;         /* by policy, to the member of `row` */
    uint32_t row;             /* UINT32_MAX: nobody was asked about yet */
    bool scoped;              /* some policy has a scope */
};

/* Release it in any case. */
enum wf_status wf_policies_init(struct wf_policies *policies, const struct wf_ir *ir,
                                struct wf_scalar *scalar, const struct wf_alloc *alloc);
void wf_policies_release(struct wf_policies *policies);

/* By policy, an enum wf_applies; until the next call. */
const uint8_t *wf_policies_of(struct wf_policies *policies, uint32_t row);

#endif
