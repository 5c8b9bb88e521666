#include "runtime/run/graph.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"

enum { LINE_WIDTH = 30, MOST_LINES = 4 };

static const char *said(const char *text)
{
    return wf_word(text);
}

void wf_graph_init(struct wf_graph *graph, const struct wf_alloc *alloc)
{
    *graph = (struct wf_graph){.alloc = alloc, .word = said};
    wf_buf_init(&graph->title, alloc, 0);
}

void wf_graph_release(struct wf_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        wf_buf_release(&graph->nodes[i].label);
    for (size_t i = 0; i < graph->n_edges; i++)
        wf_buf_release(&graph->edges[i].label);
    wf_free(graph->alloc, graph->nodes);
    wf_free(graph->alloc, graph->edges);
    wf_buf_release(&graph->title);
}

/* ---- labels ---- */

static size_t character(const char *text)
{
    size_t n = 1;
    while (((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* How many bytes fit a line: to the last space that does, or else as many characters as do. */
static size_t fitting(const char *text)
{
    size_t at = 0, space = 0;
    while (text[at]) {
        size_t n = character(text + at);
        if (wf_utf8_width(text, at + n) > LINE_WIDTH)
            return space ? space : at;
        if (text[at] == ' ')
            space = at;
        at += n;
    }
    return at;
}

/* What does not fit a few lines ends in an ellipsis. */
static void add_lines(struct wf_buf *out, const char *text)
{
    for (int line = 0; *text; line++) {
        size_t n = fitting(text);
        if (line)
            wf_buf_addc(out, '\n');
        wf_buf_add(out, text, n);
        text += n + strspn(text + n, " ");
        if (*text && line + 1 == MOST_LINES) {
            wf_buf_adds(out, "\u2026");
            return;
        }
    }
}

/* ---- parts ---- */

uint32_t wf_graph_node(struct wf_graph *graph, enum wf_graph_kind kind, const char *text)
{
    if (wf_grow(graph->alloc, &graph->nodes, &graph->room_nodes, graph->n_nodes + 1,
                sizeof(*graph->nodes)) != 0) {
        graph->failed = true;
        return 0;
    }
    struct wf_graph_node *node = &graph->nodes[graph->n_nodes];
    node->kind = kind;
    wf_buf_init(&node->label, graph->alloc, 0);
    add_lines(&node->label, text);
    graph->failed |= node->label.failed;
    return (uint32_t)graph->n_nodes++;
}

static void add_below(struct wf_graph *graph, struct wf_buf *label, const char *text)
{
    if (label->len)
        wf_buf_addc(label, '\n');
    wf_buf_adds(label, text);
    graph->failed |= label->failed;
}

void wf_graph_below(struct wf_graph *graph, uint32_t node, const char *text)
{
    if (node < graph->n_nodes)
        add_below(graph, &graph->nodes[node].label, text);
}

void wf_graph_below_edge(struct wf_graph *graph, const char *text)
{
    if (graph->n_edges)
        add_below(graph, &graph->edges[graph->n_edges - 1].label, text);
}

void wf_graph_edge(struct wf_graph *graph, uint32_t from, uint32_t to, enum wf_graph_line line,
                   const char *text)
{
    if (wf_grow(graph->alloc, &graph->edges, &graph->room_edges, graph->n_edges + 1,
                sizeof(*graph->edges)) != 0) {
        graph->failed = true;
        return;
    }
    struct wf_graph_edge *edge = &graph->edges[graph->n_edges++];
    *edge = (struct wf_graph_edge){.from = from, .to = to, .line = line};
    wf_buf_init(&edge->label, graph->alloc, 0);
    add_lines(&edge->label, text);
    graph->failed |= edge->label.failed;
}

/* ---- Mermaid ---- */

static void add_dot(struct wf_buf *out, const struct wf_buf *text)
{
    wf_buf_addc(out, '"');
    for (const char *c = wf_buf_str(text); *c; c++) {
        if (*c == '\n') {
            wf_buf_adds(out, "\\n");
            continue;
        }
        if (*c == '"' || *c == '\\')
            wf_buf_addc(out, '\\');
        wf_buf_addc(out, *c);
    }
    wf_buf_addc(out, '"');
}

/* Inside quotes: what would end them or mean something becomes an entity, as Mermaid writes them.
 */
static void add_mermaid(struct wf_buf *out, const struct wf_buf *text)
{
    wf_buf_addc(out, '"');
    for (const char *c = wf_buf_str(text); *c; c++) {
        if (*c == '\n')
            wf_buf_adds(out, "<br/>");
        else if (strchr("\"#<>&`\\", *c))
            wf_buf_addf(out, "#%d;", *c);
        else
            wf_buf_addc(out, *c);
    }
    wf_buf_addc(out, '"');
}

static const char *const STYLES[WF_GRAPH_KINDS_] = {
    [WF_GRAPH_ENTRY] = "entry",         [WF_GRAPH_ACT] = "act",
    [WF_GRAPH_WAIT] = "wait",           [WF_GRAPH_CHOICE] = "choice",
    [WF_GRAPH_MILESTONE] = "milestone", [WF_GRAPH_END] = "done",
    [WF_GRAPH_EXIT] = "exit",           [WF_GRAPH_GOAL] = "goal",
    [WF_GRAPH_SEGMENT] = "segment",     [WF_GRAPH_RULE] = "rule",
    [WF_GRAPH_JOURNEY] = "journey",     [WF_GRAPH_CHANNEL] = "channel",
};

/* Fill and outline; light and dark pages both read them. */
static const char *const COLOURS[WF_GRAPH_KINDS_][2] = {
    [WF_GRAPH_ENTRY] = {"#dbeafe", "#1d4ed8"},     [WF_GRAPH_ACT] = {"#ffffff", "#475569"},
    [WF_GRAPH_WAIT] = {"#fef9c3", "#a16207"},      [WF_GRAPH_CHOICE] = {"#f3e8ff", "#7e22ce"},
    [WF_GRAPH_MILESTONE] = {"#ecfeff", "#0e7490"}, [WF_GRAPH_END] = {"#e2e8f0", "#475569"},
    [WF_GRAPH_EXIT] = {"#fee2e2", "#b91c1c"},      [WF_GRAPH_GOAL] = {"#dcfce7", "#15803d"},
    [WF_GRAPH_SEGMENT] = {"#fef9c3", "#a16207"},   [WF_GRAPH_RULE] = {"#dbeafe", "#1d4ed8"},
    [WF_GRAPH_JOURNEY] = {"#f3e8ff", "#7e22ce"},   [WF_GRAPH_CHANNEL] = {"#dcfce7", "#15803d"},
};

static const char *const LINE_COLOURS[WF_LINES_] = {"#475569", "#a16207", "#b91c1c", "#15803d"};

static void mermaid_node(struct wf_buf *out, size_t number, const struct wf_graph_node *node)
{
    static const char *const BEFORE[WF_GRAPH_KINDS_] = {
        [WF_GRAPH_ENTRY] = "([", [WF_GRAPH_ACT] = "[",       [WF_GRAPH_WAIT] = "{{",
        [WF_GRAPH_CHOICE] = "{", [WF_GRAPH_MILESTONE] = ">", [WF_GRAPH_END] = "((",
        [WF_GRAPH_EXIT] = "([",  [WF_GRAPH_GOAL] = "([",     [WF_GRAPH_SEGMENT] = "[/",
        [WF_GRAPH_RULE] = "[",   [WF_GRAPH_JOURNEY] = "[[",  [WF_GRAPH_CHANNEL] = "([",
    };
    static const char *const BEHIND[WF_GRAPH_KINDS_] = {
        [WF_GRAPH_ENTRY] = "])", [WF_GRAPH_ACT] = "]",       [WF_GRAPH_WAIT] = "}}",
        [WF_GRAPH_CHOICE] = "}", [WF_GRAPH_MILESTONE] = "]", [WF_GRAPH_END] = "))",
        [WF_GRAPH_EXIT] = "])",  [WF_GRAPH_GOAL] = "])",     [WF_GRAPH_SEGMENT] = "/]",
        [WF_GRAPH_RULE] = "]",   [WF_GRAPH_JOURNEY] = "]]",  [WF_GRAPH_CHANNEL] = "])",
    };
    wf_buf_addf(out, "  n%zu%s", number, BEFORE[node->kind]);
    add_mermaid(out, &node->label);
    wf_buf_addf(out, "%s:::%s\n", BEHIND[node->kind], STYLES[node->kind]);
}

static void mermaid_edge(struct wf_buf *out, const struct wf_graph_edge *edge)
{
    wf_buf_addf(out, "  n%" PRIu32 " %s", edge->from, edge->line == WF_LINE_PLAIN ? "-->" : "-.->");
    if (edge->label.len) {
        wf_buf_addc(out, '|');
        add_mermaid(out, &edge->label);
        wf_buf_addc(out, '|');
    }
    wf_buf_addf(out, " n%" PRIu32 "\n", edge->to);
}

static void mermaid_styles(const struct wf_graph *graph, struct wf_buf *out)
{
    for (int kind = 0; kind < WF_GRAPH_KINDS_; kind++) {
        bool used = false;
        for (size_t i = 0; i < graph->n_nodes && !used; i++)
            used = graph->nodes[i].kind == (enum wf_graph_kind)kind;
        if (used)
            wf_buf_addf(out, "  classDef %s fill:%s,stroke:%s,color:#0f172a\n", STYLES[kind],
                        COLOURS[kind][0], COLOURS[kind][1]);
    }
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].line != WF_LINE_PLAIN)
            wf_buf_addf(out, "  linkStyle %zu stroke:%s\n", i, LINE_COLOURS[graph->edges[i].line]);
}

enum wf_status wf_graph_mermaid(const struct wf_graph *graph, struct wf_buf *out)
{
    wf_buf_adds(out, "---\ntitle: ");
    add_dot(out, &graph->title); /* a string of YAML escapes the same */
    wf_buf_addf(out, "\n---\nflowchart %s\n", graph->across ? "LR" : "TB");
    for (size_t i = 0; i < graph->n_nodes; i++)
        mermaid_node(out, i, &graph->nodes[i]);
    for (size_t i = 0; i < graph->n_edges; i++)
        mermaid_edge(out, &graph->edges[i]);
    mermaid_styles(graph, out);
    return graph->failed || graph->title.failed || out->failed ? WF_ERR_NOMEM : WF_OK;
}

/* ---- DOT ---- */

static void dot_node(struct wf_buf *out, size_t number, const struct wf_graph_node *node)
{
    static const char *const SHAPES[WF_GRAPH_KINDS_] = {
        [WF_GRAPH_ENTRY] = "box",         [WF_GRAPH_ACT] = "box",
        [WF_GRAPH_WAIT] = "hexagon",      [WF_GRAPH_CHOICE] = "diamond",
        [WF_GRAPH_MILESTONE] = "cds",     [WF_GRAPH_END] = "oval",
        [WF_GRAPH_EXIT] = "oval",         [WF_GRAPH_GOAL] = "oval",
        [WF_GRAPH_SEGMENT] = "note",      [WF_GRAPH_RULE] = "box",
        [WF_GRAPH_JOURNEY] = "component", [WF_GRAPH_CHANNEL] = "oval",
    };
    wf_buf_addf(out, "  n%zu [label=", number);
    add_dot(out, &node->label);
    wf_buf_addf(out, ", shape=%s, style=\"filled%s\", fillcolor=\"%s\", color=\"%s\"];\n",
                SHAPES[node->kind], node->kind == WF_GRAPH_ENTRY ? ",rounded" : "",
                COLOURS[node->kind][0], COLOURS[node->kind][1]);
}

static void dot_edge(struct wf_buf *out, const struct wf_graph_edge *edge)
{
    wf_buf_addf(out, "  n%" PRIu32 " -> n%" PRIu32 " [label=", edge->from, edge->to);
    add_dot(out, &edge->label);
    wf_buf_addf(out, ", color=\"%s\", fontcolor=\"%s\"%s];\n", LINE_COLOURS[edge->line],
                LINE_COLOURS[edge->line], edge->line == WF_LINE_PLAIN ? "" : ", style=dashed");
}

enum wf_status wf_graph_dot(const struct wf_graph *graph, struct wf_buf *out)
{
    static const char FONT[] = "fontname=\"Helvetica, Arial, Noto Sans CJK SC, sans-serif\"";
    wf_buf_addf(out, "digraph {\n  graph [rankdir=%s, labelloc=t, %s, label=",
                graph->across ? "LR" : "TB", FONT);
    add_dot(out, &graph->title);
    wf_buf_addf(out, "];\n  node [%s, fontsize=11];\n  edge [%s, fontsize=10];\n", FONT, FONT);
    for (size_t i = 0; i < graph->n_nodes; i++)
        dot_node(out, i, &graph->nodes[i]);
    for (size_t i = 0; i < graph->n_edges; i++)
        dot_edge(out, &graph->edges[i]);
    wf_buf_adds(out, "}\n");
    return graph->failed || graph->title.failed || out->failed ? WF_ERR_NOMEM : WF_OK;
}
