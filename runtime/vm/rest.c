#include "runtime/vm/rest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/code/encode.h"
#include "lang/code/opcode.h"
#include "lang/code/program.h"
#include "runtime/vm/scalar.h"

enum { FORM = 1 }; /* of what is kept: another one when results come to mean anything else */

/* How a RUN node changes from night to night. */
enum { STILL, MOVES, BEYOND /* with the state, or the exports */ };

/* A program that is looked through. */
struct looking {
    const struct wf_program *program;
    const struct wf_alloc *alloc;
    uint8_t *moves; /* by node */
    bool *asked;    /* by node: the aggregates at hand are made of it */
    struct wf_rest *rest;
    size_t room_aggs, room_limits;
};

/* ---- the graph ---- */

static void find_moves(const struct looking *l)
{
    const struct wf_ir *ir = &l->program->ir;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        const struct wf_ir_node *node = &ir->nodes[i];
        const char *letters = wf_ir_op_args(node->op);
        const uint32_t of[3] = {node->a, node->b, node->c};
        bool tonight = node->op == WF_IR_PARAM || node->op == WF_IR_ANNIVERSARY ||
                       node->op == WF_IR_ANNIV_YEAR;
        l->moves[i] = tonight ? MOVES : STILL;
        if (node->op == WF_IR_PARAM && node->a != WF_PARAM_NOW && node->a != WF_PARAM_TODAY)
            l->moves[i] = BEYOND;
        for (int k = 0; k < 3; k++)
            if (letters[k] == 'n' && l->moves[of[k]] > l->moves[i])
                l->moves[i] = l->moves[of[k]];
    }
}

static void ask(const struct looking *l, uint32_t node)
{
    if (node != WF_NONE)
        l->asked[node] = true;
}

/* Operands stand before what is made of them. */
static void ask_operands(const struct looking *l)
{
    const struct wf_ir *ir = &l->program->ir;
    for (uint32_t i = ir->n_nodes; i-- > 0;) {
        const struct wf_ir_node *node = &ir->nodes[i];
        const char *letters = wf_ir_op_args(node->op);
        const uint32_t of[3] = {node->a, node->b, node->c};
        for (int k = 0; l->asked[i] && k < 3; k++)
            if (letters[k] == 'n')
                l->asked[of[k]] = true;
    }
}

/* A cell that is a whole number, and lies in a column of the row itself. */
static bool is_cell(const struct wf_ir *ir, uint32_t node)
{
    char kind = wf_kind_of_type(ir->nodes[node].type);
    return ir->nodes[node].op == WF_IR_COL && (kind == 'I' || kind == 'D');
}

static enum wf_status add_limit(struct looking *l, uint32_t cell, uint32_t node, bool above)
{
    struct wf_rest *rest = l->rest;
    uint32_t input = l->program->ir.nodes[cell].a;
    for (uint32_t i = 0; i < rest->n_limits; i++)
        if (rest->limits[i].input == input && rest->limits[i].node == node &&
            rest->limits[i].above == above)
            return WF_OK;
    if (wf_grow(l->alloc, &rest->limits, &l->room_limits, rest->n_limits + (size_t)1,
                sizeof(*rest->limits)) != 0)
        return WF_ERR_NOMEM;
    rest->limits[rest->n_limits++] =
        (struct wf_limit){.input = input, .node = node, .above = above};
    return WF_OK;
}

/* A comparison with something that moves: of a cell, it makes a limit. */
static enum wf_status look_at_limit(struct looking *l, const struct wf_ir_node *node)
{
    const struct wf_ir *ir = &l->program->ir;
    bool right = l->moves[node->b] == MOVES && ir->nodes[node->b].domain == WF_DOM_RUN;
    uint32_t limit = right ? node->b : node->a, cell = right ? node->a : node->b;
    bool above = right ? node->op == WF_IR_LT || node->op == WF_IR_GE
                       : node->op == WF_IR_GT || node->op == WF_IR_LE;
    if (node->op < WF_IR_EQ || node->op > WF_IR_GE || ir->nodes[limit].domain != WF_DOM_RUN ||
        l->moves[limit] != MOVES || !is_cell(ir, cell)) {
        l->rest->may = false;
        return WF_OK;
    }
    return add_limit(l, cell, limit, above);
}

/* A node of the event that aggregates are made of. */
static enum wf_status look_at_node(struct looking *l, const struct wf_ir_node *node)
{
    const struct wf_ir *ir = &l->program->ir;
    const char *letters = wf_ir_op_args(node->op);
    const uint32_t of[3] = {node->a, node->b, node->c};
    bool against = false;
    for (int k = 0; k < 3; k++)
        against |= letters[k] == 'n' && ir->nodes[of[k]].domain == WF_DOM_RUN &&
                   l->moves[of[k]] != STILL;
    switch (node->op) {
    case WF_IR_LIFT:
    case WF_IR_ENTERED:
    case WF_IR_FOLLOWED:
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: l->rest->may = false; return WF_OK;
    case WF_IR_COL:
        if (ir->inputs[node->a].via_field != WF_NONE || node->type == WF_T_REF)
            l->rest->may = false;
        return WF_OK;
    default: return against ? look_at_limit(l, node) : WF_OK;
    }
}

