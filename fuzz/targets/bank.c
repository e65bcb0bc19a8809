/* The pickled record of peers/common/bank.h. Input: the record. */
#include "peers/common/bank.h"
#include "fuzz/common/fuzz.h"

#include <string.h>

static void run(const uint8_t *data, size_t len)
{
    struct bank_customer customer, again;
    struct error err = { .class = ERROR_NONE };
    uint8_t bytes[BANK_RECORD_MAX];
    char text[4096];
    size_t announced = bank_record_len(data, len);
    FUZZ_ASSERT(announced <= BANK_RECORD_MAX || announced == SIZE_MAX);
    memset(&customer, 0, sizeof customer);
    memset(&again, 0, sizeof again);
    if (bank_decode(&customer, data, len, &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && err.text[0] != '\0');
        return;
    }
    FUZZ_ASSERT(announced == len);
    size_t written = bank_encode(bytes, &customer);
    FUZZ_ASSERT(written <= sizeof bytes);
    FUZZ_ASSERT(bank_decode(&again, bytes, written, NULL) == 0);
    FUZZ_ASSERT(strcmp(customer.name, again.name) == 0 && customer.id == again.id);
    FUZZ_ASSERT(strcmp(customer.email, again.email) == 0 && customer.account == again.account);
    FUZZ_ASSERT(strcmp(customer.street, again.street) == 0);
    FUZZ_ASSERT(strcmp(customer.district, again.district) == 0);
    FUZZ_ASSERT(strcmp(customer.town, again.town) == 0);
    FUZZ_ASSERT(strcmp(customer.postcode, again.postcode) == 0);
    FUZZ_ASSERT(customer.sort_code == again.sort_code);
    bank_print(text, sizeof text, &customer);
    for (const char *c = text; *c != '\0'; c++) /* nothing that steers a terminal */
        FUZZ_ASSERT(*c == '\n' || ((unsigned char)*c >= ' ' && *c != 0x7F));
}

const struct fuzz_target fuzz_target = {
    .name = "bank",
    .run = run,
    .memory_base = 16 << 10,
    .memory_per_byte = 1,
    .time_base_us = 20000,
    .time_per_byte_us = 5,
};
