/* The scalar semantics, a table for every operation. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/base/calendar.h"
#include "lang/base/value.h"
#include "lang/base/zone.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MAX INT64_MAX
#define MIN INT64_MIN

static struct wf_value of(enum wf_type type, int64_t i)
{
    return wf_int_value(type, i);
}

static struct wf_value num(double f)
{
    return wf_number_value(f);
}

static struct wf_value text(const char *s)
{
    return s ? wf_text_value(WF_T_TEXT, s, strlen(s)) : wf_missing(WF_T_TEXT);
}

static void assert_same(struct wf_value got, struct wf_value want)
{
    assert_int_equal(got.type, want.type);
    assert_int_equal(got.present, want.present);
    if (!want.present)
        return;
    if (want.type == WF_T_NUMBER)
        assert_memory_equal(&got.f, &want.f, sizeof(double));
    else
        assert_int_equal(got.i, want.i);
}

/* 'T', 'F' or 'U' (unknown). */
static struct wf_value kleene(char c)
{
    return c == 'U' ? wf_missing(WF_T_BOOL) : wf_bool_value(c == 'T');
}

static char letter(struct wf_value v)
{
    assert_int_equal(v.type, WF_T_BOOL);
    return !v.present ? 'U' : v.i ? 'T' : 'F';
}

static void truth_tables(void **state)
{
    (void)state;
    static const char table[9][5] = {/* a b and or not-a */
                                     "TTTTF", "TFFTF", "TUUTF", "FTFTT", "FFFFT",
                                     "FUFUT", "UTUTU", "UFFUU", "UUUUU"};
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_value a = kleene(table[i][0]), b = kleene(table[i][1]);
        assert_int_equal(letter(wf_value_and(a, b)), table[i][2]);
        assert_int_equal(letter(wf_value_or(a, b)), table[i][3]);
        assert_int_equal(letter(wf_value_not(a)), table[i][4]);
        /* De Morgan holds with the third value too */
        assert_int_equal(letter(wf_value_not(wf_value_and(a, b))),
                         letter(wf_value_or(wf_value_not(a), wf_value_not(b))));
    }
}

static void check_order(struct wf_value a, struct wf_value b, const char *want)
{
    for (int cmp = WF_CMP_EQ; cmp <= WF_CMP_GE; cmp++)
        assert_int_equal(letter(wf_value_cmp((enum wf_cmp)cmp, a, b)), want[cmp]);
}

static void comparisons(void **state)
{
    (void)state;
    static const char *const less = "FTTTFF", *const equal = "TFFTFT", *const more = "FTFFTT",
                             *const unknown = "UUUUUU"; /* = != < <= > >= */
    static const enum wf_type whole[] = {WF_T_INT,   WF_T_MONEY, WF_T_DATE,   WF_T_TIME,
                                         WF_T_CLOCK, WF_T_DAYS,  WF_T_MONTHS, WF_T_SECONDS,
                                         WF_T_ENUM,  WF_T_REF};
    for (size_t i = 0; i < LENGTH(whole); i++) {
        enum wf_type t = whole[i];
        check_order(of(t, 1), of(t, 2), less);
        check_order(of(t, 2), of(t, 2), equal);
        check_order(of(t, MAX), of(t, MIN), more);
        check_order(of(t, MIN), of(t, MAX), less);
        check_order(of(t, 1), wf_missing(t), unknown);
        check_order(wf_missing(t), of(t, 1), unknown);
        check_order(wf_missing(t), wf_missing(t), unknown);
    }
    check_order(num(0.1), num(0.2), less);
    check_order(num(-0.0), num(0.0), equal);
    check_order(num(1e308), num(-1e308), more);
    check_order(num(1), wf_missing(WF_T_NUMBER), unknown);
    check_order(text("a"), text("b"), less);
    check_order(text("a"), text("ab"), less);
    check_order(text(""), text("a"), less);
    check_order(text("ab"), text("ab"), equal);
    check_order(text("é"), text("z"), more); /* by bytes, never by locale */
    check_order(text("Z"), text("a"), less);
    check_order(text(""), text(""), equal);
    check_order(text(NULL), text(""), unknown);
    check_order(of(WF_T_INT, 1), num(1), unknown); /* types never mix */
}

