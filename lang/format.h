/*
 * format.h - fmt for embedders: one file's canonical form, knowing the names its imports declare.
 */
#ifndef WF_FORMAT_H
#define WF_FORMAT_H

#include "lang/base/buf.h"
#include "lang/sema/front.h"
#include "lang/syntax/parse.h"

/*
 * Appends the canonical form of `bytes` to out. `path` is what messages call the file and what its
 * imports are relative to; `loader` reads those (an import that cannot be read is not an error
 * here: its names are only not known). The file is added to `sources`, which `diags` refers to.
 * WF_ERR_RULES: the text does not parse, diags says why and nothing is appended.
 */
enum wf_status wf_format_bytes(const struct wf_loader *loader, const char *path, const void *bytes,
                               size_t len, enum wf_keywords keywords, struct wf_sources *sources,
                               struct wf_diags *diags, struct wf_buf *out);

#endif
