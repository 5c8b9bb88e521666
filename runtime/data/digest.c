#include "runtime/data/digest.h"

#include <openssl/evp.h>

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

void wf_hex(char *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * len] = 0;
}
