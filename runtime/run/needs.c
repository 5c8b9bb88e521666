#include "runtime/run/needs.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/cut.h"
#include "runtime/run/shown.h"
#include "runtime/vm/text.h"

enum { MOST_DEEP = 24, MOST_LINES = 6 };

struct needing {
    const struct wf_why *why;
    const struct wf_ir *ir;
    struct wf_buf *out;
    int lines;
};

/* ---- time alone ---- */

static int truth_at(const struct wf_why *why, uint32_t node, int64_t now)
{
    why->params->now = now;
    wf_scalar_renew(why->scalar);
    wf_why_at(why);
    return wf_scalar_truth(why->scalar, node);
}

/* The first of the coming midnights at which it is as wanted; false: none within a year. */
static bool comes_with_time(const struct wf_why *why, uint32_t node, int wanted, int64_t *at_out)
{
    const struct wf_zone *zone = why->night->zone;
    int64_t today = wf_zone_day(zone, why->night->now);
    bool found = false;
    if (!why->params || why->night->program->ir.nodes[node].domain >= WF_DOM_EVENT)
        return false;
    for (int64_t day = today + 1; !found && day <= today + WF_NEEDS_DAYS; day++) {
        *at_out = wf_zone_midnight(zone, day);
        found = truth_at(why, node, *at_out) == wanted;
    }
    truth_at(why, node, why->night->now);
    return found;
}

/* ---- figures ---- */

/* What the rules call the value of a node; NULL: they do not show it. */
static const char *name_of(const struct needing *n, uint32_t node)
{
    for (uint32_t i = 0; i < n->ir->n_shows; i++)
        if (n->ir->shows[i].node == node)
            return wf_shown(n->ir, &n->ir->shows[i]) ? wf_ir_text(n->ir, n->ir->shows[i].label)
                                                     : NULL;
    const struct wf_ir_field *field = wf_text_field(n->ir, node);
    bool plain = n->ir->nodes[node].op == WF_IR_COL && field && !field->private_;
    return plain ? wf_ir_text(n->ir, field->name) : NULL;
}

/* The same for a bound of a count or sum in doubt, whose value is another node of the aggregate. */
static const char *label_of(const struct needing *n, uint32_t node)
{
    const char *name = name_of(n, node);
    uint32_t agg = wf_shown_agg(n->ir, node);
    for (uint32_t i = 0; !name && agg != WF_NONE && i < n->ir->n_shows; i++)
        if (wf_shown(n->ir, &n->ir->shows[i]) && wf_shown_agg(n->ir, n->ir->shows[i].node) == agg)
            name = wf_ir_text(n->ir, n->ir->shows[i].label);
    return name;
}

static bool is_number(const struct needing *n, uint32_t node, int64_t value)
{
    struct wf_value v = wf_scalar_value(n->why->scalar, node);
    return n->ir->nodes[node].op == WF_IR_CONST && v.present && v.type == WF_T_INT && v.i == value;
}

/* `any E` and `no E`: a count against nought. */
static bool about_any(struct needing *n, uint8_t op, uint32_t left, uint32_t right)
{
    uint32_t agg = wf_shown_agg(n->ir, left);
    if (agg == WF_NONE || n->ir->aggs[agg].kind != WF_AGG_COUNT)
        return false;
    bool some =
        (op == WF_IR_GT && is_number(n, right, 0)) || (op == WF_IR_GE && is_number(n, right, 1));
    bool none = (op == WF_IR_LE && is_number(n, right, 0)) ||
                (op == WF_IR_LT && is_number(n, right, 1)) ||
                (op == WF_IR_EQ && is_number(n, right, 0));
    const struct wf_ir_view *view = &n->ir->views[n->ir->aggs[agg].view];
    const char *event = view->sent ? "sent" : wf_ir_text(n->ir, n->ir->events[view->event].name);
    if (some)
        wf_say(n->out, "such an event would have to happen: %s\n", event);
    if (none)
        wf_say(n->out, "there would have to be no such event: %s\n", event);
    return some || none;
}

static void say_comparison(struct wf_buf *out, uint8_t op, enum wf_type type, const char *name,
                           const char *is, const char *bound)
{
    bool when = type == WF_T_DATE || type == WF_T_TIME || type == WF_T_CLOCK;
    if (op == WF_IR_GT && when)
        wf_say(out, "%s is %s and would have to be after %s\n", name, is, bound);
    else if (op == WF_IR_GT)
        wf_say(out, "%s is %s and would have to be more than %s\n", name, is, bound);
    else if (op == WF_IR_GE && when)
        wf_say(out, "%s is %s and would have to be %s or later\n", name, is, bound);
    else if (op == WF_IR_GE)
        wf_say(out, "%s is %s and would have to be at least %s\n", name, is, bound);
    else if (op == WF_IR_LT && when)
        wf_say(out, "%s is %s and would have to be before %s\n", name, is, bound);
    else if (op == WF_IR_LT)
        wf_say(out, "%s is %s and would have to be less than %s\n", name, is, bound);
    else if (op == WF_IR_LE && when)
        wf_say(out, "%s is %s and would have to be %s or earlier\n", name, is, bound);
    else if (op == WF_IR_LE)
        wf_say(out, "%s is %s and would have to be at most %s\n", name, is, bound);
    else if (op == WF_IR_EQ)
        wf_say(out, "%s is %s and would have to be %s\n", name, is, bound);
    else
        wf_say(out, "%s is %s and would have to be something else than %s\n", name, is, bound);
}

