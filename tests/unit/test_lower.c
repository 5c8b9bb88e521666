/*
 * Lowering, as tables: a condition in the language, and the graph it becomes, written as nested
 * operations. What is the same in every case is abbreviated:
 *
 *   happened    lt(at, now)                   of the event at hand
 *   seen(e)     the unseen past of event e: or(missing(since), joined >= day of since)
 *   seen(e,W)   the same for a window that begins at W
 *   n.lo n.hi n.sure n          the parts of aggregate n, described as kind(filter)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/ir/dump.h"
#include "lang/ir/rule.h"
#include "tests/tools/lowered.h"

static const char schema[] =
    "member from \"m.csv\" { id text key  joined date  birthday date?  points int = 0\n"
    "  score number?  balance money?  city text?  wecom bool = false  flag bool?  tags set\n"
    "  tier one of (silver < gold < black)?  store shop?  inviter member? as invitees\n"
    "  phone text? private }\n"
    "table shop from \"s.csv\" { id text key  city text? }\n"
    "event purchase as purchased from \"p.csv\" { at time  order text  unique (order)\n"
    "  amount money  qty int = 1  brand text?  status text? }\n"
    "event visit as visited from \"v.csv\" { at time  city text? }\n"
    "coupon default \"c\"\n";

/* ---- a node as nested operations ---- */

static void express(struct wf_buf *out, const struct wf_ir *ir, uint32_t node);

/* The tail of the node's own dump behind its operation. */
static void leaf(struct wf_buf *out, const struct wf_ir *ir, uint32_t node)
{
    struct wf_buf line;
    wf_buf_init(&line, NULL, 0);
    wf_ir_dump_node(&line, ir, node);
    const char *op = strstr(wf_buf_str(&line), "  ") + 2;
    const char *rest = strchr(op, ' ');
    wf_buf_adds(out, rest ? rest + 1 : op);
    wf_buf_release(&line);
}

static bool is_op(const struct wf_ir *ir, uint32_t node, enum wf_ir_op op)
{
    return ir->nodes[node].op == op;
}

static bool is_param(const struct wf_ir *ir, uint32_t node, enum wf_ir_param param)
{
    return is_op(ir, node, WF_IR_PARAM) && ir->nodes[node].a == param;
}

/* or(missing(since v), ge(from, since v)) or missing(since v): answers the view. */
static bool starts(const struct wf_ir *ir, uint32_t node, uint32_t *view, uint32_t *from)
{
    *from = WF_NONE;
    if (is_op(ir, node, WF_IR_OR)) {
        const struct wf_ir_node *n = &ir->nodes[node];
        if (!is_op(ir, n->b, WF_IR_GE) || !is_param(ir, ir->nodes[n->b].b, WF_PARAM_SINCE))
            return false;
        *from = ir->nodes[n->b].a;
        node = n->a;
    }
    if (!is_op(ir, node, WF_IR_MISSING) || !is_param(ir, ir->nodes[node].a, WF_PARAM_SINCE))
        return false;
    *view = ir->nodes[ir->nodes[node].a].b;
    return true;
}

static const char *event_name(const struct wf_ir *ir, uint32_t view)
{
    const struct wf_ir_view *v = &ir->views[view];
    return v->sent ? "sent" : ir->texts[ir->events[v->event].name]->text;
}

/* or(starts, ge(joined, date_of(since))) */
static bool seen(struct wf_buf *out, const struct wf_ir *ir, uint32_t node)
{
    uint32_t view, from;
    if (!is_op(ir, node, WF_IR_OR) || !is_op(ir, ir->nodes[node].b, WF_IR_GE))
        return false;
    uint32_t day = ir->nodes[ir->nodes[node].b].b;
    if (!is_op(ir, day, WF_IR_DATE_OF) || !starts(ir, ir->nodes[node].a, &view, &from))
        return false;
    wf_buf_addf(out, "seen(%s", event_name(ir, view));
    if (from != WF_NONE) {
        wf_buf_adds(out, ",");
        express(out, ir, from);
    }
    wf_buf_adds(out, ")");
    return true;
}