enum op { ADD, SUB, MUL, DIV };

static struct wf_value apply(enum op op, struct wf_value a, struct wf_value b)
{
    switch (op) {
    case ADD: return wf_value_add(a, b);
    case SUB: return wf_value_sub(a, b);
    case MUL: return wf_value_mul(a, b);
    case DIV: return wf_value_div(a, b);
    }
    return wf_missing(WF_T_NONE);
}

/* Operations on whole numbers; `fits` false: the answer is missing. */
static void whole_arithmetic(void **state)
{
    (void)state;
    static const struct {
        enum op op;
        int64_t a, b, want;
        bool fits;
    } table[] = {
        {ADD, 2, 3, 5, true},      {ADD, MAX, 1, 0, false},  {ADD, MIN, -1, 0, false},
        {ADD, MAX, MIN, -1, true}, {ADD, MAX, 0, MAX, true}, {SUB, 2, 3, -1, true},
        {SUB, MIN, 1, 0, false},   {SUB, MAX, -1, 0, false}, {SUB, 0, MIN, 0, false},
        {SUB, -1, MIN, MAX, true}, {SUB, MIN, MIN, 0, true},
    };
    static const enum wf_type types[] = {WF_T_INT, WF_T_MONEY, WF_T_DAYS, WF_T_MONTHS,
                                         WF_T_SECONDS};
    for (size_t t = 0; t < LENGTH(types); t++) {
        enum wf_type type = types[t];
        for (size_t i = 0; i < LENGTH(table); i++) {
            struct wf_value want = table[i].fits ? of(type, table[i].want) : wf_missing(type);
            assert_same(apply(table[i].op, of(type, table[i].a), of(type, table[i].b)), want);
        }
        for (int op = ADD; op <= SUB; op++) {
            assert_same(apply((enum op)op, wf_missing(type), of(type, 1)), wf_missing(type));
            assert_same(apply((enum op)op, of(type, 1), wf_missing(type)), wf_missing(type));
        }
        assert_same(wf_value_neg(of(type, 5)), of(type, -5));
        assert_same(wf_value_neg(of(type, MAX)), of(type, -MAX));
        assert_same(wf_value_neg(of(type, MIN)), wf_missing(type));
        assert_same(wf_value_neg(wf_missing(type)), wf_missing(type));
    }
    assert_same(wf_value_add(of(WF_T_DAYS, 1), of(WF_T_SECONDS, 1)), wf_missing(WF_T_DAYS));
}

static void products(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b, want;
        bool fits;
    } table[] = {
        {6, 7, 42, true},
        {-6, 7, -42, true},
        {0, MIN, 0, true},
        {MIN, -1, 0, false},
        {-1, MIN, 0, false},
        {MAX, 2, 0, false},
        {MIN, 1, MIN, true},
        {MAX, -1, -MAX, true},
        {1LL << 32, 1LL << 31, 0, false},
        {-(1LL << 32), 1LL << 31, MIN, true},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_value a = of(WF_T_INT, table[i].a), b = of(WF_T_INT, table[i].b);
        struct wf_value price = of(WF_T_MONEY, table[i].a);
        bool fits = table[i].fits;
        assert_same(wf_value_mul(a, b), fits ? of(WF_T_INT, table[i].want) : wf_missing(WF_T_INT));
        struct wf_value sum = fits ? of(WF_T_MONEY, table[i].want) : wf_missing(WF_T_MONEY);
        assert_same(wf_value_mul(price, b), sum);
        assert_same(wf_value_mul(b, price), sum);
    }
    assert_same(wf_value_mul(of(WF_T_MONEY, 1), of(WF_T_MONEY, 1)), wf_missing(WF_T_MONEY));
    assert_same(wf_value_mul(wf_missing(WF_T_INT), of(WF_T_MONEY, 1)), wf_missing(WF_T_MONEY));
}

