#include <stdio.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

static enum wf_status dump(const char *path, enum wf_dump stage, bool places)
{
    struct wf_compiled compiled;
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    enum wf_status status = wf_cli_program(path, &compiled);
    if (!status) {
        status = wf_dump_compiled(&compiled, stage, places, &text);
        if (status)
            wf_cli_fail(path, status,
                        stage == WF_DUMP_AST ? wf_word("it holds no syntax tree") : NULL);
    }
    if (!status && (fwrite(wf_buf_str(&text), 1, text.len, stdout) != text.len || fflush(stdout)))
        status = WF_ERR_IO;
    wf_buf_release(&text);
    wf_compiled_release(&compiled);
    return status;
}

int cmd_dump(int argc, char **argv)
{
    int64_t stage = WF_DUMP_CODE;
    bool places = false;
    int n = 0;
    const struct wf_option table[] = {
        {"stage", WF_OPT_CHOICE, &stage, "ast|ir|code", N_("what to show (code)"), 0, 0},
        {"places", WF_OPT_FLAG, &places, NULL, N_("with where in the rules it comes from"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1)
        return wf_usage(argv[0], "needs one FILE");
    return wf_status_exit(dump(argv[1], (enum wf_dump)stage, places));
}
