"""Words of the fault tables: spans of time, a relay that does not answer, and twenty people."""

from datetime import timedelta

from tests.support.ports import free_port

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
A_DEAD_RELAY = {"port": free_port()}
OTHERS = [f"h{n}@plant.example" for n in range(20)]