static bool is_at(const struct wf_ir *ir, uint32_t node)
{
    const struct wf_ir_node *n = &ir->nodes[node];
    return n->op == WF_IR_COL && n->domain >= WF_DOM_EVENT && n->type == WF_T_TIME;
}

static void express_agg(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_node *n)
{
    static const char *const parts[] = {"", ".lo", ".hi", ".sure"};
    static const char *const kinds[] = {"count", "sum",  "average",  "min",     "max", "distinct",
                                        "first", "last", "first_of", "last_of", "gap", "hour"};
    const struct wf_ir_agg *agg = &ir->aggs[n->a];
    wf_buf_addf(out, "%s(", kinds[agg->kind]);
    if (agg->value != WF_NONE) {
        express(out, ir, agg->value);
        wf_buf_adds(out, " where ");
    }
    express(out, ir, agg->filter);
    wf_buf_addf(out, ")%s", parts[n->b]);
}

static void express_pop(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_node *n)
{
    static const char *const kinds[] = {"top", "bottom", "quantile", "rank"};
    const struct wf_ir_pop *pop = &ir->pops[n->a];
    wf_buf_addf(out, "%s(%lld%s by ", kinds[pop->kind], (long long)pop->n, pop->percent ? "%" : "");
    express(out, ir, pop->x);
    if (pop->among != WF_NONE) {
        wf_buf_adds(out, " among ");
        express(out, ir, pop->among);
    }
    if (pop->per != WF_NONE) {
        wf_buf_adds(out, " per ");
        express(out, ir, pop->per);
    }
    wf_buf_adds(out, pop->no_match ? " else no match)" : ")");
}

static void express(struct wf_buf *out, const struct wf_ir *ir, uint32_t node)
{
    const struct wf_ir_node *n = &ir->nodes[node];
    const char *args = wf_ir_op_args(n->op);
    const uint32_t index[3] = {n->a, n->b, n->c};
    if (seen(out, ir, node))
        return;
    if (n->op == WF_IR_LT && is_at(ir, n->a) && is_param(ir, n->b, WF_PARAM_NOW)) {
        wf_buf_adds(out, "happened");
        return;
    }
    switch (n->op) {
    case WF_IR_CONST:
    case WF_IR_PARAM:
    case WF_IR_COL: leaf(out, ir, node); return;
    case WF_IR_AGG: express_agg(out, ir, n); return;
    case WF_IR_POP: express_pop(out, ir, n); return;
    default: break;
    }
    wf_buf_addf(out, "%s(", wf_ir_op_name(n->op));
    for (int i = 0; i < 3; i++) {
        if (args[i] == '-')
            continue;
        wf_buf_adds(out, i ? ", " : "");
        if (args[i] == 'n')
            express(out, ir, index[i]);
        else if (args[i] == 'k')
            wf_buf_addf(out, "'%.*s'", (int)ir->consts[index[i]].len, ir->consts[index[i]].text);
        else if (n->op == WF_IR_LIFT)
            wf_buf_addf(out, "%s", event_name(ir, n->b));
        else
            wf_buf_addf(out, "#%u", index[i]);
    }
    wf_buf_adds(out, ")");
}

/* ---- conditions ---- */

struct row {
    const char *cond, *graph;
};

static void check_rows(const struct row *rows, size_t n, const char *more, bool optimise)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct lowered c;
        struct wf_buf source, got;
        wf_buf_init(&source, NULL, 0);
        wf_buf_init(&got, NULL, 0);
        wf_buf_addf(&source, "%s%s\nsegment s is %s\n", schema, more, rows[i].cond);
        assert_true(lowered_from(&c, wf_buf_str(&source), optimise));
        for (uint32_t s = 0; s < c.ir.n_segments; s++)
            if (strcmp(c.ir.texts[c.ir.segments[s].name]->text, "s") == 0)
                express(&got, &c.ir, c.ir.segments[s].cond);
        if (strcmp(wf_buf_str(&got), rows[i].graph) != 0) {
            print_error("%s\n  got      %s\n  expected %s\n", rows[i].cond, wf_buf_str(&got),
                        rows[i].graph);
            wrong++;
        }
        wf_buf_release(&source);
        wf_buf_release(&got);
        lowered_release(&c);
    }
    assert_int_equal(wrong, 0);
}

