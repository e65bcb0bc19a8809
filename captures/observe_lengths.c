#include "captures/observe_lengths.h"

#include "captures/cipher.h"
#include "harness/wire/handshake.h"

#include <stdio.h>
#include <string.h>

void record_shape_of(struct record_shape *out, uint16_t version, uint16_t suite,
                     bool encrypt_then_mac)
{
    struct suite_parts parts;
    *out = (struct record_shape){ .known = false };
    if (suite_parts_of(&parts, suite_by_id(suite), version) != NULL)
        return;
    const struct suite *row = suite_by_id(suite);
    size_t block = cipher_block_len(parts.cipher);
    *out = (struct record_shape){
        .known = true,
        .is_null = row->cipher == CIPHER_NULL,
        .inner_type = version == TLS13,
        .mac_outside = encrypt_then_mac && block > 0,
        .record_iv = cipher_record_iv_len(parts.cipher, version),
        .tag = cipher_tag_len(parts.cipher),
        .mac = parts.mac_len,
        .block = block,
    };
}

/* RFC 5246 section 6.2.3.2: content, MAC, one to `block` bytes of padding with its length. */
static bool cbc_content(struct length_range *out, const struct record_shape *shape, size_t len)
{
    size_t before = shape->record_iv + (shape->mac_outside ? shape->mac : 0);
    size_t mac = shape->mac_outside ? 0 : shape->mac;
    if (len < before + mac + 1 || (len - before) % shape->block != 0)
        return false;
    size_t rest = len - before - mac; /* content and padding */
    out->max = rest - 1;
    out->min = rest > shape->block ? rest - shape->block : 0;
    return true;
}

bool record_shape_content(struct length_range *out, const struct record_shape *shape,
                          size_t fragment_len)
{
    if (!shape->known)
        return false;
    if (shape->block > 0)
        return cbc_content(out, shape, fragment_len);
    size_t overhead = record_shape_fragment(shape, 0);
    if (fragment_len < overhead)
        return false;
    out->min = out->max = fragment_len - overhead;
    return true;
}

size_t record_shape_fragment(const struct record_shape *shape, size_t content_len)
{
    return content_len + shape->record_iv + shape->tag + shape->mac + shape->inner_type;
}

size_t finished_len_of(uint16_t suite)
{
    struct suite_parts parts;
    if (suite_parts_of(&parts, suite_by_id(suite), TLS13) != NULL)
        return 0;
    return HANDSHAKE_HEADER_LEN + (strcmp(parts.hash, "SHA384") == 0 ? 48 : 32);
}

const char *record_shape_text(char out[SHAPE_TEXT_LEN], const struct record_shape *shape)
{
    size_t overhead = record_shape_fragment(shape, 0);
    if (!shape->known)
        snprintf(out, SHAPE_TEXT_LEN, "unknown suite: nothing can be inferred");
    else if (shape->block > 0)
        snprintf(out, SHAPE_TEXT_LEN,
                 "a range: %zu IV, %zu MAC%s, padding to blocks of %zu, if it is the shortest",
                 shape->record_iv, shape->mac, shape->mac_outside ? " outside" : "", shape->block);
    else if (shape->inner_type)
        snprintf(out, SHAPE_TEXT_LEN,
                 "fragment - %zu: %zu tag, 1 content type; padding would count as content",
                 overhead, shape->tag);
    else if (shape->tag > 0 && shape->record_iv > 0)
        snprintf(out, SHAPE_TEXT_LEN, "fragment - %zu: %zu explicit nonce, %zu tag", overhead,
                 shape->record_iv, shape->tag);
    else
        snprintf(out, SHAPE_TEXT_LEN, "fragment - %zu: %s%s", overhead,
                 shape->tag > 0 ? "tag" : "MAC", shape->is_null ? "; the content is in clear" : "");
    return out;
}
