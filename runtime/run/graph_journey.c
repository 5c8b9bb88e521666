/* A journey as a graph: a node a step, an edge a way, with what the state knows of them. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/journey.h"
#include "runtime/run/action.h"
#include "runtime/run/graph.h"
#include "runtime/run/release.h"

/* ---- what the state knows ---- */

struct counting {
    struct wf_graph_figures *figures;
    const struct wf_ir_journey *journey;
    uint32_t rule;
    int64_t last;
};

static enum wf_status count_row(void *ctx, const struct wf_ledger_row *row)
{
    struct counting *c = ctx;
    if (row->rule != c->rule || row->position >= c->journey->actions_count)
        return WF_OK;
    if (row->gate)
        c->figures->stopped[row->position]++;
    else
        c->figures->left[row->position]++;
    if (!row->gate && row->run == c->last)
        c->figures->last[row->position]++;
    return WF_OK;
}

static const struct wf_rule_state *rule_of(struct wf_state *state, const struct wf_ir *ir,
                                           const struct wf_ir_journey *journey)
{
    const char *identity = wf_ir_text(ir, journey->identity);
    size_t before = strlen(WF_JOURNEY_RULE);
    for (size_t i = 0; i < state->n_rules; i++)
        if (strncmp(state->rules[i].identity, WF_JOURNEY_RULE, before) == 0 &&
            strcmp(state->rules[i].identity + before, identity) == 0)
            return &state->rules[i];
    return NULL;
}

/* Who stands where, of tonight's structure; who walks an older one is only counted. */
static void count_waiting(const struct wf_journey_state *state, const struct wf_ir_journey *journey,
                          struct wf_graph_figures *out)
{
    for (size_t i = 0; i < state->n; i++) {
        const struct wf_entry *entry = &state->entries[i];
        const struct wf_version *version = wf_version_numbered(state, entry->version);
        if (entry->step == WF_LEFT)
            continue;
        if (version && version->hash == journey->hash && entry->step < journey->steps_count)
            out->waiting[entry->step]++;
        else
            out->elsewhere++;
    }
}

static bool take_flow(struct wf_graph_figures *out, const struct wf_journey_flow *flow,
                      const char *night)
{
    out->night = wf_strdup(out->alloc, night);
    out->flow = *flow;
    out->flow.ways = wf_calloc(out->alloc, flow->n_ways, sizeof(*flow->ways));
    if (!out->night || !out->flow.ways)
        return false;
    memcpy(out->flow.ways, flow->ways, flow->n_ways * sizeof(*flow->ways));
    return true;
}

enum wf_status wf_graph_figures(struct wf_store *store, struct wf_state *state,
                                const struct wf_ir *ir, uint32_t journey,
                                struct wf_graph_figures *out)
{
    const struct wf_ir_journey *j = &ir->journeys[journey];
    const struct wf_rule_state *rule = rule_of(state, ir, j);
    const struct wf_journey_state *walked = rule ? wf_state_journey(state, rule->id) : NULL;
    const struct wf_alloc *alloc = store->alloc;
    *out = (struct wf_graph_figures){.alloc = alloc};
    if (!rule)
        return WF_ERR_MISSING;
    out->waiting = wf_calloc(alloc, j->steps_count + (size_t)1, sizeof(*out->waiting));
    out->last = wf_calloc(alloc, j->actions_count + (size_t)1, sizeof(*out->last));
    out->left = wf_calloc(alloc, j->actions_count + (size_t)1, sizeof(*out->left));
    out->stopped = wf_calloc(alloc, j->actions_count + (size_t)1, sizeof(*out->stopped));
    if (!out->waiting || !out->last || !out->left || !out->stopped)
        return WF_ERR_NOMEM;
    if (walked) {
        out->totals = walked->totals;
        count_waiting(walked, j, out);
        if (walked->flow.hash == j->hash && walked->flow.t == state->last.t &&
            walked->flow.n_ways == wf_flow_size(ir, j) &&
            !take_flow(out, &walked->flow, state->last.folder))
            return WF_ERR_NOMEM;
    }
    struct counting c = {out, j, rule->id, state->last.seq};
    return store->ops->each_of(store, NULL, 0, count_row, &c);
}

