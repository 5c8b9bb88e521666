/* sqlgen_member.c - values of a member and conditions over them. */
#include "tests/tools/sqlgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};

/* `whole`: not of points, which an order may lack: a doubt that no `or else` takes away. */
static void int_aggregate(struct gen *g, bool whole)
{
    static const struct {
        const char *way, *field, *sql;
    } kinds[] = {
        {"count ", "", "count(distinct o.\"order\")"},
        {"sum ", ".qty", "coalesce(sum(o.qty), 0)"},
        {"distinct ", ".brand", "count(distinct o.brand)"},
        {"distinct ", ".channel", "count(distinct o.channel)"},
        {"max ", ".qty", "max(o.qty)"},
        {"min ", ".qty", "min(o.qty)"},
        {"max ", ".points", "case when count(*) = count(o.points) then max(o.points) end"},
    };
    size_t k = gen_roll(g, LENGTH(kinds) - whole);
    /* the field stands behind the set's name: write the set aside first */
    size_t at = g->way.len;
    struct gen_set set = gen_total_events(g);
    char text[1024];
    snprintf(text, sizeof(text), "%s", wf_buf_str(&g->way) + at + strlen("purchase"));
    gen_cut(&g->way, at);
    char *behind = text; /* the filter's brackets, then the field, then the window */
    if (text[0] == '[')
        behind = strchr(text, ']') + 1;
    gen_way(g, "(%spurchase%.*s%s%s)", kinds[k].way, (int)(behind - text), text, kinds[k].field,
            behind);
    gen_certain(g, &set, kinds[k].sql);
}

static void int_value(struct gen *g, int depth)
{
    switch (gen_roll(g, depth > 0 ? 8 : 4)) {
    case 0: gen_both(g, "visits"); break;
    case 1: gen_both(g, "age"); break;
    case 2: {
        char literal[16];
        snprintf(literal, sizeof(literal), "%u", (unsigned)gen_roll(g, 40));
        gen_both(g, literal);
        break;
    }
    case 3: int_aggregate(g, false); break;
    case 4:
        gen_way(g, "(");
        gen_sql(g, "coalesce(");
        if (gen_chance(g, 50))
            gen_both(g, "age");
        else
            int_aggregate(g, true);
        gen_way(g, " or else ");
        gen_sql(g, ", ");
        gen_both(g, "7");
        gen_both(g, ")");
        break;
    case 5:
        gen_way(g, "(days since last purchase)");
        gen_sql(g,
                "(select cast(julianday('2026-11-22') - julianday(substr(max(o.\"at\"), 1, 10)) as "
                "integer) from orders o where o.member_id = m.member_id and o.\"at\" < "
                "'2026-11-22T00:00:00')");
        break;
    default:
        gen_both(g, "(");
        int_value(g, depth - 1);
        gen_both(g, gen_chance(g, 60) ? (gen_chance(g, 50) ? " + " : " - ") : " * ");
        int_value(g, 0);
        gen_both(g, ")");
        break;
    }
}

static void money_value(struct gen *g, int depth)
{
    switch (gen_roll(g, depth > 0 ? 6 : 4)) {
    case 0: gen_both(g, "spent"); break;
    case 1: gen_both(g, "balance"); break;
    case 2: gen_money_literal(g, (int64_t)gen_roll(g, 200) * 250); break;
    case 3: {
        static const char *const names[] = {"sum", "max", "min"};
        size_t k = gen_roll(g, 3);
        gen_way(g, "(%s purchase.amount", names[k]);
        struct gen_set set = {.filter = "1"};
        gen_window(g, &set);
        gen_way(g, ")");
        gen_certain(g, &set,
                    k == 0   ? "coalesce(sum(o.amount), 0)"
                    : k == 1 ? "max(o.amount)"
                             : "min(o.amount)");
        break;
    }
    case 4:
        gen_both(g, gen_chance(g, 50) ? "(spent" : "(balance");
        gen_both(g, gen_chance(g, 50) ? " + " : " - ");
        money_value(g, 0);
        gen_both(g, ")");
        break;
    default:
        gen_both(g, gen_chance(g, 50) ? "(spent * " : "(balance * ");
        int_value(g, 0);
        gen_both(g, ")");
        break;
    }
}

