/* A small bounded cache with the least recently used entry going first. Keys are plain bytes of
 * one length (their padding zeroed by the caller), values are owned by the cache. Entries in use
 * by another cache's entry stay until they are released. */
#ifndef TLSMATRIX_PEERS_COMMON_CACHE_H
#define TLSMATRIX_PEERS_COMMON_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CACHE_ENTRIES_MAX = 64 };

struct cache_entry {
    void *key;
    void *value; /* NULL: the entry is free */
    unsigned num_users;
    uint64_t last_use;
};

struct cache {
    size_t key_len;
    size_t capacity;
    void (*free_value)(void *owner, void *value);
    void *owner;
    uint64_t clock;
    struct cache_entry entries[CACHE_ENTRIES_MAX];
};

/* `capacity` is at most CACHE_ENTRIES_MAX. `free_value(owner, value)` is called on eviction. */
void cache_init(struct cache *cache, size_t key_len, size_t capacity,
                void (*free_value)(void *owner, void *value), void *owner);
void cache_fini(struct cache *cache);

/* The entry with this key, or NULL. */
struct cache_entry *cache_find(struct cache *cache, const void *key);

/* Puts a value whose key is not there, in place of the oldest that nobody uses if the cache is
 * full. NULL when out of memory or when all are in use; `value` stays the caller's then. */
struct cache_entry *cache_put(struct cache *cache, const void *key, void *value);

/* An entry that is held is not evicted. NULL is allowed in both. */
void cache_hold(struct cache_entry *entry);
void cache_release(struct cache_entry *entry);

#endif
