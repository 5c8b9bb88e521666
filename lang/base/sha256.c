#include "lang/base/sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_SHA_NI 1
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

typedef void blocks_fn(uint32_t h[8], const unsigned char *data, size_t blocks);

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void blocks_plain(uint32_t h[8], const unsigned char *data, size_t blocks)
{
    for (; blocks; blocks--, data += 64) {
        uint32_t w[64], s[8];
        for (int i = 0; i < 16; i++)
            w[i] = big_endian(data + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
        }
        memcpy(s, h, sizeof(s));
        for (int i = 0; i < 64; i++) {
            uint32_t t = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                         ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
            uint32_t u = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
                         ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof(*s));
            s[4] += t;
            s[0] = t + u;
        }
        for (int i = 0; i < 8; i++)
            h[i] += s[i];
    }
}

#ifdef HAVE_SHA_NI
/* The instructions keep the state as (A B E F) and (C D G H), highest lane first. */
__attribute__((target("sha,sse4.1"))) static void blocks_ni(uint32_t h[8],
                                                            const unsigned char *data,
                                                            size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)h), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(h + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
    for (; blocks; blocks--, data += 64) {
        __m128i abef0 = abef, cdgh0 = cdgh, m[4];
        for (int i = 0; i < 4; i++)
            m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i)),
                                    swap);
        for (int i = 0; i < 16; i++) {
            __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(K + 4 * i));
            __m128i wk = _mm_add_epi32(m[i & 3], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
            if (i < 12) { /* words 4(i+4) .. 4(i+4)+3 take the place of 4i .. 4i+3 */
                __m128i last = m[(i + 3) & 3];
                __m128i w = _mm_sha256msg1_epu32(m[i & 3], m[(i + 1) & 3]);
                w = _mm_add_epi32(w, _mm_alignr_epi8(last, m[(i + 2) & 3], 4));
                m[i & 3] = _mm_sha256msg2_epu32(w, last);
            }
        }
        abef = _mm_add_epi32(abef, abef0);
        cdgh = _mm_add_epi32(cdgh, cdgh0);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(high, low, 8));
}
#endif

static blocks_fn *best(void)
{
#ifdef HAVE_SHA_NI
    if (__builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3")) {
        unsigned a = 7, b, c = 0, d;
        __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        if (b >> 29 & 1)
            return blocks_ni;
    }
#endif
    return blocks_plain;
}

void wf_sha256_init(struct wf_sha256 *sha)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(sha, 0, sizeof(*sha));
    memcpy(sha->h, start, sizeof(start));
}

static void add(struct wf_sha256 *sha, const void *bytes, size_t len, blocks_fn *blocks)
{
    const unsigned char *p = bytes;
    size_t held = (size_t)(sha->bytes % 64);
    if (len == 0)
        return;
    sha->bytes += len;
    if (held) {
        size_t take = 64 - held < len ? 64 - held : len;
        memcpy(sha->block + held, p, take);
        p += take;
        len -= take;
        if (held + take < 64)
            return;
        blocks(sha->h, sha->block, 1);
    }
    blocks(sha->h, p, len / 64);
    memcpy(sha->block, p + len / 64 * 64, len % 64);
}

void wf_sha256_add(struct wf_sha256 *sha, const void *bytes, size_t len)
{
    add(sha, bytes, len, best());
}

void wf_sha256_add_plain(struct wf_sha256 *sha, const void *bytes, size_t len)
{
    add(sha, bytes, len, blocks_plain);
}

void wf_sha256_final(struct wf_sha256 *sha, unsigned char digest_out[WF_SHA256_SIZE])
{
    uint64_t bits = sha->bytes * 8;
    size_t held = (size_t)(sha->bytes % 64);
    unsigned char tail[128] = {0};
    memcpy(tail, sha->block, held);
    tail[held] = 0x80;
    size_t len = held < 56 ? 64 : 128;
    for (size_t i = 0; i < 8; i++)
        tail[len - 1 - i] = (unsigned char)(bits >> 8 * i);
    blocks_plain(sha->h, tail, len / 64);
    for (size_t i = 0; i < 32; i++)
        digest_out[i] = (unsigned char)(sha->h[i / 4] >> (24 - 8 * (i % 4)));
}

void wf_hex(char *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * len] = 0;
}
