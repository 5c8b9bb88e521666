/*
 * The language server, spoken to as an editor would: its life, edits in pieces, files that import
 * each other, names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/lsp/text.h"
#include "tests/tools/talk.h"

/* ---- life ---- */

static void test_life(void **state)
{
    (void)state;
    struct wf_lsp_host host = {.loader = {NULL, NULL, NULL}};
    struct talk talk = {.lsp = wf_lsp_new(&host), .said = json_array()};
    json_t *empty = json_object();
    assert_int_equal(talk_error(talk_ask(&talk, "textDocument/hover", json_incref(empty))), -32002);
    talk_notify(&talk, "textDocument/didOpen", json_incref(empty));
    assert_string_equal(talk_string(talk_ask(&talk, "initialize", json_incref(empty)),
                                    "result/capabilities/positionEncoding"),
                        "utf-16");
    assert_int_equal(talk_error(talk_ask(&talk, "initialize", json_incref(empty))), -32600);
    assert_int_equal(talk_error(talk_ask(&talk, "no/such", json_incref(empty))), -32601);
    assert_int_equal(talk_error(talk_ask(&talk, "textDocument/hover", json_incref(empty))), -32602);
    talk_notify(&talk, "$/whatever", json_incref(empty));
    json_t *done = talk_ask(&talk, "shutdown", json_incref(empty)); /* the macro asks twice */
    assert_true(json_is_null(talk_dig(done, "result")));
    assert_int_equal(talk_error(talk_ask(&talk, "textDocument/hover", json_incref(empty))), -32600);
    assert_int_equal(wf_lsp_exit(talk.lsp), -1);
    talk_notify(&talk, "exit", empty);
    assert_int_equal(wf_lsp_exit(talk.lsp), 0);
    talk_end(&talk);
}

/* With a client that counts bytes, places are bytes. */
static void test_utf8(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, NULL, "[\"utf-16\", \"utf-8\"]");
    assert_string_equal(
        talk_string(json_array_get(talk.said, 0), "result/capabilities/positionEncoding"), "utf-8");
    talk_open(&talk, "/shop/a.way", "import std.retail\n分群 群 是 nobody\n");
    json_t *told = talk_told(&talk, "/shop/a.way");
    assert_int_equal(json_integer_value(talk_dig(told, "0/range/start/character")), 15);
    assert_int_equal(json_integer_value(talk_dig(told, "0/range/end/character")), 21);
    talk_end(&talk);
}

static void test_rude_exit(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_notify(&talk, "exit", json_object());
    assert_int_equal(wf_lsp_exit(talk.lsp), 1);
    talk_end(&talk);
}

static void test_nonsense(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int code; /* 0: nothing is answered */
    } cases[] = {
        {"{", -32700},
        {"", -32700},
        {"\"\xff\"", -32700},
        {"[]", -32600},
        {"3", -32700}, /* no value of its own: jansson takes arrays and objects only */
        {"{}", -32600},
        {"{\"id\":{},\"method\":\"x\"}", -32600},
        {"{\"id\":1.5,\"method\":\"x\"}", -32600},
        {"{\"id\":1,\"method\":3}", 0}, /* as an answer to nothing */
        {"{\"id\":1,\"method\":\"x\"}", -32601},
        {"{\"id\":\"a\",\"method\":\"x\"}", -32601},
        {"{\"method\":\"x\"}", 0},
        {"{\"method\":\"textDocument/didOpen\",\"params\":[]}", 0},
        {"{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":3}}}", 0},
        {"{\"method\":\"textDocument/didChange\"}", 0},
        {"{\"id\":1,\"method\":\"textDocument/rename\",\"params\":{\"textDocument\":[]}}", -32602},
    };
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t before = json_array_size(talk.said);
        talk_text(&talk, cases[i].json);
        size_t said = json_array_size(talk.said) - before;
        assert_int_equal(said, cases[i].code ? 1 : 0);
        if (said)
            assert_int_equal(talk_error(json_array_get(talk.said, before)), cases[i].code);
    }
    talk_end(&talk);
}

static void test_huge(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    static const char header[] = "Content-Length: 999999999999\r\n\r\n";
    talk_bytes(&talk, header, strlen(header));
    assert_int_equal(wf_lsp_exit(talk.lsp), 1);
    talk_end(&talk);
}

