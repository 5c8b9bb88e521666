#include "lang/base/status.h"

int wf_status_exit(enum wf_status status)
{
    switch (status) {
    case WF_OK: return 0;
    case WF_ERR_FINDINGS: return 1;
    case WF_ERR_USAGE: return 64;
    case WF_ERR_DATA:
    case WF_ERR_LIMIT: return 65;
    case WF_ERR_MISSING: return 66;
    case WF_ERR_INTERNAL:
    case WF_ERR_NOMEM: return 70;
    case WF_ERR_IO: return 74;
    case WF_ERR_BUSY: return 75;
    case WF_ERR_PERM: return 77;
    case WF_ERR_RULES:
    case WF_ERR_STATE:
    case WF_ERR_FORMAT: return 78;
    case WF_ERR_HELD: return 80;
    }
    return 70;
}

const char *wf_status_text(enum wf_status status)
{
    switch (status) {
    case WF_OK: return "ok";
    case WF_ERR_FINDINGS: return "findings";
    case WF_ERR_USAGE: return "wrong usage";
    case WF_ERR_DATA: return "bad data";
    case WF_ERR_MISSING: return "missing input";
    case WF_ERR_INTERNAL: return "internal error";
    case WF_ERR_NOMEM: return "out of memory";
    case WF_ERR_IO: return "input/output error";
    case WF_ERR_BUSY: return "busy, try again";
    case WF_ERR_PERM: return "not permitted";
    case WF_ERR_RULES: return "the rules have errors";
    case WF_ERR_STATE: return "the state cannot be used";
    case WF_ERR_FORMAT: return "not a valid compiled program";
    case WF_ERR_LIMIT: return "a limit was exceeded";
    case WF_ERR_HELD: return "held for approval";
    }
    return "unknown status";
}
