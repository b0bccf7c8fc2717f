"""What the merchant API's hot calls are measured beside: the same job in plain Django, through DRF, and by peers."""
