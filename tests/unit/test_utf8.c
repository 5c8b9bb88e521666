#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "lang/base/buf.h"
#include "lang/base/utf8.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Every character there is goes out and comes back, and utf8proc writes the same bytes. */
static void round_trip(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110100; c++) {
        char ours[4];
        size_t n = wf_utf8_encode(c, ours);
        bool real = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        assert_int_equal(n > 0, real);
        if (!real)
            continue;
        utf8proc_uint8_t theirs[4];
        assert_int_equal(n, utf8proc_encode_char((utf8proc_int32_t)c, theirs));
        assert_memory_equal(ours, theirs, n);
        uint32_t back = 0;
        assert_int_equal(wf_utf8_decode(ours, n, &back), n);
        assert_int_equal(back, c);
        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(wf_utf8_decode(ours, cut, &back), 0);
    }
}

/* All byte strings of two bytes, and of three and four with the tail bytes that matter. */
static void against_utf8proc(void **state)
{
    (void)state;
    static const unsigned char tails[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90,
                                          0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xFF};
    for (unsigned lead = 0; lead < 256; lead++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t i = 0; i < LENGTH(tails); i++) {
                for (size_t j = 0; j < LENGTH(tails); j++) {
                    unsigned char text[4] = {(unsigned char)lead, (unsigned char)second, tails[i],
                                             tails[j]};
                    uint32_t ours = 0;
                    utf8proc_int32_t theirs;
                    size_t n = wf_utf8_decode((char *)text, 4, &ours);
                    utf8proc_ssize_t m = utf8proc_iterate(text, 4, &theirs);
                    assert_int_equal(n, m < 0 ? 0 : m);
                    if (n)
                        assert_int_equal(ours, theirs);
                }
            }
        }
    }
}

static void valid_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len, valid;
    } table[] = {
        {"", 0, 0},
        {"plain ASCII of some length", 26, 26},
        {"您好, 世界", 14, 14},
        {"abcdefgh\xff", 9, 8},
        {"abcdefgh您\x80", 12, 11},
        {"\xC0\x80", 2, 0},         /* overlong NUL */
        {"a\xE0\x80\xAF", 4, 1},    /* overlong '/' */
        {"a\xED\xA0\x80", 4, 1},    /* a surrogate */
        {"\xF4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
        {"ok\xE6\x82", 4, 2},       /* cut */
        {"nul \0 inside", 12, 12},
    };
    for (size_t i = 0; i < LENGTH(table); i++)
        assert_int_equal(wf_utf8_valid(table[i].text, table[i].len), table[i].valid);
}

/* A bad byte is found wherever it stands in the stride of eight. */
static void bad_byte_anywhere(void **state)
{
    (void)state;
    for (size_t len = 1; len < 40; len++) {
        for (size_t bad = 0; bad < len; bad++) {
            char text[40];
            memset(text, 'x', sizeof(text));
            text[bad] = (char)0xFE;
            assert_int_equal(wf_utf8_valid(text, len), bad);
        }
    }
}

/* Characters of three bytes are judged as the decoder judges them, behind text and at the end. */
static void every_triple(void **state)
{
    (void)state;
    for (unsigned lead = 0xE0; lead < 0xF0; lead++)
        for (unsigned second = 0; second < 256; second++)
            for (unsigned third = 0x70; third < 0xD0; third++) {
                char text[4] = {'a', (char)lead, (char)second, (char)third};
                uint32_t c;
                size_t valid = wf_utf8_decode(text + 1, 3, &c) == 3 ? 4 : 1;
                assert_int_equal(wf_utf8_valid(text, sizeof(text)), valid);
            }
}

static void counts_and_widths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count, width;
    } table[] = {
        {"", 0, 0},     {"hello", 5, 5},      {"您好", 2, 4}, {"a您b", 3, 4}, {"e\u0301", 2, 1},
        {"，。", 2, 4}, {"\U0001F600", 1, 2}, {"ﬁ", 1, 1},    {"｛", 1, 2},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        size_t len = strlen(table[i].text);
        assert_int_equal(wf_utf8_count(table[i].text, len), table[i].count);
        assert_int_equal(wf_utf8_width(table[i].text, len), table[i].width);
    }
}

static void assert_nfc(const char *in, const char *want)
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    assert_int_equal(wf_utf8_nfc(&out, in, strlen(in)), WF_OK);
    assert_string_equal(wf_buf_str(&out), want);
    wf_buf_release(&out);
}

static void nfc(void **state)
{
    (void)state;
    assert_nfc("", "");
    assert_nfc("plain", "plain");
    assert_nfc("Cafe\u0301", "Café");
    assert_nfc("Café", "Café");
    assert_nfc("か\u3099", "が");
    assert_nfc("\u1112\u1161\u11ab", "한");
    assert_nfc("\u212B", "Å"); /* the Angstrom sign */
    assert_nfc("a\u0323\u0307", "ạ\u0307");
    assert_nfc("a\u0307\u0323", "ạ\u0307");
    assert_nfc("会员，您好", "会员，您好");
    assert_nfc("\uFA0E\uF900", "\uFA0E豈"); /* compatibility ideographs: one stays, one does not */

    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    assert_int_equal(wf_utf8_nfc(&out, "bad \xff", 5), WF_ERR_DATA);
    assert_int_equal(out.len, 0);
    wf_buf_release(&out);
}

/* The quick look only says yes where the slow way changes nothing, alone or beside another. */
static void plain_means_nfc(void **state)
{
    (void)state;
    size_t plain = 0;
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        char text[8];
        size_t n = wf_utf8_encode(c, text);
        if (!n || !wf_utf8_is_plain_nfc(text, n))
            continue;
        plain++;
        const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)c);
        assert_int_equal(p->combining_class, 0);
        text[n] = '\0';
        utf8proc_uint8_t *slow = utf8proc_NFC((const utf8proc_uint8_t *)text);
        assert_string_equal((char *)slow, text);
        free(slow);
        /* as the second of a pair it must not melt into an earlier letter */
        char pair[12] = "a";
        memcpy(pair + 1, text, n + 1);
        slow = utf8proc_NFC((const utf8proc_uint8_t *)pair);
        assert_string_equal((char *)slow, pair);
        free(slow);
    }
    assert_true(plain > 27000);
}

static void *refuse(void *ctx, void *ptr, size_t size)
{
    (void)ctx;
    if (size == 0)
        free(ptr);
    return NULL;
}

static void nfc_without_memory(void **state)
{
    (void)state;
    struct wf_alloc none = {refuse, NULL};
    struct wf_buf out;
    wf_buf_init(&out, &none, 0);
    assert_int_equal(wf_utf8_nfc(&out, "abc", 3), WF_ERR_NOMEM);
    wf_buf_release(&out);
    wf_buf_init(&out, &none, 0);
    assert_int_equal(wf_utf8_nfc(&out, "e\u0301", 3), WF_ERR_NOMEM);
    wf_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(against_utf8proc),
        cmocka_unit_test(valid_prefix),
        cmocka_unit_test(bad_byte_anywhere),
        cmocka_unit_test(every_triple),
        cmocka_unit_test(counts_and_widths),
        cmocka_unit_test(nfc),
        cmocka_unit_test(plain_means_nfc),
        cmocka_unit_test(nfc_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
