/*
 * What an editor asks: the names in a file and where they stand, and what could be written next.
 * In the texts `^` marks the place that is asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/sema/query.h"
#include "tests/tools/compiled.h"
#include "tests/tools/scarce.h"

static const char head[] = "import std.retail\n"
                           "table shop from \"shops.csv\" { code text key  town text? }\n"
                           "member { tier one of (silver < gold < black)?  branch shop? }\n"
                           "# who is gone\n"
                           "segment lapsed is last purchase older than 90d\n"
                           "classify worth { best when top 7% by count purchase  rest otherwise }\n"
                           "coupon FIRST20 \"20 off\" { value 20.00 }\n"
                           "message hello \"Hi\" { en \"Hi\" }\n"
                           "group club \"The club\"\n"
                           "calendar work from \"days.csv\"\n"
                           "policy { reach app when not opted_out }\n"
                           "journey back {\n  enter when member becomes lapsed\n  wait 3d\n"
                           "  go later\n  step later:\n  leave\n}\n";

struct asked {
    struct wf_front front;
    char *text; /* without the mark */
    uint32_t at;
    struct wf_completion c;
};

/* The head and a text with a mark, checked as they are without the mark. */
static enum wf_status ask(struct asked *a, const struct wf_alloc *alloc, const char *marked)
{
    size_t before = strlen(head), n = before + strlen(marked);
    a->text = malloc(n + 1);
    memcpy(a->text, head, before);
    memcpy(a->text + before, marked, n - before + 1);
    char *mark = strchr(a->text + before, '^');
    assert_non_null(mark);
    a->at = (uint32_t)(mark - a->text);
    memmove(mark, mark + 1, strlen(mark));
    struct file files[] = {{"rules.way", a->text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    wf_front_init(&a->front, alloc);
    return wf_front_check(&a->front, &loader, "rules.way");
}

static uint32_t main_file(const struct wf_front *front)
{
    return front->checked.modules[front->checked.n_modules - 1]->file;
}

static void complete(struct asked *a, const char *marked)
{
    ask(a, NULL, marked);
    assert_int_equal(
        wf_query_complete(&a->front, main_file(&a->front), a->text, strlen(a->text), a->at, &a->c),
        WF_OK);
}

static void done(struct asked *a)
{
    wf_completion_release(&a->c);
    wf_front_release(&a->front);
    free(a->text);
}

/* The candidate's place among the others; -1: it is not offered. */
static int place_of(const struct wf_completion *c, const char *text, size_t len)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strlen(c->items[i].text) == len && memcmp(c->items[i].text, text, len) == 0)
            return (int)i;
    }
    return -1;
}

static void expect(const char *marked, const struct wf_completion *c, const char *words, bool here)
{
    while (words && *words) {
        size_t len = strcspn(words, ",");
        int place = place_of(c, words, len);
        if ((place >= 0) != here) {
            print_error("`%s`: `%.*s` is %soffered; offered are", marked, (int)len, words,
                        here ? "not " : "");
            for (size_t i = 0; i < c->n && i < 12; i++)
                print_error(" `%s`", c->items[i].text);
            fail_msg("see above");
        }
        words += len + (words[len] == ',');
    }
}

