/*
 * buf.h - a growable run of bytes with a cap.
 *
 * The bytes are always followed by a NUL that `len` does not count. An add that fails (out of
 * memory, over the cap) adds nothing and sets `failed`; later adds do nothing, so a writer may
 * add many things and look once at the end.
 */
#ifndef WF_BASE_BUF_H
#define WF_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"

struct wf_buf {
    char *data; /* NULL until the first add */
    size_t len, room, cap;
    bool failed;
    const struct wf_alloc *alloc;
};

/* `cap` is the most bytes it may hold; 0 means no cap. */
void wf_buf_init(struct wf_buf *buf, const struct wf_alloc *alloc, size_t cap);
void wf_buf_release(struct wf_buf *buf);
void wf_buf_reset(struct wf_buf *buf); /* len = 0, failed = false; keeps its memory */

int wf_buf_reserve(struct wf_buf *buf, size_t more);
void wf_buf_add(struct wf_buf *buf, const void *bytes, size_t len);
void wf_buf_adds(struct wf_buf *buf, const char *text);
void wf_buf_addc(struct wf_buf *buf, char c);
/* As "%lld" writes it, much faster. */
void wf_buf_add_int(struct wf_buf *buf, int64_t number);
void wf_buf_addf(struct wf_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with the format in the reader's language (words.h). */
void wf_say(struct wf_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wf_buf_addv(struct wf_buf *buf, const char *format, va_list args);

/* The text as a C string, "" when nothing was added. */
const char *wf_buf_str(const struct wf_buf *buf);

/* Hands the bytes to the caller (who frees them with wf_free) and empties the buffer. */
char *wf_buf_detach(struct wf_buf *buf, size_t *len_out);

#endif
