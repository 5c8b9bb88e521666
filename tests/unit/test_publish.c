/* Sheets (CSV, JSON Lines, digests), folders of nights, and the release of a night step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <csv.h>

#include "runtime/run/publish.h"
#include "runtime/run/release.h"
#include "runtime/run/sheet.h"

struct place {
    char dir[64], path[96];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->dir, "/tmp/wf_publish_XXXXXX");
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->path, sizeof(place->path), "%s/file", place->dir);
    *state = place;
    return 0;
}

static int drop_place(void **state)
{
    struct place *place = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
    int rc = system(command);
    free(place);
    return rc;
}

static const char *const COLUMNS[] = {"a", "b", NULL};

static void expect_file(const char *path, const char *text)
{
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    assert_int_equal(wf_fs_os.read(NULL, path, &buf), WF_OK);
    assert_string_equal(wf_buf_str(&buf), text);
    wf_buf_release(&buf);
}

static void cells(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *cell, *csv, *json;
    } t[] = {
        {"", "", "\"\""},
        {"plain", "plain", "\"plain\""},
        {"a,b", "\"a,b\"", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\"", "\"say \\\"hi\\\"\""},
        {"two\nlines", "\"two\nlines\"", "\"two\\u000alines\""},
        {"cr\r", "\"cr\r\"", "\"cr\\u000d\""},
        {" space ", " space ", "\" space \""},
        {"=cmd()", "=cmd()", "\"=cmd()\""},
        {"back\\slash", "back\\slash", "\"back\\\\slash\""},
        {"\xe4\xbc\x9a\xe5\x91\x98", "\xe4\xbc\x9a\xe5\x91\x98", "\"\xe4\xbc\x9a\xe5\x91\x98\""},
        {"bad\xff!", "bad\xff!", "\"bad\\ufffd!\""},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        for (int json = 0; json < 2; json++) {
            struct wf_sheet sheet;
            char expect[200];
            wf_sheet_open(&sheet, &wf_fs_os, place->path, json, COLUMNS, false, NULL);
            wf_sheet_text(&sheet, t[i].cell);
            wf_sheet_number(&sheet, INT64_MIN);
            wf_sheet_end_row(&sheet);
            assert_int_equal(wf_sheet_end(&sheet), WF_OK);
            assert_int_equal(wf_sheet_close(&sheet), WF_OK);
            snprintf(expect, sizeof(expect), json ? "{\"a\":%s,\"b\":%s}\n" : "a,b\n%s,%s\n",
                     json ? t[i].json : t[i].csv, "-9223372036854775808");
            expect_file(place->path, expect);
            assert_int_equal(sheet.rows, 1);
            assert_int_equal(sheet.bytes, strlen(expect));
        }
    }
}

struct reading {
    char cells[64][64];
    int n;
};

static void see_cell(void *text, size_t len, void *ctx)
{
    struct reading *r = ctx;
    memcpy(r->cells[r->n], text, len);
    r->cells[r->n++][len] = 0;
}

/* Another reader of CSV finds in every file exactly what was written. */
static void read_back(void **state)
{
    struct place *place = *state;
    static const char ALPHABET[] = "a,\"\n\r ;'\\";
    struct wf_sheet sheet;
    struct reading r = {.n = 0};
    struct wf_buf buf;
    struct csv_parser parser;
    char wrote[40][16];
    unsigned seed = 7;
    wf_sheet_open(&sheet, &wf_fs_os, place->path, false, COLUMNS, false, NULL);
    for (int i = 0; i < 40; i++) {
        int len = 1 + (int)(seed = seed * 1103515245 + 12345) % 7;
        len = len < 1 ? 1 : len;
        wrote[i][0] = 'x'; /* libcsv drops rows of nothing */
        for (int k = 1; k < len; k++)
            wrote[i][k] = ALPHABET[(seed = seed * 1103515245 + 12345) / 65536 % 9];
        wrote[i][len] = 0;
        wf_sheet_text(&sheet, wrote[i]);
        if (i % 2)
            wf_sheet_end_row(&sheet);
    }
    assert_int_equal(wf_sheet_end(&sheet), WF_OK);
    assert_int_equal(wf_sheet_close(&sheet), WF_OK);
    assert_int_equal(csv_init(&parser, CSV_STRICT), 0);
    csv_set_space_func(&parser, NULL);
    wf_buf_init(&buf, NULL, 0);
    assert_int_equal(wf_fs_os.read(NULL, place->path, &buf), WF_OK);
    assert_int_equal(csv_parse(&parser, buf.data, buf.len, see_cell, NULL, &r), buf.len);
    csv_fini(&parser, see_cell, NULL, &r);
    csv_free(&parser);
    assert_int_equal(r.n, 42);
    for (int i = 0; i < 40; i++) {
        char trimmed[64]; /* libcsv trims spaces at the ends of bare cells */
        strcpy(trimmed, wrote[i]);
        size_t len = strlen(trimmed), got = strlen(r.cells[i + 2]);
        while (len > got && trimmed[len - 1] == ' ')
            trimmed[--len] = 0;
        assert_string_equal(r.cells[i + 2], trimmed);
    }
    wf_buf_release(&buf);
}

