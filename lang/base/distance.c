#include "lang/base/distance.h"

#include <stdint.h>

#include <utf8proc.h>

#include "lang/base/limits.h"

/* Characters of a text, at most WF_MAX_NAME of them; names are never longer. */
static size_t characters(const char *text, size_t len, int32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n < WF_MAX_NAME;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size =
            utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(len - i), &c);
        if (size < 1) {
            c = (unsigned char)text[i];
            size = 1;
        }
        out[n++] = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        i += (size_t)size;
    }
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t wf_edit_distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t most)
{
    int32_t x[WF_MAX_NAME], y[WF_MAX_NAME];
    size_t n = characters(a, a_len, x), m = characters(b, b_len, y);
    if ((n > m ? n - m : m - n) > most)
        return most + 1;
    size_t rows[3][WF_MAX_NAME + 1]; /* row i needs rows i-1 and, for swaps, i-2 */
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t cost = before[j - 1] + (x[i - 1] != y[j - 1]);
            cost = least(cost, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                cost = least(cost, earlier[j - 2] + 1);
            now[j] = cost;
        }
    }
    return least(rows[n % 3][m], most + 1);
}
