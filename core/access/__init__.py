"""Who may do what where: people, sessions, tokens, roles, grants by grid subtree."""
