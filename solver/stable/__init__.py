"""No justified envy: the fewest blocking combinations first, then the levels among plans with that many."""

from solver.stable.solve import solve_stable

__all__ = ["solve_stable"]
