/* The exchanges as a table: for each, what client and server say, and what they take. */
#include "peers/common/exchange.h"

#include "peers/common/bank.h"

#include <stdlib.h>
#include <string.h>

/* For people and terminals: bytes as text, control characters but the line feed made harmless. */
static void note_heard(struct talk *talk, const void *bytes, size_t len)
{
    len = len < TALK_MAX ? len : TALK_MAX;
    memcpy(talk->heard, bytes, len);
    talk->heard[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)talk->heard[i] < ' ' && talk->heard[i] != '\n') ||
            talk->heard[i] == 0x7F)
            talk->heard[i] = '?';
}

static const void *what_to_say(const struct talk *talk, const void *otherwise, size_t *len)
{
    if (talk->say == NULL)
        return otherwise;
    *len = talk->say_len;
    return talk->say;
}

/* Reads until the other end closes; the length, or -1. */
static long read_all(struct run *run, uint8_t *out, size_t max)
{
    size_t len = 0;
    for (;;) {
        uint8_t more;
        long num = len < max ? run_read_some(run, out + len, max - len)
                             : run_read_some(run, &more, sizeof more);
        if (num < 0)
            return -1;
        if (num == 0)
            return (long)len;
        if (len == max)
            return run_refuse(run, "the text is longer than anybody would say");
        len += (size_t)num;
    }
}

/* ---- pattern: a buffer of request_len bytes, answered inverted ---- */

static int ask_pattern(struct run *run, uint8_t *buffer, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer[i] = request_byte(i);
    if (run_write(run, buffer, len) != 0 || run_read(run, buffer, len) != 0)
        return -1;
    for (size_t i = 0; i < len; i++)
        if ((buffer[i] ^ request_byte(i)) != 0xFF)
            return run_refuse(run, "the answer is not the inverted request");
    return 0;
}

static int answer_pattern(struct run *run, uint8_t *buffer, size_t len)
{
    if (run_read(run, buffer, len) != 0)
        return -1;
    for (size_t i = 0; i < len; i++)
        buffer[i] ^= 0xFF;
    return run_write(run, buffer, len);
}

static int pattern(struct run *run, int (*side)(struct run *, uint8_t *, size_t))
{
    size_t len = run_endpoint(run)->request_len;
    if (len == 0)
        return 0;
    uint8_t *buffer = malloc(len);
    if (buffer == NULL)
        return run_decline(run, "out of memory");
    int status = side(run, buffer, len);
    free(buffer);
    return status;
}

static int pattern_client(struct run *run, struct talk *talk)
{
    (void)talk;
    return pattern(run, ask_pattern);
}

static int pattern_server(struct run *run, struct talk *talk)
{
    (void)talk;
    return pattern(run, answer_pattern);
}

/* ---- echo ---- */

static int echo_client(struct run *run, struct talk *talk)
{
    static uint8_t answer[TALK_MAX];
    size_t len = sizeof EXCHANGE_BANNER_TEXT - 1;
    const void *text = what_to_say(talk, EXCHANGE_BANNER_TEXT, &len);
    if (len > sizeof answer)
        return run_decline(run, "the text is longer than anybody would say");
    if (run_write(run, text, len) != 0 || run_read(run, answer, len) != 0)
        return -1;
    note_heard(talk, answer, len);
    return memcmp(answer, text, len) == 0 ? 0 : run_refuse(run, "another text comes back");
}

static int echo_once(struct run *run)
{
    char text[sizeof EXCHANGE_BANNER_TEXT - 1];
    return run_read(run, text, sizeof text) == 0 ? run_write(run, text, sizeof text) : -1;
}

/* By hand until the client closes: that is how it says that it has heard enough. */
static int echo_server(struct run *run, struct talk *talk)
{
    char buffer[4096];
    if (!talk->by_hand)
        return echo_once(run);
    for (;;) {
        long len = run_read_some(run, buffer, sizeof buffer);
        if (len <= 0)
            return (int)len;
        note_heard(talk, buffer, (size_t)len);
        if (run_write(run, buffer, (size_t)len) != 0)
            return -1;
    }
}

/* ---- product: bytes to the server, their product in 4 bytes back ---- */

static const uint8_t primes[] = { 2, 3, 5, 7, 11, 13, 17, 19, 23 };

/* False if it does not fit 32 bits; a zero makes everything before and behind it fit. */
static bool multiply(uint32_t *out, const uint8_t *numbers, size_t len)
{
    uint64_t product = 1;
    if (memchr(numbers, 0, len) != NULL) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        product *= numbers[i];
        if (product > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)product;
    return true;
}