static void date_value(struct gen *g, int depth)
{
    switch (gen_roll(g, depth > 0 ? 4 : 3)) {
    case 0: gen_both(g, "joined"); break;
    case 1: gen_both(g, "last_visit"); break;
    case 2: gen_date_literal(g); break;
    default: {
        int days = (int)gen_roll(g, 60) - 30;
        gen_way(g, "(");
        gen_sql(g, "date(");
        date_value(g, 0);
        gen_way(g, " %c %dd)", days < 0 ? '-' : '+', abs(days));
        gen_sql(g, ", '%+d days')", days);
        break;
    }
    }
}

/* ---- conditions ---- */

static void comparison(struct gen *g)
{
    const char *sign = PICK(g, ops);
    gen_both(g, "(");
    switch (gen_roll(g, 5)) {
    case 0:
        int_value(g, 1);
        gen_op(g, sign);
        int_value(g, 1);
        break;
    case 1:
        money_value(g, 1);
        gen_op(g, sign);
        money_value(g, 0);
        break;
    case 2:
        date_value(g, 1);
        gen_op(g, sign);
        date_value(g, 0);
        break;
    case 3:
        gen_both(g, "nps");
        gen_op(g, sign);
        gen_both(g, gen_chance(g, 50) ? "5.5" : "8");
        break;
    default: /* a quotient: by zero it is unknown */
        int_value(g, 0);
        gen_way(g, " / ");
        gen_sql(g, " * 1.0 / ");
        gen_both(g, "visits");
        gen_op(g, sign);
        gen_both(g, gen_chance(g, 50) ? "0.5" : "2.0");
        break;
    }
    gen_both(g, ")");
}

static void text_test(struct gen *g)
{
    const char *city = PICK(g, cities);
    switch (gen_roll(g, 6)) {
    case 0:
        gen_both(g, "(city ");
        gen_both(g, gen_chance(g, 50) ? "in (" : "not in (");
        gen_text_literal(g, city);
        gen_both(g, ", ");
        gen_text_literal(g, PICK(g, cities));
        gen_both(g, "))");
        break;
    case 1:
        gen_both(g, "(city");
        gen_op(g, gen_chance(g, 50) ? "=" : "!=");
        gen_text_literal(g, city);
        gen_both(g, ")");
        break;
    case 2:
        gen_way(g, "(city contains \"on\")");
        gen_sql(g, "(instr(city, 'on') > 0)");
        break;
    case 3:
        gen_way(g, "(city starts with \"H\")");
        gen_sql(g, "(substr(city, 1, 1) = 'H')");
        break;
    case 4:
        gen_way(g, "(city matches \"*ong ?ong\")");
        gen_sql(g, "(city glob '*ong ?ong')");
        break;
    default: {
        const char *tag = PICK(g, tags);
        gen_way(g, "(tagged \"%s\")", tag);
        gen_sql(g, "(instr(';' || coalesce(tags, '') || ';', ';%s;') > 0)", tag);
        break;
    }
    }
}

static void presence(struct gen *g)
{
    static const char *const fields[] = {"age", "city", "last_visit", "nps",
                                         "sms", "tier", "balance"};
    const char *field = PICK(g, fields);
    bool missing = gen_chance(g, 50);
    gen_way(g, "(%s is %s)", field, missing ? "missing" : "present");
    gen_sql(g, "(%s is %s)", field, missing ? "null" : "not null");
}

