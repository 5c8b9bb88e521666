#include "tests/tools/rule_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *rule_file_text(const char *path)
{
    enum { MOST = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *text = file ? calloc(1, MOST + 1) : NULL;
    size_t n = text ? fread(text, 1, MOST, file) : 0;
    if (file)
        fclose(file);
    if (text)
        text[n] = '\0';
    return text;
}

static enum wf_status read_file(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    (void)ctx;
    char *text = rule_file_text(path);
    if (!text)
        return WF_ERR_MISSING;
    *bytes_out = text;
    *len_out = strlen(text);
    return WF_OK;
}

static void done_with_file(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)len;
    free((void *)(uintptr_t)bytes);
}

struct wf_loader rule_file_loader(void)
{
    return (struct wf_loader){.read = read_file, .done = done_with_file};
}

static enum wf_status read_text(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    const struct rule_text *text = ctx;
    if (strcmp(path, text->path) == 0) {
        *bytes_out = text->text;
        *len_out = strlen(text->text);
        return WF_OK;
    }
    return text->others ? text->others->read(text->others->ctx, path, bytes_out, len_out)
                        : WF_ERR_MISSING;
}

static void done_with_text(void *ctx, const char *bytes, size_t len)
{
    const struct rule_text *text = ctx;
    if (bytes != text->text && text->others)
        text->others->done(text->others->ctx, bytes, len);
}

struct wf_loader rule_text_loader(struct rule_text *text)
{
    return (struct wf_loader){.ctx = text, .read = read_text, .done = done_with_text};
}
