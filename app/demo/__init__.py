"""One command that shows everything: sample, tonight, pages."""
