#include "lang/code/verify.h"

#include <string.h>

#include "lang/code/encode.h"
#include "lang/code/opcode.h"
#include "lang/ir/verify.h"

enum { CLASS_B, CLASS_V, CLASS_W, CLASSES };

/* A register or a slot, as of its last writer. */
struct cell {
    uint32_t when;  /* registers: block + 1; slots: stage + 1; 0: never */
    uint32_t block; /* slots: which block wrote it */
    uint32_t input; /* codes: of which column */
    char kind;
};

struct check {
    const struct wf_program *p;
    const struct wf_ir *ir;
    struct wf_arena tmp;
    const char *why;
    struct cell *regs[CLASSES], *slots[CLASSES];
    uint32_t n_regs[CLASSES], n_slots[CLASSES];
    uint32_t *agg_stage, *agg_block;       /* by aggregate: + 1; 0: not yet */
    uint32_t *follow_stage, *follow_block; /* by follow */
    uint32_t *pop_stage;                   /* by population figure: + 1 */
    uint8_t *pop_roles;                    /* bit r: role r is fed */
    uint32_t *out_block;                   /* by domain: + 1 */
    bool *out_done;                        /* by output */
    uint32_t b;                            /* the block */
    uint16_t domain, stage;
    const struct wf_insn *insn;
    char kind_v, kind_w; /* what a bare V and W mean in this instruction; 0: not yet known */
    uint32_t input_a;    /* codes in register a: of which column */
};

static bool refuse(struct check *c, const char *why)
{
    if (!c->why)
        c->why = why;
    return false;
}

static bool is_event(const struct check *c)
{
    return c->domain >= WF_DOM_EVENT;
}

static uint32_t view_of(const struct check *c)
{
    return (uint32_t)(c->domain - WF_DOM_EVENT);
}

static unsigned class_of(char kind)
{
    return kind == 'B' ? CLASS_B : (kind == 'D' || kind == 'C' || kind == 'W') ? CLASS_W : CLASS_V;
}

/* How registers hold a type: texts as ids, unless they are a column's codes. */
static char held(unsigned type)
{
    char kind = wf_kind_of_type(type);
    return kind == 'T' ? 'X' : kind;
}

/* ---- registers ---- */

/* Does `kind` fit the letter of the table? A bare V or W is settled by its first register. */
static bool fits(struct check *c, char letter, char kind)
{
    if (letter != 'V' && letter != 'W')
        return letter == kind;
    if (class_of(kind) != class_of(letter))
        return false;
    char *settled = letter == 'V' ? &c->kind_v : &c->kind_w;
    if (!*settled)
        *settled = kind;
    return *settled == kind;
}

static bool check_source(struct check *c, char letter, uint32_t reg, bool is_a)
{
    unsigned class_ = class_of(letter);
    if (reg >= c->n_regs[class_])
        return refuse(c, "register number");
    const struct cell *cell = &c->regs[class_][reg];
    if (cell->when != c->b + 1)
        return refuse(c, "register read before it is written");
    if (!fits(c, letter, cell->kind))
        return refuse(c, "register of another kind");
    if (is_a)
        c->input_a = cell->input;
    return true;
}

/* What kind a bare V or W of dst is where no source says it; '?' where the index is out of range.
 */
static char result_kind(const struct check *c)
{
    const struct wf_insn *insn = c->insn;
    switch (insn->op) {
    case WF_OP_LOAD_V: return insn->c < c->ir->n_inputs ? held(c->ir->inputs[insn->c].type) : '?';
    case WF_OP_SPLAT_V:
        return insn->c < c->p->n_run_nodes ? held(c->ir->nodes[c->p->run_nodes[insn->c]].type)
                                           : '?';
    case WF_OP_KEPT_V: return insn->c < c->n_slots[CLASS_V] ? c->slots[CLASS_V][insn->c].kind : '?';
    case WF_OP_AGG_V: return insn->c < c->ir->n_aggs ? held(c->ir->aggs[insn->c].type) : '?';
    default: return '?';
    }
}

