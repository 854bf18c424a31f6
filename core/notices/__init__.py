"""What people are told: one inbox for each of them."""
