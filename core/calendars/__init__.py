"""When offices work: the organisations' calendars, and what a time limit does in them."""