static void values(void **state)
{
    static const struct row rows[] = {
        {"points > 3", "gt(points, 3)"},
        {"score > points", "gt(score, to_number(points))"},
        {"points * 2 + 1 >= 7", "ge(add(mul(points, 2), 1), 7)"},
        {"points / 2 < 1.5", "lt(div(to_number(points), to_number(2)), 1.5)"},
        {"balance > 20.00", "gt(balance, 20.00)"},
        {"balance * 2 > 3.00", "gt(mul(balance, 2), 3.00)"},
        {"2 * balance > 3.00", "gt(mul(balance, 2), 3.00)"},
        {"balance / 4 = 5.00", "eq(div(balance, to_number(4)), 5.00)"},
        {"balance / balance > 0.5", "gt(div(balance, balance), 0.5)"},
        {"10% of balance < 1.00", "lt(mul(balance, 0.1), 1.00)"},
        {"-points < 0", "lt(neg(points), 0)"},
        {"wecom", "wecom"},
        {"wecom = true", "wecom"},
        {"wecom = false", "not(wecom)"},
        {"flag != true", "not(flag)"},
        {"not wecom or points = 1 and flag", "or(not(wecom), and(eq(points, 1), flag))"},
        {"city is missing", "missing(city)"},
        {"city is not missing", "present(city)"},
        {"(city or else \"x\") = \"y\"", "eq(or_else(city, \"x\"), \"y\")"},
        {"(score or else points) > 1.0", "gt(or_else(score, to_number(points)), 1)"},
        {"points between 1 and 5", "and(ge(points, 1), le(points, 5))"},
        {"points not between 1 and 5", "not(and(ge(points, 1), le(points, 5)))"},
        {"city in (\"b\", \"a\", \"b\")", "in(city, #0)"},
        {"city not in (\"b\")", "not(in(city, #0))"},
        {"city contains \"x\"", "contains(city, 'x')"},
        {"city starts with \"x\"", "starts(city, 'x')"},
        {"city ends with \"x\"", "ends(city, 'x')"},
        {"city matches \"x*\"", "matches(city, 'x*')"},
        {"tagged \"vip\"", "tagged(tags, 'vip')"},
        {"\"vip\" in tags", "tagged(tags, 'vip')"},
        {"tier = gold", "eq(tier, 1)"},
        {"tier >= gold", "ge(tier, 1)"},
        {"tier in (silver, black)", "in(tier, #0)"},
        {"store.city = \"x\"", "eq(store.city, \"x\")"},
        {"inviter.points > 1", "gt(inviter.points, 1)"},
        {"member.points > 1", "gt(points, 1)"},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), "", false);
}

static void times(void **state)
{
    static const struct row rows[] = {
        {"joined + 7d <= today", "le(date_add(joined, 7d), today)"},
        {"joined - 1mo < today", "lt(date_add(joined, neg(1mo)), today)"},
        {"joined + 1y < today", "lt(date_add(joined, 1y), today)"},
        {"joined + 2w < today", "lt(date_add(joined, 14d), today)"},
        {"today - joined > 30d", "gt(date_diff(today, joined), 30d)"},
        {"days since joined > 30", "gt(days_between(joined, today), 30)"},
        {"joined = 2026-11-22", "eq(joined, 2026-11-22)"},
        {"now > 2026-11-22T14:00", "gt(now, local_time(2026-11-22, 14:00:00))"},
        {"joined older than 90d", "lt(midnight(joined), time_add(now, -90d))"},
        {"joined within last 7d",
         "and(ge(midnight(joined), time_add(now, -7d)), lt(midnight(joined), now))"},
        {"birthday within next 7d",
         "and(ge(midnight(birthday), now), lt(midnight(birthday), time_add(now, 7d)))"},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), "", false);
}

#define ALL "and(happened, doubted(happened))"
#define COUNT(filter) "count(" filter ")"
/* A condition that more events can only make true. */
#define MANY(op, filter, n, seen)                                                                  \
    "within(" op "(" COUNT(filter) ".lo, " n "), " op "(select(" seen                              \
                                   ", " COUNT(filter) ".hi, missing), " n "))"
