#include "runtime/data/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/buf.h"

enum wf_status wf_spill_init(struct wf_spill *spill, const struct wf_alloc *alloc,
                             const char *beside, uint64_t budget)
{
    *spill = (struct wf_spill){.alloc = alloc, .fd = -1};
    if (pthread_mutex_init(&spill->lock, NULL) != 0)
        return WF_ERR_NOMEM;
    spill->ready = true;
    spill->beside = beside;
    spill->budget = beside ? budget : 0;
    return WF_OK;
}

void wf_spill_release(struct wf_spill *spill)
{
    if (!spill->ready)
        return;
    if (spill->fd >= 0)
        close(spill->fd);
    pthread_mutex_destroy(&spill->lock);
    *spill = (struct wf_spill){0};
}

/* The first failure is the one to tell. */
static enum wf_status failed(struct wf_spill *spill, int error)
{
    int none = 0;
    __atomic_compare_exchange_n(&spill->error, &none, error, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
    return WF_ERR_IO;
}

static int open_again(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Where the file system has no files without a name, it has one for a moment. */
static int open_named(struct wf_spill *spill, struct wf_buf *path)
{
    wf_buf_reset(path);
    wf_buf_addf(path, "%s.spill-%ld", spill->beside, (long)getpid());
    int fd = path->failed ? -1 : open_again(wf_buf_str(path), O_CREAT | O_EXCL | O_NOFOLLOW);
    if (fd >= 0 && unlink(wf_buf_str(path)) != 0) {
        failed(spill, errno);
        close(fd);
        return -1;
    }
    return fd;
}

static enum wf_status make_file(struct wf_spill *spill)
{
    const char *slash = strrchr(spill->beside, '/');
    struct wf_buf path;
    wf_buf_init(&path, spill->alloc, 0);
    wf_buf_add(&path, slash ? spill->beside : ".", slash ? (size_t)(slash - spill->beside) + 1 : 1);
    if (!path.failed) {
        spill->fd = open_again(wf_buf_str(&path), O_TMPFILE);
        if (spill->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
            spill->fd = open_named(spill, &path);
    }
    enum wf_status status = path.failed ? WF_ERR_NOMEM : WF_OK;
    if (!status && spill->fd < 0)
        status = failed(spill, errno);
    wf_buf_release(&path);
    return status;
}

enum wf_status wf_spill_write(struct wf_spill *spill, const void *bytes, size_t len,
                              uint64_t *at_out)
{
    const char *from = bytes;
    pthread_mutex_lock(&spill->lock);
    enum wf_status status = spill->fd < 0 ? make_file(spill) : WF_OK;
    uint64_t at = *at_out = spill->end;
    spill->end += len;
    pthread_mutex_unlock(&spill->lock);
    while (!status && len) {
        ssize_t n = pwrite(spill->fd, from, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(spill, n < 0 ? errno : ENOSPC);
        from += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return status;
}

enum wf_status wf_spill_read(struct wf_spill *spill, uint64_t at, void *bytes, size_t len)
{
    char *to = bytes;
    while (len) {
        ssize_t n = pread(spill->fd, to, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* it is nobody else's: its end cannot have moved */
            return failed(spill, n < 0 ? errno : EIO);
        to += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return WF_OK;
}