static int product_client(struct run *run, struct talk *talk)
{
    uint8_t answer[4];
    uint32_t product, mine;
    size_t len = sizeof primes;
    const uint8_t *numbers = what_to_say(talk, primes, &len);
    if (run_write(run, numbers, len) != 0 || run_read(run, answer, sizeof answer) != 0)
        return -1;
    product = (uint32_t)answer[0] << 24 | (uint32_t)answer[1] << 16 | (uint32_t)answer[2] << 8 |
              answer[3];
    snprintf(talk->heard, sizeof talk->heard, "%lu", (unsigned long)product);
    if (!multiply(&mine, numbers, len) || mine != product)
        return run_refuse(run, "the answer is not the product");
    return 0;
}

/* A request has a length that both know; where nobody said one, it is what comes first, as in a
 * server that reads once. */
static long read_numbers(struct run *run, uint8_t *numbers, size_t agreed_len)
{
    if (agreed_len > 0)
        return run_read(run, numbers, agreed_len) == 0 ? (long)agreed_len : -1;
    long len = run_read_some(run, numbers, PRODUCT_NUMBERS_MAX + 1);
    if (len == 0)
        return run_refuse(run, "the other end closed before it asked for a product");
    return len > PRODUCT_NUMBERS_MAX ? run_refuse(run, "more than 1024 numbers in one request")
                                     : len;
}

static int product_server(struct run *run, struct talk *talk)
{
    uint8_t numbers[PRODUCT_NUMBERS_MAX + 1], answer[4];
    uint32_t product;
    long len = read_numbers(run, numbers, talk->by_hand ? talk->request_len : sizeof primes);
    if (len < 0)
        return -1;
    if (!multiply(&product, numbers, (size_t)len))
        return run_refuse(run, "the product does not fit 4 bytes");
    snprintf(talk->heard, sizeof talk->heard, "%ld numbers, product %lu", len,
             (unsigned long)product);
    for (int i = 0; i < 4; i++)
        answer[i] = (uint8_t)(product >> 8 * (3 - i));
    return run_write(run, answer, sizeof answer);
}

/* ---- get: one line, one page ---- */

static const char get_line[] = "GET /index.html HTTP/1.1\n";
static const char page[] = "HTTP/1.0 200 OK\n"
                           "Content-type: text/html\n"
                           "<html>\n"
                           "<title>Two who know each other</title>\n"
                           "<p>Who reads this has shown a certificate, and seen one.\n"
                           "</html>\n";

static int get_client(struct run *run, struct talk *talk)
{
    char answer[sizeof page - 1];
    size_t len = sizeof get_line - 1;
    const void *line = what_to_say(talk, get_line, &len);
    if (run_write(run, line, len) != 0 || run_read(run, answer, sizeof answer) != 0)
        return -1;
    note_heard(talk, answer, sizeof answer);
    return memcmp(answer, page, sizeof answer) == 0 ? 0 : run_refuse(run, "another page came");
}

static int get_server(struct run *run, struct talk *talk)
{
    char line[sizeof get_line - 1];
    if (run_read(run, line, sizeof line) != 0)
        return -1;
    note_heard(talk, line, sizeof line);
    if (memcmp(line, get_line, sizeof line) != 0)
        return run_refuse(run, "the request is not 'GET /index.html HTTP/1.1' and a line feed");
    return run_write(run, page, sizeof page - 1);
}

/* ---- bank: a number, a record ---- */

static long read_record(struct run *run, uint8_t record[BANK_RECORD_MAX])
{
    size_t len = 0, whole = 0;
    do {
        long num = run_read_some(run, record + len, whole > len ? whole - len : 1);
        if (num < 0)
            return -1;
        if (num == 0)
            return run_refuse(run, "the other end closed within the record");
        len += (size_t)num;
        whole = bank_record_len(record, len);
        if (whole == SIZE_MAX)
            return run_refuse(run, "what came is no record");
    } while (whole == 0 || len < whole);
    return (long)len;
}

static int bank_client(struct run *run, struct talk *talk)
{
    uint8_t record[BANK_RECORD_MAX];
    const uint8_t number[4] = { (uint8_t)(BANK_CUSTOMER >> 24), (uint8_t)(BANK_CUSTOMER >> 16),
                                (uint8_t)(BANK_CUSTOMER >> 8), (uint8_t)BANK_CUSTOMER };
    struct bank_customer customer;
    struct error err = { 0 };
    if (run_write(run, number, sizeof number) != 0)
        return -1;
    long len = read_record(run, record);
    if (len < 0)
        return -1;
    if (bank_decode(&customer, record, (size_t)len, &err) < 0)
        return run_refuse(run, err.text);
    if (customer.id != BANK_CUSTOMER)
        return run_refuse(run, "the record is another customer's");
    bank_print(talk->heard, sizeof talk->heard, &customer);
    return 0;
}

