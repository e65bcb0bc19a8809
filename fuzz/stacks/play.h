/* Plays a script: a victim against its partner, over memory, to the end, with bounded work. */
#ifndef TLSMATRIX_FUZZ_STACKS_PLAY_H
#define TLSMATRIX_FUZZ_STACKS_PLAY_H

#include "fuzz/stacks/partner.h"
#include "fuzz/stacks/script.h"
#include "fuzz/stacks/victim.h"

/* How the victim ended, or where it was when the partner had said all, and then TCP ended. */
enum ending {
    ENDING_REFUSED,   /* of its own accord: see alert_sent */
    ENDING_TOLD,      /* by the partner's alert: see alert_received */
    ENDING_CLOSED,    /* by the partner's close_notify */
    ENDING_TRUNCATED, /* when TCP ended, having waited for more till then */
};

/* An end that neither wants more nor ends. */
enum stall {
    STALL_NONE,
    STALL_UNREAD,  /* asks for more, and leaves what is there */
    STALL_WRITE,   /* waits for writing, which is always possible */
    STALL_ENDLESS, /* goes on without an end, though nothing comes */
    STALL_DEAF,    /* asks for more behind the end of TCP */
};

/* The victim's facts: what the same script may be compared by over several stacks. Plain data. */
struct outcome {
    bool accepted; /* its handshake was done */
    bool waited;   /* when the partner had said all, it waited for more */
    enum ending ending;
    int alert_sent, alert_received;                   /* -1: none that ends a connection */
    uint16_t version, suite, group, signature_scheme; /* 0: unknown */
    bool resumed;                                     /* a session was taken up again */
    size_t num_in;                                    /* application bytes delivered */
    char error_text[TEXT_LEN]; /* the library's own words, not to be compared */

    enum stall stall;
    /* An invariant that did not hold, in a few words; NULL: all did. A stall is one. */
    const char *broken;

    /* Of the conversation as a whole: the same for the same script. */
    uint64_t hash_said, hash_heard; /* all bytes that the victim sent, and was sent */
    size_t num_said, num_heard;
    bool partner_accepted;
    bool spared; /* it was not told everything (partner_spare()): not to be compared */
    char partner_text[TEXT_LEN];
};

const char *ending_name(enum ending ending);
const char *stall_name(enum stall stall);

/* One line of facts, then one for each text that there is. */
void outcome_print(FILE *out, const struct outcome *outcome);

/* Are the facts the same, all that the first group of fields says but the text? */
bool outcome_agrees(const struct outcome *a, const struct outcome *b);

struct player;

/* Makes credentials in a folder beside the program, or below /tmp, if they are not there; takes
 * over libcrypto's randomness. What it makes for one configuration it keeps until the end. */
int player_new(struct player **out, struct error *err);
void player_free(struct player *player);

/* From now on GnuTLS is told what it hangs with (partner_spare()), too. */
void play_unsparing(void);

/* Plays. `victim->stack` is one that was used with this player only. `log` may be NULL; else the
 * caller owes partner_log_fini(). -1: the configuration cannot be made; the error says why. */
int play(struct player *player, struct outcome *out, const struct fuzz_stack *victim,
         const struct script *script, struct partner_log *log, struct error *err);

#endif
