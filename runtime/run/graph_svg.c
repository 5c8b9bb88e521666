/*
 * A graph as a picture, drawn in layers: a node is below all that lead to it.
 *
 *   rank       twice the longest way from a node without a way in: nodes stand on even ranks
 *   bend       an edge gets a point in each rank between; in the first stands what is said of it
 *   order      within a rank by the middle of the neighbours above, then below, a few times
 *   place      beside each other in that order, then drawn towards the neighbours' middle
 *
 * Whole numbers throughout: every machine draws the same picture.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/escape.h"
#include "lang/base/utf8.h"
#include "runtime/run/graph.h"

enum { COLUMN = 7, LINE = 16, PAD = 10, GAP = 28, BETWEEN = 22, MARGIN = 12, SWEEPS = 8 };

/* A node, or a bend of an edge. */
struct point {
    uint32_t rank, node;        /* node WF_NONE: a bend */
    const struct wf_buf *label; /* a bend may have none: NULL */
    int width, height, x, y;    /* x: of its middle, y: of its top */
    int64_t wish;
};

/* A piece of an edge, from one rank to the next. */
struct piece {
    uint32_t from, to, edge;
};

struct layout {
    const struct wf_graph *graph;
    struct point *points;
    struct piece *pieces;
    uint32_t *order, *first; /* points by rank; first[r]: where rank r begins */
    size_t n, room, n_pieces, room_pieces, n_ranks;
    int *tops; /* by rank */
    int width, height;
};

/* ---- ranks ---- */

static int lines_of(const struct wf_buf *label, int *columns_out)
{
    const char *at = wf_buf_str(label);
    int lines = 0, columns = 0;
    while (lines == 0 || *at) {
        size_t len = strcspn(at, "\n");
        int width = (int)wf_utf8_width(at, len);
        columns = width > columns ? width : columns;
        lines++;
        at += len + (at[len] != 0);
    }
    *columns_out = columns;
    return lines;
}

static enum wf_status add_point(struct layout *l, uint32_t node, uint32_t rank,
                                const struct wf_buf *label)
{
    if (wf_grow(l->graph->alloc, &l->points, &l->room, l->n + 1, sizeof(*l->points)) != 0)
        return WF_ERR_NOMEM;
    struct point *p = &l->points[l->n++];
    *p = (struct point){.rank = rank, .node = node, .label = label, .width = 1};
    if (label) {
        int columns, pad = node == WF_NONE ? 0 : PAD;
        p->height = lines_of(label, &columns) * LINE + 2 * pad;
        p->width = columns * COLUMN + 2 * pad;
    }
    return WF_OK;
}

/* Ways lead forward, so as many rounds as there are nodes settle every rank. */
static enum wf_status rank_nodes(struct layout *l)
{
    const struct wf_graph *g = l->graph;
    for (size_t i = 0; i < g->n_nodes; i++)
        if (add_point(l, (uint32_t)i, 0, &g->nodes[i].label) != WF_OK)
            return WF_ERR_NOMEM;
    bool moved = true;
    for (size_t round = 0; moved && round < g->n_nodes; round++) {
        moved = false;
        for (size_t i = 0; i < g->n_edges; i++) {
            const struct wf_graph_edge *e = &g->edges[i];
            bool lower = l->points[e->to].rank <= l->points[e->from].rank;
            if (lower && e->from != e->to) {
                l->points[e->to].rank = l->points[e->from].rank + 2;
                moved = true;
            }
        }
    }
    return WF_OK;
}

static enum wf_status add_piece(struct layout *l, uint32_t from, uint32_t to, size_t edge)
{
    if (wf_grow(l->graph->alloc, &l->pieces, &l->room_pieces, l->n_pieces + 1,
                sizeof(*l->pieces)) != 0)
        return WF_ERR_NOMEM;
    l->pieces[l->n_pieces++] = (struct piece){from, to, (uint32_t)edge};
    return WF_OK;
}

static enum wf_status bend_edges(struct layout *l)
{
    const struct wf_graph *g = l->graph;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < g->n_edges; i++) {
        uint32_t from = g->edges[i].from, to = g->edges[i].to;
        const struct wf_buf *label = g->edges[i].label.len ? &g->edges[i].label : NULL;
        while (st == WF_OK && l->points[from].rank + 1 < l->points[to].rank) {
            st = add_point(l, WF_NONE, l->points[from].rank + 1, label);
            if (st == WF_OK)
                st = add_piece(l, from, (uint32_t)l->n - 1, i);
            from = (uint32_t)l->n - 1;
            label = NULL;
        }
        if (st == WF_OK && from != to)
            st = add_piece(l, from, to, i);
    }
    return st;
}

