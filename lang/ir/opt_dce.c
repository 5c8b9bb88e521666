/*
 * Builds a program's graph anew, from its roots.
 *
 *   copied row by row     schema, segments, classes, watches, triggers, actions, texts: the roots
 *   built when reached    nodes, and what they index: constants, lists, inputs, views, figures
 */
#include <string.h>

#include "lang/base/intern.h"
#include "lang/ir/desc.h"
#include "lang/ir/opt.h"
#include "lang/ir/rule.h"

struct rebuild {
    const struct wf_ir *old;
    struct wf_ir ir;
    struct wf_irb b;
    uint32_t *nodes; /* by old node: the new one, WF_NONE: not yet */
    uint32_t *stack; /* old nodes that wait for their operands */
    size_t n_stack, room_stack;
};

/* ---- what a node needs before it ---- */

enum { MOST_NEEDS = 6 };

static int needs_of(const struct wf_ir *ir, const struct wf_ir_node *n, uint32_t needs[MOST_NEEDS])
{
    const char *args = wf_ir_op_args(n->op);
    const uint32_t index[3] = {n->a, n->b, n->c};
    uint32_t more[3] = {WF_NONE, WF_NONE, WF_NONE};
    int count = 0;
    for (int i = 0; i < 3; i++)
        if (args[i] == 'n')
            needs[count++] = index[i];
    if (n->op == WF_IR_AGG) {
        more[0] = ir->aggs[n->a].filter;
        more[1] = ir->aggs[n->a].value;
    } else if (n->op == WF_IR_POP) {
        more[0] = ir->pops[n->a].x;
        more[1] = ir->pops[n->a].among;
        more[2] = ir->pops[n->a].per;
    } else if (n->op == WF_IR_FOLLOWED) {
        more[0] = ir->follows[n->b].filter;
    }
    for (int i = 0; i < 3; i++)
        if (more[i] != WF_NONE)
            needs[count++] = more[i];
    return count;
}

/* ---- what nodes index ---- */

static uint32_t new_node(const struct rebuild *r, uint32_t old)
{
    return old == WF_NONE ? WF_NONE : r->nodes[old];
}

static uint32_t new_view(struct rebuild *r, uint32_t old)
{
    const struct wf_ir_view *v = &r->old->views[old];
    return wf_irb_view(&r->b, v->event, v->by, v->sent);
}

static uint32_t new_input(struct rebuild *r, uint32_t old)
{
    struct wf_ir_input input = r->old->inputs[old];
    input.needed = 0;
    if (input.domain >= WF_DOM_EVENT) {
        uint32_t view = new_view(r, (uint32_t)input.domain - WF_DOM_EVENT);
        if (view == WF_NONE)
            return WF_NONE;
        input.domain = (uint16_t)(WF_DOM_EVENT + view);
    }
    return wf_irb_input(&r->b, &input);
}

static uint32_t new_list(struct rebuild *r, uint32_t old)
{
    const struct wf_ir_list *list = &r->old->lists[old];
    struct wf_value *values = wf_calloc(r->b.alloc, list->count + (size_t)1, sizeof(*values));
    if (!values)
        return wf_irb_fail(&r->b, WF_ERR_NOMEM, NULL);
    for (uint32_t i = 0; i < list->count; i++)
        values[i] = r->old->consts[r->old->list_items[list->first + i]];
    uint32_t row = wf_irb_list(&r->b, values, list->count);
    wf_free(r->b.alloc, values);
    return row;
}

static uint32_t new_agg(struct rebuild *r, uint32_t old)
{
    struct wf_ir_agg row = r->old->aggs[old];
    row.view = new_view(r, row.view);
    row.filter = new_node(r, row.filter);
    row.value = new_node(r, row.value);
    return wf_irb_agg(&r->b, &row);
}

static uint32_t new_pop(struct rebuild *r, uint32_t old)
{
    struct wf_ir_pop row = r->old->pops[old];
    row.x = new_node(r, row.x);
    row.among = new_node(r, row.among);
    row.per = new_node(r, row.per);
    return wf_irb_pop(&r->b, &row);
}

static uint32_t new_follow(struct rebuild *r, uint32_t old)
{
    struct wf_ir_follow row = r->old->follows[old];
    row.view = new_view(r, row.view);
    row.filter = new_node(r, row.filter);
    return wf_irb_follow(&r->b, &row);
}

static uint32_t new_place(struct rebuild *r, uint32_t old)
{
    if (old == WF_NONE)
        return WF_NONE;
    const struct wf_ir_place *p = &r->old->places[old];
    const struct wf_str *file = r->old->texts[p->file];
    uint32_t text = wf_irb_text(&r->b, file->text, file->len);
    return text == WF_NONE ? WF_NONE : wf_irb_place(&r->b, text, p->line, p->column);
}

