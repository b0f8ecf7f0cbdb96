"""What is published before a window opens: hashes of the secret and of the policy file, and the key of the list. Pure.

The policy file says in data how the order comes about; whoever has it and the published list can follow the order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.models.enums import Mode, ServiceKind

COMMITMENT: Final = "carematch-round-commitment/1"
POLICY: Final = "carematch-round-policy/1"
DRAW: Final = (
    "draw number = first 31 bits of HMAC-SHA-256(key = secret + ':' + public number, message = code of the need); "
    "lower first"
)


def canonical(document: Any) -> bytes:
    """Return the one text of a document that is hashed and signed: JSON, keys sorted, no blanks, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(document: Any) -> str:
    """Return the SHA-256 of a document's one text."""
    return hashlib.sha256(canonical(document)).hexdigest()


def hash_secret(secret: str) -> str:
    """Return the hash by which a secret is bound before the window opens."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_entries(codes: list[str]) -> str:
    """Return the hash of who took part: the sorted codes, a line each."""
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def make_seed(secret: str, public_number: str) -> str:
    """Return the seed of the draw."""
    return f"{secret}:{public_number}"


def make_policy_file(
    code: str, kind: ServiceKind, mode: Mode, version: str, order: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the policy file of a round; `order` is what puts people into classes (priority.rules.describe_order)."""
    return {
        "format": POLICY,
        "round": code,
        "kind": kind.value,
        "mode": mode.value,
        "version": version,
        "order": ["class, 4 first", "draw number, lower first"],
        "classes": dict(order),
        "draw": DRAW,
    }


def make_commitment(
    *,
    code: str,
    name: str,
    dates: Mapping[str, date],
    policy: Mapping[str, Any],
    secret_hash: str,
    policy_hash: str,
    list_key: str,
) -> dict[str, Any]:
    """Return what is announced; `dates` are opens_on, closes_on, publishes_on, starts_on."""
    return {
        "format": COMMITMENT,
        "round": code,
        "name": name,
        **{key: on.isoformat() for key, on in dates.items()},
        "secret_sha256": secret_hash,
        "policy_sha256": policy_hash,
        "policy": dict(policy),
        "list_key": list_key,
    }


def make_list_key() -> tuple[str, str]:
    """Return a new signing key: the half to be sealed, the half to be announced."""
    private = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    return private, find_public_key(private)


def find_public_key(private: str) -> str:
    """Return the half of a signing key that is announced."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))
    return key.public_key().public_bytes_raw().hex()


def sign(private: str, document: Any) -> str:
    """Return the signature (hex) of a document."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).sign(canonical(document)).hex()


def is_signed(public: str, document: Any, signature: str) -> bool:
    """Return whether a signature is the announced key's."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), canonical(document))
    except (InvalidSignature, ValueError):
        return False
    return True
