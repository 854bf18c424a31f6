"""The domain and its tables. No Flask."""
