/*
 * digest.h - digests of what was read or written, for the manifest.
 *
 * An output has a SHA-256: who takes it may want proof. An input is recognised by its XXH3-128
 * (what `xxh128sum` prints), which is had at the speed of memory; its SHA-256 is made where it is
 * asked.
 */
#ifndef WF_DATA_DIGEST_H
#define WF_DATA_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include <nettle/sha2.h>

#include "lang/base/status.h"

#define WF_SHA256 32 /* bytes */
#define WF_XXH128 16 /* bytes, canonical: the most significant first */
enum { WF_HEX_SHA256 = 2 * WF_SHA256 + 1 };

struct wf_digest {
    struct sha256_ctx sha256;
};

/* Nothing to release; a finished one begins anew. */
void wf_digest_init(struct wf_digest *digest);
void wf_digest_add(struct wf_digest *digest, const void *bytes, size_t len);
void wf_digest_finish(struct wf_digest *digest, unsigned char out[WF_SHA256]);

/* Of bytes that lie in memory. */
void wf_sha256(const void *bytes, size_t len, unsigned char out[WF_SHA256]);
void wf_xxh128(const void *bytes, size_t len, unsigned char out[WF_XXH128]);

/* What an input is known by. */
struct wf_fingerprint {
    unsigned char xxh128[WF_XXH128];
    bool has_sha256; /* it was asked for */
    unsigned char sha256[WF_SHA256];
};

struct wf_fingerprinting {
    void *xxh;
    bool asked; /* for the SHA-256 */
    struct wf_digest sha256;
};

/* WF_ERR_NOMEM; whoever inits releases, finished or not. */
enum wf_status wf_fingerprint_init(struct wf_fingerprinting *printing, bool sha256);
void wf_fingerprint_add(struct wf_fingerprinting *printing, const void *bytes, size_t len);
void wf_fingerprint_finish(struct wf_fingerprinting *printing, struct wf_fingerprint *out);
void wf_fingerprint_release(struct wf_fingerprinting *printing);

/* `len` bytes as lower-case hexadecimal and a NUL. */
void wf_hex(char *out, const unsigned char *bytes, size_t len);

#endif
