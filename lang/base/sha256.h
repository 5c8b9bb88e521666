/*
 * sha256.h - SHA-256 (FIPS 180-4), for the digests of inputs and outputs in a night's manifest.
 *
 * Uses the processor's SHA instructions where it has them; the answer is the same without.
 */
#ifndef WF_BASE_SHA256_H
#define WF_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { WF_SHA256_SIZE = 32, WF_SHA256_HEX = 65 };

struct wf_sha256 {
    uint32_t h[8];
    uint64_t bytes; /* taken so far */
    unsigned char block[64];
};

void wf_sha256_init(struct wf_sha256 *sha);
void wf_sha256_add(struct wf_sha256 *sha, const void *bytes, size_t len);
void wf_sha256_final(struct wf_sha256 *sha, unsigned char digest_out[WF_SHA256_SIZE]);

/* Without the SHA instructions, whatever the processor has: what tests compare with. */
void wf_sha256_add_plain(struct wf_sha256 *sha, const void *bytes, size_t len);

/* `len` bytes as lower-case hexadecimal, with a NUL: 2 * len + 1 bytes of room. */
void wf_hex(char *out, const unsigned char *bytes, size_t len);

#endif
