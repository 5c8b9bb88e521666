#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/night.h"

static const struct wf_option END = {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0};

/* The rule file, and whether all that must be said was. */
static int rule_file(int n, char **argv, struct wf_night_arguments *a, const char *must)
{
    if (n != 1)
        return n ? wf_usage(argv[0], "one rule file, not '%s' as well", argv[2])
                 : wf_usage(argv[0], "which rules?");
    a->rules = argv[1];
    if (!a->data || !a->state || !a->out || (!a->as_of && !a->plan))
        return wf_usage(argv[0], must, "");
    return WF_OPTIONS_GO;
}

int cmd_run(int argc, char **argv)
{
    struct wf_night_arguments a = {.command = "run"};
    struct wf_option table[WF_NIGHT_OPTIONS];
    int n = 0;
    size_t at = wf_night_options(&a, table);
    const struct wf_option own[] = {
        {"as-of", WF_OPT_TEXT, &a.as_of, "DATE", N_("the night: its local midnight, or a time"), 0,
         0},
        {"max-actions", WF_OPT_NUMBER, &a.max_actions, "N", N_("more than these are held"), 1,
         INT64_MAX},
        {"accept-volume", WF_OPT_FLAG, &a.accept_volume, NULL,
         N_("feeds may have half or twice last night's rows"), 0, 0},
        {"accept-repeat", WF_OPT_FLAG, &a.accept_repeat, NULL,
         N_("the exports may be last night's very bytes"), 0, 0},
        {"dry-run", WF_OPT_FLAG, &a.dry_run, NULL, N_("write the files, commit nothing"), 0, 0},
        END,
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        table[at++] = own[i];
    int code = wf_options(argc, argv, table, &n);
    if (code == WF_OPTIONS_GO)
        code = rule_file(n, argv, &a, N_("needs --data, --as-of, --state and --out"));
    return code == WF_OPTIONS_GO ? wf_night_command(&a) : code;
}

int cmd_approve(int argc, char **argv)
{
    struct wf_night_arguments a = {.command = "approve"};
    struct wf_option table[WF_NIGHT_OPTIONS];
    int n = 0;
    size_t at = wf_night_options(&a, table);
    table[at++] = (struct wf_option){
        "plan", WF_OPT_TEXT, &a.plan, "ID", N_("the plan that was looked at and is to leave"), 0,
        0};
    table[at++] = (struct wf_option){
        "now", WF_OPT_TEXT, &a.now, "TIME", N_("when this is (the machine's clock)"), 0, 0};
    table[at] = END;
    int code = wf_options(argc, argv, table, &n);
    if (code == WF_OPTIONS_GO)
        code = rule_file(n, argv, &a, N_("needs --plan, --data, --state and --out"));
    return code == WF_OPTIONS_GO ? wf_night_command(&a) : code;
}
