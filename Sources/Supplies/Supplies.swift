// Furnished in the commits that follow.
