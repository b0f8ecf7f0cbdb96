"""Where people live: the area tree, its compounds and buildings, and the walking graph."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, BigId, UtcDateTime, enum_type
from app.models.enums import AreaKind, Datum


class Area(Base):
    """A node of the tree subdistrict, block, committee, compound; the scope of staff and reports."""

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint("(kind = 'subdistrict') = (parent_id IS NULL)", name="only_the_root_has_no_parent"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[AreaKind] = mapped_column(enum_type(AreaKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")

    parent: Mapped[Area | None] = relationship(remote_side="Area.id", lazy="raise")


class Compound(Base):
    """What is known of a compound beyond its place in the tree: its point (WGS-84) and its counts."""

    __tablename__ = "compound"
    __table_args__ = (
        CheckConstraint("residents >= 0", name="residents_not_negative"),
        CheckConstraint("residents_60_plus + residents_under_12 <= residents", name="parts_within_whole"),
        CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="point_on_earth"
        ),
    )

    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    source_datum: Mapped[Datum] = mapped_column(enum_type(Datum))
    residents: Mapped[int] = mapped_column(default=0)
    residents_60_plus: Mapped[int] = mapped_column(default=0)
    residents_under_12: Mapped[int] = mapped_column(default=0)

    area: Mapped[Area] = relationship(lazy="raise")


class AreaAlias(Base):
    """Another name under which offices know an area; stored normalised, so that lookup is equality."""

    __tablename__ = "area_alias"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    alias: Mapped[str] = mapped_column(String(80), unique=True)


class Building(Base):
    """A building of a compound; floors and lift change what its people can reach."""

    __tablename__ = "building"
    __table_args__ = (
        UniqueConstraint("compound_id", "name"),
        CheckConstraint("floors BETWEEN 1 AND 120", name="floors_plausible"),
        CheckConstraint("has_lift OR NOT lift_retrofitted", name="retrofitted_means_lift"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compound.area_id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    floors: Mapped[int]
    has_lift: Mapped[bool]
    lift_retrofitted: Mapped[bool] = mapped_column(default=False)


class WalkingGraph(Base):
    """A walking network as packed arrays (app/walking reads them); the newest row counts."""

    __tablename__ = "walking_graph"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    nodes: Mapped[int]
    edges: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64), unique=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)
