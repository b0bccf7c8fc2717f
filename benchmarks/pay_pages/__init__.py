"""What the pay pages are measured beside: a plain view with as many queries and a plain template."""
