"""The night: snapshot, problem, child solver, checks, publishing. The only package that imports `solver`."""
