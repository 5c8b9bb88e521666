/*
 * Random metrics, each written twice. SQL answers in the form of metrics.csv: name, group, value,
 * members, unknown.
 */
#include <stdio.h>
#include <string.h>

#include "tests/tools/sqlgen.h"

enum form { SHARE, COUNT, SUM, AVERAGE, MEDIAN, RATIO, FORMS };

/* What is summed, and how its figures are written. */
struct quantity {
    const char *name;
    enum { WHOLE, MONEY, NUMBER } kind;
};
static const struct quantity quantities[] = {
    {"visits", WHOLE}, {"spent", MONEY}, {"balance", MONEY}, {"nps", NUMBER}, {"age", WHOLE}};

static const struct {
    const char *way, *sql;
} groups[] = {
    {"", "''"},
    {"city", "m.city"},
    {"tier", "case m.tier when 0 then 'silver' when 1 then 'gold' when 2 then 'black' end"},
    {"wecom", "case m.wecom when 1 then 'true' when 0 then 'false' end"},
    {"sms", "case m.sms when 1 then 'true' when 0 then 'false' end"},
    {"joined", "m.joined"},
};

/* A condition: in the language as it is, in SQL as a column of that name. */
static void condition_column(struct gen *g, const char *column)
{
    gen_sql(g, ", (");
    gen_condition(g, 2);
    gen_sql(g, ") as %s", column);
}

static const char *written(int kind)
{
    if (kind == MONEY)
        return "printf('%.2f', round(v) / 100.0)";
    return kind == NUMBER ? "rtrim(rtrim(printf('%.6f', v), '0'), '.')" : "printf('%d', v)";
}

/* The figure in the language, and the columns it needs in SQL. Answers how SQL computes it. */
static const char *figure(struct gen *g, enum form form, const struct quantity *q, char *value,
                          size_t room)
{
    static const char *const words[] = {"share", "count", "sum", "average", "median"};
    if (form == SHARE || form == COUNT)
        gen_way(g, form == SHARE ? "share of members where " : "count members where ");
    else if (form == RATIO)
        gen_way(g, "(sum of %s over members where ", q->name);
    else
        gen_way(g, "%s of %s over members where ", words[form], q->name);
    condition_column(g, "c");
    if (form == RATIO) {
        gen_way(g, ") / (count members where ");
        condition_column(g, "d");
        gen_way(g, ")");
    } else {
        gen_sql(g, ", 0 as d");
    }
    gen_sql(g, ", m.%s as x", q->name);
    static const char *const sql[FORMS] = {
        [SHARE] = "1.0 * sum(a is true and c is true) / nullif(sum(a is true), 0)",
        [COUNT] = "coalesce(sum(a is true and c is true), 0)",
        [SUM] = "coalesce(sum(x) filter (where a is true and c is true), 0)",
        [AVERAGE] = "avg(x) filter (where a is true and c is true)",
        [MEDIAN] = "avg(x) filter (where a is true and c is true and "
                   "i in ((n + 1) / 2, (n + 2) / 2))",
        [RATIO] = "1.0 * coalesce(sum(x) filter (where a is true and c is true), 0)"
                  " / nullif(sum(a is true and d is true), 0)",
    };
    snprintf(value, room, "%s", sql[form]);
    if (form == COUNT)
        return written(WHOLE);
    if (form == SHARE)
        return written(NUMBER);
    return written(q->kind == WHOLE && form != SUM ? NUMBER : (int)q->kind);
}

void gen_metric(struct gen *g, unsigned number)
{
    enum form form = (enum form)gen_roll(g, FORMS);
    unsigned by = gen_chance(g, 40) ? 0 : (unsigned)gen_roll(g, LENGTH(groups));
    const struct quantity *q = &quantities[gen_roll(g, LENGTH(quantities))];
    char value[160];
    gen_way(g, "metric f%u is ", number);
    gen_sql(g, "with rows as (select %s as k", groups[by].sql);
    const char *text = figure(g, form, q, value, sizeof(value));
    if (gen_chance(g, 50)) {
        gen_way(g, " among members where ");
        condition_column(g, "a");
    } else {
        gen_sql(g, ", 1 as a");
    }
    gen_sql(g, " from members m),\n counted as (select *,"
               " row_number() over (partition by k, (a is true and c is true and x is not null)"
               " order by x) as i,"
               " count(*) over (partition by k, (a is true and c is true and x is not null)) as n"
               " from rows where a is not false)\n");
    gen_sql(g,
            "select 'f%u', k, case when v is null then '' else %s end, members, unknown from ("
            "select coalesce(k, '') as k, %s as v, coalesce(sum(a is true), 0) as members,"
            " coalesce(sum(a is null or c is null or d is null), 0) as unknown"
            " from counted%s);\n",
            number, text, value, by ? " group by counted.k" : "");
    if (by)
        gen_way(g, " by %s", groups[by].way);
    gen_way(g, "\n");
}
