"""The planner: pure. It reads a problem, answers with a plan and explains it."""
