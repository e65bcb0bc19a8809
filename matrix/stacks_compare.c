/* Two stacks' capability lists side by side: what one has and the other has not, or everything. */
#include "harness/terminal.h"
#include "matrix/stacks.h"

#include <string.h>

enum { NAME_COLUMN = 50, STACK_COLUMN = 14 };

/* One line: a suite, or a group of a version. */
struct row {
    const char *kind, *name, *version; /* version "": of any */
    bool has[2];
};

struct comparison {
    const struct capabilities *sides[2];
    bool all; /* what both have, too */
    FILE *out;
    json_t *list; /* instead of `out` */
    size_t num_different;
};

static void add(struct comparison *c, const struct row *row)
{
    bool same = row->has[0] == row->has[1];
    c->num_different += !same;
    if ((same && !c->all) || (!row->has[0] && !row->has[1]))
        return;
    if (c->list != NULL) {
        json_array_append_new(c->list,
                              json_pack("{s:s, s:s, s:s, s:b, s:b}", "kind", row->kind, "name",
                                        row->name, "version", row->version, c->sides[0]->stack,
                                        row->has[0], c->sides[1]->stack, row->has[1]));
        return;
    }
    fprintf(c->out, "%-11s %-7s %-*s", row->kind, row->version, NAME_COLUMN, row->name);
    for (int side = 0; side < 2; side++)
        fprintf(c->out, " %s%-*s%s", ink(c->out, row->has[side] ? INK_GOOD : INK_ODD),
                side == 0 ? STACK_COLUMN : 0, row->has[side] ? "yes" : "no", ink_end(c->out));
    fputc('\n', c->out);
}

static void compare_suites(struct comparison *c)
{
    for (size_t i = 0; i < num_suites; i++) {
        struct row row = { "suite", suites[i].name, "", { false, false } };
        for (int side = 0; side < 2; side++)
            row.has[side] = capabilities_have_suite(c->sides[side], suites[i].id);
        add(c, &row);
    }
}

static void compare_version(struct comparison *c, int v)
{
    uint16_t version = (uint16_t)(TLS10 + v);
    struct row row = { "version", version_name(version), "", { false, false } };
    for (int side = 0; side < 2; side++)
        row.has[side] = c->sides[side]->versions[v];
    add(c, &row);
    row.version = version_name(version);
    for (size_t i = 0; i < num_groups; i++) {
        row.kind = "group";
        row.name = groups[i].name;
        for (int side = 0; side < 2; side++)
            row.has[side] = capabilities_have_group(c->sides[side], version, groups[i].id);
        add(c, &row);
    }
    for (int credential = 0; credential < NUM_CREDENTIALS; credential++) {
        row.kind = "credential";
        row.name = credential_name((enum credential)credential);
        for (int side = 0; side < 2; side++)
            row.has[side] = c->sides[side]->credentials[v][credential];
        add(c, &row);
    }
}

static bool has_scheme(const struct capabilities *caps, uint16_t id)
{
    for (size_t i = 0; i < caps->num_signature_schemes; i++)
        if (caps->signature_schemes[i] == id)
            return true;
    return false;
}

static void compare_rest(struct comparison *c)
{
    bool known = c->sides[0]->num_signature_schemes > 0 && c->sides[1]->num_signature_schemes > 0;
    for (size_t i = 0; known && i < num_signature_schemes; i++) {
        struct row row = { "signature", signature_schemes[i].name, "", { false, false } };
        for (int side = 0; side < 2; side++)
            row.has[side] = has_scheme(c->sides[side], signature_schemes[i].id);
        add(c, &row);
    }
    for (int i = 0; i < NUM_FEATURES; i++) {
        struct row row = { "feature", feature_name((enum feature)i), "", { false, false } };
        for (int side = 0; side < 2; side++)
            row.has[side] = c->sides[side]->features[i];
        add(c, &row);
    }
}

size_t stacks_compare(FILE *out, const struct capabilities *first,
                      const struct capabilities *second, bool all, bool json)
{
    struct comparison c = {
        .sides = { first, second }, .all = all, .out = out, .list = json ? json_array() : NULL
    };
    if (!json)
        fprintf(out, "%s%*s %-*s %s%s\n", ink(out, INK_TITLE), 11 + 1 + 7 + 1 + NAME_COLUMN, "",
                STACK_COLUMN, first->stack, second->stack, ink_end(out));
    for (int v = 0; v < NUM_TLS_VERSIONS; v++)
        compare_version(&c, v);
    compare_suites(&c);
    compare_rest(&c);
    if (json) {
        json_dumpf(c.list, out, JSON_INDENT(2));
        fputc('\n', out);
        json_decref(c.list);
    } else {
        fprintf(out, "%zu differences between %s (%s) and %s (%s)\n", c.num_different, first->stack,
                first->library, second->stack, second->library);
    }
    return c.num_different;
}
