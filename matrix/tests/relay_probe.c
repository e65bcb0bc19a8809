/* relay_probe: real peers with an attacker between them, outside of any run. Prints one line for
 * each attack and pair: what both ends and the path saw, and "ok" or what is not as the attack's
 * row says. For whoever writes rows: the judge's word is another's.
 *
 *   relay_probe [-a ATTACK] [-d DELIVERY] [-c CLIENT] [-s SERVER] [-t MS] [-r] [-v] CASE…
 *
 * -d: no attack, but this delivery. -r: no attack, but every hello is read and written again, which
 * must not change a byte. -l lists the attacks and ends.
 * CASE is a case id without the pair: tls1.3/any/any/ecdsa-p256/mutual/off. */
#include "harness/wire/hello.h"
#include "matrix/endpoints.h"
#include "matrix/network.h"
#include "matrix/oracle.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"
#include "matrix/worker.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct probe {
    struct stack_list stacks;
    struct forge forge;
    struct network network;
    struct worker workers[STACKS_MAX][2];
    uint32_t sequence;
    uint32_t deadline_ms;
    enum delivery delivery;
    const char *attack;
    const char *only[2];
    bool verbose;
    bool rewrite; /* hellos */
    unsigned num_run, num_bad;
};

struct shot {
    const struct attack *attack;
    const struct attack_expectation *expectation;
    struct matrix_case c;
    uint8_t *certificate;
    size_t certificate_len;
    struct facts facts[2];
    enum peer_outcome outcome[2];
    struct relay_facts relay;
};

static void die(const struct error *err)
{
    fprintf(stderr, "relay_probe: %s\n", err->text);
    exit(err->class);
}

/* ---- hellos written again ---- */

static unsigned num_rewritten;

static void rewrite_hello(struct tamper *tamper)
{
    struct hello hello;
    uint8_t type = tamper->step->at.message;
    if (hello_read(&hello, type, tamper->unit->data, tamper->unit->len, NULL) < 0)
        return;
    writer_clear(tamper->unit);
    hello_write(tamper->unit, &hello);
    hello_fini(&hello);
    num_rewritten++;
}

static const struct attack rewriting = {
    .name = "rewrite-hellos",
    .steps = { { { ROLE_CLIENT, POINT_MESSAGE, HANDSHAKE_CLIENT_HELLO, 0 }, rewrite_hello },
               { { ROLE_SERVER, POINT_MESSAGE, HANDSHAKE_SERVER_HELLO, 0 }, rewrite_hello } },
};

/* ---- running ---- */

static struct worker *worker_of(struct probe *probe, const struct matrix_case *c, enum role role)
{
    struct error err;
    size_t stack = case_stack(c, role);
    struct worker *worker = &probe->workers[stack][role];
    if (worker->channel < 0 &&
        worker_start(worker, &probe->stacks.programs[stack], -1, NULL, &err) < 0)
        die(&err);
    return worker;
}

/* Until both workers have answered. */
static void carry(struct probe *probe, struct shot *shot, struct relay *relay)
{
    bool answered[2] = { false, false };
    while (!answered[0] || !answered[1]) {
        struct relay_wait waits[2];
        struct pollfd ready[4];
        relay_step(relay);
        relay_waits(relay, waits);
        for (int role = 0; role < 2; role++) {
            bool wanted = waits[role].readable || waits[role].writable;
            ready[role] =
                (struct pollfd){ .fd = wanted ? waits[role].fd : -1,
                                 .events = (short)((waits[role].readable ? POLLIN : 0) |
                                                   (waits[role].writable ? POLLOUT : 0)) };
            ready[2 + role] = (struct pollfd){
                .fd = answered[role] ? -1 : worker_of(probe, &shot->c, (enum role)role)->channel,
                .events = POLLIN
            };
        }
        poll(ready, 4, relay_timeout_ms(relay));
        for (int role = 0; role < 2; role++) {
            char reason[TEXT_LEN];
            if (answered[role] || ready[2 + role].revents == 0)
                continue;
            shot->outcome[role] = worker_receive(worker_of(probe, &shot->c, (enum role)role),
                                                 &shot->facts[role], reason);
            answered[role] = true;
        }
    }
}

