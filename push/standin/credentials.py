"""What Google would hand out: a TLS identity that clients can check, and a service-account file."""

import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PROJECT = "my-diary-local"
CLIENT_EMAIL = f"push@{PROJECT}.iam.gserviceaccount.com"
_PEM = serialization.Encoding.PEM
_PKCS8 = serialization.PrivateFormat.PKCS8
_CLEAR = serialization.NoEncryption()


@dataclass(frozen=True)
class Identity:
    """Files in the stand-in's folder: `ca` for clients to trust, `service_account` for them to sign with."""

    ca: Path
    chain: Path
    service_account: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def public_key(self) -> str:
        """The key in PEM that checks what the service account signed."""
        private = json.loads(self.service_account.read_text())["private_key"].encode()
        key = serialization.load_pem_private_key(private, password=None)
        return key.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def make_identity(folder: Path, base_url: str) -> Identity:
    """Makes the files, or takes those of an earlier run. The service account points at `base_url`."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = Identity(folder / "ca.pem", folder / "server.pem", folder / "service-account.json")
    if not (identity.ca.exists() and identity.chain.exists()):
        _write_certificates(identity)
    if not identity.service_account.exists():
        _write_private(identity.service_account, json.dumps(_service_account(base_url), indent=2).encode())
    account = json.loads(identity.service_account.read_text())
    if account["token_uri"] != f"{base_url}/token":
        account["token_uri"] = f"{base_url}/token"
        _write_private(identity.service_account, json.dumps(account, indent=2).encode())
    return identity


def _service_account(base_url: str) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "local",
        "private_key": key.private_bytes(_PEM, _PKCS8, _CLEAR).decode(),
        "client_email": CLIENT_EMAIL,
        "client_id": "1",
        "token_uri": f"{base_url}/token",
    }


def _write_certificates(identity: Identity) -> None:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "My Diary local FCM")])
    now = datetime.now(UTC)

    def base(subject: x509.Name) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=800))

    ca = base(name).public_key(ca_key.public_key())
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    ca = ca.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = ca.add_extension(identifier, critical=False)

    leaf = base(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])).public_key(key.public_key())
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    certificate = leaf.sign(ca_key, hashes.SHA256()).public_bytes(_PEM)
    _write_private(identity.chain, key.private_bytes(_PEM, _PKCS8, _CLEAR) + certificate)
    identity.ca.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(_PEM))


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
