#include "tests/tools/compiled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum wf_status read_file(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    for (const struct file *f = ctx; f->path; f++) {
        if (strcmp(f->path, path) == 0) {
            *bytes_out = f->text;
            *len_out = strlen(f->text);
            return WF_OK;
        }
    }
    return WF_ERR_MISSING;
}

static void done_with_file(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
}

struct wf_loader loader_of(const struct file *files)
{
    void *ctx;
    memcpy(&ctx, &files, sizeof(ctx)); /* a loader hands its context on as it came */
    return (struct wf_loader){.ctx = ctx, .read = read_file, .done = done_with_file};
}

struct wf_program *compiled(const char *text)
{
    const struct file files[] = {{"rules.way", text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    struct wf_compiled c;
    enum wf_status st = wf_compile(NULL, &loader, "rules.way", &c);
    for (size_t i = 0; st != WF_OK && i < c.front.diags.n; i++)
        print_error("%s\n", c.front.diags.items[i]->message);
    if (st != WF_OK)
        fail_msg("the rules do not compile (%d): %s", (int)st, c.why ? c.why : "");
    struct wf_program *program = wf_compiled_take(&c);
    wf_compiled_release(&c);
    return program;
}