static bool write_result(struct check *c, char letter)
{
    uint32_t reg = c->insn->dst;
    if (letter == '-')
        return reg == 0 || refuse(c, "operand of none");
    unsigned class_ = class_of(letter);
    if (reg >= c->n_regs[class_])
        return refuse(c, "register number");
    char kind = letter == 'V' ? c->kind_v : letter;
    c->regs[class_][reg] = (struct cell){.when = c->b + 1, .kind = kind, .input = c->insn->c};
    return true;
}

/* ---- indices ---- */

static bool check_constant(struct check *c, uint32_t index, char kind)
{
    if (index >= c->p->n_run_nodes)
        return refuse(c, "constant number");
    if (held(c->ir->nodes[c->p->run_nodes[index]].type) != kind)
        return refuse(c, "constant of another kind");
    return true;
}

/* The kind that a constant of letter k must have: that of the register it meets. */
static char constant_kind(const struct check *c)
{
    const char *letters = wf_op_table[c->insn->op].operands;
    char letter = letters[1] != '-' ? letters[1] : letters[0];
    return letter == 'V' ? c->kind_v : letter;
}

static bool check_input(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_inputs)
        return refuse(c, "input number");
    const struct wf_ir_input *input = &c->ir->inputs[index];
    char kind = wf_kind_of_type(input->type);
    char letter = wf_op_table[c->insn->op].operands[0];
    if (letter == 'V' ? kind != 'I' && kind != 'F'
                      : kind != (letter == 'C' || letter == 'X' ? 'T' : letter))
        return refuse(c, "input of another kind");
    if (input->domain != c->domain)
        return refuse(c, "input of another domain");
    return input->needed || refuse(c, "input that is not loaded for conditions");
}

static bool check_list(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_lists)
        return refuse(c, "list number");
    const struct wf_ir_list *list = &c->ir->lists[index];
    if (list->count == 0)
        return true;
    /* wf_ir_verify has seen that its items are of one type. */
    return held(c->ir->consts[c->ir->list_items[list->first]].type) ==
               wf_op_table[c->insn->op].operands[1] ||
           refuse(c, "list of another kind");
}

static bool check_text_node(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_nodes)
        return refuse(c, "node number");
    const struct wf_ir_node *node = &c->ir->nodes[index];
    switch (node->op) {
    case WF_IR_EQ:
    case WF_IR_NE:
        if (c->ir->nodes[node->b].domain != WF_DOM_RUN)
            return refuse(c, "text test against no constant");
        break;
    case WF_IR_IN:
    case WF_IR_CONTAINS:
    case WF_IR_STARTS:
    case WF_IR_ENDS:
    case WF_IR_MATCHES:
    case WF_IR_TAGGED: break;
    default: return refuse(c, "node that is no text test");
    }
    const struct wf_ir_node *a = &c->ir->nodes[node->a];
    if (wf_kind_of_type(a->type) != 'T')
        return refuse(c, "test of no text");
    if (c->insn->op == WF_OP_TEXT_LUT && (a->op != WF_IR_COL || a->a != c->insn->d))
        return refuse(c, "text test of another column");
    return true;
}

static bool check_part(struct check *c, uint32_t part)
{
    const struct wf_ir_agg *agg = &c->ir->aggs[c->insn->c];
    char kind = held(agg->type);
    if (part >= WF_PART_COUNT_)
        return refuse(c, "aggregate part");
    if ((part == WF_PART_LO || part == WF_PART_HI) && agg->kind != WF_AGG_COUNT &&
        agg->kind != WF_AGG_SUM && agg->kind != WF_AGG_DISTINCT)
        return refuse(c, "bound of an aggregate that has none");
    if (part == WF_PART_SURE)
        kind = 'B';
    char letter = wf_op_table[c->insn->op].operands[0];
    if (kind != (letter == 'V' ? c->kind_v : letter) || class_of(kind) != class_of(letter))
        return refuse(c, "aggregate part of another kind");
    return true;
}

