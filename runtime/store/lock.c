#include "runtime/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/words.h"

static enum wf_status of_errno(int error)
{
    switch (error) {
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

static enum wf_status say(struct wf_buf *why, enum wf_status st, const char *path, const char *text)
{
    if (why)
        wf_buf_addf(why, "%s: %s", path, wf_word(text));
    return st;
}

enum wf_status wf_state_lock(const char *path, int flags, int *fd_out, off_t *size_out,
                             struct wf_buf *why)
{
    struct stat info;
    int fd, locked;
    do
        fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return say(why, of_errno(errno), path,
                   errno == ENOENT ? N_("there is no such file") : strerror(errno));
    do
        locked = flock(fd, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    enum wf_status st = WF_OK;
    if (locked != 0)
        st = errno == EWOULDBLOCK
                 ? say(why, WF_ERR_BUSY, path, N_("another run holds the state; try again later"))
                 : say(why, WF_ERR_IO, path, strerror(errno));
    else if (fstat(fd, &info) != 0)
        st = say(why, WF_ERR_IO, path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        st = say(why, WF_ERR_PERM, path, N_("not a regular file"));
    if (st != WF_OK) {
        close(fd);
        return st;
    }
    *fd_out = fd;
    *size_out = info.st_size;
    return WF_OK;
}
