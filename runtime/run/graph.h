/*
 * graph.h - journeys and whole rule files as graphs, written for Mermaid and Graphviz.
 *
 *   program ─┬─ wf_graph_journey ─┐
 *   state ───┘                    ├─ struct wf_graph ─┬─ wf_graph_mermaid
 *   program ─── wf_graph_file ────┘                   └─ wf_graph_dot
 */
#ifndef WF_RUN_GRAPH_H
#define WF_RUN_GRAPH_H

#include "lang/code/program.h"
#include "runtime/engine/engine.h"
#include "runtime/store/store.h"

enum wf_graph_kind { /* what a node is, and so how it is drawn */
                     WF_GRAPH_ENTRY,
                     WF_GRAPH_ACT,
                     WF_GRAPH_WAIT,
                     WF_GRAPH_CHOICE,
                     WF_GRAPH_MILESTONE,
                     WF_GRAPH_END,
                     WF_GRAPH_EXIT,
                     WF_GRAPH_GOAL,
                     WF_GRAPH_SEGMENT,
                     WF_GRAPH_RULE,
                     WF_GRAPH_JOURNEY,
                     WF_GRAPH_CHANNEL,
                     WF_GRAPH_KINDS_
};

enum wf_graph_line { WF_LINE_PLAIN, WF_LINE_TIMEOUT, WF_LINE_EXIT, WF_LINE_GOAL, WF_LINES_ };

struct wf_graph_node {
    enum wf_graph_kind kind;
    struct wf_buf label; /* lines, each but the last with its newline */
};

struct wf_graph_edge {
    uint32_t from, to;
    enum wf_graph_line line;
    struct wf_buf label; /* may be empty */
};

struct wf_graph {
    const struct wf_alloc *alloc;
    bool across;                           /* drawn from left to right, else from the top down */
    bool failed;                           /* something is not in it for want of memory */
    const char *(*word)(const char *text); /* its labels' language; wf_word unless said */
    struct wf_buf title;
    struct wf_graph_node *nodes;
    size_t n_nodes, room_nodes;
    struct wf_graph_edge *edges;
    size_t n_edges, room_edges;
};

void wf_graph_init(struct wf_graph *graph, const struct wf_alloc *alloc);
void wf_graph_release(struct wf_graph *graph);

/* What the state knows of a journey. */
struct wf_graph_figures {
    const struct wf_alloc *alloc;
    uint64_t *waiting;  /* by step: members who stand there */
    uint64_t *last;     /* by position of an action: left in the last night */
    uint64_t *left;     /* ... and ever; NULL: it is not known */
    uint64_t *stopped;  /* by a gate, ever or in that night */
    uint64_t elsewhere; /* members who walk an older structure */
    struct wf_journey_totals totals;
    struct wf_journey_flow flow; /* of the last night; without ways: that was of another structure,
                                    or did not run it */
    char *night;                 /* its name, if there is a flow */
};

/* Reads them; WF_ERR_MISSING: no night has run the journey. Release them in any case. */
enum wf_status wf_graph_figures(struct wf_store *store, struct wf_state *state,
                                const struct wf_ir *ir, uint32_t journey,
                                struct wf_graph_figures *out);
/* Those of a night that was just decided. Release them in any case. */
enum wf_status wf_graph_tonight(const struct wf_night *night, const struct wf_outcome *outcome,
                                uint32_t journey, struct wf_graph_figures *out);
void wf_graph_figures_release(struct wf_graph_figures *figures);

/* Adds the journey: a node a step, an edge a way. `figures` may be NULL. */
void wf_graph_journey(struct wf_graph *graph, const struct wf_ir *ir, uint32_t journey,
                      const struct wf_graph_figures *figures);

/* Adds what the file declares: segments and classes, the rules and journeys that ask for them, the
 * channels by which these reach the members. */
void wf_graph_file(struct wf_graph *graph, const struct wf_ir *ir);

/* All answer WF_ERR_NOMEM where something of the graph is lacking. */
enum wf_status wf_graph_mermaid(const struct wf_graph *graph, struct wf_buf *out);
enum wf_status wf_graph_dot(const struct wf_graph *graph, struct wf_buf *out);

/*
 * A picture for a page, laid out here: layers from the top down, whole numbers only, so that it is
 * the same wherever it is drawn. Its colours are the page's: classes n-KIND, e-LINE.
 */
enum wf_status wf_graph_svg(const struct wf_graph *graph, struct wf_buf *out);

/* ---- for those who add to a graph ---- */

/* Answer the place of the new node or edge; texts are cut into short lines and shortened. */
uint32_t wf_graph_node(struct wf_graph *graph, enum wf_graph_kind kind, const char *text);
void wf_graph_edge(struct wf_graph *graph, uint32_t from, uint32_t to, enum wf_graph_line line,
                   const char *text);

/* Adds a line below a node's label: a sentence that is translated already. */
void wf_graph_below(struct wf_graph *graph, uint32_t node, const char *text);
void wf_graph_below_edge(struct wf_graph *graph, const char *text); /* of the last edge */

#endif
