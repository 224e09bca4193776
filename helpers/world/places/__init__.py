"""Rooms and open-air places: what stands, lies and hangs in them, laid out at random."""
