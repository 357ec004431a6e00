"""Who meets whom in which slot of a matchmaking day: pairs are given, slots and tables are few."""
