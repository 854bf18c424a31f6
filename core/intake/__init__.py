"""How a foreign file comes in, whatever it shall become: received, waited for, read, framed, refused with a remedy."""
