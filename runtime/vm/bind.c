/* Prepares a verified program for one dataset: constants, tables of text tests, thresholds. */
#include <stdlib.h>
#include <string.h>

#include "lang/base/zone.h"
#include "runtime/vm/machine.h"
#include "runtime/vm/scalar_impl.h"

/* ---- the operands once more: verify's promises, and that the dataset is this program's ---- */

static uint32_t limit_of(const struct wf_program *program, char letter, char class_)
{
    const struct wf_ir *ir = &program->ir;
    switch (letter) {
    case 'B': return program->n_b;
    case 'V':
    case 'I':
    case 'F':
    case 'X': return program->n_v;
    case 'W':
    case 'D':
    case 'C': return program->n_w;
    case 'k':
    case 'm':
    case 'z': return program->n_run_nodes;
    case 'i':
    case 'j': return ir->n_inputs;
    case 'n': return ir->n_nodes;
    case 'l': return ir->n_lists;
    case 'y': return ir->n_annivs;
    case 'f': return ir->n_follows;
    case 'g': return ir->n_aggs;
    case 'p': return 4;
    case 'q': return ir->n_pops;
    case 'r': return 3;
    case 'o': return program->n_outs;
    case 'x':
        if (class_ == 'B')
            return program->slots_b;
        return class_ == 'V' ? program->slots_v : program->slots_w;
    default: return 1;
    }
}

static bool layout_fits(const struct wf_dataset *data, const struct wf_insn *insn)
{
    switch (insn->op) {
    case WF_OP_LOAD_B: return data->inputs[insn->c].layout == WF_LAY_BITS;
    case WF_OP_LOAD_W: return data->inputs[insn->c].layout == WF_LAY_I32;
    case WF_OP_LOAD_CODE:
    case WF_OP_LOAD_TEXT: return data->inputs[insn->c].layout == WF_LAY_CODE;
    case WF_OP_TEXT_LUT: return data->inputs[insn->d].layout == WF_LAY_CODE;
    case WF_OP_LOAD_V: {
        uint8_t layout = data->inputs[insn->c].layout;
        return layout == WF_LAY_I64 || layout == WF_LAY_F64;
    }
    default: return true;
    }
}

static bool operands_fit(const struct wf_program *program, const struct wf_dataset *data,
                         const struct wf_insn *insn)
{
    if (insn->op >= WF_OP_COUNT_)
        return false;
    const char *letters = wf_op_table[insn->op].operands;
    const uint32_t of[5] = {insn->dst, insn->a, insn->b, insn->c, insn->d};
    char class_ = letters[0] == '-' ? letters[1] : letters[0];
    for (int i = 0; i < 5; i++)
        if (of[i] >= limit_of(program, letters[i], class_))
            return false;
    return layout_fits(data, insn);
}

static bool blocks_fit(const struct wf_program *program, const struct wf_dataset *data)
{
    for (uint32_t i = 0; i < program->n_blocks; i++) {
        const struct wf_block *block = &program->blocks[i];
        if (block->first > program->n_insns || block->count > program->n_insns - block->first ||
            block->domain < WF_DOM_MEMBER || block->domain >= WF_DOM_EVENT + data->n_views)
            return false;
    }
    for (uint32_t i = 0; i < program->n_insns; i++)
        if (!operands_fit(program, data, &program->insns[i]))
            return false;
    return true;
}

/* ---- texts: one number for each distinct one, ascending by bytes ---- */

static int by_bytes(const void *a, const void *b)
{
    const struct wf_text_piece *x = a, *y = b;
    return wf_value_compare(wf_text_value(WF_T_TEXT, x->text, x->len),
                            wf_text_value(WF_T_TEXT, y->text, y->len));
}

static uint32_t text_id(const struct wf_bound *bound, const char *text, uint32_t len)
{
    struct wf_text_piece key = {text, len};
    const struct wf_text_piece *hit =
        bound->n_texts ? bsearch(&key, bound->texts, bound->n_texts, sizeof(key), by_bytes) : NULL;
    return hit ? (uint32_t)(hit - bound->texts) : 0;
}

static struct wf_text_piece entry_of(const struct wf_dict *dict, uint32_t code)
{
    return (struct wf_text_piece){dict->bytes + dict->at[code],
                                  (uint32_t)(dict->at[code + 1] - dict->at[code])};
}

