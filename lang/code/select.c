#include "lang/code/select.h"

#include "lang/code/opcode.h"

struct at {
    const struct wf_ir *ir;
    const struct wf_ir_node *node;
    uint32_t i;
};

static bool is_run(const struct wf_ir *ir, uint32_t node)
{
    return ir->nodes[node].domain == WF_DOM_RUN;
}

static char kind_of(const struct wf_ir *ir, uint32_t node)
{
    return wf_kind_of_type(ir->nodes[node].type);
}

static struct wf_choice plain(enum wf_opcode op, uint32_t a, uint32_t b, uint32_t c)
{
    return (struct wf_choice){.op = (uint16_t)op, .src = {a, b, c}};
}

/* `op` for class B; the table has its V and W forms behind it. */
static enum wf_opcode by_class(enum wf_opcode op, char kind)
{
    unsigned step = kind == 'B' ? 0 : kind == 'D' ? 2 : 1;
    return (enum wf_opcode)((unsigned)op + step);
}

static struct wf_choice indexed(enum wf_opcode op, uint32_t c, uint32_t d)
{
    struct wf_choice ch = plain(op, WF_NONE, WF_NONE, WF_NONE);
    ch.c = c;
    ch.d = d;
    return ch;
}

static struct wf_choice with_const(enum wf_opcode op, uint32_t a, uint32_t constant)
{
    struct wf_choice ch = plain(op, a, WF_NONE, WF_NONE);
    ch.fill = WF_FILL_CONST;
    ch.c = constant;
    return ch;
}

static struct wf_choice select_splat(struct at at)
{
    char kind = wf_kind_of_type(at.node->type);
    return with_const(by_class(WF_OP_SPLAT_B, kind), WF_NONE, at.i);
}

static struct wf_choice select_col(struct at at)
{
    char kind = wf_kind_of_type(at.node->type);
    if (kind == 'T')
        return indexed(WF_OP_LOAD_TEXT, at.node->a, 0);
    return indexed(by_class(WF_OP_LOAD_B, kind), at.node->a, 0);
}

static struct wf_choice select_lift(struct at at)
{
    struct wf_choice ch =
        indexed(by_class(WF_OP_KEPT_B, wf_kind_of_type(at.node->type)), at.node->a, 0);
    ch.fill = WF_FILL_SLOT;
    return ch;
}

static struct wf_choice select_presence(struct at at, enum wf_opcode op)
{
    char kind = kind_of(at.ir, at.node->a);
    struct wf_choice ch = plain(by_class(op, kind), at.node->a, WF_NONE, WF_NONE);
    if (kind == 'T' && at.ir->nodes[at.node->a].op == WF_IR_COL) {
        ch.op = (uint16_t)((unsigned)op + 2); /* the W form: codes need no translation */
        ch.code = true;
    }
    return ch;
}

/* A text test against something constant: over codes where the text is a column. */
static struct wf_choice select_text(struct at at)
{
    const struct wf_ir_node *a = &at.ir->nodes[at.node->a];
    struct wf_choice ch = plain(WF_OP_TEXT_TEST, at.node->a, WF_NONE, WF_NONE);
    ch.c = at.i;
    if (a->op == WF_IR_COL) {
        ch.op = WF_OP_TEXT_LUT;
        ch.code = true;
        ch.d = a->a;
    }
    return ch;
}

static struct wf_choice select_text_compare(struct at at)
{
    if (at.ir->nodes[at.node->a].op == WF_IR_COL && is_run(at.ir, at.node->b))
        return select_text(at);
    return plain(at.node->op == WF_IR_EQ ? WF_OP_EQ_T : WF_OP_NE_T, at.node->a, at.node->b,
                 WF_NONE);
}

/* The comparison seen from the other side, as an offset from EQ. */
static unsigned turned(unsigned cmp)
{
    static const uint8_t other[] = {0, 1, 4, 5, 2, 3}; /* EQ NE GT GE LT LE */
    return other[cmp];
}

