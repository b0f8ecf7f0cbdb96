"""Why, why not, and what would change it: every reason computed from problem and plan, every change verified."""

from solver.explain.why import Explainer, explain

__all__ = ["Explainer", "explain"]