static void folders(void **state)
{
    (void)state;
    static const struct {
        int64_t time;
        const char *name;
    } t[] = {{0, "1970-01-01"}, {86400 * 20000, "2024-10-04"}, {86400 + 3661, "1970-01-02T010101"}};
    char name[WF_FOLDER_NAME];
    int64_t back;
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        wf_night_folder(NULL, t[i].time, name);
        assert_string_equal(name, t[i].name);
        assert_true(wf_night_time(NULL, name, &back));
        assert_int_equal(back, t[i].time);
    }
    static const char *const OTHERS[] = {"",
                                         "2026-13-01",
                                         "2026-11-22x",
                                         "2026-11-22T246060",
                                         ".2026-11-22.staging",
                                         "2026-11-22.dry-run"};
    for (size_t i = 0; i < sizeof(OTHERS) / sizeof(*OTHERS); i++)
        assert_false(wf_night_time(NULL, OTHERS[i], &back));
}

/* ---- the release of a night ---- */

struct night {
    char staging[128], final[128], marker[160];
    struct wf_store *store;
    struct wf_run_row run;
    char manifest[WF_HEX_SHA256];
};

static void stage_night(const struct place *place, struct night *night)
{
    struct wf_sheet sheet;
    char path[192];
    snprintf(night->staging, sizeof(night->staging), "%s/.2026-11-22.staging", place->dir);
    snprintf(night->final, sizeof(night->final), "%s/2026-11-22", place->dir);
    snprintf(night->marker, sizeof(night->marker), "%s/PUBLISHED", night->final);
    snprintf(path, sizeof(path), "%s/manifest.json", night->staging);
    assert_int_equal(wf_fs_os.make_folder(NULL, night->staging), WF_OK);
    wf_sheet_open(&sheet, &wf_fs_os, path, false, NULL, false, NULL);
    wf_sheet_raw(&sheet, "{}\n", 3);
    assert_int_equal(wf_sheet_end(&sheet), WF_OK);
    assert_int_equal(wf_sheet_close(&sheet), WF_OK);
    wf_hex(night->manifest, sheet.sha256, sizeof(sheet.sha256));
    /* printf '{}\n' | sha256sum */
    assert_string_equal(night->manifest,
                        "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
    assert_int_equal(wf_store_open_mem(NULL, &night->store), WF_OK);
    night->run =
        (struct wf_run_row){1, 100, WF_RUN_PUBLISHING, "r", "i", "2026-11-22", night->manifest};
}

static enum wf_run_status stored(struct wf_store *store)
{
    struct wf_run_row row;
    assert_int_equal(store->ops->last_run(store, &row), WF_OK);
    enum wf_run_status status = row.status;
    wf_run_row_release(&row, NULL);
    return status;
}

static void released(void **state)
{
    struct place *place = *state;
    struct night night;
    struct stat info;
    stage_night(place, &night);
    for (int i = 0; i < 3; i++) { /* whatever was done already, doing it again does no harm */
        if (i < 2)
            night.run.status = WF_RUN_PUBLISHING;
        assert_int_equal(wf_release_night(&wf_fs_os, night.store, place->dir, &night.run, NULL),
                         WF_OK);
        assert_int_equal(stored(night.store), WF_RUN_PUBLISHED);
        assert_int_not_equal(stat(night.staging, &info), 0);
        assert_int_equal(stat(night.final, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0700);
        assert_int_equal(stat(night.marker, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        unlink(night.marker);
    }
    wf_store_close(night.store);
}

static void lost_or_changed(void **state)
{
    struct place *place = *state;
    struct night night;
    struct wf_buf why;
    char path[192];
    stage_night(place, &night);
    snprintf(path, sizeof(path), "%s/manifest.json", night.staging);
    assert_int_equal(wf_fs_put(&wf_fs_os, path, "{ }\n", 4), WF_OK);
    wf_buf_init(&why, NULL, 0);
    assert_int_equal(wf_release_night(&wf_fs_os, night.store, place->dir, &night.run, &why),
                     WF_ERR_STATE);
    assert_int_equal(stored(night.store), WF_RUN_NONE);
    assert_int_equal(wf_fs_remove_tree(&wf_fs_os, night.staging), WF_OK);
    wf_buf_reset(&why);
    assert_int_equal(wf_release_night(&wf_fs_os, night.store, place->dir, &night.run, &why),
                     WF_ERR_STATE);
    assert_non_null(strstr(wf_buf_str(&why), "lost"));
    wf_buf_release(&why);
    wf_store_close(night.store);
}

static void newer_outputs(void **state)
{
    struct place *place = *state;
    struct night night;
    struct wf_run_row none = {.status = WF_RUN_NONE}, last = {.status = WF_RUN_PUBLISHED};
    int64_t t;
    stage_night(place, &night);
    assert_true(wf_night_time(NULL, "2026-11-22", &t));
    assert_int_equal(wf_check_outputs(&wf_fs_os, NULL, place->dir, &none, NULL), WF_OK);
    assert_int_equal(wf_fs_os.rename(NULL, night.staging, night.final), WF_OK);
    assert_int_equal(wf_check_outputs(&wf_fs_os, NULL, place->dir, &none, NULL), WF_ERR_STATE);
    last.t = t - 1;
    assert_int_equal(wf_check_outputs(&wf_fs_os, NULL, place->dir, &last, NULL), WF_ERR_STATE);
    last.t = t;
    assert_int_equal(wf_check_outputs(&wf_fs_os, NULL, place->dir, &last, NULL), WF_OK);
    assert_int_equal(wf_check_outputs(&wf_fs_os, NULL, "/no/such/folder", &none, NULL), WF_OK);
    wf_store_close(night.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cells, make_place, drop_place),
        cmocka_unit_test_setup_teardown(read_back, make_place, drop_place),
        cmocka_unit_test(folders),
        cmocka_unit_test_setup_teardown(released, make_place, drop_place),
        cmocka_unit_test_setup_teardown(lost_or_changed, make_place, drop_place),
        cmocka_unit_test_setup_teardown(newer_outputs, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
