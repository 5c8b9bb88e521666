/* Digests against what sha256sum and xxh128sum say, however the bytes come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/alloc.h"
#include "runtime/data/digest.h"

/* `count` times a text. */
static const struct sample {
    const char *text;
    size_t count;
    const char *sha256, *xxh128;
} SAMPLES[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "99aa06d3014798d86001c324468d497f"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "06b05ab6733a618578af5f94892f3950"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
     "a545df8e384a9579b1fd6fae5285c4eb"},
};

static void check(const struct wf_fingerprint *found, const struct sample *sample)
{
    char hex[WF_HEX_SHA256];
    wf_hex(hex, found->xxh128, sizeof(found->xxh128));
    assert_string_equal(hex, sample->xxh128);
    if (!found->has_sha256)
        return;
    wf_hex(hex, found->sha256, sizeof(found->sha256));
    assert_string_equal(hex, sample->sha256);
}

/* In pieces of `step` bytes. */
static void in_pieces(const char *bytes, size_t len, size_t step, const struct sample *sample)
{
    for (int asked = 0; asked < 2; asked++) {
        struct wf_fingerprinting printing;
        struct wf_fingerprint found;
        assert_int_equal(wf_fingerprint_init(&printing, asked), WF_OK);
        for (size_t at = 0; at < len; at += step)
            wf_fingerprint_add(&printing, bytes + at, len - at < step ? len - at : step);
        wf_fingerprint_finish(&printing, &found);
        wf_fingerprint_release(&printing);
        assert_int_equal(found.has_sha256, asked);
        check(&found, sample);
    }
}

static void digests_are_those_of_the_known_tools(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SAMPLES) / sizeof(*SAMPLES); i++) {
        const struct sample *sample = &SAMPLES[i];
        size_t one = strlen(sample->text), len = one * sample->count;
        char *bytes = wf_realloc(NULL, NULL, len + 1);
        assert_non_null(bytes);
        for (size_t k = 0; k < sample->count; k++)
            memcpy(bytes + k * one, sample->text, one);
        struct wf_fingerprint whole = {.has_sha256 = true};
        wf_xxh128(bytes, len, whole.xxh128);
        wf_sha256(bytes, len, whole.sha256);
        check(&whole, sample);
        static const size_t steps[] = {1, 63, 64, 65, 4096, 1000000};
        for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++)
            in_pieces(bytes, len, steps[k], sample);
        wf_free(NULL, bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_known_tools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
