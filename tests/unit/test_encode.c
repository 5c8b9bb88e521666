/* Programs as bytes and back: the same program, the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "lang/code/disasm.h"
#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/desc.h"
#include "tests/tools/sample.h"

static struct wf_buf encoded(const struct wf_program *program)
{
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    assert_int_equal(wf_encode(program, &buf), WF_OK);
    return buf;
}

static void there_and_back(void **state)
{
    (void)state;
    for (int kind = SAMPLE_SMALL; kind <= SAMPLE_WIDE; kind++) {
        struct wf_program *first = sample_program((enum sample_kind)kind), *second = NULL;
        const char *why = NULL;
        assert_non_null(first);
        struct wf_buf one = encoded(first);
        assert_int_equal(wf_decode(NULL, one.data, one.len, &second, &why), WF_OK);
        assert_null(why);
        assert_false(second->verified);
        assert_int_equal(wf_verify(second, &why), WF_OK);
        assert_true(second->verified);
        struct wf_buf two = encoded(second);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.data, two.data, one.len);
        struct wf_buf text_one, text_two;
        wf_buf_init(&text_one, NULL, 0);
        wf_buf_init(&text_two, NULL, 0);
        wf_disasm(first, true, &text_one);
        wf_disasm(second, true, &text_two);
        assert_string_equal(wf_buf_str(&text_one), wf_buf_str(&text_two));
        wf_buf_release(&text_one);
        wf_buf_release(&text_two);
        wf_buf_release(&one);
        wf_buf_release(&two);
        wf_program_free(first);
        wf_program_free(second);
    }
}

static void appends_behind_what_is_there(void **state)
{
    (void)state;
    struct wf_program *program = sample_program(SAMPLE_SMALL), *back = NULL;
    struct wf_buf plain = encoded(program), buf;
    wf_buf_init(&buf, NULL, 0);
    wf_buf_adds(&buf, "before");
    assert_int_equal(wf_encode(program, &buf), WF_OK);
    assert_int_equal(buf.len, plain.len + 6);
    assert_memory_equal(buf.data + 6, plain.data, plain.len);
    assert_int_equal(wf_decode(NULL, buf.data + 6, buf.len - 6, &back, NULL), WF_OK);
    wf_program_free(back);
    wf_buf_release(&plain);
    wf_buf_release(&buf);
    wf_program_free(program);
}

static void refuses_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } cases[] = {
        {"", 0, "it is not a compiled program"},
        {"WAY", 3, "it is not a compiled program"},
        {"when joined+7d", 14, "it is not a compiled program"},
        {"WAYC", 4, "it was compiled by another version; compile the rules again"},
        {"WAYC\2\0\0\0\0\0\0\0", 12, "it was compiled by another version; compile the rules again"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wf_program *program = NULL;
        const char *why = NULL;
        assert_int_equal(wf_decode(NULL, cases[i].bytes, cases[i].len, &program, &why),
                         WF_ERR_FORMAT);
        assert_string_equal(why, cases[i].why);
        assert_null(program);
    }
}

static uint64_t number_at(const char *at, unsigned bytes)
{
    uint64_t n = 0;
    for (unsigned i = bytes; i--;)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

static void put_number(char *at, uint64_t n, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (char)(unsigned char)(n >> 8 * i);
}

/* A file of this version as version 4 wrote it: without the tables that came later, all empty. */
static struct wf_buf as_of_version_4(const struct wf_buf *now)
{
    enum {
        HEAD = 20,
        ENTRY = 32,
        FIRST = 1 + WF_IRT_catalogues,
        LATER = WF_IRT_COUNT_ - WF_IRT_catalogues
    };
    unsigned n = (unsigned)number_at(now->data + 8, 4);
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_buf_add(&out, now->data, HEAD + (size_t)(n - LATER) * ENTRY);
    put_number(out.data + 4, 4, 4);
    put_number(out.data + 8, n - LATER, 4);
    for (unsigned id = 0, to = 0; id < n; id++) {
        const char *entry = now->data + HEAD + (size_t)id * ENTRY;
        if (id >= FIRST && id < FIRST + LATER)
            continue;
        char *made = out.data + HEAD + (size_t)to * ENTRY;
        memcpy(made, entry, ENTRY);
        put_number(made, to++, 4);
        put_number(made + 8, out.len, 8);
        wf_buf_add(&out, now->data + number_at(entry + 8, 8), (size_t)number_at(entry + 16, 8));
    }
    put_number(out.data + 12, out.len, 8);
    assert_false(out.failed);
    return out;
}

