"""Projects' addresses: where the payment API is, beside i18n_patterns."""