static void pair_through(struct probe *probe, int client[2], int server[2])
{
    struct error err;
    if (network_pair(&probe->network, ++probe->sequence, &client[0], &client[1], &err) < 0 ||
        network_pair(&probe->network, ++probe->sequence, &server[0], &server[1], &err) < 0)
        die(&err);
}

static void run(struct probe *probe, struct shot *shot)
{
    struct error err;
    int client[2], server[2]; /* [0] connecting, [1] accepting */
    struct case_setting setting = { .stacks = &probe->stacks.set,
                                    .forge = &probe->forge,
                                    .deadline_ms = probe->deadline_ms,
                                    .tofu_store = "/nonexistent" };
    struct endpoint endpoints[2];
    pair_through(probe, client, server);
    endpoints_make(endpoints, &shot->c, &setting);
    struct relay_setting path = { .attack = shot->attack,
                                  .delivery = probe->delivery,
                                  .client_fd = client[1],
                                  .server_fd = server[0],
                                  .application_len = CASE_REQUEST_LEN,
                                  .certificate = shot->certificate,
                                  .certificate_len = shot->certificate_len };
    struct relay *relay = relay_new(&path, &err);
    if (relay == NULL ||
        worker_send_case(worker_of(probe, &shot->c, ROLE_SERVER), &endpoints[ROLE_SERVER],
                         server[1], &err) < 0 ||
        worker_send_case(worker_of(probe, &shot->c, ROLE_CLIENT), &endpoints[ROLE_CLIENT],
                         client[0], &err) < 0)
        die(&err);
    close(client[0]);
    close(server[1]);
    carry(probe, shot, relay);
    shot->relay = *relay_facts(relay);
    relay_free(relay);
}

/* ---- looking ---- */

static int alert_of(const struct shot *shot, enum role role)
{
    enum role other = role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    if (shot->facts[role].alert_sent > 0)
        return shot->facts[role].alert_sent;
    /* What the relay put there was no word of the other end's. */
    return shot->relay.num_clear_alerts[role] + shot->relay.num_sealed_alerts[role] > 0 &&
                   shot->facts[other].alert_received > 0
               ? shot->facts[other].alert_received
               : -1;
}

static bool refused_as_allowed(const struct shot *shot, enum role role)
{
    const struct attack_end *end = &shot->expectation->ends[role];
    int alert = alert_of(shot, role);
    if (!end->may_refuse)
        return false;
    for (size_t i = 0; i < ATTACK_ALERTS_MAX && end->alerts[i] != 0; i++)
        if (end->alerts[i] == alert)
            return true;
    return end->silent && alert < 0;
}

static const char *look_at_refusal(const struct shot *shot)
{
    for (int role = 0; role < 2; role++) {
        const struct attack_end *end = &shot->expectation->ends[role];
        const struct facts *facts = &shot->facts[role];
        if (facts->result == RESULT_ACCEPTED)
            return role == ROLE_CLIENT ? "CLIENT ACCEPTED" : "SERVER ACCEPTED";
        if (facts->result == RESULT_TIMEOUT)
            return role == ROLE_CLIENT ? "CLIENT HANGS" : "SERVER HANGS";
        if (facts->handshake_done && !end->handshake_may_finish)
            return role == ROLE_CLIENT ? "CLIENT FINISHED" : "SERVER FINISHED";
        if (facts->stage > end->stage)
            return role == ROLE_CLIENT ? "CLIENT STAGE" : "SERVER STAGE";
        if (facts->bytes_in > 0 && !end->may_receive)
            return role == ROLE_CLIENT ? "CLIENT FED" : "SERVER FED";
    }
    return refused_as_allowed(shot, ROLE_CLIENT) || refused_as_allowed(shot, ROLE_SERVER) ? NULL
                                                                                          : "ALERT";
}

static const char *look_at_truncation(const struct shot *shot)
{
    for (int role = 0; role < 2; role++)
        if (shot->expectation->ends[role].truncated &&
            (shot->facts[role].close != CLOSE_TRUNCATED ||
             shot->facts[role].result != RESULT_ACCEPTED))
            return role == ROLE_CLIENT ? "CLIENT NOT TRUNCATED" : "SERVER NOT TRUNCATED";
    return NULL;
}

