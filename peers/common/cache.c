#include "peers/common/cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void cache_init(struct cache *cache, size_t key_len, size_t capacity,
                void (*free_value)(void *owner, void *value), void *owner)
{
    assert(capacity > 0 && capacity <= CACHE_ENTRIES_MAX);
    *cache = (struct cache){
        .key_len = key_len, .capacity = capacity, .free_value = free_value, .owner = owner
    };
}

static void clear_entry(struct cache *cache, struct cache_entry *entry)
{
    if (entry->value != NULL)
        cache->free_value(cache->owner, entry->value);
    free(entry->key);
    *entry = (struct cache_entry){ 0 };
}

void cache_fini(struct cache *cache)
{
    for (size_t i = 0; i < cache->capacity; i++)
        clear_entry(cache, &cache->entries[i]);
}

struct cache_entry *cache_find(struct cache *cache, const void *key)
{
    for (struct cache_entry *e = cache->entries; e < cache->entries + cache->capacity; e++) {
        if (e->value == NULL || memcmp(e->key, key, cache->key_len) != 0)
            continue;
        e->last_use = ++cache->clock;
        return e;
    }
    return NULL;
}

/* A free entry, else the oldest unused one, emptied; NULL if all are in use. */
static struct cache_entry *make_room(struct cache *cache)
{
    struct cache_entry *oldest = NULL;
    for (struct cache_entry *e = cache->entries; e < cache->entries + cache->capacity; e++) {
        if (e->value == NULL)
            return e;
        if (e->num_users == 0 && (oldest == NULL || e->last_use < oldest->last_use))
            oldest = e;
    }
    if (oldest != NULL)
        clear_entry(cache, oldest);
    return oldest;
}

struct cache_entry *cache_put(struct cache *cache, const void *key, void *value)
{
    void *own_key = malloc(cache->key_len);
    struct cache_entry *entry = own_key != NULL ? make_room(cache) : NULL;
    if (entry == NULL) {
        free(own_key);
        return NULL;
    }
    memcpy(own_key, key, cache->key_len);
    *entry = (struct cache_entry){ .key = own_key, .value = value, .last_use = ++cache->clock };
    return entry;
}

void cache_hold(struct cache_entry *entry)
{
    if (entry != NULL)
        entry->num_users++;
}

void cache_release(struct cache_entry *entry)
{
    if (entry == NULL)
        return;
    assert(entry->num_users > 0);
    entry->num_users--;
}