void wf_graph_figures_release(struct wf_graph_figures *figures)
{
    wf_free(figures->alloc, figures->waiting);
    wf_free(figures->alloc, figures->last);
    wf_free(figures->alloc, figures->left);
    wf_free(figures->alloc, figures->stopped);
    wf_free(figures->alloc, figures->flow.ways);
    wf_free(figures->alloc, figures->night);
}

enum wf_status wf_graph_tonight(const struct wf_night *night, const struct wf_outcome *outcome,
                                uint32_t journey, struct wf_graph_figures *out)
{
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_ir_journey *j = &ir->journeys[journey];
    uint32_t rule = ir->n_triggers + journey;
    const struct wf_journey_state *walked = wf_state_journey(night->state, outcome->rules[rule].id);
    *out = (struct wf_graph_figures){.alloc = night->alloc};
    out->waiting = wf_calloc(night->alloc, j->steps_count + (size_t)1, sizeof(*out->waiting));
    out->last = wf_calloc(night->alloc, j->actions_count + (size_t)1, sizeof(*out->last));
    out->stopped = wf_calloc(night->alloc, j->actions_count + (size_t)1, sizeof(*out->stopped));
    if (!out->waiting || !out->last || !out->stopped)
        return WF_ERR_NOMEM;
    if (walked) {
        char name[WF_FOLDER_NAME];
        wf_night_folder(night->zone, night->now, name);
        out->totals = walked->totals;
        if (walked->flow.hash == j->hash && walked->flow.t == night->now &&
            walked->flow.n_ways == wf_flow_size(ir, j) && !take_flow(out, &walked->flow, name))
            return WF_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < j->steps_count; i++)
        out->waiting[i] = outcome->standing[j->steps_first + i];
    for (size_t i = 0; i < outcome->n_decisions; i++) {
        const struct wf_decision *d = &outcome->decisions[i];
        if (d->rule == rule && d->position < j->actions_count)
            (d->gate == WF_GATE_NONE ? out->last : out->stopped)[d->position]++;
    }
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (ir->journeys[i].pinned && ir->journeys[i].identity == j->identity && i != journey)
            out->elsewhere += outcome->journeys[i].in_flight;
    return WF_OK;
}

/* ---- the graph ---- */

struct drawing {
    struct wf_graph *graph;
    const struct wf_ir *ir;
    const struct wf_ir_journey *journey;
    const struct wf_graph_figures *figures;
    uint32_t *nodes; /* by step; WF_NONE: none is drawn for it */
    uint32_t end;
    const struct wf_journey_flow *flow; /* NULL: not known */
};

__attribute__((format_arg(2))) static const char *word(const struct drawing *d, const char *text)
{
    return d->graph->word(text);
}

