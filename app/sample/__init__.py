"""A synthetic Wuliqiao: deterministic, labelled, the size of the real one."""
