/*
 * frame.h - the messages of a stream, cut by their headers:
 *
 *   Content-Length: 42 CR LF  Content-Type: ... CR LF  CR LF  {"jsonrpc": ... 42 bytes of JSON}
 *
 * Bytes may come in any pieces. A header that cannot be read is told and passed over; a length over
 * WF_LSP_MAX_MESSAGE ends the stream, because nobody can tell what follows it.
 */
#ifndef WF_LSP_FRAME_H
#define WF_LSP_FRAME_H

#include <stddef.h>

#include "lang/base/buf.h"

#define WF_LSP_MAX_MESSAGE ((size_t)64 << 20) /* bytes of one message */
#define WF_LSP_MAX_HEADER ((size_t)8192)      /* bytes of all its headers */

enum wf_frame {
    WF_FRAME_NONE,    /* no whole message yet */
    WF_FRAME_MESSAGE, /* *text_out, *len_out: valid until the next call */
    WF_FRAME_BROKEN,  /* a header without a length: passed over */
    WF_FRAME_HUGE,    /* over a limit: nothing more will come of this stream */
    WF_FRAME_NOMEM,
};

struct wf_frames {
    struct wf_buf bytes;
    size_t taken; /* of the front of bytes: handed out already */
};

void wf_frames_init(struct wf_frames *frames);
void wf_frames_release(struct wf_frames *frames);
void wf_frames_add(struct wf_frames *frames, const void *bytes, size_t len);
enum wf_frame wf_frames_next(struct wf_frames *frames, const char **text_out, size_t *len_out);

#endif
