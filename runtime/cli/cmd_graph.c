/*
 * cmd_graph.c - `wayfare graph`: a journey, or a whole file, as Mermaid, DOT or SVG.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/run/graph.h"

enum format { AS_MERMAID, AS_DOT, AS_SVG };
enum { NO_SUCH_PROGRAM = 127 };

struct asked {
    const char *state, *journey;
    int64_t format;
};

/* ---- the picture ---- */

static bool write_all(int to, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(to, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void become_dot(int from)
{
    if (dup2(from, STDIN_FILENO) >= 0) {
        close(from);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
    }
    _exit(NO_SUCH_PROGRAM);
}

/* Graphviz lays it out and writes the picture to standard output. */
static enum wf_status draw(const struct wf_buf *dot, struct wf_buf *why)
{
    int ends[2], status = 0;
    fflush(stdout);
    pid_t child = pipe(ends) == 0 ? fork() : -1;
    if (child < 0) {
        wf_say(why, "no process for graphviz: %s", strerror(errno));
        return WF_ERR_IO;
    }
    if (child == 0) {
        close(ends[1]);
        become_dot(ends[0]);
    }
    close(ends[0]);
    bool written = write_all(ends[1], dot->data, dot->len);
    close(ends[1]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SUCH_PROGRAM) {
        wf_say(why, "SVG is drawn by graphviz, which is not installed: the package is called "
                    "graphviz; --format dot and mermaid do without");
        return WF_ERR_MISSING;
    }
    if (!written || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        wf_say(why, "graphviz could not draw it");
        return WF_ERR_IO;
    }
    return WF_OK;
}

/* ---- the graph ---- */

static uint32_t find_journey(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (strcmp(ir->texts[ir->journeys[i].name]->text, name) == 0)
            return i;
    return WF_NONE;
}

static enum wf_status figures(const struct asked *a, const struct wf_ir *ir, uint32_t journey,
                              struct wf_graph_figures *out, struct wf_buf *why)
{
    struct wf_store *store = NULL;
    struct wf_state state;
    wf_state_init(&state, NULL);
    enum wf_status st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK)
        st = wf_store_load(store, &state);
    if (st == WF_OK) {
        st = wf_graph_figures(store, &state, ir, journey, out);
        if (st == WF_ERR_MISSING)
            wf_say(why, "no night of this state has run journey %s", a->journey);
    }
    if (st != WF_OK && store && why->len == 0)
        wf_buf_adds(why, wf_buf_str(&store->why));
    wf_state_release(&state);
    wf_store_close(store);
    return st;
}

static enum wf_status make(const struct asked *a, const struct wf_ir *ir, struct wf_graph *graph,
                           struct wf_buf *why)
{
    struct wf_graph_figures known = {0};
    enum wf_status st = WF_OK;
    if (!a->journey) {
        wf_graph_file(graph, ir);
        return WF_OK;
    }
    uint32_t journey = find_journey(ir, a->journey);
    if (journey == WF_NONE) {
        wf_say(why, "no journey of these rules is called '%s'", a->journey);
        return WF_ERR_USAGE;
    }
    if (a->state)
        st = figures(a, ir, journey, &known, why);
    if (st == WF_OK)
        wf_graph_journey(graph, ir, journey, a->state ? &known : NULL);
    wf_graph_figures_release(&known);
    return st;
}

static enum wf_status write_out(const struct asked *a, const struct wf_graph *graph,
                                struct wf_buf *why)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    enum wf_status st =
        a->format == AS_MERMAID ? wf_graph_mermaid(graph, &text) : wf_graph_dot(graph, &text);
    if (st == WF_OK && a->format == AS_SVG)
        st = draw(&text, why);
    else if (st == WF_OK && fwrite(text.data, 1, text.len, stdout) != text.len)
        st = WF_ERR_IO;
    wf_buf_release(&text);
    return st;
}

static enum wf_status go(const struct asked *a, const char *rules)
{
    struct wf_compiled compiled;
    struct wf_graph graph;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    wf_graph_init(&graph, NULL);
    enum wf_status st = wf_cli_program_quietly(rules, &compiled);
    bool said = st != WF_OK;
    if (st == WF_OK && !a->journey)
        wf_buf_adds(&graph.title, rules);
    if (st == WF_OK)
        st = make(a, &compiled.program->ir, &graph, &why);
    if (st == WF_OK)
        st = write_out(a, &graph, &why);
    if (st != WF_OK && !said)
        fprintf(stderr, "wayfare graph: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_graph_release(&graph);
    wf_buf_release(&why);
    wf_compiled_release(&compiled);
    return st;
}

int cmd_graph(int argc, char **argv)
{
    struct asked a = {0};
    int n = 0;
    const struct wf_option table[] = {
        {"format", WF_OPT_CHOICE, &a.format, "mermaid|dot|svg",
         N_("SVG is drawn by graphviz, if that is installed"), 0, 0},
        {"state", WF_OPT_TEXT, &a.state, "FILE",
         N_("a journey's figures: who waits where, what left"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1 && n != 2)
        return wf_usage(argv[0], "needs one rule file, and may take the name of a journey");
    a.journey = n == 2 ? argv[2] : NULL;
    if (a.state && !a.journey)
        return wf_usage(argv[0], "--state tells the figures of a journey: name one");
    return wf_status_exit(go(&a, argv[1]));
}