static const struct offer {
    const char *text, *first, *among, *not_there; /* lists with commas */
} offers[] = {
    /* sentences */
    {"^", NULL, "segment,when,journey,import", "and,lapsed,wait"},
    {"seg^", "segment", NULL, "when"},
    {"when joined + 7d ^", NULL, "and,then", "journey2,lapsed"},
    {"when joined + 7d then ^", NULL, "send,task,grant", "segment,lapsed"},
    {"segment s is ^", NULL, "lapsed,points,count,not,purchase,purchased,worth", "then,hello"},
    {"segment s is poi^", "points", NULL, "lapsed"},
    {"segment s is POI^", "points", NULL, NULL},
    {"segment s is count purchase in ^", "last", "last", NULL},
    {"segment s is count purchase in la^", "last", NULL, NULL},
    {"segment s is last purchase older ^", "than", NULL, NULL},
    {"segment s is birthday is ^", NULL, "missing,present", NULL},
    {"trigger t again ^", NULL, "after,always", NULL},
    {"policy { cap 1 send per ^", NULL, "calendar month", NULL},
    {"policy { quiet 21:00 to 09:00 ^", NULL, "defer,drop", NULL},
    {"let ^", NULL, NULL, "lapsed,points,segment"},
    {"metric m \"M\" is ^", NULL, "share of members where,count members", "purchase"},
    {"coupon X { ^", NULL, "value,stock,valid", "segment2"},
    {"journey j {\n  enter when member becomes lapsed\n  ^", NULL, "wait,send,exit,goal,if", "key"},
    /* the rest of the file is behind the place */
    {"segment s is po^\nwhen joined + 1d then send coupon\n", "points", NULL, NULL},
    /* what a word calls for */
    {"when joined + 7d then send hello via ^", "app", NULL, "points"},
    {"when joined + 7d then send coupon ^", "FIRST20", NULL, "hello,points"},
    {"when joined + 7d then send ^", "hello", "coupon", "points,lapsed"},
    {"when joined + 7d then invite ^", "club", NULL, "hello"},
    {"when joined + 7d then set ^", NULL, "points,tier", "lapsed"},
    {"when member becomes ^", "lapsed", NULL, "points"},
    {"when worth becomes ^", NULL, "best,rest", "lapsed"},
    {"when worth becomes best from ^", NULL, "best,rest", "lapsed"},
    {"segment s is tier = ^", "silver", "gold,black", NULL},
    {"segment s is tier in (^", NULL, "silver,gold", "points"},
    {"segment s is tier in (silver, g^", "gold", NULL, NULL},
    {"segment s is worth = b^", "best", NULL, NULL},
    {"segment s is wecom = ^", NULL, "true,false", NULL},
    {"policy { pause journey ^", "back", NULL, NULL},
    {"policy { budget ^", "app", "coupon", NULL},
    {"import ^", NULL, "std.retail,std.rfm", "points"},
    {"import std.ret^", "std.retail", NULL, "std.rfm"},
    {"table t from \"t.csv\" { a ^", NULL, "text,shop,one of", "points"},
    {"event purchase {\n  ^", NULL, "amount,brand", NULL},
    {"journey back {\n  enter when member becomes lapsed\n  go ^", "later", NULL, NULL},
    {"journey j {\n  wait until business day of ^", "work", NULL, NULL},
    /* fields */
    {"segment s is sum purchase.^", NULL, "amount,qty,sku", "points,and,lapsed"},
    {"segment s is sum purchase[qty > 1].a^", "amount", "at", "points"},
    {"segment s is count purchase[^", "amount", "points,qty", NULL},
    {"segment s is count purchase[(qty > 1 or ^", NULL, "amount", NULL},
    {"segment s is branch.^", NULL, "code,town", "points"},
    {"segment s is count purchase[member.^", NULL, "points", "amount"},
    {"segment s is inviter.branch.^", NULL, "code", "points"},
    /* texts and comments */
    {"message m { en \"Hello {na^", "name", NULL, "segment"},
    {"message m { en \"Hello {name|fr^", NULL, NULL, "friend,name"},
    {"message m { en \"Hello na^", NULL, NULL, "name"},
    {"message m { ^", NULL, "zh,en", NULL},
    {"segment s is wecom # po^", NULL, NULL, "points"},
    /* tests */
    {"test \"t\" {\n  member m { po^", "points", NULL, "lapsed"},
    {"test \"t\" {\n  member m { tier ^", NULL, "gold", NULL},
    {"test \"t\" {\n  member m { joined 2026-01-01 }\n  on 2026-01-02 ^", "m", "expect", "points"},
    {"test \"t\" {\n  member m { joined 2026-01-01 }\n  on 2026-01-02 m pur^", "purchase", NULL,
     "points"},
    {"test \"t\" {\n  member m { joined 2026-01-01 }\n  on 2026-01-02 m purchase { am^", "amount",
     NULL, "points"},
    {"test \"t\" {\n  member m { joined 2026-01-01 }\n  on 2026-01-02 expect m in ^", "lapsed",
     "journey,class", "points"},
    {"test \"t\" {\n  member m { joined 2026-01-01 }\n  on 2026-01-02 expect nothing to ^", "m",
     NULL, "points"},
    /* Chinese: keywords in Chinese, found by English letters too; runs are cut */
    {"分群 s 是 po^", "points", NULL, NULL},
    {"当 joined+7天 ^", NULL, "且,则", "and"},
    {"当 joined+7天 且 非 ^", NULL, "有,末次", NULL},
    {"当 joined+7天 则 fa^", NULL, NULL, "发送"},
    {"当 joined+7天 则 send^", "发送", "send", NULL},
    {"当 joined+7天 则 发^", NULL, "发送,发放", "send"},
    {"当 joined+7天且没^", "没有", NULL, NULL},
    {"当 joined+7天则发送优惠券 ^", "FIRST20", NULL, NULL},
    {"分群 s 是 次数 purchase 最^", "最近", NULL, NULL},
    {"分群 s 是 tier = ^", "silver", NULL, NULL},
    /* a number is being written */
    {"when joined + 7^", NULL, NULL, "points,and"},
    /* a mistake before the place, in an item before it */
    {"journey j {\n  enter when member becomes lapsed\n  wait wait\n  se^", "send", NULL, NULL},
    {"policy {\n  cap cap\n  reach ^", "app", NULL, NULL},
};

