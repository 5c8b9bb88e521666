/*
 * escape.h - text inside JSON, XML and URIs.
 */
#ifndef WF_BASE_ESCAPE_H
#define WF_BASE_ESCAPE_H

#include <stddef.h>

#include "lang/base/buf.h"

/* A text as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD. */
void wf_json_string(struct wf_buf *out, const char *text, size_t len);

/* A text inside an element or a quoted attribute of XML 1.0; what XML cannot hold (control
 * characters, bytes that are not UTF-8) becomes U+FFFD. */
void wf_xml_text(struct wf_buf *out, const char *text);

/* A text in a GitHub workflow command; `property`: in one of its properties. */
void wf_workflow_text(struct wf_buf *out, const char *text, bool property);

/* A path as the path of a URI: everything but letters, digits and -._~/ as %XX. */
void wf_uri_path(struct wf_buf *out, const char *path);

#endif
