"""Projects' addresses with an AdminSite of their own."""