static enum wf_status look_at_nodes(struct looking *l)
{
    const struct wf_ir *ir = &l->program->ir;
    enum wf_status status = WF_OK;
    ask_operands(l);
    for (uint32_t i = 0; !status && l->rest->may && i < ir->n_nodes; i++)
        if (l->asked[i] && ir->nodes[i].domain >= WF_DOM_EVENT)
            status = look_at_node(l, &ir->nodes[i]);
    return status;
}

/* ---- what is asked of an event ---- */

static bool is_reduction(uint16_t op)
{
    return op >= WF_OP_REDUCE && op <= WF_OP_REDUCE_W;
}

/* Results that are numbers of texts or rows are another night's. */
static bool is_lasting(const struct wf_ir *ir, const struct wf_ir_agg *agg, const uint8_t *moves)
{
    bool value = agg->value == WF_NONE || ir->nodes[agg->value].domain >= WF_DOM_EVENT ||
                 moves[agg->value] == STILL;
    bool filter = ir->nodes[agg->filter].domain >= WF_DOM_EVENT || moves[agg->filter] == STILL;
    return value && filter && agg->type != WF_T_TEXT && agg->type != WF_T_SET &&
           agg->type != WF_T_REF;
}

static enum wf_status look_at_reduction(struct looking *l, uint32_t agg, uint32_t block)
{
    struct wf_rest *rest = l->rest;
    const struct wf_ir *ir = &l->program->ir;
    rest->block = block;
    if (rest->columns[agg] != WF_NONE) {
        rest->aggs[rest->columns[agg]].block = block;
        return WF_OK;
    }
    if (wf_grow(l->alloc, &rest->aggs, &l->room_aggs, rest->n_aggs + (size_t)1,
                sizeof(*rest->aggs)) != 0)
        return WF_ERR_NOMEM;
    rest->columns[agg] = rest->n_aggs;
    rest->aggs[rest->n_aggs++] = (struct wf_rest_agg){.agg = agg, .block = block};
    rest->may &= is_lasting(ir, &ir->aggs[agg], l->moves);
    ask(l, ir->aggs[agg].filter);
    ask(l, ir->aggs[agg].value);
    return WF_OK;
}

static enum wf_status look_at_code(struct looking *l)
{
    const struct wf_program *p = l->program;
    enum wf_status status = WF_OK;
    for (uint32_t b = 0; b < p->n_blocks; b++) {
        if (p->blocks[b].domain != WF_DOM_EVENT + l->rest->view)
            continue;
        for (uint32_t i = 0; !status && i < p->blocks[b].count; i++) {
            const struct wf_insn *insn = &p->insns[p->blocks[b].first + i];
            if (is_reduction(insn->op))
                status = look_at_reduction(l, insn->c, b);
        }
    }
    return status;
}

/* The event has one view, by its rows' own members, and nothing looks at all of its rows. */
static bool find_view(const struct wf_program *program, struct wf_rest *rest)
{
    const struct wf_ir *ir = &program->ir;
    uint32_t views = 0;
    bool others = false;
    for (uint32_t v = 0; v < ir->n_views; v++) {
        if (ir->views[v].sent || ir->views[v].event != rest->event)
            continue;
        views++;
        others |= ir->views[v].by != WF_NONE;
        rest->view = v;
    }
    for (uint32_t o = 0; o < program->n_outs; o++)
        others |= program->outs[o].domain == WF_DOM_EVENT + rest->view;
    for (uint32_t t = 0; t < ir->n_triggers; t++)
        others |= ir->triggers[t].moment == WF_MOMENT_EVENT && ir->triggers[t].view == rest->view;
    for (uint32_t f = 0; f < ir->n_follows; f++)
        others |= ir->follows[f].view == rest->view;
    return views == 1 && !others;
}

static enum wf_status look_at_event(struct looking *l, uint32_t event, struct wf_rest *rest)
{
    *rest = (struct wf_rest){.event = event};
    l->rest = rest;
    l->room_aggs = l->room_limits = 0;
    memset(l->asked, 0, l->program->ir.n_nodes * sizeof(*l->asked));
    rest->columns = wf_calloc(l->alloc, l->program->ir.n_aggs, sizeof(*rest->columns));
    if (!rest->columns)
        return WF_ERR_NOMEM;
    memset(rest->columns, 0xff, l->program->ir.n_aggs * sizeof(*rest->columns));
    rest->may = find_view(l->program, rest);
    enum wf_status status = rest->may ? look_at_code(l) : WF_OK;
    rest->may &= rest->n_aggs > 0;
    return status || !rest->may ? status : look_at_nodes(l);
}

