/*
 * diff_edits.c - what `wayfare diff` says of a changed constant, against SQL.
 *
 * Over the member base of diff_sql.c, many conditions are written with one constant and again with
 * another: thresholds, windows, dates, values of enums and sets, ranks, bounds of classes. The old
 * constants make one rule file, the new ones another. `wayfare diff` says who entered and left each
 * segment, who moved from class to class, whose action is added or lost; sqlite3 is asked the same.
 * A rule file held against itself must say nothing.
 *
 *   SEED=n COUNT=n WAYFARE=path diff_edits       the lines that differ, and their conditions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tools/sqlshop.h"

/* What stands for a constant in each language. */
enum constant { MONEY, INT, WINDOW, DATE, CITY, TIER, TIERS, TAG };

struct edit {
    enum constant constant;
    int64_t from, to;      /* its range */
    const char *way, *sql; /* with one %s */
};

#define ORDERS "from orders o where o.member_id = m.member_id and o.\"at\" < '2026-11-22'"

static const struct edit EDITS[] = {
    {MONEY, 0, 50000, "spent > %s", "spent > %s"},
    {MONEY, 0, 50000, "not balance > %s", "not balance > %s"},
    {INT, 0, 60, "age >= %s", "age >= %s"},
    {INT, 20, 60, "age between 15 and %s", "age between 15 and %s"},
    {INT, 0, 8, "sms and visits > %s", "sms and visits > %s"},
    {INT, 1, 9, "count purchase in last 60d >= %s",
     "(select count(distinct o.\"order\") " ORDERS " and o.\"at\" >= '2026-09-23') >= %s"},
    {WINDOW, 1, 100, "count purchase in last %s >= 2",
     "(select count(distinct o.\"order\") " ORDERS " and o.\"at\" >= %s) >= 2"},
    {WINDOW, 1, 100, "last purchase older than %s", "(select max(o.\"at\") " ORDERS ") < %s"},
    {WINDOW, 1, 100, "no purchase in last %s and wecom",
     "not exists (select 1 " ORDERS " and o.\"at\" >= %s) and wecom"},
    {MONEY, 0, 60000, "sum purchase.amount in last 90d > %s",
     "(select coalesce(sum(o.amount), 0) " ORDERS " and o.\"at\" >= '2026-08-24') > %s"},
    {DATE, 0, 110, "joined < %s", "joined < %s"},
    {DATE, 0, 110, "(last_visit >= %s or city is missing)", "(last_visit >= %s or city is null)"},
    {CITY, 0, 5, "city = %s", "city = %s"},
    {TIER, 0, 2, "tier >= %s", "tier >= %s"},
    {TIERS, 0, 2, "tier not in (%s)", "tier not in (%s)"},
    {TAG, 0, 3, "tagged %s", "(';' || tags || ';') like '%%;' || %s || ';%%'"},
    {INT, 1, 5, "quintile of spent >= %s",
     "1 + 5 * (select count(*) from members x where x.spent < m.spent)"
     " / (select count(*) from members) >= %s"},
    {INT, 1, 200, "rank of spent <= %s",
     "1 + (select count(*) from members x where x.spent > m.spent) <= %s"},
};

/* A text within quotes of SQL. */
static void put_quoted(const char *text, char sql[64])
{
    size_t n = 0;
    sql[n++] = '\'';
    for (; *text; text++) {
        if (*text == '\'')
            sql[n++] = '\'';
        sql[n++] = *text;
    }
    sql[n++] = '\'';
    sql[n] = 0;
}

static void put_constant(enum constant kind, int64_t value, char way[64], char sql[64])
{
    char date[WF_DATE_TEXT];
    int v = (int)value;
    wf_date_text(NIGHT - value, date);
    switch (kind) {
    case MONEY:
        snprintf(way, 64, "%d.%02d", v / 100, v % 100);
        snprintf(sql, 64, "%d", v);
        break;
    case WINDOW:
        snprintf(way, 64, "%dd", v);
        snprintf(sql, 64, "'%s'", date);
        break;
    case DATE:
        snprintf(way, 64, "%s", date);
        snprintf(sql, 64, "'%s'", date);
        break;
    case CITY:
    case TAG:
        snprintf(way, 64, "\"%s\"", kind == CITY ? cities[v] : tags[v]);
        put_quoted(kind == CITY ? cities[v] : tags[v], sql);
        break;
    case TIER:
        snprintf(way, 64, "%s", tiers[v]);
        snprintf(sql, 64, "%d", v);
        break;
    case TIERS:
        snprintf(way, 64, "%s, %s", tiers[v], tiers[(v + 1) % 3]);
        snprintf(sql, 64, "%d, %d", v, (v + 1) % 3);
        break;
    default:
        snprintf(way, 64, "%d", v);
        snprintf(sql, 64, "%d", v);
        break;
    }
}

