"""A project whose router leads our tables to a second database; the default one is SQLite and has none of them."""
