"""Every door that an attack once found open: bad input gets a sentence, and nothing is lost, run or silently wrong.

The numbers are the rows of the attack; each has at least one test.
"""
