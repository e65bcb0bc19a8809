#include "captures/story_sizes.h"

#include "captures/observe_lengths.h"

enum {
    TAG_LEN = 16,             /* of every AEAD of TLS 1.3 but one: RFC 8446 appendix B.4 */
    CCM8_TAG_LEN = 8,         /* TLS_AES_128_CCM_8_SHA256 */
    FINISHED_SHA256_LEN = 36, /* where the suite is unknown */
};

static const uint16_t aes_128_ccm_8 = 0x1305;

/* What stacks pad their records with: the sockets of Java's JSSE put 16 zeros into each. */
static const size_t paddings[] = { 0, 16 };

size_t opaque_kept(const struct opaque_list *list)
{
    return list->total < STORY_RECORDS_KEPT ? list->total : STORY_RECORDS_KEPT;
}

size_t finished_len(const struct story *story)
{
    size_t len = finished_len_of(story->suite);
    return len > 0 ? len : FINISHED_SHA256_LEN;
}

static size_t unpadded_len(const struct story *story, size_t content_len)
{
    return content_len + 1 + (story->suite == aes_128_ccm_8 ? CCM8_TAG_LEN : TAG_LEN);
}

/* Is the record at `i` of the end, less this padding, as long as a Finished; or is it a client's
 * first, and as long as what else can be that? */
static bool betrays(const struct story *story, enum role from, size_t i, size_t padding)
{
    size_t len = story->opaque[from].first[i].len;
    size_t finished = finished_len(story);
    if (len == unpadded_len(story, finished) + padding)
        return true;
    return from == ROLE_CLIENT && i == 0 &&
           (len == unpadded_len(story, ALERT_LEN) + padding ||
            len == unpadded_len(story, EMPTY_CERTIFICATE_LEN) + padding ||
            len == unpadded_len(story, EMPTY_CERTIFICATE_LEN + finished) + padding);
}

static size_t padding_of(const struct story *story, enum role from)
{
    for (size_t i = 0; i < opaque_kept(&story->opaque[from]); i++)
        for (size_t j = 0; j < sizeof paddings / sizeof paddings[0]; j++)
            if (betrays(story, from, i, paddings[j]))
                return paddings[j];
    return 0;
}

size_t sealed_len(const struct story *story, enum role from, size_t content_len)
{
    return unpadded_len(story, content_len) + padding_of(story, from);
}

size_t finished_by_size(const struct story *story)
{
    const struct opaque_list *client = &story->opaque[ROLE_CLIENT];
    size_t finished = sealed_len(story, ROLE_CLIENT, finished_len(story));
    for (size_t i = 0; i < opaque_kept(client); i++)
        if (client->first[i].len == finished ||
            client->first[i].len == finished + EMPTY_CERTIFICATE_LEN)
            return i + 1;
    return 0;
}

bool like_alert(const struct story *story, enum role from, const struct opaque_record *record)
{
    return story->tls13 ? record->len == sealed_len(story, from, ALERT_LEN)
                        : record->type == CONTENT_ALERT;
}
