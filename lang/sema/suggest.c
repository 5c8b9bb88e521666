#include "lang/sema/suggest.h"

#include <string.h>

static size_t length(const struct wf_str *name)
{
    size_t n = 0;
    for (size_t i = 0; i < name->len; i++)
        n += ((unsigned char)name->text[i] & 0xc0) != 0x80;
    return n;
}

void wf_suggest_init(struct wf_suggest *suggest, const struct wf_str *wanted)
{
    size_t most = length(wanted) / 3;
    *suggest = (struct wf_suggest){.wanted = wanted, .distance = (most ? most : 1) + 1};
}

void wf_suggest_offer(struct wf_suggest *suggest, const struct wf_str *name)
{
    if (name == suggest->wanted)
        return;
    size_t d = wf_edit_distance(suggest->wanted->text, suggest->wanted->len, name->text, name->len,
                                suggest->distance);
    /* a name of one letter is near every other one: that helps nobody */
    if (d >= length(suggest->wanted) || d > suggest->distance)
        return;
    if (d < suggest->distance || (suggest->best && strcmp(name->text, suggest->best->text) < 0)) {
        suggest->distance = d;
        suggest->best = name;
    }
}
