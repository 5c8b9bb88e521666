/*
 * cmd_explain.c - `wayfare explain`: why a member does, or does not, get something.
 */
#include <stdio.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/values.h"
#include "runtime/run/explain.h"
#include "runtime/run/zonefile.h"

struct asked {
    const char *member, *data, *as_of, *state, *max_rejects;
    int64_t unreadable;
    uint32_t rejects; /* millionths */
};

static enum wf_status explain(const struct asked *a, const struct wf_program *program,
                              struct wf_buf *why)
{
    const struct wf_ir *ir = &program->ir;
    struct wf_run_options options = {.data = a->data,
                                     .threads = 1,
                                     .batch = WF_BATCH,
                                     .max_rejects = a->rejects,
                                     .accept_unreadable = (uint64_t)a->unreadable,
                                     .accept_volume = true};
    struct wf_explain_result result = {0};
    struct wf_store *store = NULL;
    struct wf_zone *zone = NULL;
    enum wf_status st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, why);
    options.zone = zone;
    if (st == WF_OK && !wf_cli_as_of(a->as_of, zone, &options.now)) {
        wf_say(why, "--as-of takes a date like 2026-11-22, not '%s'", a->as_of);
        st = WF_ERR_USAGE;
    }
    if (st == WF_OK)
        st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK)
        st = wf_explain_member(program, store, &options, a->member, &result, why);
    if (st == WF_OK)
        fwrite(wf_buf_str(&result.text), 1, result.text.len, stdout);
    if (store) {
        wf_explain_result_release(&result);
        wf_store_close(store);
    }
    if (zone)
        wf_zone_free(zone);
    return st;
}

int cmd_explain(int argc, char **argv)
{
    struct asked a = {.rejects = WF_MAX_REJECTS_SHARE_DEFAULT};
    int n = 0;
    const struct wf_option table[] = {
        {"member", WF_OPT_TEXT, &a.member, "ID", N_("whom it is about"), 0, 0},
        {"data", WF_OPT_TEXT, &a.data, "DIR", N_("the folder of the night's exports"), 0, 0},
        {"as-of", WF_OPT_TEXT, &a.as_of, "DATE", N_("the night: tonight's, or the last one"), 0, 0},
        {"state", WF_OPT_TEXT, &a.state, "FILE", N_("the state; it is not changed"), 0, 0},
        {"max-rejects", WF_OPT_TEXT, &a.max_rejects, "P%", N_("bad rows a feed may have (0.1%)"), 0,
         0},
        {"accept-unreadable", WF_OPT_NUMBER, &a.unreadable, "N",
         N_("event rows too broken to tell whose"), 0, INT64_MAX},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1 || !a.member || !a.data || !a.as_of || !a.state)
        return wf_usage(argv[0], "needs --member, --data, --as-of, --state and one rule file");
    if (a.max_rejects && !wf_cli_share(a.max_rejects, &a.rejects))
        return wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'", a.max_rejects);
    struct wf_compiled compiled;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = wf_cli_program_quietly(argv[1], &compiled);
    if (st == WF_OK) {
        st = explain(&a, compiled.program, &why);
        if (st != WF_OK)
            fprintf(stderr, "wayfare explain: %s\n",
                    why.len ? wf_buf_str(&why) : wf_status_text(st));
    }
    wf_buf_release(&why);
    wf_compiled_release(&compiled);
    return wf_status_exit(st);
}
