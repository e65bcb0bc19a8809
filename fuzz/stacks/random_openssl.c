/* OpenSSL's randomness (wrapped.h): the four functions that all of the library draws by. No header
 * of the library's is included: of its objects only addresses are passed on. */
#include "fuzz/stacks/wrapped.h"

int __wrap_RAND_bytes(unsigned char *out, int len);
int __wrap_RAND_priv_bytes(unsigned char *out, int len);
int __wrap_RAND_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength);
int __wrap_RAND_priv_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength);

int __wrap_RAND_bytes(unsigned char *out, int len)
{
    if (len < 0)
        return 0;
    wrapped_random(out, (size_t)len);
    return 1;
}

int __wrap_RAND_priv_bytes(unsigned char *out, int len)
{
    return __wrap_RAND_bytes(out, len);
}

int __wrap_RAND_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength)
{
    (void)library, (void)strength;
    wrapped_random(out, len);
    return 1;
}

int __wrap_RAND_priv_bytes_ex(void *library, unsigned char *out, size_t len, unsigned strength)
{
    return __wrap_RAND_bytes_ex(library, out, len, strength);
}

/* What is made once and kept: an RSA key's blinding, which is renewed now and then, and contexts,
 * of which the peer makes one when it first verifies a chain. */
void *__real_RSA_setup_blinding(void *rsa, void *context);
int __real_BN_BLINDING_convert_ex(void *number, void *unblind, void *blinding, void *context);
void *__real_SSL_CTX_new(const void *method);
void *__wrap_RSA_setup_blinding(void *rsa, void *context);
int __wrap_BN_BLINDING_convert_ex(void *number, void *unblind, void *blinding, void *context);
void *__wrap_SSL_CTX_new(const void *method);

void *__wrap_RSA_setup_blinding(void *rsa, void *context)
{
    wrapped_random_aside();
    void *blinding = __real_RSA_setup_blinding(rsa, context);
    wrapped_random_back();
    return blinding;
}

int __wrap_BN_BLINDING_convert_ex(void *number, void *unblind, void *blinding, void *context)
{
    wrapped_random_aside();
    int result = __real_BN_BLINDING_convert_ex(number, unblind, blinding, context);
    wrapped_random_back();
    return result;
}

void *__wrap_SSL_CTX_new(const void *method)
{
    wrapped_random_aside();
    void *context = __real_SSL_CTX_new(method);
    wrapped_random_back();
    return context;
}