/* An edit with its constants drawn: conditions of the two sides. */
struct drawn {
    char way[2][512], sql[2][512];
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static struct drawn draw(struct gen *g, const struct edit *edit)
{
    struct drawn d;
    uint64_t sides = (uint64_t)(edit->to - edit->from) + 1;
    int64_t was = (int64_t)gen_roll(g, sides);
    int64_t is = (was + 1 + (int64_t)gen_roll(g, sides - 1)) % (int64_t)sides;
    for (int i = 0; i < 2; i++) {
        char way[64], sql[64];
        put_constant(edit->constant, edit->from + (i ? is : was), way, sql);
        snprintf(d.way[i], sizeof(d.way[i]), edit->way, way);
        snprintf(d.sql[i], sizeof(d.sql[i]), edit->sql, sql);
    }
    return d;
}
#pragma GCC diagnostic pop

struct files {
    FILE *rules[2], *ask, *list;
};

/* Who is in by one side only: known true there, and not known true on the other. */
static void ask(const struct files *f, const char *what, unsigned n, const char *change,
                const char *in, const char *out)
{
    fprintf(f->ask,
            "select '%s%u', '%s', member_id from members m where (%s) and not coalesce((%s), 0);\n",
            what, n, change, in, out);
}

/* A segment, and a rule for a Sunday, of one condition. */
static void write_edit(const struct files *f, unsigned n, const struct drawn *d)
{
    for (int i = 0; i < 2; i++)
        fprintf(f->rules[i],
                "segment s%u is %s\ntrigger t%u when every sunday and %s then tag \"x\"\n", n,
                d->way[i], n, d->way[i]);
    ask(f, "s", n, "entered", d->sql[1], d->sql[0]);
    ask(f, "s", n, "left", d->sql[0], d->sql[1]);
    ask(f, "t", n, "added", d->sql[1], d->sql[0]);
    ask(f, "t", n, "lost", d->sql[0], d->sql[1]);
    fprintf(f->list, "%u\n  %s\n  %s\n", n, d->way[0], d->way[1]);
}

/* The bounds of classes: unknown where an earlier condition is. */
static void write_classify(struct gen *g, const struct files *f, unsigned n)
{
    int64_t spent[2] = {(int64_t)gen_roll(g, 50000), (int64_t)gen_roll(g, 50000)};
    int64_t age[2] = {(int64_t)gen_roll(g, 60), (int64_t)gen_roll(g, 60)};
    char class_sql[2][512];
    for (int i = 0; i < 2; i++) {
        fprintf(
            f->rules[i],
            "classify k%u { rich when spent > %d.%02d  grown when age >= %d  rest otherwise }\n", n,
            (int)spent[i] / 100, (int)spent[i] % 100, (int)age[n % 2 ? 0 : i]);
        snprintf(class_sql[i], sizeof(class_sql[i]),
                 "case when spent > %d then 'rich' when age is null then '' when age >= %d "
                 "then 'grown' else 'rest' end",
                 (int)spent[i], (int)age[n % 2 ? 0 : i]);
    }
    fprintf(
        f->ask,
        "select 'k%u', was || '>' || now, member_id from (select %s as was, %s as now, member_id "
        "from members m) where was <> now;\n",
        n, class_sql[0], class_sql[1]);
}

/* Occurrences of events that fall due this very midnight. */
static void write_event(struct gen *g, const struct files *f, unsigned n)
{
    int64_t least[2] = {(int64_t)gen_roll(g, 20) * 500, (int64_t)gen_roll(g, 20) * 500};
    char sql[2][512];
    for (int i = 0; i < 2; i++) {
        fprintf(f->rules[i], "trigger e%u when purchase[amount > %d.00] + 2d then tag \"x\"\n", n,
                (int)least[i] / 100);
        snprintf(
            sql[i], sizeof(sql[i]),
            "select member_id, \"order\" from orders where amount > %d and substr(\"at\", 1, 16) = "
            "'2026-11-20T00:00' and member_id in (select member_id from members)",
            (int)least[i]);
    }
    for (int i = 0; i < 2; i++)
        fprintf(f->ask, "select 'e%u', '%s', member_id from (%s except %s);\n", n,
                i ? "added" : "lost", sql[i], sql[!i]);
}

static void write_rules(struct gen *g, unsigned count)
{
    struct files f = {{sqlshop_create("old.way"), sqlshop_create("new.way")},
                      sqlshop_create("ask.sql"),
                      sqlshop_create("edits.txt")};
    for (int i = 0; i < 2; i++)
        fputs(sqlshop_schema_way, f.rules[i]);
    fputs(sqlshop_schema_sql, f.ask);
    for (unsigned i = 0; i < count; i++) {
        struct drawn d = draw(g, &EDITS[i % LENGTH(EDITS)]);
        write_edit(&f, i, &d);
    }
    for (unsigned i = 0; i < count / 10; i++) {
        write_classify(g, &f, i);
        write_event(g, &f, i);
    }
    fclose(f.rules[0]);
    fclose(f.rules[1]);
    fclose(f.ask);
    fclose(f.list);
}

static const char run_both[] =
    "set -e; sqlite3 :memory: <ask.sql; sort -o sql.txt sql.txt\n"
    "asked='--data . --as-of 2026-11-22 --samples 1000000 --format json'\n"
    "\"$WAYFARE\" diff old.way old.way $asked >same.json && grep -q '\"differs\":false' same.json "
    "||"
    " { echo 'a file differs from itself'; exit 1; }\n"
    "\"$WAYFARE\" diff old.way new.way $asked >diff.json && { echo 'nothing differs'; exit 1; }\n"
    "sqlite3 :memory: \".mode list\" \"\n"
    "  create table j as select readfile('diff.json') as t;\n"
    "  create table w(who, list);\n"
    "  insert into w values ('entered', '$.entered.samples'), ('left', '$.left.samples');\n"
    "  select json_extract(s.value, '$.segment'), who, json_extract(x.value, '$.member')\n"
    "    from j, json_each(t, '$.segments') s, w, json_each(s.value, w.list) x;\n"
    "  update w set who = replace(replace(who, 'entered', 'added'), 'left', 'lost');\n"
    "  update w set list = '$.' || who || '.samples';\n"
    "  select json_extract(s.value, '$.rule'), who, json_extract(x.value, '$.member')\n"
    "    from j, json_each(t, '$.actions') s, w, json_each(s.value, w.list) x;\n"
    "  select json_extract(s.value, '$.classify'), coalesce(json_extract(s.value, '$.from'), '')\n"
    "      || '>' || coalesce(json_extract(s.value, '$.to'), ''), json_extract(x.value, "
    "'$.member')\n"
    "    from j, json_each(t, '$.moves') s, json_each(s.value, '$.who.samples') x\" | sort "
    ">way.txt\n"
    "cmp -s sql.txt way.txt && exit 0\n"
    "diff sql.txt way.txt | grep '^[<>]' | sed 's/^</only in SQL: /; s/^>/only in Wayfare: /' "
    ">delta\n"
    "head -20 delta; for n in $(sed 's/.*: *[a-z]//; s/|.*//' delta | sort -u | head -5); do\n"
    "  grep -A2 \"^$n\\$\" edits.txt; done; exit 1\n";

int main(void)
{
    struct gen g;
    unsigned seed = sqlshop_setting("SEED", 1), count = sqlshop_setting("COUNT", 360);
    char folder[] = "/tmp/diff_edits.XXXXXX";
    if (!sqlshop_open("diff_edits", folder, seed, &g))
        return 64;
    write_rules(&g, count);
    int status = sqlshop_sh(run_both);
    if (status == 0)
        status =
            sqlshop_sh("[ $(cut -d'|' -f1 sql.txt | uniq | wc -l) -gt 300 ]"); /* not all empty */
    return sqlshop_close("diff_edits", folder, seed, status,
                         "edits of a constant: the same members as SQL", count);
}
