#include "runtime/cli/lsp_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/cli/rules.h"

/* A workspace may be somebody's whole home: what is looked at is bounded. */
enum { MOST_FILES = 4096, MOST_DEPTH = 12, MOST_ENTRIES = 50000 };

/* ---- rule files ---- */

struct search {
    void (*found)(void *to, const char *path);
    void *to;
    int files, entries;
    bool below;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

static void search(struct search *s, const char *folder, int depth);

static void look_at(struct search *s, const char *folder, const struct dirent *entry, int depth)
{
    struct wf_buf path;
    struct stat st;
    bool hidden = entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, entry->d_name);
    if (hidden || path.failed || lstat(path.data, &st)) {
        wf_buf_release(&path);
        return;
    }
    if (S_ISDIR(st.st_mode) && s->below) {
        search(s, path.data, depth + 1);
    } else if (S_ISREG(st.st_mode) && ends_with(entry->d_name, ".way")) {
        s->files++;
        s->found(s->to, path.data);
    }
    wf_buf_release(&path);
}

static void search(struct search *s, const char *folder, int depth)
{
    DIR *dir = depth < MOST_DEPTH ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (dir && s->files < MOST_FILES && s->entries++ < MOST_ENTRIES && (entry = readdir(dir)))
        look_at(s, folder, entry, depth);
    if (dir)
        closedir(dir);
}

static void list(void *ctx, const char *folder, bool below,
                 void (*found)(void *to, const char *path), void *to)
{
    struct search s = {.found = found, .to = to, .below = below};
    (void)ctx;
    search(&s, folder, 0);
}

/* ---- copies of what is built in ---- */

/* Makes the folders of a path, its last part being a file. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

static bool is_there(const char *path, const char *text, size_t len)
{
    struct wf_loader disk = wf_cli_loader();
    const char *bytes;
    size_t n;
    if (disk.read(disk.ctx, path, &bytes, &n) != WF_OK)
        return false;
    bool same = n == len && memcmp(bytes, text, len) == 0;
    disk.done(disk.ctx, bytes, n);
    return same;
}

/* A copy in the user's cache, which nobody is to write to. */
static enum wf_status copy(void *ctx, const char *name, const char *text, size_t len,
                           struct wf_buf *path)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    (void)ctx;
    if (cache && cache[0] == '/')
        wf_buf_addf(path, "%s/wayfare/%s/%s", cache, WF_VERSION, name);
    else if (home && home[0] == '/')
        wf_buf_addf(path, "%s/.cache/wayfare/%s/%s", home, WF_VERSION, name);
    else
        return WF_ERR_MISSING;
    if (path->failed)
        return WF_ERR_NOMEM;
    if (is_there(path->data, text, len))
        return WF_OK;
    if (!make_folders(path->data))
        return WF_ERR_IO;
    enum wf_status status = wf_cli_write(path->data, text, len);
    return status == WF_OK && chmod(path->data, 0444) ? WF_ERR_IO : status;
}

/* ---- nights ---- */

static bool is_night(const char *name)
{
    static const char shape[] = "dddd-dd-dd";
    size_t i = 0;
    for (; shape[i]; i++) {
        bool digit = name[i] >= '0' && name[i] <= '9';
        if (shape[i] == 'd' ? !digit : name[i] != shape[i])
            return false;
    }
    return !strchr(name + i, '.') && strlen(name) < sizeof(((struct wf_lsp_night *)0)->date);
}

/* The newest published night's folder name; false: there is none. */
static bool newest(const char *out, char *name, size_t room)
{
    DIR *dir = opendir(out);
    const struct dirent *entry;
    struct wf_buf marker;
    *name = '\0';
    wf_buf_init(&marker, NULL, 0);
    while (dir && (entry = readdir(dir))) {
        if (!is_night(entry->d_name) || strcmp(entry->d_name, name) <= 0)
            continue;
        wf_buf_reset(&marker);
        wf_buf_addf(&marker, "%s/%s/PUBLISHED", out, entry->d_name);
        if (!marker.failed && access(marker.data, F_OK) == 0)
            snprintf(name, room, "%s", entry->d_name);
    }
    if (dir)
        closedir(dir);
    wf_buf_release(&marker);
    return *name != '\0';
}

/* `lapsed,120,3,5` of segments.csv: names hold no commas. */
static bool find_row(const char *bytes, size_t len, const char *segment, struct wf_lsp_night *night)
{
    size_t n = strlen(segment);
    for (const char *line = bytes, *end = bytes + len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        if ((size_t)(stop - line) > n && line[n] == ',' && memcmp(line, segment, n) == 0) {
            char *rest;
            night->size = strtoll(line + n + 1, &rest, 10);
            night->entered = *rest == ',' && rest[1] != ',' ? strtoll(rest + 1, &rest, 10) : -1;
            night->left = night->entered >= 0 && *rest == ',' ? strtoll(rest + 1, NULL, 10) : -1;
            return true;
        }
        line = stop + 1;
    }
    return false;
}

static bool look_in(const char *out, const char *segment, struct wf_lsp_night *night)
{
    struct wf_loader disk = wf_cli_loader();
    struct wf_buf path;
    const char *bytes;
    size_t len;
    bool found = false;
    if (!newest(out, night->date, sizeof(night->date)))
        return false;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s/segments.csv", out, night->date);
    if (!path.failed && disk.read(disk.ctx, path.data, &bytes, &len) == WF_OK) {
        found = find_row(bytes, len, segment, night); /* a NUL stands behind the bytes */
        disk.done(disk.ctx, bytes, len);
    }
    wf_buf_release(&path);
    return found;
}

static bool night(void *ctx, const char *out, const char *file, const char *segment,
                  struct wf_lsp_night *night_out)
{
    (void)ctx;
    if (out)
        return look_in(out, segment, night_out);
    for (size_t len = strlen(file); len > 0;) {
        struct wf_buf folder;
        while (len > 0 && file[len - 1] != '/')
            len--;
        wf_buf_init(&folder, NULL, 0);
        wf_buf_add(&folder, file, len);
        wf_buf_adds(&folder, "out");
        bool found = len > 0 && !folder.failed && look_in(folder.data, segment, night_out);
        wf_buf_release(&folder);
        if (found)
            return true;
        len -= len > 0;
    }
    return false;
}

struct wf_lsp_host wf_lsp_files(void)
{
    return (struct wf_lsp_host){
        .loader = wf_cli_loader(), .list = list, .copy = copy, .night = night};
}
