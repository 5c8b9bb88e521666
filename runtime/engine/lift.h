/*
 * lift.h - what a trial says: how much more often the one group reached its goal, how much more it
 * brought, and how sure that is.
 *
 * Intervals are of 95%. Of a difference of two rates: Newcombe's hybrid of two Wilson intervals
 * (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10; E. B. Wilson, JASA 22, 1927). Of a
 * difference of two means: Welch's (B. L. Welch, Biometrika 34, 1947), its quantile of Student's t
 * by the expansion of Abramowitz and Stegun 26.7.5, which is right to a millionth from 19 degrees
 * of freedom on; with fewer members on a side there is no interval of means.
 *
 * Only + - * / and square roots of sums that are exact: the same bytes on every machine.
 */
#ifndef WF_ENGINE_LIFT_H
#define WF_ENGINE_LIFT_H

#include "lang/code/program.h"
#include "runtime/store/state.h"

enum { WF_LIFT_LEAST = 20 }; /* members on a side, for an interval of means */

/* A difference and its interval. */
struct wf_interval {
    bool known, sure; /* there is a difference; an interval too */
    double value, low, high;
};

struct wf_lift {
    bool rated[2], measured[2]; /* [0] the group, [1] what it is held against */
    double rate[2], mean[2];    /* means are in hundredths */
    struct wf_interval rates, means;
};

struct wf_lift wf_lift_of(const struct wf_trial_cell *group, const struct wf_trial_cell *base,
                          bool figure);

/* One comparison of a journey's trial. */
struct wf_compared {
    uint32_t journey;          /* row of ir.journeys */
    uint32_t holdout;          /* parts of 1,000,000 */
    uint32_t split;            /* 1, 2, ... as they stand in the journey; 0: the whole journey */
    uint32_t arm;              /* row of ir.arms; WF_NONE: all who were treated */
    uint32_t base;             /* the arm it is held against; WF_NONE: who was held out */
    const struct wf_trial_cell *cells[2]; /* it, and what it is held against */
    struct wf_lift lift;
};
typedef enum wf_status wf_compared_fn(void *ctx, const struct wf_compared *compared);

/* Whether tonight's journeys, older structures in flight included, try anything out. */
bool wf_lift_asked(const struct wf_ir *ir);

/*
 * Every comparison of the trials of these journeys, in their order: of each trial the whole against
 * the held-out members, then each arm against them, and each but the first against the first arm of
 * its split. Stops at the first answer that is not WF_OK. Needs memory.
 */
enum wf_status wf_lift_each(const struct wf_ir *ir, struct wf_state *state, wf_compared_fn *fn,
                            void *ctx);

#endif