/* `a OP b` is `b MIRRORED a`. */
static uint8_t mirrored(uint8_t op)
{
    switch (op) {
    case WF_IR_LT: return WF_IR_GT;
    case WF_IR_LE: return WF_IR_GE;
    case WF_IR_GT: return WF_IR_LT;
    case WF_IR_GE: return WF_IR_LE;
    default: return op;
    }
}

static uint8_t opposite(uint8_t op)
{
    switch (op) {
    case WF_IR_EQ: return WF_IR_NE;
    case WF_IR_NE: return WF_IR_EQ;
    case WF_IR_LT: return WF_IR_GE;
    case WF_IR_LE: return WF_IR_GT;
    case WF_IR_GT: return WF_IR_LE;
    default: return WF_IR_LT;
    }
}

/* A value in a sentence: why it is in doubt was said beside the condition. */
static void add_is(struct needing *n, uint32_t node, struct wf_buf *out)
{
    if (wf_shown_known(n->why, node) == WF_KNOWN_UNKNOWN)
        wf_buf_adds(out, wf_word("unknown"));
    else
        wf_shown_value(n->why, node, out);
}

/* The value of a node as text; where a constant stands beside an enum, that enum's word. */
static void add_value(struct needing *n, uint32_t node, uint32_t beside, struct wf_buf *out)
{
    struct wf_value v = wf_scalar_value(n->why->scalar, node);
    const struct wf_ir_field *field = wf_text_field(n->ir, beside);
    if (v.present && v.type == WF_T_ENUM && field && v.i >= 0 && v.i < field->enums_count)
        wf_buf_adds(out, wf_ir_text(n->ir, n->ir->enum_names[field->enums_first + (uint32_t)v.i]));
    else
        add_is(n, node, out);
}

static void say_figure(struct needing *n, uint8_t op, uint32_t left, uint32_t right)
{
    const char *name = label_of(n, left);
    struct wf_buf is, bound;
    if (!name && (name = label_of(n, right)) != NULL) {
        uint32_t swap = left;
        left = right;
        right = swap;
        op = mirrored(op);
    }
    if (about_any(n, op, left, right)) {
        n->lines++;
        return;
    }
    if (!name || wf_text_private(n->ir, left) || wf_text_private(n->ir, right))
        return;
    wf_buf_init(&is, n->why->night->alloc, 0);
    wf_buf_init(&bound, n->why->night->alloc, 0);
    add_is(n, left, &is);
    add_value(n, right, left, &bound);
    say_comparison(n->out, op, (enum wf_type)n->ir->nodes[left].type, name, wf_buf_str(&is),
                   wf_buf_str(&bound));
    n->lines++;
    n->out->failed |= is.failed || bound.failed;
    wf_buf_release(&is);
    wf_buf_release(&bound);
}

static void say_list(struct needing *n, const struct wf_ir_node *node, int wanted)
{
    const char *name = label_of(n, node->a);
    struct wf_buf is, list;
    if (!name || wf_text_private(n->ir, node->a))
        return;
    wf_buf_init(&is, n->why->night->alloc, 0);
    wf_buf_init(&list, n->why->night->alloc, 0);
    add_is(n, node->a, &is);
    const struct wf_ir_list *of = &n->ir->lists[node->b];
    const struct wf_ir_field *field = wf_text_field(n->ir, node->a);
    for (uint32_t i = 0; i < of->count; i++) {
        struct wf_value v = n->ir->consts[n->ir->list_items[of->first + i]];
        wf_buf_adds(&list, i ? ", " : "");
        if (v.type == WF_T_ENUM && field && v.i >= 0 && v.i < field->enums_count)
            wf_buf_adds(&list,
                        wf_ir_text(n->ir, n->ir->enum_names[field->enums_first + (uint32_t)v.i]));
        else
            wf_value_print(&list, n->why->night->zone, v);
    }
    if (wanted)
        wf_say(n->out, "%s is %s and would have to be one of %s\n", name, wf_buf_str(&is),
               wf_buf_str(&list));
    else
        wf_say(n->out, "%s is %s and would have to be none of %s\n", name, wf_buf_str(&is),
               wf_buf_str(&list));
    n->lines++;
    n->out->failed |= is.failed || list.failed;
    wf_buf_release(&is);
    wf_buf_release(&list);
}

