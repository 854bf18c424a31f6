"""Files that people hand in: photos, re-encoded and stripped, bytes in the data folder, rows in the database."""
