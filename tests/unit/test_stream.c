/* A file from its beginning to its end: every byte arrives, and failures do not get lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/run/stream.h"

enum { MOST = 5 * WF_STREAM_PIECE + 4711 };

/* A file in memory that is as strict as one that goes past the cache. */
struct strict {
    char *bytes;
    size_t len;
    bool bypasses, direct, barred; /* barred: it cannot be made */
    unsigned writes, fail_at; /* fail_at: the write that fails; 0: none does */
    unsigned syncs, closed;
};

static enum wf_status s_create(void *ctx, const char *path, int *fd_out)
{
    const struct strict *s = ctx;
    (void)path;
    if (s->barred)
        return WF_ERR_PERM;
    *fd_out = 7;
    return WF_OK;
}

static enum wf_status s_write(void *ctx, int fd, const void *bytes, size_t len)
{
    struct strict *s = ctx;
    assert_int_equal(fd, 7);
    if (++s->writes == s->fail_at)
        return WF_ERR_IO;
    if (s->direct && (len % WF_FS_BLOCK || s->len % WF_FS_BLOCK || (uintptr_t)bytes % WF_FS_BLOCK))
        return WF_ERR_INTERNAL;
    if (s->len + len > MOST)
        return WF_ERR_LIMIT;
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
    return WF_OK;
}

static bool s_bypass(void *ctx, int fd, bool wished)
{
    struct strict *s = ctx;
    (void)fd;
    s->direct = wished && s->bypasses;
    return s->direct;
}

static enum wf_status s_sync(void *ctx, int fd)
{
    struct strict *s = ctx;
    (void)fd;
    s->syncs++;
    return WF_OK;
}

static enum wf_status s_close(void *ctx, int fd)
{
    struct strict *s = ctx;
    (void)fd;
    s->closed++;
    return WF_OK;
}

static struct wf_fs fs_of(struct strict *s)
{
    return (struct wf_fs){.ctx = s,
                          .create = s_create,
                          .write = s_write,
                          .bypass = s_bypass,
                          .sync = s_sync,
                          .close = s_close};
}

static char *some_bytes(size_t n)
{
    char *bytes = malloc(n);
    uint64_t x = 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++, x = x * 6364136223846793005u + 1442695040888963407u)
        bytes[i] = (char)(x >> 56);
    return bytes;
}

/* In writes of `step` bytes and, now and then, of one. */
static enum wf_status pour(struct wf_stream *stream, const char *bytes, size_t len, size_t step)
{
    enum wf_status status = WF_OK;
    for (size_t at = 0, n, turn = 0; !status && at < len; at += n) {
        n = turn++ % 5 == 4 ? 1 : step;
        n = n < len - at ? n : len - at;
        status = wf_stream_write(stream, bytes + at, n);
    }
    return status;
}

static void arrives(void **state)
{
    static const struct {
        size_t len, step;
        unsigned writes; /* past the cache */
    } cases[] = {
        {0, 1, 0},
        {1, 1, 1},
        {WF_STREAM_PIECE - 1, 1000, 1},
        {WF_STREAM_PIECE, 4096, 1},
        {WF_STREAM_PIECE + 1, 100000, 2},
        {2 * WF_STREAM_PIECE + WF_FS_BLOCK, 99999, 3},
        {3 * WF_STREAM_PIECE + 2 * WF_FS_BLOCK + 5, 300001, 5},
        {MOST, MOST, 7},
        {MOST, 12345, 7},
    };
    char *bytes = some_bytes(MOST);
    (void)state;
    for (size_t c = 0; c < 4 * sizeof(cases) / sizeof(*cases); c++) {
        size_t len = cases[c / 4].len;
        bool aside = c & 1;
        struct strict file = {.bytes = malloc(MOST), .bypasses = c & 2};
        struct wf_fs fs = fs_of(&file);
        struct wf_digest digest;
        unsigned char is[WF_SHA256], due[WF_SHA256];
        struct wf_stream stream;
        wf_digest_init(&digest);
        assert_int_equal(wf_stream_open(&stream, &fs, "a", &digest, aside, NULL), WF_OK);
        assert_int_equal(pour(&stream, bytes, len, cases[c / 4].step), WF_OK);
        assert_int_equal(wf_stream_end(&stream), WF_OK);
        assert_int_equal(wf_stream_sync(&stream), WF_OK);
        assert_int_equal(wf_stream_close(&stream), WF_OK);
        assert_int_equal(wf_stream_close(&stream), WF_OK);
        assert_int_equal(file.len, len);
        assert_true(len == 0 || memcmp(file.bytes, bytes, len) == 0);
        if (file.bypasses)
            assert_int_equal(file.writes, cases[c / 4].writes);
        assert_int_equal(file.syncs, 1);
        assert_int_equal(file.closed, 1);
        assert_false(file.direct);
        wf_digest_finish(&digest, is);
        wf_sha256(bytes, len, due);
        assert_memory_equal(is, due, WF_SHA256);
        free(file.bytes);
    }
    free(bytes);
}

