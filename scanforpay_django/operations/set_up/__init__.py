"""Setting a merchant up, from the partner to the first real payment: what the pages in admin and the command share."""
