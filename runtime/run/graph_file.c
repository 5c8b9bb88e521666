/*
 * A rule file as a graph: who is meant, what is done about them, by which way it reaches them.
 *
 *   segments and classes ─▶ rules and journeys ─▶ channels
 */
#include <ctype.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/graph.h"

struct drawing {
    struct wf_graph *graph;
    const struct wf_ir *ir;
    uint32_t *segments; /* node by segment, then by class (a classify has one) */
    uint32_t *channels; /* node by text; WF_NONE: not drawn yet */
    uint32_t any;       /* of what goes by the first channel that reaches */
    uint32_t inside;    /* of what is done within the house: tags, tasks, points */
};

/* ---- who asks for what ---- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether a name stands in a canonical text as a word, outside of strings. */
static bool names(const char *text, const char *name)
{
    size_t len = strlen(name);
    bool quoted = false;
    for (const char *at = text; *at; at++) {
        quoted ^= *at == '"' && (at == text || at[-1] != '\\');
        if (!quoted && strncmp(at, name, len) == 0 && (at == text || !is_word(at[-1])) &&
            !is_word(at[len]))
            return true;
    }
    return false;
}

/* Some atoms of a program. */
struct atoms {
    uint32_t first, count;
};

/* A rule's or segment's own atoms; a journey asks in its entry, its exit and its steps. */
struct asking {
    struct atoms own, exit;
    uint32_t steps_first, steps_count;
};

static bool ask(const struct wf_ir *ir, struct atoms atoms, const char *name)
{
    for (uint32_t i = atoms.first; i < atoms.first + atoms.count; i++)
        if (names(wf_ir_text(ir, ir->atoms[i].text), name))
            return true;
    return false;
}

static bool asks(const struct wf_ir *ir, const struct asking *a, const char *name)
{
    bool any = ask(ir, a->own, name) || ask(ir, a->exit, name);
    for (uint32_t i = a->steps_first; i < a->steps_first + a->steps_count && !any; i++)
        any = ask(ir, (struct atoms){ir->steps[i].atoms_first, ir->steps[i].atoms_count}, name);
    return any;
}

/* Edges to `node` from what is asked for there. */
static void link_asked(struct drawing *d, const struct asking *a, uint32_t node)
{
    const struct wf_ir *ir = d->ir;
    uint32_t last = WF_NONE;
    for (uint32_t i = 0; i < ir->n_segments; i++)
        if (d->segments[i] != node && asks(ir, a, wf_ir_text(ir, ir->segments[i].name)))
            wf_graph_edge(d->graph, d->segments[i], node, WF_LINE_PLAIN, "");
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        if (ir->classes[i].classify == last)
            continue;
        last = ir->classes[i].classify;
        uint32_t from = d->segments[ir->n_segments + i];
        if (from != node && asks(ir, a, wf_ir_text(ir, last)))
            wf_graph_edge(d->graph, from, node, WF_LINE_PLAIN, "");
    }
}

/* ---- what is done ---- */

static uint32_t channel_node(struct drawing *d, const struct wf_ir_action *action)
{
    bool reaches = action->kind == WF_ACT_SEND || action->kind == WF_ACT_COUPON ||
                   action->kind == WF_ACT_INVITE;
    uint32_t *node = action->channel != WF_NONE ? &d->channels[action->channel]
                     : reaches                  ? &d->any
                                                : &d->inside;
    if (*node == WF_NONE)
        *node = wf_graph_node(d->graph, WF_GRAPH_CHANNEL,
                              action->channel != WF_NONE ? wf_ir_text(d->ir, action->channel)
                              : reaches                  ? wf_word("the first channel that reaches")
                                                         : wf_word("in the house"));
    return *node;
}

static bool is_alike(const struct wf_ir_action *a, const struct wf_ir_action *b)
{
    return a->kind == b->kind && a->name == b->name;
}

/* Everything the actions send by that channel, each name once. */
static void add_actions(struct drawing *d, const struct wf_ir_action *actions, uint32_t count,
                        uint32_t channel, struct wf_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        bool seen = channel_node(d, &actions[i]) != channel;
        for (uint32_t k = 0; k < i && !seen; k++)
            seen = channel_node(d, &actions[k]) == channel && is_alike(&actions[k], &actions[i]);
        if (seen)
            continue;
        wf_buf_addf(out, "%s%s", out->len ? ", " : "", wf_action_kind(&actions[i]));
        if (actions[i].name != WF_NONE)
            wf_buf_addf(out, " %s", wf_ir_text(d->ir, actions[i].name));
    }
}

/* One edge a channel, with everything that goes by it. */
static void link_actions(struct drawing *d, uint32_t first, uint32_t count, uint32_t node)
{
    const struct wf_ir_action *actions = &d->ir->actions[first];
    for (uint32_t i = 0; i < count; i++) {
        struct wf_buf text;
        uint32_t to = channel_node(d, &actions[i]);
        bool seen = false;
        for (uint32_t k = 0; k < i; k++)
            seen |= channel_node(d, &actions[k]) == to;
        if (seen)
            continue;
        wf_buf_init(&text, d->graph->alloc, 0);
        add_actions(d, actions, count, to, &text);
        wf_graph_edge(d->graph, node, to, WF_LINE_PLAIN, wf_buf_str(&text));
        d->graph->failed |= text.failed;
        wf_buf_release(&text);
    }
}

