/* Memory: allocator, arena, buffer, interned strings; and the two tables of status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/alloc.h"
#include "lang/base/arena.h"
#include "lang/base/buf.h"
#include "lang/base/checked.h"
#include "lang/base/intern.h"
#include "lang/base/limits.h"
#include "lang/base/status.h"
#include "lang/base/value.h"

/* Counts what is alive, and refuses from the n-th request on. */
struct meter {
    int left, alive;
};

static void *metered(void *ctx, void *ptr, size_t size)
{
    struct meter *meter = ctx;
    if (size == 0) {
        meter->alive -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (meter->left-- <= 0)
        return NULL;
    meter->alive += ptr == NULL;
    return realloc(ptr, size);
}

static void alloc(void **state)
{
    (void)state;
    struct meter meter = {.left = 1000};
    struct wf_alloc a = {metered, &meter};
    unsigned char *p = wf_calloc(&a, 10, 3);
    for (int i = 0; i < 30; i++)
        assert_int_equal(p[i], 0);
    p = wf_realloc(&a, p, 100);
    assert_non_null(p);
    assert_null(wf_realloc(&a, p, 0));
    assert_int_equal(meter.alive, 0);
    wf_free(&a, NULL);
    assert_null(wf_calloc(&a, SIZE_MAX / 2, 3)); /* the product overflows */
    assert_null(wf_calloc(NULL, SIZE_MAX / 2, 3));
    p = wf_calloc(&a, 0, 8); /* nothing is still a pointer */
    assert_non_null(p);
    wf_free(&a, p);
    assert_int_equal(meter.alive, 0);
}

static void grow(void **state)
{
    (void)state;
    struct meter meter = {.left = 1};
    struct wf_alloc a = {metered, &meter};
    uint64_t *array = NULL;
    size_t cap = 0;
    assert_int_equal(wf_grow(&a, &array, &cap, 5, sizeof(*array)), 0);
    assert_int_equal(cap, 8);
    for (size_t i = 0; i < cap; i++)
        array[i] = i;
    uint64_t *before = array;
    assert_int_equal(wf_grow(&a, &array, &cap, 8, sizeof(*array)), 0);  /* there is room */
    assert_int_equal(wf_grow(&a, &array, &cap, 9, sizeof(*array)), -1); /* no memory */
    assert_ptr_equal(array, before);
    assert_int_equal(cap, 8);
    assert_int_equal(wf_grow(&a, &array, &cap, SIZE_MAX, sizeof(*array)), -1);
    assert_int_equal(wf_grow(&a, &array, &cap, SIZE_MAX / 8 + 1, sizeof(*array)), -1);
    meter.left = 1;
    assert_int_equal(wf_grow(&a, &array, &cap, 100, sizeof(*array)), 0);
    assert_int_equal(cap, 128);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(array[i], i);
    wf_free(&a, array);
    assert_int_equal(meter.alive, 0);
}

static void arena(void **state)
{
    (void)state;
    struct meter meter = {.left = 1000};
    struct wf_alloc a = {metered, &meter};
    struct wf_arena arena;
    wf_arena_init(&arena, &a);
    unsigned char *pieces[500];
    for (size_t i = 0; i < 500; i++) { /* sizes round the block's, all aligned, zero and apart */
        size_t size = i % 50 == 49 ? 70000 : i * 7;
        pieces[i] = wf_arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        for (size_t b = 0; b < size; b++)
            assert_int_equal(pieces[i][b], 0);
        memset(pieces[i], (int)(i & 0xFF), size);
    }
    for (size_t i = 0; i < 500; i++) {
        size_t size = i % 50 == 49 ? 70000 : i * 7;
        for (size_t b = 0; b < size; b++)
            assert_int_equal(pieces[i][b], i & 0xFF);
    }
    assert_string_equal(wf_arena_copy(&arena, "four", 4), "four");
    assert_string_equal(wf_arena_copy(&arena, NULL, 0), "");
    assert_null(wf_arena_array(&arena, SIZE_MAX / 4, 8));
    assert_null(wf_arena_alloc(&arena, WF_MAX_ARENA + 1));
    assert_null(wf_arena_copy(&arena, "", SIZE_MAX));
    wf_arena_release(&arena);
    assert_int_equal(meter.alive, 0);
    assert_int_equal(arena.used, 0);
}

static void arena_without_memory(void **state)
{
    (void)state;
    struct meter meter = {.left = 1};
    struct wf_alloc a = {metered, &meter};
    struct wf_arena arena;
    wf_arena_init(&arena, &a);
    char *first = wf_arena_copy(&arena, "kept", 4);
    assert_non_null(first);
    assert_null(wf_arena_alloc(&arena, 100000));
    assert_non_null(wf_arena_alloc(&arena, 100)); /* the block at hand still serves */
    assert_string_equal(first, "kept");
    wf_arena_release(&arena);
    assert_int_equal(meter.alive, 0);
}

static void buf(void **state)
{
    (void)state;
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    assert_string_equal(wf_buf_str(&buf), "");
    wf_buf_adds(&buf, "a");
    wf_buf_addc(&buf, 'b');
    wf_buf_addf(&buf, "%d-%s", 42, "x");
    wf_buf_add(&buf, "\0z", 2);
    assert_int_equal(buf.len, 8);
    assert_memory_equal(wf_buf_str(&buf), "ab42-x\0z", 9);
    wf_buf_reset(&buf);
    assert_int_equal(buf.len, 0);
    assert_string_equal(wf_buf_str(&buf), "");
    wf_buf_adds(&buf, "taken");
    size_t len;
    char *taken = wf_buf_detach(&buf, &len);
    assert_string_equal(taken, "taken");
    assert_int_equal(len, 5);
    assert_int_equal(buf.len, 0);
    wf_free(NULL, taken);
    taken = wf_buf_detach(&buf, NULL); /* nothing is an empty text */
    assert_string_equal(taken, "");
    wf_free(NULL, taken);
    wf_buf_release(&buf);
}

/* Numbers come out as printf writes them; money with its two digits behind the point. */
static void buf_numbers(void **state)
{
    static const struct {
        int64_t number;
        const char *money;
    } table[] = {
        {0, "0.00"},
        {5, "0.05"},
        {-5, "-0.05"},
        {10, "0.10"},
        {-199, "-1.99"},
        {123456789, "1234567.89"},
        {INT64_MAX, "92233720368547758.07"},
        {INT64_MIN, "-92233720368547758.08"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct wf_buf buf;
        char want[32];
        snprintf(want, sizeof(want), "x%lld", (long long)table[i].number);
        wf_buf_init(&buf, NULL, 0);
        wf_buf_addc(&buf, 'x');
        wf_buf_add_int(&buf, table[i].number);
        assert_string_equal(wf_buf_str(&buf), want);
        wf_buf_reset(&buf);
        wf_value_print(&buf, NULL, wf_int_value(WF_T_MONEY, table[i].number));
        assert_string_equal(wf_buf_str(&buf), table[i].money);
        wf_buf_release(&buf);
    }
}

static void buf_cap(void **state)
{
    (void)state;
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 5);
    wf_buf_adds(&buf, "12345"); /* N */
    assert_false(buf.failed);
    wf_buf_addc(&buf, '6'); /* N + 1 */
    assert_true(buf.failed);
    assert_string_equal(wf_buf_str(&buf), "12345");
    wf_buf_reset(&buf);
    wf_buf_addf(&buf, "%06d", 1);
    assert_true(buf.failed);
    assert_int_equal(buf.len, 0);
    wf_buf_adds(&buf, "x"); /* once failed, nothing is added */
    assert_int_equal(buf.len, 0);
    assert_null(wf_buf_detach(&buf, NULL));
    wf_buf_release(&buf);

    struct meter meter = {.left = 0};
    struct wf_alloc none = {metered, &meter};
    wf_buf_init(&buf, &none, 0);
    wf_buf_adds(&buf, "x");
    assert_true(buf.failed);
    assert_string_equal(wf_buf_str(&buf), "");
    wf_buf_release(&buf);
}

static void intern(void **state)
{
    (void)state;
    struct wf_intern intern;
    wf_intern_init(&intern, NULL, 12345);
    const struct wf_str *kept[3000];
    char name[32];
    for (int i = 0; i < 3000; i++) { /* grows the table several times */
        int len = snprintf(name, sizeof(name), "name%d", i);
        kept[i] = wf_intern(&intern, name, (size_t)len);
        assert_non_null(kept[i]);
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "name%d", i);
        assert_ptr_equal(wf_intern_cstr(&intern, name), kept[i]);
        assert_string_equal(kept[i]->text, name);
    }
    assert_int_equal(intern.n, 3000);
    assert_ptr_equal(wf_intern(&intern, "", 0), wf_intern_cstr(&intern, ""));
    const struct wf_str *inside = wf_intern(&intern, "a\0b", 3);
    assert_ptr_not_equal(inside, wf_intern(&intern, "a", 1)); /* a NUL does not cut */
    assert_int_equal(inside->len, 3);
    wf_intern_release(&intern);
}

