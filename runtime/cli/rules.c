#include "runtime/cli/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "lang/syntax/diag_text.h"
#include "runtime/run/zonefile.h"

static enum wf_status status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR: return WF_ERR_MISSING;
    case ELOOP: /* O_NOFOLLOW met a symbolic link */
    case EACCES:
    case EPERM: return WF_ERR_PERM;
    case ENOMEM: return WF_ERR_NOMEM;
    default: return WF_ERR_IO;
    }
}

static enum wf_status read_all(int fd, struct wf_buf *buf)
{
    for (;;) {
        if (wf_buf_reserve(buf, 65536))
            return buf->len + 65536 > WF_MAX_PROGRAM ? WF_ERR_LIMIT : WF_ERR_NOMEM;
        ssize_t n = read(fd, buf->data + buf->len, 65536);
        if (n == 0)
            return WF_OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return WF_ERR_IO;
        buf->len += (size_t)n;
    }
}

/* O_NONBLOCK: a pipe without a writer must not hang before fstat tells what it is. */
static enum wf_status open_regular(const char *path, int *fd_out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return status_of_errno(errno);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return WF_ERR_PERM;
    }
    *fd_out = fd;
    return WF_OK;
}

static enum wf_status read_file(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    (void)ctx;
    int fd = STDIN_FILENO;
    bool named = strcmp(path, "-") != 0;
    enum wf_status status = named ? open_regular(path, &fd) : WF_OK;
    if (status)
        return status;
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, WF_MAX_PROGRAM);
    status = read_all(fd, &buf);
    if (named)
        close(fd);
    if (status) {
        wf_buf_release(&buf);
        return status;
    }
    buf.data[buf.len] = '\0';
    *bytes_out = wf_buf_detach(&buf, len_out);
    return WF_OK;
}

static void done_with_file(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    (void)len;
    free((void *)(uintptr_t)bytes);
}

struct wf_loader wf_cli_loader(void)
{
    return (struct wf_loader){.read = read_file, .done = done_with_file, .zone = wf_zone_known};
}

void wf_cli_diags(const struct wf_diags *diags, bool notes)
{
    const char *no_colour = getenv("NO_COLOR");
    bool colour = isatty(STDERR_FILENO) && !(no_colour && *no_colour);
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    for (size_t i = 0; i < diags->n; i++)
        if (notes || diags->items[i]->severity != WF_SEV_NOTE)
            wf_diag_text(&buf, diags, diags->items[i], colour);
    fwrite(wf_buf_str(&buf), 1, buf.len, stderr);
    if (diags->dropped || buf.failed)
        fprintf(stderr, wf_word("wayfare: there is more to say than fits (%zu)\n"), diags->dropped);
    wf_buf_release(&buf);
}

void wf_cli_fail(const char *path, enum wf_status status, const char *why)
{
    fprintf(stderr, "wayfare: %s: %s%s%s\n", path, wf_status_text(status), why ? ": " : "",
            why ? why : "");
}

enum wf_status wf_cli_overlay(const char *path, bool input, struct wf_overlay *out)
{
    const char *bytes = NULL;
    *out = (struct wf_overlay){.path = path};
    enum wf_status status = read_file(NULL, input ? "-" : path, &bytes, &out->len);
    out->bytes = (char *)(uintptr_t)bytes;
    return status;
}

static enum wf_status read_overlaid(void *ctx, const char *path, const char **bytes_out,
                                    size_t *len_out)
{
    struct wf_overlay *overlay = ctx;
    if (strcmp(path, overlay->path) != 0)
        return read_file(NULL, path, bytes_out, len_out);
    *bytes_out = overlay->bytes;
    *len_out = overlay->len;
    return WF_OK;
}

static void done_overlaid(void *ctx, const char *bytes, size_t len)
{
    struct wf_overlay *overlay = ctx;
    if (bytes != overlay->bytes)
        done_with_file(NULL, bytes, len);
}

struct wf_loader wf_cli_overlaid(struct wf_overlay *overlay)
{
    return (struct wf_loader){
        .ctx = overlay, .read = read_overlaid, .done = done_overlaid, .zone = wf_zone_known};
}

static enum wf_status program_of(const char *path, bool quiet, struct wf_compiled *out)
{
    struct wf_overlay main_file;
    struct wf_loader loader = wf_cli_overlaid(&main_file);
    const char *why = NULL;
    enum wf_status status = wf_cli_overlay(path, strcmp(path, "-") == 0, &main_file);
    if (status == WF_OK && wf_is_program(main_file.bytes, main_file.len)) {
        memset(out, 0, sizeof *out);
        wf_front_init(&out->front, NULL);
        status = wf_program_load(NULL, main_file.bytes, main_file.len, &out->program, &why);
    } else if (status == WF_OK) {
        status = wf_compile(NULL, &loader, path, out);
        if (!quiet || status)
            wf_cli_diags(&out->front.diags, false);
        why = out->why;
    } else {
        memset(out, 0, sizeof *out);
        wf_front_init(&out->front, NULL);
    }
    free(main_file.bytes);
    if (status && (status != WF_ERR_RULES || !out->front.diags.n))
        wf_cli_fail(path, status, why);
    return status;
}

enum wf_status wf_cli_program(const char *path, struct wf_compiled *out)
{
    return program_of(path, false, out);
}

enum wf_status wf_cli_program_quietly(const char *path, struct wf_compiled *out)
{
    return program_of(path, true, out);
}

static enum wf_status write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return status_of_errno(errno);
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) ? WF_ERR_IO : WF_OK;
}

/* The rename is on the disk only once its folder is. */
static enum wf_status sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    char *folder = slash ? strndup(path, len ? len : 1) : strdup(".");
    if (!folder)
        return WF_ERR_NOMEM;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return status_of_errno(errno);
    enum wf_status status = fsync(fd) ? WF_ERR_IO : WF_OK;
    close(fd);
    return status;
}

static enum wf_status replace(const char *path, const void *bytes, size_t len, mode_t rights)
{
    struct wf_buf name;
    wf_buf_init(&name, NULL, 0);
    wf_buf_addf(&name, "%s.XXXXXX", path);
    if (name.failed)
        return WF_ERR_NOMEM;
    int fd = mkostemp(name.data, O_CLOEXEC);
    enum wf_status status = fd < 0 ? status_of_errno(errno) : write_all(fd, bytes, len);
    if (!status && fchmod(fd, rights))
        status = status_of_errno(errno);
    if (fd >= 0 && close(fd) && !status)
        status = WF_ERR_IO;
    if (!status && rename(name.data, path))
        status = status_of_errno(errno);
    if (status && fd >= 0)
        unlink(name.data);
    if (!status)
        status = sync_folder(path);
    wf_buf_release(&name);
    return status;
}

enum wf_status wf_cli_write(const char *path, const void *bytes, size_t len)
{
    return replace(path, bytes, len, 0600);
}

enum wf_status wf_cli_rewrite(const char *path, const void *bytes, size_t len)
{
    struct stat before;
    if (stat(path, &before))
        return status_of_errno(errno);
    return replace(path, bytes, len, before.st_mode & 0777);
}