/* A state may hold journeys that were pinned under version 4; the hash of their rules stays. */
static void reads_version_4(void **state)
{
    (void)state;
    struct wf_program *program = sample_program(SAMPLE_FULL), *back = NULL;
    struct wf_buf now = encoded(program), old = as_of_version_4(&now), again;
    unsigned char hash[16];
    const char *why = NULL;
    assert_int_equal(wf_decode(NULL, old.data, old.len, &back, &why), WF_OK);
    assert_int_equal(wf_verify(back, &why), WF_OK);
    wf_program_hash(back, hash);
    assert_memory_equal(hash, program->hash, sizeof hash);
    again = encoded(back);
    assert_int_equal(again.len, now.len);
    assert_memory_equal(again.data, now.data, now.len);
    wf_program_free(back);
    for (size_t cut = 4; cut < old.len; cut += 7) {
        assert_int_equal(wf_decode(NULL, old.data, cut, &back, &why), WF_ERR_FORMAT);
    }
    wf_buf_release(&again);
    wf_buf_release(&old);
    wf_buf_release(&now);
    wf_program_free(program);
}

static void one_byte_too_many(void **state)
{
    (void)state;
    struct wf_program *program = sample_program(SAMPLE_SMALL), *back = NULL;
    struct wf_buf buf = encoded(program);
    const char *why = NULL;
    wf_buf_addc(&buf, 0);
    assert_int_equal(wf_decode(NULL, buf.data, buf.len, &back, &why), WF_ERR_FORMAT);
    assert_string_equal(why, "it is cut short, or longer than it was written");
    wf_buf_release(&buf);
    wf_program_free(program);
}

/* The length alone refuses it: nothing of the 256 MiB is looked at. */
static void a_file_may_be_so_large(void **state)
{
    (void)state;
    struct wf_program *back = NULL;
    const char *why = NULL;
    char *bytes = calloc(1, WF_MAX_PROGRAM + 1);
    assert_non_null(bytes);
    assert_int_equal(wf_decode(NULL, bytes, WF_MAX_PROGRAM, &back, &why), WF_ERR_FORMAT);
    assert_string_equal(why, "it is not a compiled program");
    assert_int_equal(wf_decode(NULL, bytes, WF_MAX_PROGRAM + 1, &back, &why), WF_ERR_FORMAT);
    assert_string_equal(why, "it is larger than WF_MAX_PROGRAM");
    free(bytes);
}

/* The hash is of what the rules mean: neither the file's name nor a line is part of it. */
static void hash_is_of_the_meaning(void **state)
{
    (void)state;
    struct wf_program *program = sample_program(SAMPLE_FULL);
    unsigned char hash[16];
    program->ir.places[0].line = 4711;
    program->ir.triggers[0].place = WF_NONE;
    wf_program_hash(program, hash);
    assert_memory_equal(hash, program->hash, 16);
    program->ir.triggers[0].holdout = 100000;
    wf_program_hash(program, hash);
    assert_memory_not_equal(hash, program->hash, 16);
    wf_program_free(program);
}

static void hashes_differ(void **state)
{
    (void)state;
    struct wf_program *small = sample_program(SAMPLE_SMALL), *full = sample_program(SAMPLE_FULL);
    assert_memory_not_equal(small->hash, full->hash, 16);
    wf_program_free(small);
    wf_program_free(full);
}

/* Fails its n-th allocation. */
struct meter {
    size_t left;
};

static void *meter_resize(void *ctx, void *ptr, size_t size)
{
    struct meter *meter = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (meter->left == 0)
        return NULL;
    meter->left--;
    return realloc(ptr, size);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct wf_program *program = sample_program(SAMPLE_FULL);
    struct wf_buf buf = encoded(program);
    enum wf_status status = WF_ERR_NOMEM;
    for (size_t n = 0; status == WF_ERR_NOMEM && n < 1000; n++) {
        struct meter meter = {n};
        struct wf_alloc alloc = {meter_resize, &meter};
        struct wf_program *back = NULL;
        status = wf_decode(&alloc, buf.data, buf.len, &back, NULL);
        if (status == WF_OK) {
            meter.left = 0;
            status = wf_verify(back, NULL);
            assert_int_equal(status, WF_ERR_NOMEM);
            meter.left = 1000;
            status = wf_verify(back, NULL);
            wf_program_free(back);
        }
    }
    assert_int_equal(status, WF_OK);
    wf_buf_release(&buf);
    wf_program_free(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(appends_behind_what_is_there),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(reads_version_4),
        cmocka_unit_test(one_byte_too_many),
        cmocka_unit_test(a_file_may_be_so_large),
        cmocka_unit_test(hash_is_of_the_meaning),
        cmocka_unit_test(hashes_differ),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
