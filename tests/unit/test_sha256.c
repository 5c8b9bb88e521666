#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/sha256.h"

static void digest(const char *text, size_t len, size_t step, int plain, char out[WF_SHA256_HEX])
{
    struct wf_sha256 sha;
    unsigned char raw[WF_SHA256_SIZE];
    wf_sha256_init(&sha);
    for (size_t at = 0; at < len; at += step) {
        size_t take = len - at < step ? len - at : step;
        (plain ? wf_sha256_add_plain : wf_sha256_add)(&sha, text + at, take);
    }
    wf_sha256_final(&sha, raw);
    wf_hex(out, raw, sizeof(raw));
}

/* The examples of FIPS 180-4 and the empty message. */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } t[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[WF_SHA256_HEX];
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        for (int plain = 0; plain < 2; plain++) {
            digest(t[i].text, strlen(t[i].text), 64, plain, hex);
            assert_string_equal(hex, t[i].hex);
        }
    }
    char *many = malloc(1000000);
    assert_non_null(many);
    memset(many, 'a', 1000000);
    digest(many, 1000000, 999, 0, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(many);
}

/* The instructions and the plain code agree for every length and however the bytes come. */
static void both_ways(void **state)
{
    (void)state;
    char text[300], a[WF_SHA256_HEX], b[WF_SHA256_HEX];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 131 + i / 7);
    for (size_t len = 0; len < sizeof(text); len++) {
        digest(text, len, 300, 1, a);
        for (size_t step = 1; step < 140; step += 23) {
            digest(text, len, step, 0, b);
            assert_string_equal(a, b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers),
                                       cmocka_unit_test(both_ways)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
