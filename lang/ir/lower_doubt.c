/*
 * Values in doubt: what is still certain of a comparison when undecided events could change its
 * operands, and nothing more.
 *
 * A count or sum is an interval [lo, hi]. `a > b` is surely true where lo(a) > hi(b), possibly
 * true where hi(a) > lo(b), and WITHIN makes of both: true, false or unknown. A bound that is
 * missing (no bound) makes its comparison unknown, which is what WITHIN wants.
 */
#include "lang/ir/lower_int.h"

static uint32_t low(struct val v)
{
    return has_bounds(v) ? v.lo : v.node;
}

static uint32_t high(struct val v)
{
    return has_bounds(v) ? v.hi : v.node;
}

struct val val_1(struct lowering *l, enum wf_ir_op op, struct val a)
{
    return (struct val){mk1(l, op, a.node), WF_NONE, WF_NONE, a.sure};
}

struct val val_2(struct lowering *l, enum wf_ir_op op, struct val a, struct val b)
{
    return (struct val){mk2(l, op, a.node, b.node), WF_NONE, WF_NONE, both(l, a.sure, b.sure)};
}

static struct val interval(struct lowering *l, uint32_t lo, uint32_t hi, uint32_t sure)
{
    return (struct val){mk2(l, WF_IR_EXACT, lo, hi), lo, hi, sure};
}

struct val val_to_number(struct lowering *l, struct val a)
{
    if (!has_bounds(a))
        return val_1(l, WF_IR_TO_NUMBER, a);
    return interval(l, mk1(l, WF_IR_TO_NUMBER, a.lo), mk1(l, WF_IR_TO_NUMBER, a.hi), a.sure);
}

/* ---- comparison ---- */

static enum wf_ir_op ir_op(enum wf_op op)
{
    switch (op) {
    case WF_OP_EQ: return WF_IR_EQ;
    case WF_OP_NE: return WF_IR_NE;
    case WF_OP_LT: return WF_IR_LT;
    case WF_OP_LE: return WF_IR_LE;
    case WF_OP_GT: return WF_IR_GT;
    default: return WF_IR_GE;
    }
}

/* Equal for certain: all four ends fall together. Possibly equal: the intervals meet. */
static uint32_t equal_within(struct lowering *l, struct val a, struct val b)
{
    uint32_t surely =
        mk2(l, WF_IR_AND, mk2(l, WF_IR_EQ, low(a), high(b)), mk2(l, WF_IR_EQ, high(a), low(b)));
    uint32_t possibly =
        mk2(l, WF_IR_AND, mk2(l, WF_IR_LE, low(a), high(b)), mk2(l, WF_IR_GE, high(a), low(b)));
    return mk2(l, WF_IR_WITHIN, surely, possibly);
}

struct val val_compare(struct lowering *l, enum wf_op op, struct val a, struct val b)
{
    struct val result = exact(WF_NONE);
    result.sure = both(l, a.sure, b.sure);
    enum wf_ir_op cmp = ir_op(op);
    if (!has_bounds(a) && !has_bounds(b)) {
        result.node = mk2(l, cmp, a.node, b.node);
    } else if (op == WF_OP_EQ || op == WF_OP_NE) {
        result.node = equal_within(l, a, b);
        if (op == WF_OP_NE)
            result.node = mk1(l, WF_IR_NOT, result.node);
    } else {
        bool greater = op == WF_OP_GT || op == WF_OP_GE;
        uint32_t surely = greater ? mk2(l, cmp, low(a), high(b)) : mk2(l, cmp, high(a), low(b));
        uint32_t possibly = greater ? mk2(l, cmp, high(a), low(b)) : mk2(l, cmp, low(a), high(b));
        result.node = mk2(l, WF_IR_WITHIN, surely, possibly);
    }
    return result;
}

/* ---- arithmetic ---- */

struct val val_neg(struct lowering *l, struct val a)
{
    if (!has_bounds(a))
        return val_1(l, WF_IR_NEG, a);
    return interval(l, mk1(l, WF_IR_NEG, a.hi), mk1(l, WF_IR_NEG, a.lo), a.sure);
}

/* The interval times, or divided by, an exact value: a negative one turns it round. */
static struct val scale(struct lowering *l, enum wf_ir_op op, struct val a, struct val by,
                        bool swapped)
{
    enum wf_type type = type_of(l, by.node);
    struct wf_value zero = {.type = (uint8_t)type, .present = true};
    if (type == WF_T_NUMBER)
        zero.f = 0.0;
    uint32_t turned = mk2(l, WF_IR_LT, by.node, wf_irb_value(&l->b, zero));
    uint32_t lo = swapped ? mk2(l, op, by.node, a.lo) : mk2(l, op, a.lo, by.node);
    uint32_t hi = swapped ? mk2(l, op, by.node, a.hi) : mk2(l, op, a.hi, by.node);
    return interval(l, mk3(l, WF_IR_SELECT, turned, hi, lo), mk3(l, WF_IR_SELECT, turned, lo, hi),
                    both(l, a.sure, by.sure));
}

static struct val multiply(struct lowering *l, enum wf_ir_op op, struct val a, struct val b)
{
    if (has_bounds(a) && !has_bounds(b))
        return scale(l, op, a, b, false);
    if (op == WF_IR_MUL && has_bounds(b) && !has_bounds(a))
        return scale(l, op, b, a, true);
    return val_2(l, op, a, b); /* certain only where both are */
}