static void test_offers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        struct asked a;
        complete(&a, offers[i].text);
        expect(offers[i].text, &a.c, offers[i].among, true);
        expect(offers[i].text, &a.c, offers[i].not_there, false);
        expect(offers[i].text, &a.c, offers[i].first, true);
        if (offers[i].first && strcmp(a.c.items[0].text, offers[i].first) != 0)
            fail_msg("`%s`: `%s` comes before `%s`", offers[i].text, a.c.items[0].text,
                     offers[i].first);
        done(&a);
    }
}

/* What is replaced: the word alone, of a module its whole name, of Chinese what is not a word yet.
 */
static void test_starts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t back;
    } cases[] = {
        {"segment s is poi^", 3},    {"segment s is ^", 0},
        {"import std.re^", 6},       {"当 joined+7天且没^", 3},
        {"当 joined+7天且没有^", 6}, {"segment s is sum purchase.am^", 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct asked a;
        complete(&a, cases[i].text);
        if (a.c.start != a.at - cases[i].back)
            fail_msg("%s: %u bytes back", cases[i].text, a.at - a.c.start);
        done(&a);
    }
}

/* Every prefix of a long text is asked for: no place is without an answer. */
static void test_every_place(void **state)
{
    (void)state;
    struct asked a;
    ask(&a, NULL,
        "^segment s is tier in (gold) and count purchase[amount > 300] in last 90d >= 2\n"
        "当 joined+7天 且 非 purchased 则 发送 优惠券 FIRST20\n"
        "test \"x\" { member m { tags (\"a\", \"b\") } on 2026-01-01 expect nothing }\n");
    size_t len = strlen(a.text);
    for (uint32_t at = 0; at <= len; at++) {
        for (int cut = 0; cut < 2; cut++) {
            assert_int_equal(
                wf_query_complete(&a.front, main_file(&a.front), a.text, cut ? at : len, at, &a.c),
                WF_OK);
            assert_true(a.c.start <= at);
            wf_completion_release(&a.c);
        }
    }
    a.c = (struct wf_completion){.n = 0};
    done(&a);
}

/* ---- names ---- */

static void test_use_at(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name; /* NULL: nothing stands there */
        enum wf_symbol_kind kind;
        bool declares;
    } cases[] = {
        {"segment s is la^psed", "lapsed", WF_SYM_SEGMENT, false},
        {"segment s^ is lapsed", "s", WF_SYM_SEGMENT, true},
        {"segment s is ^purchased", "purchased", WF_SYM_WORD, false},
        {"segment s is count purchase[am^ount > 3] > 1", "amount", WF_SYM_EVENT_FIELD, false},
        {"segment s is tier = ^gold", NULL, WF_SYM_FIELD, false},
        {"segment s is worth = be^st", "best", WF_SYM_CLASS, false},
        {"when joined + 1d then send coupon ^FIRST20", "FIRST20", WF_SYM_COUPON, false},
        {"when joined + 1d then send coupon \"FIRST^20\"", "FIRST20", WF_SYM_COUPON, false},
        {"when joined + 1d then send hello via a^pp", "app", WF_SYM_CHANNEL, false},
        {"message m { en \"Hi {na^me|you}\" }", "name", WF_SYM_FIELD, false},
        {"event visit as vis^ited { at time }", "visited", WF_SYM_WORD, true},
        {"member { home sh^op? }", "shop", WF_SYM_TABLE, false},
        {"alias 等级 = ti^er", "tier", WF_SYM_FIELD, false},
        {"policy { pause journey ba^ck }", "back", WF_SYM_JOURNEY, false},
        {"test \"t\" { member m^ { points 3 } on 2026-01-02 expect nothing }", "m",
         WF_SYM_TEST_MEMBER, true},
        {"test \"t\" { member m { poi^nts 3 } on 2026-01-02 expect nothing }", "points",
         WF_SYM_FIELD, false},
        {"segment s ^is lapsed", NULL, WF_SYM_FIELD, false},
        /* what stands beside a mistake */
        {"segment broken is is\nsegment s is la^psed", "lapsed", WF_SYM_SEGMENT, false},
        {"segment s is la^psed and nobody_knows", "lapsed", WF_SYM_SEGMENT, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct asked a = {.at = 0};
        struct wf_use use = {.sym = NULL};
        ask(&a, NULL, cases[i].text);
        bool found = wf_query_use_at(&a.front, main_file(&a.front), a.at, &use);
        if (found != (cases[i].name != NULL) ||
            (found && (strcmp(use.sym->name->text, cases[i].name) != 0 ||
                       use.sym->kind != cases[i].kind || use.declares != cases[i].declares)))
            fail_msg("%s: %s, kind %d", cases[i].text, found ? use.sym->name->text : "nothing",
                     found ? use.sym->kind : -1);
        done(&a);
    }
}

