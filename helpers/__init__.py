"""Roomsight: a drawn world, its data, small networks, and the pictures that explain them."""

ADDRESS = ""  # where the course is published: the one place; `make publish REPO=owner/name` writes it, here and onward
