/*
 * cmd_explain.c - `wayfare explain`: why members do, or do not, get something; how an action came
 * about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/files.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/values.h"
#include "runtime/run/chain.h"
#include "runtime/run/explain.h"
#include "runtime/run/zonefile.h"

enum format { AS_TEXT, AS_JSON };

struct asked {
    const char *data, *as_of, *state, *max_rejects, *from, *journey, *rule, *action, *out;
    bool schema;
    struct wf_option_texts members; /* of the command line, then of the list */
    size_t room;                    /* of `members`, once there is a list */
    struct wf_buf list;             /* the list's lines, each with its NUL */
    int64_t unreadable, format;
    uint32_t rejects; /* millionths */
};

static enum wf_status tell(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    return fwrite(text, 1, len, stdout) == len ? WF_OK : WF_ERR_IO;
}

static enum wf_status explain_members(const struct asked *a, const struct wf_program *program,
                                      struct wf_store *store, struct wf_run_options *options,
                                      struct wf_buf *why)
{
    struct wf_explain_query query = {.members = a->members.items,
                                     .n_members = a->members.n,
                                     .journey = a->journey,
                                     .rule = a->rule,
                                     .json = a->format == AS_JSON,
                                     .tell = tell};
    struct wf_load_report report = {0};
    if (!wf_cli_as_of(a->as_of, options->zone, &options->now)) {
        wf_say(why, "--as-of takes a date like 2026-11-22, not '%s'", a->as_of);
        return WF_ERR_USAGE;
    }
    enum wf_status st = wf_explain(program, store, options, &query, &report, why);
    wf_load_report_release(&report);
    return st;
}

static enum wf_status explain_action(const struct asked *a, const struct wf_program *program,
                                     struct wf_store *store, struct wf_run_options *options,
                                     struct wf_buf *why)
{
    struct wf_chain_query query = {a->action, a->format == AS_JSON};
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    options->out = a->out;
    enum wf_status st = wf_chain(program, store, options, &query, &text, why);
    if (st == WF_OK)
        st = tell(NULL, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    return st;
}

static enum wf_status explain(const struct asked *a, const struct wf_program *program,
                              struct wf_buf *why)
{
    struct wf_run_options options = wf_cli_look(a->data, a->rejects, a->unreadable);
    struct wf_store *store = NULL;
    struct wf_zone *zone = NULL;
    const char *name = program->ir.texts[program->ir.timezone]->text;
    enum wf_status st = wf_zone_load(name, NULL, &zone, why);
    options.zone = zone;
    options.beside = options.scratch = a->state;
    if (st == WF_OK)
        st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK)
        st = a->action ? explain_action(a, program, store, &options, why)
                       : explain_members(a, program, store, &options, why);
    wf_store_close(store);
    if (zone)
        wf_zone_free(zone);
    return st;
}

/* ---- who ---- */

static enum wf_status read_lines(FILE *file, struct asked *a)
{
    char chunk[1 << 14];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        wf_buf_add(&a->list, chunk, n);
    wf_buf_addc(&a->list, '\n');
    return ferror(file) ? WF_ERR_IO : a->list.failed ? WF_ERR_NOMEM : WF_OK;
}

/* A member a line; empty lines are nobody, a carriage return at the end is none of the id. */
static enum wf_status split_lines(struct asked *a)
{
    for (char *line = a->list.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = 0;
        if (end > line && end[-1] == '\r')
            end[-1] = 0;
        if (!*line)
            continue;
        if (wf_grow(NULL, &a->members.items, &a->room, a->members.n + 1,
                    sizeof(*a->members.items)) != 0)
            return WF_ERR_NOMEM;
        a->members.items[a->members.n++] = line;
    }
    return WF_OK;
}

static enum wf_status read_list(struct asked *a, struct wf_buf *why)
{
    bool piped = strcmp(a->from, "-") == 0;
    FILE *file = piped ? stdin : fopen(a->from, "rb");
    if (!file) {
        wf_say(why, "%s cannot be read", a->from);
        return WF_ERR_MISSING;
    }
    enum wf_status st = read_lines(file, a);
    if (!piped)
        fclose(file);
    return st == WF_OK ? split_lines(a) : st;
}

/* ---- the command ---- */

