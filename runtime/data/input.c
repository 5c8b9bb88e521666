#include "runtime/data/input.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { RAW_ROOM = 256 * 1024 };

enum packing { PLAIN, GZIP, ZSTD };

/* Bytes on their way from one step to the next. */
struct pipe_end {
    char *bytes;
    size_t at, len;
    bool done; /* nothing comes any more */
};

struct wf_input {
    const struct wf_alloc *alloc;
    const char *name;
    const char *memory; /* the whole file; NULL: it is read from fd */
    size_t memory_len;
    int fd;
    bool regular;
    struct stat opened;
    enum packing packing;
    z_stream gz;
    ZSTD_DCtx *zstd;
    bool in_frame; /* a packed stream began and has not ended */
    iconv_t iconv; /* (iconv_t)-1: none */
    const char *encoding;
    struct pipe_end raw, plain;
    struct wf_fingerprinting printing;
    uint64_t bytes, lines; /* lines: line feeds handed out, for decoding errors */
};

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), e = strlen(end);
    return n >= e && strcasecmp(name + n - e, end) == 0;
}

int wf_open_again(int dir, const char *path, int flags)
{
    int fd;
    do
        fd = openat(dir, path, flags | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static enum wf_status open_file(struct wf_input *input, int dir, struct wf_fault *fault)
{
    if (strcmp(input->name, "-") == 0) {
        input->fd = dup(STDIN_FILENO);
        if (input->fd < 0)
            return wf_fault_set(fault, WF_ERR_IO, "standard input", 0, "%s", strerror(errno));
        return WF_OK;
    }
    input->fd = wf_open_again(dir, input->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (input->fd < 0) {
        if (errno == ELOOP || errno == EMLINK)
            return wf_fault_set(fault, WF_ERR_PERM, input->name, 0,
                                "is a symbolic link; only regular files are read");
        enum wf_status status = errno == ENOENT                     ? WF_ERR_MISSING
                                : errno == EACCES || errno == ENXIO ? WF_ERR_PERM
                                                                    : WF_ERR_IO;
        return wf_fault_set(fault, status, input->name, 0, "%s", strerror(errno));
    }
    if (fstat(input->fd, &input->opened) != 0)
        return wf_fault_set(fault, WF_ERR_IO, input->name, 0, "%s", strerror(errno));
    if (!S_ISREG(input->opened.st_mode))
        return wf_fault_set(fault, WF_ERR_PERM, input->name, 0,
                            "is not a regular file; pipes, devices and folders are not read");
    input->regular = true;
    return WF_OK;
}

static enum wf_status start_unpacking(struct wf_input *input)
{
    if (ends_in(input->name, ".gz")) {
        if (inflateInit2(&input->gz, 15 + 16) != Z_OK) /* + 16: gzip, nothing else */
            return WF_ERR_NOMEM;
        input->packing = GZIP;
    } else if (ends_in(input->name, ".zst")) {
        input->zstd = ZSTD_createDCtx();
        if (!input->zstd)
            return WF_ERR_NOMEM;
        input->packing = ZSTD;
    }
    return WF_OK;
}

static enum wf_status start_decoding(struct wf_input *input, struct wf_fault *fault)
{
    if (!input->encoding || strcasecmp(input->encoding, "utf-8") == 0 ||
        strcasecmp(input->encoding, "utf8") == 0)
        return WF_OK;
    input->iconv = iconv_open("UTF-8", input->encoding);
    if (input->iconv == (iconv_t)-1 && errno != EINVAL)
        return errno == ENOMEM ? WF_ERR_NOMEM
                               : wf_fault_set(fault, WF_ERR_IO, input->name, 0, "%s: %s",
                                              input->encoding, strerror(errno));
    if (input->iconv == (iconv_t)-1)
        return wf_fault_set(fault, WF_ERR_RULES, input->name, 0, "the encoding \"%s\" is not known",
                            input->encoding);
    input->plain.bytes = wf_realloc(input->alloc, NULL, RAW_ROOM);
    return input->plain.bytes ? WF_OK : WF_ERR_NOMEM;
}

static struct wf_input *new_input(const struct wf_alloc *alloc, const char *name)
{
    struct wf_input *input = wf_calloc(alloc, 1, sizeof(*input));
    if (!input)
        return NULL;
    input->alloc = alloc;
    input->name = name;
    input->fd = -1;
    input->iconv = (iconv_t)-1;
    return input;
}

enum wf_status wf_input_memory(const struct wf_alloc *alloc, const char *name, const char *bytes,
                               size_t len, struct wf_input **input_out)
{
    struct wf_input *input = new_input(alloc, name);
    if (!input)
        return WF_ERR_NOMEM;
    input->memory = bytes;
    input->memory_len = len;
    enum wf_status status = wf_fingerprint_init(&input->printing, false);
    if (status)
        wf_input_close(input);
    else
        *input_out = input;
    return status;
}

enum wf_status wf_input_open(const struct wf_alloc *alloc, int dir, const char *name,
                             const char *encoding, bool sha256, struct wf_input **input_out,
                             struct wf_fault *fault)
{
    struct wf_input *input = new_input(alloc, name);
    if (!input)
        return WF_ERR_NOMEM;
    input->encoding = encoding;
    enum wf_status status = open_file(input, dir, fault);
    if (!status)
        status = wf_fingerprint_init(&input->printing, sha256);
    if (!status)
        status = start_unpacking(input);
    if (!status)
        status = start_decoding(input, fault);
    if (!status && input->packing != PLAIN) {
        input->raw.bytes = wf_realloc(alloc, NULL, RAW_ROOM);
        status = input->raw.bytes ? WF_OK : WF_ERR_NOMEM;
    }
    if (status) {
        wf_input_close(input);
        return status;
    }
    *input_out = input;
    return WF_OK;
}

/* ---- the steps ---- */

static bool changed(const struct wf_input *input)
{
    struct stat now;
    return input->regular && (fstat(input->fd, &now) != 0 || now.st_size != input->opened.st_size ||
                              now.st_mtim.tv_sec != input->opened.st_mtim.tv_sec ||
                              now.st_mtim.tv_nsec != input->opened.st_mtim.tv_nsec ||
                              (uint64_t)now.st_size != input->bytes);
}

static ssize_t read_memory(const struct wf_input *input, char *bytes, size_t room)
{
    size_t left = input->memory_len - (size_t)input->bytes, n = left < room ? left : room;
    if (n)
        memcpy(bytes, input->memory + input->bytes, n);
    return (ssize_t)n;
}

/* From the disk. At the end the file must still be the one that was opened. */
static enum wf_status read_raw(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                               struct wf_fault *fault)
{
    ssize_t n;
    do
        n = input->memory ? read_memory(input, bytes, room) : read(input->fd, bytes, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return wf_fault_set(fault, WF_ERR_IO, input->name, 0, "%s", strerror(errno));
    *got_out = (size_t)n;
    if (n > 0) {
        input->bytes += (uint64_t)n;
        wf_fingerprint_add(&input->printing, bytes, (size_t)n);
        return WF_OK;
    }
    if (input->raw.done)
        return WF_OK;
    input->raw.done = true;
    if (changed(input))
        return wf_fault_set(fault, WF_ERR_DATA, input->name, 0,
                            "changed while it was read; is it still being written?");
    return WF_OK;
}

static enum wf_status damaged(struct wf_input *input, struct wf_fault *fault)
{
    return wf_fault_set(fault, WF_ERR_DATA, input->name, 0,
                        "the compressed data is damaged; nothing of it was used");
}

static enum wf_status unpack_gzip(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                                  struct wf_fault *fault)
{
    z_stream *gz = &input->gz;
    struct pipe_end *raw = &input->raw;
    if (!input->in_frame) { /* files of several members in a row are one file */
        if (inflateReset(gz) != Z_OK)
            return WF_ERR_INTERNAL;
        input->in_frame = true;
    }
    gz->next_in = (unsigned char *)raw->bytes + raw->at;
    gz->avail_in = (unsigned)(raw->len - raw->at);
    gz->next_out = (unsigned char *)bytes;
    gz->avail_out = (unsigned)(room < RAW_ROOM ? room : RAW_ROOM);
    unsigned before = gz->avail_out;
    int answer = inflate(gz, Z_NO_FLUSH);
    raw->at = raw->len - gz->avail_in;
    *got_out = before - gz->avail_out;
    if (answer == Z_MEM_ERROR)
        return WF_ERR_NOMEM;
    if (answer == Z_STREAM_END)
        input->in_frame = false;
    else if (answer != Z_OK && answer != Z_BUF_ERROR)
        return damaged(input, fault);
    return WF_OK;
}

static enum wf_status unpack_zstd(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                                  struct wf_fault *fault)
{
    struct pipe_end *raw = &input->raw;
    ZSTD_inBuffer in = {raw->bytes, raw->len, raw->at};
    ZSTD_outBuffer out = {bytes, room, 0};
    size_t answer = ZSTD_decompressStream(input->zstd, &out, &in);
    raw->at = in.pos;
    *got_out = out.pos;
    if (ZSTD_isError(answer) && ZSTD_getErrorCode(answer) == ZSTD_error_memory_allocation)
        return WF_ERR_NOMEM;
    if (ZSTD_isError(answer))
        return damaged(input, fault);
    input->in_frame = answer != 0;
    return WF_OK;
}

static enum wf_status read_plain(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                                 struct wf_fault *fault)
{
    struct pipe_end *raw = &input->raw;
    if (input->packing == PLAIN)
        return read_raw(input, bytes, room, got_out, fault);
    *got_out = 0;
    while (*got_out == 0) {
        bool filled = raw->at < raw->len;
        if (!filled && !raw->done) {
            size_t got;
            enum wf_status status = read_raw(input, raw->bytes, RAW_ROOM, &got, fault);
            if (status)
                return status;
            raw->at = 0;
            raw->len = got;
            filled = got > 0;
        }
        if (!filled && !input->in_frame)
            return input->bytes ? WF_OK : damaged(input, fault);
        size_t before = raw->at;
        enum wf_status status = input->packing == GZIP
                                    ? unpack_gzip(input, bytes, room, got_out, fault)
                                    : unpack_zstd(input, bytes, room, got_out, fault);
        if (status)
            return status;
        if (*got_out == 0 && raw->at == before && !filled)
            return wf_fault_set(fault, WF_ERR_DATA, input->name, 0,
                                "the compressed data ends too early: it was cut short");
    }
    return WF_OK;
}

static void count_lines(struct wf_input *input, const char *bytes, size_t len)
{
    for (const char *end = bytes + len; (bytes = memchr(bytes, '\n', (size_t)(end - bytes)));
         bytes++)
        input->lines++;
}

static enum wf_status bad_encoding(struct wf_input *input, struct wf_fault *fault)
{
    return wf_fault_set(fault, WF_ERR_DATA, input->name, input->lines + 1,
                        "these bytes are not %s, the declared encoding", input->encoding);
}

/* Through iconv; what it cannot use yet stays at the beginning of `plain`. */
static enum wf_status read_decoded(struct wf_input *input, char *bytes, size_t room,
                                   size_t *got_out, struct wf_fault *fault)
{
    struct pipe_end *plain = &input->plain;
    *got_out = 0;
    while (*got_out == 0) {
        if (!plain->done) {
            memmove(plain->bytes, plain->bytes + plain->at, plain->len - plain->at);
            plain->len -= plain->at;
            plain->at = 0;
            size_t got;
            enum wf_status status =
                read_plain(input, plain->bytes + plain->len, RAW_ROOM - plain->len, &got, fault);
            if (status)
                return status;
            plain->len += got;
            plain->done = got == 0;
        }
        char *in = plain->bytes + plain->at, *out = bytes;
        size_t in_left = plain->len - plain->at, out_left = room;
        if (in_left == 0)
            return WF_OK;
        size_t answer = iconv(input->iconv, &in, &in_left, &out, &out_left);
        int why = answer == (size_t)-1 ? errno : 0;
        plain->at = plain->len - in_left;
        *got_out = room - out_left;
        count_lines(input, bytes, *got_out);
        if (*got_out == 0 && (why == EILSEQ || (why == EINVAL && plain->done)))
            return bad_encoding(input, fault);
    }
    return WF_OK;
}

enum wf_status wf_input_read(struct wf_input *input, char *bytes, size_t room, size_t *got_out,
                             struct wf_fault *fault)
{
    if (input->iconv != (iconv_t)-1)
        return read_decoded(input, bytes, room, got_out, fault);
    return read_plain(input, bytes, room, got_out, fault);
}

uint64_t wf_input_size(const struct wf_input *input)
{
    if (input->packing != PLAIN || input->iconv != (iconv_t)-1)
        return 0;
    return input->memory ? input->memory_len : (uint64_t)input->opened.st_size;
}

void wf_input_finish(struct wf_input *input, uint64_t *bytes_out,
                     struct wf_fingerprint *fingerprint_out)
{
    *bytes_out = input->bytes;
    wf_fingerprint_finish(&input->printing, fingerprint_out);
}

void wf_input_close(struct wf_input *input)
{
    if (!input)
        return;
    if (input->fd >= 0)
        close(input->fd);
    if (input->packing == GZIP)
        inflateEnd(&input->gz);
    ZSTD_freeDCtx(input->zstd);
    if (input->iconv != (iconv_t)-1)
        iconv_close(input->iconv);
    wf_fingerprint_release(&input->printing);
    wf_free(input->alloc, input->raw.bytes);
    wf_free(input->alloc, input->plain.bytes);
    wf_free(input->alloc, input);
}
