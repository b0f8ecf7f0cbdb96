"""What the law forbids."""

from __future__ import annotations

from app.errors import DomainError


class GuardianConsentMissing(DomainError):
    """Nothing is recorded, matched, held or booked for a child under 14 without a guardian's consent to matching."""

    code = "guardian_consent_missing"
    zh = "未满 {years} 周岁须先有监护人对匹配的同意。"
    en = "Under {years} a guardian has to consent to matching first."
