/*
 * supply.h - what is left of what may run out, as the next night begins: coupons in stock, money in
 * budgets, and for how many a cap is full. The limits are the program's, the figures the state's.
 */
#ifndef WF_RUN_SUPPLY_H
#define WF_RUN_SUPPLY_H

#include "lang/base/zone.h"
#include "lang/code/program.h"
#include "runtime/store/store.h"

enum { WF_SUPPLY_NIGHTS = 7 };
#define WF_LASTS INT64_MAX

/* A coupon's stock, or a budget in its period. */
struct wf_supply_item {
    uint32_t item;       /* row of ir.contents or of ir.budgets */
    int64_t limit, used; /* coupons ever issued; hundredths spent in the period */
    int64_t recent;      /* used in the last nights: the rate */
    int64_t until;       /* budgets: the day the next period begins on */
    int64_t empty;       /* the day of the night that takes the last of it at that rate; WF_LASTS */
};

/* For how many (members, contacts, owners or stores) one more is too many, and for how many two. */
struct wf_supply_cap {
    uint32_t item; /* row of ir.caps */
    uint64_t full, near;
};

struct wf_supply {
    const struct wf_alloc *alloc;
    int64_t day;    /* of the last night */
    int64_t nights; /* how many days, that one the last, the rates are of: at most SUPPLY_NIGHTS */
    struct wf_supply_item *stocks, *budgets;
    struct wf_supply_cap *caps;
    size_t n_stocks, n_budgets, n_caps;
};

/* The state had a night. Release it in any case. */
enum wf_status wf_supply_make(struct wf_store *store, struct wf_state *state,
                              const struct wf_ir *ir, const struct wf_zone *zone,
                              struct wf_supply *out);
void wf_supply_release(struct wf_supply *supply);

#endif
