#include "tests/tools/nights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "lang/syntax/diag_text.h"
#include "runtime/run/zonefile.h"

static void path_of(const struct chain *chain, const char *name, char out[256])
{
    assert_true(snprintf(out, 256, "%s/%s", chain->dir, name) < 256);
}

void chain_open(struct chain *chain)
{
    char path[256];
    /* in memory where the machine has such a folder: these tests are about what is decided */
    char dir[] = "/dev/shm/wf_nights_XXXXXX";
    if (access("/dev/shm", W_OK) != 0)
        strcpy(dir, "/tmp/wf_nights_XXXXXX");
    assert_non_null(mkdtemp(dir));
    chain_join(chain, dir, "data");
    path_of(chain, chain->state, path);
    assert_int_equal(wf_store_create(path, NULL), WF_OK);
}

void chain_join(struct chain *chain, const char *dir, const char *data)
{
    char path[256];
    memset(chain, 0, sizeof(*chain));
    snprintf(chain->dir, sizeof(chain->dir), "%s", dir);
    snprintf(chain->data, sizeof(chain->data), "%s", data);
    strcpy(chain->state, "shop.db");
    path_of(chain, data, path);
    assert_int_equal(wf_fs_os.make_folder(NULL, path), WF_OK);
    wf_buf_init(&chain->rules, NULL, 0);
    wf_buf_init(&chain->why, NULL, 0);
    chain->threads = 1;
    chain->batch = WF_BATCH;
}

static void forget_program(struct chain *chain)
{
    if (!chain->zone)
        return;
    wf_zone_free(chain->zone);
    wf_compiled_release(&chain->compiled);
    chain->zone = NULL;
}

void chain_leave(struct chain *chain)
{
    forget_program(chain);
    wf_buf_release(&chain->rules);
    wf_buf_release(&chain->why);
}

void chain_close(struct chain *chain)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", chain->dir);
    assert_int_equal(system(command), 0);
    chain_leave(chain);
}

int chain_setup(void **state)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    chain_open(chain);
    *state = chain;
    return 0;
}

int chain_teardown(void **state)
{
    chain_close(*state);
    free(*state);
    return 0;
}

void chain_rules(struct chain *chain, const char *text)
{
    forget_program(chain);
    wf_buf_reset(&chain->rules);
    wf_buf_adds(&chain->rules, "import std.retail\n");
    wf_buf_adds(&chain->rules, text);
}

void chain_feed(struct chain *chain, const char *name, const char *text)
{
    char path[256], file[128];
    snprintf(file, sizeof(file), "%s/%s", chain->data, name);
    path_of(chain, file, path);
    if (text)
        assert_int_equal(wf_fs_put(&wf_fs_os, path, text, strlen(text)), WF_OK);
    else
        assert_int_equal(wf_fs_os.remove(NULL, path), WF_OK);
}

/* ---- a run ---- */

static enum wf_status read_rules(void *ctx, const char *path, const char **bytes_out,
                                 size_t *len_out)
{
    const struct chain *chain = ctx;
    if (strcmp(path, "rules.way") != 0)
        return WF_ERR_MISSING;
    *bytes_out = chain->rules.data;
    *len_out = chain->rules.len;
    return WF_OK;
}

static void done_with(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
}

static void compile(struct chain *chain)
{
    struct wf_loader loader = {.ctx = chain, .read = read_rules, .done = done_with};
    struct wf_compiled *compiled = &chain->compiled;
    if (chain->zone)
        return;
    enum wf_status st = wf_compile(NULL, &loader, "rules.way", compiled);
    if (st == WF_OK) {
        const struct wf_ir *ir = &compiled->program->ir;
        st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &chain->zone, NULL);
        assert_int_equal(st, WF_OK);
        return;
    }
    for (size_t i = 0; i < compiled->front.diags.n; i++)
        print_error("%s\n", compiled->front.diags.items[i]->message);
    fail_msg("the rules do not compile (%d): %s", (int)st, compiled->why ? compiled->why : "");
}