static int wants(const char *command, const struct asked *a, int n)
{
    if (a->action && (a->members.n || a->from || a->journey || a->rule || a->as_of))
        return wf_usage(command, "--action tells of one action: no --member, --as-of and the like");
    if (a->action && (n != 1 || !a->state))
        return wf_usage(command, "--action needs --state and one rule file");
    if (a->action)
        return WF_OPTIONS_GO;
    if (n != 1 || !(a->members.n || a->from) || !a->data || !a->as_of || !a->state)
        return wf_usage(command, "needs --member, --data, --as-of, --state and one rule file");
    if (a->journey && a->rule)
        return wf_usage(command, "takes --journey or --why-not, not both");
    return WF_OPTIONS_GO;
}

static enum wf_status go(struct asked *a, const char *rules)
{
    struct wf_compiled compiled;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = wf_cli_program_quietly(rules, &compiled);
    bool said = st != WF_OK;
    if (st == WF_OK && a->from)
        st = read_list(a, &why);
    if (st == WF_OK)
        st = explain(a, compiled.program, &why);
    if (st != WF_OK && !said)
        fprintf(stderr, "wayfare explain: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_buf_release(&why);
    wf_compiled_release(&compiled);
    return st;
}

int cmd_explain(int argc, char **argv)
{
    struct asked a = {.rejects = WF_MAX_REJECTS_SHARE_DEFAULT, .room = (size_t)argc};
    int n = 0;
    const struct wf_option table[] = {
        {"member", WF_OPT_TEXTS, &a.members, "ID", N_("whom it is about; may be repeated"), 0, 0},
        {"members-from", WF_OPT_TEXT, &a.from, "FILE", N_("a file of ids, one a line; - is stdin"),
         0, 0},
        {"journey", WF_OPT_TEXT, &a.journey, "NAME",
         N_("this journey only: how they came where they stand, and what comes next"), 0, 0},
        {"why-not", WF_OPT_TEXT, &a.rule, "RULE",
         N_("this rule only: what is in its way, and the nearest change"), 0, 0},
        {"action", WF_OPT_TEXT, &a.action, "ID",
         N_("how this action came about, from the ledger; no --member"), 0, 0},
        {"out", WF_OPT_TEXT, &a.out, "DIR",
         N_("with --action: where the nights' folders are, for its line and its reason"), 0, 0},
        {"data", WF_OPT_TEXT, &a.data, "DIR", N_("the folder of the night's exports"), 0, 0},
        {"as-of", WF_OPT_TEXT, &a.as_of, "DATE", N_("the night: tonight's, or the last one"), 0, 0},
        {"state", WF_OPT_TEXT, &a.state, "FILE", N_("the state; it is not changed"), 0, 0},
        {"format", WF_OPT_CHOICE, &a.format, "text|json",
         N_("for people, or an object a line for each member"), 0, 0},
        {"schema", WF_OPT_FLAG, &a.schema, NULL, N_("print the JSON Schema of --format json"), 0,
         0},
        {"max-rejects", WF_OPT_TEXT, &a.max_rejects, "P%", N_("bad rows a feed may have (0.1%)"), 0,
         0},
        {"accept-unreadable", WF_OPT_NUMBER, &a.unreadable, "N",
         N_("event rows too broken to tell whose"), 0, INT64_MAX},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    a.members.items = wf_calloc(NULL, (size_t)argc, sizeof(*a.members.items));
    wf_buf_init(&a.list, NULL, 0);
    int code = a.members.items ? wf_options(argc, argv, table, &n) : wf_status_exit(WF_ERR_NOMEM);
    bool prints = code == WF_OPTIONS_GO && a.schema;
    if (prints)
        fputs(wf_cli_text("explain.schema.json"), stdout);
    if (prints)
        code = 0;
    if (code == WF_OPTIONS_GO)
        code = wants(argv[0], &a, n);
    if (code == WF_OPTIONS_GO && a.max_rejects && !wf_cli_share(a.max_rejects, &a.rejects))
        code = wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'", a.max_rejects);
    if (code == WF_OPTIONS_GO)
        code = wf_status_exit(go(&a, argv[1]));
    wf_buf_release(&a.list);
    wf_free(NULL, a.members.items);
    return code;
}