static struct wf_choice select_compare(struct at at)
{
    unsigned cmp = (unsigned)at.node->op - WF_IR_EQ;
    uint32_t a = at.node->a, b = at.node->b;
    char kind = kind_of(at.ir, a);
    if (kind == 'T')
        return select_text_compare(at);
    enum wf_opcode of_k = kind == 'I' ? WF_OP_EQ_IK : kind == 'F' ? WF_OP_EQ_FK : WF_OP_EQ_WK;
    enum wf_opcode of_r = kind == 'I' ? WF_OP_EQ_I : kind == 'F' ? WF_OP_EQ_F : WF_OP_EQ_W;
    if (is_run(at.ir, a)) {
        uint32_t left = a;
        a = b;
        b = left;
        cmp = turned(cmp);
    }
    if (!is_run(at.ir, b))
        return plain((enum wf_opcode)((unsigned)of_r + cmp), a, b, WF_NONE);
    if (at.ir->nodes[a].op == WF_IR_MIDNIGHT && cmp >= 2)
        return with_const((enum wf_opcode)(WF_OP_LT_MK + cmp - 2), at.ir->nodes[a].a, b);
    if (at.ir->nodes[a].op == WF_IR_ANNIVERSARY && cmp >= 2) {
        struct wf_choice ch =
            with_const((enum wf_opcode)(WF_OP_LT_AK + cmp - 2), at.ir->nodes[a].a, b);
        ch.d = at.ir->nodes[a].b;
        return ch;
    }
    return with_const((enum wf_opcode)((unsigned)of_k + cmp), a, b);
}

static struct wf_choice select_in(struct at at)
{
    char kind = kind_of(at.ir, at.node->a);
    if (kind == 'T')
        return select_text(at);
    struct wf_choice ch = plain(kind == 'I'   ? WF_OP_IN_I
                                : kind == 'F' ? WF_OP_IN_F
                                              : WF_OP_IN_W,
                                at.node->a, WF_NONE, WF_NONE);
    ch.c = at.node->b;
    return ch;
}

static struct wf_choice select_exact(struct at at)
{
    static const struct {
        char kind;
        enum wf_opcode op;
    } forms[] = {{'B', WF_OP_EXACT_B},
                 {'I', WF_OP_EXACT_I},
                 {'F', WF_OP_EXACT_F},
                 {'D', WF_OP_EXACT_W},
                 {'T', WF_OP_EXACT_T}};
    char kind = wf_kind_of_type(at.node->type);
    unsigned k = 0;
    while (forms[k].kind != kind && k < 4)
        k++;
    return plain(forms[k].op, at.node->a, at.node->b, WF_NONE);
}

static enum wf_opcode arith_op(struct at at)
{
    bool number = kind_of(at.ir, at.node->b) == 'F';
    bool first = kind_of(at.ir, at.node->a) == 'F';
    switch (at.node->op) {
    case WF_IR_ADD: return first ? WF_OP_ADD_F : WF_OP_ADD_I;
    case WF_IR_SUB: return first ? WF_OP_SUB_F : WF_OP_SUB_I;
    case WF_IR_MUL: return first ? WF_OP_MUL_F : number ? WF_OP_MUL_MF : WF_OP_MUL_I;
    default: return first ? WF_OP_DIV_F : number ? WF_OP_DIV_MF : WF_OP_DIV_MM;
    }
}

static struct wf_choice select_arith(struct at at)
{
    uint32_t a = at.node->a, b = at.node->b;
    bool symmetric = at.node->op == WF_IR_ADD ||
                     (at.node->op == WF_IR_MUL && kind_of(at.ir, a) == kind_of(at.ir, b));
    enum wf_opcode op = arith_op(at);
    if (symmetric && is_run(at.ir, a)) {
        uint32_t left = a;
        a = b;
        b = left;
    }
    if (is_run(at.ir, b))
        return with_const((enum wf_opcode)((unsigned)op + WF_OP_ADD_IK - WF_OP_ADD_I), a, b);
    return plain(op, a, b, WF_NONE);
}

static struct wf_choice select_shift(struct at at)
{
    uint8_t by = at.ir->nodes[at.node->b].type;
    unsigned unit = by == WF_T_DAYS ? 0 : by == WF_T_MONTHS ? 1 : 2;
    bool date = at.node->op == WF_IR_DATE_ADD;
    if (is_run(at.ir, at.node->b))
        return with_const((enum wf_opcode)((date ? WF_OP_DATE_ADD_DK : WF_OP_TIME_ADD_DK) + unit),
                          at.node->a, at.node->b);
    return plain((enum wf_opcode)((date ? WF_OP_DATE_ADD_D : WF_OP_TIME_ADD_D) + unit), at.node->a,
                 at.node->b, WF_NONE);
}

