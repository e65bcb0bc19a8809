/* Theories about the path: a record that was changed on its way. Which bit it was is not in the
 * capture of one end; where it was, the alert and the stage tell. */
#include "matrix/reproduce/recipe_parts.h"

#include <stdio.h>
#include <string.h>

static bool damaged(const struct recording *recording, enum role by, enum reached stage)
{
    return cause_is(recording, "record-damaged") && gave_up(recording, by) &&
           recording->story.stage == stage;
}

static bool request(const struct recording *recording)
{
    return damaged(recording, ROLE_SERVER, REACHED_DATA);
}

static bool client_finished(const struct recording *recording)
{
    return damaged(recording, ROLE_SERVER, REACHED_CLIENT_FLIGHT) ||
           (request(recording) && recording->facts.version == TLS13);
}

static bool answer(const struct recording *recording)
{
    return damaged(recording, ROLE_CLIENT, REACHED_DATA);
}

static bool server_finished(const struct recording *recording)
{
    return damaged(recording, ROLE_CLIENT, REACHED_CLIENT_FLIGHT) ||
           (answer(recording) && recording->facts.version < TLS13);
}

static bool server_flight(const struct recording *recording)
{
    return damaged(recording, ROLE_CLIENT, REACHED_SERVER_FLIGHT);
}

static int change(struct making *making, const char *attack, struct error *err)
{
    struct recipe *recipe = making->recipe;
    if (present_sound(making, err) < 0)
        return -1;
    snprintf(recipe->attack, sizeof recipe->attack, "%s", attack);
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    recipe->has_twin = true;
    leave_out(recipe, "what changed the record on its way, and how: one bit is turned (%s)",
              attack);
    leave_out(recipe, "the server's certificate, which the client takes as it comes");
    return 0;
}

#define CHANGE(function, attack)                                                                   \
    static int function(struct making *making, struct error *err)                                  \
    {                                                                                              \
        return change(making, attack, err);                                                        \
    }
CHANGE(make_request, "flip-request")
CHANGE(make_client_finished, "flip-client-finished")
CHANGE(make_answer, "flip-answer")
CHANGE(make_server_finished, "flip-server-finished")
CHANGE(make_server_flight, "flip-server-protected-start")

const struct theory theories_path[] = {
    { "damaged-request", "the client's first record of data is changed on its way", ROLE_SERVER,
      PARTNER_STACK, request, make_request },
    { "damaged-client-finished", "the client's Finished is changed on its way", ROLE_SERVER,
      PARTNER_STACK, client_finished, make_client_finished },
    { "damaged-answer", "the server's first record of data is changed on its way", ROLE_CLIENT,
      PARTNER_STACK, answer, make_answer },
    { "damaged-server-finished", "the server's Finished is changed on its way", ROLE_CLIENT,
      PARTNER_STACK, server_finished, make_server_finished },
    { "damaged-server-flight", "the server's first protected record is changed on its way",
      ROLE_CLIENT, PARTNER_STACK, server_flight, make_server_flight },
    { 0 },
};
