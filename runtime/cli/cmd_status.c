#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/journeys.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"
#include "runtime/data/json_text.h"

struct status {
    bool json;
    const struct wf_state *state;
    uint64_t left, stopped; /* rows of the ledger */
};

static const char *of_night(const struct wf_state *state)
{
    switch (state->last.status) {
    case WF_RUN_NONE: return "none";
    case WF_RUN_PUBLISHING: return "publishing";
    default: return "published";
    }
}

static const char *journey_name(const struct wf_state *state,
                                const struct wf_journey_state *journey)
{
    for (size_t i = 0; i < state->n_rules; i++)
        if (state->rules[i].id == journey->rule)
            return state->rules[i].identity;
    return "";
}

/* ---- for people ---- */

static void print_indented(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        printf("  %.*s\n", (int)len, text);
        text += len + (text[len] != 0);
    }
}

static void print_waiting(const struct wf_state *state)
{
    const struct wf_control *control = &state->control;
    char since[WF_UTC_TEXT];
    if (control->plan.status == WF_PLAN_HELD) {
        printf(wf_word("held as plan %s; `wayfare approve` lets it leave, the next run voids it\n"),
               control->plan.id);
        print_indented(control->plan.text);
    }
    for (size_t i = 0; i < control->n_pauses; i++) {
        const struct wf_pause *pause = &control->pauses[i];
        wf_cli_utc(pause->since, since);
        printf(pause->by_hand ? wf_word("paused: %s since %s by hand")
                              : wf_word("paused: %s since %s"),
               pause->what, since);
        printf(*pause->why ? ": %s\n" : "\n", pause->why);
    }
}

static enum wf_status print_status(const struct status *s)
{
    const struct wf_state *state = s->state;
    char since[WF_UTC_TEXT];
    if (state->last.status == WF_RUN_NONE)
        puts(wf_word("no night yet"));
    else
        printf(state->last.status == WF_RUN_PUBLISHING
                   ? wf_word("last night %s: being published; the next run finishes it\n")
                   : wf_word("last night %s: published\n"),
               state->last.folder);
    printf(wf_word("%zu members seen, %" PRIu64 " actions left, %" PRIu64 " suppressed\n"),
           state->n_ids, s->left, s->stopped);
    print_waiting(state);
    enum wf_status st = wf_cli_print_journeys(state);
    for (size_t i = 0; i < state->n_rules; i++) {
        wf_cli_utc(state->rules[i].first_t, since);
        printf(wf_word("  since %s  %s\n"), since, state->rules[i].identity);
    }
    return st;
}

/* ---- for scripts ---- */

static json_t *plan_json(const struct wf_plan *plan, bool *bad)
{
    json_t *out = json_object();
    wf_json_put(out, "plan", json_string(plan->id), bad);
    wf_json_put(out, "night", json_string(plan->folder), bad);
    wf_json_put(out, "actions", json_integer((json_int_t)plan->n_planned), bad);
    return out;
}

static json_t *pauses_json(const struct wf_control *control, bool *bad)
{
    json_t *out = json_array();
    char since[WF_UTC_TEXT];
    for (size_t i = 0; i < control->n_pauses; i++) {
        const struct wf_pause *pause = &control->pauses[i];
        json_t *one = json_object();
        wf_cli_utc(pause->since, since);
        wf_json_put(one, "what", json_string(pause->what), bad);
        wf_json_put(one, "since", json_string(since), bad);
        wf_json_put(one, "by_hand", json_boolean(pause->by_hand), bad);
        wf_json_put(one, "why", json_string(pause->why), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

static json_t *journeys_json(const struct wf_state *state, bool *bad)
{
    json_t *out = json_object();
    for (size_t i = 0; i < state->n_journeys; i++)
        wf_json_put(out, journey_name(state, &state->journeys[i]),
                    json_integer((json_int_t)wf_entries_live(&state->journeys[i])), bad);
    return out;
}

static enum wf_status status_json(const struct status *s)
{
    const struct wf_state *state = s->state;
    bool bad = false, none = state->last.status == WF_RUN_NONE;
    json_t *out = json_object();
    wf_json_put(out, "night", none ? json_null() : json_string(state->last.folder), &bad);
    wf_json_put(out, "status", json_string(of_night(state)), &bad);
    wf_json_put(out, "members", json_integer((json_int_t)state->n_ids), &bad);
    wf_json_put(out, "actions", json_integer((json_int_t)s->left), &bad);
    wf_json_put(out, "suppressed", json_integer((json_int_t)s->stopped), &bad);
    wf_json_put(out, "held",
                state->control.plan.status == WF_PLAN_HELD ? plan_json(&state->control.plan, &bad)
                                                           : json_null(),
                &bad);
    wf_json_put(out, "paused", pauses_json(&state->control, &bad), &bad);
    wf_json_put(out, "in_journeys", journeys_json(state, &bad), &bad);
    if (bad) {
        json_decref(out);
        return WF_ERR_NOMEM;
    }
    return wf_cli_json(out);
}

static enum wf_status look(void *ctx, struct wf_store *store, struct wf_state *state,
                           struct wf_buf *why)
{
    struct status *s = ctx;
    uint64_t counts[2] = {0, 0};
    (void)why;
    enum wf_status st = store->ops->count_ledger(store, counts);
    if (st != WF_OK)
        return st;
    s->state = state;
    s->left = counts[0];
    s->stopped = counts[1];
    if (s->json)
        return status_json(s);
    return print_status(s);
}

int cmd_status(int argc, char **argv)
{
    const char *path = NULL;
    struct status s = {0};
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state to look at"), 0, 0},
        {"json", WF_OPT_FLAG, &s.json, NULL, N_("as one line of JSON"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n || !path)
        return wf_usage(argv[0], "needs --state FILE and nothing else");
    return wf_cli_with_state(argv[0], path, look, &s);
}