static bool check_agg(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_aggs)
        return refuse(c, "aggregate number");
    const struct wf_ir_agg *agg = &c->ir->aggs[index];
    if (wf_op_table[c->insn->op].operands[0] != '-') { /* AGG */
        if (is_event(c))
            return refuse(c, "aggregate read in an event block");
        if (c->agg_stage[index] != c->stage + 1u || c->agg_block[index] > c->b)
            return refuse(c, "aggregate read before it is reduced");
        return true;
    }
    if (!is_event(c) || view_of(c) != agg->view)
        return refuse(c, "aggregate reduced over other rows");
    if (c->agg_stage[index] == c->stage + 1u)
        return refuse(c, "aggregate reduced twice");
    char value = agg->value == WF_NONE ? '-' : held(c->ir->nodes[agg->value].type);
    char letter = wf_op_table[c->insn->op].operands[2];
    if (value != (letter == 'V' ? c->kind_v : letter))
        return refuse(c, "aggregated value of another kind");
    c->agg_stage[index] = c->stage + 1u;
    c->agg_block[index] = c->b + 1; /* readable by blocks > b */
    return true;
}

static bool check_follow(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_follows)
        return refuse(c, "follow number");
    if (!is_event(c))
        return refuse(c, "follow in a member block");
    if (c->insn->op == WF_OP_FOLLOWED) {
        if (c->follow_stage[index] != c->stage + 1u || c->follow_block[index] > c->b)
            return refuse(c, "follow read before it is marked");
        return true;
    }
    if (view_of(c) != c->ir->follows[index].view)
        return refuse(c, "follow marked over other rows");
    if (c->follow_stage[index] == c->stage + 1u)
        return refuse(c, "follow marked twice");
    c->follow_stage[index] = c->stage + 1u;
    c->follow_block[index] = c->b + 1;
    return true;
}

static bool check_pop(struct check *c, uint32_t index)
{
    if (index >= c->ir->n_pops)
        return refuse(c, "population figure number");
    if (is_event(c))
        return refuse(c, "population figure in an event block");
    char letter = wf_op_table[c->insn->op].operands[0];
    if (letter == '-')
        return true; /* KEEP_POP: its role decides */
    if (!c->pop_stage[index] || c->pop_stage[index] > c->stage)
        return refuse(c, "population figure read before it is taken");
    return held(c->ir->pops[index].type) == letter || refuse(c, "population figure kind");
}

static bool check_role(struct check *c, uint32_t role)
{
    if (role > 2)
        return refuse(c, "population role");
    uint32_t index = c->insn->c;
    const struct wf_ir_pop *pop = &c->ir->pops[index];
    uint32_t node = role == 0 ? pop->x : role == 1 ? pop->among : pop->per;
    char letter = wf_op_table[c->insn->op].operands[1];
    if (node == WF_NONE)
        return refuse(c, "population role that is not asked for");
    if (role == 0 && wf_kind_of_type(c->ir->nodes[node].type) == 'T')
        return refuse(c, "population figure of texts");
    if (held(c->ir->nodes[node].type) != (letter == 'V' ? c->kind_v : letter))
        return refuse(c, "population role of another kind");
    if (c->pop_roles[index] & 1u << role)
        return refuse(c, "population role fed twice");
    if (c->pop_stage[index] && c->pop_stage[index] != c->stage + 1u)
        return refuse(c, "population figure fed in two stages");
    if (c->stage + 1u >= c->p->n_stages)
        return refuse(c, "population figure fed in the last stage");
    c->pop_roles[index] = (uint8_t)(c->pop_roles[index] | 1u << role);
    c->pop_stage[index] = c->stage + 1u;
    return true;
}

