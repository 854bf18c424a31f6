"""The database: tables' base, the private cluster, sessions, migrations."""
