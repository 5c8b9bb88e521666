/*
 * journey.h - a night's journeys: who enters, who walks on, who leaves.
 *
 *   wf_journeys_init    the state's journeys and tonight's; migrations
 *   wf_journeys_enter   decide says: this occurrence enters
 *   wf_journeys_walk    those in flight walk first (journey_walk.h), then tonight's occurrences
 *                       enter by their due time, each walked before the next is looked at
 *
 * A journey of the rules is a row of ir.journeys; so is each older structure that members still
 * walk (pinned). In the state they are one journey: the rule row "journey IDENTITY".
 */
#ifndef WF_ENGINE_JOURNEY_H
#define WF_ENGINE_JOURNEY_H

#include "runtime/engine/contend.h"
#include "runtime/engine/journey_walk.h"

/* An occurrence of a journey's entry. */
struct wf_entering {
    uint32_t trigger, row;
    uint64_t event; /* row of the trigger's view, or WF_NO_EVENT */
    int64_t due;
    unsigned char key[16];
    bool waived; /* the grace is, for what is done on entering */
};

/* What a night knows of a row of ir.journeys. */
struct wf_journey_night {
    uint32_t state;   /* index into state->journeys */
    const char *born; /* its identity at birth: the salt; borrowed from the state */
    bool frozen;      /* for everyone */
};

struct wf_journeys {
    const struct wf_night *night;
    const struct wf_ir *ir;
    struct wf_contend *contend;
    struct wf_outcome *out;
    struct wf_journey_night *rows; /* by row of ir.journeys */
    uint32_t *members;             /* by ordinal: tonight's row, UINT32_MAX: absent */
    uint32_t n_pinned;             /* rows of older structures */
    struct wf_entering *entering;
    size_t n_entering, room_entering;
    struct wf_buf *why;
};

/*
 * The journeys in the state that tonight's rules (with what is pinned) do not hold although members
 * are in flight: WF_ERR_HELD, and `why` says how many. For others WF_OK.
 */
enum wf_status wf_journeys_check(const struct wf_ir *ir, const struct wf_state *state,
                                 struct wf_buf *why);

/*
 * Which versions of the state must be pinned to run these rules: all that somebody walks but
 * tonight's own. Calls `fn` for each, in the state's order; `rule` is the id of the journey's row
 * (wf_night.pinned), `identity` that of tonight's journey that goes on with it, or NULL.
 */
typedef enum wf_status wf_journeys_pin_fn(void *ctx, uint32_t rule, const char *identity,
                                          const struct wf_version *version);
enum wf_status wf_journeys_pins(const struct wf_ir *ir, const struct wf_state *state,
                                wf_journeys_pin_fn *fn, void *ctx);

/* After the roster; release it in any case. WF_ERR_RULES: a migration leaves members without a
 * step. */
enum wf_status wf_journeys_init(struct wf_journeys *journeys, const struct wf_night *night,
                                struct wf_contend *contend, struct wf_outcome *out,
                                struct wf_buf *why);
void wf_journeys_release(struct wf_journeys *journeys);

enum wf_status wf_journeys_enter(struct wf_journeys *journeys, const struct wf_entering *entering);
enum wf_status wf_journeys_walk(struct wf_journeys *journeys, struct wf_scalar *scalar);

/* Lets all members of a journey go, at T. */
enum wf_status wf_journey_drop(struct wf_state *state, struct wf_journey_state *journey, int64_t t);

#endif
