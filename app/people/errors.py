"""What can go wrong with people and households."""

from __future__ import annotations

from app.errors import DomainError


class AlreadyRegistered(DomainError):
    """Another person has this ID number."""

    code = "already_registered"
    zh = "此身份证号已登记；请先按证号后四位查找。"
    en = "This ID number is registered already; search by its last four characters."


class IdNumberDiffers(DomainError):
    """The ID number says another birth date or sex than the form."""

    status = 422
    code = "id_number_differs"
    zh = "身份证号与所填的出生日期或性别不一致，请核对。"
    en = "The ID number says another date of birth or another sex than the form; check them."


class UnknownCompound(DomainError):
    """A compound that is not there or lies outside the actor's areas."""

    status = 422
    code = "unknown_compound"
    zh = "没有这个小区，或者它不在您的辖区内。"
    en = "There is no such compound, or it lies outside your areas."


class BuildingElsewhere(DomainError):
    """A building of another compound, or a floor it does not have."""

    status = 422
    code = "building_elsewhere"
    zh = "该楼栋不属于此小区，或没有这一层。"
    en = "This building belongs to another compound, or has no such floor."


class NotAGuardian(DomainError):
    """For a child under 14 only a guardian may consent."""

    code = "not_a_guardian"
    zh = "未满 {years} 周岁须由登记的监护人同意。"
    en = "Under {years} only a registered guardian may consent."


class ConsentNotTheirs(DomainError):
    """Nobody but the person, or a guardian in office, consents for them; data: `given_on`."""

    code = "consent_not_theirs"
    zh = "同意只能由本人，或 {given_on} 当天在任的监护人作出；由监护人代为同意的，请先登记监护关系。"
    en = (
        "Only the person, or whoever is a guardian on {given_on}, can consent: where a guardian speaks for them,"
        " register the guardianship first."
    )


class AlreadyGuardian(DomainError):
    """The guardianship is in the record."""

    code = "already_guardian"
    zh = "此人已登记为监护人。"
    en = "This person is registered as a guardian already."


class OwnGuardian(DomainError):
    """Nobody is their own guardian."""

    status = 422
    code = "own_guardian"
    zh = "不能把本人登记为自己的监护人。"
    en = "Nobody can be their own guardian."


class EndsBeforeStart(DomainError):
    """A last day before the first."""

    status = 422
    code = "ends_before_start"
    zh = "结束日期早于开始日期 {starts_on}。"
    en = "The last day is before the first, {starts_on}."
