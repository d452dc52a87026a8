"""The commands: one module a make target, each with a `main`. What they do is in the rooms below."""