/* ---- edits in pieces ---- */

static uint32_t pick(uint64_t *seed, uint32_t n)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

static json_t *place_json(const char *text, size_t at)
{
    json_t *all = talk_at("/x", text, at), *place = json_incref(json_object_get(all, "position"));
    json_decref(all);
    return place;
}

static size_t character_start(const char *text, size_t at)
{
    while (((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* A thousand edits, in the server and here: it formats, at last, what stands here. */
static void test_incremental(void **state)
{
    (void)state;
    static const char *const pieces[] = {"你好", "😀", "\n", "# a", "", "let x = 1\n", "\"", "é"};
    struct talk talk;
    uint64_t seed = 7;
    char *text = strdup("# begin\n");
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", text);
    for (int i = 0; i < 1000; i++) {
        size_t len = strlen(text);
        size_t a = character_start(text, pick(&seed, (uint32_t)len + 1));
        size_t b = character_start(text, pick(&seed, (uint32_t)len + 1));
        size_t start = a < b ? a : b, end = a < b ? b : a;
        if (end - start > 8)
            end = character_start(text, start + 8);
        const char *piece = pieces[pick(&seed, 8)];
        char *next = malloc(len + strlen(piece) + 1);
        sprintf(next, "%.*s%s%s", (int)start, text, piece, text + end);
        json_t *range =
            json_pack("{s:o, s:o}", "start", place_json(text, start), "end", place_json(text, end));
        talk_notify(&talk, "textDocument/didChange",
                    json_pack("{s:{s:s, s:i}, s:[{s:o, s:s}]}", "textDocument", "uri",
                              "file:///shop/a.way", "version", i, "contentChanges", "range", range,
                              "text", piece));
        free(text);
        text = next;
        if (strlen(text) > 4000) { /* from time to time all at once */
            free(text);
            text = strdup("let y = 2\n");
            talk_notify(&talk, "textDocument/didChange",
                        json_pack("{s:{s:s, s:i}, s:[{s:s}]}", "textDocument", "uri",
                                  "file:///shop/a.way", "version", i, "contentChanges", "text",
                                  text));
        }
    }
    talk_notify(&talk, "textDocument/didChange",
                json_pack("{s:{s:s, s:i}, s:[{s:{s:{s:i, s:i}, s:{s:i, s:i}}, s:s}]}",
                          "textDocument", "uri", "file:///shop/a.way", "version", 1000,
                          "contentChanges", "range", "start", "line", 0, "character", 0, "end",
                          "line", 0, "character", 0, "text", "\xEF\xBF\xBF"));
    json_t *told = talk_told(&talk, "/shop/a.way");
    struct talk fresh; /* a server that is told the text at once says the same */
    char *whole = malloc(strlen(text) + 4);
    sprintf(whole, "\xEF\xBF\xBF%s", text);
    talk_begin(&fresh, NULL, NULL);
    talk_open(&fresh, "/shop/a.way", whole);
    assert_non_null(told);
    assert_true(json_array_size(told) > 0);
    assert_true(json_equal(told, talk_told(&fresh, "/shop/a.way")));
    free(whole);
    free(text);
    talk_end(&fresh);
    talk_end(&talk);
}

/* ---- files that import each other ---- */

static const struct talk_file shop[] = {
    {"/shop/main.way", "import std.retail\nimport \"./lib/words.way\"\n"
                       "when member becomes lapsed then send coupon\n"},
    {"/shop/other.way", "import std.retail\nimport \"./lib/words.way\"\n"
                        "segment old is lapsed and joined older than 900d\n"},
    {"/shop/lib/words.way", "import std.retail\nsegment lapsed is last purchase older than 90d\n"},
    {NULL, NULL},
};

static void test_importers(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, shop, NULL);
    talk_open(&talk, "/shop/lib/words.way", shop[2].text);
    assert_non_null(talk_told(&talk, "/shop/lib/words.way"));
    assert_null(talk_told(&talk, "/shop/main.way")); /* nothing to say of it */
    talk_change(&talk, "/shop/lib/words.way",
                "import std.retail\nsegment gone is last purchase older than 90d\n");
    assert_int_equal(talk_told_count(&talk, "/shop/lib/words.way"), 0);
    assert_int_equal(talk_told_count(&talk, "/shop/main.way"), 1);
    assert_int_equal(talk_told_count(&talk, "/shop/other.way"), 1);
    assert_string_equal(talk_string(talk_told(&talk, "/shop/main.way"), "0/code"), "E0201");
    talk_change(&talk, "/shop/lib/words.way", shop[2].text);
    assert_int_equal(talk_told_count(&talk, "/shop/main.way"), 0);
    talk_change(&talk, "/shop/lib/words.way", "segment lapsed is is\n");
    assert_true(talk_told_count(&talk, "/shop/lib/words.way") > 0);
    talk_notify(&talk, "textDocument/didClose",
                json_pack("{s:{s:s}}", "textDocument", "uri", "file:///shop/lib/words.way"));
    assert_int_equal(talk_told_count(&talk, "/shop/lib/words.way"), 0);
    assert_int_equal(talk_told_count(&talk, "/shop/main.way"), 0);
    talk_end(&talk);
}

static void test_rename_across(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, shop, NULL);
    talk_open(&talk, "/shop/main.way", shop[0].text); /* other.way is not open */
    json_t *answer = talk_rename(&talk, "/shop/main.way", shop[0].text, "lapsed", "gone");
    json_t *changes = talk_dig(answer, "result/changes");
    assert_int_equal(json_object_size(changes), 3);
    assert_int_equal(json_array_size(json_object_get(changes, "file:///shop/main.way")), 1);
    assert_int_equal(json_array_size(json_object_get(changes, "file:///shop/other.way")), 1);
    assert_int_equal(json_array_size(json_object_get(changes, "file:///shop/lib/words.way")), 1);
    /* what clashes only in a file that is not open is refused too */
    answer = talk_rename(&talk, "/shop/main.way", shop[0].text, "lapsed", "old");
    assert_int_equal(talk_error(answer), -32803);
    talk_end(&talk);
}

static void test_navigation(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, shop, NULL);
    talk_open(&talk, "/shop/main.way", shop[0].text);
    json_t *answer =
        talk_ask_at(&talk, "textDocument/definition", "/shop/main.way", shop[0].text, "lapsed");
    assert_string_equal(talk_string(answer, "result/0/uri"), "file:///shop/lib/words.way");
    assert_int_equal(json_integer_value(talk_dig(answer, "result/0/range/start/line")), 1);
    answer = talk_ask_at(&talk, "textDocument/definition", "/shop/main.way", shop[0].text, "./lib");
    assert_string_equal(talk_string(answer, "result/0/uri"), "file:///shop/lib/words.way");
    answer =
        talk_ask_at(&talk, "textDocument/definition", "/shop/main.way", shop[0].text, "retail");
    assert_string_equal(talk_string(answer, "result/0/uri"), "file:///cache/std.retail.way");
    json_t *params = talk_at("/shop/main.way", shop[0].text,
                             (size_t)(strstr(shop[0].text, "lapsed") - shop[0].text));
    json_object_set_new(params, "context", json_pack("{s:b}", "includeDeclaration", 1));
    answer = talk_ask(&talk, "textDocument/references", params);
    assert_int_equal(json_array_size(talk_dig(answer, "result")), 3);
    talk_end(&talk);
}

/* ---- names ---- */

/* What a rename makes of a text: its edits, from the last to the first. */
static char *renamed(const char *text, const char *word, const char *name)
{
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", text);
    json_t *answer = talk_rename(&talk, "/shop/a.way", text, word, name);
    json_t *edits = talk_dig(answer, "result/changes");
    edits = json_object_get(edits, "file:///shop/a.way");
    char *result = edits ? strdup(text) : strdup(talk_string(answer, "error/message"));
    for (size_t i = json_array_size(edits); i-- > 0;) {
        json_t *edit = json_array_get(edits, i);
        struct wf_lsp_lines lines = {.n = 0};
        wf_lsp_lines_make(&lines, result, strlen(result), false);
        size_t start, end;
        assert_true(wf_lsp_at(&lines, talk_dig(edit, "range/start"), &start));
        assert_true(wf_lsp_at(&lines, talk_dig(edit, "range/end"), &end));
        const char *piece = talk_string(edit, "newText");
        char *next = malloc(strlen(result) + strlen(piece) + 1);
        sprintf(next, "%.*s%s%s", (int)start, result, piece, result + end);
        wf_lsp_lines_release(&lines);
        free(result);
        result = next;
    }
    talk_end(&talk);
    return result;
}

static void test_renames(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word, *name, *want; /* without the import */
    } cases[] = {
        {"journey a {\n    enter when joined + 1d\n    wait 3d\n}\npolicy { pause journey a }\n",
         "a {", "b",
         "journey b {\n    was a\n    enter when joined + 1d\n    wait 3d\n}\n"
         "policy { pause journey b }\n"},
        {"journey a { enter when joined + 1d\n  wait 3d }\n", "a {", "b",
         "journey b { was a enter when joined + 1d\n  wait 3d }\n"},
        {"trigger a priority 3 when joined + 1d then send coupon\n", "a pri", "b",
         "trigger b was a priority 3 when joined + 1d then send coupon\n"},
        {"trigger a was z when joined + 1d then send coupon\n", "a was", "b",
         "trigger b was z when joined + 1d then send coupon\n"},
        {"trigger a was z when joined + 1d then send coupon\n"
         "trigger z when joined + 2d then send coupon\n",
         "a was", "b",
         "trigger b was a when joined + 1d then send coupon\n"
         "trigger z when joined + 2d then send coupon\n"},
        {"journey a {\n    was z\n    enter when joined + 1d\n    wait 3d\n}\n", "a {", "b",
         "journey b {\n    was z\n    enter when joined + 1d\n    wait 3d\n}\n"},
        {"trigger a was z when joined + 1d then send coupon\n", "a was", "z",
         "trigger z when joined + 1d then send coupon\n"},
        {"触发 甲 当 joined + 1天 则 发送 优惠券\n", "甲", "乙",
         "触发 乙 原名 甲 当 joined + 1天 则 发送 优惠券\n"},
        {"member { level int? }\nsegment s is level > 3\n", "level >", "grade",
         "member { grade int? from \"level\" }\nsegment s is grade > 3\n"},
        {"member { level int? from \"Lv\" }\nsegment s is level > 3\n", "level >", "grade",
         "member { grade int? from \"Lv\" }\nsegment s is grade > 3\n"},
        {"coupon \"618\" \"x\" { }\nwhen joined + 1d then send coupon \"618\"\n", "\"618\"\n",
         "six", "coupon \"six\" \"x\" { }\nwhen joined + 1d then send coupon \"six\"\n"},
        {"message m \"x\" { en \"{name|you}\" }\nlet n = points\nmessage k \"y\" { en \"{n}\" }\n",
         "n}", "p",
         "message m \"x\" { en \"{name|you}\" }\nlet p = points\nmessage k \"y\" { en \"{p}\" }\n"},
        {"classify v { a when points > 3  b otherwise }\nsegment s is v = a\n", "a\n", "c",
         "classify v { c when points > 3  b otherwise }\nsegment s is v = c\n"},
        {"alias 老 = s\nsegment s is points > 3\nsegment t is 老 and s\n", "s is points", "u",
         "alias 老 = u\nsegment u is points > 3\nsegment t is 老 and u\n"},
        /* refused */
        {"alias 老 = s\nsegment s is points > 3\nsegment t is 老 and s\n", "老 and", "u",
         "`老` is an alias of `s`: rename it where it is declared"},
        {"segment s is count sent > 3\n", "sent", "u", "`sent` is built in and keeps its name"},
        {"segment s is points > 3\nsegment t is s\n", "s is points", "t",
         "`t` cannot be its name: `t` is declared twice"},
        {"segment s is points > 3\nsegment t is any purchase[s]\n", "s is points", "amount",
         "`amount` cannot be its name: a condition is needed here, but `amount` is an amount of "
         "money"},
        {"let s = 3.00\nsegment t is any purchase[amount > s]\n", "s =", "amount",
         "`amount` would be taken for something else where it is used"},
        {"segment s is points > 3\n", "s is", "a b",
         "`a b` cannot be a name: it takes letters, digits and `_`, begins with a letter, and is "
         "no word of the language"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const char import[] = "import std.retail\n";
        char text[512];
        snprintf(text, sizeof(text), "%s%s", import, cases[i].text);
        char *got = renamed(text, cases[i].word, cases[i].name);
        bool same = strncmp(got, import, strlen(import)) == 0;
        assert_string_equal(same ? got + strlen(import) : got, cases[i].want);
        free(got);
    }
}

/* ---- hover ---- */

static void test_hover(void **state)
{
    (void)state;
    static const char text[] = "import std.retail\n"
                               "segment lapsed is last purchase older than 90d # long ago\n"
                               "classify worth { best when top 7% by points  rest otherwise }\n"
                               "segment few is worth = best and purchased and lapsed\n";
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"lapsed\n", "On the night of 2026-11-22 it held 4711 members; since the night before 12 "
                     "had come and 3 had left."},
        {"lapsed\n", "long ago"},
        {"best and", "4711"},
        {"points", "std.retail"},
        {"purchased", "the word of an event"},
        {"older than", "**older than** · **早于**"},
        {"than", "**older than**"},
        {"segment few", "**segment**"},
    };
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", text);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *answer =
            talk_ask_at(&talk, "textDocument/hover", "/shop/a.way", text, cases[i].word);
        const char *got = talk_string(answer, "result/contents/value");
        if (!strstr(got, cases[i].want))
            fail_msg("%s: %s", cases[i].word, got);
    }
    talk_notify(&talk, "workspace/didChangeConfiguration",
                json_pack("{s:{s:{s:s}}}", "settings", "wayfare", "out", "nights"));
    json_t *answer = talk_ask_at(&talk, "textDocument/hover", "/shop/a.way", text, "lapsed\n");
    assert_non_null(strstr(talk_string(answer, "result/contents/value"), "it held 4711 members."));
    talk_end(&talk);
}

