/*
 * Two runs at once, a run beside one that dies, states that no run may trust, a disk that is full:
 * the exit code of the manual, nothing published, and the night is still there to be run.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fault/scene.h"
#include "tests/fault/tree.h"

static int open_ordinary(void **state)
{
    struct play *play = calloc(1, sizeof(*play));
    for (unsigned i = 0; i < N_SCENES; i++)
        if (strcmp(SCENES[i].name, "ordinary night") == 0)
            play_open(play, &SCENES[i]);
    *state = play;
    return 0;
}

static int close_ordinary(void **state)
{
    play_close(*state);
    free(*state);
    return 0;
}

static enum wf_status run_night(struct play *play)
{
    return play_run(play, play_night(play));
}

static void expect_night(struct play *play)
{
    if (run_night(play) != WF_OK)
        fail_msg("%s", wf_buf_str(&play_night(play)->why));
    if (!play_ended(play, END_NIGHT))
        fail_msg("not the night it should be:\n%s", wf_buf_str(&play->said));
}

/* ---- two runs ---- */

/* A run in another process, under a hook. */
static pid_t start(struct play *play, struct chain *night, const struct calls_hook *hook)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        calls_watch(play->root, hook);
        _exit(play_run(play, night) != WF_OK);
    }
    return pid;
}

struct pausing {
    unsigned at;
    int paused[2], go[2]; /* pipes */
};

static int pause_here(void *ctx, struct call *call)
{
    const struct pausing *p = ctx;
    char byte = 0;
    if (call->number == p->at &&
        (write(p->paused[1], &byte, 1) != 1 || read(p->go[0], &byte, 1) != 1))
        _exit(99);
    return 0;
}

static int never(void *ctx, struct call *call)
{
    unsigned *calls = ctx;
    *calls = call->number + 1;
    return 0;
}

static unsigned count_calls(struct play *play)
{
    unsigned calls = 0;
    calls_watch(play->root, &(struct calls_hook){&calls, never, NULL});
    assert_int_equal(run_night(play), WF_OK);
    calls_unwatch();
    return calls;
}

/* Before the lock is taken and after it is given back there is nothing to keep anyone out of. */
enum { LOCKED = 3, UNLOCKED = 4 };

static void two_runs_at_once(void **state)
{
    struct play *play = *state;
    unsigned calls = count_calls(play);
    for (unsigned at = LOCKED; at + UNLOCKED < calls; at += 13) {
        struct pausing p = {.at = at};
        char byte = 0;
        int how = 0;
        play_restore(play, play->base);
        assert_int_equal(pipe(p.paused) | pipe(p.go), 0);
        pid_t pid = start(play, play_night(play), &(struct calls_hook){&p, pause_here, NULL});
        assert_int_equal(read(p.paused[0], &byte, 1), 1);
        assert_int_equal(wf_status_exit(run_night(play)), 75);
        assert_non_null(strstr(wf_buf_str(&play_night(play)->why), "another run"));
        assert_int_equal(write(p.go[1], &byte, 1), 1);
        assert_int_equal(waitpid(pid, &how, 0), pid);
        assert_int_equal(how, 0);
        assert_true(play_ended(play, END_NIGHT));
        for (int i = 0; i < 2; i++) {
            close(p.paused[i]);
            close(p.go[i]);
        }
    }
}

struct dying {
    unsigned at;
};

static int die_here(void *ctx, struct call *call)
{
    const struct dying *dying = ctx;
    if (call->number == dying->at)
        kill(getpid(), SIGKILL);
    return 0;
}

/* A run that comes while another dies: busy as long as that one lives, then it takes over. */
static void beside_a_dying_run(void **state)
{
    struct play *play = *state;
    unsigned calls = count_calls(play);
    for (unsigned at = 0; at < calls; at += 3) {
        struct dying dying = {at};
        play_restore(play, play->base);
        pid_t pid = start(play, play_night(play), &(struct calls_hook){&dying, die_here, NULL});
        enum wf_status st;
        while ((st = run_night(play)) == WF_ERR_BUSY)
            continue;
        if (st != WF_OK)
            fail_msg("beside a run that dies at call %u: %s", at,
                     wf_buf_str(&play_night(play)->why));
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        expect_night(play);
    }
}

/* ---- states ---- */

static void state_path(const struct play *play, char out[128])
{
    snprintf(out, 128, "%s/" SCENE_STATE, play->root);
}

