#include "runtime/data/json_text.h"

enum wf_status wf_json_text(const json_t *value, size_t flags, struct wf_buf *out)
{
    size_t size = json_dumpb(value, NULL, 0, flags);
    if (size == 0 || wf_buf_reserve(out, size) != 0)
        return WF_ERR_NOMEM;
    if (json_dumpb(value, out->data + out->len, size, flags) != size)
        return WF_ERR_NOMEM;
    out->len += size;
    out->data[out->len] = 0;
    return WF_OK;
}

enum wf_status wf_json_read(const char *text, size_t len, json_t **value_out)
{
    json_t *first = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *second = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    bool same = first ? json_equal(first, second) : !second;
    json_decref(second);
    *value_out = same ? first : NULL;
    if (same)
        return WF_OK;
    json_decref(first);
    return WF_ERR_NOMEM;
}

void wf_json_put(json_t *object, const char *key, json_t *value, bool *bad)
{
    if (json_object_set_new(object, key, value) != 0)
        *bad = true;
}

void wf_json_append(json_t *array, json_t *value, bool *bad)
{
    if (json_array_append_new(array, value) != 0)
        *bad = true;
}
