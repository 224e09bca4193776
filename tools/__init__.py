"""What only the makers of the course run: `make` is the way to it, `python -m tools --help` lists it."""