/* ---- the parts ---- */

static void add_named(struct drawing *d, const char *name, uint32_t first, uint32_t count,
                      struct wf_buf *out)
{
    wf_buf_reset(out);
    wf_buf_addf(out, "%s: ", name);
    for (uint32_t i = 0; i < count; i++) {
        wf_buf_adds(out, i ? " and " : "");
        wf_buf_adds(out, wf_ir_text(d->ir, d->ir->atoms[first + i].text));
    }
    d->graph->failed |= out->failed;
}

static void add_segments(struct drawing *d, struct wf_buf *text)
{
    const struct wf_ir *ir = d->ir;
    uint32_t last = WF_NONE;
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *s = &ir->segments[i];
        add_named(d, wf_ir_text(ir, s->name), s->atoms_first, s->atoms_count, text);
        d->segments[i] = wf_graph_node(d->graph, WF_GRAPH_SEGMENT, wf_buf_str(text));
    }
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        if (ir->classes[i].classify != last) {
            wf_buf_reset(text);
            wf_say(text, "classes %s", wf_ir_text(ir, ir->classes[i].classify));
            last = ir->classes[i].classify;
            d->segments[ir->n_segments + i] =
                wf_graph_node(d->graph, WF_GRAPH_SEGMENT, wf_buf_str(text));
        } else {
            d->segments[ir->n_segments + i] = d->segments[ir->n_segments + i - 1];
        }
    }
    for (uint32_t i = 0; i < ir->n_segments; i++)
        link_asked(
            d, &(struct asking){.own = {ir->segments[i].atoms_first, ir->segments[i].atoms_count}},
            d->segments[i]);
}

static void add_alone(const char *name, struct wf_buf *out)
{
    wf_buf_reset(out);
    wf_buf_adds(out, name);
}

/* What the classes' own conditions ask for; a classify is one node. */
static void link_classes(struct drawing *d)
{
    const struct wf_ir *ir = d->ir;
    for (uint32_t i = 0, next; i < ir->n_classes; i = next) {
        uint32_t node = d->segments[ir->n_segments + i];
        struct asking asking = {.own = {ir->classes[i].atoms_first, 0}};
        for (next = i; next < ir->n_classes && d->segments[ir->n_segments + next] == node; next++)
            asking.own.count =
                ir->classes[next].atoms_first + ir->classes[next].atoms_count - asking.own.first;
        link_asked(d, &asking, node);
    }
}

static void add_rules(struct drawing *d, struct wf_buf *text)
{
    const struct wf_ir *ir = d->ir;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        if (t->journey != WF_NONE)
            continue;
        if (t->name != WF_NONE)
            add_named(d, wf_ir_text(ir, t->name), t->atoms_first, t->atoms_count, text);
        else
            add_alone(wf_ir_text(ir, t->identity), text);
        uint32_t node = wf_graph_node(d->graph, WF_GRAPH_RULE, wf_buf_str(text));
        link_asked(d, &(struct asking){.own = {t->atoms_first, t->atoms_count}}, node);
        link_actions(d, t->actions_first, t->actions_count, node);
    }
}

static void add_journeys(struct drawing *d, struct wf_buf *text)
{
    const struct wf_ir *ir = d->ir;
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        const struct wf_ir_journey *j = &ir->journeys[i];
        if (j->pinned)
            continue;
        wf_buf_reset(text);
        wf_say(text, "journey %s", wf_ir_text(ir, j->name));
        uint32_t node = wf_graph_node(d->graph, WF_GRAPH_JOURNEY, wf_buf_str(text));
        struct asking asking = {.exit = {j->exit_first, j->exit_count},
                                .steps_first = j->steps_first,
                                .steps_count = j->steps_count};
        if (j->trigger != WF_NONE)
            asking.own = (struct atoms){ir->triggers[j->trigger].atoms_first,
                                        ir->triggers[j->trigger].atoms_count};
        link_asked(d, &asking, node);
        link_actions(d, j->actions_first, j->actions_count, node);
    }
}

void wf_graph_file(struct wf_graph *graph, const struct wf_ir *ir)
{
    struct drawing d = {.graph = graph, .ir = ir, .any = WF_NONE, .inside = WF_NONE};
    struct wf_buf text;
    graph->across = true;
    wf_buf_init(&text, graph->alloc, 0);
    d.segments =
        wf_calloc(graph->alloc, ir->n_segments + (size_t)ir->n_classes + 1, sizeof(*d.segments));
    d.channels = wf_calloc(graph->alloc, ir->n_texts + (size_t)1, sizeof(*d.channels));
    graph->failed |= !d.segments || !d.channels;
    for (uint32_t i = 0; d.channels && i < ir->n_texts; i++)
        d.channels[i] = WF_NONE;
    if (!graph->failed) {
        add_segments(&d, &text);
        link_classes(&d);
        add_rules(&d, &text);
        add_journeys(&d, &text);
    }
    graph->failed |= text.failed;
    wf_buf_release(&text);
    wf_free(graph->alloc, d.segments);
    wf_free(graph->alloc, d.channels);
}