static void below(struct drawing *d, uint32_t node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void below(struct drawing *d, uint32_t node, const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    wf_graph_below(d->graph, node, text);
}

static enum wf_graph_kind kind_of(const struct wf_ir_step *step)
{
    switch (step->kind) {
    case WF_STEP_ACT: return WF_GRAPH_ACT;
    case WF_STEP_IF:
    case WF_STEP_SPLIT: return WF_GRAPH_CHOICE;
    case WF_STEP_MILESTONE: return WF_GRAPH_MILESTONE;
    case WF_STEP_LEAVE: return WF_GRAPH_END;
    default: return WF_GRAPH_WAIT;
    }
}

static const struct wf_ir_step *step_at(const struct drawing *d, uint32_t number)
{
    return &d->ir->steps[d->journey->steps_first + number];
}

/* A label is no place of its own: what it names comes behind it. */
static uint32_t behind_labels(const struct drawing *d, uint32_t to)
{
    while (to < d->journey->steps_count && step_at(d, to)->kind == WF_STEP_LABEL)
        to = step_at(d, to)->next;
    return to;
}

static void add_step(struct drawing *d, uint32_t number)
{
    const struct wf_ir_step *step = step_at(d, number);
    const struct wf_graph_figures *f = d->figures;
    d->nodes[number] = WF_NONE;
    if (step->kind == WF_STEP_LABEL || step->kind == WF_STEP_LEAVE)
        return;
    uint32_t node = wf_graph_node(d->graph, kind_of(step), wf_ir_text(d->ir, step->text));
    d->nodes[number] = node;
    const struct wf_ir_step *before = number ? step_at(d, number - 1) : NULL;
    if (before && before->kind == WF_STEP_LABEL)
        below(d, node, "(%s)", wf_ir_text(d->ir, before->name));
    if (!f)
        return;
    if (f->waiting[number])
        below(d, node,
              word(d, f->waiting[number] == 1 ? N_("%" PRIu64 " member waits")
                                              : N_("%" PRIu64 " members wait")),
              f->waiting[number]);
    if (step->kind != WF_STEP_ACT)
        return;
    if (f->left)
        below(d, node, word(d, N_("last night %" PRIu64 ", in all %" PRIu64)),
              f->last[step->position], f->left[step->position]);
    else
        below(d, node, word(d, N_("tonight %" PRIu64)), f->last[step->position]);
    if (f->stopped[step->position])
        below(d, node, word(d, N_("stopped by gates %" PRIu64)), f->stopped[step->position]);
}

static uint32_t end_of(struct drawing *d)
{
    if (d->end != WF_NONE)
        return d->end;
    d->end = wf_graph_node(d->graph, WF_GRAPH_END, word(d, N_("leaves")));
    if (d->figures)
        below(d, d->end, word(d, N_("in all %" PRIu64)),
              d->figures->totals.left[0] + d->figures->totals.left[1]);
    return d->end;
}

/* An edge, and below its words how many went that way last night. */
static void add_edge(struct drawing *d, uint32_t from, uint32_t to, enum wf_graph_line line,
                     const char *text, uint64_t went)
{
    char number[24];
    wf_graph_edge(d->graph, from, to, line, text);
    snprintf(number, sizeof(number), "%" PRIu64, went);
    if (d->flow)
        wf_graph_below_edge(d->graph, number);
}

static uint32_t place_of(struct drawing *d, uint32_t to)
{
    to = behind_labels(d, to);
    bool out = to >= d->journey->steps_count || step_at(d, to)->kind == WF_STEP_LEAVE;
    return out ? end_of(d) : d->nodes[to];
}

static void add_way(struct drawing *d, uint32_t from, uint32_t to, enum wf_way way,
                    enum wf_graph_line line, const char *text)
{
    uint64_t went = d->flow ? d->flow->ways[(size_t)from * WF_WAY_COUNT_ + way] : 0;
    add_edge(d, d->nodes[from], place_of(d, to), line, text, went);
}

/* Where the flow counts the first arm of a split. */
static size_t arms_of(const struct drawing *d, uint32_t split)
{
    size_t at = (size_t)d->journey->steps_count * WF_WAY_COUNT_;
    for (uint32_t i = 0; i < split; i++)
        at += step_at(d, i)->arms_count;
    return at;
}

static void add_arms(struct drawing *d, uint32_t from, const struct wf_ir_step *split)
{
    size_t first = arms_of(d, from);
    for (uint32_t i = 0; i < split->arms_count; i++) {
        const struct wf_ir_arm *arm = &d->ir->arms[split->arms_first + i];
        struct wf_buf text;
        wf_buf_init(&text, d->graph->alloc, 0);
        wf_buf_addf(&text, "%g%% \"%s\"", (double)arm->share / 10000.0,
                    wf_ir_text(d->ir, arm->label));
        add_edge(d, d->nodes[from], place_of(d, arm->next), WF_LINE_PLAIN, wf_buf_str(&text),
                 d->flow ? d->flow->ways[first + i] : 0);
        d->graph->failed |= text.failed;
        wf_buf_release(&text);
    }
}

/* How long it is waited for, as it is written: "up to 4d". */
static const char *up_to(const struct drawing *d, const struct wf_ir_step *step)
{
    const char *text = wf_ir_text(d->ir, step->text), *at = NULL;
    for (const char *next = text; (next = strstr(next, " up to ")) != NULL; next++)
        at = next;
    return at ? at + strlen(" up to ") : "";
}

static void add_awaited(struct drawing *d, uint32_t from, const struct wf_ir_step *step)
{
    struct wf_buf text;
    add_way(d, from, step->next, WF_WAY_NEXT, WF_LINE_PLAIN, word(d, N_("it comes")));
    if (step->wait.unit == WF_T_NONE)
        return;
    wf_buf_init(&text, d->graph->alloc, 0);
    wf_buf_addf(&text, word(d, N_("not within %s")), up_to(d, step));
    add_way(d, from, step->other, WF_WAY_OTHER, WF_LINE_TIMEOUT, wf_buf_str(&text));
    d->graph->failed |= text.failed;
    wf_buf_release(&text);
}

/* Without `else` it leads where `no` leads, and is worth an edge of its own if somebody went. */
static bool shows_unknown(const struct drawing *d, uint32_t number)
{
    const struct wf_ir_step *step = step_at(d, number);
    bool went = d->flow && d->flow->ways[(size_t)number * WF_WAY_COUNT_ + WF_WAY_UNKNOWN];
    return went || behind_labels(d, step->after) != behind_labels(d, step->other);
}

static void add_ways(struct drawing *d, uint32_t number)
{
    const struct wf_ir_step *step = step_at(d, number);
    if (d->nodes[number] == WF_NONE)
        return;
    switch (step->kind) {
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND: add_awaited(d, number, step); break;
    case WF_STEP_SPLIT: add_arms(d, number, step); break;
    case WF_STEP_IF:
        add_way(d, number, step->next, WF_WAY_NEXT, WF_LINE_PLAIN, word(d, N_("yes")));
        add_way(d, number, step->other, WF_WAY_OTHER, WF_LINE_PLAIN, word(d, N_("no")));
        if (shows_unknown(d, number))
            add_way(d, number, step->after, WF_WAY_UNKNOWN, WF_LINE_TIMEOUT,
                    word(d, N_("unknown")));
        break;
    default: add_way(d, number, step->next, WF_WAY_NEXT, WF_LINE_PLAIN, ""); break;
    }
}

/* The parts of a condition, as they stand in the text. */
static void add_atoms(const struct wf_ir *ir, uint32_t first, uint32_t count, struct wf_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        wf_buf_adds(out, i ? " and " : "");
        wf_buf_adds(out, wf_ir_text(ir, ir->atoms[first + i].text));
    }
}

