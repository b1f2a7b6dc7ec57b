"""`make run`: the whole of Commune from one command. See docs/running.md."""
