#include "lang/ir/rule.h"

static const struct {
    const char *name, *args;
} ops[WF_IR_COUNT_] = {
#define IR(name, text, args) [WF_IR_##name] = {text, args},
#include "lang/ir/ir_op.def"
#undef IR
};

const char *wf_ir_op_args(uint8_t op)
{
    return op < WF_IR_COUNT_ ? ops[op].args : "---";
}

const char *wf_ir_op_name(uint8_t op)
{
    return op < WF_IR_COUNT_ ? ops[op].name : "?";
}

/* A node under judgement with its operands (NULL where the operation has none). */
struct judged {
    const struct wf_ir *ir;
    struct wf_ir_node *node;
    const struct wf_ir_node *x, *y, *z;
    uint32_t at;
};

static const char *gives(struct judged *j, enum wf_type type)
{
    j->node->type = (uint8_t)type;
    return NULL;
}

static const char *takes_gives(struct judged *j, enum wf_type takes, enum wf_type result)
{
    return j->x->type == takes ? gives(j, result) : "operand type";
}

static bool is_duration(uint8_t type)
{
    return type == WF_T_DAYS || type == WF_T_MONTHS || type == WF_T_SECONDS;
}

static bool is_arithmetic(uint8_t type)
{
    return type == WF_T_INT || type == WF_T_NUMBER || type == WF_T_MONEY || is_duration(type);
}

static const char *judge_compare(struct judged *j, bool ordered)
{
    uint8_t type = j->x->type;
    if (type != j->y->type)
        return "comparison of two types";
    if (type == WF_T_NONE || type == WF_T_BOOL || type == WF_T_SET)
        return "comparison of a type that has none";
    if (ordered && (type == WF_T_TEXT || type == WF_T_REF))
        return "order of a type that has none";
    return gives(j, WF_T_BOOL);
}

static const char *judge_in(struct judged *j)
{
    const struct wf_ir *ir = j->ir;
    if (j->node->b >= ir->n_lists)
        return "list index";
    const struct wf_ir_list *list = &ir->lists[j->node->b];
    if (list->first > ir->n_list_items || list->count > ir->n_list_items - list->first)
        return "list range";
    /* The builder and the verifier see to it that a list is of one type: the first tells. */
    uint32_t item = list->count ? ir->list_items[list->first] : 0;
    if (list->count && (item >= ir->n_consts || ir->consts[item].type != j->x->type))
        return "list item type";
    if (j->x->type == WF_T_BOOL || j->x->type == WF_T_SET || j->x->type == WF_T_REF)
        return "list of a type that has none";
    return gives(j, WF_T_BOOL);
}

static const char *judge_mul(struct judged *j)
{
    uint8_t x = j->x->type, y = j->y->type;
    if ((x == WF_T_INT || x == WF_T_NUMBER) && x == y)
        return gives(j, (enum wf_type)x);
    if (x == WF_T_MONEY && (y == WF_T_INT || y == WF_T_NUMBER))
        return gives(j, WF_T_MONEY);
    if (is_duration(x) && y == WF_T_INT)
        return gives(j, (enum wf_type)x);
    return "operand types of mul";
}

static const char *judge_div(struct judged *j)
{
    uint8_t x = j->x->type, y = j->y->type;
    if (x == WF_T_NUMBER && y == WF_T_NUMBER)
        return gives(j, WF_T_NUMBER);
    if (x == WF_T_MONEY && y == WF_T_NUMBER)
        return gives(j, WF_T_MONEY);
    if (x == WF_T_MONEY && y == WF_T_MONEY)
        return gives(j, WF_T_NUMBER);
    return "operand types of div";
}

static const char *judge_shift(struct judged *j, enum wf_type type, bool seconds)
{
    uint8_t by = j->y->type;
    if (j->x->type != type || !is_duration(by) || (by == WF_T_SECONDS && !seconds))
        return "operand types of a shift in time";
    return gives(j, type);
}

static const char *judge_same(struct judged *j, const struct wf_ir_node *x,
                              const struct wf_ir_node *y)
{
    return x->type == y->type ? gives(j, (enum wf_type)x->type) : "choice between two types";
}

static const char *judge_text(struct judged *j, enum wf_type takes)
{
    if (j->x->type != takes || j->ir->consts[j->node->b].type != WF_T_TEXT)
        return "operand types of a text test";
    return gives(j, WF_T_BOOL);
}

static const char *judge_const(struct judged *j)
{
    j->node->domain = WF_DOM_RUN;
    return gives(j, (enum wf_type)j->ir->consts[j->node->a].type);
}

