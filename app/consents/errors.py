"""What the law forbids."""

from __future__ import annotations

from app.errors import DomainError


class GuardianConsentMissing(DomainError):
    """Nothing is recorded, matched, held or booked for a child under 14 without a guardian's consent to matching."""

    code = "guardian_consent_missing"
    zh = "未满 {years} 周岁须先有监护人对匹配的同意。"
    en = "Under {years} a guardian has to consent to matching first."


class SharingConsentMissing(DomainError):
    """A site is shown no sealed field of somebody who has not consented to sharing with the site."""

    code = "sharing_consent_missing"
    zh = "本人或监护人未同意向服务点提供信息，这里不能查看；请直接询问本人或家长，或请养老顾问登记该项同意。"
    en = (
        "Neither the person nor a guardian has consented to sharing with the site: ask them directly, or have an"
        " adviser note the consent."
    )


class HealthConsentMissing(DomainError):
    """A health note is neither written nor shown without a live consent to the use of health data (PIPL, art. 29)."""

    code = "health_consent_missing"
    zh = "尚无本人或监护人对使用健康信息的同意，健康备注不能填写或查看；请先登记该项同意。"
    en = "Nobody has consented to the use of this person's health data: record that consent first, then the health note."
