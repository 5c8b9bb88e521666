/*
 * stock.h - gate 7: coupons that may run out, money that may be spent. What leaves tonight is
 * counted at once, in the order of contention, so that nothing is ever oversold.
 *
 * A coupon's stock is all that was ever issued of it (send coupon, send ... with coupon, grant). A
 * budget is of a calendar day, week or month: the face value of coupons, or what a channel's sends
 * cost, by the local date of not_before (of T where there is none). What leaves by a channel that
 * the sender chooses may cost as much as any, so it counts for each.
 */
#ifndef WF_ENGINE_STOCK_H
#define WF_ENGINE_STOCK_H

#include "runtime/engine/contender.h"
#include "runtime/engine/policy.h"

/* The days of a budget's period that holds `day`: from <= day < to. */
void wf_budget_days(const struct wf_ir_budget *budget, int64_t day, int64_t *from_out,
                    int64_t *to_out);

struct wf_stocks {
    const struct wf_night *night;
    struct wf_policies *policies;
    uint32_t *content;            /* by action: the coupon it gives, a row of `contents` */
    int64_t *issued;              /* by content: ever */
    struct wf_spending *spending; /* by budget */
    struct wf_spent_row *tonight;
    size_t n_tonight, room_tonight;
};

/* Release it in any case. */
enum wf_status wf_stocks_init(struct wf_stocks *stocks, const struct wf_night *night,
                              struct wf_policies *policies);
void wf_stocks_release(struct wf_stocks *stocks);

/* WF_GATE_NONE, or STOCK or BUDGET with the note filled. */
enum wf_gate wf_stocks_allow(struct wf_stocks *stocks, struct wf_contender *decision);

/* It leaves, or so many like it (of one action, channel and not_before): count them. */
enum wf_status wf_stocks_take(struct wf_stocks *stocks, const struct wf_contender *decision,
                              uint64_t times);

/* What was counted tonight goes into the state. */
enum wf_status wf_stocks_keep(const struct wf_stocks *stocks);

#endif
