/*
 * Hostile files: every bit of a compiled program flipped, and every way to cut it short. Whatever
 * comes must be refused or be a program that runs without a fault; nothing may crash.
 *
 * Twice: with the checksums as they are (so that the file is refused as damaged), and with the
 * checksums made right again, the hash of the rules too, so that the verifier stands alone.
 *
 * WF_HOSTILE=long tries the large sample as well, and pairs of flips.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/verify.h"
#include "tests/tools/compiled.h"
#include "tests/tools/exercise.h"
#include "tests/tools/mend.h"
#include "tests/tools/sample.h"

struct tally {
    size_t refused, accepted;
};

/* What accepted programs must survive. */
static void use(const struct wf_program *program)
{
    const char *why = exercise(program, 7);
    if (why)
        fail_msg("%s", why);
}

static void the_samples_run(void **state)
{
    (void)state;
    for (int kind = SAMPLE_SMALL; kind <= SAMPLE_WIDE; kind++) {
        struct wf_program *program = sample_program((enum sample_kind)kind);
        assert_int_equal(wf_verify(program, NULL), WF_OK);
        use(program);
        wf_program_free(program);
    }
}

/* A copy of its own size, so that reading one byte too far is seen. `mend`: also mend the hash. */
static void offer(const unsigned char *bytes, size_t len, bool mend, struct tally *tally)
{
    unsigned char *file = malloc(len ? len : 1);
    struct wf_program *program = NULL;
    struct wf_ir_fault fault;
    assert_non_null(file);
    if (len)
        memcpy(file, bytes, len);
    if (mend)
        mend_checksums(file, len);
    enum wf_status status = wf_decode(NULL, file, len, &program, NULL);
    free(file);
    if (status == WF_OK) {
        status = wf_verify(program, NULL);
        if (status && mend && wf_ir_verify(&program->ir, &fault) == WF_OK) {
            wf_program_hash(program, program->hash);
            status = wf_verify(program, NULL);
        }
        if (status == WF_OK)
            use(program);
        wf_program_free(program);
    }
    assert_true(status == WF_OK || status == WF_ERR_FORMAT);
    *(status ? &tally->refused : &tally->accepted) += 1;
}

static struct wf_buf encoded(enum sample_kind kind)
{
    struct wf_program *program = sample_program(kind);
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    assert_non_null(program);
    assert_int_equal(wf_encode(program, &buf), WF_OK);
    wf_program_free(program);
    return buf;
}

