"""Rules, states and refusals: pure values, no session, no request, no clock."""
