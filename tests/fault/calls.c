#include "tests/fault/calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES = 256, PATH_ROOM = 256 };

/* The calls below have no context of their own: what they report to must stand somewhere. */
static struct {
    pthread_mutex_t mutex;
    bool on;
    struct calls_hook hook;
    char folder[PATH_ROOM];
    size_t len;
    unsigned calls, strays;
    char paths[FILES][PATH_ROOM]; /* of watched descriptors; "" in front of '/' is the folder */
    bool watched[FILES], folders[FILES];
} watch = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool inside; /* a hook's own calls are nobody's business */

void calls_watch(const char *folder, const struct calls_hook *hook)
{
    watch.len = strlen(folder);
    memcpy(watch.folder, folder, watch.len + 1);
    watch.hook = *hook;
    watch.calls = watch.strays = 0;
    memset(watch.watched, 0, sizeof(watch.watched));
    watch.on = true;
}

void calls_unwatch(void)
{
    watch.on = false;
}

unsigned calls_strays(void)
{
    return watch.strays;
}

const char *call_name(const struct call *call)
{
    static const char *const NAMES[] = {"open", "read", "write", "truncate", "sync",   "close",
                                        "stat", "list", "lock",  "mkdir",    "rename", "remove"};
    return NAMES[call->kind];
}

/* ---- what is watched ---- */

static bool begin(void)
{
    if (!watch.on || inside)
        return false;
    pthread_mutex_lock(&watch.mutex);
    inside = true;
    return true;
}

static void end(void)
{
    int error = errno;
    inside = false;
    pthread_mutex_unlock(&watch.mutex);
    errno = error;
}

/* The path in the watched folder, NULL: elsewhere. */
static const char *in_folder(const char *path)
{
    if (strncmp(path, watch.folder, watch.len) != 0)
        return NULL;
    if (path[watch.len] == 0)
        return path + watch.len;
    return path[watch.len] == '/' ? path + watch.len + 1 : NULL;
}

static const char *of_fd(int fd)
{
    return fd >= 0 && fd < FILES && watch.watched[fd] ? watch.paths[fd] : NULL;
}

static void remember(int fd, const char *path, bool folder)
{
    if (fd < 0 || fd >= FILES)
        return;
    watch.watched[fd] = path != NULL;
    watch.folders[fd] = folder;
    if (path)
        snprintf(watch.paths[fd], PATH_ROOM, "%s", path);
}

/* Shows a call; true: it may be made. */
static bool pass(struct call *call)
{
    call->number = watch.calls++;
    int error = watch.hook.before(watch.hook.ctx, call);
    errno = error;
    return error == 0;
}

static void passed(struct call *call, bool done)
{
    int error = errno;
    if (done && watch.hook.after)
        watch.hook.after(watch.hook.ctx, call);
    errno = error;
}

/* Whether the call may be made; what is not watched may, but should change nothing. */
static bool may(struct call *call)
{
    watch.strays += !call->path && call->changes;
    return !call->path || pass(call);
}

/* What a call whose answer is 0 or -1 came to. */
static int finish(struct call *call, bool went, int result)
{
    if (went && call->path)
        passed(call, result == 0);
    end();
    return result;
}

/* ---- opening and closing ---- */

static void look(const char *path, struct call *call, int flags)
{
    struct stat info;
    bool there = syscall(SYS_newfstatat, AT_FDCWD, path, &info, AT_SYMLINK_NOFOLLOW) == 0;
    call->makes = !there && (flags & O_CREAT);
    call->empties = there && (flags & O_TRUNC) && info.st_size > 0;
    call->folder = there && S_ISDIR(info.st_mode);
    call->changes = call->makes || call->empties;
}

