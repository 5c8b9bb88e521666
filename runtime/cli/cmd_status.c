#include <inttypes.h>
#include <stdio.h>

#include "lang/base/calendar.h"
#include "lang/base/zone.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/store/store.h"

/* The state knows no zone: instants are told in UTC, nights by their folder's name. */
static void print_time(int64_t time)
{
    char text[WF_STAMP_TEXT];
    int64_t day, clock;
    wf_zone_local(NULL, time, &day, &clock);
    wf_stamp_text(day, clock, text);
    printf("%sZ", text);
}

static void print_state(const struct wf_state *state, const uint64_t ledger[2])
{
    if (state->last.status == WF_RUN_NONE)
        puts("no night yet");
    else
        printf("last night %s: %s\n", state->last.folder,
               state->last.status == WF_RUN_PUBLISHED
                   ? "published"
                   : "being published; the next run finishes it");
    printf("%zu members seen, %" PRIu64 " actions left, %" PRIu64 " suppressed\n", state->n_ids,
           ledger[0], ledger[1]);
    for (size_t i = 0; i < state->n_rules; i++) {
        fputs("  since ", stdout);
        print_time(state->rules[i].first_t);
        printf("  %s\n", state->rules[i].identity);
    }
}

int cmd_status(int argc, char **argv)
{
    const char *path = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", "the state to look at", 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n || !path)
        return wf_usage(argv[0], "needs --state FILE and nothing else");
    struct wf_store *store = NULL;
    struct wf_state state;
    struct wf_buf why;
    uint64_t ledger[2];
    wf_buf_init(&why, NULL, 0);
    wf_state_init(&state, NULL);
    enum wf_status st = wf_store_open(path, NULL, &store, &why);
    if (st == WF_OK)
        st = wf_store_load(store, &state);
    if (st == WF_OK)
        st = store->ops->count_ledger(store, ledger);
    if (st == WF_OK)
        print_state(&state, ledger);
    else
        fprintf(stderr, "wayfare status: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_state_release(&state);
    wf_store_close(store);
    wf_buf_release(&why);
    return wf_status_exit(st);
}