static bool check_slot(struct check *c, uint32_t index)
{
    const char *letters = wf_op_table[c->insn->op].operands;
    bool keep = letters[0] == '-';
    char letter = keep ? letters[1] : letters[0];
    unsigned class_ = class_of(letter);
    if (index >= c->n_slots[class_])
        return refuse(c, "slot number");
    struct cell *slot = &c->slots[class_][index];
    if (!keep) {
        if (slot->when != c->stage + 1u || slot->block >= c->b)
            return refuse(c, "slot read before it is kept");
        return true;
    }
    if (is_event(c))
        return refuse(c, "slot kept in an event block");
    if (slot->when == c->stage + 1u)
        return refuse(c, "slot kept twice");
    *slot = (struct cell){
        .when = c->stage + 1u, .block = c->b, .kind = letter == 'V' ? c->kind_v : letter};
    return true;
}

static bool check_out(struct check *c, uint32_t index)
{
    if (index >= c->p->n_outs)
        return refuse(c, "output number");
    if (c->p->outs[index].domain != c->domain || c->p->outs[index].stage != c->stage)
        return refuse(c, "output of another domain or stage");
    char letter = wf_op_table[c->insn->op].operands[1];
    if (held(c->ir->nodes[c->p->outs[index].node].type) != (letter == 'V' ? c->kind_v : letter))
        return refuse(c, "output of another kind");
    if (c->out_done[index])
        return refuse(c, "output written twice");
    if (c->out_block[c->domain] && c->out_block[c->domain] != c->b + 1)
        return refuse(c, "outputs of one domain in two blocks");
    c->out_done[index] = true;
    c->out_block[c->domain] = c->b + 1;
    return true;
}

static bool check_index(struct check *c, char letter, uint32_t index)
{
    switch (letter) {
    case '-': return index == 0 || refuse(c, "operand of none");
    case 'k': return check_constant(c, index, constant_kind(c));
    case 'm': return check_constant(c, index, 'I');
    case 'z': return check_constant(c, index, 'F');
    case 'i': return check_input(c, index);
    case 'j': return index == c->input_a || refuse(c, "codes of another column");
    case 'n': return check_text_node(c, index);
    case 'l': return check_list(c, index);
    case 'y': return index < c->ir->n_annivs || refuse(c, "anniversary number");
    case 'f': return check_follow(c, index);
    case 'g': return check_agg(c, index);
    case 'p': return check_part(c, index);
    case 'q': return check_pop(c, index);
    case 'r': return check_role(c, index);
    case 'x': return check_slot(c, index);
    case 'o': return check_out(c, index);
    default: return check_source(c, letter, index, false);
    }
}

static bool check_insn(struct check *c, const struct wf_insn *insn)
{
    if (insn->op >= WF_OP_COUNT_)
        return refuse(c, "operation");
    const char *letters = wf_op_table[insn->op].operands;
    c->insn = insn;
    c->kind_v = c->kind_w = 0;
    c->input_a = WF_NONE;
    if (insn->op == WF_OP_DOUBTED && !is_event(c))
        return refuse(c, "doubt in a member block");
    if (letters[1] == '-' ? insn->a != 0 : !check_source(c, letters[1], insn->a, true))
        return refuse(c, "operand of none");
    if (letters[2] == '-' ? insn->b != 0 : !check_source(c, letters[2], insn->b, false))
        return refuse(c, "operand of none");
    if (letters[0] == 'V' && !c->kind_v)
        c->kind_v = result_kind(c);
    return check_index(c, letters[3], insn->c) && check_index(c, letters[4], insn->d) &&
           write_result(c, letters[0]);
}

/* ---- the frame: blocks, outputs, constants ---- */

static bool check_blocks(struct check *c)
{
    const struct wf_program *p = c->p;
    uint32_t next = 0;
    for (c->b = 0; c->b < p->n_blocks; c->b++) {
        const struct wf_block *block = &p->blocks[c->b];
        if (block->first != next || block->count > p->n_insns - next)
            return refuse(c, "block bounds");
        if (block->stage >= p->n_stages || block->stage < c->stage)
            return refuse(c, "block stage");
        if (block->domain == WF_DOM_RUN ||
            (block->domain >= WF_DOM_EVENT &&
             (uint32_t)(block->domain - WF_DOM_EVENT) >= c->ir->n_views))
            return refuse(c, "block domain");
        c->stage = block->stage;
        c->domain = block->domain;
        for (uint32_t i = 0; i < block->count; i++)
            if (!check_insn(c, &p->insns[next + i]))
                return false;
        next += block->count;
    }
    return next == p->n_insns || refuse(c, "instructions outside blocks");
}

