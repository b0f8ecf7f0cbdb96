"""The adviser's desk: find a person, see what they may have and why, hold, book, print."""
