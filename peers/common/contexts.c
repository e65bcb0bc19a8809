#include "peers/common/contexts.h"

#include "peers/common/cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    CONTEXTS_MAX = 32, /* the contexts of one profile's configurations; some 100 KiB each */
    FILES_MAX = 64,    /* above CONTEXTS_MAX, so that one is always unused */
};

/* What a file was when it was read. */
struct file_id {
    char path[PATH_LEN];
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
    struct timespec changed; /* which nobody can set back, as a copy with its old time would */
};

struct credential_key {
    struct file_id chain, key, staple;
    bool wrong_key;
};

struct trust_key {
    struct file_id anchors, crls;
};

struct context_key {
    struct endpoint endpoint; /* without what belongs to one connection */
    struct credential_key credential;
    struct trust_key trust;
};

/* A context with what must outlive it. */
struct shared_context {
    struct stack_context *context;
    struct cache_entry *credential;
    struct cache_entry *trust;
};

struct contexts {
    const struct tls_stack *stack;
    struct cache credentials;
    struct cache trusts;
    struct cache contexts;
};

static void free_credential(void *owner, void *value)
{
    ((struct contexts *)owner)->stack->credential_free(value);
}

static void free_trust(void *owner, void *value)
{
    ((struct contexts *)owner)->stack->trust_free(value);
}

static void free_context(void *owner, void *value)
{
    struct shared_context *shared = value;
    ((struct contexts *)owner)->stack->context_free(shared->context);
    cache_release(shared->credential);
    cache_release(shared->trust);
    free(shared);
}

struct contexts *contexts_new(const struct tls_stack *stack)
{
    struct contexts *c = malloc(sizeof *c);
    if (c == NULL)
        return NULL;
    c->stack = stack;
    cache_init(&c->credentials, sizeof(struct credential_key), FILES_MAX, free_credential, c);
    cache_init(&c->trusts, sizeof(struct trust_key), FILES_MAX, free_trust, c);
    cache_init(&c->contexts, sizeof(struct context_key), CONTEXTS_MAX, free_context, c);
    return c;
}

void contexts_free(struct contexts *c)
{
    if (c == NULL)
        return;
    cache_fini(&c->contexts); /* first: it uses the others */
    cache_fini(&c->credentials);
    cache_fini(&c->trusts);
    free(c);
}

/* A file that cannot be examined keeps a key of its path alone: the stack will say why. */
static void identify_file(struct file_id *id, const char *path)
{
    struct stat status;
    if (path[0] == '\0')
        return;
    strcpy(id->path, path); /* both are PATH_LEN */
    if (stat(path, &status) != 0)
        return;
    id->device = status.st_dev;
    id->inode = status.st_ino;
    id->size = status.st_size;
    id->modified = status.st_mtim;
    id->changed = status.st_ctim;
}

/* Member by member: what is left out, and all padding, stays zero. */
static void make_key(struct context_key *key, const struct endpoint *endpoint)
{
    memset(key, 0, sizeof *key);
    struct endpoint *e = &key->endpoint;
    e->role = endpoint->role;
    e->min_version = endpoint->min_version;
    e->max_version = endpoint->max_version;
    e->num_suites = endpoint->num_suites;
    memcpy(e->suites, endpoint->suites, e->num_suites * sizeof e->suites[0]);
    e->num_groups = endpoint->num_groups;
    memcpy(e->groups, endpoint->groups, e->num_groups * sizeof e->groups[0]);
    e->check_staple = endpoint->check_staple;
    e->server_order = endpoint->server_order;
    e->partial_chain = endpoint->partial_chain;
    e->strict = endpoint->strict;
    strcpy(e->peer_name, endpoint->peer_name);
    strcpy(e->served_name, endpoint->served_name);
    strcpy(e->protocols, endpoint->protocols);
    e->verify = endpoint->verify;
    e->late_verify = endpoint->late_verify;
    e->verify_time = endpoint->verify_time;
    strcpy(e->psk_identity, endpoint->psk_identity);
    e->psk_len = endpoint->psk_len;
    memcpy(e->psk, endpoint->psk, e->psk_len);
    strcpy(e->srp_user, endpoint->srp_user);
    strcpy(e->srp_password, endpoint->srp_password);
    identify_file(&key->credential.chain, endpoint->chain_file);
    identify_file(&key->credential.key, endpoint->key_file);
    identify_file(&key->credential.staple, endpoint->staple_file);
    key->credential.wrong_key = endpoint->wrong_key;
    identify_file(&key->trust.anchors, endpoint->trust_file);
    identify_file(&key->trust.crls, endpoint->crl_file);
}

static int keep(struct cache *cache, struct cache_entry **out, const void *key, void *value,
                struct error *err)
{
    struct cache_entry *entry = cache_put(cache, key, value);
    if (entry == NULL) {
        cache->free_value(cache->owner, value);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    *out = entry;
    return 0;
}

/* *out stays NULL where the endpoint has no credential. */
static int get_credential(struct contexts *c, struct cache_entry **out,
                          const struct credential_key *key, const struct endpoint *endpoint,
                          struct error *err)
{
    struct stack_credential *credential;
    if (key->chain.path[0] == '\0')
        return 0;
    *out = cache_find(&c->credentials, key);
    if (*out != NULL)
        return 0;
    if (c->stack->credential_new(&credential, endpoint, err) != 0)
        return -1;
    return keep(&c->credentials, out, key, credential, err);
}

static int get_trust(struct contexts *c, struct cache_entry **out, const struct trust_key *key,
                     const struct endpoint *endpoint, struct error *err)
{
    struct stack_trust *trust;
    if (key->anchors.path[0] == '\0')
        return 0;
    *out = cache_find(&c->trusts, key);
    if (*out != NULL)
        return 0;
    if (c->stack->trust_new(&trust, endpoint, err) != 0)
        return -1;
    return keep(&c->trusts, out, key, trust, err);
}

static void *value_of(const struct cache_entry *entry)
{
    return entry != NULL ? entry->value : NULL;
}

static int make_context(struct contexts *c, struct cache_entry **out, const struct context_key *key,
                        const struct endpoint *endpoint, struct error *err)
{
    struct shared_context *shared = calloc(1, sizeof *shared);
    if (shared == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (get_credential(c, &shared->credential, &key->credential, endpoint, err) != 0 ||
        get_trust(c, &shared->trust, &key->trust, endpoint, err) != 0 ||
        c->stack->context_new(&shared->context, endpoint, value_of(shared->credential),
                              value_of(shared->trust), err) != 0) {
        free(shared);
        return -1;
    }
    cache_hold(shared->credential);
    cache_hold(shared->trust);
    return keep(&c->contexts, out, key, shared, err);
}

int contexts_get(struct contexts *c, struct stack_context **out, const struct endpoint *endpoint,
                 struct error *err)
{
    struct context_key key;
    make_key(&key, endpoint);
    struct cache_entry *entry = cache_find(&c->contexts, &key);
    if (entry == NULL && make_context(c, &entry, &key, endpoint, err) != 0)
        return -1;
    *out = ((struct shared_context *)entry->value)->context;
    return 0;
}
