#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"
#include "runtime/engine/journey.h"

/* What becomes of the members of a journey that is gone from the rules. */
struct leaving {
    const char *name;
    bool finish;
};

static struct wf_journey_state *journey_named(const struct wf_state *state, const char *name)
{
    size_t len = strlen(WF_JOURNEY_RULE);
    for (size_t i = 0; i < state->n_journeys; i++) {
        const struct wf_rule_state *rule = wf_state_rule_of(state, state->journeys[i].rule);
        if (rule && strncmp(rule->identity, WF_JOURNEY_RULE, len) == 0 &&
            strcmp(rule->identity + len, name) == 0)
            return &state->journeys[i];
    }
    return NULL;
}

static enum wf_status change(void *ctx, struct wf_store *store, struct wf_state *state,
                             struct wf_buf *why)
{
    const struct leaving *l = ctx;
    struct wf_journey_state *journey = journey_named(state, l->name);
    if (!journey || state->last.status == WF_RUN_NONE) {
        wf_say(why, "no night has run a journey called '%s'; `wayfare status` lists them", l->name);
        return WF_ERR_USAGE;
    }
    uint64_t live = wf_entries_live(journey);
    enum wf_status st = WF_OK;
    if (l->finish)
        journey->finish = journey->head_dirty = true;
    else
        st = wf_journey_drop(state, journey, state->last.t);
    if (st == WF_OK)
        st = wf_store_save_control(store, state);
    if (st == WF_OK && l->finish)
        printf(wf_word("%" PRIu64
                       " members of journey %s walk to the end without its rules; nobody "
                       "enters\n"),
               live, l->name);
    else if (st == WF_OK)
        printf(wf_word("%" PRIu64 " members left journey %s\n"), live, l->name);
    return st;
}

static int run(int argc, char **argv, bool finish)
{
    struct leaving l = {.finish = finish};
    const char *path = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state of the shop"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (!path || n != 1)
        return wf_usage(argv[0], "needs the name of a journey and --state FILE");
    l.name = argv[1];
    return wf_cli_with_state(argv[0], path, change, &l);
}

int cmd_drop(int argc, char **argv)
{
    return run(argc, argv, false);
}

int cmd_finish(int argc, char **argv)
{
    return run(argc, argv, true);
}