static int bank_server(struct run *run, struct talk *talk)
{
    uint8_t number[4], record[BANK_RECORD_MAX];
    char name[BANK_TEXT_MAX + 1];
    struct bank_customer customer;
    if (run_read(run, number, sizeof number) != 0)
        return -1;
    uint32_t id = (uint32_t)number[0] << 24 | (uint32_t)number[1] << 16 | (uint32_t)number[2] << 8 |
                  number[3];
    snprintf(talk->heard, sizeof talk->heard, "customer %lu", (unsigned long)id);
    if (id != BANK_CUSTOMER)
        return run_refuse(run, "no such customer");
    snprintf(name, sizeof name, "%.*s",
             (int)(talk->say_len < BANK_TEXT_MAX ? talk->say_len : BANK_TEXT_MAX),
             talk->say != NULL ? (const char *)talk->say : "");
    bank_customer_init(&customer, (int32_t)id, talk->say != NULL ? name : NULL);
    return run_write(run, record, bank_encode(record, &customer));
}

/* ---- banner: the server speaks first, and closes; by hand of any length ---- */

static int banner_client(struct run *run, struct talk *talk)
{
    static uint8_t text[TALK_MAX];
    size_t len = sizeof EXCHANGE_BANNER_TEXT - 1;
    long num = talk->by_hand                   ? run_read_some(run, text, sizeof text)
               : run_read(run, text, len) == 0 ? (long)len
                                               : -1;
    if (num == 0)
        return run_refuse(run, "the other end closed without a word");
    if (num < 0)
        return -1;
    note_heard(talk, text, (size_t)num);
    if (!talk->by_hand && memcmp(text, EXCHANGE_BANNER_TEXT, len) != 0)
        return run_refuse(run, "another text came");
    return 0;
}

static int banner_server(struct run *run, struct talk *talk)
{
    size_t len = sizeof EXCHANGE_BANNER_TEXT - 1;
    const void *text = what_to_say(talk, EXCHANGE_BANNER_TEXT, &len);
    return run_write(run, text, len);
}

/* ---- message: the client speaks, and closes ---- */

static int message_client(struct run *run, struct talk *talk)
{
    size_t len = sizeof EXCHANGE_MESSAGE_TEXT - 1;
    const void *text = what_to_say(talk, EXCHANGE_MESSAGE_TEXT, &len);
    return run_write(run, text, len);
}

static int message_server(struct run *run, struct talk *talk)
{
    static uint8_t text[TALK_MAX];
    long len = read_all(run, text, sizeof text);
    if (len < 0)
        return -1;
    note_heard(talk, text, (size_t)len);
    if (!talk->by_hand && ((size_t)len != sizeof EXCHANGE_MESSAGE_TEXT - 1 ||
                           memcmp(text, EXCHANGE_MESSAGE_TEXT, (size_t)len) != 0))
        return run_refuse(run, "another text came");
    return 0;
}

/* ---- the table ---- */

static const struct {
    int (*talk[2])(struct run *run, struct talk *talk); /* [enum role] */
} sides[NUM_EXCHANGES] = {
    [EXCHANGE_PATTERN] = { { pattern_client, pattern_server } },
    [EXCHANGE_ECHO] = { { echo_client, echo_server } },
    [EXCHANGE_PRODUCT] = { { product_client, product_server } },
    [EXCHANGE_GET] = { { get_client, get_server } },
    [EXCHANGE_BANK] = { { bank_client, bank_server } },
    [EXCHANGE_BANNER] = { { banner_client, banner_server } },
    [EXCHANGE_MESSAGE] = { { message_client, message_server } },
};

_Static_assert(sizeof EXCHANGE_MESSAGE_TEXT - 1 == 65, "the table says so");
_Static_assert(sizeof page - 1 == 151 && sizeof get_line - 1 == 25, "the table says so");

int exchange_talk(struct run *run, void *context)
{
    static struct talk of_a_case;
    const struct endpoint *endpoint = run_endpoint(run);
    struct talk *talk = context;
    if (talk == NULL) {
        of_a_case = (struct talk){ 0 };
        talk = &of_a_case;
    }
    return sides[endpoint->exchange].talk[endpoint->role](run, talk);
}

const struct exchange exchange_case = { .talk = exchange_talk };

int peer_capabilities(const struct tls_stack *stack, struct capabilities *out, struct error *err)
{
    if (stack->capabilities(out, err) != 0)
        return -1;
    for (size_t i = 0; i < NUM_TLS_VERSIONS; i++)
        out->features[FEATURE_EXCHANGES] = out->features[FEATURE_EXCHANGES] || out->versions[i];
    return 0;
}