#define LAST30 "and(and(happened, ge(purchase.at, time_add(now, -30d))), doubted(happened))"

static void events(void **state)
{
    static const struct row rows[] = {
        {"purchased", MANY("gt", ALL, "0", "seen(purchase)")},
        {"any purchase", MANY("gt", ALL, "0", "seen(purchase)")},
        {"no purchase", "not(" MANY("gt", ALL, "0", "seen(purchase)") ")"},
        {"count purchase >= 2", MANY("ge", ALL, "2", "seen(purchase)")},
        {"purchased in last 30d", MANY("gt", LAST30, "0", "seen(purchase,time_add(now, -30d))")},
        /* `count < n` is surely true where the most it can be is less */
        {"count purchase < 2", "within(lt(select(seen(purchase), " COUNT(
                                   ALL) ".hi, missing), 2), lt(" COUNT(ALL) ".lo, 2))"},
        {"any purchase[brand = \"x\" and amount > 3.00]",
         MANY("gt",
              "and(happened, doubted(and(eq(purchase.brand, \"x\"), gt(purchase.amount, 3.00))))",
              "0", "seen(purchase)")},
        /* inside [ ] the event's fields come first, the member's are lifted */
        {"any visit[city = \"x\" and wecom]",
         MANY("gt", "and(happened, doubted(and(eq(visit.city, \"x\"), lift(wecom, visit))))", "0",
              "seen(visit)")},
        {"any visit[wecom]", MANY("gt", "and(happened, doubted(and(happened, lift(wecom, visit))))",
                                  "0", "seen(visit)")},
        {"any purchase older than 30d",
         MANY("gt", "and(and(happened, lt(purchase.at, time_add(now, -30d))), doubted(happened))",
              "0", "seen(purchase)")},
        {"any purchase since joined",
         MANY("gt",
              "and(and(happened, ge(purchase.at, lift(midnight(joined), purchase))), "
              "doubted(happened))",
              "0", "seen(purchase,midnight(joined))")},
        {"any purchase since today",
         MANY("gt", "and(and(happened, ge(purchase.at, midnight(today))), doubted(happened))", "0",
              "seen(purchase,midnight(today))")},
        {"any purchase from 2026-01-01 to 2026-02-01",
         MANY("gt",
              "and(and(happened, and(ge(purchase.at, midnight(2026-01-01)), lt(purchase.at, "
              "midnight(2026-02-01)))), doubted(happened))",
              "0", "seen(purchase,midnight(2026-01-01))")},
        /* nothing of the ledger was rejected */
        {"any sent[name = \"A\"]",
         MANY("gt", "and(happened, eq(sent.name, \"A\"))", "0", "seen(sent)")},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), "", false);
}

#define SUM "sum(purchase.amount where " ALL ")"
#define LAST "last(" ALL ")"

static void figures(void **state)
{
    static const struct row rows[] = {
        {"sum purchase.amount > 10.00",
         "within(gt(select(seen(purchase), " SUM
         ".lo, missing), 10.00), gt(select(seen(purchase), " SUM ".hi, missing), 10.00))"},
        {"distinct purchase.brand >= 2",
         "within(ge(distinct(purchase.brand where " ALL ").lo, 2), ge(select(seen(purchase), "
         "distinct(purchase.brand where " ALL ").hi, missing), 2))"},
        {"average purchase.amount > 1.5",
         "gt(select(seen(purchase), average(purchase.amount where " ALL "), missing), 1.5)"},
        {"min purchase.qty > 1",
         "gt(select(seen(purchase), min(purchase.qty where " ALL "), missing), 1)"},
        /* the last one stays the last, whatever was before */
        {"last purchase older than 28d", "lt(" LAST ", time_add(now, -28d))"},
        {"first purchase older than 28d",
         "lt(select(seen(purchase), first(" ALL "), missing), time_add(now, -28d))"},
        {"days since last purchase > 9", "gt(days_between(date_of(" LAST "), today), 9)"},
        {"last purchase.brand = \"x\"", "eq(last_of(purchase.brand where " ALL "), \"x\")"},
        {"average gap purchase > 9d", "gt(select(seen(purchase), gap(" ALL "), missing), 9d)"},
        {"usual hour of purchase > 09:30",
         "gt(select(seen(purchase), hour(" ALL "), missing), 09:30:00)"},
        /* always known, but for doubt */
        {"last purchase is missing",
         "known_if(and(" LAST ".sure, or(seen(purchase), present(" LAST "))), missing(" LAST "))"},
        {"first purchase is present",
         "known_if(and(first(" ALL
         ").sure, seen(purchase)), present(select(seen(purchase), first(" ALL "), missing)))"},
        {"(max purchase.qty or else 0) > 1",
         "gt(select(and(max(purchase.qty where " ALL ").sure, seen(purchase)), or_else(select(seen("
         "purchase), max(purchase.qty where " ALL "), missing), 0), missing), 1)"},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), "", false);
}

