#include "tests/tools/sqlgen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const cities[] = {"上海", "北京", "苏州", "Hong Kong", "hong kong", "O'Hare"};
const char *const brands[] = {"明月", "蔡司", "Oakley", "oakley"};
const char *const channels[] = {"store", "app", "web"};
const char *const tiers[] = {"silver", "gold", "black"};
const char *const tags[] = {"vip", "svip", "deal", "ip"};
static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};

uint64_t gen_roll(struct gen *g, uint64_t sides)
{
    uint64_t x = g->state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return (x ^ x >> 31) % sides;
}

bool gen_chance(struct gen *g, unsigned percent)
{
    return gen_roll(g, 100) < percent;
}

/* The same in both languages, or each its own. */
void gen_both(struct gen *g, const char *text)
{
    wf_buf_adds(&g->way, text);
    wf_buf_adds(&g->sql, text);
}

void gen_way(struct gen *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wf_buf_addv(&g->way, format, args);
    va_end(args);
}

void gen_sql(struct gen *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wf_buf_addv(&g->sql, format, args);
    va_end(args);
}

void gen_cut(struct wf_buf *buf, size_t len)
{
    if (buf->data) {
        buf->len = len;
        buf->data[len] = '\0';
    }
}

void gen_op(struct gen *g, const char *sign)
{
    gen_way(g, " %s ", sign);
    gen_sql(g, " %s ", strcmp(sign, "!=") == 0 ? "<>" : sign);
}

/* 'O''Hare' */
static void sql_text(struct gen *g, const char *text)
{
    gen_sql(g, "'");
    for (; *text; text++)
        gen_sql(g, *text == '\'' ? "''" : "%c", *text);
    gen_sql(g, "'");
}

void gen_text_literal(struct gen *g, const char *text)
{
    gen_way(g, "\"%s\"", text);
    sql_text(g, text);
}

