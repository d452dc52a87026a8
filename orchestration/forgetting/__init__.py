"""`make forget`: takes a customer out of everything that was derived, and keeps them out. landing/ stays as it is."""
