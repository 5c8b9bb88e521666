/*
 * literal.c - what a literal of the rules is as a value.
 */
#include "lang/base/checked.h"
#include "lang/sema/sema.h"

static int64_t hundredths(const struct wf_node *node)
{
    int64_t cents = 0;
    if (node->kind == WF_N_INT)
        return wf_mul_i64(node->num, 100, &cents) ? cents : 0;
    return node->num;
}

static struct wf_value duration(const struct wf_node *node)
{
    static const struct {
        uint8_t op, unit;
        int64_t times;
    } units[] = {
        {WF_OP_UNIT_D, WF_T_DAYS, 1},       {WF_OP_UNIT_W, WF_T_DAYS, 7},
        {WF_OP_UNIT_MO, WF_T_MONTHS, 1},    {WF_OP_UNIT_Y, WF_T_MONTHS, 12},
        {WF_OP_UNIT_H, WF_T_SECONDS, 3600}, {WF_OP_UNIT_MIN, WF_T_SECONDS, 60},
        {WF_OP_UNIT_S, WF_T_SECONDS, 1},
    };
    size_t i = 0;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && units[i].op != node->op)
        i++;
    int64_t count;
    if (!wf_mul_i64(node->num, units[i].times, &count))
        count = INT64_MAX; /* leaves the calendar just as surely */
    return wf_int_value((enum wf_type)units[i].unit, count);
}

struct wf_value wf_literal(const struct wf_node *node, enum wf_type type)
{
    struct wf_value number = {.type = WF_T_NUMBER, .present = true};
    switch (node->kind) {
    case WF_N_NEG: return wf_value_neg(wf_literal(node->kid[WF_K_NEG_VALUE], type));
    case WF_N_INT:
    case WF_N_NUMBER:
        if (type == WF_T_MONEY)
            return wf_int_value(type, hundredths(node));
        if (type == WF_T_INT && node->kind == WF_N_INT)
            return wf_int_value(type, node->num);
        number.f = node->kind == WF_N_INT ? (double)node->num : node->real;
        return number;
    case WF_N_PERCENT: number.f = node->real; return number;
    case WF_N_STRING:
        return wf_text_value(type == WF_T_SET ? WF_T_SET : WF_T_TEXT, node->name->text,
                             node->name->len);
    case WF_N_BOOL: return wf_bool_value(node->num != 0);
    case WF_N_DATE: return wf_int_value(WF_T_DATE, node->num);
    case WF_N_CLOCK: return wf_int_value(WF_T_CLOCK, node->num);
    case WF_N_DURATION: return duration(node);
    case WF_N_NAME: /* a value of an enumeration */
        return type == WF_T_ENUM ? wf_int_value(WF_T_ENUM, node->num) : wf_missing(type);
    default: return wf_missing(type);
    }
}