void gen_money_literal(struct gen *g, int64_t cents)
{
    gen_way(g, "%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
    gen_sql(g, "%lld", (long long)cents);
}

void gen_date_literal(struct gen *g)
{
    char text[WF_DATE_TEXT];
    wf_date_text(NIGHT - 120 + (int64_t)gen_roll(g, 150), text);
    gen_way(g, "%s", text);
    gen_sql(g, "'%s'", text);
}

/* ---- events ---- */

/* A condition on one row of an order; `doubtful` when it may be unknown. */
static bool row_filter(struct gen *g)
{
    switch (gen_roll(g, 7)) {
    case 0:
        gen_both(g, "amount");
        gen_op(g, PICK(g, ops));
        gen_money_literal(g, (int64_t)gen_roll(g, 20) * 500);
        return false;
    case 1:
        gen_both(g, "qty");
        gen_op(g, PICK(g, ops));
        gen_both(g, gen_chance(g, 50) ? "1" : "2");
        return false;
    case 2:
        gen_both(g, "channel = ");
        gen_text_literal(g, PICK(g, channels));
        return false;
    case 3:
        gen_way(g, "coupon is present");
        gen_sql(g, "coupon is not null");
        return false;
    case 4:
        gen_both(g, "brand");
        gen_op(g, gen_chance(g, 50) ? "=" : "!=");
        gen_text_literal(g, PICK(g, brands));
        return true;
    case 5:
        gen_both(g, "brand in (");
        gen_text_literal(g, PICK(g, brands));
        gen_both(g, ", ");
        gen_text_literal(g, PICK(g, brands));
        gen_both(g, ")");
        return true;
    default:
        gen_both(g, "not (points > ");
        gen_both(g, gen_chance(g, 50) ? "1" : "3");
        gen_both(g, ")");
        return true;
    }
}

static bool filter(struct gen *g)
{
    bool doubtful = row_filter(g);
    if (gen_chance(g, 40)) {
        gen_both(g, gen_chance(g, 60) ? " and " : " or ");
        doubtful |= row_filter(g);
    }
    return doubtful;
}

void gen_window(struct gen *g, struct gen_set *set)
{
    char a[WF_DATE_TEXT], b[WF_DATE_TEXT], night[WF_DATE_TEXT];
    int64_t from = NIGHT - 1 - (int64_t)gen_roll(g, 100), to = from + 1 + (int64_t)gen_roll(g, 60);
    wf_date_text(from, a);
    wf_date_text(to > NIGHT ? NIGHT : to, b);
    wf_date_text(NIGHT, night);
    switch (gen_roll(g, 4)) {
    case 0:
        strcpy(b, night);
        strcpy(a, "0001-01-01");
        break;
    case 1:
        strcpy(b, night);
        gen_way(g, " in last %lldd", (long long)(NIGHT - from));
        break;
    case 2:
        strcpy(b, night);
        gen_way(g, " since %s", a);
        break;
    default: gen_way(g, " from %s to %s", a, b); break;
    }
    snprintf(set->where, sizeof(set->where),
             "o.member_id = m.member_id and o.\"at\" >= '%sT00:00:00' and o.\"at\" < '%sT00:00:00'",
             a, b);
}

struct gen_set gen_events(struct gen *g, bool windowed)
{
    struct gen_set set = {.filter = "1"};
    gen_way(g, "purchase");
    if (gen_chance(g, 60)) {
        size_t at = g->sql.len;
        gen_way(g, "[");
        set.doubtful = filter(g);
        gen_way(g, "]");
        snprintf(set.filter, sizeof(set.filter), "(%s)", wf_buf_str(&g->sql) + at);
        gen_cut(&g->sql, at);
    }
    if (windowed)
        gen_window(g, &set);
    else
        snprintf(set.where, sizeof(set.where), "o.member_id = m.member_id");
    return set;
}

static void count_of(struct gen *g, const struct gen_set *set, const char *which)
{
    gen_sql(g, "(select count(distinct o.\"order\") from orders o where %s and %s %s)", set->where,
            set->filter, which);
}

/* `count E >= 2`: true or false only where undecided events cannot change it. */
void gen_compare_count(struct gen *g)
{
    const char *sign = PICK(g, ops);
    long k = (long)gen_roll(g, 4);
    gen_way(g, "count ");
    struct gen_set set = gen_events(g, true);
    gen_way(g, " %s %ld", sign, k);
    const char *same = strcmp(sign, "!=") == 0 ? "<>" : sign;
    bool less = sign[0] == '<', equal = sign[0] == '=' || sign[0] == '!';
    /* With [lo, hi] for the count: "=" needs lo = hi; "<" is sure where hi is, out where lo is not.
     */
    gen_sql(g, "(select case");
    if (equal) {
        gen_sql(g, " when lo = hi then lo %s %ld when %ld not between lo and hi then %d", same, k,
                k, sign[0] == '!');
    } else {
        gen_sql(g, " when %s %s %ld then 1", less ? "hi" : "lo", same, k);
        gen_sql(g, " when not (%s %s %ld) then 0", less ? "lo" : "hi", same, k);
    }
    gen_sql(g, " end from (select ");
    count_of(g, &set, "= 1");
    gen_sql(g,
            " as lo, (select count(distinct o.\"order\") from orders o where %s and "
            "(%s = 1 or %s is null)) as hi))",
            set.where, set.filter, set.filter);
}

void gen_any_or_no(struct gen *g)
{
    bool any = gen_chance(g, 50);
    gen_way(g, any ? "any " : "no ");
    struct gen_set set = gen_events(g, true);
    gen_sql(g, "(case when exists (select 1 from orders o where %s and %s = 1) then %d", set.where,
            set.filter, any);
    gen_sql(g,
            " when exists (select 1 from orders o where %s and %s is null) then null else %d end)",
            set.where, set.filter, !any);
}

/* An aggregate that is missing where an undecided row could change it. */
void gen_certain(struct gen *g, const struct gen_set *set, const char *what)
{
    if (set->doubtful) /* an event is known as soon as one of its rows matches */
        gen_sql(g,
                "(case when exists (select 1 from orders o where %s group by o.\"order\" having "
                "sum(%s is null) > 0 and coalesce(max(%s), 0) = 0) then null else ",
                set->where, set->filter, set->filter);
    gen_sql(g, "(select %s from orders o where %s and %s = 1)", what, set->where, set->filter);
    if (set->doubtful)
        gen_sql(g, " end)");
}

struct gen_set gen_total_events(struct gen *g)
{
    for (;;) {
        size_t at_way = g->way.len, at_sql = g->sql.len;
        struct gen_set set = gen_events(g, true);
        if (!set.doubtful)
            return set;
        gen_cut(&g->way, at_way);
        gen_cut(&g->sql, at_sql);
    }
}