struct tally {
    const struct wf_symbol *sym;
    int uses, aliases;
};

static bool count(void *ctx, const struct wf_use *use)
{
    struct tally *t = ctx;
    t->uses += use->sym == t->sym;
    t->aliases += use->sym == t->sym && use->alias;
    return true;
}

static void test_uses(void **state)
{
    (void)state;
    struct asked a = {.at = 0};
    struct wf_use use;
    assert_int_equal(ask(&a, NULL,
                         "alias 流失 = lapsed\n"
                         "segment s is ^lapsed and 流失\n"
                         "when member becomes lapsed and s then send coupon\n"
                         "metric m \"M\" is count members where lapsed\n"),
                     WF_OK);
    assert_true(wf_query_use_at(&a.front, main_file(&a.front), a.at, &use));
    struct tally t = {.sym = use.sym};
    wf_query_uses(&a.front, count, &t);
    assert_int_equal(t.uses, 7); /* declared, the journey's, and five here */
    assert_int_equal(t.aliases, 1);
    done(&a);
}

static void test_words(void **state)
{
    (void)state;
    struct asked a = {.at = 0};
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    ask(&a, NULL, "let spend = sum purchase.amount # all of it\nsegment s is ^lapsed");
    uint32_t file = main_file(&a.front);
    struct wf_symbol *lapsed = wf_query_name(&a.front, file, "lapsed", 6);
    assert_non_null(lapsed);
    wf_query_comment(&a.front, lapsed, &out);
    assert_string_equal(wf_buf_str(&out), "who is gone");
    wf_buf_reset(&out);
    wf_query_source(&a.front, lapsed, &out);
    assert_string_equal(wf_buf_str(&out), "segment lapsed is last purchase older than 90d");
    wf_buf_reset(&out);
    wf_query_comment(&a.front, wf_query_name(&a.front, file, "spend", 5), &out);
    assert_string_equal(wf_buf_str(&out), "all of it");
    wf_buf_reset(&out);
    wf_query_kind(wf_query_name(&a.front, file, "tier", 4), &out);
    assert_string_equal(wf_buf_str(&out), "a field of the member: one of a list of words "
                                          "(silver < gold < black), which may be missing");
    assert_null(wf_query_name(&a.front, file, "nobody", 6));
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++)
        assert_true(strlen(wf_keyword_help((enum wf_keyword)k)) > 2);
    wf_buf_release(&out);
    done(&a);
}

static void test_scarce(void **state)
{
    (void)state;
    struct asked a = {.at = 0};
    struct scarce scarce = {.fail_at = 0};
    struct wf_alloc alloc = scarce_alloc(&scarce);
    ask(&a, &alloc, "当 joined+7天 且 非 ^");
    enum wf_status status = WF_ERR_NOMEM;
    long n = 0, before = scarce.live;
    while (status != WF_OK) {
        scarce.calls = 0;
        scarce.fail_at = ++n;
        status =
            wf_query_complete(&a.front, main_file(&a.front), a.text, strlen(a.text), a.at, &a.c);
        assert_true(status == WF_OK || status == WF_ERR_NOMEM);
        if (status == WF_OK)
            break;
        wf_completion_release(&a.c);
        assert_int_equal(scarce.live, before);
    }
    assert_true(n > 20);
    scarce.fail_at = 0;
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offers),      cmocka_unit_test(test_starts),
        cmocka_unit_test(test_every_place), cmocka_unit_test(test_use_at),
        cmocka_unit_test(test_uses),        cmocka_unit_test(test_words),
        cmocka_unit_test(test_scarce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