static bool check_outs(struct check *c)
{
    const struct wf_program *p = c->p;
    for (uint32_t i = 0; i < p->n_outs; i++) {
        const struct wf_output *out = &p->outs[i], *before = out - 1;
        if (out->node >= c->ir->n_nodes)
            return refuse(c, "output node");
        if (c->ir->nodes[out->node].type != WF_T_BOOL && out->domain != WF_DOM_MEMBER)
            return refuse(c, "output node");
        uint16_t domain = c->ir->nodes[out->node].domain;
        if (domain != WF_DOM_RUN && out->domain != domain)
            return refuse(c, "output domain");
        if (out->stage + 1u != p->n_stages)
            return refuse(c, "output stage");
        if (i && (before->node > out->node ||
                  (before->node == out->node && before->domain >= out->domain)))
            return refuse(c, "order of outputs");
    }
    return true;
}

static bool is_asked(const struct check *c, uint32_t node, uint16_t asker)
{
    uint16_t domain = c->ir->nodes[node].domain;
    return wf_program_output_in(c->p, node, domain == WF_DOM_RUN ? asker : domain) != WF_NONE;
}

static bool side_asked(const struct check *c, const struct wf_ir_side *side)
{
    return side->filter == WF_NONE ||
           is_asked(c, side->filter, (uint16_t)(WF_DOM_EVENT + side->view));
}

/* The records that the engine reads must find their outputs. */
static bool check_asked(struct check *c)
{
    const struct wf_ir *ir = c->ir;
    bool ok = true;
    for (uint32_t i = 0; i < ir->n_segments; i++)
        ok = ok && is_asked(c, ir->segments[i].cond, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_classes; i++)
        ok = ok && is_asked(c, ir->classes[i].match, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_watches; i++)
        ok = ok && is_asked(c, ir->watches[i].cond, WF_DOM_MEMBER);
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        bool event = t->moment == WF_MOMENT_EVENT;
        uint16_t asker = event ? (uint16_t)(WF_DOM_EVENT + t->view) : WF_DOM_MEMBER;
        const uint32_t nodes[] = {t->due_le_now, t->due_ge_floor, t->guard,
                                  event ? t->filter : WF_NONE};
        for (unsigned k = 0; k < 4; k++)
            ok = ok && (nodes[k] == WF_NONE || is_asked(c, nodes[k], asker));
    }
    for (uint32_t i = 0; i < ir->n_breakers; i++)
        ok = ok && side_asked(c, &ir->breakers[i].left) && side_asked(c, &ir->breakers[i].right);
    return ok || refuse(c, "condition without an output");
}

static bool is_asked_of_members(const struct check *c, uint32_t node)
{
    return node == WF_NONE || is_asked(c, node, WF_DOM_MEMBER);
}

static bool check_metrics_asked(struct check *c)
{
    const struct wf_ir *ir = c->ir;
    bool ok = true;
    for (uint32_t i = 0; i < ir->n_overs; i++)
        ok = ok && is_asked_of_members(c, ir->overs[i].of) &&
             is_asked_of_members(c, ir->overs[i].where);
    for (uint32_t i = 0; i < ir->n_metrics; i++)
        ok = ok && is_asked_of_members(c, ir->metrics[i].among) &&
             is_asked_of_members(c, ir->metrics[i].by);
    return ok || refuse(c, "figure without an output");
}

static bool check_run_nodes(struct check *c)
{
    for (uint32_t i = 0; i < c->p->n_run_nodes; i++) {
        uint32_t node = c->p->run_nodes[i];
        if (node >= c->ir->n_nodes || c->ir->nodes[node].domain != WF_DOM_RUN)
            return refuse(c, "constant node");
    }
    return true;
}

