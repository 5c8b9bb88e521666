#include "lang/code/block.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/code/opcode.h"
#include "lang/code/select.h"

unsigned wf_class_of_type(unsigned type)
{
    char kind = wf_kind_of_type(type);
    return kind == 'B' ? 0 : kind == 'D' ? 2 : 1;
}

enum wf_status wf_block_root(struct wf_emitter *e, uint16_t op, uint32_t a, uint32_t b, uint32_t c,
                             uint32_t d)
{
    if (wf_grow(e->alloc, &e->roots, &e->room_roots, e->n_roots + 1, sizeof *e->roots))
        return WF_ERR_NOMEM;
    e->roots[e->n_roots] = (struct wf_root){.when = b != WF_NONE && b > a ? b : a,
                                            .order = (uint32_t)e->n_roots,
                                            .a = a,
                                            .b = b,
                                            .op = op,
                                            .c = c,
                                            .d = d};
    e->n_roots++;
    return WF_OK;
}

static int compare_roots(const void *left, const void *right)
{
    const struct wf_root *a = left, *b = right;
    if (a->when != b->when)
        return a->when < b->when ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* The choice for a node in this block: a value kept by an earlier block is taken from its slot. */
static struct wf_choice choose(const struct wf_emitter *e, uint16_t domain, uint32_t i)
{
    struct wf_choice ch = wf_select(e->ir, i);
    if (domain == WF_DOM_MEMBER && e->slot[i] && e->kept_at[i] < e->level) {
        ch = (struct wf_choice){.src = {WF_NONE, WF_NONE, WF_NONE}, .fill = WF_FILL_SLOT, .c = i};
        ch.op = (uint16_t)(WF_OP_KEPT_B + wf_class_of_type(e->ir->nodes[i].type));
    }
    return ch;
}

static void count_sources(struct wf_emitter *e, const struct wf_choice *ch)
{
    for (int k = 0; k < 3; k++) {
        if (ch->src[k] == WF_NONE)
            continue;
        if (k == 0 && ch->code)
            e->reach[ch->src[k]].code_readers++;
        else
            e->reach[ch->src[k]].readers++;
    }
}

/* Counts the readers of all that the roots need. Answers the greatest node + 1. */
static uint32_t count_readers(struct wf_emitter *e, uint16_t domain)
{
    uint32_t end = 0;
    for (size_t r = 0; r < e->n_roots; r++) {
        e->reach[e->roots[r].a].readers++;
        if (e->roots[r].b != WF_NONE)
            e->reach[e->roots[r].b].readers++;
        if (e->roots[r].when >= end)
            end = e->roots[r].when + 1;
    }
    for (uint32_t i = end; i-- > 0;) {
        if (!e->reach[i].readers)
            continue;
        struct wf_choice ch = choose(e, domain, i);
        count_sources(e, &ch);
    }
    return end;
}

static enum wf_status add_insn(struct wf_emitter *e, struct wf_insn insn)
{
    if (wf_grow(e->alloc, &e->insns, &e->room_insns, e->n_insns + 1, sizeof *e->insns))
        return WF_ERR_NOMEM;
    e->insns[e->n_insns++] = insn;
    return WF_OK;
}

/* ---- registers ---- */

static enum wf_status take_register(struct wf_emitter *e, unsigned class_, uint32_t readers,
                                    uint16_t *out)
{
    struct wf_pool *pool = &e->pools[class_];
    if (pool->n_free) {
        *out = pool->free[--pool->n_free];
        pool->readers[*out] = readers;
        return WF_OK;
    }
    if (pool->n >= WF_MAX_REGS)
        return WF_ERR_LIMIT;
    size_t need = (size_t)pool->n + 1; /* the stack may have to hold them all */
    if (wf_grow(e->alloc, &pool->readers, &pool->room_readers, need, sizeof *pool->readers) ||
        wf_grow(e->alloc, &pool->free, &pool->room_free, need, sizeof *pool->free))
        return WF_ERR_NOMEM;
    *out = (uint16_t)pool->n++;
    pool->readers[*out] = readers;
    if (e->max_regs[class_] < pool->n)
        e->max_regs[class_] = pool->n;
    return WF_OK;
}

static void read_register(struct wf_emitter *e, unsigned class_, uint16_t reg)
{
    struct wf_pool *pool = &e->pools[class_];
    if (--pool->readers[reg] == 0)
        pool->free[pool->n_free++] = reg;
}

/* The register of an operand, read once; 0 where there is none. */
static uint16_t read_node(struct wf_emitter *e, uint32_t node, bool code)
{
    if (node == WF_NONE)
        return 0;
    const struct wf_reach *reach = &e->reach[node];
    uint16_t reg = code ? reach->code_reg : reach->reg;
    read_register(e, code ? 2 : wf_class_of_type(e->ir->nodes[node].type), reg);
    return reg;
}

/* ---- instructions ---- */

static enum wf_status run_constant(struct wf_emitter *e, uint32_t node, uint32_t *out)
{
    if (!e->run_index[node]) {
        if (wf_grow(e->alloc, &e->run_nodes, &e->room_run, e->n_run + 1, sizeof *e->run_nodes))
            return WF_ERR_NOMEM;
        e->run_nodes[e->n_run++] = node;
        e->run_index[node] = (uint32_t)e->n_run;
    }
    *out = e->run_index[node] - 1;
    return WF_OK;
}

static enum wf_status compute(struct wf_emitter *e, uint16_t domain, uint32_t i)
{
    struct wf_choice ch = choose(e, domain, i);
    struct wf_reach *reach = &e->reach[i];
    unsigned class_ = wf_class_of_type(e->ir->nodes[i].type);
    if (ch.op == WF_OP_SAME) { /* its readers read the operand's register */
        reach->reg = e->reach[ch.src[0]].reg;
        e->pools[class_].readers[reach->reg] += reach->readers - 1;
        return WF_OK;
    }
    struct wf_insn insn = {.op = ch.op, .c = ch.c, .d = ch.d};
    enum wf_status status = WF_OK;
    if (ch.fill == WF_FILL_CONST)
        status = run_constant(e, ch.c, &insn.c);
    else if (ch.fill == WF_FILL_SLOT)
        insn.c = e->slot[ch.c] - 1;
    insn.a = read_node(e, ch.src[0], ch.code);
    insn.b = read_node(e, ch.src[1], false);
    if (ch.src[2] != WF_NONE)
        insn.c = read_node(e, ch.src[2], false);
    if (!status)
        status = take_register(e, class_, reach->readers, &reach->reg);
    insn.dst = reach->reg;
    return status ? status : add_insn(e, insn);
}

static enum wf_status compute_code(struct wf_emitter *e, uint32_t i)
{
    struct wf_reach *reach = &e->reach[i];
    enum wf_status status = take_register(e, 2, reach->code_readers, &reach->code_reg);
    struct wf_insn insn = {.op = WF_OP_LOAD_CODE, .dst = reach->code_reg, .c = e->ir->nodes[i].a};
    return status ? status : add_insn(e, insn);
}

static enum wf_status do_root(struct wf_emitter *e, const struct wf_root *root)
{
    struct wf_insn insn = {.op = root->op, .c = root->c, .d = root->d};
    insn.a = read_node(e, root->a, false);
    insn.b = read_node(e, root->b, false);
    return add_insn(e, insn);
}

static enum wf_status emit_nodes(struct wf_emitter *e, uint16_t domain, uint32_t end)
{
    enum wf_status status = WF_OK;
    size_t next = 0;
    for (uint32_t i = 0; i < end && !status; i++) {
        if (e->reach[i].code_readers)
            status = compute_code(e, i);
        if (!status && e->reach[i].readers)
            status = compute(e, domain, i);
        while (!status && next < e->n_roots && e->roots[next].when == i)
            status = do_root(e, &e->roots[next++]);
    }
    return status;
}

enum wf_status wf_block_close(struct wf_emitter *e, uint16_t domain, uint16_t stage)
{
    if (!e->n_roots)
        return WF_OK;
    size_t first = e->n_insns;
    qsort(e->roots, e->n_roots, sizeof *e->roots, compare_roots);
    uint32_t end = count_readers(e, domain);
    for (unsigned k = 0; k < 3; k++)
        e->pools[k].n = e->pools[k].n_free = 0;
    enum wf_status status = emit_nodes(e, domain, end);
    if (!status &&
        wf_grow(e->alloc, &e->blocks, &e->room_blocks, e->n_blocks + 1, sizeof *e->blocks))
        status = WF_ERR_NOMEM;
    if (status)
        return status;
    if (e->n_insns > UINT32_MAX)
        return WF_ERR_LIMIT;
    e->blocks[e->n_blocks++] = (struct wf_block){.domain = domain,
                                                 .stage = stage,
                                                 .first = (uint32_t)first,
                                                 .count = (uint32_t)(e->n_insns - first)};
    memset(e->reach, 0, end * sizeof *e->reach);
    e->n_roots = 0;
    return WF_OK;
}