/* ---- tonight, and on the nights of the chain ---- */

static const char *noun_of(const struct wf_rests *rests, const struct wf_rest *rest)
{
    const struct wf_ir *ir = &rests->program->ir;
    return ir->texts[ir->events[rest->event].name]->text;
}

struct night {
    const struct wf_zone *zone;
    int64_t now;
};

/* Where the limits are; false: one is missing. */
static enum wf_status find_limits(const struct wf_rests *rests, const struct wf_rest *rest,
                                  const struct night *night, int64_t *at, bool *all_out)
{
    const struct wf_vm_params params = {.now = night->now, .zone = night->zone};
    struct wf_scalar *scalar =
        wf_scalar_new(&rests->program->ir, NULL, &params, NULL, rests->alloc);
    if (!scalar)
        return WF_ERR_NOMEM;
    *all_out = true;
    for (uint32_t i = 0; i < rest->n_limits; i++) {
        struct wf_value value = wf_scalar_value(scalar, rest->limits[i].node);
        at[i] = value.i;
        *all_out &= value.present;
    }
    enum wf_status status = wf_scalar_status(scalar);
    wf_scalar_free(scalar);
    return status;
}

/* What the columns of an entry mean: the program first, then where the limits were, then which
 * aggregate each is. */
static enum wf_status list_meanings(const struct wf_rests *rests, struct wf_rest *rest)
{
    unsigned char program[16 + 1] = {[16] = FORM};
    rest->meanings = wf_calloc(rests->alloc, WF_RECALL_COLUMNS + (size_t)rest->n_aggs,
                               sizeof(*rest->meanings));
    if (!rest->meanings)
        return WF_ERR_NOMEM;
    wf_program_hash(rests->program, program);
    rest->meanings[WF_RECALL_ID] = XXH3_64bits(program, sizeof(program));
    for (uint32_t i = 0; i < rest->n_aggs; i++)
        rest->meanings[WF_RECALL_COLUMNS + i] = rest->aggs[i].agg;
    return WF_OK;
}

static uint64_t meaning_of_limits(const struct wf_rest *rest, const int64_t *at)
{
    return XXH3_64bits(at, rest->n_limits * sizeof(*at));
}

/* The most that a limit has moved since the night of a snapshot, if all is as it was then. */
static enum wf_status measure(const struct wf_rests *rests, struct wf_rest *rest,
                              const struct wf_snap *snap, uint32_t feed,
                              const struct wf_zone *zone, uint64_t *moved_out)
{
    const struct night then = {zone, snap->t};
    const struct wf_snap_feed *kept = &snap->feeds[feed];
    uint32_t n = WF_RECALL_COLUMNS + rest->n_aggs;
    int64_t *at = wf_calloc(rests->alloc, rest->n_limits, sizeof(*at));
    bool same = false;
    enum wf_status status = at ? find_limits(rests, rest, &then, at, &same) : WF_ERR_NOMEM;
    if (!status && same) {
        rest->meanings[WF_RECALL_MARGIN] = meaning_of_limits(rest, at);
        same = kept->n_columns == n &&
               memcmp(kept->meanings, rest->meanings, n * sizeof(*rest->meanings)) == 0;
    }
    uint64_t most = 0;
    for (uint32_t i = 0; !status && same && i < rest->n_limits; i++) {
        uint64_t moved = (uint64_t)rest->limits[i].at - (uint64_t)at[i];
        same &= rest->limits[i].at >= at[i];
        most = moved > most ? moved : most;
    }
    if (!status && same)
        *moved_out = most;
    wf_free(rests->alloc, at);
    return status;
}

static enum wf_status measure_chain(struct wf_rests *rests, struct wf_rest *rest,
                                    const struct wf_zone *zone, const struct wf_snap *past,
                                    uint32_t n_past)
{
    struct wf_recall_ask *asked = &rests->asks[rest->event];
    struct wf_buf name;
    wf_buf_init(&name, rests->alloc, 0);
    const char *text = wf_recall_name(noun_of(rests, rest), &name);
    enum wf_status status = text ? WF_OK : WF_ERR_NOMEM;
    asked->may = true;
    asked->n_columns = WF_RECALL_COLUMNS + rest->n_aggs;
    for (uint32_t link = 0; link < WF_MAX_SNAPSHOTS; link++)
        asked->moved[link] = WF_NO_RECALL;
    for (uint32_t link = 0; !status && link < n_past; link++) {
        uint32_t feed = wf_snap_find(&past[link], text);
        if (feed != WF_SNAP_NONE)
            status = measure(rests, rest, &past[link], feed, zone, &asked->moved[link]);
    }
    wf_buf_release(&name);
    return status;
}