/* Marks the inputs that are loaded as text ids by giving them room for one id a code. */
static enum wf_status find_text_inputs(struct wf_bound *bound, size_t *total)
{
    const struct wf_program *program = bound->program;
    for (uint32_t i = 0; i < program->n_insns; i++) {
        uint32_t input = program->insns[i].c;
        if (program->insns[i].op != WF_OP_LOAD_TEXT || bound->text_ids[input])
            continue;
        uint32_t n = bound->data->inputs[input].dict->n;
        bound->text_ids[input] = wf_arena_array(&bound->arena, (size_t)n + 1, sizeof(uint32_t));
        if (!bound->text_ids[input])
            return WF_ERR_NOMEM;
        *total += n;
    }
    return WF_OK;
}

static enum wf_status gather_texts(struct wf_bound *bound, struct wf_scalar *scalar)
{
    const struct wf_program *program = bound->program;
    size_t total = program->n_run_nodes, n = 0;
    bound->text_ids = wf_arena_array(&bound->arena, program->ir.n_inputs + 1, sizeof(uint32_t *));
    if (!bound->text_ids || find_text_inputs(bound, &total))
        return WF_ERR_NOMEM;
    bound->texts = wf_arena_array(&bound->arena, total + 1, sizeof(*bound->texts));
    if (!bound->texts || total > UINT32_MAX)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < program->n_run_nodes; i++) {
        struct wf_value v = wf_scalar_value(scalar, program->run_nodes[i]);
        if (v.present && wf_kind_of_type(v.type) == 'T')
            bound->texts[n++] = (struct wf_text_piece){v.text, v.len};
    }
    for (uint32_t i = 0; i < program->ir.n_inputs; i++)
        for (uint32_t c = 0; bound->text_ids[i] && c < bound->data->inputs[i].dict->n; c++)
            bound->texts[n++] = entry_of(bound->data->inputs[i].dict, c);
    qsort(bound->texts, n, sizeof(*bound->texts), by_bytes);
    for (size_t i = 0; i < n; i++)
        if (!i || by_bytes(&bound->texts[i], &bound->texts[bound->n_texts - 1]) != 0)
            bound->texts[bound->n_texts++] = bound->texts[i];
    for (uint32_t i = 0; i < program->ir.n_inputs; i++) {
        for (uint32_t c = 0; bound->text_ids[i] && c < bound->data->inputs[i].dict->n; c++) {
            struct wf_text_piece piece = entry_of(bound->data->inputs[i].dict, c);
            bound->text_ids[i][c] = text_id(bound, piece.text, piece.len);
        }
    }
    return WF_OK;
}

/* ---- constants ---- */

static enum wf_status hold_constants(struct wf_bound *bound, struct wf_scalar *scalar)
{
    const struct wf_program *program = bound->program;
    bound->held =
        wf_arena_array(&bound->arena, program->n_run_nodes + (size_t)1, sizeof(*bound->held));
    if (!bound->held)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < program->n_run_nodes; i++) {
        struct wf_value v = wf_scalar_value(scalar, program->run_nodes[i]);
        struct wf_held *held = &bound->held[i];
        held->present = v.present;
        if (!v.present)
            continue;
        if (v.type == WF_T_NUMBER)
            held->f = v.f;
        else if (wf_kind_of_type(v.type) == 'T')
            held->i = text_id(bound, v.text, v.len);
        else
            held->i = v.i;
    }
    return wf_scalar_status(scalar);
}

/* ---- what single instructions need ---- */

/* A bit for each text: what the test says of it. NULL in *table_out: unknown, whatever the text. */
static enum wf_status decide_texts(struct wf_bound *bound, struct wf_scalar *scalar, uint32_t node,
                                   const struct wf_dict *dict, uint32_t **table_out)
{
    const struct wf_ir *ir = &bound->program->ir;
    bool left = wf_ir_op_args(ir->nodes[node].op)[1] == 'n' &&
                ir->nodes[ir->nodes[node].a].domain == WF_DOM_RUN;
    uint8_t type = ir->nodes[left ? ir->nodes[node].b : ir->nodes[node].a].type;
    uint32_t n = dict ? dict->n : bound->n_texts;
    uint32_t *table = wf_arena_array(&bound->arena, (size_t)n / 32 + 1, sizeof(*table));
    if (!table)
        return WF_ERR_NOMEM;
    *table_out = table;
    for (uint32_t i = 0; i < n; i++) {
        struct wf_text_piece piece = dict ? entry_of(dict, i) : bound->texts[i];
        struct wf_value v =
            wf_scalar_test(scalar, node, wf_text_value(type, piece.text, piece.len));
        if (!v.present) { /* only a missing constant does that */
            *table_out = NULL;
            break;
        }
        table[i / 32] |= (uint32_t)(v.i != 0) << (i % 32);
    }
    return WF_OK;
}

