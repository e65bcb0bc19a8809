/* What fails before TLS and on the hellos. */
#include "stories.h"

#include <string.h>

static void reset_syn(struct made *made)
{
    made->facts.end[ROLE_SERVER].tcp.rst.packet = 2;
}
static void proxy(struct made *made)
{
    say(made, ROLE_CLIENT, "CONNECT a:443 HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER, "HTTP/1.1 403 Forbidden\r\n\r\n");
}
static void http_told(struct made *made)
{
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER,
        "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to "
        "HTTPS port");
}
static void http_alerted(struct made *made)
{
    made->facts.is_tls = true;
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER, "\x15\x03\x03");
}
static void http_unanswered(struct made *made)
{
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
}
static void text_alerted(struct made *made)
{
    made->facts.is_tls = true;
    say(made, ROLE_CLIENT, "hello\r\n");
    say(made, ROLE_SERVER, "\x15\x03\x03");
}
static void starttls_refused(struct made *made)
{
    say(made, ROLE_CLIENT, "STLS\r\n");
    say(made, ROLE_SERVER, "+OK\r\n-ERR\r\n");
}
static void starttls_demanded(struct made *made)
{
    say(made, ROLE_CLIENT, "EHLO a\r\nMAIL FROM:<>\r\n");
    say(made, ROLE_SERVER, "220 a\r\n530 5.7.0 Must issue a STARTTLS command first\r\n");
}
static void hello_to(struct made *made, const char *answer)
{
    say(made, ROLE_CLIENT, "\x16\x03\x01");
    say(made, ROLE_SERVER, answer);
}
static void hello_to_http(struct made *made)
{
    hello_to(made, "HTTP/1.1 400 Bad Request\r\n");
}
static void hello_to_smtp(struct made *made)
{
    hello_to(made, "220 mail ESMTP\r\n");
}
static void hello_to_ssh(struct made *made)
{
    hello_to(made, "SSH-2.0-x\r\n");
}
/* Six bytes of a record of 519. */
static void hello_begun(struct made *made)
{
    say(made, ROLE_CLIENT, "\x16\x03\x01\x02\x02\x01");
}
static void hello_begun_alerted(struct made *made)
{
    hello_begun(made);
    made->facts.is_tls = true;
    say(made, ROLE_SERVER, "\x15\x03\x03");
}
static void hello_begun_behind_starttls(struct made *made)
{
    say(made, ROLE_CLIENT, "STLS\r\n\x16\x03\x01\x02\x02\x01");
    say(made, ROLE_SERVER, "+OK\r\n+OK\r\n");
    made->facts.preamble_len[ROLE_CLIENT] = strlen("STLS\r\n");
}
static void mail_port(struct made *made)
{
    made->facts.address[ROLE_SERVER].port = 993;
}
static void sslv2(struct made *made)
{
    made->facts.sslv2_hello = true;
}
static void no_versions(struct made *made)
{
    made->story.offer.versions.num_ids = made->story.offer.versions.total = 0;
}
static void only_12(struct made *made)
{
    ids(&made->story.offer.versions, 1, (const uint16_t[]){ TLS12 });
}
static void only_13(struct made *made)
{
    ids(&made->story.offer.versions, 1, (const uint16_t[]){ TLS13 });
}
static void one_suite(struct made *made)
{
    ids(&made->story.offer.suites, 1, (const uint16_t[]){ 0x1301 });
}
static void one_group(struct made *made)
{
    ids(&made->story.offer.groups, 1, (const uint16_t[]){ 24 });
}
static void only_rsa(struct made *made)
{
    only_12(made);
    ids(&made->story.offer.suites, 3, (const uint16_t[]){ 0xC02F, 0xC030, 0xC013 });
}
/* ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384 */
static void ecdsa_only(struct made *made)
{
    ids(&made->story.offer.schemes, 2, (const uint16_t[]){ 0x0403, 0x0503 });
}
static void ecdsa_and_rsa(struct made *made)
{
    ids(&made->story.offer.schemes, 2, (const uint16_t[]){ 0x0403, 0x0804 });
}
/* Two suspects. */
static void ecdsa_and_one_suite(struct made *made)
{
    ecdsa_only(made);
    one_suite(made);
}
static void ecdsa_and_one_group(struct made *made)
{
    ecdsa_only(made);
    one_group(made);
}
/* RSA before TLS 1.3, and all suites want it too. */
static void rsa_schemes(struct made *made)
{
    only_rsa(made);
    ids(&made->story.offer.schemes, 3, (const uint16_t[]){ 0x0401, 0x0804, 0x0809 });
}
static void rsa_key_for_ecdsa(struct made *made)
{
    ecdsa_only(made);
    certificate(made, ROLE_SERVER)->signing_key.kind = KEY_RSA;
}
static void ec_key_for_ecdsa(struct made *made)
{
    ecdsa_only(made);
    certificate(made, ROLE_SERVER)->signing_key.kind = KEY_EC;
}
/* Its key decrypts and signs nothing: TLS_RSA_WITH_AES_128_GCM_SHA256. */
static void rsa_key_exchange(struct made *made)
{
    rsa_key_for_ecdsa(made);
    made->facts.suite = 0x009C;
}
static void rsa_key_in_tls11(struct made *made)
{
    rsa_key_for_ecdsa(made);
    made->facts.version = TLS11;
}
static void short_prime(struct made *made)
{
    made->story.dh_bits = 1024;
}