/* Bounds through arithmetic: each side as far as it can go. */
static void intervals(void **state)
{
#define LO COUNT(ALL) ".lo"
#define HI "select(seen(purchase), " COUNT(ALL) ".hi, missing)"
#define VLO "count(" ALL2 ").lo"
#define VHI "select(seen(visit), count(" ALL2 ").hi, missing)"
#define ALL2 "and(happened, doubted(happened))"
    static const struct row rows[] = {
        {"count purchase + 1 > 2", "within(gt(add(" LO ", 1), 2), gt(add(" HI ", 1), 2))"},
        {"1 - count purchase > 2", "within(gt(sub(1, " HI "), 2), gt(sub(1, " LO "), 2))"},
        {"-count purchase > 2", "within(gt(neg(" HI "), 2), gt(neg(" LO "), 2))"},
        {"count purchase > count visit", "within(gt(" LO ", " VHI "), gt(" HI ", " VLO "))"},
        {"count purchase = 1",
         "within(and(eq(" LO ", 1), eq(" HI ", 1)), and(le(" LO ", 1), ge(" HI ", 1)))"},
        {"count purchase != 1",
         "not(within(and(eq(" LO ", 1), eq(" HI ", 1)), and(le(" LO ", 1), ge(" HI ", 1))))"},
        /* a factor that is not a constant may be negative: then the ends change places */
        {"count purchase * points > 2",
         "within(gt(select(lt(points, 0), mul(" HI ", points), mul(" LO ", points)), 2), "
         "gt(select(lt(points, 0), mul(" LO ", points), mul(" HI ", points)), 2))"},
        /* who may be in either list is in neither for certain */
        {"count purchase in (1, 2)", "in(select(seen(purchase), " COUNT(ALL) ", missing), #0)"},
        {"count purchase is present",
         "known_if(and(" COUNT(ALL) ".sure, seen(purchase)), "
                                    "present(select(seen(purchase), " COUNT(ALL) ", missing)))"},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), "", false);
}

static void population(void **state)
{
    static const struct row rows[] = {
        {"top 7% by points", "top(700% by points)"},
        {"bottom 100 by points among wecom_ones per city",
         "bottom(100 by points among wecom per city)"},
        {"quintile of points >= 4", "ge(quantile(5 by points), 4)"},
        {"rank of score among (points > 1) <= 10", "le(rank(0 by score among gt(points, 1)), 10)"},
        /* a class: unknown from the first unknown `when` on */
        {"value = best", "top(1000% by points else no match)"},
        {"value = rest", "not(top(1000% by points else no match))"},
        {"value in (best, rest)",
         "or(top(1000% by points else no match), not(top(1000% by points else no match)))"},
        {"grade = two", "known_if(present(not(flag)), and(not(flag), wecom))"},
        {"member in wecom_ones", "wecom"},
        {"wecom_ones", "wecom"},
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]),
               "segment wecom_ones is wecom\n"
               "classify value { best when top 10% by points  rest otherwise }\n"
               "classify grade { one when flag  two when wecom  three otherwise }\n",
               false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),  cmocka_unit_test(times),     cmocka_unit_test(events),
        cmocka_unit_test(figures), cmocka_unit_test(intervals), cmocka_unit_test(population),
    };
    return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
