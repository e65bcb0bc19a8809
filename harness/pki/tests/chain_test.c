/* Chains as the forge reads them back: what a file of certificates may do to who reads it. */
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/chain_test.XXXXXX";

static struct bytes self_signed(void)
{
    struct bytes pem;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    X509 *certificate = X509_new();
    assert_true(key != NULL && certificate != NULL);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, NULL) > 0);
    assert_int_equal(certificates_to_pem(&pem, &certificate, 1, NULL), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return pem;
}

/* Writes the PEM with `header` behind its first line. */
static void write_pem(const struct bytes *pem, const char *header)
{
    FILE *out = fopen(path, "we");
    char *body = strchr((char *)pem->data, '\n') + 1;
    assert_non_null(out);
    fprintf(out, "%.*s%s%s", (int)(body - (char *)pem->data), (char *)pem->data, header, body);
    assert_int_equal(fclose(out), 0);
}

/* Reads it in a process without a terminal, where "answer" waits on standard input. 0: it was read;
 * 1: it was refused, and the answer is still there; 2: somebody asked for it. */
static int read_without_terminal(void)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "answer\n", 7), 7);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char answer[8] = "";
        uint8_t *list;
        size_t len;
        close(ends[1]);
        if (setsid() < 0 || dup2(ends[0], STDIN_FILENO) < 0)
            _exit(3);
        if (forge_read_chain(&list, &len, path, NULL) == 0)
            _exit(0);
        _exit(read(STDIN_FILENO, answer, 7) == 7 && strcmp(answer, "answer\n") == 0 ? 1 : 2);
    }
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void an_encrypted_certificate_is_refused_and_nobody_asked(void **state)
{
    (void)state;
    struct bytes pem = self_signed();
    write_pem(&pem, "Proc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n");
    assert_int_equal(read_without_terminal(), 1);
    free(pem.data);
}

static void the_same_without_encryption_is_read(void **state)
{
    (void)state;
    struct bytes pem = self_signed();
    write_pem(&pem, "");
    assert_int_equal(read_without_terminal(), 0);
    free(pem.data);
}

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_encrypted_certificate_is_refused_and_nobody_asked),
        cmocka_unit_test(the_same_without_encryption_is_read),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