static enum wf_status hold_choices(struct wf_bound *bound, uint32_t list, struct wf_aux *aux)
{
    const struct wf_ir *ir = &bound->program->ir;
    const struct wf_ir_list *items = &ir->lists[list];
    struct wf_choices *choices = wf_arena_alloc(&bound->arena, sizeof(*choices));
    if (!choices)
        return WF_ERR_NOMEM;
    size_t room = (size_t)items->count + 1;
    choices->i = wf_arena_array(&bound->arena, room, sizeof(*choices->i));
    choices->f = wf_arena_array(&bound->arena, room, sizeof(*choices->f));
    choices->w = wf_arena_array(&bound->arena, room, sizeof(*choices->w));
    if (!choices->i || !choices->f || !choices->w)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < items->count; i++) {
        struct wf_value v = ir->consts[ir->list_items[items->first + i]];
        if (!v.present)
            continue;
        if (v.type == WF_T_NUMBER)
            choices->f[choices->n] = v.f;
        else
            choices->i[choices->n] = v.i;
        choices->w[choices->n] = v.type == WF_T_NUMBER ? 0 : (int32_t)v.i;
        choices->n++;
    }
    aux->choices = choices;
    return WF_OK;
}

/* The last day whose midnight is at or before (strict: before) `time`; midnights never go back. */
static int32_t last_day(const struct wf_zone *zone, int64_t time, bool strict)
{
    int64_t day = wf_floor_day(time) + 3; /* no offset moves a midnight by more */
    if (day > WF_MAX_DAY)
        day = WF_MAX_DAY;
    for (; day >= WF_MIN_DAY; day--) {
        int64_t midnight = wf_zone_midnight(zone, day);
        if (strict ? midnight < time : midnight <= time)
            break;
    }
    return (int32_t)(day < WF_MIN_DAY ? WF_MIN_DAY - 1 : day);
}

static void find_threshold(struct wf_bound *bound, const struct wf_insn *insn, struct wf_aux *aux)
{
    const struct wf_held *held = &bound->held[insn->c];
    const struct wf_zone *zone = bound->params->zone;
    aux->known = held->present;
    if (!held->present)
        return;
    if (held->i < WF_MIN_TIME - 2 * WF_DAY_SECONDS || held->i > WF_MAX_TIME + 2 * WF_DAY_SECONDS) {
        /* before or after every midnight; verified code may hold any number */
        aux->day = (int32_t)(held->i < 0 ? WF_MIN_DAY - 1 : WF_MAX_DAY + 1);
        return;
    }
    if (insn->op == WF_OP_LE_MK || insn->op == WF_OP_GT_MK)
        aux->day = last_day(zone, held->i, false);
    else
        aux->day = last_day(zone, held->i, true) + 1;
}

static enum wf_status prepare(struct wf_bound *bound, struct wf_scalar *scalar)
{
    const struct wf_program *program = bound->program;
    enum wf_status status = WF_OK;
    uint32_t **done = wf_arena_array(&bound->arena, program->ir.n_nodes * (size_t)2 + 1,
                                     sizeof(*done)); /* one table serves equal tests */
    bound->aux = wf_arena_array(&bound->arena, program->n_insns + (size_t)1, sizeof(*bound->aux));
    if (!bound->aux || !done)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < program->n_insns && !status; i++) {
        const struct wf_insn *insn = &program->insns[i];
        struct wf_aux *aux = &bound->aux[i];
        if (insn->op == WF_OP_TEXT_LUT || insn->op == WF_OP_TEXT_TEST) {
            bool column = insn->op == WF_OP_TEXT_LUT;
            uint32_t **slot = &done[(size_t)insn->c * 2 + column];
            if (!*slot)
                status = decide_texts(bound, scalar, insn->c,
                                      column ? bound->data->inputs[insn->d].dict : NULL, slot);
            aux->table = *slot;
        } else if (insn->op >= WF_OP_LT_MK && insn->op <= WF_OP_GE_MK) {
            find_threshold(bound, insn, aux);
        } else if (insn->op >= WF_OP_LT_AK && insn->op <= WF_OP_GE_AK) {
            aux->known = bound->held[insn->c].present;
        } else if (insn->op >= WF_OP_IN_I && insn->op <= WF_OP_IN_W) {
            status = hold_choices(bound, insn->c, aux);
        }
    }
    return status ? status : wf_scalar_status(scalar);
}

