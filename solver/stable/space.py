"""All plans that block as little as the best one known: a settled market, and CP-SAT's model of it where it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver.stable.levels import keep_level
from solver.stable.model import Model, build_model

if TYPE_CHECKING:
    from solver.stable.levels import Counted
    from solver.stable.reduce import Market


@dataclass(slots=True)
class Space:
    """``is_bindable`` turns False where a level's numbers are too large to be kept by the model."""

    market: Market
    model: Model | None = None
    kept: list[tuple[Counted, int]] = field(default_factory=list)
    is_bindable: bool = True

    @property
    def may_block(self) -> bool:
        """Whether somebody may block in these plans; where there is no model yet, nobody may."""
        return self.model is not None and bool(self.model.blocking)

    def get_model(self) -> Model:
        """The model with all levels kept so far, built at first use."""
        if self.model is None:
            self.model = build_model(self.market)
            for level, value in self.kept:
                self.is_bindable = self.is_bindable and keep_level(self.model, level, value)
        return self.model

    def keep(self, level: Counted, value: int) -> None:
        """Bind a level at ``value`` from now on."""
        self.kept.append((level, value))
        if self.model is not None:
            self.model.clear_objective()
            self.is_bindable = self.is_bindable and keep_level(self.model, level, value)