static void put_state(const struct play *play, const void *bytes, size_t len)
{
    char path[128];
    state_path(play, path);
    assert_int_equal(wf_fs_put(&wf_fs_os, path, bytes, len), WF_OK);
}

static void get_state(const struct play *play, struct wf_buf *out)
{
    char path[128];
    state_path(play, path);
    wf_buf_init(out, NULL, 0);
    assert_int_equal(wf_fs_os.read(NULL, path, out), WF_OK);
}

static void sql(const struct play *play, const char *text)
{
    char path[128];
    state_path(play, path);
    tree_sql(path, text);
}

static bool unpublished(struct play *play)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/out/2026-11-21", play->root);
    return access(path, F_OK) != 0;
}

/* Refused with that code, nothing published; with the state back in its place the night runs. */
static void expect_refused(struct play *play, int code)
{
    int got = wf_status_exit(run_night(play));
    if (got != code)
        fail_msg("expected %d, got %d: %s", code, got, wf_buf_str(&play_night(play)->why));
    assert_true(play_night(play)->why.len > 0);
    assert_true(unpublished(play));
    play_restore(play, play->base);
    expect_night(play);
    play_restore(play, play->base);
}

static void untrusted_states(void **state)
{
    struct play *play = *state;
    char path[128];
    struct wf_buf old;
    state_path(play, path);
    put_state(play, "", 0);
    expect_refused(play, 78);
    assert_int_equal(unlink(path), 0);
    expect_refused(play, 66);
    put_state(play, "this is no database, whatever its name says", 43);
    expect_refused(play, 78);
    sql(play, "PRAGMA user_version = 99");
    expect_refused(play, 78);
    sql(play, "PRAGMA application_id = 1");
    expect_refused(play, 78);
    assert_int_equal(unlink(path), 0);
    sql(play, "CREATE TABLE run(x)"); /* somebody else's */
    expect_refused(play, 78);
    get_state(play, &old);
    expect_night(play);
    put_state(play, old.data, old.len); /* a copy from before the night */
    assert_int_equal(wf_status_exit(play_run(play, play_after(play))), 78);
    assert_int_equal(wf_status_exit(run_night(play)), 78);
    wf_buf_release(&old);
}

/* Refused as damaged or foreign, or it was of no account: then the night is what it should be. */
static void expect_seen(struct play *play, const char *what, size_t at, unsigned *refused)
{
    enum wf_status st = run_night(play);
    int code = wf_status_exit(st);
    if (st == WF_OK && !play_ended(play, END_NIGHT))
        fail_msg("%s %zu was not seen, and the night is another:\n%s", what, at,
                 wf_buf_str(&play->said));
    if (st != WF_OK && code != 74 && code != 78)
        fail_msg("%s %zu: ended with %d: %s", what, at, code, wf_buf_str(&play_night(play)->why));
    if (st != WF_OK)
        assert_true(unpublished(play));
    *refused += st != WF_OK;
    play_restore(play, play->base);
}

static void damaged_states(void **state)
{
    struct play *play = *state;
    struct wf_buf good;
    unsigned refused = 0;
    get_state(play, &good);
    for (size_t at = 0; at < 100; at++) { /* the header */
        good.data[at] ^= 0x21;
        put_state(play, good.data, good.len);
        good.data[at] ^= 0x21;
        expect_seen(play, "header byte", at, &refused);
    }
    assert_true(refused > 30);
    char *kept = malloc(512);
    for (size_t at = 0; at < good.len; at += 512) { /* holes */
        memcpy(kept, good.data + at, 512);
        memset(good.data + at, 0, 512);
        put_state(play, good.data, good.len);
        memcpy(good.data + at, kept, 512);
        expect_seen(play, "hole at", at, &refused);
    }
    for (size_t at = 512; at < good.len; at += 512) { /* cut short */
        put_state(play, good.data, at);
        expect_seen(play, "cut at", at, &refused);
    }
    free(kept);
    wf_buf_release(&good);
}

