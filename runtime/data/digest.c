#include "runtime/data/digest.h"

#include <string.h>

#include <openssl/evp.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum wf_status wf_digest_init(struct wf_digest *digest)
{
    digest->ctx = EVP_MD_CTX_new();
    if (!digest->ctx)
        return WF_ERR_NOMEM;
    if (EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL) == 1)
        return WF_OK;
    wf_digest_release(digest);
    return WF_ERR_NOMEM;
}

enum wf_status wf_digest_add(struct wf_digest *digest, const void *bytes, size_t len)
{
    return EVP_DigestUpdate(digest->ctx, bytes, len) == 1 ? WF_OK : WF_ERR_INTERNAL;
}

enum wf_status wf_digest_finish(struct wf_digest *digest, unsigned char out[WF_SHA256])
{
    return EVP_DigestFinal_ex(digest->ctx, out, NULL) == 1 ? WF_OK : WF_ERR_INTERNAL;
}

void wf_digest_release(struct wf_digest *digest)
{
    EVP_MD_CTX_free(digest->ctx);
    digest->ctx = NULL;
}

enum wf_status wf_sha256(const void *bytes, size_t len, unsigned char out[WF_SHA256])
{
    struct wf_digest digest;
    enum wf_status st = wf_digest_init(&digest);
    if (st == WF_OK)
        st = wf_digest_add(&digest, bytes, len);
    if (st == WF_OK)
        st = wf_digest_finish(&digest, out);
    wf_digest_release(&digest);
    return st;
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
    *printing = (struct wf_fingerprinting){.xxh = XXH3_createState()};
    if (!printing->xxh || XXH3_128bits_reset(printing->xxh) != XXH_OK)
        return WF_ERR_NOMEM;
    return sha256 ? wf_digest_init(&printing->sha256) : WF_OK;
}

enum wf_status wf_fingerprint_add(struct wf_fingerprinting *printing, const void *bytes, size_t len)
{
    if (XXH3_128bits_update(printing->xxh, bytes, len) != XXH_OK)
        return WF_ERR_INTERNAL;
    return printing->sha256.ctx ? wf_digest_add(&printing->sha256, bytes, len) : WF_OK;
}

enum wf_status wf_fingerprint_finish(struct wf_fingerprinting *printing, struct wf_fingerprint *out)
{
    *out = (struct wf_fingerprint){.has_sha256 = printing->sha256.ctx != NULL};
    put_xxh128(XXH3_128bits_digest(printing->xxh), out->xxh128);
    return out->has_sha256 ? wf_digest_finish(&printing->sha256, out->sha256) : WF_OK;
}

void wf_fingerprint_release(struct wf_fingerprinting *printing)
{
    XXH3_freeState(printing->xxh);
    printing->xxh = NULL;
    wf_digest_release(&printing->sha256);
}

void wf_hex(char *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * len] = 0;
}
