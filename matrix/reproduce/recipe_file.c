/* Case files: a recipe as JSON. */
#include "matrix/relay/attacks.h"
#include "matrix/reproduce/recipe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT = 1 };

static const char *const partner_names[NUM_PARTNERS] = {
    [PARTNER_HELLO] = "recorded-hello",
    [PARTNER_FLIGHT] = "recorded-flight",
    [PARTNER_STACK] = "stack",
};

const char *partner_name(enum partner partner)
{
    return partner_names[partner];
}

void recipe_fini(struct recipe *recipe)
{
    writer_fini(&recipe->bytes);
}

/* ---- paths: those within the folder of the case file are written without it ---- */

static const char *relative(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

static void folder_of(char out[PATH_LEN], const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(out, PATH_LEN, "%.*s", slash == NULL ? 1 : (int)(slash - path),
             slash == NULL ? "." : path);
}

static void move_path(char path[PATH_LEN], const char *folder, bool into)
{
    char moved[PATH_LEN * 2];
    if (path[0] == '\0' || (into && path[0] == '/'))
        return;
    snprintf(moved, sizeof moved, "%s%s%s", into ? folder : "", into ? "/" : "",
             into ? path : relative(path, folder));
    snprintf(path, PATH_LEN, "%s", moved);
}

static void move_paths(struct endpoint *endpoint, const char *folder, bool into)
{
    move_path(endpoint->chain_file, folder, into);
    move_path(endpoint->key_file, folder, into);
    move_path(endpoint->trust_file, folder, into);
    move_path(endpoint->crl_file, folder, into);
}

/* ---- writing ---- */

static json_t *endpoint_json(const struct endpoint *endpoint, const char *folder)
{
    struct endpoint copy = *endpoint;
    move_paths(&copy, folder, false);
    return endpoint_to_json(&copy);
}

static json_t *ids_json(const struct ids *ids)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ids->num; i++)
        json_array_append_new(list, json_integer(ids->of[i]));
    return list;
}

static json_t *hex_json(const struct writer *bytes)
{
    static const char digits[] = "0123456789abcdef";
    struct writer text;
    writer_init(&text, 2 * RECORDING_BYTES_MAX);
    for (size_t i = 0; i < bytes->len; i++) {
        writer_u8(&text, (uint8_t)digits[bytes->data[i] >> 4]);
        writer_u8(&text, (uint8_t)digits[bytes->data[i] & 15]);
    }
    json_t *json = json_stringn(text.len == 0 ? "" : (const char *)text.data, text.len);
    writer_fini(&text);
    return json;
}

static json_t *left_out_json(const struct recipe *recipe)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recipe->num_left_out; i++)
        json_array_append_new(list, json_string(recipe->left_out[i]));
    return list;
}

/* With the numbers that only the file has: names do for people. */
static json_t *recorded_json(const struct ending *ending)
{
    json_t *json = ending_to_json(ending);
    json_object_set_new(json, "stage_number", json_integer((int)ending->stage));
    json_object_set_new(json, "alert_number",
                        json_integer(ending->alert == ENDING_ALERT ? ending->description : -1));
    return json;
}

int recipe_write(const struct recipe *recipe, const char *path, struct error *err)
{
    char folder[PATH_LEN];
    folder_of(folder, path);
    json_t *json =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, "
                  "s:s, s:[i,i], s:b, s:b}",
                  "tlsmatrix_case", FORMAT, "name", recipe->name, "theory", recipe->theory,
                  "capture", recipe->capture, "connection", (json_int_t)recipe->connection,
                  "sentence", recipe->sentence, "recorded", recorded_json(&recipe->recorded),
                  "judged", role_name(recipe->judged), "partner", partner_name(recipe->partner),
                  "client", endpoint_json(&recipe->ends[ROLE_CLIENT], folder), "server",
                  endpoint_json(&recipe->ends[ROLE_SERVER], folder), "avoided_suites",
                  ids_json(&recipe->avoided[0]), "avoided_groups", ids_json(&recipe->avoided[1]),
                  "bytes", hex_json(&recipe->bytes), "left_out", left_out_json(recipe), "attack",
                  recipe->attack, "echo", (int)recipe->echo_at, (int)recipe->echo_len, "hangs_up",
                  recipe->hangs_up, "alone", recipe->alone);
    if (json != NULL && recipe->has_twin) {
        json_object_set_new(json, "healthy_client",
                            endpoint_json(&recipe->twin[ROLE_CLIENT], folder));
        json_object_set_new(json, "healthy_server",
                            endpoint_json(&recipe->twin[ROLE_SERVER], folder));
    }
    if (json == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int failed = json_dump_file(json, path, JSON_INDENT(1));
    json_decref(json);
    return failed == 0 ? 0 : error_errno(err, "%s", path);
}

