#include "tests/tools/mend.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t mend_number(const unsigned char *bytes, unsigned n)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

void mend_checksums(unsigned char *file, size_t len)
{
    uint64_t sections = len < MEND_HEADER ? 0 : mend_number(file + 8, 4);
    for (uint64_t i = 0; i < sections && MEND_HEADER + (i + 1) * MEND_ENTRY <= len; i++) {
        unsigned char *entry = file + MEND_HEADER + i * MEND_ENTRY;
        uint64_t offset = mend_number(entry + 8, 8), size = mend_number(entry + 16, 8);
        if (offset > len || size > len - offset)
            continue;
        uint64_t sum = XXH3_64bits(file + offset, (size_t)size);
        for (unsigned k = 0; k < 8; k++)
            entry[24 + k] = (unsigned char)(sum >> 8 * k);
    }
}
