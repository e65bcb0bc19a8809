/* What is said by hand: from --app and its companions to an exchange. */
#include "harness/nearest.h"
#include "peers/common/byhand_parts.h"

#include <stdlib.h>
#include <string.h>

static int read_app(struct endpoint *endpoint, const struct parsed_options *options,
                    struct error *err)
{
    const char *name = option_value(options, "app");
    endpoint->exchange = EXCHANGE_ECHO;
    if (name == NULL)
        return 0;
    for (int i = EXCHANGE_PATTERN + 1; i < NUM_EXCHANGES; i++)
        if (strcmp(exchange_names[i], name) == 0) {
            endpoint->exchange = (enum exchange_kind)i;
            return 0;
        }
    const char *best = nearest_word(name, exchange_names + 1, NUM_EXCHANGES - 1);
    return best != NULL
               ? error_set(err, ERROR_USAGE, "--app: unknown '%s', did you mean '%s'?", name, best)
               : error_set(err, ERROR_USAGE, "--app: unknown '%s'", name);
}

/* "2,3,5": one byte each. */
static int read_numbers(struct conversation *out, const struct parsed_options *options,
                        struct error *err)
{
    const char *at = option_value(options, "numbers");
    size_t num = 0;
    for (const char *text = at; text != NULL; at++) {
        char *end;
        unsigned long number = strtoul(at, &end, 10);
        if (*at < '0' || *at > '9' || number > 255 || (*end != ',' && *end != '\0'))
            return error_set(err, ERROR_USAGE,
                             "--numbers: must be numbers from 0 to 255, as 2,3,5");
        if (num == sizeof out->numbers)
            return error_set(err, ERROR_USAGE, "--numbers: more than %zu", sizeof out->numbers);
        out->numbers[num++] = (uint8_t)number;
        at = end;
        if (*end == '\0')
            break;
    }
    if (num == 0)
        return 0;
    out->talk.say = out->numbers;
    out->talk.say_len = num;
    return 0;
}

/* Who says something of one's own choice in which exchange. */
static int check_companions(const struct endpoint *endpoint, const struct parsed_options *options,
                            struct error *err)
{
    static const unsigned texts[2] = {
        [ROLE_CLIENT] = 1u << EXCHANGE_ECHO | 1u << EXCHANGE_MESSAGE,
        [ROLE_SERVER] = 1u << EXCHANGE_BANNER | 1u << EXCHANGE_BANK,
    };
    const char *name = exchange_names[endpoint->exchange];
    bool product = endpoint->exchange == EXCHANGE_PRODUCT;
    if (option_given(options, "message") && (texts[endpoint->role] & 1u << endpoint->exchange) == 0)
        return error_set(err, ERROR_USAGE, "--message: with --app %s this end has no text to say",
                         name);
    if (endpoint->role == ROLE_CLIENT && option_given(options, "numbers") && !product)
        return error_set(err, ERROR_USAGE, "--numbers: with --app product only, not %s", name);
    if (endpoint->role == ROLE_SERVER && option_given(options, "request-len") && !product)
        return error_set(err, ERROR_USAGE, "--request-len: with --app product only, not %s", name);
    return 0;
}

int conversation_read(struct conversation *out, struct endpoint *endpoint,
                      const struct parsed_options *options, struct error *err)
{
    uint64_t request_len = 0;
    bool client = endpoint->role == ROLE_CLIENT;
    const char *message = option_value(options, "message");
    *out = (struct conversation){ .talk = { .by_hand = true } };
    if (read_app(endpoint, options, err) != 0 || check_companions(endpoint, options, err) != 0 ||
        (client && read_numbers(out, options, err) != 0) ||
        (!client &&
         option_number(&request_len, options, "request-len", 0, 1, PRODUCT_NUMBERS_MAX, err) != 0))
        return -1;
    out->talk.request_len = (size_t)request_len;
    if (message == NULL)
        return 0;
    out->talk.say = (const uint8_t *)message;
    out->talk.say_len = strlen(message);
    if (out->talk.say_len == 0 || out->talk.say_len > TALK_MAX)
        return error_set(err, ERROR_USAGE, "--message: must be 1 to %d bytes", TALK_MAX);
    return 0;
}

static int talk(struct run *run, void *context)
{
    struct conversation *conversation = context;
    run_describe_peer(run, &conversation->peer);
    conversation->connected = true;
    conversation->talk.heard[0] = '\0';
    return exchange_talk(run, &conversation->talk);
}

struct exchange conversation_exchange(struct conversation *conversation)
{
    conversation->connected = false;
    return (struct exchange){ .talk = talk, .context = conversation };
}
