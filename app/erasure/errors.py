"""What stands against erasing somebody."""

from __future__ import annotations

from app.errors import DomainError


class UnknownPerson(DomainError):
    """No person has this code, or their data are erased already."""

    status = 404
    code = "unknown_person"
    zh = "没有编码为 {person} 的人员，或其资料已删除。"
    en = "No person has the code {person}, or their data are erased already."


class StillServed(DomainError):
    """Somebody is expected somewhere: these places have to end first."""

    code = "still_served"
    zh = "{person} 还有有效的名额或预约（需求 {needs}）；请先取消或结束它们，再删除资料。"
    en = "{person} still has places or bookings (needs {needs}); cancel or end these, then erase."


class StillGuardian(DomainError):
    """A child's consents rest on this person."""

    code = "still_guardian"
    zh = "{person} 是 {children} 的监护人；请先登记其他监护人并结束这项监护，或一并删除孩子的资料。"
    en = "{person} is the guardian of {children}; end the guardianship or erase the child first."


class ScrubLater(DomainError):
    """The data are erased, but the database was too busy to overwrite what is left of them in its files."""

    status = 503
    code = "scrub_later"
    zh = "资料已删除，但数据库正忙，旧内容可能还留在文件的空闲处；请稍后运行 carematch erase --scrub。"
    en = "The data are erased; the database was too busy to overwrite its free space. Run `carematch erase --scrub` later."
