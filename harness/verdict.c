#include "harness/verdict.h"

#include "harness/names.h"

static const char *const verdict_names[NUM_VERDICTS] = {
    [VERDICT_PASS] = "pass",
    [VERDICT_FAIL] = "fail",
    [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_XFAIL] = "xfail",
    [VERDICT_XPASS] = "xpass",
    [VERDICT_UNSUPPORTED] = "unsupported",
    [VERDICT_TIMEOUT] = "timeout",
    [VERDICT_CRASH] = "crash",
    [VERDICT_HARNESS_ERROR] = "harness-error",
};

static const char *const kind_names[NUM_FAILURE_KINDS] = {
    [KIND_NONE] = "",
    [KIND_ACCEPTED_WHAT_MUST_BE_REFUSED] = "accepted-what-must-be-refused",
    [KIND_ENDS_DISAGREE] = "ends-disagree",
    [KIND_REFUSED_WHAT_MUST_BE_ACCEPTED] = "refused-what-must-be-accepted",
    [KIND_WRONG_NEGOTIATION] = "wrong-negotiation",
    [KIND_NO_ALERT] = "no-alert",
    [KIND_WRONG_ALERT] = "wrong-alert",
};

const char *verdict_name(enum verdict verdict)
{
    return verdict_names[verdict];
}

int verdict_by_name(const char *name)
{
    return name_find(verdict_names, NUM_VERDICTS, name);
}

const char *failure_kind_name(enum failure_kind kind)
{
    return kind_names[kind];
}

int failure_kind_by_name(const char *name)
{
    return name_find(kind_names, NUM_FAILURE_KINDS, name);
}