/* ---- reading ---- */

static int copy_text(char *out, size_t out_len, const json_t *json, const char *key,
                     struct error *err)
{
    const char *text = json_string_value(json_object_get(json, key));
    if (text == NULL || strlen(text) >= out_len)
        return error_set(err, ERROR_USAGE, "'%s' is no text, or too long", key);
    snprintf(out, out_len, "%s", text);
    return 0;
}

static int read_word(int *out, const json_t *json, const char *key, const char *const *words,
                     int num, struct error *err)
{
    const char *text = json_string_value(json_object_get(json, key));
    for (*out = 0; text != NULL && *out < num; (*out)++)
        if (strcmp(words[*out], text) == 0)
            return 0;
    return error_set(err, ERROR_USAGE, "'%s' is not what it may be", key);
}

static int read_ids(struct ids *out, const json_t *json, const char *key, struct error *err)
{
    const json_t *list = json_object_get(json, key);
    out->num = json_array_size(list);
    bool ok = json_is_array(list) && out->num <= RECIPE_AVOIDED_MAX;
    for (size_t i = 0; ok && i < out->num; i++) {
        json_int_t id = json_integer_value(json_array_get(list, i));
        ok = id > 0 && id <= UINT16_MAX;
        out->of[i] = (uint16_t)id;
    }
    return ok ? 0 : error_set(err, ERROR_USAGE, "'%s' is no list of ids", key);
}

static int nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit == '\0' ? NULL : strchr(digits, digit);
    return at == NULL ? -1 : (int)(at - digits);
}

static int read_bytes(struct writer *out, const json_t *json, struct error *err)
{
    const char *text = json_string_value(json_object_get(json, "bytes"));
    size_t len = text == NULL ? 1 : strlen(text);
    bool ok = len % 2 == 0;
    for (size_t i = 0; ok && i < len; i += 2) {
        int high = nibble(text[i]), low = nibble(text[i + 1]);
        ok = high >= 0 && low >= 0;
        writer_u8(out, (uint8_t)(high << 4 | low));
    }
    return ok && !out->failed ? 0 : error_set(err, ERROR_USAGE, "'bytes' is no hexadecimal text");
}

static int read_endpoint(struct endpoint *out, const json_t *json, const char *key, enum role role,
                         const char *folder, struct error *err)
{
    if (endpoint_from_json(out, json_object_get(json, key), err) < 0) {
        if (err != NULL)
            err->class = ERROR_USAGE;
        return error_prefix(err, "'%s'", key);
    }
    if (out->role != role)
        return error_set(err, ERROR_USAGE, "'%s' has another role", key);
    move_paths(out, folder, true);
    return 0;
}

static int read_recorded(struct ending *out, const json_t *json, struct error *err)
{
    json_int_t stage, alert;
    int refused, hidden;
    json_t *ender;
    const char *cause;
    if (json_unpack((json_t *)json, "{s:{s:b, s:o, s:I, s:I, s:b, s:s}}", "recorded", "refused",
                    &refused, "by", &ender, "stage_number", &stage, "alert_number", &alert,
                    "alert_hidden", &hidden, "cause", &cause) != 0 ||
        stage < REACHED_TCP || stage > REACHED_DATA || alert > UINT8_MAX)
        return error_set(err, ERROR_USAGE, "'recorded' is not what it should be");
    const char *by = json_string_value(ender);
    *out =
        (struct ending){ .refused = refused,
                         .somebody = by != NULL,
                         .by = by != NULL && strcmp(by, "server") == 0 ? ROLE_SERVER : ROLE_CLIENT,
                         .stage = (enum reached)stage,
                         .alert = hidden       ? ENDING_HIDDEN_ALERT
                                  : alert >= 0 ? ENDING_ALERT
                                               : ENDING_NO_ALERT,
                         .description = alert < 0 ? 0 : (uint8_t)alert };
    snprintf(out->cause, sizeof out->cause, "%s", cause);
    return 0;
}

/* Both within the bytes. */
static int read_echo(struct recipe *out, const json_t *json, struct error *err)
{
    json_int_t at = -1, len = -1;
    if (json_unpack((json_t *)json, "{s:[I,I]}", "echo", &at, &len) != 0 || at < 0 || len < 0 ||
        (size_t)at > out->bytes.len || (size_t)len > out->bytes.len - (size_t)at)
        return error_set(err, ERROR_USAGE, "'echo' is not within 'bytes'");
    out->echo_at = (uint32_t)at;
    out->echo_len = (uint32_t)len;
    return 0;
}