static uint32_t add_entry(struct drawing *d)
{
    const struct wf_ir_journey *j = d->journey;
    struct wf_buf text, when;
    wf_buf_init(&text, d->graph->alloc, 0);
    wf_buf_init(&when, d->graph->alloc, 0);
    if (j->trigger != WF_NONE)
        add_atoms(d->ir, d->ir->triggers[j->trigger].atoms_first,
                  d->ir->triggers[j->trigger].atoms_count, &when);
    wf_buf_addf(&text, word(d, N_("enter when %s")), wf_buf_str(&when));
    uint32_t node = wf_graph_node(d->graph, WF_GRAPH_ENTRY, wf_buf_str(&text));
    if (j->holdout)
        below(d, node, word(d, N_("held out %g%%")), (double)j->holdout / 10000.0);
    if (d->figures)
        below(d, node, word(d, N_("entered %" PRIu64)),
              d->figures->totals.entered[0] + d->figures->totals.entered[1]);
    if (d->figures && d->figures->elsewhere)
        below(d, node, word(d, N_("%" PRIu64 " more walk an older version")),
              d->figures->elsewhere);
    d->graph->failed |= text.failed || when.failed;
    wf_buf_release(&text);
    wf_buf_release(&when);
    return node;
}

static void add_exit(struct drawing *d, uint32_t entry)
{
    const struct wf_ir_journey *j = d->journey;
    struct wf_buf when, text;
    if (j->exit == WF_NONE)
        return;
    wf_buf_init(&when, d->graph->alloc, 0);
    wf_buf_init(&text, d->graph->alloc, 0);
    add_atoms(d->ir, j->exit_first, j->exit_count, &when);
    wf_buf_addf(&text, word(d, N_("at any time, when %s")), wf_buf_str(&when));
    uint32_t node = wf_graph_node(d->graph, WF_GRAPH_EXIT, word(d, N_("exit")));
    if (d->figures)
        below(d, node, word(d, N_("in all %" PRIu64)),
              d->figures->totals.exited[0] + d->figures->totals.exited[1]);
    add_edge(d, entry, node, WF_LINE_EXIT, wf_buf_str(&text), d->flow ? d->flow->exited : 0);
    d->graph->failed |= when.failed || text.failed;
    wf_buf_release(&when);
    wf_buf_release(&text);
}

