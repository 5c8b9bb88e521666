#include "runtime/data/digest.h"

#include <string.h>

#include "lang/base/xxh.h"

void wf_digest_init(struct wf_digest *digest)
{
    sha256_init(&digest->sha256);
}

void wf_digest_add(struct wf_digest *digest, const void *bytes, size_t len)
{
    sha256_update(&digest->sha256, len, bytes);
}

void wf_digest_finish(struct wf_digest *digest, unsigned char out[WF_SHA256])
{
    sha256_digest(&digest->sha256, WF_SHA256, out);
}

void wf_sha256(const void *bytes, size_t len, unsigned char out[WF_SHA256])
{
    struct wf_digest digest;
    wf_digest_init(&digest);
    wf_digest_add(&digest, bytes, len);
    wf_digest_finish(&digest, out);
}

static void put_xxh128(XXH128_hash_t hash, unsigned char out[WF_XXH128])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    memcpy(out, canonical.digest, WF_XXH128);
}

void wf_xxh128(const void *bytes, size_t len, unsigned char out[WF_XXH128])
{
    put_xxh128(XXH3_128bits(bytes, len), out);
}

enum wf_status wf_fingerprint_init(struct wf_fingerprinting *printing, bool sha256)
{
    *printing = (struct wf_fingerprinting){.xxh = XXH3_createState(), .asked = sha256};
    if (!printing->xxh)
        return WF_ERR_NOMEM;
    XXH3_128bits_reset(printing->xxh);
    wf_digest_init(&printing->sha256);
    return WF_OK;
}

void wf_fingerprint_add(struct wf_fingerprinting *printing, const void *bytes, size_t len)
{
    XXH3_128bits_update(printing->xxh, bytes, len);
    if (printing->asked)
        wf_digest_add(&printing->sha256, bytes, len);
}

void wf_fingerprint_finish(struct wf_fingerprinting *printing, struct wf_fingerprint *out)
{
    *out = (struct wf_fingerprint){.has_sha256 = printing->asked};
    put_xxh128(XXH3_128bits_digest(printing->xxh), out->xxh128);
    if (printing->asked)
        wf_digest_finish(&printing->sha256, out->sha256);
}

void wf_fingerprint_release(struct wf_fingerprinting *printing)
{
    XXH3_freeState(printing->xxh);
    printing->xxh = NULL;
}

void wf_hex(char *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * len] = 0;
}
