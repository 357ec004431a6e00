"""The tests: one folder per floor, `house` for the rules of the code, `support` for what they stand on."""
