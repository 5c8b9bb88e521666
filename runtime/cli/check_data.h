/*
 * check_data.h - the exports in a folder, held against what the rules expect of them.
 */
#ifndef WF_CLI_CHECK_DATA_H
#define WF_CLI_CHECK_DATA_H

#include "lang/lang.h"

/*
 * Reads every feed that the rules use, and their catalogues, from `dir`, as a night would, and adds
 * to the compilation's diagnostics what it finds: a feed or a column that is not there, cells that
 * cannot be read, codes that no catalogue has. The rows shown are excerpts in its sources.
 * WF_ERR_NOMEM, or why the zone could not be loaded.
 */
enum wf_status wf_check_data(struct wf_compiled *compiled, const char *dir);

#endif
