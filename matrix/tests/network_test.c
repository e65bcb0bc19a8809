/* Each case has a connected pair on addresses of its own. */
#include "matrix/network.h"

#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void a_pair_is_connected_on_the_addresses_of_its_number(void **state)
{
    (void)state;
    struct network network;
    struct error err;
    int client, server;
    char expected_client[INET_ADDRSTRLEN], expected_server[INET_ADDRSTRLEN], text[INET_ADDRSTRLEN];
    assert_int_equal(network_init(&network, false, &err), 0);
    assert_int_equal(network_pair(&network, 70001, &client, &server, &err), 0);
    network_addresses(70001, expected_client, expected_server);

    struct sockaddr_in address;
    socklen_t len = sizeof address;
    assert_int_equal(getpeername(server, (struct sockaddr *)&address, &len), 0);
    assert_string_equal(inet_ntop(AF_INET, &address.sin_addr, text, sizeof text), expected_client);
    assert_int_equal(getpeername(client, (struct sockaddr *)&address, &len), 0);
    assert_string_equal(inet_ntop(AF_INET, &address.sin_addr, text, sizeof text), expected_server);

    char byte = 0;
    assert_int_equal(write(client, "x", 1), 1);
    assert_int_equal(read(server, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(client);
    close(server);
    network_fini(&network);
}

/* The kernel holds the connection back for a second, as a busy or slow loopback does for less. */
static void a_connection_that_is_late_is_waited_for(void **state)
{
    (void)state;
    const int seconds = 1;
    struct network network;
    struct error err = { .text = "" };
    int client, server;
    assert_int_equal(network_init(&network, false, &err), 0);
    assert_int_equal(
        setsockopt(network.listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds), 0);
    int paired = network_pair(&network, 70002, &client, &server, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(paired, 0);
    close(client);
    close(server);
    network_fini(&network);
}

static void neighbouring_numbers_have_different_addresses(void **state)
{
    (void)state;
    static const uint32_t borders[] = { 1, 255, 256, 65535, 65536, 8257535 };
    for (size_t i = 0; i < sizeof borders / sizeof borders[0]; i++) {
        char client[2][INET_ADDRSTRLEN], server[2][INET_ADDRSTRLEN];
        network_addresses(borders[i], client[0], server[0]);
        network_addresses(borders[i] + 1, client[1], server[1]);
        assert_string_not_equal(client[0], client[1]);
        assert_string_not_equal(server[0], server[1]);
        assert_int_equal(strncmp(client[1], "127.", 4), 0);
        assert_string_not_equal(client[0], server[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_connected_on_the_addresses_of_its_number),
        cmocka_unit_test(a_connection_that_is_late_is_waited_for),
        cmocka_unit_test(neighbouring_numbers_have_different_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
