"""`python -m bookings` is the `bookings` command."""

import gc

# What is imported stays to the end: to look for garbage among it costs each mail that comes by pipe 0.5 s.
gc.disable()

from bookings.kept import keep_dataclasses  # noqa: E402 (see above)

keep_dataclasses()

from bookings.cli import main  # noqa: E402 (its dataclasses are among those)

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