static bool check_all_done(struct check *c)
{
    for (uint32_t i = 0; i < c->p->n_outs; i++)
        if (!c->out_done[i])
            return refuse(c, "output that is never written");
    for (uint32_t i = 0; i < c->ir->n_pops; i++) {
        const struct wf_ir_pop *pop = &c->ir->pops[i];
        unsigned roles = 1u | (pop->among != WF_NONE ? 2u : 0) | (pop->per != WF_NONE ? 4u : 0);
        if (c->pop_roles[i] != roles)
            return refuse(c, "population figure that is not fed");
    }
    return true;
}

static void *array(struct check *c, size_t n, size_t size, bool *ok)
{
    void *rows = wf_arena_array(&c->tmp, n + 1, size);
    *ok = *ok && rows;
    return rows;
}

static enum wf_status prepare(struct check *c)
{
    const struct wf_program *p = c->p;
    const struct wf_ir *ir = c->ir;
    const uint32_t regs[] = {p->n_b, p->n_v, p->n_w};
    const uint32_t slots[] = {p->slots_b, p->slots_v, p->slots_w};
    bool ok = true;
    for (unsigned k = 0; k < CLASSES; k++) {
        c->n_regs[k] = regs[k];
        c->n_slots[k] = slots[k];
        c->regs[k] = array(c, regs[k], sizeof **c->regs, &ok);
        c->slots[k] = array(c, slots[k], sizeof **c->slots, &ok);
    }
    c->agg_stage = array(c, ir->n_aggs, sizeof *c->agg_stage, &ok);
    c->agg_block = array(c, ir->n_aggs, sizeof *c->agg_block, &ok);
    c->follow_stage = array(c, ir->n_follows, sizeof *c->follow_stage, &ok);
    c->follow_block = array(c, ir->n_follows, sizeof *c->follow_block, &ok);
    c->pop_stage = array(c, ir->n_pops, sizeof *c->pop_stage, &ok);
    c->pop_roles = array(c, ir->n_pops, sizeof *c->pop_roles, &ok);
    c->out_block = array(c, (size_t)ir->n_views + WF_DOM_EVENT, sizeof *c->out_block, &ok);
    c->out_done = array(c, p->n_outs, sizeof *c->out_done, &ok);
    return ok ? WF_OK : WF_ERR_NOMEM;
}

/* Every register and slot has a writer, so their numbers cannot exceed the code's. */
static bool check_counts(struct check *c)
{
    const struct wf_program *p = c->p;
    uint64_t cells = (uint64_t)p->n_b + p->n_v + p->n_w + p->slots_b + p->slots_v + p->slots_w;
    if (cells > p->n_insns)
        return refuse(c, "more registers than instructions");
    if (p->n_stages == 0 || p->n_stages - 1u > c->ir->n_pops)
        return refuse(c, "number of stages");
    unsigned char hash[sizeof p->hash];
    wf_program_hash(p, hash);
    return memcmp(hash, p->hash, sizeof hash) == 0 || refuse(c, "hash of the rules");
}

enum wf_status wf_verify(struct wf_program *program, const char **why_out)
{
    struct check c = {.p = program, .ir = &program->ir};
    struct wf_ir_fault fault = {0};
    program->verified = false;
    enum wf_status status = wf_ir_verify(&program->ir, &fault);
    if (status) {
        c.why = fault.rule;
        goto done;
    }
    wf_arena_init(&c.tmp, program->arena.alloc);
    if (check_counts(&c)) {
        status = prepare(&c);
        if (!status)
            program->verified = check_run_nodes(&c) && check_outs(&c) && check_asked(&c) &&
                                check_metrics_asked(&c) && check_blocks(&c) && check_all_done(&c);
    }
    wf_arena_release(&c.tmp);
    if (!status && !program->verified)
        status = WF_ERR_FORMAT;
done:
    if (why_out)
        *why_out = status == WF_ERR_FORMAT ? c.why : NULL;
    return status;
}
