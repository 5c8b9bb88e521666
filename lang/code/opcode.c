#include "lang/code/opcode.h"

const struct wf_op_info wf_op_table[WF_OP_COUNT_] = {
#define OP(name, text, operands) {text, operands},
#include "lang/code/opcode.def"
#undef OP
};

char wf_kind_of_type(unsigned type)
{
    switch (type) {
    case WF_T_BOOL: return 'B';
    case WF_T_INT:
    case WF_T_MONEY:
    case WF_T_TIME:
    case WF_T_CLOCK:
    case WF_T_DAYS:
    case WF_T_MONTHS:
    case WF_T_SECONDS: return 'I';
    case WF_T_NUMBER: return 'F';
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: return 'D';
    case WF_T_TEXT:
    case WF_T_SET: return 'T';
    default: return 0;
    }
}