static struct wf_choice select_convert(struct at at)
{
    const struct wf_ir_node *node = at.node;
    switch (node->op) {
    case WF_IR_NEG:
        return plain(kind_of(at.ir, node->a) == 'F' ? WF_OP_NEG_F : WF_OP_NEG_I, node->a, WF_NONE,
                     WF_NONE);
    case WF_IR_TO_NUMBER:
        return plain(at.ir->nodes[node->a].type == WF_T_MONEY ? WF_OP_M_TO_F : WF_OP_I_TO_F,
                     node->a, WF_NONE, WF_NONE);
    case WF_IR_TO_MONEY: return plain(WF_OP_I_TO_M, node->a, WF_NONE, WF_NONE);
    case WF_IR_DATE_DIFF: return plain(WF_OP_DATE_DIFF, node->a, node->b, WF_NONE);
    case WF_IR_DAYS_BETWEEN: return plain(WF_OP_DATE_DIFF, node->b, node->a, WF_NONE);
    case WF_IR_TIME_DIFF: return plain(WF_OP_TIME_DIFF, node->a, node->b, WF_NONE);
    case WF_IR_MIDNIGHT: return plain(WF_OP_MIDNIGHT, node->a, WF_NONE, WF_NONE);
    case WF_IR_DATE_OF: return plain(WF_OP_DATE_OF, node->a, WF_NONE, WF_NONE);
    case WF_IR_CLOCK_OF: return plain(WF_OP_CLOCK_OF, node->a, WF_NONE, WF_NONE);
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: {
        struct wf_choice ch =
            plain(node->op == WF_IR_ANNIVERSARY ? WF_OP_ANNIVERSARY : WF_OP_ANNIV_YEAR, node->a,
                  WF_NONE, WF_NONE);
        ch.c = node->b;
        return ch;
    }
    default: return (struct wf_choice){.op = WF_OP_SAME, .src = {node->a, WF_NONE, WF_NONE}};
    }
}

static struct wf_choice select_logic(struct at at)
{
    const struct wf_ir_node *node = at.node;
    switch (node->op) {
    case WF_IR_NOT: return plain(WF_OP_NOT, node->a, WF_NONE, WF_NONE);
    case WF_IR_DOUBTED: return plain(WF_OP_DOUBTED, node->a, WF_NONE, WF_NONE);
    case WF_IR_AND: return plain(WF_OP_AND, node->a, node->b, WF_NONE);
    case WF_IR_OR: return plain(WF_OP_OR, node->a, node->b, WF_NONE);
    case WF_IR_KNOWN_IF: return plain(WF_OP_KNOWN_IF, node->a, node->b, WF_NONE);
    default: return plain(WF_OP_WITHIN, node->a, node->b, WF_NONE);
    }
}

struct wf_choice wf_select(const struct wf_ir *ir, uint32_t i)
{
    struct at at = {ir, &ir->nodes[i], i};
    const struct wf_ir_node *node = at.node;
    char kind = wf_kind_of_type(node->type);
    if (node->domain == WF_DOM_RUN)
        return select_splat(at);
    switch ((enum wf_ir_op)node->op) {
    case WF_IR_COL: return select_col(at);
    case WF_IR_LIFT: return select_lift(at);
    case WF_IR_AGG: return indexed(by_class(WF_OP_AGG_B, kind), node->a, node->b);
    case WF_IR_POP: return indexed(kind == 'B' ? WF_OP_POP_B : WF_OP_POP_V, node->a, 0);
    case WF_IR_NOT:
    case WF_IR_AND:
    case WF_IR_OR:
    case WF_IR_KNOWN_IF:
    case WF_IR_WITHIN:
    case WF_IR_DOUBTED: return select_logic(at);
    case WF_IR_PRESENT: return select_presence(at, WF_OP_PRESENT_B);
    case WF_IR_MISSING: return select_presence(at, WF_OP_MISSING_B);
    case WF_IR_EQ:
    case WF_IR_NE:
    case WF_IR_LT:
    case WF_IR_LE:
    case WF_IR_GT:
    case WF_IR_GE: return select_compare(at);
    case WF_IR_IN: return select_in(at);
    case WF_IR_OR_ELSE: return plain(by_class(WF_OP_OR_ELSE_B, kind), node->a, node->b, WF_NONE);
    case WF_IR_SELECT: return plain(by_class(WF_OP_SELECT_B, kind), node->a, node->b, node->c);
    case WF_IR_EXACT: return select_exact(at);
    case WF_IR_ADD:
    case WF_IR_SUB:
    case WF_IR_MUL:
    case WF_IR_DIV: return select_arith(at);
    case WF_IR_DATE_ADD:
    case WF_IR_TIME_ADD: return select_shift(at);
    case WF_IR_CONTAINS:
    case WF_IR_STARTS:
    case WF_IR_ENDS:
    case WF_IR_MATCHES:
    case WF_IR_TAGGED: return select_text(at);
    case WF_IR_FOLLOWED: {
        struct wf_choice ch = plain(WF_OP_FOLLOWED, node->a, WF_NONE, WF_NONE);
        ch.c = node->b;
        return ch;
    }
    default: return select_convert(at);
    }
}
