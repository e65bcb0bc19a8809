#include "fuzz/common/stack_lists.h"

#include "fuzz/common/fuzz.h"

const struct stack_set *stack_lists(void)
{
    static const char *const files[] = {
        SOURCE_DIR "/peers/openssl/expected/3.0.json",
        SOURCE_DIR "/peers/boringssl/expected/api17.json",
        SOURCE_DIR "/peers/gnutls/expected/3.7.json",
    };
    static struct stack_set set;
    for (size_t i = set.num_stacks; i < sizeof files / sizeof files[0]; i++) {
        json_t *json = json_load_file(files[i], 0, NULL);
        FUZZ_ASSERT(json != NULL);
        FUZZ_ASSERT(capabilities_from_json(&set.stacks[set.num_stacks++], json, NULL) == 0);
        json_decref(json);
    }
    return &set;
}