static const char *look_at_cut(const struct shot *shot)
{
    for (int role = 0; role < 2; role++) {
        const struct facts *facts = &shot->facts[role];
        if (facts->result == RESULT_TIMEOUT)
            return role == ROLE_CLIENT ? "CLIENT HANGS" : "SERVER HANGS";
        if (facts->result == RESULT_ACCEPTED && !shot->expectation->ends[role].may_receive)
            return role == ROLE_CLIENT ? "CLIENT ACCEPTED" : "SERVER ACCEPTED";
    }
    return shot->facts[0].close == CLOSE_CLEAN && shot->facts[1].close == CLOSE_CLEAN ? "CLEAN"
                                                                                      : NULL;
}

static bool accepted(const struct shot *shot)
{
    return shot->facts[0].result == RESULT_ACCEPTED && shot->facts[1].result == RESULT_ACCEPTED &&
           shot->facts[0].close == CLOSE_CLEAN && shot->facts[1].close == CLOSE_CLEAN;
}

static const char *look(const struct shot *shot)
{
    if (shot->outcome[0] != PEER_ANSWERED || shot->outcome[1] != PEER_ANSWERED)
        return "CRASH";
    if (shot->attack == &rewriting && (shot->relay.changed || num_rewritten != 2))
        return shot->relay.changed ? "CHANGED" : "NOT READ";
    if (shot->attack == NULL || shot->attack == &rewriting)
        return accepted(shot) ? NULL : "NOT ACCEPTED";
    if (!shot->relay.changed)
        return "NOTHING CHANGED";
    switch (shot->expectation->outcome) {
    case ATTACK_ACCEPTED:
        return accepted(shot) ? NULL : "NOT ACCEPTED";
    case ATTACK_EITHER:
        return accepted(shot) ? NULL : look_at_refusal(shot);
    case ATTACK_TRUNCATED:
        return look_at_truncation(shot);
    case ATTACK_CUT:
        return look_at_cut(shot);
    case ATTACK_REFUSED:
        return look_at_refusal(shot);
    }
    return "?";
}

static void print_end(const struct shot *shot, enum role role)
{
    const struct facts *f = &shot->facts[role];
    printf(" %c:%s@%s%s in%zu a%d/%d %s", "CS"[role], result_name(f->result), stage_name(f->stage),
           f -> handshake_done ? "+hs" : "", f->bytes_in, f->alert_sent, f->alert_received,
           close_kind_name(f->close));
}

static void report(struct probe *probe, const struct shot *shot, const char *id)
{
    const char *wrong = look(shot);
    probe->num_run++;
    if (wrong != NULL)
        probe->num_bad++;
    if (wrong == NULL && !probe->verbose)
        return;
    printf("%-20s %-34s %s |", wrong != NULL ? wrong : "ok",
           shot->attack == NULL ? deliveries[probe->delivery].name : shot->attack->name, id);
    print_end(shot, ROLE_CLIENT);
    print_end(shot, ROLE_SERVER);
    printf(" | path: v%04x clear %d/%d sealed %u/%u app %u+%u/%u+%u end %s", shot->relay.version,
           shot->relay.clear_alert[0], shot->relay.clear_alert[1], shot->relay.num_sealed_alerts[0],
           shot->relay.num_sealed_alerts[1], shot->relay.num_application[0][0],
           shot->relay.num_application[0][1], shot->relay.num_application[1][0],
           shot->relay.num_application[1][1], relay_end_name(shot->relay.first_end));
    if (probe->verbose)
        printf(" | %s | C: %.100s | S: %.100s", shot->relay.what, shot->facts[0].error_text,
               shot->facts[1].error_text);
    putchar('\n');
    fflush(stdout);
}

/* ---- choosing ---- */

static void try_attack(struct probe *probe, const struct attack *attack,
                       const struct matrix_case *c, const char *id)
{
    struct error err;
    struct shot shot = { .attack = attack, .c = *c };
    const char *other = probe->forge.kinds[c->credential].other_chain;
    num_rewritten = 0;
    if (attack != NULL && attack != &rewriting) {
        shot.expectation = attack_expect(attack, c, case_common_version(c));
        if (shot.expectation == NULL)
            return;
    }
    if (other[0] != '\0' &&
        forge_read_certificate(&shot.certificate, &shot.certificate_len, other, &err) < 0)
        die(&err);
    run(probe, &shot);
    report(probe, &shot, id);
    free(shot.certificate);
}

