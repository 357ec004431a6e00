"""`python -m bookings` is the `bookings` command."""

from bookings.cli import main

if __name__ == "__main__":
    main()
