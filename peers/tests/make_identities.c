/* make_identities DIR KEYS KIND...: the imposters of these kinds of credential for the tests in
 * Python, and on standard output the table of identity faults with the paths of each, as JSON. */
#include "harness/pki/identities.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void put_path(json_t *object, const char *key, const char *own, const char *usual)
{
    const char *path = own[0] != '\0' ? own : usual;
    if (path[0] != '\0')
        json_object_set_new(object, key, json_string(path));
}

/* What the presenter presents and what the verifier is told, as keys of an endpoint. */
static json_t *files_of(const struct imposter *imposter, const struct forged *genuine, size_t side)
{
    json_t *presenter = json_object(), *verifier = json_object();
    put_path(presenter, "chain_file", imposter->chain_file, "");
    put_path(presenter, "key_file", imposter->key_file,
             side == 0 ? genuine->server_key : genuine->client_key);
    put_path(presenter, "staple_file", imposter->staple_file, "");
    put_path(verifier, "trust_file", imposter->trust_file, genuine->trust_file);
    put_path(verifier, "crl_file", imposter->crl_file, "");
    return json_pack("{s:o, s:o}", "presenter", presenter, "verifier", verifier);
}

static const char *problem_name(enum verify_problem problem)
{
    static const char *const names[] = {
        "none", "chain", "name", "time", "usage", "revoked", "weak"
    };
    return names[problem];
}

static json_t *row_of(const struct identity *identity)
{
    json_t *allowed = json_array();
    for (size_t i = 0; i < identity->num_alerts; i++)
        json_array_append_new(allowed, json_integer(identity->alerts[i]));
    return json_pack("{s:s, s:b, s:b, s:s, s:o, s:s, s:b, s:i}", "name", identity->name, "accepted",
                     identity->accepted, "open", identity->open, "problem",
                     problem_name(identity->problem), "alerts", allowed, "peer_name",
                     identity->peer_name != NULL ? identity->peer_name : FORGE_SERVER_NAME,
                     "wrong_key", identity->wrong_key, "open_below", identity->open_below);
}

static int add_kind(json_t *rows, const char *directory, const struct forge *forge,
                    enum credential kind, struct error *err)
{
    static const enum identity_side sides[] = { IDENTITY_SERVER, IDENTITY_CLIENT };
    static const char *const side_names[] = { "server", "client" };
    static struct imposters imposters;
    if (forge_imposters(&imposters, directory, forge, kind, err) != 0)
        return -1;
    for (size_t row = 0; row < num_identities; row++)
        for (size_t side = 0; side < 2; side++) {
            char key[2 * NAME_MAX_LEN];
            if (!identity_applies(&identities[row], sides[side], kind))
                continue;
            snprintf(key, sizeof key, "%s/%s", side_names[side], credential_name(kind));
            json_object_set_new(json_array_get(rows, row), key,
                                files_of(&imposters.of[row][side], &forge->kinds[kind], side));
        }
    return 0;
}

static int make(char **argv, int num_kinds, struct error *err)
{
    static struct forge forge;
    char directory[PATH_LEN];
    if (forge_make(&forge, argv[1], argv[2], err) != 0)
        return -1;
    snprintf(directory, sizeof directory, "%s.imposters", argv[1]);
    json_t *rows = json_array();
    for (size_t row = 0; row < num_identities; row++)
        json_array_append_new(rows, row_of(&identities[row]));
    int status = 0;
    for (int i = 0; i < num_kinds && status == 0; i++) {
        int kind = credential_by_name(argv[3 + i]);
        status = kind <= CREDENTIAL_NONE
                     ? error_set(err, ERROR_USAGE, "no kind of credential: %s", argv[3 + i])
                     : add_kind(rows, directory, &forge, (enum credential)kind, err);
    }
    if (status == 0)
        json_dumpf(rows, stdout, JSON_INDENT(1));
    json_decref(rows);
    return status;
}

int main(int argc, char **argv)
{
    struct error err = { 0 };
    if (argc < 4)
        return ERROR_USAGE;
    if (make(argv, argc - 3, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return ERROR_HARNESS;
}
