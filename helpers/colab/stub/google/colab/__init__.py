"""Stands for Colab's own package, of which the course asks only whether it is loaded."""
