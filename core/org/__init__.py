"""Departments, posts, and who holds them: which person walks which grid."""