const struct row stories_before[] = {
    { "tcp-refused", "", TCP, NOBODY, 0, 0, 0, reset_syn },
    { "tcp-unanswered", "", TCP, NOBODY, 0, 0, 0, NULL },
    { "proxy-refused", "403", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, proxy },
    { "http-to-tls-port", "https", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, http_told },
    { "http-to-tls-port", "https", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, http_alerted },
    { "http-to-tls-port", "without a byte", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      http_unanswered },
    { "plaintext-to-tls-port", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, text_alerted },
    { "hello-cut", "6 of the 519 bytes of its first record are there; then the client closed", OPEN,
      NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, hello_begun },
    { "hello-cut", "gave up with decode_error", OPEN, ROLE_SERVER, 50, 0, 0, hello_begun_alerted },
    { "hello-cut", "6 of the 519", OPEN, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER,
      hello_begun_behind_starttls },
    { "hello-cut", "nothing more came for 10.0 s", OPEN, NOBODY, 0, WIRE_CLOSE_NONE, 0,
      hello_begun },
    { "starttls-refused", "POP3", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, starttls_refused },
    { "starttls-not-used", "SMTP", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      starttls_demanded },
    { "server-speaks-http", "400", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, hello_to_http },
    { "starttls-port", "ESMTP", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, hello_to_smtp },
    { "server-not-tls", "SSH", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, hello_to_ssh },
    { "tls-port-greeting-awaited", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, mail_port },

    { "sslv2-hello", "", HELLO, ROLE_SERVER, 40, 0, 0, sslv2 },
    { "no-common-version", "not whole", HELLO, ROLE_SERVER, 70, 0, 0, no_versions },
    { "no-common-version", "TLS 1.2 at most", HELLO, ROLE_SERVER, 70, 0, 0, only_12 },
    { "no-common-version", "TLS 1.3 only", HELLO, ROLE_SERVER, 70, 0, 0, only_13 },
    { "no-common-version", "older", HELLO, ROLE_SERVER, 70, 0, 0, NULL },
    { "no-common-version", "chose TLS 1.2", SERVER_FLIGHT, ROLE_CLIENT, 70, 0, 0, NULL },
    { "fallback-refused", "", HELLO, ROLE_SERVER, 86, 0, 0, NULL },
    { "name-not-served", "name.example", HELLO, ROLE_SERVER, 112, 0, 0, NULL },
    { "no-common-alpn", "", HELLO, ROLE_SERVER, 120, 0, 0, NULL },
    { "no-common-suite", "only TLS_AES", HELLO, ROLE_SERVER, 40, 0, 0, one_suite },
    { "no-common-suite", "same kind", HELLO, ROLE_SERVER, 40, 0, 0, only_rsa },
    { "no-common-group", "secp384r1", HELLO, ROLE_SERVER, 71, 0, 0, one_group },
    { "no-common-parameters", "", HELLO, ROLE_SERVER, 40, 0, 0, NULL },
    { "no-common-signature-algorithm", "ecdsa_secp256r1", HELLO, ROLE_SERVER, 40, 0, 0,
      ecdsa_only },
    { "no-common-signature-algorithm", "rsa_pkcs1", HELLO, ROLE_SERVER, 40, 0, 0, rsa_schemes },
    { "no-common-parameters", "", HELLO, ROLE_SERVER, 40, 0, 0, ecdsa_and_rsa },
    { "no-common-parameters", "", HELLO, ROLE_SERVER, 40, 0, 0, ecdsa_and_one_suite },
    { "no-common-parameters", "", HELLO, ROLE_SERVER, 40, 0, 0, ecdsa_and_one_group },
    { "server-certificate-unsuitable", "ecdsa_secp256r1", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0,
      rsa_key_for_ecdsa },
    { "choice-refused", "", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0, ec_key_for_ecdsa },
    { "choice-refused", "", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0, rsa_key_exchange },
    { "choice-refused", "", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0, rsa_key_in_tls11 },
    { "server-certificate-unknown-ca", "issued by", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      rsa_key_for_ecdsa },
    { "hello-refused", "decode_error", HELLO, ROLE_SERVER, 50, 0, 0, NULL },
    { "dh-too-small", "1024", SERVER_FLIGHT, ROLE_CLIENT, 40, 0, 0, short_prime },
    { "choice-refused", "", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0, NULL },
    { .far = END },
};