static int read_left_out(struct recipe *out, const json_t *json, struct error *err)
{
    const json_t *list = json_object_get(json, "left_out");
    out->num_left_out = json_array_size(list);
    bool ok = json_is_array(list) && out->num_left_out <= RECIPE_LEFT_OUT_MAX;
    for (size_t i = 0; ok && i < out->num_left_out; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        ok = text != NULL;
        snprintf(out->left_out[i], TEXT_LEN, "%s", ok ? text : "");
    }
    return ok ? 0 : error_set(err, ERROR_USAGE, "'left_out' is no list of texts");
}

static int read_all(struct recipe *out, const json_t *json, const char *folder, struct error *err)
{
    static const char *const roles[] = { "client", "server" };
    int judged, partner;
    if (json_integer_value(json_object_get(json, "tlsmatrix_case")) != FORMAT)
        return error_set(err, ERROR_USAGE, "no case file of format %d", FORMAT);
    if (copy_text(out->name, sizeof out->name, json, "name", err) < 0 ||
        copy_text(out->theory, sizeof out->theory, json, "theory", err) < 0 ||
        copy_text(out->capture, sizeof out->capture, json, "capture", err) < 0 ||
        copy_text(out->sentence, sizeof out->sentence, json, "sentence", err) < 0 ||
        copy_text(out->attack, sizeof out->attack, json, "attack", err) < 0 ||
        read_word(&judged, json, "judged", roles, 2, err) < 0 ||
        read_word(&partner, json, "partner", partner_names, NUM_PARTNERS, err) < 0 ||
        read_recorded(&out->recorded, json, err) < 0 ||
        read_endpoint(&out->ends[ROLE_CLIENT], json, "client", ROLE_CLIENT, folder, err) < 0 ||
        read_endpoint(&out->ends[ROLE_SERVER], json, "server", ROLE_SERVER, folder, err) < 0 ||
        read_ids(&out->avoided[0], json, "avoided_suites", err) < 0 ||
        read_ids(&out->avoided[1], json, "avoided_groups", err) < 0 ||
        read_bytes(&out->bytes, json, err) < 0 || read_echo(out, json, err) < 0 ||
        read_left_out(out, json, err) < 0)
        return -1;
    if (out->name[strspn(out->name, "abcdefghijklmnopqrstuvwxyz-")] != '\0' || out->name[0] == '\0')
        return error_set(err, ERROR_USAGE, "'name' is none for a file");
    out->judged = (enum role)judged;
    out->partner = (enum partner)partner;
    out->connection = (uint64_t)json_integer_value(json_object_get(json, "connection"));
    out->alone = json_is_true(json_object_get(json, "alone"));
    out->hangs_up = json_is_true(json_object_get(json, "hangs_up"));
    out->has_twin = json_object_get(json, "healthy_client") != NULL;
    if (out->has_twin &&
        (read_endpoint(&out->twin[0], json, "healthy_client", ROLE_CLIENT, folder, err) < 0 ||
         read_endpoint(&out->twin[1], json, "healthy_server", ROLE_SERVER, folder, err) < 0))
        return -1;
    if (out->attack[0] != '\0' &&
        (out->partner != PARTNER_STACK || attack_by_name(out->attack) == NULL))
        return error_set(err, ERROR_USAGE, "'attack': there is no '%s'", out->attack);
    if (out->partner != PARTNER_STACK && out->bytes.len == 0)
        return error_set(err, ERROR_USAGE, "'bytes' is empty");
    return 0;
}

int recipe_read(struct recipe *out, const char *path, struct error *err)
{
    char folder[PATH_LEN];
    json_error_t where;
    memset(out, 0, sizeof *out);
    writer_init(&out->bytes, RECORDING_BYTES_MAX);
    folder_of(folder, path);
    json_t *json = json_load_file(path, 0, &where);
    if (json == NULL)
        return where.line > 0
                   ? error_set(err, ERROR_USAGE, "%s:%d: %s", path, where.line, where.text)
                   : error_set(err, ERROR_USAGE, "%s: %s", path, where.text);
    int ret = read_all(out, json, folder, err);
    json_decref(json);
    if (ret == 0)
        return 0;
    recipe_fini(out);
    return error_prefix(err, "%s", path);
}
