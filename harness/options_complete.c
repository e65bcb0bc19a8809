/* Completion: one engine for all shells. Their scripts hand over the words that have been typed,
 * and show what comes back. */
#include "harness/options_parts.h"

#include <string.h>

struct completion {
    FILE *out;
    const struct program *program;
    const char *word;
    const char *prefix; /* "--select=" where the option's argument is typed behind it, else "" */
    size_t prefix_len;
};

static void print_candidate(struct completion *c, const char *kept, size_t kept_len,
                            const char *candidate, const char *help)
{
    size_t help_len = help != NULL ? strcspn(help, "\n") : 0;
    fprintf(c->out, "%.*s%.*s%s%s%.*s\n", (int)c->prefix_len, c->prefix, (int)kept_len, kept,
            candidate, help_len > 0 ? "\t" : "", (int)help_len, help_len > 0 ? help : "");
}

void completion_offer(struct completion *c, const char *candidate, const char *help)
{
    completion_offer_part(c, 0, candidate, help);
}

void completion_offer_part(struct completion *c, size_t kept_len, const char *part,
                           const char *help)
{
    const char *typed = c->word + kept_len;
    if (strncmp(part, typed, strlen(typed)) == 0)
        print_candidate(c, c->word, kept_len, part, help);
}

void completion_offer_files(struct completion *c)
{
    fputs(":files\n", c->out);
}

void completion_offer_folders(struct completion *c)
{
    fputs(":folders\n", c->out);
}

const char *completion_word(const struct completion *c)
{
    return c->word;
}

static void offer_words(struct completion *c, const char *words, size_t words_len)
{
    char word[64];
    for (const char *end = words + words_len; words < end;) {
        size_t len = strcspn(words, " ");
        len = len < (size_t)(end - words) ? len : (size_t)(end - words);
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        completion_offer(c, word, NULL);
        words += len + (words + len < end);
    }
}

static void offer_choice(void *context, const struct value_choice *choice)
{
    struct completion *c = context;
    if (choice->literal)
        offer_words(c, choice->word, choice->word_len);
    else if (choice->kind != NULL && choice->kind->words != NULL)
        offer_words(c, choice->kind->words, strlen(choice->kind->words));
    else if (choice->kind != NULL && choice->kind->offer != NULL)
        choice->kind->offer(c);
}

/* The word for operand number `index` (from 0) of a text like "OUT IN…"; len 0: there is none. */
static const char *operand_text(size_t *len, const char *operands, size_t index)
{
    const char *text = operands;
    *len = strcspn(text, " ");
    for (size_t i = 0; i<index && * len> 0; i++) {
        static const char dots[] = "…";
        const char *next = text + *len + strspn(text + *len, " ");
        const char *repeats = strstr(text, dots);
        if (*next == '\0' && (repeats == NULL || repeats > text + *len))
            *len = 0;
        else if (*next != '\0')
            text = next;
        *len = *len == 0 ? 0 : strcspn(text, " ");
    }
    return text;
}

static void offer_commands(struct completion *c)
{
    for (const struct command_row *row = c->program->commands; row->name != NULL; row++)
        completion_offer(c, row->name, row->help);
}

static void offer_options(struct completion *c, uint32_t bit)
{
    char dashed[OPTION_TEXT_LEN];
    for (const struct option_row *row = c->program->options; row->name != NULL; row++) {
        if (!(row->commands & bit))
            continue;
        snprintf(dashed, sizeof dashed, "--%s", row->name);
        completion_offer(c, dashed, row->help);
    }
    completion_offer(c, "--help", "Show what the command takes.");
}

/* The option of the command that `word` is, "--select" or "-s", with nothing behind it. */
static const struct option_row *option_in(const struct program *program, uint32_t bit,
                                          const char *word)
{
    if (strncmp(word, "--", 2) == 0)
        return option_of(program, bit, word + 2, strlen(word + 2));
    return word[0] == '-' && word[1] != '\0' && word[2] == '\0'
               ? option_of_letter(program, bit, word[1])
               : NULL;
}

static void offer_argument(struct completion *c, const struct option_row *row)
{
    each_choice(c->program, row->argument, strlen(row->argument), offer_choice, c);
}

/* What the words before the last mean for it. */
struct place {
    const struct option_row *waiting;  /* its argument is the word */
    const struct option_row *operands; /* a switch was given that says what operands are, or NULL */
    size_t num_operands;               /* that stand already */
    bool only_operands;                /* "--" was given */
};

static struct place find_place(const struct program *program, uint32_t bit,
                               const char *const words[], size_t num_words)
{
    struct place place = { 0 };
    for (size_t i = 0; i < num_words; i++) {
        const struct option_row *row =
            place.only_operands ? NULL : option_in(program, bit, words[i]);
        if (place.waiting != NULL) {
            place.waiting = NULL;
        } else if (row != NULL && row->argument != NULL) {
            place.waiting = row;
        } else if (row != NULL) {
            place.operands = row->operand != NULL ? row : place.operands;
        } else if (!place.only_operands && strcmp(words[i], "--") == 0) {
            place.only_operands = true;
        } else if (place.only_operands || words[i][0] != '-') {
            place.num_operands++;
        }
    }
    return place;
}

static void complete_operand(struct completion *c, const struct command_row *command,
                             const struct place *place)
{
    size_t len;
    const char *all = place->operands != NULL ? place->operands->operand : command->operands;
    const char *text = operand_text(&len, all, place->num_operands);
    if (len > 0)
        each_choice(c->program, text, len, offer_choice, c);
}

static void complete_for_command(struct completion *c, const struct command_row *command,
                                 const char *const before[], size_t num_before)
{
    uint32_t bit = command_bit(c->program, command);
    struct place place = find_place(c->program, bit, before, num_before);
    const char *equals = strchr(c->word, '=');
    if (place.waiting != NULL) {
        offer_argument(c, place.waiting);
    } else if (c->word[0] == '-' && !place.only_operands && equals != NULL) {
        const struct option_row *row =
            option_of(c->program, bit, c->word + 2, (size_t)(equals - c->word) - 2);
        c->prefix = c->word;
        c->prefix_len = (size_t)(equals + 1 - c->word);
        c->word = equals + 1;
        if (row != NULL && row->argument != NULL)
            offer_argument(c, row);
    } else if (c->word[0] == '-' && !place.only_operands) {
        offer_options(c, bit);
    } else {
        complete_operand(c, command, &place);
    }
}

void print_candidates(FILE *out, const struct program *program, const char *const words[],
                      size_t num_words)
{
    struct completion c = { .out = out, .program = program, .prefix = "" };
    if (num_words == 0)
        return;
    c.word = words[num_words - 1];
    const struct command_row *command = command_of(program, words[0]);
    if (num_words == 1) {
        offer_commands(&c);
        completion_offer(&c, "help", "Show what a command takes.");
        offer_words(&c, "--help --version", strlen("--help --version"));
    } else if (strcmp(words[0], "help") == 0 && num_words == 2) {
        offer_commands(&c);
    } else if (command != NULL) {
        complete_for_command(&c, command, words + 1, num_words - 2);
    }
}