static const char *judge_param(struct judged *j)
{
    uint32_t b = j->node->b;
    j->node->domain = WF_DOM_RUN;
    switch (j->node->a) {
    case WF_PARAM_NOW: return b ? "param index" : gives(j, WF_T_TIME);
    case WF_PARAM_TODAY: return b ? "param index" : gives(j, WF_T_DATE);
    case WF_PARAM_SINCE: return b < j->ir->n_views ? gives(j, WF_T_TIME) : "param index";
    case WF_PARAM_FLOOR: return b < WF_NONE ? gives(j, WF_T_TIME) : "param index";
    default: return "param kind";
    }
}

static const char *judge_col(struct judged *j)
{
    if (j->node->a >= j->ir->n_inputs)
        return "input index";
    j->node->domain = j->ir->inputs[j->node->a].domain;
    return gives(j, (enum wf_type)j->ir->inputs[j->node->a].type);
}

static const char *judge_lift(struct judged *j)
{
    if (j->node->b >= j->ir->n_views || j->node->b > UINT16_MAX - WF_DOM_EVENT)
        return "view index";
    if (j->x->domain != WF_DOM_MEMBER)
        return "lift of what is not a member's";
    j->node->domain = (uint16_t)(WF_DOM_EVENT + j->node->b);
    return gives(j, (enum wf_type)j->x->type);
}

static const char *judge_entered(struct judged *j)
{
    if (j->node->a >= j->ir->n_views || j->node->a > UINT16_MAX - WF_DOM_EVENT)
        return "view index";
    j->node->domain = (uint16_t)(WF_DOM_EVENT + j->node->a);
    return gives(j, WF_T_BOOL);
}

static const char *judge_agg(struct judged *j)
{
    if (j->node->a >= j->ir->n_aggs)
        return "aggregate index";
    const struct wf_ir_agg *agg = &j->ir->aggs[j->node->a];
    if (agg->filter >= j->at || (agg->value != WF_NONE && agg->value >= j->at))
        return "aggregate of later nodes";
    j->node->domain = WF_DOM_MEMBER;
    switch (j->node->b) {
    case WF_PART_VALUE: return gives(j, (enum wf_type)agg->type);
    case WF_PART_LO:
    case WF_PART_HI:
        if (agg->kind != WF_AGG_COUNT && agg->kind != WF_AGG_SUM && agg->kind != WF_AGG_DISTINCT)
            return "bound of an aggregate that has none";
        return gives(j, (enum wf_type)agg->type);
    case WF_PART_SURE: return gives(j, WF_T_BOOL);
    default: return "aggregate part";
    }
}

static const char *judge_pop(struct judged *j)
{
    if (j->node->a >= j->ir->n_pops)
        return "population index";
    const struct wf_ir_pop *pop = &j->ir->pops[j->node->a];
    if (pop->x >= j->at || (pop->among != WF_NONE && pop->among >= j->at) ||
        (pop->per != WF_NONE && pop->per >= j->at))
        return "population figure of later nodes";
    j->node->domain = WF_DOM_MEMBER;
    return gives(j, (enum wf_type)pop->type);
}

static const char *judge_anniv(struct judged *j, enum wf_type type)
{
    if (j->node->b >= j->ir->n_annivs)
        return "anniversary index";
    return takes_gives(j, WF_T_DATE, type);
}

static const char *judge_followed(struct judged *j)
{
    if (j->node->b >= j->ir->n_follows)
        return "follow index";
    if (j->ir->follows[j->node->b].filter >= j->at)
        return "follow of later nodes";
    if (j->node->domain < WF_DOM_EVENT)
        return "follow of what is no event";
    return takes_gives(j, WF_T_BOOL, WF_T_BOOL);
}

static const char *judge_logic(struct judged *j)
{
    if (j->x->type != WF_T_BOOL || (j->y && j->y->type != WF_T_BOOL))
        return "logic over what is no bool";
    return gives(j, WF_T_BOOL);
}

static const char *judge_pair(struct judged *j, enum wf_type takes, enum wf_type result)
{
    return j->y->type == takes ? takes_gives(j, takes, result) : "operand type";
}

static const char *judge_arith(struct judged *j, bool two)
{
    if (!is_arithmetic(j->x->type) || (two && j->x->type != j->y->type))
        return "operand types of arithmetic";
    return gives(j, (enum wf_type)j->x->type);
}

