/*
 * breaker.h - gate 3: circuit breakers over counts of events of everyone.
 *
 *   pause [journey J] when count E > p% of count F at least n
 *
 * The sink marks the rows that count; after the run the two sides are compared, exactly. What is
 * undecided may count or not: a breaker trips unless it is known that it need not. Below n of what
 * the share is taken of it never does. Tripped it stays until an operator resumes it
 * (state->control); from then on it counts what happened since the last night before.
 */
#ifndef WF_ENGINE_BREAKER_H
#define WF_ENGINE_BREAKER_H

#include "runtime/engine/engine.h"
#include "runtime/engine/source.h"

/* What the sink marks for one side of one breaker. */
struct wf_breaker_side {
    struct wf_source source;
    uint64_t *sure, *perhaps; /* by row of its view */
};

struct wf_breakers {
    const struct wf_night *night;
    struct wf_breaker_side *sides; /* two a breaker: left, right */
};

/* Release it in any case. */
enum wf_status wf_breakers_init(struct wf_breakers *breakers, const struct wf_night *night,
                                struct wf_scalar *scalar);
void wf_breakers_release(struct wf_breakers *breakers);

/* A batch of a view's rows, from any thread. */
void wf_breakers_rows(struct wf_breakers *breakers, uint32_t view, uint64_t first, uint32_t n,
                      const struct wf_bits *outs);

/* How many events there are: at least, at most. */
struct wf_range {
    int64_t least, most; /* INT64_MAX: no bound */
};

/* Whether a breaker trips on these counts; *right_out is the right count it trips at. */
bool wf_breaker_trips(const struct wf_ir_breaker *breaker, struct wf_range left,
                      struct wf_range right, int64_t *right_out);

/* After the run: what trips is paused in the state, with its figures. */
enum wf_status wf_breakers_trip(const struct wf_breakers *breakers, struct wf_scalar *scalar);

#endif
