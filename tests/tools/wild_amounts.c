/*
 * wild_amounts.c - comparisons of amounts in proportion, which chance alone seldom makes: columns
 * after arithmetic with constants, compared with one another and with constants.
 */
#include "tests/tools/wild.h"

/* WF_NONE: there is none. */
static uint32_t any_column(struct wild *wild, uint16_t domain, enum wf_type type)
{
    const struct wf_ir *ir = &wild->program->ir;
    uint32_t found = WF_NONE, n = 0;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        const struct wf_ir_node *node = &ir->nodes[i];
        if (node->op == WF_IR_COL && node->domain == domain && node->type == type &&
            wild_below(&wild->random, ++n) == 0)
            found = i;
    }
    return found;
}

/* A column of amounts after some arithmetic with constants, small ones mostly. */
static uint32_t bent(struct wild *wild, uint16_t domain, enum wf_type type)
{
    static const enum wf_ir_op ops[] = {WF_IR_OR_ELSE, WF_IR_ADD, WF_IR_SUB, WF_IR_MUL};
    struct wf_irb *b = &wild->b;
    uint32_t node = any_column(wild, domain, type);
    for (int turns = (int)wild_below(&wild->random, 4); node != WF_NONE && turns > 0; turns--) {
        enum wf_ir_op op = ops[wild_below(&wild->random, 4)];
        int64_t by = (int64_t)wild_below(&wild->random, 300) - (op == WF_IR_MUL ? 20 : 150);
        if (wild_chance(&wild->random, 5))
            by = (int64_t)wild_next(&wild->random);
        node = wf_irb_2(b, op, node, wf_irb_int(b, op == WF_IR_MUL ? WF_T_INT : type, by));
    }
    return node;
}

void wild_amounts(struct wild *wild, uint16_t domain)
{
    enum wf_type type = wild_chance(&wild->random, 50) ? WF_T_INT : WF_T_MONEY;
    enum wf_ir_op cmp = (enum wf_ir_op)(WF_IR_EQ + wild_below(&wild->random, 6));
    uint32_t a = bent(wild, domain, type), b = bent(wild, domain, type);
    if (wild_chance(&wild->random, 60))
        b = wf_irb_value(&wild->b, wild_value(&wild->random, type, wild->now));
    if (a != WF_NONE && b != WF_NONE)
        wf_irb_2(&wild->b, cmp, a, b);
}