/* Instructions get their kernels; columns that much is asked of are sorted. */
static enum wf_status fuse(struct wf_bound *bound)
{
    bound->sortings = wf_arena_array(&bound->arena, bound->program->n_insns + (size_t)1,
                                     sizeof(*bound->sortings));
    enum wf_status status = bound->sortings ? wf_fuse(bound) : WF_ERR_NOMEM;
    if (!status)
        status = wf_tabulate_anniversaries(bound);
    if (!status)
        status = wf_sort_texts(bound);
    return status ? status : wf_sortings_done(bound);
}

/* ---- population figures and aggregates ---- */

static enum wf_status make_feeds(struct wf_bound *bound)
{
    const struct wf_ir *ir = &bound->program->ir;
    size_t words = wf_bit_words((size_t)bound->data->n_members + 1) + 1, lanes = words * 64;
    bound->feeds = wf_arena_array(&bound->arena, (size_t)ir->n_pops + 1, sizeof(*bound->feeds));
    bound->agg_parts = wf_arena_array(&bound->arena, (size_t)ir->n_aggs + 1, 1);
    if (!bound->feeds || !bound->agg_parts)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < bound->program->n_insns; i++) {
        const struct wf_insn *insn = &bound->program->insns[i];
        if (insn->op == WF_OP_AGG_B || insn->op == WF_OP_AGG_V || insn->op == WF_OP_AGG_W)
            bound->agg_parts[insn->c] |= (uint8_t)(1u << insn->d);
        if (insn->op < WF_OP_KEEP_POP_B || insn->op > WF_OP_KEEP_POP_W)
            continue;
        struct wf_pop_input *feed = &bound->feeds[insn->c];
        uint8_t x = ir->nodes[ir->pops[insn->c].x].type;
        feed->whole = x == WF_T_INT || x == WF_T_MONEY;
        uint64_t **bits[3][2] = {{&feed->present, &feed->zero},
                                 {&feed->among_t, &feed->among_k},
                                 {&feed->per_present, NULL}};
        for (int b = 0; b < 2; b++)
            if (bits[insn->d][b] &&
                !(*bits[insn->d][b] = wf_calloc(bound->alloc, words, sizeof(uint64_t))))
                return WF_ERR_NOMEM;
        uint64_t **keys = insn->d == 0 ? &feed->key : insn->d == 2 ? &feed->per : NULL;
        if (keys && !(*keys = wf_calloc(bound->alloc, lanes, sizeof(uint64_t))))
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

enum wf_status wf_bind(struct wf_bound *bound, const struct wf_program *program,
                       const struct wf_dataset *data, const struct wf_vm_params *params,
                       const struct wf_vm_options *options, struct wf_pops *pops)
{
    *bound = (struct wf_bound){.program = program,
                               .data = data,
                               .params = params,
                               .alloc = options->alloc,
                               .batch = options->batch,
                               .profiled = options->profile != NULL,
                               .pops = pops};
    bound->lanes = wf_lanes_choose(options->vectors);
    wf_arena_init(&bound->arena, options->alloc);
    if (!program->verified)
        return WF_ERR_FORMAT;
    if (data->n_inputs != program->ir.n_inputs || data->n_views != program->ir.n_views ||
        !blocks_fit(program, data))
        return WF_ERR_INTERNAL;
    struct wf_scalar *scalar = wf_scalar_new(&program->ir, data, params, NULL, options->alloc);
    if (!scalar)
        return WF_ERR_NOMEM;
    enum wf_status status = gather_texts(bound, scalar);
    if (!status)
        status = hold_constants(bound, scalar);
    if (!status)
        status = prepare(bound, scalar);
    if (!status)
        status = fuse(bound);
    if (!status)
        status = make_feeds(bound);
    wf_scalar_free(scalar);
    return status;
}

void wf_bound_release(struct wf_bound *bound)
{
    for (uint32_t i = 0; bound->feeds && i < bound->program->ir.n_pops; i++)
        wf_pop_input_release(&bound->feeds[i], bound->alloc);
    wf_arena_release(&bound->arena);
}
