#include "runtime/cli/line_diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { CONTEXT = 3, MAX_CELLS = 4000000 };

struct line {
    const char *text;
    size_t len; /* its end counts */
};

struct lines {
    struct line *items;
    size_t n;
};

/* One line of the script: kept (' '), gone ('-') or new ('+'). */
struct edit {
    char kind;
    struct line line;
};

struct script {
    struct edit *items;
    size_t n;
};

static struct lines cut(const struct wf_alloc *alloc, const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    n += len > 0 && text[len - 1] != '\n';
    struct lines lines = {wf_calloc(alloc, n + 1, sizeof(struct line)), 0};
    for (size_t i = 0; lines.items && i < len;) {
        const char *end = memchr(text + i, '\n', len - i);
        size_t size = end ? (size_t)(end - text) - i + 1 : len - i;
        lines.items[lines.n++] = (struct line){text + i, size};
        i += size;
    }
    return lines;
}

static bool alike(struct line a, struct line b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static void push(struct script *s, char kind, struct line line)
{
    s->items[s->n++] = (struct edit){kind, line};
}

/* Longest common subsequence of the middle part; table[i][j] is that of a[i..], b[j..]. */
static int compare_middle(const struct wf_alloc *alloc, struct script *s, const struct line *a,
                          size_t n, const struct line *b, size_t m)
{
    size_t wide = m + 1;
    bool small = n < MAX_CELLS && m < MAX_CELLS && (n + 1) <= MAX_CELLS / wide;
    uint32_t *table = small ? wf_calloc(alloc, (n + 1) * wide, sizeof(*table)) : NULL;
    if (small && !table)
        return -1;
    for (size_t i = n; table && i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            uint32_t down = table[(i + 1) * wide + j], right = table[i * wide + j + 1];
            table[i * wide + j] = alike(a[i], b[j]) ? table[(i + 1) * wide + j + 1] + 1
                                  : down > right    ? down
                                                    : right;
        }
    }
    size_t i = 0, j = 0;
    while (i < n || j < m) {
        if (table && i < n && j < m && alike(a[i], b[j])) {
            push(s, ' ', a[i++]);
            j++;
        } else if (i < n &&
                   (j == m || !table || table[(i + 1) * wide + j] >= table[i * wide + j + 1])) {
            push(s, '-', a[i++]);
        } else {
            push(s, '+', b[j++]);
        }
    }
    wf_free(alloc, table);
    return 0;
}

static int compare(const struct wf_alloc *alloc, struct script *s, struct lines a, struct lines b)
{
    size_t head = 0, tail = 0;
    while (head < a.n && head < b.n && alike(a.items[head], b.items[head]))
        head++;
    while (tail < a.n - head && tail < b.n - head &&
           alike(a.items[a.n - 1 - tail], b.items[b.n - 1 - tail]))
        tail++;
    for (size_t i = 0; i < head; i++)
        push(s, ' ', a.items[i]);
    if (compare_middle(alloc, s, a.items + head, a.n - head - tail, b.items + head,
                       b.n - head - tail))
        return -1;
    for (size_t i = a.n - tail; i < a.n; i++)
        push(s, ' ', a.items[i]);
    return 0;
}

/* Where the hunk that begins with the change at `from` ends: behind its closing context. */
static size_t hunk_end(const struct script *s, size_t from)
{
    size_t last = from;
    for (size_t i = from; i < s->n && i <= last + 2 * CONTEXT; i++) {
        if (s->items[i].kind != ' ')
            last = i;
    }
    return last + CONTEXT + 1 < s->n ? last + CONTEXT + 1 : s->n;
}

static void write_hunk(struct wf_buf *out, const struct script *s, size_t from, size_t to,
                       size_t a_line, size_t b_line)
{
    size_t a_count = 0, b_count = 0;
    for (size_t i = from; i < to; i++) {
        a_count += s->items[i].kind != '+';
        b_count += s->items[i].kind != '-';
    }
    wf_buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", a_line + (a_count > 0), a_count,
                b_line + (b_count > 0), b_count);
    for (size_t i = from; i < to; i++) {
        const struct line *line = &s->items[i].line;
        wf_buf_addc(out, s->items[i].kind);
        wf_buf_add(out, line->text, line->len);
        if (line->text[line->len - 1] != '\n')
            wf_buf_adds(out, "\n\\ No newline at end of file\n");
    }
}

static void write_script(struct wf_buf *out, const char *name, const struct script *s)
{
    size_t a_line = 0, b_line = 0, written = 0;
    bool any = false;
    for (size_t i = 0; i < s->n; i++) {
        if (s->items[i].kind == ' ')
            continue;
        size_t from = i - written > CONTEXT ? i - CONTEXT : written, to = hunk_end(s, i);
        if (!any)
            wf_buf_addf(out, "--- %s\n+++ %s (formatted)\n", name, name);
        any = true;
        for (; written < from; written++) {
            a_line += s->items[written].kind != '+';
            b_line += s->items[written].kind != '-';
        }
        write_hunk(out, s, from, to, a_line, b_line);
        for (; written < to; written++) {
            a_line += s->items[written].kind != '+';
            b_line += s->items[written].kind != '-';
        }
        i = to - 1;
    }
}

void wf_line_diff(struct wf_buf *out, const char *name, const char *a, size_t a_len, const char *b,
                  size_t b_len)
{
    struct lines x = cut(out->alloc, a, a_len), y = cut(out->alloc, b, b_len);
    struct script s = {NULL, 0};
    if (x.items && y.items)
        s.items = wf_calloc(out->alloc, x.n + y.n + 1, sizeof(*s.items));
    if (!s.items || compare(out->alloc, &s, x, y))
        out->failed = true;
    else
        write_script(out, name, &s);
    wf_free(out->alloc, s.items);
    wf_free(out->alloc, x.items);
    wf_free(out->alloc, y.items);
}