/* Whichever write fails: it is told, nothing is written after it, and nothing is synced. */
static void fails(void **state)
{
    char *bytes = some_bytes(MOST);
    (void)state;
    for (unsigned fail_at = 1; fail_at <= 7; fail_at++) {
        for (unsigned way = 0; way < 4; way++) {
            struct strict file = {
                .bytes = malloc(MOST), .bypasses = way & 2, .fail_at = fail_at};
            struct wf_fs fs = fs_of(&file);
            struct wf_stream stream;
            unsigned writes = file.bypasses ? 7 : 6;
            assert_int_equal(wf_stream_open(&stream, &fs, "a", NULL, way & 1, NULL), WF_OK);
            pour(&stream, bytes, MOST, 1000000);
            enum wf_status due = fail_at <= writes ? WF_ERR_IO : WF_OK;
            assert_int_equal(wf_stream_end(&stream), due);
            assert_int_equal(wf_stream_write(&stream, "x", due ? 1 : 0), due);
            assert_int_equal(wf_stream_sync(&stream), due);
            assert_int_equal(wf_stream_close(&stream), WF_OK);
            assert_int_equal(file.writes, due ? fail_at : writes);
            assert_int_equal(file.syncs, !due);
            assert_memory_equal(file.bytes, bytes, file.len);
            free(file.bytes);
        }
    }
    free(bytes);
}

/* Left in the middle: no thread and no memory stays behind. */
static void left(void **state)
{
    char *bytes = some_bytes(MOST);
    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        struct strict file = {.bytes = malloc(MOST), .bypasses = true};
        struct wf_fs fs = fs_of(&file);
        struct wf_stream stream;
        assert_int_equal(wf_stream_open(&stream, &fs, "a", NULL, way, NULL), WF_OK);
        assert_int_equal(pour(&stream, bytes, MOST, 50000), WF_OK);
        assert_int_equal(wf_stream_close(&stream), WF_OK);
        assert_int_equal(file.closed, 1);
        free(file.bytes);
    }
    free(bytes);
}

/* One that could not be made is never written, synced or closed. */
static void cannot_be_made(void **state)
{
    struct strict file = {.barred = true};
    struct wf_fs fs = fs_of(&file);
    struct wf_stream stream;
    (void)state;
    assert_int_equal(wf_stream_open(&stream, &fs, "a", NULL, true, NULL), WF_ERR_PERM);
    assert_int_equal(wf_stream_write(&stream, "x", 1), WF_ERR_PERM);
    assert_int_equal(wf_stream_sync(&stream), WF_ERR_PERM);
    assert_int_equal(wf_stream_close(&stream), WF_OK);
    assert_int_equal(file.writes + file.syncs + file.closed, 0);
}

/* On a disk, whatever its file system can do. */
static void on_disk(void **state)
{
    char path[] = "./stream-test-XXXXXX";
    char *bytes = some_bytes(MOST);
    struct wf_buf back;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (unsigned aside = 0; aside < 2; aside++) {
        struct wf_stream stream;
        assert_int_equal(wf_stream_open(&stream, &wf_fs_os, path, NULL, aside, NULL), WF_OK);
        assert_int_equal(pour(&stream, bytes, MOST, 77777), WF_OK);
        assert_int_equal(wf_stream_sync(&stream), WF_OK);
        assert_int_equal(wf_stream_close(&stream), WF_OK);
        wf_buf_init(&back, NULL, 0);
        assert_int_equal(wf_fs_os.read(NULL, path, &back), WF_OK);
        assert_int_equal(back.len, MOST);
        assert_memory_equal(back.data, bytes, MOST);
        wf_buf_release(&back);
    }
    assert_int_equal(remove(path), 0);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrives),
        cmocka_unit_test(fails),
        cmocka_unit_test(left),
        cmocka_unit_test(cannot_be_made),
        cmocka_unit_test(on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
