/*
 * Any bytes as what an editor sends, and as a document: the language server answers and lives.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/tools/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    talk_anything(bytes, len);
    return 0;
}
