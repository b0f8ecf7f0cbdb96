"""One catalogue of what the program says to people: Chinese first, English beside it."""
