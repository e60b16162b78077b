"""Scripts of the Makefile. Nothing here runs on the board."""