/* Text tests, tags, and whether there is a value at all. */
static void say_test(struct needing *n, const struct wf_ir_node *node, int wanted)
{
    const char *name = label_of(n, node->a);
    bool present = node->op == WF_IR_PRESENT ? wanted : !wanted;
    if (!name)
        return;
    n->lines++;
    if (node->op == WF_IR_PRESENT || node->op == WF_IR_MISSING) {
        if (present)
            wf_say(n->out, "%s is missing and would have to be known\n", name);
        else
            wf_say(n->out, "%s would have to be missing\n", name);
    } else if (node->op == WF_IR_TAGGED) {
        struct wf_value tag = n->ir->consts[node->b];
        if (wanted)
            wf_say(n->out, "%s would have to hold \"%.*s\"\n", name, (int)tag.len, tag.text);
        else
            wf_say(n->out, "%s would have to be without \"%.*s\"\n", name, (int)tag.len, tag.text);
    } else {
        n->lines--;
    }
}

/* A top or bottom is of tonight's figures: the member's own, and the one at which it ends. */
static void say_cut(struct needing *n, uint32_t index, int wanted)
{
    const struct wf_ir_pop *pop = &n->ir->pops[index];
    const char *name = label_of(n, pop->x);
    struct wf_value cut;
    struct wf_buf is, at;
    if (wf_text_private(n->ir, pop->x) || !wf_cut(n->why, index, &cut))
        return;
    wf_buf_init(&is, n->why->night->alloc, 0);
    wf_buf_init(&at, n->why->night->alloc, 0);
    add_is(n, pop->x, &is);
    wf_value_print(&at, n->why->night->zone, cut);
    name = name ? name : wf_word("the figure");
    if (wanted)
        wf_say(n->out, "%s is %s; tonight the last one in it has %s\n", name, wf_buf_str(&is),
               wf_buf_str(&at));
    else
        wf_say(n->out, "%s is %s, which is in it; tonight the last one in it has %s\n", name,
               wf_buf_str(&is), wf_buf_str(&at));
    n->lines++;
    n->out->failed |= is.failed || at.failed;
    wf_buf_release(&is);
    wf_buf_release(&at);
}

/* ---- the condition ---- */

static void need(struct needing *n, uint32_t node, int wanted, int deep)
{
    const struct wf_ir_node *is = &n->ir->nodes[node];
    if (deep > MOST_DEEP || n->lines >= MOST_LINES ||
        wf_scalar_truth(n->why->scalar, node) == wanted)
        return;
    switch (is->op) {
    case WF_IR_NOT: need(n, is->a, !wanted, deep + 1); break;
    case WF_IR_AND:
    case WF_IR_OR:
        need(n, is->a, wanted, deep + 1);
        if ((is->op == WF_IR_OR) == wanted && n->lines)
            break; /* one of them will do */
        need(n, is->b, wanted, deep + 1);
        break;
    case WF_IR_WITHIN: need(n, wanted ? is->a : is->b, wanted, deep + 1); break;
    case WF_IR_KNOWN_IF: need(n, is->b, wanted, deep + 1); break;
    case WF_IR_EQ:
    case WF_IR_NE:
    case WF_IR_LT:
    case WF_IR_LE:
    case WF_IR_GT:
    case WF_IR_GE: say_figure(n, wanted ? is->op : opposite(is->op), is->a, is->b); break;
    case WF_IR_POP: say_cut(n, is->a, wanted); break;
    case WF_IR_IN: say_list(n, is, wanted); break;
    case WF_IR_PRESENT:
    case WF_IR_MISSING:
    case WF_IR_TAGGED: say_test(n, is, wanted); break;
    case WF_IR_COL:
        if (label_of(n, node)) {
            if (wanted)
                wf_say(n->out, "%s would have to be true\n", label_of(n, node));
            else
                wf_say(n->out, "%s would have to be false\n", label_of(n, node));
            n->lines++;
        }
        break;
    default: break;
    }
}

void wf_needs(const struct wf_why *why, uint32_t node, int wanted, struct wf_buf *out)
{
    struct needing n = {.why = why, .ir = &why->night->program->ir, .out = out};
    char at[WF_STAMP_TEXT];
    int64_t time;
    if (wf_scalar_truth(why->scalar, node) == wanted)
        return;
    if (comes_with_time(why, node, wanted, &time)) {
        wf_short_time(why->night->zone, time, at);
        if (wanted)
            wf_say(out, "true from %s on, if nothing else changes\n", at);
        else
            wf_say(out, "false from %s on, if nothing else changes\n", at);
        n.lines++;
    }
    if (why->night->program->ir.nodes[node].domain < WF_DOM_EVENT)
        need(&n, node, wanted, 0);
}
