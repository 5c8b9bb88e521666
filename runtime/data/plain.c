#include "runtime/data/plain.h"

wf_plain_reader *wf_plain_pick(bool scalar)
{
#ifdef __x86_64__
    if (!scalar && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return wf_plain_avx512;
#endif
    (void)scalar;
    return NULL;
}
