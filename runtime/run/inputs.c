#include "runtime/run/inputs.h"

#include <string.h>

enum { SHA_HEX = 2 * WF_SHA256 };

/* ---- writing ---- */

static bool all_have_sha256(const struct wf_load_report *report, uint32_t feed)
{
    bool all = true;
    for (size_t i = 0; i < report->n_files; i++)
        all = all && (report->files[i].feed != feed || report->files[i].fingerprint.has_sha256);
    return all;
}

/* The names and digests of a feed's files, one behind the other. */
static void add_files(const struct wf_load_report *report, uint32_t feed, bool sha256,
                      struct wf_buf *out)
{
    for (size_t i = 0; i < report->n_files; i++) {
        const struct wf_load_file *file = &report->files[i];
        if (file->feed != feed)
            continue;
        wf_buf_add(out, file->name, strlen(file->name) + 1);
        if (sha256)
            wf_buf_add(out, file->fingerprint.sha256, sizeof(file->fingerprint.sha256));
        else
            wf_buf_add(out, file->fingerprint.xxh128, sizeof(file->fingerprint.xxh128));
    }
}

static enum wf_status add_feed(const struct wf_load_report *report, uint32_t feed,
                               struct wf_buf *files, struct wf_buf *out)
{
    struct wf_fingerprint marks = {.has_sha256 = all_have_sha256(report, feed)};
    char hex[WF_HEX_SHA256];
    files->len = 0;
    add_files(report, feed, false, files);
    wf_xxh128(wf_buf_str(files), files->len, marks.xxh128);
    wf_hex(hex, marks.xxh128, sizeof(marks.xxh128));
    wf_buf_addf(out, "%s %s", report->feeds[feed].name, hex);
    if (marks.has_sha256) {
        files->len = 0;
        add_files(report, feed, true, files);
        wf_sha256(wf_buf_str(files), files->len, marks.sha256);
        wf_hex(hex, marks.sha256, sizeof(marks.sha256));
        wf_buf_addf(out, "+%s", hex);
    }
    wf_buf_adds(out, "\n");
    return files->failed || out->failed ? WF_ERR_NOMEM : WF_OK;
}

enum wf_status wf_inputs(const struct wf_load_report *report, struct wf_buf *out)
{
    enum wf_status st = WF_OK;
    struct wf_buf files;
    wf_buf_init(&files, report->alloc, 0);
    wf_buf_adds(out, ""); /* a text also where no file was read, in a forecast */
    for (uint32_t f = 0; st == WF_OK && f < report->n_feeds; f++)
        st = add_feed(report, f, &files, out);
    wf_buf_release(&files);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}

/* ---- comparing ---- */

/* A line's digests; len 0: it has none of that kind. */
struct digests {
    const char *xxh128, *sha256;
    size_t xxh128_len, sha256_len;
};

size_t wf_inputs_name(const char *line)
{
    const char *end = memrchr(line, ' ', strcspn(line, "\n"));
    return end ? (size_t)(end - line) : 0;
}

static struct digests digests_of(const char *line)
{
    const char *first = line + wf_inputs_name(line) + 1;
    size_t len = strcspn(first, "+\n"), rest = first[len] == '+' ? strcspn(first + len, "\n") : 0;
    if (len == SHA_HEX)
        return (struct digests){.sha256 = first, .sha256_len = len};
    return (struct digests){first, first + len + 1, len, rest ? rest - 1 : 0};
}

static bool equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len && a_len == b_len && memcmp(a, b, a_len) == 0;
}

bool wf_inputs_same(const char *line, const char *other)
{
    if (!equal(line, wf_inputs_name(line), other, wf_inputs_name(other)))
        return false;
    struct digests a = digests_of(line), b = digests_of(other);
    if (a.xxh128_len && b.xxh128_len)
        return equal(a.xxh128, a.xxh128_len, b.xxh128, b.xxh128_len);
    return equal(a.sha256, a.sha256_len, b.sha256, b.sha256_len);
}

size_t wf_inputs_least(const char *line)
{
    return strcspn(line, "+\n");
}

static const char *next_line(const char *line)
{
    return line + strcspn(line, "\n") + 1;
}

bool wf_inputs_ask_sha256(const char *lines)
{
    for (; lines && *lines; lines = next_line(lines))
        if (!digests_of(lines).xxh128_len)
            return true;
    return false;
}

/* The line of the feed that a line is of, NULL: there is none. */
static const char *line_of(const char *lines, const char *line)
{
    for (; *lines; lines = next_line(lines))
        if (equal(lines, wf_inputs_name(lines), line, wf_inputs_name(line)))
            return lines;
    return NULL;
}

/* How many feeds both have; -1: one of them with other bytes. */
static int in_common(const char *lines, const char *others)
{
    int n = 0;
    for (; *lines; lines = next_line(lines)) {
        const char *other = line_of(others, lines);
        if (other && !wf_inputs_same(other, lines))
            return -1;
        n += other != NULL;
    }
    return n;
}

bool wf_inputs_within(const char *lines, const char *others)
{
    int n = 0;
    for (const char *at = lines; *at; at = next_line(at))
        n++;
    return in_common(lines, others) == n;
}

bool wf_inputs_repeat(const char *lines, const char *others)
{
    return in_common(lines, others) > 0;
}
