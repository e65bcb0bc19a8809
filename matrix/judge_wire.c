/* Checks against the third opinion: what somebody at the wire saw. An end's own words are compared
 * with the connection at that end (with the relay in the path there are two), as far as it was
 * recorded whole and could be read. */
#include "matrix/judge_checks.h"

#include <stdio.h>
#include <string.h>

/* The connection at this end; NULL: not recorded, or not whole. */
static const struct wire_facts *seen_at(const struct trial *t, enum role role)
{
    const struct wire_view *view = t->evidence->wire[role];
    return view != NULL && view->facts.complete && t->evidence->outcome[role] == PEER_ANSWERED
               ? &view->facts
               : NULL;
}

/* What `sender` sent, where every record of it could be read; NULL: no opinion. */
static const struct wire_end *read_of(const struct trial *t, enum role at, enum role sender)
{
    const struct wire_facts *seen = seen_at(t, at);
    if (seen == NULL || seen->end[sender].num_opaque > 0 || seen->end[sender].num_hurt > 0 ||
        seen->end[sender].framing_lost)
        return NULL;
    return &seen->end[sender];
}

bool wire_is_read(const struct trial *t, enum role role)
{
    return read_of(t, role, role) != NULL;
}

int wire_alert_of(const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, role);
    return sent == NULL || sent->alert.place.packet == 0 ? -1 : sent->alert.description;
}

/* What this end was seen to do, at its own end of the path; NULL: not recorded. */
static const struct wire_habits *habits_of(const struct trial *t, enum role role)
{
    const struct wire_view *view = t->evidence->wire[role];
    return view == NULL || t->evidence->outcome[role] != PEER_ANSWERED ? NULL : &view->sent[role];
}

/* By what crossed: an end that hides its data does not name a NULL suite either. */
bool wire_data_in_clear(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_habits *habits = habits_of(t, role);
    if (habits == NULL || !habits->data_in_clear)
        return false;
    const struct suite *suite = suite_by_id(t->evidence->wire[role]->facts.suite);
    if (suite != NULL && suite->cipher == CIPHER_NULL)
        return false;
    return say(reason,
               "%s: sent application data that could be read on the wire; expected: under %s",
               role_name(role), suite == NULL ? "protection" : suite->name);
}

bool wire_certificate_in_clear(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_habits *habits = habits_of(t, role);
    if (habits == NULL || !habits->certificate_in_clear ||
        t->evidence->wire[role]->facts.version != TLS13)
        return false;
    return say(reason, "%s: sent its certificate in clear; expected: not in TLS 1.3",
               role_name(role));
}

bool wire_alert_in_clear(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_habits *habits = habits_of(t, role);
    if (habits == NULL || !habits->alert_in_clear)
        return false;
    return say(reason,
               "%s: sent its alert in clear after its ServerHello; expected: under protection",
               role_name(role));
}

bool wire_nonce_repeated(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_habits *habits = habits_of(t, role);
    if (habits == NULL || !habits->nonce_repeated)
        return false;
    return say(reason,
               "%s: two of its records have the same explicit nonce or IV; expected: "
               "another for each",
               role_name(role));
}

bool wire_random_repeated(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_habits *habits = habits_of(t, role);
    if (habits == NULL || !habits->random_repeated)
        return false;
    return say(reason, "%s: its hello has the random of an earlier one; expected: a new one",
               role_name(role));
}

bool wire_not_tls(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    if (seen == NULL || !facts_of(t, role)->handshake_done || seen->is_tls)
        return false;
    return say(reason,
               "%s: completed a handshake; on the wire there was no TLS; expected: the same",
               role_name(role));
}

/* Nobody changed a byte on the way, so that the ends' own key log has to open what they sent. */
bool wire_keys_useless(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    if (seen == NULL || case_attack(t->c) != NULL || seen->decrypted ||
        !facts_of(t, role)->handshake_done || !t->e->keylog_declared[role])
        return false;
    return say(reason, "%s: its key log does not open what crossed the wire (%s); expected: it to",
               role_name(role), seen->why_not);
}

bool wire_data_refused(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, role);
    if (t->e->accepted || sent == NULL || sent->application_bytes <= t->e->may_write[role])
        return false;
    return say(reason, "%s: sent %llu application bytes on the wire; expected: at most %zu, as %s",
               role_name(role), (unsigned long long)sent->application_bytes, t->e->may_write[role],
               fault_text(t));
}