static void intern_without_memory(void **state)
{
    (void)state;
    for (int n = 0; n < 6; n++) {
        struct meter meter = {.left = n};
        struct wf_alloc a = {metered, &meter};
        struct wf_intern intern;
        wf_intern_init(&intern, &a, 1);
        char name[32];
        int i = 0;
        for (; i < 20000; i++) {
            int len = snprintf(name, sizeof(name), "name%d", i);
            if (!wf_intern(&intern, name, (size_t)len))
                break;
        }
        assert_true(i < 20000);
        assert_int_equal(intern.n, i); /* what went in is still there */
        for (int k = 0; k < i; k++) {
            snprintf(name, sizeof(name), "name%d", k);
            assert_string_equal(wf_intern_cstr(&intern, name)->text, name);
        }
        wf_intern_release(&intern);
        assert_int_equal(meter.alive, 0);
    }
}

static void checked(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_false(wf_add_i64(INT64_MAX, 1, &out));
    assert_false(wf_sub_i64(INT64_MIN, 1, &out));
    assert_false(wf_mul_i64(INT64_MIN, -1, &out));
    assert_int_equal(out, 7);
    assert_true(wf_add_i64(INT64_MAX, -1, &out) && out == INT64_MAX - 1);
    assert_true(wf_sub_i64(INT64_MIN, -1, &out) && out == INT64_MIN + 1);
    assert_true(wf_mul_i64(INT64_MIN, 1, &out) && out == INT64_MIN);
}

static void status(void **state)
{
    (void)state;
    static const int exits[] = {0, 1, 64, 65, 66, 70, 70, 74, 75, 77, 78, 78, 78, 65, 80};
    for (int s = WF_OK; s >= WF_ERR_HELD; s--) {
        assert_int_equal(wf_status_exit((enum wf_status)s), exits[-s]);
        assert_string_not_equal(wf_status_text((enum wf_status)s), "unknown status");
    }
    assert_int_equal(wf_status_exit((enum wf_status) - 99), 70);
    assert_string_equal(wf_status_text((enum wf_status) - 99), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc),
        cmocka_unit_test(grow),
        cmocka_unit_test(arena),
        cmocka_unit_test(arena_without_memory),
        cmocka_unit_test(buf),
        cmocka_unit_test(buf_numbers),
        cmocka_unit_test(buf_cap),
        cmocka_unit_test(intern),
        cmocka_unit_test(intern_without_memory),
        cmocka_unit_test(checked),
        cmocka_unit_test(status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
