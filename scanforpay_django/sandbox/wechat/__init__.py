"""WeChat Pay API v3 for direct merchants, and the OAuth of a service account, from the platform's side."""