static void flip_all(enum sample_kind kind, bool mend, struct tally *tally)
{
    struct wf_buf buf = encoded(kind);
    unsigned char *bytes = (unsigned char *)buf.data;
    for (size_t bit = 0; bit < buf.len * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        offer(bytes, buf.len, mend, tally);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    wf_buf_release(&buf);
}

static bool is_long(void)
{
    const char *wanted = getenv("WF_HOSTILE");
    return wanted && strcmp(wanted, "long") == 0;
}

static void every_flip_is_seen(void **state)
{
    (void)state;
    struct tally tally = {0};
    flip_all(SAMPLE_SMALL, false, &tally);
    if (is_long())
        flip_all(SAMPLE_WIDE, false, &tally);
    assert_int_equal(tally.accepted, 0);
    assert_true(tally.refused > 10000);
}

static void every_flip_is_harmless(void **state)
{
    (void)state;
    struct tally tally = {0};
    flip_all(SAMPLE_SMALL, true, &tally);
    if (is_long())
        flip_all(SAMPLE_WIDE, true, &tally);
    print_message("flips: %zu refused, %zu harmless\n", tally.refused, tally.accepted);
    /* Names and numbers may change into others; the shape of the code may not. */
    assert_true(tally.accepted > 0);
    assert_true(tally.refused > tally.accepted);
}

/* A bit of every byte of a program with journeys and policies. */
static void journeys_are_harmless(void **state)
{
    static const char rules[] =
        "member from \"m.csv\" { id text key  joined date  points int = 0  sms bool = false\n"
        "  owner text? }\n"
        "event buy as bought from \"b.csv\" { at time  amount money }\n"
        "coupon gift \"g\" { value 5.00 stock 9 prefer by points }\n"
        "calendar cn from \"h.csv\"\n"
        "journey j { enter when buy again after 3d holdout 5% exit when points > 5\n"
        "  goal count buy since entry > 1 within 5d migrate from j@ab { start -> late }\n"
        "  send coupon gift via sms wait for buy[amount > 1.00] up to 3d\n"
        "  if bought since entry { go late } wait until business day\n"
        "  split { 50% \"a\" { points +1 } 50% \"b\" { } } step late: wait until monday }\n"
        "policy { reach sms when sms quiet 21:00 to 09:00 drop cap 1 send per 1d else defer 2d\n"
        "  cap 1 coupon per calendar day per owner budget coupon 5.00 per calendar month\n"
        "  pause journey j when count buy in last 7d > 5% of count sent at least 9 volume 5 }\n"
        "policy p locked for members where points > 1 { holdout 2% pause journey j }\n";
    (void)state;
    struct tally tally = {0};
    struct wf_buf buf;
    struct wf_program *program = compiled(rules);
    use(program);
    wf_buf_init(&buf, NULL, 0);
    assert_int_equal(wf_encode(program, &buf), WF_OK);
    wf_program_free(program);
    for (size_t i = 0; i < buf.len; i++) {
        unsigned char *byte = (unsigned char *)buf.data + i, before = *byte;
        *byte ^= (unsigned char)(1u << i % 8);
        offer((unsigned char *)buf.data, buf.len, true, &tally);
        *byte = before;
    }
    wf_buf_release(&buf);
    print_message("journeys: %zu refused, %zu harmless\n", tally.refused, tally.accepted);
    assert_true(tally.accepted > 0);
    assert_true(tally.refused > tally.accepted);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct wf_buf buf = encoded(SAMPLE_WIDE);
    unsigned char *bytes = (unsigned char *)buf.data;
    struct tally tally = {0};
    for (size_t len = 0; len < buf.len; len++) {
        offer(bytes, len, false, &tally);
        offer(bytes, len, true, &tally);
    }
    assert_int_equal(tally.accepted, 0);
    wf_buf_release(&buf);
}

/* The same, with the length in the header and the last section's size made to agree. */
static void every_honest_truncation_is_refused(void **state)
{
    (void)state;
    struct wf_buf buf = encoded(SAMPLE_WIDE);
    unsigned char *bytes = (unsigned char *)buf.data;
    uint64_t sections = mend_number(bytes + 8, 4);
    unsigned char *last = bytes + MEND_HEADER + (sections - 1) * MEND_ENTRY;
    uint64_t offset = mend_number(last + 8, 8);
    struct tally tally = {0};
    for (size_t len = (size_t)offset; len < buf.len; len++) {
        for (unsigned k = 0; k < 8; k++) {
            bytes[12 + k] = (unsigned char)((uint64_t)len >> 8 * k);
            last[16 + k] = (unsigned char)((len - offset) >> 8 * k);
        }
        offer(bytes, len, true, &tally);
    }
    assert_int_equal(tally.accepted, 0);
    assert_true(tally.refused > 10);
    wf_buf_release(&buf);
}

/* Every byte in turn becomes a value that counts and indices go wrong with. */
static void extreme_bytes_are_harmless(void **state)
{
    (void)state;
    static const unsigned char values[] = {0x00, 0x7f, 0x80, 0xff};
    struct wf_buf buf = encoded(SAMPLE_WIDE);
    unsigned char *bytes = (unsigned char *)buf.data;
    struct tally tally = {0};
    for (size_t at = 0; at < buf.len; at++) {
        unsigned char was = bytes[at];
        for (size_t v = 0; v < sizeof values; v++) {
            bytes[at] = values[v];
            offer(bytes, buf.len, true, &tally);
        }
        bytes[at] = was;
    }
    assert_true(tally.refused > tally.accepted / 4);
    wf_buf_release(&buf);
}

/* Four bytes at a time: a count or an index as large as can be. */
static void huge_numbers_are_harmless(void **state)
{
    (void)state;
    struct wf_buf buf = encoded(SAMPLE_WIDE);
    unsigned char *bytes = (unsigned char *)buf.data;
    struct tally tally = {0};
    for (size_t at = 0; at + 4 <= buf.len; at++) {
        unsigned char was[4];
        memcpy(was, bytes + at, 4);
        memset(bytes + at, 0xff, 4);
        offer(bytes, buf.len, true, &tally);
        memcpy(bytes + at, was, 4);
    }
    assert_true(tally.refused > 0);
    wf_buf_release(&buf);
}

static void random_pairs_are_harmless(void **state)
{
    (void)state;
    struct wf_buf buf = encoded(SAMPLE_WIDE);
    unsigned char *bytes = (unsigned char *)buf.data;
    struct tally tally = {0};
    uint64_t seed = 0x9e3779b97f4a7c15u;
    size_t rounds = is_long() ? 2000000 : 20000;
    for (size_t i = 0; i < rounds; i++) {
        size_t bits[2];
        for (unsigned k = 0; k < 2; k++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            bits[k] = (size_t)(seed % (buf.len * 8));
            bytes[bits[k] / 8] ^= (unsigned char)(1u << bits[k] % 8);
        }
        offer(bytes, buf.len, true, &tally);
        for (unsigned k = 0; k < 2; k++)
            bytes[bits[k] / 8] ^= (unsigned char)(1u << bits[k] % 8);
    }
    assert_true(tally.refused > 0);
    wf_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_samples_run),
        cmocka_unit_test(every_flip_is_seen),
        cmocka_unit_test(every_flip_is_harmless),
        cmocka_unit_test(journeys_are_harmless),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_honest_truncation_is_refused),
        cmocka_unit_test(extreme_bytes_are_harmless),
        cmocka_unit_test(huge_numbers_are_harmless),
        cmocka_unit_test(random_pairs_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
