/* Checks of cases with a raw hello: what came back over the wire, and whether the stack under test
 * says the same of itself. */
#include "matrix/judge_checks.h"

#include "harness/wire/registry.h"

#include <stdio.h>
#include <string.h>

static const struct hello_expectation *expected(const struct trial *t)
{
    return &t->e->hello->expect;
}

static const struct raw_facts *seen(const struct trial *t)
{
    return &t->evidence->raw;
}

/* Is this the role of the stack under test? Every check is about that one. */
static bool is_tested(const struct trial *t, enum role role)
{
    return t->e->hello->to == role;
}

static const struct facts *own_facts(const struct trial *t)
{
    return facts_of(t, t->e->hello->to);
}

static unsigned last_send(const struct trial *t)
{
    return (unsigned)t->e->hello->num_sends - 1;
}

/* The alert that was sent under protection: by the record that the wire's keys open, else by the
 * word of who sent it; -1: none, or nobody knows. */
static int sealed_alert(const struct trial *t)
{
    enum role role = t->e->hello->to;
    if (seen(t)->num_sealed == 0 && !seen(t)->sealed_alert)
        return -1;
    if (wire_is_read(t, role))
        return wire_alert_of(t, role);
    return own_facts(t)->alert_sent > 0 ? own_facts(t)->alert_sent : -1;
}

/* The raw end takes a record under protection for an alert by its length, which is no more than a
 * guess: padding (RFC 8446 section 5.4) makes an alert longer, fragmentation something else as
 * short. Where it was the end of the connection, who knows better decides. */
static enum answer answer_to(const struct trial *t, unsigned send)
{
    enum answer answer = seen(t)->answers[send];
    bool guessed = answer == ANSWER_ALERT && seen(t)->alert < 0;
    bool was_end = send + 1 >= seen(t)->num_sent;
    if (!was_end || (!guessed && answer != ANSWER_NONE && answer != ANSWER_CUT))
        return answer;
    if (sealed_alert(t) >= 0)
        return ANSWER_ALERT;
    if (guessed && wire_is_read(t, t->e->hello->to))
        return seen(t)->version != 0 && send == 0 ? ANSWER_CUT : ANSWER_NONE;
    return answer;
}

static enum answer last_answer(const struct trial *t)
{
    return answer_to(t, last_send(t));
}

static bool is_allowed(const struct trial *t, enum answer answer)
{
    return (expected(t)->answers & ANSWER_BIT(answer)) != 0;
}

/* The alert that came; -1: nobody knows. */
static int alert_number(const struct trial *t)
{
    return seen(t)->alert >= 0 ? seen(t)->alert : sealed_alert(t);
}

static bool fault(char reason[TEXT_LEN], const struct trial *t, const char *what)
{
    char wanted[TEXT_LEN];
    hello_expected_text(wanted, t->e->hello);
    return say(reason, "%s: %s (%.120s); expected: %.300s", role_name(t->e->hello->to), what,
               own_facts(t)->error_text, wanted);
}

bool hello_finished(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *f = facts_of(t, role);
    if (!is_tested(t, role) || t->evidence->outcome[role] != PEER_ANSWERED ||
        !(f->result == RESULT_ACCEPTED || f->handshake_done || f->bytes_in + f->bytes_out > 0))
        return false;
    return fault(reason, t, "says that it completed a handshake that nobody could complete");
}

/* Did what follows the hello lead to the alert, as with the sound twin? Then the hello was taken.
 */
static bool is_taken_as_twin(const struct trial *t)
{
    const struct hello_expectation *twin = &hello_at(t->e->hello->twin)->expect;
    if (!twin->healthy || last_answer(t) != ANSWER_ALERT)
        return false;
    for (size_t i = 0; i < expected(t)->num_alerts; i++)
        if (expected(t)->alerts[i] == alert_number(t))
            return false;
    for (size_t i = 0; i < twin->num_alerts; i++)
        if (twin->alerts[i] == alert_number(t))
            return true;
    return false;
}

bool hello_taken(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum answer answer = last_answer(t);
    bool taken = answer == ANSWER_SERVER_HELLO || answer == ANSWER_RETRY ||
                 answer == ANSWER_CLIENT_HELLO || answer == ANSWER_CLIENT_FLIGHT;
    char what[NAME_MAX_LEN * 2];
    if (!is_tested(t, role) || !hello_is_faulty(t->e->hello) ||
        !(taken ? !is_allowed(t, answer) : is_taken_as_twin(t)))
        return false;
    if (taken)
        snprintf(what, sizeof what, "answered with %s", answer_name(answer));
    else
        snprintf(what, sizeof what, "took the hello, and sent %s for what follows it",
                 alert_text(alert_number(t)));
    return fault(reason, t, what);
}

/* Nothing was tried, because the stack under test did not let it come to that, or ended before. */
bool hello_not_sent(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!is_tested(t, role) || seen(t)->num_sent > 0)
        return false;
    return say(reason, "the raw end could not send its first bytes, so nothing was tried");
}

