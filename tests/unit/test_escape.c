/* Text inside JSON, XML, URIs and workflow commands; how far words are from each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/distance.h"
#include "lang/base/escape.h"

static void json(struct wf_buf *out, const char *text)
{
    wf_json_string(out, text, strlen(text));
}

static void command(struct wf_buf *out, const char *text)
{
    wf_workflow_text(out, text, false);
}

static void property(struct wf_buf *out, const char *text)
{
    wf_workflow_text(out, text, true);
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        void (*write)(struct wf_buf *out, const char *text);
        const char *text, *want;
    } cases[] = {
        {json, "", "\"\""},
        {json, "a\"\\\n\x7f", "\"a\\\"\\\\\\u000a\\u007f\""},
        {json, "亲\xff", "\"亲\\ufffd\""},
        {wf_xml_text, "a<b>&\"c\"\n\t亲", "a&lt;b&gt;&amp;&quot;c&quot;\n\t亲"},
        {wf_xml_text, "\x01\xff\xef\xbf\xbe\r", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {wf_uri_path, "rules/a b,%#?.way", "rules/a%20b%2C%25%23%3F.way"},
        {wf_uri_path, "亲-._~", "%E4%BA%B2-._~"},
        {command, "a: 1,5%\r\nb", "a: 1,5%25%0D%0Ab"},
        {property, "a: 1,5%\nb", "a%3A 1%2C5%25%0Ab"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wf_buf out;
        wf_buf_init(&out, NULL, 0);
        cases[i].write(&out, cases[i].text);
        assert_string_equal(wf_buf_str(&out), cases[i].want);
        wf_buf_release(&out);
    }
}

static void distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t want;
    } cases[] = {
        {"amount", "amount", 0}, {"amount", "Amount", 0}, {"amount", "amounts", 1},
        {"joined", "jonied", 1}, {"会员号", "会员", 1},   {"a", "", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            wf_edit_distance(cases[i].a, strlen(cases[i].a), cases[i].b, strlen(cases[i].b), 5),
            cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
