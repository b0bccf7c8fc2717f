"""How fast, beside what else there is. Each module is a command of its own; results are in README.md."""
