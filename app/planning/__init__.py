"""The night: snapshot, problem, solver, checker, publish. Alone imports solver."""
