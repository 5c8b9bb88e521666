/*
 * digest.h - SHA-256 of what was read or written, for the manifest.
 */
#ifndef WF_DATA_DIGEST_H
#define WF_DATA_DIGEST_H

#include <stddef.h>

#include "lang/base/status.h"

#define WF_SHA256 32 /* bytes */
enum { WF_HEX_SHA256 = 2 * WF_SHA256 + 1 };

struct wf_digest {
    void *ctx;
};

/* WF_ERR_NOMEM. Whoever inits releases, finished or not. */
enum wf_status wf_digest_init(struct wf_digest *digest);
enum wf_status wf_digest_add(struct wf_digest *digest, const void *bytes, size_t len);
enum wf_status wf_digest_finish(struct wf_digest *digest, unsigned char out[WF_SHA256]);
void wf_digest_release(struct wf_digest *digest);

/* `len` bytes as lower-case hexadecimal and a NUL. */
void wf_hex(char *out, const unsigned char *bytes, size_t len);

#endif
