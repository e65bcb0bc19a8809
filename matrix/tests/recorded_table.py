"""What is recorded: programs of Debian's that fail against each other, each in its own way, and the
same programs that do not; with what `tlsmatrix explain` has to say of each.

A row is a server, a client, and an expectation: the cause without keys, the end that gave up, its
alert (None: none can be read). `keyed` is what the key log adds. Every server has a port of its own
by which its row is found in the capture. `{c}` is the folder of credentials, `{port}` the port."""

from collections import namedtuple

Row = namedtuple("Row", "name server client cause by alert keyed", defaults=(None,) * 4)

ACTOR = "/usr/bin/python3 {here}/recorded_actors.py"
ANY = "any"  # whichever alert a program sends to what is no TLS


def s_server(credential="good", *more):
    return (
        f"openssl s_server -accept 127.0.0.1:{{port}} -www -cert {{c}}/{credential}.pem"
        f" -key {{c}}/{credential}.key " + " ".join(more)
    )


def gnutls_serv(credential="good", *more):
    return (
        f"gnutls-serv --quiet --http --port {{port}} --x509certfile {{c}}/{credential}.pem"
        f" --x509keyfile {{c}}/{credential}.key " + " ".join(more)
    )


def nginx(*directives):
    return "nginx " + ";".join(directives)


def actor(*words):
    return ACTOR + " " + words[0] + " {port} " + " ".join(words[1:])


def s_client(*more):
    return (
        "openssl s_client -connect 127.0.0.1:{port} -servername good.example -CAfile {c}/ca.pem"
        " -verify_return_error -verify_hostname good.example -keylogfile {keys} " + " ".join(more)
    )


def curl(*more, host="good.example", scheme="https"):
    return (
        "curl -s --max-time 10 --cacert {c}/ca.pem --connect-to ::127.0.0.1:{port} "
        + " ".join(more) + f" {scheme}://{host}:{{port}}/"
    )


def wget(*more):
    """wget has no --resolve: the names are in /etc/hosts of the recording's namespace."""
    return (
        "wget -q -O /dev/null --tries=1 --timeout=10 --ca-certificate={c}/ca.pem "
        + " ".join(more) + " https://good.example:{port}/"
    )


def gnutls_cli(*more, host="good.example"):
    return (
        f"gnutls-cli --x509cafile {{c}}/ca.pem --port {{port}} --sni-hostname {host}"
        f" --verify-hostname {host} --logfile=/dev/null 127.0.0.1 " + " ".join(more)
    )


def python(*options, trust="ca", name="good.example"):
    return ACTOR + f" fetch {{port}} {{c}}/{trust}.pem {name} " + " ".join(options)


NODE = (
    "const tls=require('tls'),fs=require('fs');const s=tls.connect({host:'127.0.0.1',port:+process."
    "argv[1],servername:'good.example',ca:fs.readFileSync(process.argv[2]),maxVersion:process.argv"
    "[3]},()=>{s.write('GET / HTTP/1.0\\r\\n\\r\\n');s.on('data',()=>{});s.on('end',()=>s.end())});"
    "s.on('error',()=>{});s.on('keylog',l=>fs.appendFileSync(process.argv[4],l))"
)


def node(version):
    return f"node -e @NODE {{port}} {{c}}/ca.pem {version} {{keys}}"


def chromium():
    """It trusts what NSS has in its home (recorded_pki.py), and has a profile of its own."""
    return (
        "env HOME={c} chromium-headless-shell --headless --no-sandbox --disable-gpu --no-first-run"
        " --disable-background-networking --dump-dom --user-data-dir={c}/profile-{port}"
        " https://good.example:{port}/"
    )


T12, T13 = "--tls-max 1.2", "--tlsv1.3"
G12, G13 = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2", "--priority NORMAL:-VERS-ALL:+VERS-TLS1.3"
W12 = "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.2"
LAX = "-cipher ALL:@SECLEVEL=0"
DEMANDS = "-Verify 1 -verify_return_error -CAfile {c}/ca.pem"


def mutual(credential):
    return f"-cert {{c}}/{credential}.pem -key {{c}}/{credential}.key"