static enum wf_status list_ranks(struct layout *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->points[i].rank + (size_t)1 > l->n_ranks)
            l->n_ranks = l->points[i].rank + (size_t)1;
    l->order = wf_calloc(l->graph->alloc, l->n + 1, sizeof(*l->order));
    l->first = wf_calloc(l->graph->alloc, l->n_ranks + 1, sizeof(*l->first));
    l->tops = wf_calloc(l->graph->alloc, l->n_ranks + 1, sizeof(*l->tops));
    if (!l->order || !l->first || !l->tops)
        return WF_ERR_NOMEM;
    uint32_t at = 0;
    for (size_t rank = 0; rank < l->n_ranks; rank++) {
        l->first[rank] = at;
        for (size_t i = 0; i < l->n; i++)
            if (l->points[i].rank == rank)
                l->order[at++] = (uint32_t)i;
    }
    l->first[l->n_ranks] = at;
    return WF_OK;
}

/* ---- order and place ---- */

/* The middle of a point's neighbours above or below, times 16; its own where it has none. */
static int64_t wish_of(const struct layout *l, uint32_t point, bool above)
{
    int64_t sum = 0, n = 0;
    for (size_t i = 0; i < l->n_pieces; i++) {
        const struct piece *piece = &l->pieces[i];
        if ((above ? piece->to : piece->from) != point)
            continue;
        sum += l->points[above ? piece->from : piece->to].x;
        n++;
    }
    return n ? sum * 16 / n : (int64_t)l->points[point].x * 16;
}

/* Puts a rank's points beside each other, each as near to its wish as those before it let it. */
static void place_rank(struct layout *l, size_t rank)
{
    int64_t off = 0;
    int end = 0;
    uint32_t n = l->first[rank + 1] - l->first[rank];
    for (uint32_t i = 0; i < n; i++) {
        struct point *p = &l->points[l->order[l->first[rank] + i]];
        int wished = (int)(p->wish / 16), least = end + GAP + p->width / 2;
        p->x = i == 0 || wished > least ? wished : least;
        end = p->x + p->width / 2;
        off += p->x - wished;
    }
    for (uint32_t i = 0; i < n; i++)
        l->points[l->order[l->first[rank] + i]].x -= (int)(off / n);
}

static void sort_rank(struct layout *l, size_t rank)
{
    for (uint32_t i = l->first[rank] + 1; i < l->first[rank + 1]; i++) {
        uint32_t moved = l->order[i], at = i;
        while (at > l->first[rank] && l->points[l->order[at - 1]].wish > l->points[moved].wish) {
            l->order[at] = l->order[at - 1];
            at--;
        }
        l->order[at] = moved;
    }
}

static void place(struct layout *l)
{
    for (size_t rank = 0; rank < l->n_ranks; rank++) {
        for (uint32_t i = l->first[rank]; i < l->first[rank + 1]; i++)
            l->points[l->order[i]].wish = (int64_t)(i - l->first[rank]) * 16;
        place_rank(l, rank);
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (size_t k = 0; k < l->n_ranks; k++) {
            size_t rank = sweep % 2 ? l->n_ranks - 1 - k : k;
            for (uint32_t i = l->first[rank]; i < l->first[rank + 1]; i++)
                l->points[l->order[i]].wish = wish_of(l, l->order[i], sweep % 2 == 0);
            if (sweep < SWEEPS / 2)
                sort_rank(l, rank);
            place_rank(l, rank);
        }
    }
}

/* Moves the picture to the corner and measures it. */
static void settle(struct layout *l)
{
    int left = INT32_MAX, right = 0, y = MARGIN;
    for (size_t i = 0; i < l->n; i++) {
        const struct point *p = &l->points[i];
        left = p->x - p->width / 2 < left ? p->x - p->width / 2 : left;
    }
    for (size_t i = 0; i < l->n; i++) {
        struct point *p = &l->points[i];
        p->x += MARGIN - left;
        right = p->x + p->width / 2 > right ? p->x + p->width / 2 : right;
    }
    for (size_t rank = 0; rank < l->n_ranks; rank++) {
        int height = 0;
        l->tops[rank] = y;
        for (uint32_t i = l->first[rank]; i < l->first[rank + 1]; i++) {
            struct point *p = &l->points[l->order[i]];
            p->y = y;
            height = p->height > height ? p->height : height;
        }
        for (uint32_t i = l->first[rank]; i < l->first[rank + 1]; i++)
            if (l->points[l->order[i]].node == WF_NONE)
                l->points[l->order[i]].height = height;
        y += height + BETWEEN;
    }
    l->width = right + MARGIN;
    l->height = y - BETWEEN + MARGIN;
}

/* ---- drawing ---- */