/* ---- nodes ---- */

/* A node of the view that is true on every row, built as it stands: what a constant is and-ed with
 * where an operation must have the event's domain. */
static uint32_t every_row(struct rebuild *r, uint32_t old_view)
{
    const struct wf_ir_view *v = &r->old->views[old_view];
    struct wf_ir_input at = {.domain = (uint16_t)(WF_DOM_EVENT + new_view(r, old_view)),
                             .type = WF_T_TIME,
                             .record = v->sent ? WF_NONE : 1 + v->event,
                             .field = v->sent ? WF_SENT_AT : r->old->events[v->event].at_field,
                             .via_field = WF_NONE};
    uint32_t col = wf_irb_col(&r->b, wf_irb_input(&r->b, &at));
    uint32_t present = wf_irb_1(&r->b, WF_IR_PRESENT, col);
    uint32_t absent = wf_irb_1(&r->b, WF_IR_MISSING, col);
    return wf_irb_2(&r->b, WF_IR_OR, present, absent);
}

/* An operand that became a constant, for an operation that wants an event's node. */
static uint32_t of_view(struct rebuild *r, uint32_t node, uint16_t old_domain)
{
    if (r->b.status != WF_OK || r->ir.nodes[node].domain != WF_DOM_RUN)
        return node;
    uint32_t (*simplify)(struct wf_irb *, const struct wf_ir_node *) = r->b.simplify;
    r->b.simplify = NULL;
    uint32_t rows = every_row(r, (uint32_t)old_domain - WF_DOM_EVENT);
    uint32_t both = wf_irb_2(&r->b, WF_IR_AND, rows, node);
    r->b.simplify = simplify;
    return both;
}

/* An aggregate of no rows at all is a constant. */
static uint32_t agg_of_nothing(struct rebuild *r, const struct wf_ir_agg *agg, uint32_t part)
{
    struct wf_value value = wf_missing((enum wf_type)agg->type);
    if (part == WF_PART_SURE)
        return wf_irb_bool(&r->b, true);
    if (agg->kind == WF_AGG_COUNT || agg->kind == WF_AGG_SUM || agg->kind == WF_AGG_DISTINCT) {
        value.present = true;
        value.i = 0;
        if (agg->type == WF_T_NUMBER)
            value.f = 0.0;
    }
    return wf_irb_value(&r->b, value);
}

static bool is_false(const struct wf_ir *ir, uint32_t node)
{
    const struct wf_ir_node *n = &ir->nodes[node];
    return n->op == WF_IR_CONST && ir->consts[n->a].present && !ir->consts[n->a].i;
}

static uint32_t build_agg(struct rebuild *r, const struct wf_ir_node *n)
{
    const struct wf_ir_agg *agg = &r->old->aggs[n->a];
    if (r->b.simplify && r->b.status == WF_OK && is_false(&r->ir, r->nodes[agg->filter]))
        return agg_of_nothing(r, agg, n->b);
    return wf_irb_node(&r->b, WF_IR_AGG, new_agg(r, n->a), n->b, 0);
}

/* The node with its operands in the new graph, which are all there. */
static uint32_t build(struct rebuild *r, const struct wf_ir_node *n)
{
    struct wf_irb *b = &r->b;
    const char *args = wf_ir_op_args(n->op);
    uint32_t x[3] = {n->a, n->b, n->c};
    for (int i = 0; i < 3; i++) {
        if (args[i] == 'n')
            x[i] = r->nodes[x[i]];
        else if (args[i] == 'k')
            x[i] = wf_irb_const(b, r->old->consts[x[i]]);
    }
    b->place = n->place; /* still the old one: see number_places */
    switch (n->op) {
    case WF_IR_PARAM:
        if (n->a == WF_PARAM_SINCE)
            x[1] = new_view(r, n->b);
        break;
    case WF_IR_COL: x[0] = new_input(r, n->a); break;
    case WF_IR_ENTERED: x[0] = new_view(r, n->a); break;
    case WF_IR_LIFT:
        if (b->status == WF_OK && r->ir.nodes[x[0]].domain == WF_DOM_RUN)
            return x[0];
        x[1] = new_view(r, n->b);
        break;
    case WF_IR_AGG: return build_agg(r, n);
    case WF_IR_POP: x[0] = new_pop(r, n->a); break;
    case WF_IR_IN: x[1] = new_list(r, n->b); break;
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: x[1] = wf_irb_anniv(b, &r->old->annivs[n->b]); break;
    case WF_IR_DOUBTED: x[0] = of_view(r, x[0], n->domain); break;
    case WF_IR_FOLLOWED:
        x[0] = of_view(r, x[0], n->domain);
        x[1] = new_follow(r, n->b);
        break;
    default: break;
    }
    return wf_irb_node(b, (enum wf_ir_op)n->op, x[0], x[1], x[2]);
}

