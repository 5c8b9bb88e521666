/*
 * simulate.h - the nights to come: each is decided and committed as any night, one after the other,
 * over a copy of the state in memory and exports made of those at hand (simulate_shop.h).
 *
 *   state ─ copied ─▶ [night 1] ─▶ [night 2] ─▶ ... ─▶ [night N]        nothing is published
 *   exports ─ once ─▶    shop of each night              │ looked at: what left, what was stopped
 *                                                        ▼
 *                                                     forecast
 *
 * With `weeks` 0 the forecast is exact for a shop where nothing new happens: what N real nights
 * over the unchanged exports would do. Else it is what they would do if the last whole weeks came
 * again. The same inputs give the same forecast.
 */
#ifndef WF_RUN_SIMULATE_H
#define WF_RUN_SIMULATE_H

#include "lang/base/arena.h"
#include "runtime/run/night.h"

enum { WF_SIMULATE_NIGHTS = 366, WF_SIMULATE_WEEKS = 53 };

struct wf_simulate_options {
    const struct wf_run_options *night; /* the first night: exports, zone, threads, max_actions */
    uint32_t nights;                    /* 1 .. WF_SIMULATE_NIGHTS */
    unsigned weeks;                     /* whole weeks that come again; 0: none */
};

/* A night's figures; the arrays below have one a night. */
struct wf_forecast_night {
    const char *night; /* "2026-11-22" */
    uint64_t members, newcomers;
    uint64_t actions, suppressed;
    const char *held; /* it would wait for approval, and why, in lines; or NULL */
};

/* What one rule does in one way: an action by a channel; a gate that stops it, or "": it leaves. */
struct wf_forecast_row {
    const char *rule, *kind, *name, *channel, *gate;
    bool journey;
    uint64_t *n; /* by night */
    uint64_t total;
};

struct wf_forecast_journey {
    const char *name;
    uint64_t *entered, *left, *goals, *in_flight; /* by night */
};

struct wf_forecast_segment {
    const char *name;
    uint64_t *size; /* by night */
};

/* A coupon with a stock. */
struct wf_forecast_stock {
    const char *coupon;
    int64_t stock, issued; /* issued before the first night */
    int64_t *left;         /* by night, behind it */
    int32_t first;         /* the first night on which it stops something; -1: none does */
    uint64_t stopped;
};

/* A budget: every night on which it begins to stop something in its day, week or month. */
struct wf_forecast_budget {
    const char *text, *place;
    uint64_t *stopped; /* by night */
    uint64_t total;
    uint32_t *ends; /* nights */
    size_t n_ends, room_ends;
    int64_t last_period;
};

struct wf_forecast_cap {
    const char *text, *place;
    uint64_t *stopped; /* by night */
    uint64_t total;
    uint64_t members; /* different ones whom it stopped something for */
    int32_t first;    /* -1: it stops nothing */
};

/* A breaker that trips. */
struct wf_forecast_pause {
    const char *what, *why;
    uint32_t night;
};

struct wf_forecast {
    struct wf_arena texts;
    const struct wf_alloc *alloc;
    uint32_t n_nights;
    unsigned weeks_asked, weeks;  /* that come again; fewer where the exports hold no more */
    uint64_t left_out;            /* events dated at or after the first night, left out for them */
    bool joined;                  /* it is known who joined when */
    struct wf_load_report report; /* of the exports, for its notes */
    struct wf_forecast_night *nights;
    struct wf_forecast_row *rows; /* by rule, kind, name, channel, gate */
    struct wf_forecast_journey *journeys;
    struct wf_forecast_segment *segments;
    struct wf_forecast_stock *stocks;
    struct wf_forecast_budget *budgets;
    struct wf_forecast_cap *caps;
    struct wf_forecast_pause *pauses;
    size_t n_rows, room_rows, n_journeys, n_segments, n_stocks, n_budgets, n_caps, n_pauses,
        room_pauses;
};

/*
 * Runs the nights. The store is only read. Release the forecast in any case.
 *
 *   WF_ERR_DATA   the state has run the first night or a later one; else as wf_run_night
 */
enum wf_status wf_simulate(const struct wf_program *program, struct wf_store *store,
                           const struct wf_simulate_options *options, struct wf_forecast *forecast,
                           struct wf_buf *why);
void wf_forecast_release(struct wf_forecast *forecast);

/* JSON: one object; CSV: a row for each night and wf_forecast_row (night, rule, kind, name,
 * channel, gate, count). */
void wf_forecast_json(const struct wf_forecast *forecast, struct wf_buf *out);
void wf_forecast_csv(const struct wf_forecast *forecast, struct wf_buf *out);

/* For people, but for the chart: what runs out, what would be held, totals, what it assumes. */
void wf_forecast_text(const struct wf_forecast *forecast, struct wf_buf *out);

#endif
