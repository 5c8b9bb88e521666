#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"

/* What is to stand still, or to go on. */
struct pausing {
    bool resume;
    const char *kind, *name; /* "all" and NULL; "journey", "trigger" and its name */
    const char *why;
};

/* Whether a rule's identity ("journey NAME", "NAME / what its moment is of", the text of an unnamed
 * trigger) is of that name. */
static bool is_named(const char *identity, const struct pausing *p)
{
    size_t len = strlen(p->name);
    bool journey = strncmp(identity, "journey ", 8) == 0;
    if (strcmp(p->kind, "journey") == 0)
        return journey && strcmp(identity + 8, p->name) == 0;
    return !journey && strncmp(identity, p->name, len) == 0 &&
           (identity[len] == 0 || strncmp(identity + len, " / ", 3) == 0);
}

/* Somebody in a hurry who mistypes must not believe that it stands still. */
static enum wf_status check_known(const struct wf_state *state, const struct pausing *p,
                                  struct wf_buf *why)
{
    bool known = !p->name;
    for (size_t i = 0; !known && i < state->n_rules; i++)
        known = is_named(state->rules[i].identity, p);
    if (known)
        return WF_OK;
    wf_say(why,
           p->kind[0] == 'j'
               ? N_("no night has run a journey called '%s'; `wayfare status` lists them")
               : N_("no night has run a trigger called '%s'; `wayfare status` lists them"),
           p->name);
    return WF_ERR_USAGE;
}

static enum wf_status change(void *ctx, struct wf_store *store, struct wf_state *state,
                             struct wf_buf *why)
{
    const struct pausing *p = ctx;
    struct wf_buf what;
    wf_buf_init(&what, NULL, 0);
    wf_buf_addf(&what, "%s%s%s", p->kind, p->name ? " " : "", p->name ? p->name : "");
    const char *text = wf_buf_str(&what);
    int64_t since = state->last.status == WF_RUN_NONE ? 0 : state->last.t;
    bool paused = wf_control_paused(&state->control, text) != NULL;
    enum wf_status st = what.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK && p->resume && !paused) {
        wf_say(why, "%s is not paused; `wayfare status` lists what is", text);
        st = WF_ERR_USAGE;
    } else if (st == WF_OK && p->resume) {
        st = wf_control_resume(&state->control, text, since);
    } else if (st == WF_OK) {
        st = check_known(state, p, why);
        if (st == WF_OK)
            st = wf_control_pause(&state->control, text, p->why ? p->why : "", since, true);
    }
    if (st == WF_OK && state->control.dirty)
        st = wf_store_save_control(store, state);
    if (st == WF_OK && p->resume)
        printf(wf_word("%s goes on with the next night\n"), text);
    else if (st == WF_OK)
        printf(paused ? wf_word("%s was already paused: nothing of it leaves before `wayfare "
                                "resume`\n")
                      : wf_word("%s is paused: nothing of it leaves before `wayfare resume`\n"),
               text);
    wf_buf_release(&what);
    return st;
}

static int run(int argc, char **argv, bool resume)
{
    struct pausing p = {.resume = resume};
    const char *path = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state of the shop"), 0, 0},
        {resume ? NULL : "why", WF_OPT_TEXT, &p.why, "TEXT", N_("what status and reports will say"),
         0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    p.kind = n > 0 ? argv[1] : "";
    p.name = n > 1 ? argv[2] : NULL;
    bool all = strcmp(p.kind, "all") == 0 && n == 1;
    bool one = (strcmp(p.kind, "journey") == 0 || strcmp(p.kind, "trigger") == 0) && n == 2;
    if (!path || (!all && !one))
        return wf_usage(argv[0], "needs all, journey NAME or trigger NAME, and --state FILE");
    return wf_cli_with_state(argv[0], path, change, &p);
}

int cmd_pause(int argc, char **argv)
{
    return run(argc, argv, false);
}

int cmd_resume(int argc, char **argv)
{
    return run(argc, argv, true);
}