static int push(struct rebuild *r, uint32_t node)
{
    if (wf_grow(r->b.alloc, &r->stack, &r->room_stack, r->n_stack + 1, sizeof(*r->stack))) {
        wf_irb_fail(&r->b, WF_ERR_NOMEM, NULL);
        return -1;
    }
    r->stack[r->n_stack++] = node;
    return 0;
}

/* Builds an old node and all it needs, operands first; no recursion: chains may be long. */
static uint32_t visit(struct rebuild *r, uint32_t root)
{
    if (root == WF_NONE || r->b.status != WF_OK || push(r, root))
        return WF_NONE;
    while (r->n_stack && r->b.status == WF_OK) {
        uint32_t at = r->stack[r->n_stack - 1];
        const struct wf_ir_node *n = &r->old->nodes[at];
        uint32_t needs[MOST_NEEDS];
        int count = needs_of(r->old, n, needs);
        bool ready = true;
        for (int i = count; i-- > 0;) { /* the first need is built first */
            if (r->nodes[needs[i]] != WF_NONE)
                continue;
            ready = false;
            if (push(r, needs[i]))
                return WF_NONE;
        }
        if (!ready)
            continue;
        r->n_stack--;
        if (r->nodes[at] == WF_NONE)
            r->nodes[at] = build(r, n);
    }
    return r->b.status == WF_OK ? r->nodes[root] : WF_NONE;
}

/* ---- rows that are copied ---- */

static uint32_t renumber(struct rebuild *r, uint8_t table, uint32_t old)
{
    if (old == WF_NONE)
        return WF_NONE;
    switch (table) {
    case WF_IRT_texts: return wf_irb_text(&r->b, r->old->texts[old]->text, r->old->texts[old]->len);
    case WF_IRT_consts: return wf_irb_const(&r->b, r->old->consts[old]);
    case WF_IRT_nodes: return visit(r, old);
    case WF_IRT_views: return new_view(r, old);
    case WF_IRT_aggs: /* of a LAST moment: its filter is a root too */
        visit(r, r->old->aggs[old].filter);
        visit(r, r->old->aggs[old].value);
        return r->b.status == WF_OK ? new_agg(r, old) : WF_NONE;
    case WF_IRT_places: return old; /* see number_places */
    default: return old;            /* a table that is copied row by row */
    }
}

static void renumber_row(struct rebuild *r, const struct wf_ir_td *td, void *row)
{
    for (int f = 0; f < td->n_fields; f++) {
        const struct wf_ir_fd *fd = &td->fields[f];
        if (fd->kind == WF_FK_REF || fd->kind == WF_FK_OPT) {
            uint32_t *index = wf_ir_index(row, fd);
            *index = renumber(r, fd->table, *index);
        }
    }
}

