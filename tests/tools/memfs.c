#include "tests/tools/memfs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A night's threads write different files at once, which are in one table. */
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static struct memfile *find(struct memfs *fs, const char *path)
{
    for (size_t i = 0; i < fs->n; i++)
        if (fs->files[i].path && strcmp(fs->files[i].path, path) == 0)
            return &fs->files[i];
    return NULL;
}

struct wf_buf *memfs_find(struct memfs *fs, const char *path)
{
    struct memfile *file = find(fs, path);
    return file ? &file->bytes : NULL;
}

static void drop(struct memfile *file)
{
    free(file->path);
    wf_buf_release(&file->bytes);
    file->path = NULL;
}

/* What follows a folder's name in a path, without the slash; NULL: the path is not in it. */
static const char *below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    while (len && folder[len - 1] == '/')
        len--;
    return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

static enum wf_status m_create(void *ctx, const char *path, int *fd_out)
{
    struct memfs *fs = ctx;
    size_t i = 0;
    pthread_mutex_lock(&table);
    struct memfile *file = find(fs, path);
    if (file)
        drop(file);
    while (i < fs->n && fs->files[i].path)
        i++;
    if (i == fs->n) {
        fs->files = realloc(fs->files, ++fs->n * sizeof(*fs->files));
        if (!fs->files)
            abort();
    }
    fs->files[i].path = strdup(path);
    wf_buf_init(&fs->files[i].bytes, NULL, 0);
    wf_buf_adds(&fs->files[i].bytes, "");
    *fd_out = (int)i;
    pthread_mutex_unlock(&table);
    return WF_OK;
}

static enum wf_status m_write(void *ctx, int fd, const void *bytes, size_t len)
{
    struct memfs *fs = ctx;
    pthread_mutex_lock(&table);
    wf_buf_add(&fs->files[fd].bytes, bytes, len);
    pthread_mutex_unlock(&table);
    return WF_OK;
}

static enum wf_status m_sync(void *ctx, int fd)
{
    struct memfs *fs = ctx;
    (void)fd;
    pthread_mutex_lock(&table);
    fs->syncs++;
    pthread_mutex_unlock(&table);
    return WF_OK;
}

static enum wf_status m_close(void *ctx, int fd)
{
    (void)ctx;
    (void)fd;
    return WF_OK;
}

static enum wf_status m_folder(void *ctx, const char *path)
{
    (void)ctx;
    (void)path;
    return WF_OK;
}

static enum wf_status m_sync_folder(void *ctx, const char *path)
{
    (void)path;
    return m_sync(ctx, 0);
}

/* A file, or a folder with what is in it. */
static enum wf_status m_rename(void *ctx, const char *from, const char *to)
{
    struct memfs *fs = ctx;
    pthread_mutex_lock(&table);
    for (size_t i = 0; i < fs->n; i++) {
        struct memfile *file = &fs->files[i];
        const char *rest = file->path ? below(file->path, from) : NULL;
        if (!rest && (!file->path || strcmp(file->path, from) != 0))
            continue;
        struct wf_buf path;
        wf_buf_init(&path, NULL, 0);
        wf_buf_addf(&path, rest ? "%s/%s" : "%s%s", to, rest ? rest : "");
        free(file->path);
        file->path = wf_buf_detach(&path, NULL);
    }
    pthread_mutex_unlock(&table);
    return WF_OK;
}

static enum wf_status m_remove(void *ctx, const char *path)
{
    pthread_mutex_lock(&table);
    struct memfile *file = find(ctx, path);
    if (file)
        drop(file);
    pthread_mutex_unlock(&table);
    return WF_OK;
}

static enum wf_status m_read(void *ctx, const char *path, struct wf_buf *out)
{
    const struct memfile *file = find(ctx, path);
    if (!file)
        return WF_ERR_MISSING;
    wf_buf_add(out, file->bytes.data, file->bytes.len);
    return WF_OK;
}

static enum wf_status m_map(void *ctx, const char *path, const void **bytes, size_t *len)
{
    const struct memfile *file = find(ctx, path);
    if (!file)
        return WF_ERR_MISSING;
    *bytes = file->bytes.data;
    *len = file->bytes.len;
    return WF_OK;
}

static void m_unmap(void *ctx, const void *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
}

static enum wf_status m_list(void *ctx, const char *path, wf_name_fn *fn, void *fn_ctx)
{
    struct memfs *fs = ctx;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < fs->n; i++) {
        const char *rest = fs->files[i].path ? below(fs->files[i].path, path) : NULL;
        char name[128];
        size_t len = rest ? strcspn(rest, "/") : 0;
        if (!rest || len >= sizeof(name))
            continue;
        memcpy(name, rest, len);
        name[len] = '\0';
        st = fn(fn_ctx, name);
    }
    return st;
}

struct wf_fs memfs_of(struct memfs *fs)
{
    return (struct wf_fs){.ctx = fs,
                          .create = m_create,
                          .write = m_write,
                          .sync = m_sync,
                          .close = m_close,
                          .make_folder = m_folder,
                          .sync_folder = m_sync_folder,
                          .rename = m_rename,
                          .remove = m_remove,
                          .read = m_read,
                          .map = m_map,
                          .unmap = m_unmap,
                          .list = m_list};
}

void memfs_release(struct memfs *fs)
{
    for (size_t i = 0; i < fs->n; i++)
        if (fs->files[i].path)
            drop(&fs->files[i]);
    free(fs->files);
    *fs = (struct memfs){0};
}
