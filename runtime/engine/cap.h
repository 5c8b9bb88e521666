/*
 * cap.h - gate 6: how often one may be written to, or called, or given a coupon.
 *
 * What counts as what: `send` and `send coupon` are sends; `send coupon`, `send ... with coupon`
 * and `grant coupon` are coupons; `task` and `invite` are what they say. What leaves by a channel
 * that the sender chooses may leave by any, so it counts for each.
 */
#ifndef WF_ENGINE_CAP_H
#define WF_ENGINE_CAP_H

#include "runtime/engine/contender.h"
#include "runtime/engine/party.h"
#include "runtime/engine/policy.h"
#include "runtime/engine/tally.h"

/* A set of enum wf_capped, a bit each. */
unsigned wf_capped_kinds(uint8_t action_kind, bool with_coupon);

enum wf_party_kind wf_cap_party_kind(const struct wf_ir_cap *cap);

/* The earliest instant at which something may have left that shares a window with `time`. */
int64_t wf_cap_reach(const struct wf_ir_cap *cap, const struct wf_zone *zone, int64_t time);

struct wf_caps {
    const struct wf_night *night;
    struct wf_policies *policies;
    const struct wf_parties *parties;
    struct wf_tally tally;
    struct wf_window *windows; /* by cap */
};

/*
 * Whom an action counted for when it left, as the ledger keeps it: owners change, and members are
 * missing from exports, but what was sent was sent. By enum wf_party_kind the party (party.h),
 * NOBODY where there was none, or 0: no cap asked for it then. Zeros at the end are left out.
 */
#define WF_PARTY_NOBODY 1
struct wf_caps_parties {
    const struct wf_parties *parties;
    uint8_t kinds[WF_PARTIES]; /* what is capped by that party: a set of enum wf_capped */
};
struct wf_caps_parties wf_caps_parties_make(const struct wf_ir *ir,
                                            const struct wf_parties *parties);
/* Answers how many numbers there are to keep; `row` receives the action. */
size_t wf_caps_party(const struct wf_caps_parties *asked, const struct wf_ir_action *action,
                     uint32_t row, uint64_t party_out[WF_PARTIES]);

/* What left at or before this counts for no cap tonight. */
int64_t wf_caps_since(const struct wf_ir *ir, const struct wf_zone *zone, int64_t now);

/* Release it in any case. */
enum wf_status wf_caps_init(struct wf_caps *caps, const struct wf_night *night,
                            struct wf_policies *policies, const struct wf_parties *parties);
void wf_caps_release(struct wf_caps *caps);

/* The night's contenders first: whatever may stop one of them is counted from here on. */
enum wf_status wf_caps_watch(struct wf_caps *caps, const struct wf_contender *decision);

/* Then what left on earlier nights. `row` is tonight's of the member it left to; WF_NONE: they are
 * not in tonight's exports, and it counts for their contact, owner and store all the same. */
enum wf_status wf_caps_past(struct wf_caps *caps, const struct wf_past *past, uint32_t row);

/* Whether a cap lets it through; else its note and, where the cap defers, `held` are filled. */
bool wf_caps_allow(struct wf_caps *caps, struct wf_contender *decision);

/* It leaves: count it. */
enum wf_status wf_caps_take(struct wf_caps *caps, const struct wf_contender *decision);

#endif