#define COPY(type, table)                                                                          \
    static void copy_##table(struct rebuild *r)                                                    \
    {                                                                                              \
        for (uint32_t i = 0; i < r->old->n_##table && r->b.status == WF_OK; i++) {                 \
            type row = r->old->table[i];                                                           \
            renumber_row(r, &wf_ir_td[WF_IRT_##table], &row);                                      \
            wf_irb_add_##table(&r->b, &row, 1);                                                    \
        }                                                                                          \
    }
COPY(struct wf_ir_field, fields)
COPY(uint32_t, enum_names)
COPY(uint32_t, uniques)
COPY(struct wf_ir_record, events)
COPY(struct wf_ir_record, tables)
COPY(struct wf_ir_segment, segments)
COPY(struct wf_ir_class, classes)
COPY(struct wf_ir_watch, watches)
COPY(struct wf_ir_atom, atoms)
COPY(struct wf_ir_show, shows)
COPY(struct wf_ir_trigger, triggers)
COPY(struct wf_ir_action, actions)
COPY(struct wf_ir_pair, pairs)
COPY(struct wf_ir_template, templates)
COPY(struct wf_ir_part_of_text, text_parts)
COPY(struct wf_ir_content, contents)
COPY(struct wf_ir_over, overs)
COPY(struct wf_ir_figure, figures)
COPY(struct wf_ir_metric, metrics)
COPY(struct wf_ir_journey, journeys)
COPY(struct wf_ir_step, steps)
COPY(struct wf_ir_arm, arms)
COPY(struct wf_ir_migration, migrations)
COPY(struct wf_ir_migration_map, migration_maps)
COPY(struct wf_ir_holidays, holidays)
COPY(struct wf_ir_policy, policies)
COPY(struct wf_ir_channel, channels)
COPY(struct wf_ir_reach, reaches)
COPY(struct wf_ir_quiet, quiets)
COPY(struct wf_ir_cap, caps)
COPY(struct wf_ir_budget, budgets)
COPY(struct wf_ir_breaker, breakers)
COPY(struct wf_ir_freeze, freezes)
COPY(struct wf_ir_cost, costs)
COPY(struct wf_ir_catalogue, catalogues)
COPY(struct wf_ir_listed, listed)
#undef COPY

/* Inputs that the run reads of itself: no node reads them, or they are implied. */
static void keep_inputs(struct rebuild *r)
{
    const struct wf_ir *old = r->old;
    uint8_t *read = wf_calloc(r->b.alloc, old->n_inputs + (size_t)1, 1);
    if (!read) {
        wf_irb_fail(&r->b, WF_ERR_NOMEM, NULL);
        return;
    }
    for (uint32_t i = 0; i < old->n_nodes; i++)
        if (old->nodes[i].op == WF_IR_COL)
            read[old->nodes[i].a] = 1;
    for (uint32_t i = 0; i < old->n_inputs; i++)
        if (!read[i] || old->inputs[i].implied)
            new_input(r, i);
    wf_free(r->b.alloc, read);
}

/* Places come last, so that the names of files are the last texts: programs that differ only in
 * their files have the same texts before them. */
static void number_places(struct rebuild *r, const struct wf_ir_td *td, void *row)
{
    for (int f = 0; f < td->n_fields; f++) {
        const struct wf_ir_fd *fd = &td->fields[f];
        if (fd->kind == WF_FK_OPT && fd->table == WF_IRT_places) {
            uint32_t *index = wf_ir_index(row, fd);
            *index = new_place(r, *index);
        }
    }
}

static void number_all_places(struct rebuild *r)
{
    for (int t = 0; t < WF_IRT_COUNT_; t++) {
        uint32_t n = wf_ir_table_n(&r->ir, (enum wf_ir_table)t);
        for (uint32_t i = 0; wf_ir_td[t].n_fields && i < n && r->b.status == WF_OK; i++)
            number_places(r, &wf_ir_td[t], wf_ir_row(&r->ir, (enum wf_ir_table)t, i));
    }
    number_places(r, &wf_ir_td[WF_IRT_events], &r->ir.member);
}

static void copy_all(struct rebuild *r)
{
    r->ir.timezone = renumber(r, WF_IRT_texts, r->old->timezone);
    r->ir.merges = renumber(r, WF_IRT_texts, r->old->merges);
    r->ir.member = r->old->member;
    renumber_row(r, &wf_ir_td[WF_IRT_events], &r->ir.member);
    copy_fields(r);
    copy_enum_names(r);
    copy_uniques(r);
    copy_tables(r);
    copy_events(r);
    copy_segments(r);
    copy_classes(r);
    copy_watches(r);
    copy_contents(r);
    copy_overs(r);
    copy_figures(r);
    copy_metrics(r);
    copy_triggers(r);
    copy_journeys(r);
    copy_steps(r);
    copy_arms(r);
    copy_migrations(r);
    copy_migration_maps(r);
    copy_holidays(r);
    copy_policies(r);
    copy_channels(r);
    copy_reaches(r);
    copy_quiets(r);
    copy_caps(r);
    copy_budgets(r);
    copy_breakers(r);
    copy_freezes(r);
    copy_costs(r);
    copy_catalogues(r);
    copy_listed(r);
    copy_atoms(r);
    copy_shows(r);
    copy_actions(r);
    copy_pairs(r);
    copy_templates(r);
    copy_text_parts(r);
    keep_inputs(r);
    number_all_places(r);
}

enum wf_status wf_ir_rebuild(struct wf_ir *ir, const struct wf_alloc *alloc,
                             uint32_t (*simplify)(struct wf_irb *, const struct wf_ir_node *),
                             const void *simplify_arg)
{
    struct rebuild r = {.old = ir};
    wf_ir_init(&r.ir, ir->arena);
    wf_irb_init(&r.b, &r.ir, alloc);
    r.b.simplify = simplify;
    r.b.simplify_arg = simplify_arg;
    r.nodes = wf_calloc(alloc, ir->n_nodes + (size_t)1, sizeof(*r.nodes));
    if (r.nodes) {
        for (uint32_t i = 0; i < ir->n_nodes; i++)
            r.nodes[i] = WF_NONE;
        copy_all(&r);
    } else {
        wf_irb_fail(&r.b, WF_ERR_NOMEM, NULL);
    }
    enum wf_status status = r.b.status;
    if (status == WF_OK)
        *ir = r.ir;
    wf_free(alloc, r.nodes);
    wf_free(alloc, r.stack);
    wf_irb_release(&r.b);
    return status;
}

/* ---- which columns conditions read ---- */

static void mark(uint8_t *seen, uint32_t node)
{
    if (node != WF_NONE)
        seen[node] = 1;
}

static void mark_journeys(const struct wf_ir *ir, uint8_t *seen)
{
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        mark(seen, ir->journeys[i].exit);
        mark(seen, ir->journeys[i].goal_filter);
        mark(seen, ir->journeys[i].goal_node);
    }
    for (uint32_t i = 0; i < ir->n_steps; i++) {
        mark(seen, ir->steps[i].node);
        mark(seen, ir->steps[i].filter);
    }
}

static void mark_policies(const struct wf_ir *ir, uint8_t *seen)
{
    for (uint32_t i = 0; i < ir->n_policies; i++)
        mark(seen, ir->policies[i].scope);
    for (uint32_t i = 0; i < ir->n_reaches; i++)
        mark(seen, ir->reaches[i].cond);
    for (uint32_t i = 0; i < ir->n_breakers; i++) {
        mark(seen, ir->breakers[i].left.filter);
        mark(seen, ir->breakers[i].right.filter);
    }
    for (uint32_t i = 0; i < ir->n_contents; i++)
        mark(seen, ir->contents[i].prefer);
}

static void mark_metrics(const struct wf_ir *ir, uint8_t *seen)
{
    for (uint32_t i = 0; i < ir->n_overs; i++) {
        mark(seen, ir->overs[i].of);
        mark(seen, ir->overs[i].where);
    }
    for (uint32_t i = 0; i < ir->n_metrics; i++) {
        mark(seen, ir->metrics[i].among);
        mark(seen, ir->metrics[i].by);
    }
}

static void mark_roots(const struct wf_ir *ir, uint8_t *seen)
{
    for (uint32_t i = 0; i < ir->n_segments; i++)
        mark(seen, ir->segments[i].cond);
    for (uint32_t i = 0; i < ir->n_classes; i++)
        mark(seen, ir->classes[i].match);
    for (uint32_t i = 0; i < ir->n_watches; i++)
        mark(seen, ir->watches[i].cond);
    for (uint32_t i = 0; i < ir->n_events; i++)
        mark(seen, ir->events[i].void_when);
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        mark(seen, t->due);
        mark(seen, t->year);
        mark(seen, t->filter);
        mark(seen, t->guard);
        mark(seen, t->due_le_now);
        mark(seen, t->due_ge_floor);
    }
    mark_journeys(ir, seen);
    mark_policies(ir, seen);
    mark_metrics(ir, seen);
    for (uint32_t i = 0; i < ir->n_pops; i++) {
        mark(seen, ir->pops[i].x);
        mark(seen, ir->pops[i].among);
        mark(seen, ir->pops[i].per);
    }
    for (uint32_t i = 0; i < ir->n_aggs; i++) {
        mark(seen, ir->aggs[i].filter);
        mark(seen, ir->aggs[i].value);
    }
    for (uint32_t i = 0; i < ir->n_follows; i++)
        mark(seen, ir->follows[i].filter);
}

enum wf_status wf_ir_tidy(struct wf_ir *ir, const struct wf_alloc *alloc)
{
    enum wf_status status = wf_ir_rebuild(ir, alloc, NULL, NULL);
    if (status != WF_OK)
        return status;
    uint8_t *seen = wf_calloc(alloc, ir->n_nodes + (size_t)1, 1);
    if (!seen)
        return WF_ERR_NOMEM;
    mark_roots(ir, seen);
    for (uint32_t i = ir->n_nodes; i-- > 0;) { /* operands come before what uses them */
        const struct wf_ir_node *n = &ir->nodes[i];
        uint32_t needs[MOST_NEEDS];
        int count = seen[i] ? needs_of(ir, n, needs) : 0;
        for (int k = 0; k < count; k++)
            seen[needs[k]] = 1;
        if (seen[i] && n->op == WF_IR_COL)
            ir->inputs[n->a].needed = 1;
    }
    wf_free(alloc, seen);
    return WF_OK;
}
