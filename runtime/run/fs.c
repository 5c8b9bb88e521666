#include "runtime/run/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum wf_status of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR: return WF_ERR_MISSING;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP: return WF_ERR_PERM;
    case ENOMEM: return WF_ERR_NOMEM;
    default: return WF_ERR_IO;
    }
}

static int open_again(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static enum wf_status os_create(void *ctx, const char *path, int *fd_out)
{
    (void)ctx;
    int fd = open_again(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (fd < 0)
        return of_errno();
    *fd_out = fd;
    return WF_OK;
}

static bool os_bypass(void *ctx, int fd, bool wished)
{
    (void)ctx;
    int flags = fcntl(fd, F_GETFL), with = wished ? flags | O_DIRECT : flags & ~O_DIRECT;
    return flags >= 0 && fcntl(fd, F_SETFL, with) == 0 && wished;
}

/* File systems that cannot may say so as late as when something is written. */
static bool went_past_in_vain(int fd)
{
    int flags = errno == EINVAL ? fcntl(fd, F_GETFL) : 0;
    return flags > 0 && flags & O_DIRECT && fcntl(fd, F_SETFL, flags & ~O_DIRECT) == 0;
}

static enum wf_status os_write(void *ctx, int fd, const void *bytes, size_t len)
{
    (void)ctx;
    const char *from = bytes;
    while (len) {
        ssize_t n = write(fd, from, len);
        if (n < 0 && (errno == EINTR || went_past_in_vain(fd)))
            continue;
        if (n <= 0)
            return n < 0 ? of_errno() : WF_ERR_IO;
        from += n;
        len -= (size_t)n;
    }
    return WF_OK;
}

static void os_start_sync(void *ctx, int fd)
{
    (void)ctx;
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* should it fail, the sync says so */
}

static enum wf_status os_sync(void *ctx, int fd)
{
    (void)ctx;
    return fsync(fd) == 0 ? WF_OK : of_errno();
}

static enum wf_status os_close(void *ctx, int fd)
{
    (void)ctx;
    return close(fd) == 0 || errno == EINTR ? WF_OK : of_errno();
}

static enum wf_status os_make_folder(void *ctx, const char *path)
{
    (void)ctx;
    struct stat info;
    if (mkdir(path, 0700) == 0)
        return WF_OK;
    if (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return WF_OK;
    return of_errno();
}

static enum wf_status os_sync_folder(void *ctx, const char *path)
{
    int fd = open_again(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return of_errno();
    enum wf_status st = os_sync(ctx, fd);
    close(fd);
    return st;
}

static enum wf_status os_rename(void *ctx, const char *from, const char *to)
{
    (void)ctx;
    if (rename(from, to) == 0)
        return WF_OK;
    return errno == EXDEV ? WF_ERR_STATE : of_errno();
}

static enum wf_status os_remove(void *ctx, const char *path)
{
    (void)ctx;
    return remove(path) == 0 ? WF_OK : of_errno();
}

static enum wf_status os_read(void *ctx, const char *path, struct wf_buf *out)
{
    (void)ctx;
    struct stat info;
    int fd = open_again(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return of_errno();
    enum wf_status st = fstat(fd, &info) != 0    ? of_errno()
                        : !S_ISREG(info.st_mode) ? WF_ERR_PERM
                                                 : WF_OK;
    while (st == WF_OK) {
        if (wf_buf_reserve(out, (size_t)64 << 10) != 0) {
            st = WF_ERR_NOMEM;
            break;
        }
        ssize_t n = read(fd, out->data + out->len, (size_t)64 << 10);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            st = of_errno();
        if (n <= 0)
            break;
        out->len += (size_t)n;
        out->data[out->len] = 0;
    }
    close(fd);
    return st;
}

/* Read from front to back mostly. */
static enum wf_status os_map(void *ctx, const char *path, const void **bytes_out, size_t *len_out)
{
    (void)ctx;
    struct stat info;
    int fd = open_again(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return of_errno();
    enum wf_status st = fstat(fd, &info) != 0    ? of_errno()
                        : !S_ISREG(info.st_mode) ? WF_ERR_PERM
                                                 : WF_OK;
    size_t len = st == WF_OK ? (size_t)info.st_size : 0;
    void *bytes = len ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (bytes == MAP_FAILED)
        st = of_errno();
    else if (bytes)
        madvise(bytes, len, MADV_SEQUENTIAL);
    close(fd);
    if (st == WF_OK) {
        *bytes_out = bytes;
        *len_out = len;
    }
    return st;
}

static void os_unmap(void *ctx, const void *bytes, size_t len)
{
    (void)ctx;
    munmap((void *)(uintptr_t)bytes, len);
}

static enum wf_status os_list(void *ctx, const char *path, wf_name_fn *fn, void *fn_ctx)
{
    (void)ctx;
    enum wf_status st = WF_OK;
    DIR *dir = opendir(path);
    if (!dir)
        return of_errno();
    while (st == WF_OK) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            st = errno ? of_errno() : WF_OK;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            st = fn(fn_ctx, entry->d_name);
    }
    closedir(dir);
    return st;
}

const struct wf_fs wf_fs_os = {
    .create = os_create,
    .write = os_write,
    .bypass = os_bypass,
    .start_sync = os_start_sync,
    .sync = os_sync,
    .close = os_close,
    .make_folder = os_make_folder,
    .sync_folder = os_sync_folder,
    .rename = os_rename,
    .remove = os_remove,
    .read = os_read,
    .map = os_map,
    .unmap = os_unmap,
    .list = os_list,
};

enum wf_status wf_fs_put(const struct wf_fs *fs, const char *path, const void *bytes, size_t len)
{
    int fd = -1;
    enum wf_status st = fs->create(fs->ctx, path, &fd);
    if (st != WF_OK)
        return st;
    st = fs->write(fs->ctx, fd, bytes, len);
    if (st == WF_OK)
        st = fs->sync(fs->ctx, fd);
    enum wf_status closed = fs->close(fs->ctx, fd);
    return st != WF_OK ? st : closed;
}

enum wf_status wf_fs_make_lasting(const struct wf_fs *fs, const char *path)
{
    struct wf_buf parent;
    size_t len = strlen(path);
    enum wf_status st = fs->make_folder(fs->ctx, path);
    if (st != WF_OK)
        return st;
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len && path[len - 1] != '/')
        len--;
    wf_buf_init(&parent, NULL, 0);
    wf_buf_add(&parent, len ? path : ".", len ? len : 1);
    st = parent.failed ? WF_ERR_NOMEM : fs->sync_folder(fs->ctx, wf_buf_str(&parent));
    wf_buf_release(&parent);
    return st == WF_ERR_PERM ? WF_OK : st; /* who may not look into it may still work below it */
}

struct removing {
    const struct wf_fs *fs;
    const char *folder;
};

static enum wf_status remove_one(void *ctx, const char *name)
{
    const struct removing *removing = ctx;
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    wf_buf_adds(&path, removing->folder);
    wf_buf_addc(&path, '/');
    wf_buf_adds(&path, name);
    enum wf_status st = WF_ERR_NOMEM;
    if (!path.failed)
        st = removing->fs->remove(removing->fs->ctx, wf_buf_str(&path));
    wf_buf_release(&path);
    return st;
}

enum wf_status wf_fs_remove_tree(const struct wf_fs *fs, const char *path)
{
    struct removing removing = {fs, path};
    enum wf_status st = fs->list(fs->ctx, path, remove_one, &removing);
    if (st == WF_OK)
        st = fs->remove(fs->ctx, path);
    return st == WF_ERR_MISSING ? WF_OK : st;
}
