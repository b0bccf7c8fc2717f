"""The project that every variant runs in."""
