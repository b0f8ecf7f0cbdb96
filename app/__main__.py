"""`python -m app ...` is `carematch ...`."""

from app.cli import main

main()