static void try_case(struct probe *probe, const struct matrix_case *c)
{
    char id[CASE_ID_MAX], reason[TEXT_LEN];
    case_id(id, c, &probe->stacks.set);
    if (case_excluded(c) != NULL || case_unsupported(reason, c, &probe->stacks.set))
        return;
    if (probe->rewrite) {
        try_attack(probe, &rewriting, c, id);
    } else if (probe->delivery != DELIVERY_WHOLE) {
        try_attack(probe, NULL, c, id);
    } else {
        for (size_t i = 0; attack_at(i) != NULL; i++)
            if (probe->attack == NULL || strcmp(attack_at(i)->name, probe->attack) == 0)
                try_attack(probe, attack_at(i), c, id);
    }
}

static void try_pairs(struct probe *probe, const char *rest)
{
    const struct stack_set *set = &probe->stacks.set;
    for (size_t client = 0; client < set->num_stacks; client++)
        for (size_t server = 0; server < set->num_stacks; server++) {
            char id[CASE_ID_MAX];
            struct matrix_case c;
            struct error err;
            const char *names[2] = { set->stacks[client].stack, set->stacks[server].stack };
            if ((probe->only[0] != NULL && strcmp(probe->only[0], names[0]) != 0) ||
                (probe->only[1] != NULL && strcmp(probe->only[1], names[1]) != 0))
                continue;
            snprintf(id, sizeof id, "%s-%s/%s", names[0], names[1], rest);
            if (case_from_id(&c, id, set, &err) < 0)
                die(&err);
            try_case(probe, &c);
        }
}

static void list(void)
{
    for (size_t i = 0; attack_at(i) != NULL; i++)
        printf("%-40s %s [%s]\n", attack_at(i)->name, attack_at(i)->text, attack_at(i)->references);
    exit(0);
}

static void parse(struct probe *probe, int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "a:d:c:s:t:lrv")) != -1) {
        if (option == 'a')
            probe->attack = optarg;
        else if (option == 'c')
            probe->only[ROLE_CLIENT] = optarg;
        else if (option == 's')
            probe->only[ROLE_SERVER] = optarg;
        else if (option == 't')
            probe->deadline_ms = (uint32_t)atoi(optarg);
        else if (option == 'v')
            probe->verbose = true;
        else if (option == 'r')
            probe->rewrite = true;
        else if (option == 'l')
            list();
        else if (option != 'd' || delivery_by_name(optarg) < 0)
            exit(ERROR_USAGE);
        else
            probe->delivery = (enum delivery)delivery_by_name(optarg);
    }
    if (optind == argc || (probe->attack != NULL && attack_by_name(probe->attack) == NULL))
        exit(ERROR_USAGE);
}

int main(int argc, char **argv)
{
    static struct probe probe = { .deadline_ms = 3000 };
    char directory[] = "/tmp/relay-probe-XXXXXX", forged[64], cache[PATH_LEN];
    struct error err;
    parse(&probe, argc, argv);
    if (mkdtemp(directory) == NULL)
        return ERROR_HARNESS;
    snprintf(forged, sizeof forged, "%s/pki", directory);
    forge_default_key_cache(cache);
    if (stacks_load(&probe.stacks, NULL, 0, &err) < 0 ||
        forge_make(&probe.forge, forged, cache, &err) < 0 ||
        network_init(&probe.network, false, &err) < 0)
        die(&err);
    for (size_t i = 0; i < STACKS_MAX; i++)
        probe.workers[i][0].channel = probe.workers[i][1].channel = -1;
    for (int i = optind; i < argc; i++)
        try_pairs(&probe, argv[i]);
    for (size_t i = 0; i < STACKS_MAX; i++)
        for (int role = 0; role < 2; role++)
            worker_stop(&probe.workers[i][role], NULL);
    network_fini(&probe.network);
    printf("%u run, %u not as expected\n", probe.num_run, probe.num_bad);
    return probe.num_bad == 0 ? 0 : 1;
}