static void add_goal(struct drawing *d, uint32_t entry)
{
    const struct wf_ir_journey *j = d->journey;
    if (j->goal_kind == WF_GOAL_NONE)
        return;
    uint32_t node = wf_graph_node(d->graph, WF_GRAPH_GOAL, word(d, N_("goal")));
    if (d->figures && j->goal_kind != WF_GOAL_VALUE)
        below(d, node, word(d, N_("reached %" PRIu64)),
              d->figures->totals.goals[0] + d->figures->totals.goals[1]);
    if (j->goal_kind == WF_GOAL_VALUE) /* which is measured, not reached */
        wf_graph_edge(d->graph, entry, node, WF_LINE_GOAL, wf_ir_text(d->ir, j->goal_text));
    else
        add_edge(d, entry, node, WF_LINE_GOAL, wf_ir_text(d->ir, j->goal_text),
                 d->flow ? d->flow->goals : 0);
}

void wf_graph_journey(struct wf_graph *graph, const struct wf_ir *ir, uint32_t journey,
                      const struct wf_graph_figures *figures)
{
    const struct wf_ir_journey *j = &ir->journeys[journey];
    struct drawing d = {.graph = graph, .ir = ir, .journey = j, .figures = figures, .end = WF_NONE};
    d.flow = figures && figures->flow.n_ways ? &figures->flow : NULL;
    if (d.flow)
        wf_buf_addf(&graph->title,
                    word(&d, N_("%s: the edges tell how many went that way on the night of %s")),
                    wf_ir_text(ir, j->name), figures->night);
    else
        wf_buf_adds(&graph->title, wf_ir_text(ir, j->name));
    graph->failed |= graph->title.failed;
    d.nodes = wf_calloc(graph->alloc, j->steps_count + (size_t)1, sizeof(*d.nodes));
    graph->failed |= !d.nodes;
    if (!d.nodes)
        return;
    uint32_t entry = add_entry(&d);
    for (uint32_t i = 0; i < j->steps_count; i++)
        add_step(&d, i);
    add_edge(&d, entry, place_of(&d, 0), WF_LINE_PLAIN, "", d.flow ? d.flow->entered : 0);
    for (uint32_t i = 0; i < j->steps_count; i++)
        add_ways(&d, i);
    add_goal(&d, entry);
    add_exit(&d, entry);
    wf_free(graph->alloc, d.nodes);
}
