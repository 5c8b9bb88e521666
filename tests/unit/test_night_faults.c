/*
 * Every touch of a file by a publication fails once, in turn: the run says so, and the next one
 * leaves the very night that an undisturbed shop has, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/tools/nights.h"
#include "tests/tools/scarce.h"

struct faulty {
    int calls, fail_at; /* the call that fails, from 1; 0: none */
    bool for_ever;      /* and all after it, as if the disk were gone */
};

static bool fails(void *ctx)
{
    struct faulty *f = ctx;
    int call = ++f->calls;
    return f->fail_at && (f->for_ever ? call >= f->fail_at : call == f->fail_at);
}

static enum wf_status f_create(void *ctx, const char *path, int *fd)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.create(NULL, path, fd);
}
static enum wf_status f_write(void *ctx, int fd, const void *bytes, size_t len)
{
    if (!fails(ctx))
        return wf_fs_os.write(NULL, fd, bytes, len);
    wf_fs_os.write(NULL, fd, bytes, len / 2); /* a full disk takes a part */
    return WF_ERR_IO;
}
static enum wf_status f_sync(void *ctx, int fd)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.sync(NULL, fd);
}
static enum wf_status f_close(void *ctx, int fd)
{
    bool fail = fails(ctx);
    enum wf_status st = wf_fs_os.close(NULL, fd);
    return fail ? WF_ERR_IO : st;
}
static enum wf_status f_make_folder(void *ctx, const char *path)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.make_folder(NULL, path);
}
static enum wf_status f_sync_folder(void *ctx, const char *path)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.sync_folder(NULL, path);
}
static enum wf_status f_rename(void *ctx, const char *from, const char *to)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.rename(NULL, from, to);
}
static enum wf_status f_no_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    (void)from;
    (void)to;
    return WF_ERR_IO;
}
static enum wf_status f_remove(void *ctx, const char *path)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.remove(NULL, path);
}
static enum wf_status f_read(void *ctx, const char *path, struct wf_buf *out)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.read(NULL, path, out);
}
static enum wf_status f_map(void *ctx, const char *path, const void **bytes, size_t *len)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.map(NULL, path, bytes, len);
}
static enum wf_status f_list(void *ctx, const char *path, wf_name_fn *fn, void *fn_ctx)
{
    return fails(ctx) ? WF_ERR_IO : wf_fs_os.list(NULL, path, fn, fn_ctx);
}

static struct wf_fs faulty_fs(struct faulty *faulty)
{
    return (struct wf_fs){.ctx = faulty,
                          .create = f_create,
                          .write = f_write,
                          .sync = f_sync,
                          .close = f_close,
                          .make_folder = f_make_folder,
                          .sync_folder = f_sync_folder,
                          .rename = f_rename,
                          .remove = f_remove,
                          .read = f_read,
                          .map = f_map,
                          .unmap = wf_fs_os.unmap,
                          .list = f_list};
}

/* Where folders are synced. */
struct synced {
    const char *want;
    int n;
};
static enum wf_status s_make_folder(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
    return WF_OK;
}
static enum wf_status s_sync_folder(void *ctx, const char *path)
{
    struct synced *synced = ctx;
    assert_string_equal(path, synced->want);
    synced->n++;
    return WF_OK;
}

static void open_shop(struct chain *chain)
{
    chain_open(chain);
    chain_rules(chain, "segment some is points > 0\n"
                       "trigger a when joined + 7d then send coupon\n"
                       "trigger b when member becomes some then tag \"in\"\n");
    chain_feed(chain, "members.csv",
               "member_id,joined,points\nm1,2026-11-13,0\nm2,2026-11-14,0\nm3,2026-11-14,0\n");
    chain_night(chain, "2026-11-20", "m1:default");
    chain_feed(chain, "members.csv",
               "member_id,joined,points\nm1,2026-11-13,9\nm2,2026-11-14,0\nm3,2026-11-14,9\n");
}

/* The output folder's bytes, one digest, by a tool that is not ours. */
static void digest(const struct chain *chain, char out[65])
{
    char command[256];
    snprintf(command, sizeof(command),
             "cd %s/out && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum",
             chain->dir);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(out, 1, 64, pipe), 64);
    out[64] = 0;
    pclose(pipe);
}

static void sweep(bool for_ever)
{
    struct chain calm;
    char expect[65], got[65];
    struct faulty faulty = {0};
    struct wf_fs fs = faulty_fs(&faulty);
    open_shop(&calm);
    calm.fs = &fs;
    chain_night(&calm, "2026-11-21", "m1:in m2:default m3:default m3:in");
    digest(&calm, expect);
    chain_close(&calm);
    int calls = faulty.calls, refused = 0;
    assert_true(calls > 30);
    for (int at = 1; at <= calls; at++) {
        struct chain chain;
        struct wf_buf out;
        open_shop(&chain);
        faulty = (struct faulty){.fail_at = at, .for_ever = for_ever};
        chain.fs = &fs;
        wf_buf_init(&out, NULL, 0);
        enum wf_status st = chain_run(&chain, "2026-11-21", &out);
        refused += st != WF_OK;
        if (st != WF_OK)
            assert_true(chain.why.len > 0);
        chain.fs = NULL;
        wf_buf_reset(&out);
        assert_int_equal(chain_run(&chain, "2026-11-21", &out), WF_OK);
        digest(&chain, got);
        if (strcmp(got, expect) != 0)
            fail_msg("call %d: not the night it should be", at);
        chain_night(&chain, "2026-11-21", "(already)");
        chain_night(&chain, "2026-11-22", "");
        wf_buf_release(&out);
        chain_close(&chain);
    }
    assert_true(refused > calls * 3 / 4); /* a lost marker or a failed look may be mended at once */
}

