#include "lang/base/buf.h"

#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"

void wf_buf_init(struct wf_buf *buf, const struct wf_alloc *alloc, size_t cap)
{
    *buf = (struct wf_buf){.alloc = alloc, .cap = cap ? cap : SIZE_MAX - 1};
}

void wf_buf_release(struct wf_buf *buf)
{
    wf_free(buf->alloc, buf->data);
    wf_buf_init(buf, buf->alloc, buf->cap);
}

void wf_buf_reset(struct wf_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

int wf_buf_reserve(struct wf_buf *buf, size_t more)
{
    if (buf->failed || more > buf->cap - buf->len ||
        (more >= buf->room - buf->len && /* most adds find room: not worth a call */
         wf_grow(buf->alloc, &buf->data, &buf->room, buf->len + more + 1, 1))) {
        buf->failed = true;
        return -1;
    }
    return 0;
}

void wf_buf_add(struct wf_buf *buf, const void *bytes, size_t len)
{
    if (wf_buf_reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void wf_buf_adds(struct wf_buf *buf, const char *text)
{
    wf_buf_add(buf, text, strlen(text));
}

void wf_buf_addc(struct wf_buf *buf, char c)
{
    if (wf_buf_reserve(buf, 1))
        return;
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

void wf_buf_add_int(struct wf_buf *buf, int64_t number)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t n = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    if (number < 0)
        digits[--at] = '-';
    wf_buf_add(buf, digits + at, sizeof(digits) - at);
}

void wf_buf_addf(struct wf_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wf_buf_addv(buf, format, args);
    va_end(args);
}

void wf_say(struct wf_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wf_buf_addv(buf, wf_word(format), args);
    va_end(args);
}

void wf_buf_addv(struct wf_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (need < 0 || wf_buf_reserve(buf, (size_t)need)) {
        buf->failed = true;
        return;
    }
    vsnprintf(buf->data + buf->len, (size_t)need + 1, format, args);
    buf->len += (size_t)need;
}

const char *wf_buf_str(const struct wf_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *wf_buf_detach(struct wf_buf *buf, size_t *len_out)
{
    if (buf->failed || wf_buf_reserve(buf, 0))
        return NULL;
    buf->data[buf->len] = '\0';
    char *data = buf->data;
    if (len_out)
        *len_out = buf->len;
    wf_buf_init(buf, buf->alloc, buf->cap);
    return data;
}
