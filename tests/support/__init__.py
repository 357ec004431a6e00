"""What tests stand on: databases, servers, a mail sink, a browser, the clock."""
