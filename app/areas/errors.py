"""Errors about points and areas that a person can mend."""

from __future__ import annotations

from typing import ClassVar

from app.errors import DomainError


class PointNotFinite(DomainError):
    """A coordinate that cannot lie on the earth."""

    status: ClassVar[int] = 422
    code = "point_not_finite"
    zh = "坐标（纬度 {latitude}，经度 {longitude}）不是有效数值；请检查经纬度。"
    en = "The point (latitude {latitude}, longitude {longitude}) is not on the earth; check the numbers."


class PointOutsideDistrict(DomainError):
    """A point outside the district's bounds: most often swapped columns or the wrong datum."""

    status: ClassVar[int] = 422
    code = "point_outside_district"
    zh = "坐标（纬度 {latitude}，经度 {longitude}）不在本区范围内；请检查经纬度是否写反、坐标系是否选对。"
    en = (
        "The point (latitude {latitude}, longitude {longitude}) is outside the district; "
        "check whether the columns are swapped and the datum is right."
    )