bool wire_data_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, role);
    size_t told = facts_of(t, role)->bytes_out;
    bool accepted = facts_of(t, role)->result == RESULT_ACCEPTED;
    if (sent == NULL || !accepted || sent->application_bytes == told)
        return false;
    return say(
        reason,
        "%s: reports %zu application bytes sent; on the wire there were %llu; expected: the same",
        role_name(role), told, (unsigned long long)sent->application_bytes);
}

bool wire_alert_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, role);
    int told = facts_of(t, role)->alert_sent;
    if (sent == NULL || told <= 0)
        return false; /* an alert that the end does not know of is no lie */
    bool sent_one = sent->alert.place.packet != 0;
    if (sent_one && sent->alert.description == told)
        return false;
    char told_text[NAME_MAX_LEN];
    snprintf(told_text, sizeof told_text, "%s", alert_text(told));
    return say(reason, "%s: reports that it sent %s; on the wire there was %s; expected: the same",
               role_name(role), told_text,
               sent_one ? alert_text(sent->alert.description) : "no alert of it");
}

static bool differs(char reason[TEXT_LEN], const struct trial *t, enum role role, const char *what,
                    uint16_t told, uint16_t seen)
{
    if (!facts_of(t, role)->handshake_done || told == 0 || seen == 0 || told == seen)
        return false;
    return say(reason, "%s: reports %s 0x%04x; on the wire it was 0x%04x; expected: the same",
               role_name(role), what, told, seen);
}

bool wire_version_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    return seen != NULL &&
           differs(reason, t, role, "version", facts_of(t, role)->version, seen->version);
}

bool wire_suite_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    return seen != NULL && differs(reason, t, role, "suite", facts_of(t, role)->suite, seen->suite);
}

bool wire_group_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    return seen != NULL && differs(reason, t, role, "group", facts_of(t, role)->group, seen->group);
}

bool wire_scheme_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_facts *seen = seen_at(t, role);
    return seen != NULL && differs(reason, t, role, "signature scheme",
                                   facts_of(t, role)->signature_scheme, seen->signature_scheme);
}

bool wire_certificate_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, other_end(role));
    const struct facts *f = facts_of(t, role);
    if (sent == NULL || !f->peer_leaf_known)
        return false;
    if (sent->certificate == CERTIFICATE_SENT &&
        memcmp(sent->certificate_sha256, f->peer_leaf_sha256, SHA256_LEN) == 0)
        return false;
    return say(reason,
               "%s: reports a certificate of the %s; on the wire there was %s; expected: the same",
               role_name(role), role_name(other_end(role)),
               sent->certificate == CERTIFICATE_SENT ? "another" : "none");
}

/* "Refused" counts only if the bad certificate was really sent. */
bool wire_imposter_unseen(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    enum role presenter = case_identity_role(t->c);
    if (t->e->fault != FAULT_IDENTITY || role == presenter)
        return false;
    const struct wire_end *sent = read_of(t, role, presenter);
    if (sent == NULL ||
        (sent->certificate == CERTIFICATE_SENT &&
         memcmp(sent->certificate_sha256, t->evidence->leaf_sha256[presenter], SHA256_LEN) == 0))
        return false;
    return say(reason, "%s: refused before the %s's certificate crossed the wire; expected: for it",
               role_name(role), role_name(presenter));
}

bool wire_exporter_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_view *view = t->evidence->wire[role];
    const struct facts *f = facts_of(t, role);
    if (seen_at(t, role) == NULL || case_attack(t->c) != NULL || !view->exporter_known ||
        !f->exporter_known || !f->handshake_done ||
        memcmp(view->exporter, f->exporter, EXPORTER_LEN) == 0)
        return false;
    return say(reason,
               "%s: exporter value %02x%02x%02x%02x…; by the secrets that open the connection it "
               "is %02x%02x%02x%02x…; expected: the same",
               role_name(role), f->exporter[0], f->exporter[1], f->exporter[2], f->exporter[3],
               view->exporter[0], view->exporter[1], view->exporter[2], view->exporter[3]);
}

bool wire_close_differs(char reason[TEXT_LEN], const struct trial *t, enum role role)
{
    const struct wire_end *sent = read_of(t, role, other_end(role));
    if (sent == NULL || facts_of(t, role)->close != CLOSE_CLEAN ||
        sent->close_notify.place.packet != 0)
        return false;
    return say(reason,
               "%s: reports close_notify from the %s; on the wire there was none; expected: one",
               role_name(role), role_name(other_end(role)));
}
