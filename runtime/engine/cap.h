/*
 * cap.h - gate 6: how often one may be written to, or called, or given a coupon.
 *
 * What counts as what: `send` and `send coupon` are sends; `send coupon`, `send ... with coupon`
 * and `grant coupon` are coupons; `task` and `invite` are what they say. What leaves by a channel
 * that the sender chooses may leave by any, so it counts for each.
 */
#ifndef WF_ENGINE_CAP_H
#define WF_ENGINE_CAP_H

#include "runtime/engine/party.h"
#include "runtime/engine/policy.h"
#include "runtime/engine/tally.h"

/* A set of enum wf_capped, a bit each. */
unsigned wf_capped_kinds(uint8_t action_kind, bool with_coupon);

struct wf_caps {
    const struct wf_night *night;
    struct wf_policies *policies;
    const struct wf_parties *parties;
    struct wf_tally tally;
    struct wf_window *windows; /* by cap */
};

/* What left at or before this counts for no cap tonight. */
int64_t wf_caps_since(const struct wf_ir *ir, const struct wf_zone *zone, int64_t now);

/* Release it in any case. */
enum wf_status wf_caps_init(struct wf_caps *caps, const struct wf_night *night,
                            struct wf_policies *policies, const struct wf_parties *parties);
void wf_caps_release(struct wf_caps *caps);

/* The night's contenders first: whatever may stop one of them is counted from here on. */
enum wf_status wf_caps_watch(struct wf_caps *caps, const struct wf_decision *decision);

/* Then what left on earlier nights, to one of tonight's members. */
enum wf_status wf_caps_past(struct wf_caps *caps, const struct wf_past *past, uint32_t row);

/* Whether a cap lets it through; else its note and, where the cap defers, `held` are filled. */
bool wf_caps_allow(struct wf_caps *caps, struct wf_decision *decision);

/* It leaves: count it. */
enum wf_status wf_caps_take(struct wf_caps *caps, const struct wf_decision *decision);

#endif