static int real_open(int dir, const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static int watched_open(int dir, const char *path, int flags, mode_t mode)
{
    char whole[2 * PATH_ROOM];
    const char *base = dir == AT_FDCWD ? NULL : of_fd(dir);
    if (base)
        snprintf(whole, sizeof(whole), "%s/%s%s%s", watch.folder, base, *base ? "/" : "", path);
    else
        snprintf(whole, sizeof(whole), "%s", path);
    const char *in = in_folder(whole);
    struct call call = {.kind = CALL_OPEN, .path = in};
    look(whole, &call, flags);
    if (in && (flags & O_TMPFILE) == O_TMPFILE) { /* a file in that folder that has no name */
        strncat(whole, CALL_NAMELESS, sizeof(whole) - strlen(whole) - 1);
        call.folder = false;
    }
    watch.strays += !in && call.changes;
    if (in && !pass(&call))
        return -1;
    int fd = real_open(dir, path, flags, mode);
    remember(fd, in, call.folder);
    if (in)
        passed(&call, fd >= 0);
    return fd;
}

static int any_open(int dir, const char *path, int flags, mode_t mode)
{
    if (!begin())
        return real_open(dir, path, flags, mode);
    int fd = watched_open(dir, path, flags, mode);
    end();
    return fd;
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode = va_arg(args, mode_t);                                                               \
        va_end(args);                                                                              \
    }

int open(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return any_open(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE_OF(flags)
    return any_open(AT_FDCWD, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
    MODE_OF(flags)
    return any_open(dir, path, flags, mode);
}

/* The descriptor is gone whatever close answers. */
int close(int fd)
{
    if (!begin())
        return (int)syscall(SYS_close, fd);
    const char *path = of_fd(fd);
    struct call call = {.kind = CALL_CLOSE, .path = path};
    bool go = !path || pass(&call);
    int error = errno, result = (int)syscall(SYS_close, fd);
    if (go && path)
        passed(&call, result == 0);
    remember(fd, NULL, false);
    if (!go) {
        errno = error;
        result = -1;
    }
    end();
    return result;
}

/* ---- bytes ---- */

static ssize_t real_write(int fd, const void *bytes, size_t len, int64_t offset)
{
    return offset < 0 ? syscall(SYS_write, fd, bytes, len)
                      : syscall(SYS_pwrite64, fd, bytes, len, offset);
}

static ssize_t any_write(int fd, const void *bytes, size_t len, int64_t offset)
{
    if (!begin())
        return real_write(fd, bytes, len, offset);
    const char *path = of_fd(fd);
    ssize_t n = -1;
    if (path) {
        int64_t at = offset < 0 ? (int64_t)lseek(fd, 0, SEEK_CUR) : offset;
        struct call call = {.kind = CALL_WRITE,
                            .path = path,
                            .bytes = bytes,
                            .len = len,
                            .offset = at,
                            .changes = len > 0};
        if (pass(&call)) {
            n = real_write(fd, bytes, call.len, offset);
            call.len = n > 0 ? (size_t)n : 0;
            passed(&call, n >= 0);
        }
    } else {
        watch.strays += fd > STDERR_FILENO;
        n = real_write(fd, bytes, len, offset);
    }
    end();
    return n;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    return any_write(fd, bytes, len, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    return any_write(fd, bytes, len, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
    return any_write(fd, bytes, len, offset);
}

static ssize_t real_read(int fd, void *bytes, size_t len, int64_t offset)
{
    return offset < 0 ? syscall(SYS_read, fd, bytes, len)
                      : syscall(SYS_pread64, fd, bytes, len, offset);
}

static ssize_t any_read(int fd, void *bytes, size_t len, int64_t offset)
{
    if (!begin())
        return real_read(fd, bytes, len, offset);
    const char *path = of_fd(fd);
    ssize_t n = -1;
    struct call call = {.kind = CALL_READ, .path = path, .len = len, .offset = offset};
    if (!path || pass(&call))
        n = real_read(fd, bytes, call.len, offset);
    end();
    return n;
}

ssize_t read(int fd, void *bytes, size_t len)
{
    return any_read(fd, bytes, len, -1);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t offset)
{
    return any_read(fd, bytes, len, offset);
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t offset)
{
    return any_read(fd, bytes, len, offset);
}

static int any_truncate(int fd, int64_t size)
{
    if (!begin())
        return (int)syscall(SYS_ftruncate, fd, size);
    const char *path = of_fd(fd);
    struct call call = {.kind = CALL_TRUNCATE, .path = path, .offset = size, .changes = true};
    bool go = may(&call);
    return finish(&call, go, go ? (int)syscall(SYS_ftruncate, fd, size) : -1);
}

int ftruncate(int fd, off_t size)
{
    return any_truncate(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return any_truncate(fd, size);
}

static int any_sync(long number, int fd)
{
    if (!begin())
        return (int)syscall(number, fd);
    const char *path = of_fd(fd);
    struct call call = {.kind = CALL_SYNC, .path = path, .folder = path && watch.folders[fd]};
    bool go = may(&call);
    return finish(&call, go, go ? (int)syscall(number, fd) : -1);
}

int fsync(int fd)
{
    return any_sync(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return any_sync(SYS_fdatasync, fd);
}

/* ---- names ---- */

int mkdir(const char *path, mode_t mode)
{
    if (!begin())
        return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    struct call call = {.kind = CALL_MAKE_FOLDER, .path = in_folder(path)};
    look(path, &call, O_CREAT);
    bool go = may(&call);
    return finish(&call, go, go ? (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode) : -1);
}

int rename(const char *from, const char *to)
{
    if (!begin())
        return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    struct call call = {
        .kind = CALL_RENAME, .path = in_folder(from), .to = in_folder(to), .changes = true};
    if (!call.to)
        call.path = NULL;
    bool go = may(&call);
    return finish(&call, go,
                  go ? (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) : -1);
}

static int any_remove(const char *path, int flags)
{
    if (!begin())
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);
    struct call call = {.kind = CALL_REMOVE, .path = in_folder(path)};
    struct call seen = call;
    look(path, &seen, O_CREAT);
    call.folder = seen.folder;
    call.changes = !seen.makes;
    bool go = may(&call);
    return finish(&call, go, go ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags) : -1);
}

int unlink(const char *path)
{
    return any_remove(path, 0);
}

int rmdir(const char *path)
{
    return any_remove(path, AT_REMOVEDIR);
}

int remove(const char *path)
{
    struct stat info;
    bool folder = syscall(SYS_newfstatat, AT_FDCWD, path, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                  S_ISDIR(info.st_mode);
    return any_remove(path, folder ? AT_REMOVEDIR : 0);
}

/* ---- looking ---- */

/* A look at a path or descriptor: refused, or as it would be. */
static bool refused(enum call_kind kind, const char *path, int fd)
{
    if (!begin())
        return false;
    struct call call = {.kind = kind, .path = path ? in_folder(path) : of_fd(fd)};
    bool no = call.path && !pass(&call);
    end();
    return no;
}

int stat(const char *path, struct stat *info)
{
    return refused(CALL_STAT, path, -1) ? -1
                                        : (int)syscall(SYS_newfstatat, AT_FDCWD, path, info, 0);
}

int stat64(const char *path, struct stat64 *info)
{
    return refused(CALL_STAT, path, -1) ? -1
                                        : (int)syscall(SYS_newfstatat, AT_FDCWD, path, info, 0);
}

int fstat(int fd, struct stat *info)
{
    return refused(CALL_STAT, NULL, fd) ? -1 : (int)syscall(SYS_fstat, fd, info);
}

int fstat64(int fd, struct stat64 *info)
{
    return refused(CALL_STAT, NULL, fd) ? -1 : (int)syscall(SYS_fstat, fd, info);
}

int flock(int fd, int operation)
{
    return refused(CALL_LOCK, NULL, fd) ? -1 : (int)syscall(SYS_flock, fd, operation);
}

/* The next definition of a function behind ours. */
static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

DIR *opendir(const char *path)
{
    DIR *(*real)(const char *);
    *(void **)&real = next("opendir");
    if (refused(CALL_LIST, path, -1))
        return NULL;
    DIR *dir = real(path);
    if (dir && begin()) {
        remember(dirfd(dir), in_folder(path), true);
        end();
    }
    return dir;
}

DIR *fdopendir(int fd)
{
    DIR *(*real)(int);
    *(void **)&real = next("fdopendir");
    return refused(CALL_LIST, NULL, fd) ? NULL : real(fd);
}

struct dirent *readdir(DIR *dir)
{
    struct dirent *(*real)(DIR *);
    *(void **)&real = next("readdir");
    return refused(CALL_LIST, NULL, dirfd(dir)) ? NULL : real(dir);
}
