#include "runtime/lsp/frame.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

void wf_frames_init(struct wf_frames *frames)
{
    *frames = (struct wf_frames){.taken = 0};
    wf_buf_init(&frames->bytes, NULL, WF_LSP_MAX_MESSAGE + WF_LSP_MAX_HEADER + ((size_t)1 << 20));
}

void wf_frames_release(struct wf_frames *frames)
{
    wf_buf_release(&frames->bytes);
}

static void drop_taken(struct wf_frames *frames)
{
    if (!frames->taken)
        return;
    frames->bytes.len -= frames->taken;
    memmove(frames->bytes.data, frames->bytes.data + frames->taken, frames->bytes.len);
    frames->bytes.data[frames->bytes.len] = '\0';
    frames->taken = 0;
}

void wf_frames_add(struct wf_frames *frames, const void *bytes, size_t len)
{
    drop_taken(frames);
    wf_buf_add(&frames->bytes, bytes, len);
}

/* The number of a header's value; false: it is none, or too large for any message. */
static bool read_length(const char *text, size_t len, size_t *out)
{
    size_t i = 0, n = 0;
    while (i < len && (text[i] == ' ' || text[i] == '\t'))
        i++;
    size_t first = i;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        n = n > WF_LSP_MAX_MESSAGE ? n : n * 10 + (size_t)(text[i] - '0');
    bool digits = i > first;
    while (i < len && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r'))
        i++;
    *out = n;
    return digits && i == len;
}

struct header {
    size_t end;    /* behind the empty line; 0: it has not come yet */
    size_t length; /* of the message */
    bool has_length;
};

static struct header read_header(const char *text, size_t len)
{
    static const char name[] = "Content-Length:";
    struct header h = {.end = 0};
    for (size_t at = 0; at < len;) {
        const char *line = text + at, *end = memchr(line, '\n', len - at);
        if (!end)
            break;
        size_t n = (size_t)(end - line);
        at += n + 1;
        if (n == 0 || (n == 1 && line[0] == '\r')) {
            h.end = at;
            break;
        }
        if (n >= sizeof(name) - 1 && strncasecmp(line, name, sizeof(name) - 1) == 0)
            h.has_length = read_length(line + sizeof(name) - 1, n - (sizeof(name) - 1), &h.length);
    }
    return h;
}

enum wf_frame wf_frames_next(struct wf_frames *frames, const char **text_out, size_t *len_out)
{
    if (frames->bytes.failed)
        return WF_FRAME_NOMEM;
    size_t left = frames->bytes.len - frames->taken;
    if (!left)
        return WF_FRAME_NONE;
    const char *text = frames->bytes.data + frames->taken;
    struct header h = read_header(text, left < WF_LSP_MAX_HEADER ? left : WF_LSP_MAX_HEADER);
    if (!h.end)
        return left < WF_LSP_MAX_HEADER ? WF_FRAME_NONE : WF_FRAME_HUGE;
    if (!h.has_length) {
        frames->taken += h.end;
        return WF_FRAME_BROKEN;
    }
    if (h.length > WF_LSP_MAX_MESSAGE)
        return WF_FRAME_HUGE;
    if (left - h.end < h.length)
        return WF_FRAME_NONE;
    *text_out = text + h.end;
    *len_out = h.length;
    frames->taken += h.end + h.length;
    return WF_FRAME_MESSAGE;
}
