"""What the pages of matters show."""
