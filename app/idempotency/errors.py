"""What can be wrong with an Idempotency-Key."""

from __future__ import annotations

from app.errors import DomainError


class IdempotencyKeyReused(DomainError):
    """The key came before with another request; each new request needs a key of its own."""

    status = 422
    code = "idempotency_key_reused"
    zh = "这个 Idempotency-Key 已用于另一个请求；每个新请求须使用新的键。"
    en = "This Idempotency-Key was used for another request; each new request needs a key of its own."


class IdempotencyKeyMalformed(DomainError):
    """The key is empty, longer than 120 characters or not printable ASCII."""

    status = 422
    code = "idempotency_key_malformed"
    zh = "Idempotency-Key 须为 1 至 120 个可见的 ASCII 字符。"
    en = "An Idempotency-Key has 1 to 120 visible ASCII characters."
