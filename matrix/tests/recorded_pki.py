"""Credentials for the programs that are recorded: one CA and what goes wrong with certificates."""

import datetime
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dh, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "good.example"
EXPIRED_ON = "2020-03-04"  # what explain has to say

# The second Oakley group, of 1024 bits (RFC 2409 section 6.2).
WEAK_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E34"
    "04DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6"
    "F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16
)

DAY = datetime.timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    def __init__(self, name, now):
        self.now = now
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        usage = {word: word in ("key_cert_sign", "crl_sign") for word in USAGES}
        self.certificate = (
            self._builder(self.name, self.key.public_key(), now - DAY, now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _builder(self, subject, public_key, begin, end):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )

    def issue(self, name, key, end=None):
        begin = self.now - DAY if end is None else end - 30 * DAY
        usage = {word: word == "digital_signature" for word in USAGES}
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return (
            self._builder(_name(name), key.public_key(), begin, end or self.now + 30 * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .sign(self.key, hashes.SHA256())
        )


USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def write_credentials(folder):
    """NAME.pem and NAME.key for each credential, ca.pem and other-ca.pem."""
    now = datetime.datetime.utcnow().replace(microsecond=0)
    expired = datetime.datetime.strptime(EXPIRED_ON, "%Y-%m-%d")
    ours, other = Authority("Recorded Test CA", now), Authority("Some Other CA", now)
    (folder / "ca.pem").write_bytes(_pem(ours.certificate))
    (folder / "other-ca.pem").write_bytes(_pem(other.certificate))

    def write(name, authority, subject, key=None, end=None):
        key = key or ec.generate_private_key(ec.SECP256R1())
        pem = _pem(authority.issue(subject, key, end))
        (folder / f"{name}.pem").write_bytes(pem)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key").write_bytes(private)

    parameters = dh.DHParameterNumbers(WEAK_PRIME, 2).parameters()
    (folder / "dh1024.pem").write_bytes(
        parameters.parameter_bytes(serialization.Encoding.PEM, serialization.ParameterFormat.PKCS3)
    )
    write("good", ours, NAME)
    write("rsa", ours, NAME, rsa.generate_private_key(65537, 2048))
    write("weak", ours, NAME, rsa.generate_private_key(65537, 1024))
    write("expired", ours, NAME, end=expired)
    write("misnamed", ours, "elsewhere.example")
    write("foreign", other, NAME)
    write("client", ours, "client.example")
    write("client-expired", ours, "client.example", end=expired)
    write("client-foreign", other, "client.example")


def trust_in_nss(folder):
    """ca.pem as an anchor of whatever has FOLDER as its home and asks NSS, as Chromium does."""
    database = folder / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil = ["certutil", "-d", f"sql:{database}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run([*certutil, "-A", "-t", "C,,", "-n", "ours", "-i", folder / "ca.pem"], check=True)