/* money * number and money / number: one rounding, half away from zero. */
static void money_rounding(void **state)
{
    (void)state;
    static const struct {
        enum op op;
        int64_t money;
        double by;
        int64_t want;
        bool fits;
    } table[] = {
        {MUL, 5, 0.5, 3, true},
        {MUL, -5, 0.5, -3, true},
        {MUL, 3, 0.5, 2, true},
        {MUL, 1, 0.49, 0, true},
        {MUL, 1, 0.49999999999999994, 0, true}, /* adding a half would round it up */
        {MUL, 10, 0.35, 4, true},
        {MUL, 10, 0.15, 2, true},
        {MUL, 1999, 0.8, 1599, true},
        {MUL, 10000, -0.07, -700, true},
        {MUL, MAX, 0.5, INT64_C(4611686018427387904), true},
        {MUL, MAX, 1.0, 0, false}, /* as a double it is 2^63 */
        {MUL, MIN, 1.0, MIN, true},
        {MUL, 100, 1e30, 0, false},
        {DIV, 100, 3, 33, true},
        {DIV, 200, 3, 67, true},
        {DIV, 1, 2, 1, true},
        {DIV, -1, 2, -1, true},
        {DIV, 100, 0, 0, false},
        {DIV, 0, 0, 0, false},
        {DIV, 100, 1e-300, 0, false},
        {DIV, 100, -0.0, 0, false},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_value want =
            table[i].fits ? of(WF_T_MONEY, table[i].want) : wf_missing(WF_T_MONEY);
        assert_same(apply(table[i].op, of(WF_T_MONEY, table[i].money), num(table[i].by)), want);
        if (table[i].op == MUL)
            assert_same(wf_value_mul(num(table[i].by), of(WF_T_MONEY, table[i].money)), want);
    }
}

