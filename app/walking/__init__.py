"""How far it is on foot: the walking graph, and a labelled fallback where there is none."""