CURL_MUTUAL = "--cert {c}/client.pem --key {c}/client.key"
PINNED = f"--pinnedpubkey sha256//{'A' * 43}="
GCM128 = "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256"
GCM256 = "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384"
GNUTLS128 = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM"
GNUTLS256 = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC"
GNUTLS_P521 = "--priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1"
GNUTLS_STRICT = "--priority NORMAL:%PROFILE_MEDIUM:-VERS-ALL:+VERS-TLS1.2"
GNUTLS_WEAK_DH = (
    "--dhparams {c}/dh1024.pem"
    " --priority NORMAL:%PROFILE_VERY_WEAK:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA"
)
OTHER_NAME = (
    "-servername other.example -servername_fatal -cert2 {c}/good.pem -key2 {c}/good.key"
)

ROWS = [
    # The same programs without a fault: nothing may be held against them.
    Row("fine-curl12", s_server(), curl(T12)),
    Row("fine-curl13", s_server(), curl(T13)),
    Row("fine-wget12", s_server(), wget(W12)),
    Row("fine-wget13", s_server(), wget()),
    Row("fine-gnutls12", gnutls_serv(), gnutls_cli(G12)),
    Row("fine-gnutls13", gnutls_serv(), gnutls_cli(G13)),
    Row("fine-python", s_server(), python()),
    Row("fine-node12", s_server(), node("TLSv1.2")),
    Row("fine-node13", s_server(), node("TLSv1.3")),
    Row("fine-chromium12", s_server("good", "-tls1_2"), chromium()),
    Row("fine-chromium13", s_server(), chromium()),
    Row("fine-nginx", nginx(), curl()),
    Row("fine-nginx-gnutls", nginx(), gnutls_cli()),
    Row("fine-mutual12", s_server("good", DEMANDS), curl(T12, CURL_MUTUAL)),
    Row("fine-mutual13", s_server("good", DEMANDS), curl(T13, CURL_MUTUAL)),
    Row("fine-retry", s_server("good", "-groups P-384"), curl(T13)),
    Row("fine-alpn", s_server("good", "-alpn http/1.1"), python("alpn=h2,http/1.1")),
    Row("fine-starttls", actor("smtp", "yes", "{c}/good.pem", "{c}/good.key"),
        s_client("-starttls smtp")),
    Row("fine-proxy", s_server(), curl("-p -x http://127.0.0.1:{port2}")),
    Row("fine-haproxy", nginx("proxy_protocol"), curl("--haproxy-protocol")),

    # Versions.
    Row("version-curl", s_server("good", "-tls1_3"), curl(T12), "no-common-version", "server", 70),
    Row("version-gnutls", nginx("ssl_protocols TLSv1.3"), gnutls_cli(G12),
        "no-common-version", "server", 70),
    # GnuTLS says handshake_failure where it means the version: explain cannot tell.
    Row("version-gnutls-serv", gnutls_serv("good", G13), wget(W12),
        "no-common-parameters", "server", 40),
    Row("version-python", s_server("good", "-tls1_2"), python("min13"),
        "no-common-version", "server", 70),
    Row("version-chromium", s_server("good", "-tls1", LAX), chromium(),
        "no-common-version", "server", 70),
    Row("version-old", s_server("good", "-tls1", LAX), curl("--tlsv1.2"),
        "no-common-version", "server", 70),

    # Suites and groups.
    Row("suite12", s_server("good", GCM128), s_client(GCM256), "no-common-suite", "server", 40),
    Row("suite13", s_server("good", "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256"),
        s_client("-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384"),
        "no-common-suite", "server", 40),
    Row("suite-gnutls", gnutls_serv("good", GNUTLS128), gnutls_cli(GNUTLS256),
        "no-common-suite", "server", 40),
    Row("suite-authentication", s_server("good", "-tls1_2"),
        curl(T12, "--ciphers ECDHE-RSA-AES128-GCM-SHA256"),
        "no-common-suite", "server", 40),
    Row("group13", s_server("good", "-tls1_3 -groups X25519"), s_client("-tls1_3 -groups P-384"),
        "no-common-group", "server", 40),
    Row("group12", s_server("good", "-tls1_2 -groups X25519:P-256"),
        s_client("-tls1_2 -groups P-384"),
        "no-common-group", "server", 40),
    Row("group-gnutls", s_server("good", "-groups X448"), gnutls_cli(GNUTLS_P521),
        "no-common-group", "server", 40),

    # Signature algorithms: the server's key is of another kind than the client takes.
    Row("schemes13", s_server(), s_client("-tls1_3 -sigalgs rsa_pss_rsae_sha256:rsa_pkcs1_sha256"),
        "no-common-signature-algorithm", "server", 40),
    Row("schemes12", s_server("good", "-tls1_2"),
        s_client("-tls1_2 -sigalgs RSA+SHA256:RSA+SHA384"),
        "no-common-signature-algorithm", "server", 40),
    Row("fine-schemes", s_server(), s_client("-tls1_3 -sigalgs ecdsa_secp256r1_sha256")),
    # A client that has no key of the kind that the server asks for sends no certificate.
    Row("mutual-schemes12", s_server("good", DEMANDS, "-client_sigalgs ed25519"),
        s_client("-tls1_2", mutual("client")), "client-certificate-missing", "server", 40),

    # The server's certificate.
    Row("expired-curl12", s_server("expired"), curl(T12),
        "server-certificate-expired", "client", 45),
    Row("expired-curl13", s_server("expired"), curl(T13),
        "server-certificate-expired", "client", 45),
    Row("expired-python", s_server("expired"), python(),
        "server-certificate-expired", "client", 45),
    Row("expired-wget12", s_server("expired"), wget(W12), "server-certificate-expired", "client"),
    Row("expired-wget13", s_server("expired"), wget(),
        "refused-after-handshake", "client", None, "server-certificate-expired"),
    Row("expired-gnutls12", s_server("expired"), gnutls_cli(G12),
        "server-certificate-expired", "client", 42),
    Row("expired-gnutls13", s_server("expired"), gnutls_cli(G13),
        "server-certificate-refused", "client", None, "server-certificate-expired"),
    Row("expired-node12", s_server("expired"), node("TLSv1.2"),
        "server-certificate-expired", "client"),
    # Chromium says certificate_unknown whatever is wrong with a certificate.
    Row("expired-chromium12", s_server("expired", "-tls1_2"), chromium(),
        "server-certificate-expired", "client", 46),
    Row("expired-chromium13", s_server("expired"), chromium(),
        "server-certificate-refused", "client", None, "server-certificate-expired"),
    Row("expired-starttls", actor("smtp", "yes", "{c}/expired.pem", "{c}/expired.key"),
        s_client("-starttls smtp -tls1_2"),
        "server-certificate-expired", "client", 45),
    Row("name-curl12", s_server("misnamed"), curl(T12), "server-certificate-wrong-name", "client"),
    Row("name-curl13", s_server("misnamed"), curl(T13),
        "refused-after-handshake", "client", None, "server-certificate-wrong-name"),
    Row("name-python12", s_server("misnamed"), python("max12"),
        "server-certificate-wrong-name", "client", 42),
    Row("name-python13", s_server("misnamed"), python(),
        "server-certificate-refused", "client", 42, "server-certificate-wrong-name"),
    Row("name-gnutls12", s_server("misnamed"), gnutls_cli(G12),
        "server-certificate-wrong-name", "client", 42),
    Row("name-chromium12", s_server("misnamed", "-tls1_2"), chromium(),
        "server-certificate-wrong-name", "client", 46),
    Row("name-chromium13", s_server("misnamed"), chromium(),
        "server-certificate-refused", "client", None, "server-certificate-wrong-name"),
    Row("ca-chromium12", s_server("foreign", "-tls1_2"), chromium(),
        "server-certificate-refused", "client", 46),
    Row("ca-curl12", s_server("foreign"), curl(T12), "server-certificate-unknown-ca", "client", 48),
    Row("ca-curl13", s_server("foreign"), curl(T13), "server-certificate-unknown-ca", "client", 48),
    # Node judges when the server's flight is over, and leaves without an alert.
    Row("ca-node13", s_server("foreign"), node("TLSv1.3"), "closed-mid-handshake", "client"),
    Row("ca-s_client", s_server("foreign"), s_client(),
        "server-certificate-unknown-ca", "client", 48),
    Row("ca-gnutls12", s_server("foreign"), gnutls_cli(G12),
        "server-certificate-refused", "client", 42),
    Row("ca-wget12", s_server("foreign"), wget(W12), "refused-after-handshake", "client"),
    Row("weak-python12", s_server("weak", LAX), python("max12"),
        "server-certificate-weak", "client", 42),
    Row("weak-curl12", s_server("weak", LAX), curl(T12), "server-certificate-weak", "client", 42),
    Row("weak-gnutls12", s_server("weak", LAX), gnutls_cli(GNUTLS_STRICT),
        "server-certificate-weak", "client", 42),
    Row("weak-dh", gnutls_serv("rsa", GNUTLS_WEAK_DH),
        s_client("-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256"),
        "dh-too-small", "client", 40),
    Row("pin-curl12", s_server(), curl(T12, PINNED), "refused-after-handshake", "client"),
    Row("pin-curl13", s_server(), curl(T13, PINNED), "refused-after-handshake", "client"),

    # The client's certificate.
    Row("mutual-none12", s_server("good", DEMANDS), s_client("-tls1_2"),
        "client-certificate-missing", "server", 40),
    Row("mutual-none13", s_server("good", DEMANDS), curl(T13),
        "client-certificate-missing", "server", None, "client-certificate-missing"),
    Row("mutual-none-gnutls12", gnutls_serv("good", "--require-client-cert"), curl(T12),
        "client-certificate-missing", "server", 50),
    Row("mutual-ca12", s_server("good", DEMANDS), s_client("-tls1_2", mutual("client-foreign")),
        "client-certificate-unknown-ca", "server", 48),
    Row("mutual-ca13", s_server("good", DEMANDS), s_client("-tls1_3", mutual("client-foreign")),
        "client-certificate-refused", "server", None, "client-certificate-unknown-ca"),
    Row("mutual-expired12", s_server("good", DEMANDS),
        s_client("-tls1_2", mutual("client-expired")),
        "client-certificate-expired", "server", 45),
    # It says two alerts, and resets: it has not read what the client asks. A client that reads the
    # first at once may close before that, and leave what looks like an answer.
    Row("mutual-ca-gnutls13",
        gnutls_serv("good", "--require-client-cert --verify-client-cert --x509cafile {c}/ca.pem"),
        python("certificate={c}/client-foreign.pem", "patient"),
        "client-certificate-refused", "server", None, "client-certificate-refused"),
    Row("mutual-expired13", s_server("good", DEMANDS),
        s_client("-tls1_3", mutual("client-expired")),
        "client-certificate-refused", "server", None, "client-certificate-expired"),

    # Names and protocols.
    Row("sni-nginx", nginx("ssl_reject_handshake on"), curl(), "name-not-served", "server", 112),
    Row("sni-s_server", s_server("good", OTHER_NAME), gnutls_cli(),
        "name-not-served", "server", 112),
    Row("alpn-nginx", nginx(), s_client("-alpn spdy/1"), "no-common-alpn", "server", 120),
    Row("alpn-s_server", s_server("good", "-alpn h2"), python("alpn=http/1.1"),
        "no-common-alpn", "server", 120),

    # Somebody does not speak TLS.
    Row("http-server", actor("web"), curl(), "server-speaks-http", None, ANY),
    Row("http-client", nginx(), curl(scheme="http"), "http-to-tls-port"),
    Row("http-client-s_server", s_server(), curl(scheme="http"), "http-to-tls-port"),
    Row("starttls-smtp", actor("greeting", "smtp"), curl("--max-time 2"),
        "starttls-port", "client", ANY),
    Row("starttls-imap", actor("greeting", "imap"), s_client("-tls1_3"),
        "starttls-port", "client", ANY),
    Row("starttls-pop3", actor("greeting", "pop3"), gnutls_cli(), "starttls-port", "client", ANY),
    Row("starttls-never", actor("smtp", "demanded"), ACTOR + " plain-mail {port}",
        "starttls-not-used"),
    Row("starttls-broken", actor("smtp", "broken"), s_client("-starttls smtp"), "starttls-refused"),
    Row("proxy-refuses", actor("proxy", "'407 Proxy Authentication Required'"),
        "curl -s --max-time 10 -p -x http://127.0.0.1:{port} https://good.example/",
        "proxy-refused", None),
    Row("haproxy-missing", nginx("proxy_protocol"), curl(), "cut-by-reset", "server"),

    # Cut.
    Row("no-listener", "", curl(), "tcp-refused", "server"),
    Row("silent-curl", actor("silent"), curl("--max-time 1"), "server-silent", "client"),
    Row("reset-on-hello", actor("reset-on-hello"), curl(), "cut-by-reset", "server"),
    Row("close-on-hello", actor("close-on-hello"), wget(), "server-closed-on-hello", "server"),
    Row("reset-in-flight", actor("cut-reset", "{port2}"), curl(T12), "cut-by-reset", "server"),
    Row("close-in-flight", actor("cut-fin", "{port2}"), s_client(), "cut-in-handshake", "server"),
    Row("stalled", actor("stall", "{port2}"), curl("--max-time 1"), "server-silent", "client"),
]