/* The operation's own rule; the domain is already the join of the operands'. */
static const char *judge(struct judged *j)
{
    switch ((enum wf_ir_op)j->node->op) {
    case WF_IR_CONST: return judge_const(j);
    case WF_IR_PARAM: return judge_param(j);
    case WF_IR_COL: return judge_col(j);
    case WF_IR_LIFT: return judge_lift(j);
    case WF_IR_AGG: return judge_agg(j);
    case WF_IR_POP: return judge_pop(j);
    case WF_IR_ENTRY: j->node->domain = WF_DOM_MEMBER; return gives(j, WF_T_TIME);
    case WF_IR_ENTERED: return judge_entered(j);
    case WF_IR_NOT:
    case WF_IR_AND:
    case WF_IR_OR:
    case WF_IR_KNOWN_IF:
    case WF_IR_WITHIN: return judge_logic(j);
    case WF_IR_DOUBTED:
        return j->node->domain < WF_DOM_EVENT ? "doubt of no event" : judge_logic(j);
    case WF_IR_PRESENT:
    case WF_IR_MISSING: return gives(j, WF_T_BOOL);
    case WF_IR_EQ:
    case WF_IR_NE: return judge_compare(j, false);
    case WF_IR_LT:
    case WF_IR_LE:
    case WF_IR_GT:
    case WF_IR_GE: return judge_compare(j, true);
    case WF_IR_IN: return judge_in(j);
    case WF_IR_OR_ELSE:
    case WF_IR_EXACT: return judge_same(j, j->x, j->y);
    case WF_IR_SELECT:
        return j->x->type == WF_T_BOOL ? judge_same(j, j->y, j->z) : "select by what is no bool";
    case WF_IR_ADD:
    case WF_IR_SUB: return judge_arith(j, true);
    case WF_IR_NEG: return judge_arith(j, false);
    case WF_IR_MUL: return judge_mul(j);
    case WF_IR_DIV: return judge_div(j);
    case WF_IR_TO_NUMBER:
        return j->x->type == WF_T_MONEY ? gives(j, WF_T_NUMBER)
                                        : takes_gives(j, WF_T_INT, WF_T_NUMBER);
    case WF_IR_TO_MONEY: return takes_gives(j, WF_T_INT, WF_T_MONEY);
    case WF_IR_DATE_ADD: return judge_shift(j, WF_T_DATE, false);
    case WF_IR_TIME_ADD: return judge_shift(j, WF_T_TIME, true);
    case WF_IR_DATE_DIFF: return judge_pair(j, WF_T_DATE, WF_T_DAYS);
    case WF_IR_TIME_DIFF: return judge_pair(j, WF_T_TIME, WF_T_SECONDS);
    case WF_IR_DAYS_BETWEEN: return judge_pair(j, WF_T_DATE, WF_T_INT);
    case WF_IR_DAYS_INT: return takes_gives(j, WF_T_DAYS, WF_T_INT);
    case WF_IR_MIDNIGHT: return takes_gives(j, WF_T_DATE, WF_T_TIME);
    case WF_IR_LOCAL_TIME:
        if (j->node->domain != WF_DOM_RUN || j->y->type != WF_T_CLOCK)
            return "local time of what is no constant";
        return takes_gives(j, WF_T_DATE, WF_T_TIME);
    case WF_IR_DATE_OF: return takes_gives(j, WF_T_TIME, WF_T_DATE);
    case WF_IR_CLOCK_OF: return takes_gives(j, WF_T_TIME, WF_T_CLOCK);
    case WF_IR_ANNIVERSARY: return judge_anniv(j, WF_T_TIME);
    case WF_IR_ANNIV_YEAR: return judge_anniv(j, WF_T_INT);
    case WF_IR_CONTAINS:
    case WF_IR_STARTS:
    case WF_IR_ENDS:
    case WF_IR_MATCHES: return judge_text(j, WF_T_TEXT);
    case WF_IR_TAGGED: return judge_text(j, WF_T_SET);
    case WF_IR_FOLLOWED: return judge_followed(j);
    case WF_IR_COUNT_: break;
    }
    return "operation";
}

static const char *widen_domain(uint16_t *domain, uint16_t other)
{
    if (other == WF_DOM_RUN || other == *domain)
        return NULL;
    if (*domain != WF_DOM_RUN)
        return "domains mixed";
    *domain = other;
    return NULL;
}

const char *wf_ir_rule(const struct wf_ir *ir, uint32_t at, struct wf_ir_node *node)
{
    if (node->op >= WF_IR_COUNT_)
        return "operation";
    struct judged j = {.ir = ir, .node = node, .at = at};
    const char *args = ops[node->op].args;
    const uint32_t index[3] = {node->a, node->b, node->c};
    const struct wf_ir_node **operand[3] = {&j.x, &j.y, &j.z};
    uint16_t domain = WF_DOM_RUN;
    for (int i = 0; i < 3; i++) {
        if (args[i] == 'n') {
            if (index[i] >= at)
                return "operand is no earlier node";
            *operand[i] = &ir->nodes[index[i]];
            if (widen_domain(&domain, ir->nodes[index[i]].domain))
                return "domains mixed";
        } else if (args[i] == 'k' && index[i] >= ir->n_consts) {
            return "constant index";
        } else if (args[i] == '-' && index[i] != 0) {
            return "argument of none";
        }
    }
    node->domain = domain;
    return judge(&j);
}
