/*
 * cmd_lsp.c - `wayfare lsp`: the language server between standard input and output. What was typed
 * is checked once nothing more came for a moment: who types on does not wait for it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/status.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/lsp_files.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

static bool write_out(struct wf_buf *out)
{
    size_t at = 0;
    while (at < out->len) {
        ssize_t n = write(STDOUT_FILENO, out->data + at, out->len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    wf_buf_reset(out);
    return true;
}

enum { MOMENT = 100 }; /* milliseconds: less than between two keys of a fast hand */

static bool more_comes(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, MOMENT) > 0;
}

static int serve(struct wf_lsp *lsp)
{
    static const size_t PIECE = 65536;
    char *bytes = wf_realloc(NULL, NULL, PIECE);
    int code = bytes ? -1 : wf_status_exit(WF_ERR_NOMEM);
    while (code < 0) {
        ssize_t n = read(STDIN_FILENO, bytes, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) { /* the client is gone */
            code = n < 0 ? wf_status_exit(WF_ERR_IO) : 1;
            break;
        }
        wf_lsp_feed(lsp, bytes, (size_t)n);
        bool written = write_out(wf_lsp_out(lsp));
        if (written && wf_lsp_exit(lsp) < 0 && !more_comes()) {
            wf_lsp_idle(lsp);
            written = write_out(wf_lsp_out(lsp));
        }
        code = written ? wf_lsp_exit(lsp) : wf_status_exit(WF_ERR_IO);
    }
    wf_free(NULL, bytes);
    return code;
}

int cmd_lsp(int argc, char **argv)
{
    bool stdio = true;
    const char *client = NULL;
    const struct wf_option options[] = {
        {"stdio", WF_OPT_FLAG, &stdio, NULL, N_("speak over standard input and output (always so)"),
         0, 0},
        {"clientProcessId", WF_OPT_TEXT, &client, "PID",
         N_("taken and not used: the server ends when its input does"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int operands;
    int code = wf_options(argc, argv, options, &operands);
    if (code != WF_OPTIONS_GO)
        return code;
    if (operands)
        return wf_usage("lsp", "takes no files: an editor says which");
    struct wf_lsp_host host = wf_lsp_files();
    struct wf_lsp *lsp = wf_lsp_new(&host);
    if (!lsp)
        return wf_status_exit(WF_ERR_NOMEM);
    code = serve(lsp);
    wf_lsp_free(lsp);
    return code;
}
