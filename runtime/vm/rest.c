#include "runtime/vm/rest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/code/encode.h"
#include "lang/code/opcode.h"
#include "lang/code/program.h"
#include "runtime/vm/noted.h"
#include "runtime/vm/scalar.h"

enum { FORM = 1 }; /* of what is kept: another one when results come to mean anything else */

/* How a RUN node changes from night to night. */
enum { STILL, MOVES, BEYOND /* with the state, or the exports */ };

/* A program that is looked through. */
struct looking {
    const struct wf_program *program;
    const struct wf_alloc *alloc;
    uint8_t *moves; /* by node */
    uint8_t *parts; /* by aggregate: a bit for each part that is read */
    bool *asked;    /* by node: the aggregates at hand are made of it */
    struct wf_rest *rest;
    struct wf_rest_agg *agg; /* of the rest */
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

/* What an aggregate is made of: operands stand before what is made of them. */
static void ask(const struct looking *l, const struct wf_ir_agg *agg)
{
    const struct wf_ir *ir = &l->program->ir;
    memset(l->asked, 0, ir->n_nodes * sizeof(*l->asked));
    l->asked[agg->filter] = true;
    if (agg->value != WF_NONE)
        l->asked[agg->value] = true;
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

static bool is_time(const struct looking *l, uint32_t cell)
{
    const struct wf_ir_input *input = &l->program->ir.inputs[l->program->ir.nodes[cell].a];
    return input->type == WF_T_TIME && input->record == l->rest->event + 1 &&
           input->field == l->program->ir.events[l->rest->event].at_field;
}

/* Which limit it is; WF_NONE: no memory. */
static uint32_t limit_of(struct looking *l, uint32_t cell, uint32_t node, bool above)
{
    struct wf_rest *rest = l->rest;
    uint32_t input = l->program->ir.nodes[cell].a;
    for (uint32_t i = 0; i < rest->n_limits; i++)
        if (rest->limits[i].input == input && rest->limits[i].node == node &&
            rest->limits[i].above == above)
            return i;
    if (wf_grow(l->alloc, &rest->limits, &l->room_limits, rest->n_limits + (size_t)1,
                sizeof(*rest->limits)) != 0)
        return WF_NONE;
    rest->limits[rest->n_limits] = (struct wf_limit){
        .input = input, .node = node, .above = above, .of_time = is_time(l, cell)};
    return rest->n_limits++;
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
    uint32_t at = limit_of(l, cell, limit, above);
    if (at == WF_NONE)
        return WF_ERR_NOMEM;
    l->agg->asks |= at < 32 ? UINT32_C(1) << at : 0;
    return WF_OK;
}

/* The limit that the time of a row has to have reached wherever the condition holds. */
static uint32_t find_from(struct looking *l, uint32_t node)
{
    const struct wf_ir *ir = &l->program->ir;
    const struct wf_ir_node *n = &ir->nodes[node];
    if (n->op == WF_IR_AND) {
        uint32_t from = find_from(l, n->a);
        return from != WF_NONE ? from : find_from(l, n->b);
    }
    bool window = n->op == WF_IR_GE && ir->nodes[n->b].domain == WF_DOM_RUN &&
                  l->moves[n->b] == MOVES && is_cell(ir, n->a) && is_time(l, n->a);
    return window ? limit_of(l, n->a, n->b, true) : WF_NONE;
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

static enum wf_status look_at_agg(struct looking *l, struct wf_rest_agg *agg)
{
    const struct wf_ir *ir = &l->program->ir;
    enum wf_status status = WF_OK;
    l->agg = agg;
    ask(l, &ir->aggs[agg->agg]);
    for (uint32_t i = 0; !status && l->rest->may && i < ir->n_nodes; i++)
        if (l->asked[i] && ir->nodes[i].domain >= WF_DOM_EVENT)
            status = look_at_node(l, &ir->nodes[i]);
    agg->from = !status && l->rest->may ? find_from(l, ir->aggs[agg->agg].filter) : WF_NONE;
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

/* What code reads of aggregates, and reasons. */
static enum wf_status find_parts(const struct looking *l)
{
    const struct wf_program *p = l->program;
    struct wf_noted noted;
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op >= WF_OP_AGG_B && p->insns[i].op <= WF_OP_AGG_W)
            l->parts[p->insns[i].c] |= (uint8_t)(1u << p->insns[i].d);
    enum wf_status status = wf_noted_init(&noted, p, 0, 1, l->alloc);
    if (!status)
        wf_noted_parts(&noted, l->parts);
    wf_noted_release(&noted);
    return status;
}

static enum wf_status look_at_reduction(struct looking *l, uint32_t agg, uint32_t block)
{
    struct wf_rest *rest = l->rest;
    const struct wf_ir *ir = &l->program->ir;
    bool met = rest->columns[agg] != WF_NONE;
    rest->block = block;
    for (uint32_t i = met ? rest->columns[agg] : rest->n_aggs;
         i < rest->n_aggs && rest->aggs[i].agg == agg; i++)
        rest->aggs[i].block = block;
    if (met)
        return WF_OK;
    rest->may &= is_lasting(ir, &ir->aggs[agg], l->moves);
    rest->columns[agg] = l->parts[agg] ? rest->n_aggs : WF_NONE;
    for (uint8_t part = 0; part < WF_PART_COUNT_; part++) {
        if (!(l->parts[agg] >> part & 1))
            continue;
        if (wf_grow(l->alloc, &rest->aggs, &l->room_aggs, rest->n_aggs + (size_t)1,
                    sizeof(*rest->aggs)) != 0)
            return WF_ERR_NOMEM;
        rest->aggs[rest->n_aggs++] =
            (struct wf_rest_agg){.agg = agg, .part = part, .block = block};
    }
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
    rest->columns = wf_calloc(l->alloc, l->program->ir.n_aggs, sizeof(*rest->columns));
    if (!rest->columns)
        return WF_ERR_NOMEM;
    memset(rest->columns, 0xff, l->program->ir.n_aggs * sizeof(*rest->columns));
    rest->may = find_view(l->program, rest);
    enum wf_status status = rest->may ? look_at_code(l) : WF_OK;
    rest->may &= rest->n_aggs > 0;
    for (uint32_t i = 0; !status && rest->may && i < rest->n_aggs; i++)
        status = look_at_agg(l, &rest->aggs[i]);
    return status;
}

/* ---- tonight, and on the nights of the chain ---- */

static const char *noun_of(const struct wf_rests *rests, const struct wf_rest *rest)
{
    const struct wf_ir *ir = &rests->program->ir;
    return ir->texts[ir->events[rest->event].name]->text;
}

static uint32_t columns_of(const struct wf_rest *rest)
{
    return WF_RECALL_MARGINS + rest->n_limits + rest->n_aggs;
}

/* What the columns of an entry mean: the program, where the limits are, which aggregates follow. */
static enum wf_status list_meanings(const struct wf_rests *rests, struct wf_rest *rest)
{
    unsigned char program[16 + 1] = {[16] = FORM};
    rest->meanings = wf_calloc(rests->alloc, columns_of(rest), sizeof(*rest->meanings));
    if (!rest->meanings)
        return WF_ERR_NOMEM;
    wf_program_hash(rests->program, program);
    rest->meanings[WF_RECALL_ID] = XXH3_64bits(program, sizeof(program));
    for (uint32_t i = 0; i < rest->n_limits; i++)
        rest->meanings[WF_RECALL_MARGINS + i] = (uint64_t)rest->limits[i].at;
    for (uint32_t i = 0; i < rest->n_aggs; i++)
        rest->meanings[WF_RECALL_MARGINS + rest->n_limits + i] =
            (uint64_t)rest->aggs[i].agg << 2 | rest->aggs[i].part;
    return WF_OK;
}

/* How far limits have moved since the night of a snapshot; false: what it kept is of no use. */
static bool measure(const struct wf_rest *rest, const struct wf_snap_feed *kept, uint64_t *moved)
{
    if (kept->n_columns != columns_of(rest) ||
        kept->meanings[WF_RECALL_ID] != rest->meanings[WF_RECALL_ID])
        return false;
    const uint64_t *then = kept->meanings + WF_RECALL_MARGINS;
    const uint64_t *now = rest->meanings + WF_RECALL_MARGINS;
    bool forward = true;
    for (uint32_t i = 0; i < rest->n_limits; i++) {
        forward &= (int64_t)now[i] >= (int64_t)then[i];
        moved[i] = now[i] - then[i];
    }
    return forward && memcmp(then + rest->n_limits, now + rest->n_limits,
                             rest->n_aggs * sizeof(*then)) == 0;
}

/* From which time on rows may count for an aggregate that a limit bears on. */
static void find_floors(const struct wf_rest *rest, struct wf_recall_ask *asked)
{
    for (uint32_t l = 0; l < rest->n_limits; l++) {
        asked->floor[l] = rest->limits[l].of_time && l < 32 ? rest->limits[l].at : WF_ALL_ROWS;
        for (uint32_t i = 0; i < rest->n_aggs; i++) {
            const struct wf_rest_agg *agg = &rest->aggs[i];
            int64_t from = agg->from == WF_NONE ? WF_ALL_ROWS : rest->limits[agg->from].at;
            if (l < 32 && agg->asks >> l & 1 && from < asked->floor[l])
                asked->floor[l] = from;
        }
    }
}

static enum wf_status measure_chain(struct wf_rests *rests, const struct wf_rest *rest,
                                    const struct wf_snap *past, uint32_t n_past)
{
    struct wf_recall_ask *asked = &rests->asks[rest->event];
    struct wf_buf name;
    wf_buf_init(&name, rests->alloc, 0);
    const char *text = wf_recall_name(noun_of(rests, rest), &name);
    asked->n_columns = columns_of(rest);
    asked->n_limits = rest->n_limits;
    asked->moved =
        wf_calloc(rests->alloc, (size_t)n_past * rest->n_limits, sizeof(*asked->moved));
    asked->floor = wf_calloc(rests->alloc, rest->n_limits, sizeof(*asked->floor));
    asked->may = text && asked->moved && asked->floor;
    for (uint32_t link = 0; asked->may && link < n_past; link++) {
        uint32_t feed = wf_snap_find(&past[link], text);
        asked->usable[link] =
            feed != WF_SNAP_NONE && measure(rest, &past[link].feeds[feed],
                                            asked->moved + (size_t)link * rest->n_limits);
    }
    if (asked->may)
        find_floors(rest, asked);
    wf_buf_release(&name);
    return asked->may ? WF_OK : WF_ERR_NOMEM;
}

/* Where the limits are tonight, and how far that is from where they were. */
static enum wf_status set_limits(struct wf_rests *rests, struct wf_rest *rest,
                                 const struct wf_vm_params *tonight, const struct wf_snap *past,
                                 uint32_t n_past)
{
    struct wf_scalar *scalar =
        wf_scalar_new(&rests->program->ir, NULL, tonight, NULL, rests->alloc);
    if (!scalar)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < rest->n_limits; i++) {
        struct wf_value value = wf_scalar_value(scalar, rest->limits[i].node);
        rest->limits[i].at = value.i;
        rest->may &= value.present;
    }
    enum wf_status status = wf_scalar_status(scalar);
    wf_scalar_free(scalar);
    if (status || !rest->may)
        return status;
    status = list_meanings(rests, rest);
    return status ? status : measure_chain(rests, rest, past, n_past);
}

enum wf_status wf_rests_init(struct wf_rests *rests, const struct wf_program *program,
                             const struct wf_zone *zone, int64_t now, const struct wf_snap *past,
                             uint32_t n_past, const struct wf_alloc *alloc)
{
    const struct wf_ir *ir = &program->ir;
    const struct wf_vm_params tonight = {.now = now, .zone = zone};
    struct looking looking = {.program = program, .alloc = alloc};
    *rests = (struct wf_rests){.alloc = alloc, .program = program};
    looking.moves = wf_calloc(alloc, ir->n_nodes, 1);
    looking.parts = wf_calloc(alloc, ir->n_aggs, 1);
    looking.asked = wf_calloc(alloc, ir->n_nodes, sizeof(*looking.asked));
    rests->of = wf_calloc(alloc, ir->n_events, sizeof(*rests->of));
    rests->asks = wf_calloc(alloc, ir->n_events, sizeof(*rests->asks));
    enum wf_status status =
        looking.moves && looking.parts && looking.asked && rests->of && rests->asks
            ? WF_OK
            : WF_ERR_NOMEM;
    if (!status) {
        find_moves(&looking);
        status = find_parts(&looking);
    }
    for (uint32_t e = 0; !status && e < ir->n_events; e++) {
        struct wf_rest *rest = &rests->of[rests->n++];
        status = look_at_event(&looking, e, rest);
        if (!status && rest->may)
            status = set_limits(rests, rest, &tonight, past, n_past);
    }
    wf_free(alloc, looking.moves);
    wf_free(alloc, looking.parts);
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
        wf_free(rests->alloc, rests->asks[e].moved);
        wf_free(rests->alloc, rests->asks[e].floor);
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
                                         columns_of(rest), 0, &rest->feed)
                      : WF_ERR_NOMEM;
        wf_buf_release(&name);
        if (!status)
            status = make_room(rests, rest, n_members);
    }
    return status;
}
