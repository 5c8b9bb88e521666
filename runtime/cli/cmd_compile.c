#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

/* `-o rules.way` by mistake must not cost the rules: only a compiled program is written over. */
static bool may_replace(const char *path)
{
    struct wf_loader loader = wf_cli_loader();
    const char *bytes = NULL;
    size_t len = 0;
    enum wf_status status = loader.read(loader.ctx, path, &bytes, &len);
    if (status)
        return status == WF_ERR_MISSING;
    bool may = len == 0 || wf_is_program(bytes, len);
    loader.done(loader.ctx, bytes, len);
    return may;
}

static enum wf_status store(const struct wf_program *program, const char *path)
{
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, 0);
    enum wf_status status = wf_program_store(program, &buf);
    if (!status)
        status = wf_cli_write(path, buf.data, buf.len);
    wf_buf_release(&buf);
    return status;
}

int cmd_compile(int argc, char **argv)
{
    const char *to = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"o", WF_OPT_TEXT, &to, "FILE", N_("the compiled program to write"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1 || !to)
        return wf_usage(argv[0], "needs one FILE and -o FILE.wayc");
    if (!may_replace(to))
        return wf_usage(argv[0], "%s exists and is no compiled program", to);
    struct wf_compiled compiled;
    enum wf_status status = wf_cli_program(argv[1], &compiled);
    if (!status) {
        status = store(compiled.program, to);
        if (status)
            wf_cli_fail(to, status, NULL);
    }
    wf_compiled_release(&compiled);
    return wf_status_exit(status);
}