/* ---- bytes that are a little wrong, or very ---- */

static void test_anything(void **state)
{
    (void)state;
    static const char session[] =
        "Content-Length: 146\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\","
        "\"params\":{\"textDocument\":{\"uri\":\"file:///shop/b.way\",\"version\":1,\"text\":"
        "\"let x = \"}}}Content-Length: 140\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
        "\"textDocument/hover\",\"params\":{\"textDocument\":{\"uri\":\"file:///shop/b.way\"},"
        "\"position\":{\"line\":0,\"character\":4}}}";
    static const char rules[] =
        "import std.retail\nmember { tier one of (a < b)? }\n"
        "segment s is count purchase[amount > 3] in last 9d >= 2 and tier = a # why\n"
        "message m \"x\" { zh \"您好{name|亲}😀\" }\ntrigger t when member becomes s then send m\n"
        "当 入会+7天 且 非 已购买 则 发送 优惠券\njourney j {\n  enter when joined + 1d\n  step "
        "a:\n"
        "  if s { send m } else { wait 3d }\n}\ntest \"t\" { member m { points 3 } }\n";
    enum { SIZE = sizeof(session) + sizeof(rules) - 2, ROUNDS = 150 };
    unsigned char bytes[2 * SIZE];
    uint64_t seed = 11;
    for (int round = 0; round < ROUNDS; round++) {
        size_t len = 0, half = strlen(session) > strlen(rules) ? strlen(session) : strlen(rules);
        memset(bytes, ' ', sizeof(bytes));
        memcpy(bytes, session, strlen(session));
        memcpy(bytes + half, rules, strlen(rules));
        len = 2 * half;
        for (int i = 0; i < round % 13; i++) {
            size_t at = pick(&seed, (uint32_t)len);
            if (pick(&seed, 3))
                bytes[at] = (unsigned char)pick(&seed, 256);
            else
                memmove(bytes + at, bytes + pick(&seed, (uint32_t)len - 16),
                        16 < len - at ? 16 : 1);
        }
        talk_anything(bytes, round % 5 ? len : pick(&seed, (uint32_t)len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),       cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_rude_exit),  cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_huge),       cmocka_unit_test(test_incremental),
        cmocka_unit_test(test_importers),  cmocka_unit_test(test_rename_across),
        cmocka_unit_test(test_navigation), cmocka_unit_test(test_renames),
        cmocka_unit_test(test_hover),      cmocka_unit_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
