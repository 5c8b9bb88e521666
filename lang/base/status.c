#include "lang/base/status.h"

#include "lang/base/words.h"

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

static const char *english(enum wf_status status)
{
    switch (status) {
    case WF_OK: return N_("ok");
    case WF_ERR_FINDINGS: return N_("findings");
    case WF_ERR_USAGE: return N_("wrong usage");
    case WF_ERR_DATA: return N_("bad data");
    case WF_ERR_MISSING: return N_("missing input");
    case WF_ERR_INTERNAL: return N_("internal error");
    case WF_ERR_NOMEM: return N_("out of memory");
    case WF_ERR_IO: return N_("input/output error");
    case WF_ERR_BUSY: return N_("busy, try again");
    case WF_ERR_PERM: return N_("not permitted");
    case WF_ERR_RULES: return N_("the rules have errors");
    case WF_ERR_STATE: return N_("the state cannot be used");
    case WF_ERR_FORMAT: return N_("not a valid compiled program");
    case WF_ERR_LIMIT: return N_("a limit was exceeded");
    case WF_ERR_HELD: return N_("held for approval");
    }
    return N_("unknown status");
}

const char *wf_status_text(enum wf_status status)
{
    return wf_word(english(status));
}
