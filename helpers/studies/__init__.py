"""One file per long comparison, and the table that all of them write."""
