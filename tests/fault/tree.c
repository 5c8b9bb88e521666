#include "tests/fault/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/run/fs.h"

enum { NAMES = 64, PATH_ROOM = 512 };

/* What fails here is the machine, not the product. */
static void must(bool good, const char *what, const char *path)
{
    if (good)
        return;
    perror(path);
    fprintf(stderr, "cannot %s\n", what);
    abort();
}

static void join(char out[PATH_ROOM], const char *a, const char *b)
{
    must(snprintf(out, PATH_ROOM, "%s/%s", a, b) < PATH_ROOM, "name", b);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t names_in(const char *root, char names[NAMES][256])
{
    size_t n = 0;
    DIR *dir = opendir(root);
    must(dir != NULL, "list", root);
    for (const struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        must(n < NAMES, "hold so many names", root);
        snprintf(names[n++], 256, "%s", e->d_name);
    }
    closedir(dir);
    qsort(names, n, sizeof(*names), by_name);
    return n;
}

/* Calls `fn` for all in a folder but the exports, by name. */
typedef void each_fn(void *ctx, const char *path, const char *name, bool folder);

static void each(const char *root, each_fn *fn, void *ctx)
{
    char names[NAMES][256], path[PATH_ROOM];
    size_t n = names_in(root, names);
    for (size_t i = 0; i < n; i++) {
        struct stat info;
        if (strncmp(names[i], "data", 4) == 0)
            continue;
        join(path, root, names[i]);
        if (lstat(path, &info) != 0 && errno == ENOENT)
            continue; /* a journal that went when the state, whose name is first, was read */
        must(lstat(path, &info) == 0, "look at", path);
        fn(ctx, path, names[i], S_ISDIR(info.st_mode));
    }
}

static void clear_one(void *ctx, const char *path, const char *name, bool folder)
{
    (void)name;
    if (folder)
        each(path, clear_one, ctx);
    must((folder ? rmdir(path) : unlink(path)) == 0, "remove", path);
}

void tree_clear(const char *root)
{
    each(root, clear_one, NULL);
}

static void copy_one(void *ctx, const char *path, const char *name, bool folder)
{
    const char *to = ctx;
    char there[PATH_ROOM];
    struct wf_buf bytes;
    join(there, to, name);
    if (folder) {
        tree_copy(path, there);
        return;
    }
    wf_buf_init(&bytes, NULL, 0);
    must(wf_fs_os.read(NULL, path, &bytes) == WF_OK, "read", path);
    int fd = open(there, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len, "write", there);
    close(fd);
    wf_buf_release(&bytes);
}

void tree_copy(const char *from, const char *to)
{
    must(wf_fs_os.make_folder(NULL, to) == WF_OK, "make", to);
    each(from, copy_one, (void *)(uintptr_t)to);
}

/* ---- digests ---- */

static void add_cells(XXH3_state_t *hash, sqlite3_stmt *q)
{
    for (int i = 0; i < sqlite3_column_count(q); i++) {
        int type = sqlite3_column_type(q, i), len = sqlite3_column_bytes(q, i);
        const void *bytes = sqlite3_column_blob(q, i);
        XXH3_128bits_update(hash, &type, sizeof(type));
        XXH3_128bits_update(hash, &len, sizeof(len));
        if (len)
            XXH3_128bits_update(hash, bytes, (size_t)len);
    }
}

static void add_table(sqlite3 *db, const char *table, struct wf_buf *out)
{
    char sql[128];
    unsigned rows = 0;
    sqlite3_stmt *q = NULL;
    XXH3_state_t *hash = XXH3_createState();
    XXH3_128bits_reset(hash);
    snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY 1, 2, 3", table);
    must(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK, "read the table", table);
    for (; sqlite3_step(q) == SQLITE_ROW; rows++)
        add_cells(hash, q);
    must(sqlite3_finalize(q) == SQLITE_OK, "read the table", table);
    wf_buf_addf(out, "table %s: %u rows, %016llx\n", table, rows,
                (unsigned long long)XXH3_128bits_digest(hash).low64);
    XXH3_freeState(hash);
}

static void add_state(const char *path, struct wf_buf *out)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    const char *sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK) {
        wf_buf_addf(out, "state: %s\n", sqlite3_errmsg(db));
    } else {
        while (sqlite3_step(q) == SQLITE_ROW)
            add_table(db, (const char *)sqlite3_column_text(q, 0), out);
    }
    sqlite3_finalize(q);
    sqlite3_close(db);
}

static void add_one(void *ctx, const char *path, const char *name, bool folder)
{
    struct wf_buf *out = ctx, bytes;
    if (folder) {
        wf_buf_addf(out, "folder %s\n", name);
        each(path, add_one, ctx);
        wf_buf_addf(out, "end of %s\n", name);
        return;
    }
    if (strcmp(name, "shop.db-journal") == 0)
        return; /* what it holds, if anything, was played back with the state, whose name is first
                 */
    if (strcmp(name, "shop.db") == 0) {
        add_state(path, out);
        return;
    }
    wf_buf_init(&bytes, NULL, 0);
    must(wf_fs_os.read(NULL, path, &bytes) == WF_OK, "read", path);
    wf_buf_addf(out, "file %s: %zu bytes, %016llx\n", name, bytes.len,
                (unsigned long long)XXH3_64bits(bytes.data, bytes.len));
    wf_buf_release(&bytes);
}

void tree_digest(const char *root, struct wf_buf *out)
{
    each(root, add_one, out);
    must(!out->failed, "hold the digest of", root);
}

static void only_in(const char *text, const char *other, const char *mark, struct wf_buf *out)
{
    char line[PATH_ROOM];
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n") + 1;
        snprintf(line, sizeof(line), "%.*s", (int)n, text);
        if (!strstr(other, line))
            wf_buf_addf(out, "    %s %s", mark, line);
    }
}

void tree_difference(const char *expect, const char *got, struct wf_buf *out)
{
    only_in(expect, got, "-", out);
    only_in(got, expect, "+", out);
}

void tree_sql(const char *state, const char *sql)
{
    sqlite3 *db = NULL;
    must(sqlite3_open(state, &db) == SQLITE_OK, "open", state);
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "change", state);
    sqlite3_close(db);
}

/* ---- scratch ---- */

void tree_scratch(char out[64])
{
    snprintf(out, 64, "%s/wf_fault_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(out) != NULL, "make", out);
}

void tree_remove(const char *root)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    must(system(command) == 0, "remove", root);
}
