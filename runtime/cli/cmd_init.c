#include <stdio.h>
#include <sys/stat.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/store/store.h"

int cmd_init(int argc, char **argv)
{
    const char *state = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &state, "FILE", N_("the state to create"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n || !state)
        return wf_usage(argv[0], "needs --state FILE and nothing else");
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    umask(077);
    enum wf_status st = wf_store_create(state, &why);
    if (st == WF_OK)
        printf(wf_word("created %s\n"), state);
    else
        fprintf(stderr, "wayfare init: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_buf_release(&why);
    return wf_status_exit(st);
}