/* Where the limits are tonight, and how far that is from where they were. */
static enum wf_status set_limits(struct wf_rests *rests, struct wf_rest *rest,
                                 const struct night *night, const struct wf_snap *past,
                                 uint32_t n_past)
{
    int64_t *at = wf_calloc(rests->alloc, rest->n_limits, sizeof(*at));
    enum wf_status status = at ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = list_meanings(rests, rest);
    if (!status)
        status = find_limits(rests, rest, night, at, &rest->may);
    for (uint32_t i = 0; !status && i < rest->n_limits; i++)
        rest->limits[i].at = at[i];
    if (!status && rest->may)
        status = measure_chain(rests, rest, night->zone, past, n_past);
    if (!status && rest->may)
        rest->meanings[WF_RECALL_MARGIN] = meaning_of_limits(rest, at);
    wf_free(rests->alloc, at);
    return status;
}

enum wf_status wf_rests_init(struct wf_rests *rests, const struct wf_program *program,
                             const struct wf_zone *zone, int64_t now, const struct wf_snap *past,
                             uint32_t n_past, const struct wf_alloc *alloc)
{
    const struct wf_ir *ir = &program->ir;
    const struct night night = {zone, now};
    struct looking looking = {.program = program, .alloc = alloc};
    *rests = (struct wf_rests){.alloc = alloc, .program = program};
    looking.moves = wf_calloc(alloc, ir->n_nodes, 1);
    looking.asked = wf_calloc(alloc, ir->n_nodes, sizeof(*looking.asked));
    rests->of = wf_calloc(alloc, ir->n_events, sizeof(*rests->of));
    rests->asks = wf_calloc(alloc, ir->n_events, sizeof(*rests->asks));
    enum wf_status status =
        looking.moves && looking.asked && rests->of && rests->asks ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        find_moves(&looking);
    for (uint32_t e = 0; !status && e < ir->n_events; e++) {
        struct wf_rest *rest = &rests->of[rests->n++];
        status = look_at_event(&looking, e, rest);
        if (!status && rest->may)
            status = set_limits(rests, rest, &night, past, n_past);
    }
    wf_free(alloc, looking.moves);
    wf_free(alloc, looking.asked);
    return status;
}

void wf_rests_release(struct wf_rests *rests)
{
    for (uint32_t e = 0; e < rests->n; e++) {
        struct wf_rest *rest = &rests->of[e];
        for (uint32_t i = 0; i < rest->n_aggs; i++) {
            wf_free(rests->alloc, rest->aggs[i].early);
            wf_free(rests->alloc, rest->aggs[i].known);
        }
        wf_free(rests->alloc, rest->aggs);
        wf_free(rests->alloc, rest->columns);
        wf_free(rests->alloc, rest->limits);
        wf_free(rests->alloc, rest->meanings);
        wf_free(rests->alloc, rest->unfit);
    }
    wf_free(rests->alloc, rests->of);
    wf_free(rests->alloc, rests->asks);
    *rests = (struct wf_rests){0};
}

/* ---- keeping ---- */

/* Room for results that come before the others do. */
static enum wf_status make_room(const struct wf_rests *rests, struct wf_rest *rest,
                                uint32_t n_members)
{
    size_t words = (size_t)n_members / 64 + WF_BATCH / 64;
    rest->unfit = wf_calloc(rests->alloc, words, sizeof(*rest->unfit));
    bool ok = rest->unfit != NULL;
    for (uint32_t i = 0; ok && i < rest->n_aggs; i++) {
        struct wf_rest_agg *agg = &rest->aggs[i];
        if (agg->block == rest->block)
            continue;
        agg->early = wf_calloc(rests->alloc, n_members, sizeof(*agg->early));
        agg->known = wf_calloc(rests->alloc, words, sizeof(*agg->known));
        ok = agg->early && agg->known;
    }
    return ok ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_rests_keep(struct wf_rests *rests, uint32_t n_members,
                             struct wf_snap_writer *keeps)
{
    enum wf_status status = WF_OK;
    rests->keeps = keeps;
    for (uint32_t e = 0; !status && e < rests->n; e++) {
        struct wf_rest *rest = &rests->of[e];
        struct wf_buf name;
        if (!rest->may)
            continue;
        wf_buf_init(&name, rests->alloc, 0);
        const char *text = wf_recall_name(noun_of(rests, rest), &name);
        status = text ? wf_snap_add_feed(keeps, text, rest->meanings,
                                         WF_RECALL_COLUMNS + rest->n_aggs, 0, &rest->feed)
                      : WF_ERR_NOMEM;
        wf_buf_release(&name);
        if (!status)
            status = make_room(rests, rest, n_members);
    }
    return status;
}