/* Cell `column` of a row without quotes. */
static void add_cell(struct wf_buf *out, const char *row, int column)
{
    while (column-- > 0 && row)
        row = strchr(row, ',') ? strchr(row, ',') + 1 : NULL;
    assert_non_null(row);
    wf_buf_add(out, row, strcspn(row, ",\n"));
}

static void add_file(const struct chain *chain, const char *folder, const char *name,
                     struct wf_buf *out)
{
    char path[256], file[128];
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    snprintf(file, sizeof(file), "out/%s/%s", folder, name);
    path_of(chain, file, path);
    assert_int_equal(wf_fs_os.read(NULL, path, &text), WF_OK);
    const char *row = strchr(wf_buf_str(&text), '\n') + 1;
    for (; *row; row = strchr(row, '\n') + 1) {
        wf_buf_adds(out, out->len ? " " : "");
        add_cell(out, row, 1);
        wf_buf_addc(out, ':');
        add_cell(out, row, 4);
        if (strcmp(name, "suppressed.csv") == 0) {
            const char *end = strchr(row, '\n'), *gate = end;
            while (gate[-1] != ',')
                gate--;
            wf_buf_addc(out, '!');
            wf_buf_add(out, gate, (size_t)(end - gate));
        }
    }
    wf_buf_release(&text);
}

static int64_t night_of(const struct wf_zone *zone, const char *as_of)
{
    struct wf_stamp stamp;
    struct wf_stretch stretch = {0};
    int64_t day;
    if (wf_date_parse(as_of, strlen(as_of), &day))
        return wf_zone_midnight(zone, day);
    assert_true(wf_stamp_parse(as_of, strlen(as_of), &stamp));
    return wf_zone_stamp(zone, &stretch, stamp);
}

enum wf_status chain_run_quietly(struct chain *chain, const char *as_of,
                                 struct wf_run_result *result)
{
    struct wf_store *store = NULL;
    char state[256], data[256], folder[256];
    compile(chain);
    path_of(chain, chain->state, state);
    path_of(chain, chain->data, data);
    path_of(chain, "out", folder);
    struct wf_run_options options = {.data = data,
                                     .out = folder,
                                     .now = night_of(chain->zone, as_of),
                                     .zone = chain->zone,
                                     .threads = chain->threads,
                                     .batch = chain->batch,
                                     .dry_run = chain->dry_run,
                                     .accept_repeat = true,
                                     .accept_volume = chain->accept_volume,
                                     .max_actions = chain->max_actions,
                                     .approval = chain->approval,
                                     .format = chain->jsonl ? WF_FORMAT_JSONL : WF_FORMAT_CSV,
                                     .beside = state,
                                     .event_memory = chain->event_memory,
                                     .scratch = state,
                                     .full = chain->full,
                                     .sha256 = chain->sha256,
                                     .fs = chain->fs,
                                     .alloc = chain->alloc,
                                     .max_rejects = 1000000};
    wf_buf_reset(&chain->why);
    *result = (struct wf_run_result){0};
    enum wf_status st = wf_store_open(state, chain->alloc, &store, &chain->why);
    if (st == WF_OK)
        st = wf_run_night(chain->compiled.program, store, &options, result, &chain->why);
    wf_store_close(store);
    return st;
}

enum wf_status chain_run(struct chain *chain, const char *as_of, struct wf_buf *out)
{
    struct wf_run_result result;
    enum wf_status st = chain_run_quietly(chain, as_of, &result);
    if (st == WF_OK && result.already) {
        wf_buf_adds(out, "(already)");
    } else if (st == WF_OK && !chain->dry_run) {
        add_file(chain, result.folder, "actions.csv", out);
        add_file(chain, result.folder, "suppressed.csv", out);
    }
    wf_run_result_release(&result);
    return st;
}

void chain_night(struct chain *chain, const char *as_of, const char *expect)
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    enum wf_status st = chain_run(chain, as_of, &out);
    if (st != WF_OK)
        wf_buf_addf(&out, "refused %d", wf_status_exit(st));
    if (strcmp(wf_buf_str(&out), expect) != 0)
        fail_msg("night %s: expected \"%s\", got \"%s\" %s", as_of, expect, wf_buf_str(&out),
                 wf_buf_str(&chain->why));
    wf_buf_release(&out);
}