static void numbers(void **state)
{
    (void)state;
    assert_same(wf_value_add(num(0.1), num(0.2)), num(0.1 + 0.2));
    assert_same(wf_value_sub(num(1), num(0.9)), num(1 - 0.9));
    assert_same(wf_value_mul(num(3), num(0.1)), num(3 * 0.1));
    assert_same(wf_value_div(num(1), num(3)), num(1.0 / 3));
    assert_same(wf_value_div(num(1), num(0)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_div(num(0), num(0)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_mul(num(DBL_MAX), num(2)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_add(num(DBL_MAX), num(DBL_MAX)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_neg(num(2.5)), num(-2.5));
    assert_same(num(NAN), wf_missing(WF_T_NUMBER));
    assert_same(num(-INFINITY), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_add(num(1), wf_missing(WF_T_NUMBER)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_div(of(WF_T_MONEY, 1), of(WF_T_MONEY, 4)), num(0.25));
    assert_same(wf_value_div(of(WF_T_MONEY, 1), of(WF_T_MONEY, 0)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_div(wf_missing(WF_T_MONEY), num(2)), wf_missing(WF_T_MONEY));
    assert_same(wf_value_div(wf_missing(WF_T_MONEY), of(WF_T_MONEY, 2)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_to_number(of(WF_T_INT, 7)), num(7));
    assert_same(wf_value_to_number(of(WF_T_MONEY, 1999)), num(19.99));
    assert_same(wf_value_to_number(wf_missing(WF_T_INT)), wf_missing(WF_T_NUMBER));
    assert_same(wf_value_to_money(of(WF_T_INT, 20)), of(WF_T_MONEY, 2000));
    assert_same(wf_value_to_money(of(WF_T_INT, MAX / 100)), of(WF_T_MONEY, MAX / 100 * 100));
    assert_same(wf_value_to_money(of(WF_T_INT, MAX / 100 + 1)), wf_missing(WF_T_MONEY));
    assert_same(wf_value_to_money(wf_missing(WF_T_INT)), wf_missing(WF_T_MONEY));
}

static void calendar(void **state)
{
    (void)state;
    struct wf_value day = of(WF_T_DATE, 20779), none = wf_missing(WF_T_DATE);
    struct wf_value now = of(WF_T_TIME, 20779 * 86400 + 50400); /* 2026-11-22T14:00Z */
    struct wf_zone *zone = NULL;
    assert_int_equal(wf_zone_fixed(NULL, 28800, &zone), WF_OK);

    assert_same(wf_value_date_add(day, of(WF_T_DAYS, -7)), of(WF_T_DATE, 20772));
    assert_same(wf_value_date_add(day, of(WF_T_MONTHS, 1)), of(WF_T_DATE, 20809));
    assert_same(wf_value_date_add(day, of(WF_T_SECONDS, 1)), none);
    assert_same(wf_value_date_add(day, of(WF_T_DAYS, MAX)), none);
    assert_same(wf_value_date_add(none, of(WF_T_DAYS, 1)), none);
    assert_same(wf_value_date_add(day, wf_missing(WF_T_DAYS)), none);

    assert_same(wf_value_time_add(zone, now, of(WF_T_DAYS, 1)), of(WF_T_TIME, now.i + 86400));
    assert_same(wf_value_time_add(zone, now, of(WF_T_MONTHS, 1)),
                of(WF_T_TIME, now.i + 30 * 86400));
    assert_same(wf_value_time_add(zone, now, of(WF_T_SECONDS, -5)), of(WF_T_TIME, now.i - 5));
    assert_same(wf_value_time_add(zone, now, of(WF_T_SECONDS, MAX)), wf_missing(WF_T_TIME));
    assert_same(wf_value_time_add(zone, now, of(WF_T_SECONDS, WF_MAX_TIME)), wf_missing(WF_T_TIME));
    assert_same(wf_value_time_add(zone, wf_missing(WF_T_TIME), of(WF_T_DAYS, 1)),
                wf_missing(WF_T_TIME));

    assert_same(wf_value_date_diff(day, of(WF_T_DATE, 20770)), of(WF_T_DAYS, 9));
    assert_same(wf_value_date_diff(day, none), wf_missing(WF_T_DAYS));
    assert_same(wf_value_time_diff(now, of(WF_T_TIME, now.i + 60)), of(WF_T_SECONDS, -60));
    assert_same(wf_value_days_between(of(WF_T_DATE, 20770), day), of(WF_T_INT, 9));
    assert_same(wf_value_days_between(day, none), wf_missing(WF_T_INT));

    assert_same(wf_value_midnight(zone, day), of(WF_T_TIME, 20779 * 86400 - 28800));
    assert_same(wf_value_midnight(zone, none), wf_missing(WF_T_TIME));
    assert_same(wf_value_date_of(zone, now), day);
    assert_same(wf_value_date_of(zone, of(WF_T_TIME, now.i + 7200)), of(WF_T_DATE, 20780));
    assert_same(wf_value_date_of(zone, of(WF_T_TIME, WF_MAX_TIME)), none); /* year 10000 there */
    assert_same(wf_value_clock_of(zone, now), of(WF_T_CLOCK, 79200));
    assert_same(wf_value_clock_of(zone, wf_missing(WF_T_TIME)), wf_missing(WF_T_CLOCK));
    wf_zone_free(zone);
}

static void text_tests(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        char contains, starts, ends;
    } table[] = {
        {"明月眼镜店", "眼镜", 'T', 'F', 'F'},
        {"明月眼镜店", "明月", 'T', 'T', 'F'},
        {"明月眼镜店", "店", 'T', 'F', 'T'},
        {"abc", "abc", 'T', 'T', 'T'},
        {"abc", "abcd", 'F', 'F', 'F'},
        {"abc", "", 'T', 'T', 'T'},
        {"", "", 'T', 'T', 'T'},
        {"", "a", 'F', 'F', 'F'},
        {"abcabd", "abd", 'T', 'F', 'T'},
        {"Abc", "abc", 'F', 'F', 'F'},
        {NULL, "a", 'U', 'U', 'U'},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_value a = text(table[i].a), b = text(table[i].b);
        assert_int_equal(letter(wf_value_contains(a, b)), table[i].contains);
        assert_int_equal(letter(wf_value_starts(a, b)), table[i].starts);
        assert_int_equal(letter(wf_value_ends(a, b)), table[i].ends);
    }
}

static void globs(void **state)
{
    (void)state;
    static const struct {
        const char *text, *glob;
        char matches;
    } table[] = {
        {"外滩店", "外*店", 'T'},
        {"外店", "外*店", 'T'},
        {"外滩", "外*店", 'F'},
        {"外滩店", "外?店", 'T'},
        {"外滩店", "外??店", 'F'},
        {"外滩店", "???", 'T'},
        {"外滩店", "??", 'F'},
        {"外滩店", "*", 'T'},
        {"", "*", 'T'},
        {"", "", 'T'},
        {"a", "", 'F'},
        {"", "?", 'F'},
        {"abc", "abc", 'T'},
        {"abc", "ab", 'F'},
        {"ab", "abc", 'F'},
        {"abcbc", "a*bc", 'T'},
        {"abcbd", "a*bc", 'F'},
        {"aXbXc", "a*b*c", 'T'},
        {"abc", "*b*", 'T'},
        {"abc", "***", 'T'},
        {"abc", "*?", 'T'},
        {"abc", "?*", 'T'},
        {"abc", "*?*?*?*", 'T'},
        {"abc", "*?*?*?*?*", 'F'},
        {"aab", "*a?", 'T'},
        {"aba", "*a?", 'F'},
        {"ab", "ab*b", 'F'},
        {"a*b", "a*b", 'T'},
        {"外滩店", "*滩?", 'T'},
        {"外滩店", "*?店", 'T'},
        {"店", "*?店", 'F'},
        {"aaa", "a*a*a*a", 'F'},
        {"mississippi", "*iss*ip*", 'T'},
        {"mississippi", "m*iss?pp*i", 'T'},
        {"mississippi", "*sip", 'F'},
        {NULL, "*", 'U'},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        char got = letter(wf_value_matches(text(table[i].text), text(table[i].glob)));
        if (got != table[i].matches)
            fail_msg("\"%s\" matches \"%s\": %c", table[i].text, table[i].glob, got);
    }
}

/* The plain definition of a glob, exponential and obvious. */
static bool slow_glob(const char *t, const char *g)
{
    if (*g == '*')
        return slow_glob(t, g + 1) || (*t && slow_glob(t + 1, g));
    if (!*g || !*t)
        return !*g && !*t;
    return (*g == '?' || *g == *t) && slow_glob(t + 1, g + 1);
}

static void globs_against_definition(void **state)
{
    (void)state;
    static const char letters[] = "ab", signs[] = "ab?*";
    char t[7], g[6];
    for (unsigned n = 0; n < 127; n++) { /* every text of up to 6 letters */
        unsigned rest = n + 1;
        size_t len = 0;
        for (; rest > 1; rest >>= 1)
            t[len++] = letters[rest & 1];
        t[len] = '\0';
        for (unsigned m = 0; m < 1365; m++) { /* every glob of up to 5 signs */
            unsigned code = m, length = 0;
            for (unsigned count = 1; code >= count; count *= 4, length++)
                code -= count;
            for (unsigned i = 0; i < length; i++, code /= 4)
                g[i] = signs[code % 4];
            g[length] = '\0';
            if (letter(wf_value_matches(text(t), text(g))) != (slow_glob(t, g) ? 'T' : 'F'))
                fail_msg("\"%s\" matches \"%s\"", t, g);
        }
    }
}

static void glob_never_explodes(void **state)
{
    (void)state;
    enum { LEN = 200000 };
    char *t = malloc(LEN + 1), *g = malloc(4001);
    assert_non_null(t);
    assert_non_null(g);
    memset(t, 'a', LEN);
    t[LEN] = '\0';
    for (int i = 0; i < 4000; i += 2)
        memcpy(g + i, "*a", 2);
    g[3999] = 'b';
    g[4000] = '\0';
    assert_int_equal(letter(wf_value_matches(text(t), text(g))), 'F');
    g[3999] = 'a';
    assert_int_equal(letter(wf_value_matches(text(t), text(g))), 'T');
    free(t);
    free(g);
}

static void tags(void **state)
{
    (void)state;
    static const struct {
        const char *set, *tag;
        char want;
    } table[] = {
        {"gold;vip", "vip", 'T'},   {"gold;vip", "gold", 'T'}, {"gold;vip", "old", 'F'},
        {"gold;vip", "go", 'F'},    {"gold;vip", "vi", 'F'},   {"vip", "vip", 'T'},
        {"", "vip", 'F'},           {"vip", "", 'F'},          {"a;vip;z", "vip", 'T'},
        {"会员;黑卡", "黑卡", 'T'}, {NULL, "vip", 'U'},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_value set = text(table[i].set);
        set.type = WF_T_SET;
        assert_int_equal(letter(wf_value_tagged(set, text(table[i].tag))), table[i].want);
    }
}

static void assert_prints(struct wf_value value, const struct wf_zone *zone, const char *want)
{
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    wf_value_print(&buf, zone, value);
    assert_string_equal(wf_buf_str(&buf), want);
    wf_buf_release(&buf);
}

static void printing(void **state)
{
    (void)state;
    static const struct {
        enum wf_type type;
        int64_t i;
        const char *want;
    } table[] = {
        {WF_T_BOOL, 1, "true"},
        {WF_T_BOOL, 0, "false"},
        {WF_T_INT, MIN, "-9223372036854775808"},
        {WF_T_MONEY, 2000, "20.00"},
        {WF_T_MONEY, -5, "-0.05"},
        {WF_T_MONEY, 0, "0.00"},
        {WF_T_MONEY, MIN, "-92233720368547758.08"},
        {WF_T_DATE, 20779, "2026-11-22"},
        {WF_T_DATE, WF_MIN_DAY, "0001-01-01"},
        {WF_T_TIME, 20779 * INT64_C(86400) + 50400, "2026-11-22T14:00:00"},
        {WF_T_TIME, WF_MAX_TIME, "9999-12-31T23:59:59"},
        {WF_T_CLOCK, 34215, "09:30:15"},
        {WF_T_DAYS, 7, "7d"},
        {WF_T_DAYS, -7, "-7d"},
        {WF_T_MONTHS, 3, "3mo"},
        {WF_T_MONTHS, 24, "2y"},
        {WF_T_MONTHS, 0, "0mo"},
        {WF_T_SECONDS, 7200, "2h"},
        {WF_T_SECONDS, 5400, "90min"},
        {WF_T_SECONDS, 45, "45s"},
        {WF_T_SECONDS, 0, "0s"},
        {WF_T_ENUM, 2, "2"},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        assert_prints(of(table[i].type, table[i].i), NULL, table[i].want);
        assert_prints(wf_missing(table[i].type), NULL, "");
    }
    assert_prints(text("明月"), NULL, "明月");
    assert_prints(text(""), NULL, "");
    struct wf_zone *zone = NULL;
    assert_int_equal(wf_zone_fixed(NULL, 28800, &zone), WF_OK);
    assert_prints(of(WF_T_TIME, 0), zone, "1970-01-01T08:00:00");
    wf_zone_free(zone);
}

static void number_printing(void **state)
{
    (void)state;
    static const struct {
        double f;
        const char *want;
    } table[] = {
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {100000, "100000"},
        {-0.0, "0"},
        {1e21, "1e+21"},
        {5e-324, "4.94065645841247e-324"},
        {0.8, "0.8"},
        {123456789012345, "123456789012345"},
        {-2.5, "-2.5"},
        {9007199254740992, "9007199254740992"},
    };
    for (size_t i = 0; i < LENGTH(table); i++)
        assert_prints(num(table[i].f), NULL, table[i].want);
    /* whatever is printed reads back the same, in a locale with a comma too */
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        double f;
        memcpy(&f, &seed, sizeof(f));
        if (!isfinite(f))
            continue;
        struct wf_buf buf;
        wf_buf_init(&buf, NULL, 0);
        wf_value_print(&buf, NULL, num(f));
        assert_true(strtod(wf_buf_str(&buf), NULL) == f);
        wf_buf_release(&buf);
    }
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        assert_prints(num(2.5), NULL, "2.5");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_tables),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(whole_arithmetic),
        cmocka_unit_test(products),
        cmocka_unit_test(money_rounding),
        cmocka_unit_test(numbers),
        cmocka_unit_test(calendar),
        cmocka_unit_test(text_tests),
        cmocka_unit_test(globs),
        cmocka_unit_test(globs_against_definition),
        cmocka_unit_test(glob_never_explodes),
        cmocka_unit_test(tags),
        cmocka_unit_test(printing),
        cmocka_unit_test(number_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