static void kill_at(struct play *play, struct chain *night, unsigned at)
{
    struct dying dying = {at};
    pid_t pid = start(play, night, &(struct calls_hook){&dying, die_here, NULL});
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void journal_path(const struct play *play, char out[160])
{
    state_path(play, out);
    memcpy(out + strlen(out), "-journal", sizeof("-journal"));
}

/* Taken away in the middle of a commit, without its journal: every page may be in order, and the
 * whole a mixture of two nights. */
static void a_state_without_its_journal(void **state)
{
    struct play *play = *state;
    char journal[160];
    unsigned calls = count_calls(play), refused = 0;
    journal_path(play, journal);
    for (unsigned at = 0; at < calls; at++) {
        play_restore(play, play->base);
        kill_at(play, play_night(play), at);
        if (unlink(journal) == 0)
            expect_seen(play, "without its journal, killed at", at, &refused);
    }
    assert_true(refused > 0);
}

/* A copy of the state from before the night, put back beside the journal of the night after it: a
 * mixture, or a copy that is older than what it published. Only a journal that holds every page
 * makes a whole state of it. */
static void a_journal_of_another_night(void **state)
{
    struct play *play = *state;
    char journal[160];
    struct wf_buf old, bytes;
    unsigned calls = count_calls(play), refused = 0, hot = 0;
    play_keep(play, play->cut); /* after the night */
    play_restore(play, play->base);
    get_state(play, &old);
    journal_path(play, journal);
    for (unsigned at = 0; at < calls; at++) {
        wf_buf_init(&bytes, NULL, 0);
        play_restore(play, play->cut);
        kill_at(play, play_after(play), at);
        if (wf_fs_os.read(NULL, journal, &bytes) == WF_OK && bytes.len > 0) {
            hot++;
            put_state(play, old.data, old.len);
            enum wf_status st = run_night(play);
            refused += wf_status_exit(st) == 78;
            if (st == WF_OK) /* what was left of the night after goes when that is run */
                st = play_run(play, play_after(play));
            if (wf_status_exit(st) != 78 && (st != WF_OK || !play_ended(play, END_AFTER)))
                fail_msg("call %u: ended with %d: %s", at, wf_status_exit(st),
                         wf_buf_str(&play->said));
        }
        wf_buf_release(&bytes);
    }
    wf_buf_release(&old);
    assert_true(hot > 10 && refused > hot / 2);
}

/* ---- a full disk ---- */

static void ballast(const struct play *play, long bytes)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/data_ballast", play->root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (; bytes > 0; bytes -= 1024)
        if (fwrite((char[1024]){1}, 1, 1024, file) != 1024)
            break;
    fclose(file);
}

static void a_full_disk(void **state)
{
    struct play *play = *state;
    char command[256], small[80];
    unsigned full = 0;
    snprintf(small, sizeof(small), "%s.small", play->root);
    assert_int_equal(mkdir(small, 0700), 0);
    if (mount("tmpfs", small, "tmpfs", 0, "size=2m") != 0) {
        print_message("no small disk: this user may not mount one\n");
        rmdir(small);
        skip();
    }
    snprintf(command, sizeof(command), "cp -r %s/. %s", play->root, small);
    assert_int_equal(system(command), 0);
    memcpy(play->root, small, sizeof(play->root));
    for (unsigned i = 0; i < play->scene->n_nights; i++)
        memcpy(play->nights[i].dir, small, sizeof(play->nights[i].dir));
    for (long left = 0; left < 400; left += 8) {
        play_restore(play, play->base);
        ballast(play, 0);
        ballast(play, (2048 - 4 - left) * 1024 - 90 * 1024);
        enum wf_status st = run_night(play);
        full += st != WF_OK;
        if (st != WF_OK && wf_status_exit(st) != 74)
            fail_msg("%ld kB left: ended with %d: %s", left, wf_status_exit(st),
                     wf_buf_str(&play_night(play)->why));
        ballast(play, 0); /* somebody makes room */
        expect_night(play);
    }
    play->root[strlen(play->root) - strlen(".small")] = 0;
    assert_int_equal(umount(small), 0);
    rmdir(small);
    assert_true(full > 3);
}

int main(void)
{
#define ORDINARY(f) cmocka_unit_test_setup_teardown(f, open_ordinary, close_ordinary)
    const struct CMUnitTest tests[] = {ORDINARY(two_runs_at_once),
                                       ORDINARY(beside_a_dying_run),
                                       ORDINARY(untrusted_states),
                                       ORDINARY(damaged_states),
                                       ORDINARY(a_state_without_its_journal),
                                       ORDINARY(a_journal_of_another_night),
                                       ORDINARY(a_full_disk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