static void each_call_once(void **state)
{
    (void)state;
    sweep(false);
}

static void each_call_and_all_after(void **state)
{
    (void)state;
    sweep(true);
}

/* The night that was being written is never run again: the next one leaves no trace of it. */
static void staging_of_a_night_that_never_was(void **state)
{
    (void)state;
    struct chain chain;
    char path[128];
    open_shop(&chain);
    snprintf(path, sizeof(path), "%s/out/.2026-11-21.staging", chain.dir);
    assert_int_equal(wf_fs_os.make_folder(NULL, path), WF_OK);
    snprintf(path, sizeof(path), "%s/out/.2026-11-21.staging/actions.csv", chain.dir);
    assert_int_equal(wf_fs_put(&wf_fs_os, path, "m1", 2), WF_OK);
    chain_night(&chain, "2026-11-22", "m1:in m2:default m3:default m3:in");
    assert_int_not_equal(access(path, F_OK), 0);
    chain_close(&chain);
}

/* Committed, but its folder could not be renamed: a dry run must not take the folder for rubbish.
 */
static void a_dry_run_leaves_a_night_to_be_published(void **state)
{
    (void)state;
    struct chain chain;
    struct wf_buf out;
    struct faulty faulty = {0};
    struct wf_fs fs = faulty_fs(&faulty);
    fs.rename = f_no_rename;
    wf_buf_init(&out, NULL, 0);
    open_shop(&chain);
    chain.fs = &fs;
    chain_night(&chain, "2026-11-21", "refused 74");
    chain.fs = NULL;
    chain.dry_run = true;
    assert_int_equal(chain_run(&chain, "2026-11-22", &out), WF_OK);
    chain.dry_run = false;
    chain_night(&chain, "2026-11-22", "");
    wf_buf_release(&out);
    chain_close(&chain);
}

/* What a power cut may leave of a marker: its length, and other bytes. */
static void a_torn_marker_is_restored(void **state)
{
    (void)state;
    struct chain chain;
    char path[128], torn[65], expect[65], got[65];
    open_shop(&chain);
    digest(&chain, expect);
    snprintf(path, sizeof(path), "%s/out/2026-11-20/PUBLISHED", chain.dir);
    memset(torn, 0, sizeof(torn));
    assert_int_equal(wf_fs_put(&wf_fs_os, path, torn, sizeof(torn)), WF_OK);
    chain_feed(&chain, "members.csv",
               "member_id,joined,points\nm1,2026-11-13,0\nm2,2026-11-14,0\nm3,2026-11-14,0\n");
    chain_night(&chain, "2026-11-20", "(already)");
    digest(&chain, got);
    assert_string_equal(got, expect);
    chain_close(&chain);
}

/* The name of the output folder is itself in a folder, which a power cut takes back. */
static void the_output_folder_lasts(void **state)
{
    (void)state;
    struct synced synced = {.want = "some/where/", .n = 0};
    struct wf_fs fs = wf_fs_os;
    fs.ctx = &synced;
    fs.make_folder = s_make_folder;
    fs.sync_folder = s_sync_folder;
    assert_int_equal(wf_fs_make_lasting(&fs, "some/where/out/"), WF_OK);
    synced.want = ".";
    assert_int_equal(wf_fs_make_lasting(&fs, "out"), WF_OK);
    synced.want = "/";
    assert_int_equal(wf_fs_make_lasting(&fs, "/out"), WF_OK);
    assert_int_equal(synced.n, 3);
}

/* ---- memory ---- */

static void without_memory(void **state)
{
    (void)state;
    struct scarce scarce = {0};
    struct wf_alloc alloc = scarce_alloc(&scarce);
    struct chain chain;
    struct wf_buf out;
    char expect[65], got[65];
    wf_buf_init(&out, NULL, 0);
    open_shop(&chain);
    chain.alloc = &alloc;
    chain_night(&chain, "2026-11-21", "m1:in m2:default m3:default m3:in");
    digest(&chain, expect);
    chain_close(&chain);
    assert_int_equal(scarce.live, 0);
    long calls = scarce.calls, refused = 0, tried = 0;
    open_shop(&chain);
    chain.alloc = &alloc;
    for (long at = 1; at <= calls; at += at < 300 ? 1 : 3) {
        scarce = (struct scarce){.fail_at = at, .for_ever = at % 2};
        enum wf_status st = chain_run(&chain, "2026-11-21", &out);
        assert_int_equal(scarce.live, 0);
        tried++;
        refused += st == WF_ERR_NOMEM;
        if (st != WF_OK && st != WF_ERR_NOMEM)
            fail_msg("allocation %ld: status %d: %s", at, (int)st, wf_buf_str(&chain.why));
        if (st == WF_OK) { /* it could do without; that night is over */
            digest(&chain, got);
            assert_string_equal(got, expect);
            chain_close(&chain);
            open_shop(&chain);
            chain.alloc = &alloc;
        }
    }
    assert_true(refused > tried / 2);
    scarce = (struct scarce){0};
    wf_buf_reset(&out);
    assert_int_equal(chain_run(&chain, "2026-11-21", &out), WF_OK);
    digest(&chain, got);
    assert_string_equal(got, expect);
    wf_buf_release(&out);
    chain_close(&chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_once),
                                       cmocka_unit_test(each_call_and_all_after),
                                       cmocka_unit_test(staging_of_a_night_that_never_was),
                                       cmocka_unit_test(a_dry_run_leaves_a_night_to_be_published),
                                       cmocka_unit_test(a_torn_marker_is_restored),
                                       cmocka_unit_test(the_output_folder_lasts),
                                       cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
