"""What each verdict becomes in pytest."""

from driven import LIAR

CASE = "openssl-liar/tls1.3/aes128gcm/x25519/rsa2048/server/off"


def lying(driven, lie, *arguments):
    words = ["--tlsmatrix-stack", LIAR, "-m", "client.openssl and server.liar", *arguments]
    if lie is not None:
        words += ["--tlsmatrix-fault", f"liar={lie}"]
    return driven(*words, stacks="openssl")


def test_a_case_as_expected_passes(driven):
    result = lying(driven, None, "-k", CASE)
    assert result.outcomes == {"passed": 1, "deselected": 39}
    assert result.status == 0


def test_a_lie_fails_with_reason_expectation_facts_and_rerun(driven):
    result = lying(driven, "wrong-suite", "-k", CASE)
    assert result.outcomes == {"failed": 1, "deselected": 39}
    assert result.status == 1
    result.says(
        "ends-disagree: server: reports suite 0x1302; on the wire it was 0x1301;*",
        "  verdict * fail ends-disagree",
        "expected",
        "  suite * TLS_AES_128_GCM_SHA256",
        "    RFC 8446 section*",
        "facts",
        "  suite * TLS_AES_128_GCM_SHA256 * TLS_AES_256_GCM_SHA384",
        "rerun with",
        f"  tlsmatrix rerun -v {CASE} *--stack {LIAR}*--fault liar=wrong-suite",
    )
    assert not any("Traceback" in line for line in result.lines)


def test_a_crash_fails_every_case_that_it_hits(driven):
    result = lying(driven, "crash")
    assert result.outcomes == {"failed": 10, "deselected": 30}
    result.says("crash: server: *signal 11*")


def test_the_honest_twins_of_all_of_them_pass(driven):
    assert lying(driven, None).outcomes == {"passed": 10, "deselected": 30}


def test_a_harness_error_is_an_error_and_no_failure(driven):
    result = lying(driven, "garbage", "-k", CASE)
    assert result.outcomes == {"error": 1, "deselected": 39}
    result.says("harness-error: server: *")


def test_a_run_that_cannot_start_is_an_error_of_every_case(driven):
    result = driven("--tlsmatrix-fault", "nobody=wrong-suite", stacks="openssl")
    assert result.outcomes == {"error": 10}
    result.says("*--fault 'nobody=wrong-suite': no stack 'nobody' in this run")


def test_a_known_deviation_is_an_expected_failure(driven):
    driven.know_deviation()
    result = lying(driven, "wrong-suite", "-rx", "-k", "server/off")
    assert result.outcomes == {"xfailed": 2, "deselected": 38}
    result.says("*liar.other-suite: it says another suite than the ServerHello (server: reports suite *")


def test_a_known_deviation_that_is_gone_fails(driven):
    driven.know_deviation()
    result = lying(driven, None, "-k", CASE)
    assert result.outcomes == {"failed": 1, "deselected": 39}
    result.says("xpass: *")


def test_an_unsupported_case_is_skipped_with_what_is_missing(driven):
    result = driven("-rs", stacks="boringssl")
    assert result.outcomes == {"skipped": 10}
    result.says("SKIPPED*boringssl: no credential rsapss2048 in tls1.3")


def test_junit_carries_verdict_kind_and_run(driven):
    lying(driven, "wrong-suite", "--junitxml=junit.xml", "--tlsmatrix-out", "kept")
    case = driven.junit("junit.xml")[CASE]
    properties = {prop.get("name"): prop.get("value") for prop in case.iter("property")}
    assert properties == {"verdict": "fail", "kind": "ends-disagree", "run": str(driven.kept)}
    assert "TLS_AES_256_GCM_SHA384" in case.find("failure").text
    assert 0 < float(case.get("time")) < 10
