/* What the language server reads: messages cut from a stream, and places as editors count them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/lsp/frame.h"
#include "runtime/lsp/text.h"

/* ---- frames ---- */

static void test_frames(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want; /* a letter a message: M, B broken, H huge; then its text */
    } cases[] = {
        {"Content-Length: 2\r\n\r\n{}", "M{}"},
        {"content-length:2\r\nContent-Type: x; charset=utf-8\r\n\r\n{}", "M{}"},
        {"Content-Length: 2\n\n{}Content-Length: 0\r\n\r\n", "M{}M"},
        {"Content-Type: x\r\n\r\nContent-Length: 1\r\n\r\nx", "BMx"},
        {"Content-Length: x\r\n\r\n", "B"},
        {"Content-Length: -1\r\n\r\n", "B"},
        {"Content-Length:\r\n\r\n", "B"},
        {"Content-Length: 67108864\r\n\r\nx", ""}, /* the most: more is to come */
        {"Content-Length: 67108865\r\n\r\nx", "H"},
        {"Content-Length: 99999999999999999999999\r\n\r\nx", "H"},
        {"Content-Length: 5\r\n\r\nab", ""},
        {"\r\n\r\n", "BB"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t piece = 1; piece < 40; piece += 3) { /* in pieces of any length */
            struct wf_frames frames;
            struct wf_buf got;
            const char *text;
            size_t len = strlen(cases[i].bytes), n;
            wf_frames_init(&frames);
            wf_buf_init(&got, NULL, 0);
            for (size_t at = 0; at < len; at += piece) {
                enum wf_frame frame;
                wf_frames_add(&frames, cases[i].bytes + at, len - at < piece ? len - at : piece);
                while ((frame = wf_frames_next(&frames, &text, &n)) != WF_FRAME_NONE) {
                    wf_buf_addc(&got, "?MBH?"[frame]);
                    if (frame == WF_FRAME_MESSAGE)
                        wf_buf_add(&got, text, n);
                    if (frame == WF_FRAME_HUGE)
                        break;
                }
                if (frame == WF_FRAME_HUGE)
                    break;
            }
            assert_string_equal(wf_buf_str(&got), cases[i].want);
            wf_buf_release(&got);
            wf_frames_release(&frames);
        }
    }
}

static void test_header_limit(void **state)
{
    (void)state;
    struct wf_frames frames;
    const char *text;
    size_t len;
    wf_frames_init(&frames);
    for (size_t i = 0; i + 1 < WF_LSP_MAX_HEADER; i++)
        wf_frames_add(&frames, "x", 1);
    assert_int_equal(wf_frames_next(&frames, &text, &len), WF_FRAME_NONE);
    wf_frames_add(&frames, "x", 1);
    assert_int_equal(wf_frames_next(&frames, &text, &len), WF_FRAME_HUGE);
    wf_frames_release(&frames);
}

/* ---- places ---- */

static void test_places(void **state)
{
    (void)state;
    static const char text[] = "a\xE4\xBD\xA0\xF0\x9F\x98\x80z\r\nb\rc\n";
    static const struct {
        int line, character;
        size_t at, at_bytes; /* in UTF-16 units, in bytes */
    } cases[] = {
        {0, 0, 0, 0},   {0, 1, 1, 1},    {0, 2, 4, 1},   {0, 3, 4, 1}, /* the middle of a pair */
        {0, 4, 8, 4},   {0, 5, 9, 4},    {0, 99, 9, 9},  {1, 0, 11, 11},
        {1, 1, 12, 12}, {1, 5, 12, 12},  {2, 0, 13, 13}, {3, 0, 15, 15},
        {4, 0, 15, 15}, {99, 3, 15, 15}, {-1, 0, 0, 0},
    };
    for (int utf8 = 0; utf8 < 2; utf8++) {
        struct wf_lsp_lines lines = {.n = 0};
        assert_int_equal(wf_lsp_lines_make(&lines, text, strlen(text), utf8), WF_OK);
        assert_int_equal(lines.n, 4);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            size_t at = wf_lsp_offset(&lines, cases[i].line, cases[i].character);
            assert_int_equal(at, utf8 ? cases[i].at_bytes : cases[i].at);
        }
        for (size_t at = 0; at <= strlen(text); at++) { /* there and back */
            uint32_t line, character;
            bool middle = ((unsigned char)text[at] & 0xC0) == 0x80;
            bool between = at && text[at - 1] == '\r' && text[at] == '\n';
            wf_lsp_place(&lines, at, &line, &character);
            if (!middle && !between)
                assert_int_equal(wf_lsp_offset(&lines, line, character), at);
        }
        wf_lsp_lines_release(&lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_header_limit),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
