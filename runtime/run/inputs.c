#include "runtime/run/inputs.h"

#include <string.h>

#include "runtime/data/digest.h"

static enum wf_status add_feed(const struct wf_load_report *report, uint32_t feed,
                               struct wf_buf *out)
{
    struct wf_digest digest = {0};
    unsigned char raw[WF_SHA256];
    char hex[WF_HEX_SHA256];
    enum wf_status st = wf_digest_init(&digest);
    for (size_t i = 0; st == WF_OK && i < report->n_files; i++) {
        const struct wf_load_file *file = &report->files[i];
        if (file->feed != feed)
            continue;
        st = wf_digest_add(&digest, file->name, strlen(file->name) + 1);
        if (st == WF_OK)
            st = wf_digest_add(&digest, file->sha256, sizeof(file->sha256));
    }
    if (st == WF_OK)
        st = wf_digest_finish(&digest, raw);
    wf_digest_release(&digest);
    if (st != WF_OK)
        return st;
    wf_hex(hex, raw, sizeof(raw));
    wf_buf_addf(out, "%s %s\n", report->feeds[feed].name, hex);
    return WF_OK;
}

enum wf_status wf_inputs(const struct wf_load_report *report, struct wf_buf *out)
{
    enum wf_status st = WF_OK;
    wf_buf_adds(out, ""); /* a text also where no file was read, in a forecast */
    for (uint32_t f = 0; st == WF_OK && f < report->n_feeds; f++)
        st = add_feed(report, f, out);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}

/* The line of the feed that a line is of, NULL: there is none. */
static const char *line_of(const char *lines, const char *line)
{
    size_t name = strcspn(line, " ") + 1;
    for (; *lines; lines += strcspn(lines, "\n") + 1)
        if (strncmp(lines, line, name) == 0)
            return lines;
    return NULL;
}

/* How many feeds both have; -1: one of them with other bytes. */
static int in_common(const char *lines, const char *others)
{
    int n = 0;
    for (; *lines; lines += strcspn(lines, "\n") + 1) {
        const char *other = line_of(others, lines);
        if (other && strncmp(other, lines, strcspn(lines, "\n") + 1) != 0)
            return -1;
        n += other != NULL;
    }
    return n;
}

bool wf_inputs_within(const char *lines, const char *others)
{
    int n = 0;
    for (const char *at = lines; *at; at += strcspn(at, "\n") + 1)
        n++;
    return in_common(lines, others) == n;
}

bool wf_inputs_repeat(const char *lines, const char *others)
{
    return in_common(lines, others) > 0;
}
