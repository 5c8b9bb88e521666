/*
 * lsp_files.h - the language server's view of the disk: rule files, the library as files, nights.
 */
#ifndef WF_CLI_LSP_FILES_H
#define WF_CLI_LSP_FILES_H

#include "runtime/lsp/lsp.h"

struct wf_lsp_host wf_lsp_files(void);

#endif
