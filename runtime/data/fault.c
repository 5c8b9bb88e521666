#include "runtime/data/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"

enum wf_status wf_fault_set(struct wf_fault *fault, enum wf_status status, const char *file,
                            uint64_t line, const char *format, ...)
{
    if (fault->status != WF_OK)
        return fault->status;
    size_t room = sizeof(fault->text), used = 0;
    int n = 0;
    if (file && line)
        n = snprintf(fault->text, room, "%s:%llu: ", file, (unsigned long long)line);
    else if (file)
        n = snprintf(fault->text, room, "%s: ", file);
    if (n > 0)
        used = (size_t)n < room ? (size_t)n : room - 1;
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text + used, room - used, wf_word(format), args);
    va_end(args);
    fault->text[wf_utf8_valid(fault->text, strlen(fault->text))] = '\0'; /* not half a character */
    fault->status = status;
    return status;
}