static const char *const KINDS[WF_GRAPH_KINDS_] = {
    [WF_GRAPH_ENTRY] = "entry",         [WF_GRAPH_ACT] = "act",
    [WF_GRAPH_WAIT] = "wait",           [WF_GRAPH_CHOICE] = "choice",
    [WF_GRAPH_MILESTONE] = "milestone", [WF_GRAPH_END] = "end",
    [WF_GRAPH_EXIT] = "exit",           [WF_GRAPH_GOAL] = "goal",
    [WF_GRAPH_SEGMENT] = "segment",     [WF_GRAPH_RULE] = "rule",
    [WF_GRAPH_JOURNEY] = "journey",     [WF_GRAPH_CHANNEL] = "channel",
};
static const char *const LINES[WF_LINES_] = {"plain", "timeout", "exit", "goal"};

static void draw_text(struct wf_buf *out, const struct wf_buf *label, int x, int y)
{
    struct wf_buf line;
    wf_buf_init(&line, out->alloc, 0);
    for (const char *at = wf_buf_str(label); *at;) {
        size_t len = strcspn(at, "\n");
        wf_buf_reset(&line);
        wf_buf_add(&line, at, len);
        wf_buf_addf(out, "<text x=\"%d\" y=\"%d\">", x, y);
        wf_xml_text(out, wf_buf_str(&line));
        wf_buf_adds(out, "</text>");
        out->failed |= line.failed;
        at += len + (at[len] != 0);
        y += LINE;
    }
    wf_buf_release(&line);
}

static void draw_node(struct wf_buf *out, const struct layout *l, const struct point *p)
{
    const struct wf_graph_node *node = &l->graph->nodes[p->node];
    bool round = node->kind == WF_GRAPH_ENTRY || node->kind == WF_GRAPH_END ||
                 node->kind == WF_GRAPH_EXIT || node->kind == WF_GRAPH_GOAL;
    wf_buf_addf(out,
                "<g class=\"n-%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                "rx=\"%d\"/>",
                KINDS[node->kind], p->x - p->width / 2, p->y, p->width, p->height, round ? 16 : 4);
    draw_text(out, &node->label, p->x, p->y + PAD + 12);
    wf_buf_adds(out, "</g>\n");
}

/* The pieces of one edge, one after the other. Through a bend it goes straight down. */
static void draw_edge(struct wf_buf *out, const struct layout *l, size_t edge)
{
    const struct wf_graph_edge *e = &l->graph->edges[edge];
    const struct point *to = NULL;
    wf_buf_addf(out, "<g class=\"e-%s\"><path d=\"", LINES[e->line]);
    for (size_t i = 0; i < l->n_pieces; i++) {
        if (l->pieces[i].edge != edge)
            continue;
        const struct point *from = &l->points[l->pieces[i].from];
        bool first = !to;
        to = &l->points[l->pieces[i].to];
        int y = from->y + from->height, half = (to->y - y) / 2;
        if (first)
            wf_buf_addf(out, "M%d %d", from->x, y);
        else
            wf_buf_addf(out, "V%d", y);
        wf_buf_addf(out, "C%d %d %d %d %d %d", from->x, y + half, to->x, to->y - half, to->x,
                    to->y);
    }
    wf_buf_adds(out, "\"/>");
    if (to)
        wf_buf_addf(out, "<path class=\"head\" d=\"M%d %dl-4 -7h8z\"/>", to->x, to->y);
    for (size_t i = 0; i < l->n_pieces; i++) {
        const struct point *p = &l->points[l->pieces[i].to];
        if (l->pieces[i].edge == edge && p->node == WF_NONE && p->label)
            draw_text(out, p->label, p->x, p->y + 12);
    }
    wf_buf_adds(out, "</g>\n");
}

enum wf_status wf_graph_svg(const struct wf_graph *graph, struct wf_buf *out)
{
    struct layout l = {.graph = graph};
    enum wf_status st = graph->failed ? WF_ERR_NOMEM : rank_nodes(&l);
    if (st == WF_OK)
        st = bend_edges(&l);
    if (st == WF_OK)
        st = list_ranks(&l);
    if (st == WF_OK) {
        place(&l);
        settle(&l);
        wf_buf_addf(out,
                    "<svg class=\"graph\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                    "role=\"img\">\n<title>",
                    l.width, l.height, l.width, l.height);
        wf_xml_text(out, wf_buf_str(&graph->title));
        wf_buf_adds(out, "</title>\n");
        for (size_t i = 0; i < graph->n_edges; i++)
            draw_edge(out, &l, i);
        for (size_t i = 0; i < l.n; i++)
            if (l.points[i].node != WF_NONE)
                draw_node(out, &l, &l.points[i]);
        wf_buf_adds(out, "</svg>\n");
    }
    wf_free(graph->alloc, l.points);
    wf_free(graph->alloc, l.pieces);
    wf_free(graph->alloc, l.order);
    wf_free(graph->alloc, l.first);
    wf_free(graph->alloc, l.tops);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}