bool hello_alert_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    int own = own_facts(t)->alert_sent, came = alert_number(t);
    char on_wire[NAME_MAX_LEN];
    /* A reset may have eaten it on its way to the raw end. */
    bool read_all = seen(t)->close == CLOSE_TRUNCATED || wire_is_read(t, role);
    if (!is_tested(t, role) || own <= 0 || own == came || (came < 0 && !read_all))
        return false;
    snprintf(on_wire, sizeof on_wire, "%s", came < 0 ? "none" : alert_text(came));
    return say(reason, "%s: says that it sent %s; expected: %s, as was seen on the wire",
               role_name(role), alert_text(own), on_wire);
}

bool hello_facts_differ(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct facts *own = own_facts(t);
    const struct raw_facts *wire = seen(t);
    bool version = own->version != 0 && wire->version != 0 && own->version != wire->version;
    bool suite = own->suite != 0 && wire->suite != 0 && own->suite != wire->suite;
    if (!is_tested(t, role) || t->e->hello->to != ROLE_SERVER || (!version && !suite))
        return false;
    return say(reason,
               "server: says version 0x%04x and suite 0x%04x; expected: 0x%04x and 0x%04x, as in "
               "its ServerHello",
               own->version, own->suite, wire->version, wire->suite);
}

bool hello_first_answer(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    unsigned first = expected(t)->first;
    char what[NAME_MAX_LEN * 2];
    if (!is_tested(t, role) || first == 0 || (first & ANSWER_BIT(answer_to(t, 0))) != 0)
        return false;
    snprintf(what, sizeof what, "answered the first message with %s", answer_name(answer_to(t, 0)));
    return fault(reason, t, what);
}

bool hello_refused(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum answer answer = last_answer(t);
    char what[NAME_MAX_LEN * 3];
    bool may_refuse = is_allowed(t, ANSWER_ALERT) || is_allowed(t, ANSWER_NONE);
    if (!is_tested(t, role) || is_allowed(t, answer) || may_refuse ||
        (answer != ANSWER_ALERT && answer != ANSWER_NONE && answer != ANSWER_CUT))
        return false;
    if (answer == ANSWER_ALERT)
        snprintf(what, sizeof what, "refused with %s", alert_text(alert_number(t)));
    else
        snprintf(what, sizeof what, "%s",
                 answer == ANSWER_CUT ? "ended its flight in the middle" : "closed without a word");
    return fault(reason, t, what);
}

static bool hello_came(const struct trial *t)
{
    enum answer answer = last_answer(t);
    return answer == ANSWER_SERVER_HELLO || answer == ANSWER_RETRY;
}

bool hello_other_answer(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum answer answer = last_answer(t);
    char what[NAME_MAX_LEN * 2];
    if (!is_tested(t, role) || is_allowed(t, answer) || answer == ANSWER_NONE ||
        answer == ANSWER_ALERT)
        return false;
    snprintf(what, sizeof what, "answered with %s", answer_name(answer));
    return fault(reason, t, what);
}

bool hello_negotiation(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct hello_expectation *e = expected(t);
    const struct raw_facts *f = seen(t);
    char what[NAME_MAX_LEN * 2];
    bool version = e->version == 0 || e->version == f->version;
    bool suite = e->num_suites == 0 || id_listed(e->suites, e->num_suites, f->suite);
    bool group = e->group == 0 || e->group == f->group;
    if (!is_tested(t, role) || !hello_came(t) || (version && suite && group))
        return false;
    snprintf(what, sizeof what, "chose version 0x%04x, suite 0x%04x, group 0x%04x", f->version,
             f->suite, f->group);
    return fault(reason, t, what);
}

/* RFC 8446 section 4.1.3: "DOWNGRD" and 1 for TLS 1.2, 0 for what is older. */
bool hello_no_sentinel(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    uint8_t wanted[8] = "DOWNGRD";
    uint16_t downgrade = expected(t)->downgrade;
    wanted[7] = downgrade == TLS12;
    if (!is_tested(t, role) || downgrade == 0 || last_answer(t) != ANSWER_SERVER_HELLO ||
        memcmp(seen(t)->random_end, wanted, sizeof wanted) == 0)
        return false;
    return fault(reason, t, "set no downgrade sentinel in its random");
}

bool hello_no_alert(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    if (!is_tested(t, role) || last_answer(t) != ANSWER_NONE || is_allowed(t, ANSWER_NONE))
        return false;
    return fault(reason, t, "closed without an alert");
}

bool hello_wrong_alert(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct hello_expectation *e = expected(t);
    char what[NAME_MAX_LEN * 2];
    if (!is_tested(t, role) || last_answer(t) != ANSWER_ALERT || e->answers == ANSWERS_ANY)
        return false;
    for (size_t i = 0; is_allowed(t, ANSWER_ALERT) && i < e->num_alerts; i++)
        if (e->alerts[i] == alert_number(t))
            return false;
    snprintf(what, sizeof what, "refused with %s",
             alert_number(t) < 0 ? "an alert that nobody could read" : alert_text(alert_number(t)));
    return fault(reason, t, what);
}