static void date_window(struct gen *g)
{
    char edge[WF_DATE_TEXT];
    int days = 1 + (int)gen_roll(g, 90);
    const char *field = gen_chance(g, 50) ? "joined" : "last_visit";
    switch (gen_roll(g, 3)) {
    case 0:
        wf_date_text(NIGHT - days, edge);
        gen_way(g, "(%s within last %dd)", field, days);
        gen_sql(g, "(%s >= '%s' and %s < '2026-11-22')", field, edge, field);
        break;
    case 1:
        wf_date_text(NIGHT + days, edge);
        gen_way(g, "(%s within next %dd)", field, days);
        gen_sql(g, "(%s >= '2026-11-22' and %s < '%s')", field, field, edge);
        break;
    default:
        wf_date_text(NIGHT - days, edge);
        gen_way(g, "(%s older than %dd)", field, days);
        gen_sql(g, "(%s < '%s')", field, edge);
        break;
    }
}

static void last_or_first(struct gen *g)
{
    char edge[WF_DATE_TEXT];
    int days = 1 + (int)gen_roll(g, 90);
    bool last = gen_chance(g, 50);
    wf_date_text(NIGHT - days, edge);
    gen_way(g, "(%s ", last ? "last" : "first");
    struct gen_set set = gen_events(g, false);
    gen_way(g, " older than %dd)", days);
    strcat(set.where, " and o.\"at\" < '2026-11-22T00:00:00'");
    gen_sql(g, "(");
    gen_certain(g, &set, last ? "max(o.\"at\")" : "min(o.\"at\")");
    gen_sql(g, " < '%sT00:00:00')", edge);
}

static void quantile(struct gen *g)
{
    static const char *const fields[] = {"visits", "age", "spent", "balance"};
    const char *field = PICK(g, fields);
    bool ten = gen_chance(g, 50);
    int q = ten ? 10 : 5, k = 1 + (int)gen_roll(g, (uint64_t)q);
    const char *sign = PICK(g, ops);
    gen_way(g, "(%s of %s %s %d)", ten ? "decile" : "quintile", field, sign, k);
    gen_sql(g,
            "(case when %s is null then null else 1 + %d * (select count(*) from members x where "
            "x.%s < m.%s) / (select count(*) from members x where x.%s is not null) %s %d end)",
            field, q, field, field, field, strcmp(sign, "!=") == 0 ? "<>" : sign, k);
}

static void leaf(struct gen *g)
{
    switch (gen_roll(g, 14)) {
    case 0: gen_both(g, "wecom"); break;
    case 1: gen_both(g, "sms"); break;
    case 2:
        gen_both(g, "(tier");
        gen_op(g, PICK(g, ops));
        size_t k = gen_roll(g, LENGTH(tiers));
        gen_way(g, "%s)", tiers[k]);
        gen_sql(g, "%zu)", k);
        break;
    case 3: text_test(g); break;
    case 4: presence(g); break;
    case 5: date_window(g); break;
    case 6: last_or_first(g); break;
    case 7: quantile(g); break;
    case 8:
        gen_both(g, "(age between 20 and ");
        gen_both(g, gen_chance(g, 50) ? "30)" : "50)");
        break;
    case 9:
    case 10:
        gen_way(g, "(");
        gen_compare_count(g);
        gen_way(g, ")");
        break;
    case 11:
        gen_way(g, "(");
        gen_any_or_no(g);
        gen_way(g, ")");
        break;
    default: comparison(g); break;
    }
}

void gen_condition(struct gen *g, int depth)
{
    if (depth == 0 || gen_chance(g, 25)) {
        leaf(g);
        return;
    }
    if (gen_chance(g, 25)) {
        gen_both(g, "(not ");
        gen_condition(g, depth - 1);
        gen_both(g, ")");
        return;
    }
    gen_both(g, "(");
    gen_condition(g, depth - 1);
    gen_both(g, gen_chance(g, 50) ? " and " : " or ");
    gen_condition(g, depth - 1);
    gen_both(g, ")");
}