static struct val add_or_subtract(struct lowering *l, enum wf_ir_op op, struct val a, struct val b)
{
    if (!has_bounds(a) && !has_bounds(b))
        return val_2(l, op, a, b);
    uint32_t sure = both(l, a.sure, b.sure);
    if (op == WF_IR_ADD)
        return interval(l, mk2(l, op, low(a), low(b)), mk2(l, op, high(a), high(b)), sure);
    return interval(l, mk2(l, op, low(a), high(b)), mk2(l, op, high(a), low(b)), sure);
}

/* Moves a point of time by a duration. */
static struct val shift(struct lowering *l, struct val point, struct val by, enum wf_type type)
{
    if (type_of(l, point.node) == WF_T_TIME)
        return val_2(l, WF_IR_TIME_ADD, point, by);
    if (type == WF_T_TIME) /* a date moved by hours is an instant */
        return val_2(l, WF_IR_TIME_ADD, val_1(l, WF_IR_MIDNIGHT, point), by);
    return val_2(l, WF_IR_DATE_ADD, point, by);
}

static bool is_point(enum wf_type type)
{
    return type == WF_T_DATE || type == WF_T_TIME;
}

static bool is_duration(enum wf_type type)
{
    return type == WF_T_DAYS || type == WF_T_MONTHS || type == WF_T_SECONDS;
}

static struct val difference(struct lowering *l, struct val a, struct val b)
{
    bool dates = type_of(l, a.node) == WF_T_DATE && type_of(l, b.node) == WF_T_DATE;
    if (dates)
        return val_2(l, WF_IR_DATE_DIFF, a, b);
    if (type_of(l, a.node) == WF_T_DATE)
        a = val_1(l, WF_IR_MIDNIGHT, a);
    if (type_of(l, b.node) == WF_T_DATE)
        b = val_1(l, WF_IR_MIDNIGHT, b);
    return val_2(l, WF_IR_TIME_DIFF, a, b);
}

static struct val sum_of(struct lowering *l, enum wf_op op, enum wf_type type, struct val a,
                         struct val b)
{
    enum wf_type ta = type_of(l, a.node), tb = type_of(l, b.node);
    if (is_point(ta) && is_duration(tb))
        return shift(l, a, op == WF_OP_SUB ? val_neg(l, b) : b, type);
    if (is_duration(ta) && is_point(tb) && op == WF_OP_ADD)
        return shift(l, b, a, type);
    if (is_point(ta) && is_point(tb) && op == WF_OP_SUB)
        return difference(l, a, b);
    if (ta != tb && ta == WF_T_INT)
        a = val_to_number(l, a);
    if (ta != tb && tb == WF_T_INT)
        b = val_to_number(l, b);
    return add_or_subtract(l, op == WF_OP_ADD ? WF_IR_ADD : WF_IR_SUB, a, b);
}

static struct val product_of(struct lowering *l, struct val a, struct val b)
{
    enum wf_type ta = type_of(l, a.node), tb = type_of(l, b.node);
    bool swap = tb == WF_T_MONEY || is_duration(tb);
    if (swap && ta != WF_T_MONEY && !is_duration(ta))
        return product_of(l, b, a);
    if (ta == WF_T_INT && tb == WF_T_NUMBER)
        a = val_to_number(l, a);
    if (ta == WF_T_NUMBER && tb == WF_T_INT)
        b = val_to_number(l, b);
    return multiply(l, WF_IR_MUL, a, b);
}

static struct val quotient_of(struct lowering *l, struct val a, struct val b)
{
    if (type_of(l, a.node) == WF_T_INT)
        a = val_to_number(l, a);
    if (type_of(l, b.node) == WF_T_INT)
        b = val_to_number(l, b);
    return multiply(l, WF_IR_DIV, a, b);
}

struct val val_arith(struct lowering *l, enum wf_op op, enum wf_type type, struct val a,
                     struct val b)
{
    if (op == WF_OP_MUL)
        return product_of(l, a, b);
    if (op == WF_OP_DIV)
        return quotient_of(l, a, b);
    return sum_of(l, op, type, a, b);
}

/* ---- is missing, or else: always known, but for doubt ---- */

struct val val_is(struct lowering *l, struct val a, bool present)
{
    uint32_t node = mk1(l, present ? WF_IR_PRESENT : WF_IR_MISSING, a.node);
    if (a.sure != NOT_DOUBTFUL)
        node = mk2(l, WF_IR_KNOWN_IF, a.sure, node);
    return (struct val){node, WF_NONE, WF_NONE, a.sure};
}

struct val val_or_else(struct lowering *l, struct val a, struct val b)
{
    enum wf_type ta = type_of(l, a.node), tb = type_of(l, b.node);
    if (ta == WF_T_INT && tb == WF_T_NUMBER)
        a = val_to_number(l, a);
    if (ta == WF_T_NUMBER && tb == WF_T_INT)
        b = val_to_number(l, b);
    struct val result = val_2(l, WF_IR_OR_ELSE, a, b);
    if (a.sure == NOT_DOUBTFUL)
        return result;
    enum wf_type type = type_of(l, result.node);
    if (type == WF_T_BOOL)
        result.node = mk2(l, WF_IR_KNOWN_IF, a.sure, result.node);
    else
        result.node = mk3(l, WF_IR_SELECT, a.sure, result.node, missing(l, type));
    return result;
}
