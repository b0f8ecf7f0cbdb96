"""One effect and one reply per key, however often a request is sent."""
