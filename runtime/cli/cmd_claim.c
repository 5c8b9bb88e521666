#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"
#include "runtime/run/claim.h"
#include "runtime/run/release.h"

struct claiming {
    const char *out, *done;
    bool json;
};

static enum wf_status print_json(const struct claiming *c, const struct wf_run_row *run,
                                 json_t *outputs)
{
    bool bad = false;
    json_t *night = json_object();
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    const char *folder = wf_out_path(&path, c->out, "", run->folder, "");
    wf_json_put(night, "night", json_string(run->folder), &bad);
    wf_json_put(night, "path", folder ? json_string(folder) : NULL, &bad);
    wf_json_put(night, "manifest", json_string(run->manifest), &bad);
    wf_json_put(night, "files", json_incref(outputs), &bad);
    enum wf_status st = bad ? WF_ERR_NOMEM : wf_cli_json(json_incref(night));
    json_decref(night);
    wf_buf_release(&path);
    return st;
}

/* The folder, then its files as sha256sum tells them. */
static void print_night(const struct claiming *c, const struct wf_run_row *run,
                        const json_t *outputs)
{
    printf("%s/%s\n", c->out, run->folder);
    for (size_t i = 0; i < json_array_size(outputs); i++) {
        const json_t *one = json_array_get(outputs, i);
        printf("%s  %s\n", json_string_value(json_object_get(one, "sha256")),
               json_string_value(json_object_get(one, "file")));
    }
    printf("%s  manifest.json\n", run->manifest);
}

static enum wf_status hand_out(const struct claiming *c, struct wf_store *store,
                               const struct wf_state *state, struct wf_buf *why)
{
    struct wf_run_row run;
    json_t *outputs = NULL;
    enum wf_status st = wf_claim_next(store, state->control.claimed, &run);
    if (st != WF_OK)
        return st;
    if (run.status == WF_RUN_NONE) {
        if (c->json)
            puts("{\"night\":null}");
        else
            fputs(wf_word("no night waits to be taken\n"), stderr);
        return WF_OK;
    }
    st = wf_claim_prove(&wf_fs_os, c->out, &run, &outputs, why);
    if (st == WF_OK && c->json)
        st = print_json(c, &run, outputs);
    else if (st == WF_OK)
        print_night(c, &run, outputs);
    json_decref(outputs);
    wf_run_row_release(&run, store->alloc);
    return st;
}

/* Nights are taken in their order: one after another, none left out. */
static enum wf_status take(const struct claiming *c, struct wf_store *store, struct wf_state *state,
                           struct wf_buf *why)
{
    struct wf_run_row done, next = {0};
    enum wf_status st = wf_claim_find(store, c->done, &done);
    if (st == WF_OK)
        st = wf_claim_next(store, state->control.claimed, &next);
    if (st == WF_OK && done.status == WF_RUN_NONE) {
        wf_say(why, "no night called '%s' was published", c->done);
        st = WF_ERR_USAGE;
    } else if (st == WF_OK && done.seq > state->control.claimed) {
        if (done.seq != next.seq) {
            wf_say(why, "%s was not taken yet, and comes before %s", next.folder, c->done);
            st = WF_ERR_USAGE;
        } else {
            state->control.claimed = done.seq;
            state->control.dirty = true;
            st = wf_store_save_control(store, state);
        }
    }
    if (st == WF_OK && !c->json)
        printf(wf_word("%s is taken\n"), c->done);
    else if (st == WF_OK)
        printf("{\"taken\":\"%s\"}\n", done.folder);
    wf_run_row_release(&done, store->alloc);
    wf_run_row_release(&next, store->alloc);
    return st;
}

static enum wf_status claim(void *ctx, struct wf_store *store, struct wf_state *state,
                            struct wf_buf *why)
{
    const struct claiming *c = ctx;
    enum wf_status st = WF_OK;
    if (state->last.status !=
        WF_RUN_NONE) /* one that a crash cut short has happened all the same */
        st = wf_release_night(&wf_fs_os, store, c->out, &state->last, why);
    if (st != WF_OK)
        return st;
    return c->done ? take(c, store, state, why) : hand_out(c, store, state, why);
}

int cmd_claim(int argc, char **argv)
{
    struct claiming c = {0};
    const char *path = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state of the shop"), 0, 0},
        {"out", WF_OPT_TEXT, &c.out, "DIR", N_("where the nights' folders are"), 0, 0},
        {"done", WF_OPT_TEXT, &c.done, "NIGHT", N_("it is carried out: the next one, please"), 0,
         0},
        {"json", WF_OPT_FLAG, &c.json, NULL, N_("as one line of JSON"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n || !path || !c.out)
        return wf_usage(argv[0], "needs --state FILE and --out DIR, and nothing else");
    umask(077);
    return wf_cli_with_state(argv[0], path, claim, &c);
}
